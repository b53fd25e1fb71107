"""What this system offers: it reads files of columns; it has no verbs, because an export cannot be written back to."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from agent.systems.csv.presets import generic, google, incident_iq, microsoft, snipe_it

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.model.source import Preset

SYSTEM = "csv"
PRESETS: Mapping[str, Preset] = MappingProxyType({
    preset.name: preset
    for preset in (
        google.DEVICES,
        google.USERS,
        microsoft.INTUNE,
        microsoft.AD,
        snipe_it.ASSETS,
        incident_iq.TICKETS,
        incident_iq.ASSETS,
        generic.DEVICES,
        generic.ASSETS,
        generic.PEOPLE,
        generic.TICKETS,
        generic.PRINTERS,
    )
})

# What is true of every row of a product's export, although no column says so.
ALWAYS: Mapping[str, Mapping[str, str]] = {"google_devices": {"platform": "chromeos"}}
