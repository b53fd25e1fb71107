"""Nouns of every shape, for the round trips."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from hypothesis import strategies as st

from agent.model.action import Action, Batch, Hold, Outcome, Plan, Result
from agent.model.finding import Closed, Counts, Difference, Finding, Verdict
from agent.model.kind import Effect, Risk, Undo
from agent.model.policy import Mode, Revision, Severity
from agent.model.run import Closing, PolicyNote, Run, Seen
from agent.model.sweep import Unseen
from agent.model.waiver import Use, WaiverNote

T = TypeVar("T")
EARLY, LATE = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
HOSTILE = [
    "'; DROP TABLE finding; --",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "\x1a",
    "\x1a0000",
    "\n",
    "{{ 7*7 }}",
    "\U0001f600",
]
text = st.text(st.characters(exclude_categories=[]), max_size=8) | st.sampled_from(HOSTILE)
# hypothesis adds the zone itself
times = st.datetimes(EARLY.replace(tzinfo=None), LATE.replace(tzinfo=None), timezones=st.just(UTC))
numbers = st.integers(-(2**31), 2**31 - 1)
plain = st.recursive(
    st.none() | st.booleans() | numbers | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=5,
)


def several(inner: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(inner, max_size=2).map(tuple)


differences = st.builds(Difference, text, text, text, st.booleans())
findings = st.builds(
    Finding, text, text, text, st.sampled_from(Verdict), several(differences), text, text, st.none() | times
)
actions = st.builds(
    Action, text, text, text, text, st.dictionaries(text, plain, max_size=3), several(differences), several(text), text
)
batches = st.builds(
    Batch,
    text,
    text,
    numbers,
    text,
    st.sampled_from(Effect),
    st.sampled_from(Risk),
    st.sampled_from(Undo),
    several(actions),
)
holds = st.builds(Hold, text, text, several(text), text, text, st.booleans())
outcomes = st.builds(
    Outcome, text, text, text, text, st.sampled_from(Result), several(differences), several(differences), text, text
)
waivers = st.builds(
    WaiverNote, text, several(text), several(text), several(text), text, text, text, st.dates(), text,
    st.sampled_from(Use), numbers, numbers, st.none() | times,
)  # fmt: skip
runs = st.builds(
    Run,
    id=text,
    command=text,
    district=text,
    timezone=text,
    revision=st.builds(Revision, text, text, text, text, st.none() | st.booleans()),
    at=times,
    finished=times,
    seen=several(
        st.builds(
            Seen, text, text, numbers, numbers, st.booleans(), text, times, several(st.builds(Unseen, text, text))
        )
    ),
    counts=st.builds(Counts, numbers, numbers, numbers, numbers),
    findings=several(findings),
    policies=several(
        st.builds(PolicyNote, text, text, text, st.sampled_from(Severity), st.sampled_from(Mode), text, text)
    ),
    plan=st.builds(Plan, several(batches), several(holds)),
    outcomes=several(outcomes),
    opened=several(st.tuples(text, text)),
    closed=several(st.builds(Closing, text, text, text, st.sampled_from(Closed), times)),
    in_line=several(findings),
    warnings=several(text),
    stopped=text,
    waivers=several(waivers),
)
