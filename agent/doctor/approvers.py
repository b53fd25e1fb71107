"""Who may approve, and whether their word can be had: their keys, their deputies, and the program that verifies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.decide.deputies import DUTY
from agent.doctor.word import broken, look, ok, some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agent.doctor.word import Word
    from agent.model.policy import District
    from agent.settings import Settings

ABOUT = "approvers"
SETTINGS = "/etc/driftbell/driftbell.yaml"


def look_at(
    settings: Settings, district: District, find: Callable[[str], str], readable: Callable[[str], bool]
) -> Sequence[Word]:
    """Say what stands in the way of somebody's approval."""
    may = [p for p in district.people.values() if DUTY in p.may]
    if not may:
        return look(ABOUT, "Nobody may approve anything.", f"people: {{...: {{may: [{DUTY}]}}}} in district.yaml")
    said = [*_program(settings, find), *_strangers(settings, district), *_keys(settings, find, readable)]
    if settings.approvers:
        without = [p.id for p in may if p.id not in settings.approvers]
        mend = f"approvers: {{{without[0] if without else ''}: [ssh-ed25519 AAAA...]}} in {SETTINGS}"
        said += look(ABOUT, f"No key of {some(without)} is set, so they cannot sign.", mend) if without else []
    alone = [p.id for p in may if not p.deputy]
    mend = f"deputy: PERSON for {some(alone)} in policies/district.yaml"
    said += look(ABOUT, f"Nobody stands in for {some(alone)} while they are away.", mend) if alone else []
    how = "by signature" if settings.approvers else "by login (no keys are set in `approvers`)"
    return said or ok(ABOUT, f"{some(p.id for p in may)} may approve, {how}.")


def _program(settings: Settings, find: Callable[[str], str]) -> Iterator[Word]:
    if settings.approvers and not find("ssh-keygen"):
        said = "There is no ssh-keygen, so no approval can be signed or verified."
        yield from broken(ABOUT, said, "sudo apt install openssh-client")


def _strangers(settings: Settings, district: District) -> Iterator[Word]:
    """Say whom the settings name and the district does not know: a slip of the pen, or somebody who has left."""
    for key, names in (("approvers", settings.approvers), ("people", settings.people.values())):
        unknown = sorted(set(names) - set(district.people))
        if unknown:
            said = f"`{key}` in the settings names {some(unknown)}, whom policies/district.yaml does not know."
            yield from look(ABOUT, said, f"Correct `{key}` in {SETTINGS}, or `people` in district.yaml")


def _keys(settings: Settings, find: Callable[[str], str], readable: Callable[[str], bool]) -> Iterator[Word]:
    if not find("ssh-keygen"):
        return
    named = [*settings.approvers.items(), ("revoked_keys", settings.revoked_keys)]
    for owner, keys in named:
        bad = [key for key in keys if not readable(key)]
        if bad:
            said = f"ssh-keygen cannot read {len(bad)} of the keys of {owner}: {bad[0][:40]}..."
            yield from broken(ABOUT, said, f"Copy the whole line of the .pub file into {SETTINGS}")
    gone = {" ".join(key.split()[:2]) for key in settings.revoked_keys}
    for owner, keys in settings.approvers.items():
        if keys and all(" ".join(key.split()[:2]) in gone for key in keys):
            yield from look(ABOUT, f"Every key of {owner} is revoked.", f"A new key for {owner} in {SETTINGS}")
