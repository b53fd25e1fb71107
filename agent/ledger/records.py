"""Runs, batches and actions as JSON values and back."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar, get_type_hints

from cattrs import Converter

from agent.model.action import Action, Batch, Hold, Outcome, Plan, Result
from agent.model.capture import Capture, FileBefore, ServiceBefore
from agent.model.evidence import Sealed
from agent.model.finding import Closed, Counts, Difference, Finding, Verdict
from agent.model.kind import Effect, Risk, Undo
from agent.model.policy import Mode, Revision, Severity
from agent.model.provenance import Belief
from agent.model.rollout import Progress, Ring, Rollout, RolloutNote
from agent.model.run import Answering, Blank, Closing, Due, Measure, PolicyNote, Reach, Run, Seen, UndoNote
from agent.model.sweep import Unseen
from agent.model.waiver import Use, WaiverNote
from agent.model.window import Freeze, Override

NOUNS = (
    *(Action, Batch, Hold, Outcome, Plan, Difference, Finding, Counts),
    *(Answering, Revision, Blank, Closing, Due, Measure, PolicyNote, Reach, Run, Seen, UndoNote, Unseen, WaiverNote),
    *(Belief, Capture, FileBefore, ServiceBefore, Freeze, Override, Rollout, RolloutNote, Sealed),
)
WORDS = (Result, Progress, Ring, Verdict, Closed, Effect, Risk, Undo, Mode, Severity, Use, date, datetime, Mapping)
PlainMap = Mapping[str, object]
Noun = TypeVar("Noun", Belief, Capture, Override, Rollout)


def to_json(noun: Noun) -> object:
    """Give a noun as a JSON value."""
    return _converter().unstructure(noun)


def from_json(kind: type[Noun], value: object) -> Noun:
    """Read back what `to_json` gave."""
    return _converter().structure(value, kind)


def run_to_json(noun: Run) -> object:
    """Give a run as a JSON value."""
    return _converter().unstructure(noun, Run)


def run_from_json(value: object) -> Run:
    """Read back what `run_to_json` gave."""
    return _converter().structure(value, Run)


def batch_to_json(noun: Batch) -> object:
    """Give a batch as a JSON value."""
    return _converter().unstructure(noun, Batch)


def batch_from_json(value: object) -> Batch:
    """Read back what `batch_to_json` gave."""
    return _converter().structure(value, Batch)


def action_to_json(noun: Action) -> object:
    """Give an action as a JSON value."""
    return _converter().unstructure(noun, Action)


def action_from_json(value: object) -> Action:
    """Read back what `action_to_json` gave."""
    return _converter().structure(value, Action)


@cache
def _converter() -> Converter:
    _resolve()
    converter = Converter()
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
    converter.register_unstructure_hook(datetime, _instant_to_text)
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    converter.register_unstructure_hook(bytes, lambda body: base64.b64encode(body).decode("ascii"))
    converter.register_structure_hook(bytes, lambda text, _: base64.b64decode(text))
    converter.register_unstructure_hook_func(lambda wanted: wanted == PlainMap, plain)
    converter.register_structure_hook_func(lambda wanted: wanted == PlainMap, lambda value, _: dict(value))
    return converter


def _resolve() -> None:
    """Replace the nouns' annotations, which are text, by the types they name.

    The nouns import some types for the type checker alone, so that cattrs cannot look them up itself. This changes
    what `dataclasses.fields` says of a type, and nothing else.
    """
    names = {word.__name__: word for word in (*NOUNS, *WORDS)}
    for noun in NOUNS:
        hints = get_type_hints(noun, localns=names)
        for field in fields(noun):
            field.type = hints[field.name]


def _instant_to_text(value: datetime) -> str:
    if value.tzinfo is None:
        msg = f"a time without a zone cannot be kept: {value!r}"
        raise ValueError(msg)
    return value.astimezone(UTC).isoformat()


def plain(value: object) -> Any:  # ruff: ignore[any-type] - JSON has no narrower type
    """Give a verb's arguments as JSON values; anything that JSON cannot hold is a bug of intake."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    msg = f"{type(value).__name__} is no plain value"
    raise TypeError(msg)
