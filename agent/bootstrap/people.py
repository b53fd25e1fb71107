"""Who somebody at the command line is, and whether they may: the server says who a login is, the district what for."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.decide.deputies import approvers, only_while_away
from agent.errors import HeldError
from agent.model.kind import nearest

if TYPE_CHECKING:
    from agent.model.policy import District
    from agent.settings import Settings


def allowed(
    settings: Settings, district: District, duty: str, login: str, at: datetime | None = None
) -> tuple[str, str]:
    """Give the name that an act is recorded under, and a sentence where it rests on no setting.

    Whoever stands in for a person who may do it, may too, on the days that this person is away. Where the settings
    name nobody, root and the owner of the state directory may. `at` is when, where that is not now.

    Raises:
        HeldError: this login may not.
    """
    if not settings.people:
        return login, by_ownership(settings, login)
    name = settings.people.get(login)
    if name is None:
        msg = f"The login {login!r} is nobody in `people` of the server's settings, so it may not do this."
        raise HeldError(msg)
    person = district.people.get(name)
    if person is None:
        hint = nearest(name, list(district.people)) or "."
        msg = f"The server's settings say that {login!r} is {name!r}, whom policies/district.yaml does not know{hint}"
        raise HeldError(msg)
    today = (at or datetime.now(UTC)).astimezone(ZoneInfo(district.timezone)).date()
    may = approvers(district, today, duty)
    if name not in may:
        missing = f"`may: [{duty}]` is missing in policies/district.yaml"
        why = only_while_away(person, district, duty) or f"{person.name} ({name}) may not: {missing}"
        msg = f"{why}; {', '.join(p for p in district.people if p in may) or 'nobody'} may today."
        raise HeldError(msg)
    return name, ""


def by_ownership(settings: Settings, login: str) -> str:
    """Give a sentence that says whose act it is recorded as, where no setting says who a login is.

    Raises:
        HeldError: this login is neither root nor the owner of the state directory.
    """
    owner = settings.state.stat().st_uid if settings.state.exists() else os.getuid()
    if os.getuid() not in {0, owner}:
        msg = f"Only root and the owner of {settings.state} may do this, as the server's settings name no people."
        raise HeldError(msg)
    return f"Recorded as {login}: the server's settings do not say who that is (people: {{{login}: PERSON}})."
