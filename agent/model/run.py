"""The record of one cycle: everything that a report, a person or another program asks of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from agent.model.action import Batch, Outcome, Plan
    from agent.model.evidence import Sealed
    from agent.model.finding import Closed, Counts, Finding
    from agent.model.kind import Undo
    from agent.model.policy import Mode, Revision, Severity
    from agent.model.rollout import RolloutNote
    from agent.model.sweep import Unseen
    from agent.model.waiver import WaiverNote
    from agent.model.window import Freeze


@dataclass(frozen=True, slots=True)
class Seen:
    """How much of one kind was seen, and how old it is."""

    kind: str
    system: str
    expected: int
    seen: int
    proven: bool
    membership: str
    as_of: datetime
    unseen: tuple[Unseen, ...] = ()
    stale: bool = False  # older than its `fresh_for`
    trouble: str = ""  # why there is nothing to see, as a clause
    doubt: str = ""  # why the list may not be whole, as a clause: "shrank from 4,740 to 2,370"
    notes: tuple[str, ...] = ()  # what the reading system says of its data, a sentence each


@dataclass(frozen=True, slots=True)
class Due:
    """Something promised that is about to be broken, or is: a ticket's due time, a date of support."""

    policy: str
    resource: str
    site: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Measure:
    """One number that every report compares: how many now, and before (None before there was a first)."""

    name: str
    now: int
    before: int | None
    since: datetime | None  # the time of `before`


@dataclass(frozen=True, slots=True)
class PolicyNote:
    """What a report needs of a policy beside its id. `wish` is the rule in words; `place` is file:line:col.

    `modes` are those of single sites, by site id, where they are not `mode`.
    """

    id: str
    title: str
    why: str
    severity: Severity
    mode: Mode
    place: str
    wish: str = ""
    kind: str = ""
    modes: Mapping[str, Mode] = field(default_factory=dict)

    def mode_at(self, site: str) -> Mode:
        """Give how far the policy may go at a site."""
        return self.modes.get(site, self.mode)

    @property
    def watches_only(self) -> bool:
        """Say whether it may change nothing anywhere."""
        return not any(mode.rank for mode in (self.mode, *self.modes.values()))


@dataclass(frozen=True, slots=True)
class Blank:
    """A field that was read of nothing that a policy applies to, and why, as a clause."""

    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Reach:
    """To how many resources of its kind a policy applies, and of how many more that cannot be told.

    `blanks` are the fields of `expect` that were read of none of those, where others were judged.
    """

    policy: str
    kind: str
    applies: int
    unsure: int
    of: int
    blanks: tuple[Blank, ...] = ()


@dataclass(frozen=True, slots=True)
class Closing:
    """A finding that ended in this run."""

    policy: str
    resource: str
    site: str
    how: Closed
    since: datetime


@dataclass(frozen=True, slots=True)
class UndoNote:
    """What an undo does on one resource.

    Attributes:
        deeds: the actions that it takes back, as RUN/N.
        things: files, units and kernel values that go back.
        left: what is not taken back, a sentence each.
        again: whether it takes an undo back, and so does the change again.
    """

    resource: str
    undo: Undo
    deeds: tuple[str, ...]
    things: tuple[str, ...]
    left: tuple[str, ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True)
class Answering:
    """Who is asked for decisions, by name, a deputy as `B for A`; nobody where all are away.

    `lasts` is for how many hours a yes counts. `late` are the digests of proposals that nobody has answered for more
    than three staff days.
    """

    people: tuple[str, ...] = ()
    lasts: float = 0.0
    late: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One cycle, from the policies it read to what came of its changes. Times carry their zone (UTC).

    `findings` holds those out of line, excepted and unknown after the second look; `in_line` only when it was
    asked for. `stopped` is the kill switch's reason, or empty. `opened` names the (policy, resource) of new findings.
    """

    id: str
    command: str
    district: str
    timezone: str
    revision: Revision
    at: datetime
    finished: datetime
    seen: tuple[Seen, ...]
    counts: Counts
    findings: tuple[Finding, ...]
    policies: tuple[PolicyNote, ...]
    plan: Plan
    outcomes: tuple[Outcome, ...] = ()
    opened: tuple[tuple[str, str], ...] = ()
    closed: tuple[Closing, ...] = ()
    in_line: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    stopped: str = ""
    sites: Mapping[str, str] = field(default_factory=dict)  # id to name, for reports
    due: tuple[Due, ...] = ()  # soonest first
    measures: tuple[Measure, ...] = ()
    traits: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # resource to what it shares with others
    trait_totals: Mapping[str, Mapping[str, Mapping[str, int]]] = field(default_factory=dict)  # by kind, trait, value
    private: tuple[str, ...] = ()  # kinds whose resources are people: counted, never named
    waiting: tuple[str, ...] = ()  # kinds that policies are about and no system shows
    waivers: tuple[WaiverNote, ...] = ()
    reaches: tuple[Reach, ...] = ()  # of the policies on kinds that some system shows
    undone: tuple[UndoNote, ...] = ()  # what an undo was about
    rollouts: tuple[RolloutNote, ...] = ()  # those that are under way, or stopped being so in this run
    freezes: tuple[Freeze, ...] = ()  # in force, or beginning in the next 60 days; soonest first
    answering: Answering | None = None
    tried: tuple[Batch, ...] = ()  # what earlier runs did, where a report tells of those too
    sealed: Sealed | None = None  # the newest seal over the evidence


@dataclass(frozen=True, slots=True)
class Detail:
    """One find: where it is, what it is, and what the asset list says it cost (None where it says nothing)."""

    resource: str
    site: str
    model: str
    cost: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """One answer of the found-money report.

    Attributes:
        question: `unassigned`, `two_places`, `leavers`, `past_support` or `never_seen`.
        asked: of how many the question was asked and could be answered.
        resources: those that it is true of.
        sites: how many of them by site id, "" for those in no school.
        cost: what the asset list says they cost together, in dollars; `costed` of how many it says so.
        unknown: of how many it could not be said; `why` is the commonest reason.
    """

    question: str
    asked: int
    resources: tuple[str, ...]
    sites: Mapping[str, int]
    cost: float
    costed: int
    unknown: int
    why: str = ""
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundMoney:
    """The first report of a new district: what its own lists say when they are laid side by side.

    A question that nothing could be asked about has `asked` 0 and `why`. `things` are the distinct items behind all
    answers, a device and its line in the asset list being one; `cost` is what the list says they cost together.
    """

    district: str
    timezone: str
    revision: Revision
    at: datetime
    seen: tuple[Seen, ...]
    found: tuple[Found, ...]
    sites: Mapping[str, str]
    things: int = 0
    cost: float = 0.0
