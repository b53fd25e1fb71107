"""Frameworks: lists of safeguards that policies say they serve, as versioned data files beside the policies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.errors import Place


@dataclass(frozen=True, slots=True)
class Safeguard:
    """One demand of a framework. `group` is the heading it stands under."""

    id: str
    title: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Framework:
    """One framework in one version: `key` is what policies write, such as `cis_v8`."""

    key: str
    name: str
    version: str
    safeguards: tuple[Safeguard, ...]
    place: Place
