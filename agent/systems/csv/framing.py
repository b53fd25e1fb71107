"""What a file is read against: the layout of its source, the schools and the zone of its district."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.systems.csv.layout import layout
from agent.systems.csv.making import Frame
from agent.systems.csv.sites import Schools

if TYPE_CHECKING:
    from agent.model.kind import Kind
    from agent.model.policy import District
    from agent.model.source import ExportSource, Preset


def framed(
    source: ExportSource, preset: Preset | None, kind: Kind, district: District, *, quoting: bool = False
) -> Frame:
    """Give what a file is read against."""
    wanted = layout(source, preset)
    zone = ZoneInfo(wanted.timezone or district.timezone)
    return Frame(kind, wanted, Schools.of(district.sites.values()), zone, quoting)
