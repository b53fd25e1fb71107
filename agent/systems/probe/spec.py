"""What this system offers: it reads the kind `service`; it has no verbs, because nothing is written to a service."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "service"

# The groups of fields that each sort of check measures beside `up`, `failed_percent` and `latency`.
MEASURES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "tcp": (),
    "tls": ("tls.",),
    "http": ("http.", "tls."),
    "dns": ("dns.",),
    "ping": (),
})

# The options that each sort of check takes beside its target.
OPTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "tcp": (),
    "tls": ("server_name", "ca_file"),
    "http": ("server_name", "ca_file"),
    "dns": ("server", "record", "blocked_answers"),
    "ping": (),
})
