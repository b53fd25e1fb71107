"""What a person took back, as a thing of its own: it outlives the policy that had asked for it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.decide import words
from agent.decide.evaluate import by_field
from agent.decide.explain import judge
from agent.model.kind import FieldType
from agent.model.reading import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from agent.model.action import Action
    from agent.model.books import Reversal
    from agent.model.condition import Condition
    from agent.model.policy import Policy

_TASKS = "converge"  # the field of what a playbook itself says is to be
# What reads as the very text that a difference shows.
_PLAIN = frozenset({FieldType.TEXT, FieldType.PATH, FieldType.MODE, FieldType.VERSION, FieldType.DEBIAN_VERSION})
_OTHER = Unknown("it is not what was taken back")


def taken_back_before(reversals: Iterable[Reversal], action: Action, policies: Mapping[str, Policy]) -> str:
    """Say, as a clause, who took back what an action would do again, or give nothing, by the reversals of its resource.

    The policy that had asked for it is held until it says anything else. Any other, or one that took its place under
    another name, is held where it wants the same.
    """
    policy = policies.get(action.policy)
    digest = policy.digest if policy else ""
    for one in reversals:
        if digest in one.lifted:
            continue
        own = one.policy == action.policy and one.digest
        same = again(one, action, policy) if not own else what(one.action) if one.digest == digest else ""
        if same:
            whose = "" if own else f", for {one.policy}"
            return f"{one.by} took this change back on {one.at:%Y-%m-%d %H:%M %Z} (run {one.run}): {same}{whose}"
    return ""


def again(one: Reversal, action: Action, policy: Policy | None) -> str:
    """Say what an action of another policy would do again of what was taken back, or give nothing.

    That is: it sets a field to the same, or to anything that the same would do for; it is the very same step; or it
    has the same playbook's tasks done, where these are what is wanted.
    """
    gone = one.action
    before = {d.field: d.expected for d in gone.differences if d.field != _TASKS}
    wishes = dict(by_field(policy)) if policy else {}
    for difference in action.differences:
        field, value = difference.field, before.get(difference.field)
        if value is not None and (value == difference.expected or _would_do(wishes.get(field), field, value, one.at)):
            return _set(field, value)
    if action.verb != gone.verb:
        return ""
    converges = any(d.field == _TASKS for a in (action, gone) for d in a.differences)
    same_tasks = converges and _playbook(action) == _playbook(gone) and set(action.sets) & set(gone.sets)
    return what(gone) if dict(action.arguments) == dict(gone.arguments) or same_tasks else ""


def _would_do(wish: Condition | None, field: str, value: str, now: datetime) -> bool:
    """Say whether a value of a field would be as it is wished, where the value is its own text."""
    if wish is None or words.subject(wish).type not in _PLAIN:
        return False
    return judge(wish, lambda name: value if name == field else _OTHER, now).holds is True


def what(action: Action) -> str:
    """Say what an action did: the fields that it set, or what it ran."""
    said = [_set(d.field, d.expected) for d in action.differences if d.field != _TASKS]
    return " and ".join(said) or f"what {_playbook(action) or action.verb} did"


def concerns(one: Reversal, policy: Policy) -> bool:
    """Say whether another policy might want what was taken back: it sets such a field, or runs that playbook."""
    sets = {f.name for step in policy.remedy for f in step.sets}
    playbooks = {step.arguments.get("playbook") for step in policy.remedy} - {None}
    fields = {*one.action.sets, *(d.field for d in one.action.differences)} - {_TASKS}
    return one.policy != policy.id and (bool(sets & fields) or one.action.arguments.get("playbook") in playbooks)


def _set(field: str, expected: str) -> str:
    return f"{field} was to be {expected}"


def _playbook(action: Action) -> str:
    return str(action.arguments.get("playbook", ""))
