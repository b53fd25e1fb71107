"""The kill switch at the command line: thrown by whoever may log in here, released by a person who may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent import bootstrap, switch
from agent.bootstrap.people import allowed, by_ownership
from agent.errors import DriftbellError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from agent.settings import Settings

DUTY = "stop"  # whoever may stop everything by the district's word may allow it again


def throw(settings: Settings, why: str, at: datetime) -> Iterator[str]:
    """Stop all writing, whoever asks; says what was being changed, which may have ended since for that very reason."""
    switch.throw(settings.stop_file, bootstrap.caller(), why, at)
    yield f"Stopped: nothing is written to any system while {settings.stop_file} exists."
    if not in_use(settings):
        yield f"But no driftbell has worked in {settings.state} yet. Is that the state directory of the one to stop?"
        return
    with bootstrap.ledger(settings, read_only=True) as store:
        begun = store.unfinished(since=at)
    yield from (f"In flight: {i.verb} of {i.policy} on {i.resource}, since {i.at:%H:%M:%S %Z}." for i in begun)


def in_use(settings: Settings) -> bool:
    """Say whether any run ever worked in this state directory."""
    return (settings.state / "ledger.db").exists() or (settings.state / "lock").exists()


def release(settings: Settings) -> Iterator[str]:
    """Allow writing again.

    Raises:
        HeldError: the caller may not.
        UnseenError: the switch's file cannot be removed.
    """
    by, unsaid = _may(settings)
    said = f"Changes are allowed again, says {by}" if switch.release(settings.stop_file) else "Nothing was stopped here"
    yield f"{said}. What `stop:` in policies/district.yaml says still holds."
    if unsaid:
        yield unsaid


def _may(settings: Settings) -> tuple[str, str]:
    """Give who allows it, and a sentence where that rests on no setting.

    Where the district cannot be read nobody can be asked what they may: root and the owner of the state directory may.
    """
    login = bootstrap.caller()
    if not settings.people:
        return login, by_ownership(settings, login)
    try:
        district = bootstrap.load(settings).district
    except DriftbellError:
        by_ownership(settings, login)
        return login, "The policies cannot be read, so the district's word on who may was not asked."
    return allowed(settings, district, DUTY, login)
