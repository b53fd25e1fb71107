"""What the tests of `driftbell calendar` share."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell, Said

CHICAGO = ZoneInfo("America/Chicago")
LOGIN = Path("/proc/self").owner()
PEOPLE = {
    "director": {"name": "A. Example", "email": "a@riverton.example", "may": ["calendar"], "deputy": "systems"},
    "systems": {"name": "B. Example", "email": "b@riverton.example"},
    "helpdesk": {"name": "D. Example", "email": "d@riverton.example"},
}
SITES = {"east": {"name": "East High", "calendar": "school"}, "west": {"name": "West Middle", "calendar": "school"}}


def tomorrow() -> str:
    return str((datetime.now(CHICAGO) + timedelta(days=1)).date())


def why(driftbell: Driftbell, site: str, at: str) -> str:
    return str(driftbell("calendar", site, "--at", at, "--json").json["at"]["why"])


def number(said: Said) -> str:
    return said.out.rsplit("calendar undo ", 1)[1].strip()
