"""Who somebody at the command line is, and whether they may: the server says who a login is, the district what for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.errors import HeldError
from agent.model.kind import nearest

if TYPE_CHECKING:
    from agent.model.policy import District
    from agent.settings import Settings


def allowed(settings: Settings, district: District, duty: str, login: str) -> tuple[str, str]:
    """Give the name that an act is recorded under, and a sentence where it rests on no setting.

    Whoever stands in for a person who may do it, may too. Where the settings name nobody, root and the owner of the
    state directory may.

    Raises:
        HeldError: this login may not.
    """
    if not settings.people:
        return login, _by_ownership(settings, login)
    name = settings.people.get(login)
    if name is None:
        msg = f"The login {login!r} is nobody in `people` of the server's settings, so it may not do this."
        raise HeldError(msg)
    person = district.people.get(name)
    if person is None:
        hint = nearest(name, list(district.people)) or "."
        msg = f"The server's settings say that {login!r} is {name!r}, whom policies/district.yaml does not know{hint}"
        raise HeldError(msg)
    may = [p.id for p in district.people.values() if duty in p.may]
    if name not in may and not any(district.people[p].deputy == name for p in may):
        who = f"; {' and '.join(may)} may" if may else "; nobody may"
        msg = f"{person.name} ({name}) may not: `may: [{duty}]` is missing in policies/district.yaml{who}."
        raise HeldError(msg)
    return name, ""


def _by_ownership(settings: Settings, login: str) -> str:
    owner = settings.state.stat().st_uid if settings.state.exists() else os.getuid()
    if os.getuid() not in {0, owner}:
        msg = f"Only root and the owner of {settings.state} may do this, as the server's settings name no people."
        raise HeldError(msg)
    return f"Recorded as {login}: the server's settings do not say who that is (people: {{{login}: PERSON}})."
