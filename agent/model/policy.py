"""Policies and the district they belong to, as loaded from one revision of the repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from agent.model.calendar import Timetable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from agent.errors import Place
    from agent.model.condition import Condition
    from agent.model.evidence import PolicyText
    from agent.model.framework import Framework
    from agent.model.kind import FieldRef, Risk
    from agent.model.rollout import Rings
    from agent.model.source import Source
    from agent.model.waiver import Waiver
    from agent.model.window import Window


class Mode(StrEnum):
    """How far a policy may go."""

    AUDIT = "audit"
    PROPOSE = "propose"
    ENFORCE = "enforce"

    @property
    def rank(self) -> int:
        """Give 0 for audit, rising as it may do more."""
        return list(Mode).index(self)


class Severity(StrEnum):
    """How much a finding matters, in falling order."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """Give 0 for critical, rising as it matters less, for sorting."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap: at most `count` resources and at most `percent` of the population; None where not given."""

    count: int | None = None
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class Caps:
    """The tripwire per run and the budgets of a day; None means that there is none of its own.

    `per_site` and `per_credential` are what a day allows at one site, and with one system's write credential: of a
    policy for its own changes, of the district for those of all policies together.
    """

    per_run: Limit | None = None
    per_day: Limit | None = None
    per_site: Limit | None = None
    per_credential: Limit | None = None


@dataclass(frozen=True, slots=True)
class SeasonCaps:
    """Caps that hold in place of the district's while a season of its calendar lasts, and who answers for them."""

    season: str
    caps: Caps
    approved_by: str  # a person's id
    place: Place


@dataclass(frozen=True, slots=True)
class Remedy:
    """One step that may be taken when a policy finds a resource out of line.

    `arguments` are the verb's, by name, as plain values; `sets` are the fields it claims to set, and `reads` those
    that stand as `<field>` in the arguments.
    """

    verb: str
    arguments: Mapping[str, object]
    sets: tuple[FieldRef, ...]
    risk: Risk
    place: Place
    reads: tuple[FieldRef, ...] = ()
    after: timedelta = timedelta()  # how long a finding must have been open before this step comes


@dataclass(frozen=True, slots=True)
class Converge:
    """A playbook whose check mode finds the drift; `allowed` tasks may run although they act in check mode."""

    playbook: str
    variables: Mapping[str, object]
    allowed: tuple[str, ...]
    field: FieldRef  # the pseudo-field `converge` that holds what check mode would change
    place: Place


@dataclass(frozen=True, slots=True)
class Measured:
    """What a policy asks of groups in place of single resources: how many of them meet its `expect`.

    Attributes:
        by: the field that makes the groups, or None for the whole district as one.
        share: whether `wanted` is about a share (0 to 100) of the resources that the policy applies to, else about
            how many there are.
        wanted: a condition on that number, of at_least, at_most, above and below alone.
        text: the condition as the policy wrote it.
    """

    by: FieldRef | None
    share: bool
    wanted: Condition
    text: str


@dataclass(frozen=True, slots=True)
class Dated:
    """A file of values that a policy uses, and the last day on which they may be relied on, in the district's zone."""

    name: str
    expires: date
    place: Place


@dataclass(frozen=True, slots=True)
class Policy:
    """A reviewed statement: which resources, what must be true, what may be done about it, under which guards.

    Exactly one of `expect` and `converge` is set. `where` is None for all of the kind. `digest` is the sha256 of
    the policy's content in canonical JSON, with what it takes from condition sets and values files written in, so
    that neither comments nor layout change it and every change of its meaning does.
    """

    id: str
    title: str
    why: str
    severity: Severity
    owner: str
    frameworks: Mapping[str, tuple[str, ...]]
    kind: str
    where: Condition | None
    expect: Condition | None
    converge: Converge | None
    mode: Mode
    remedy: tuple[Remedy, ...]
    caps: Caps
    check_every: timedelta | None
    place: Place
    digest: str
    modes: Mapping[str, Mode] = field(default_factory=dict)  # by site id, where it is not `mode`
    measure: Measured | None = None
    lasting: int = 1  # looks in a row that must find it out of line before a finding opens
    values: tuple[Dated, ...] = ()
    defaults: Mapping[str, Place] = field(default_factory=dict)  # what the district's defaults filled in, and where
    windows: tuple[Window, ...] = ()  # at any of which it may act; none: at any hour outside freezes
    rings: Rings | None = None
    verify: tuple[str, ...] = ()  # pytest-testinfra modules that give a second opinion of what was changed

    def mode_at(self, site: str) -> Mode:
        """Give how far this policy may go at a site."""
        return self.modes.get(site, self.mode)

    @property
    def furthest(self) -> Mode:
        """Give how far this policy may go at any site."""
        return max((self.mode, *self.modes.values()), key=lambda m: m.rank)


@dataclass(frozen=True, slots=True)
class Site:
    """One school, or another building of the district. `mode` is as far as any policy may go there."""

    id: str
    name: str
    org_units: tuple[str, ...] = ()
    student_ou: str = ""
    calendar: str = ""
    mode: Mode = Mode.ENFORCE
    windows: tuple[Window, ...] = ()  # one of these must be open beside the policy's own
    per_site: Limit | None = None  # what a day allows here, all policies together


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom policies and reports name by role, with what they may do."""

    id: str
    name: str
    email: str
    may: frozenset[str] = frozenset()
    deputy: str = ""
    away: tuple[tuple[date, date], ...] = ()  # first and last day, in the district's zone


@dataclass(frozen=True, slots=True)
class District:
    """The district: its name, time zone, schools, people, and the guards that hold for every policy."""

    name: str
    timezone: str  # IANA name
    sites: Mapping[str, Site]
    people: Mapping[str, Person]
    recipients: tuple[str, ...]  # people ids that the drift report goes to
    caps: Caps
    never_touch: frozenset[str]  # resource ids
    stop: str = ""  # the reason, where the repository itself stops all writes
    place: Place | None = None
    windows: tuple[Window, ...] = ()  # of every policy that names none
    rings: Rings | None = None  # of every policy that names none
    seasons: tuple[SeasonCaps, ...] = ()
    approval_lasts: timedelta = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Revision:
    """Which policies were read: a commit, with `+dirty:HASH` behind it when the directory held more."""

    id: str
    source: str
    author: str = ""
    at: str = ""
    signed: bool | None = None  # None where no signers are set


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit, as a person tells of it. `at` is ISO 8601."""

    id: str
    author: str
    at: str
    title: str


@dataclass(frozen=True, slots=True)
class Host:
    """A host as the inventory knows it. `variables` are resolved; `digest` is their sha256."""

    name: str
    groups: tuple[str, ...]
    variables: Mapping[str, object]
    digest: str

    @property
    def id(self) -> str:
        """Give the resource id."""
        return f"host/{self.name}"

    @property
    def site(self) -> str:
        """Give the school that the inventory puts the host in, or an empty text."""
        return str(self.variables.get("site", ""))


@dataclass(frozen=True, slots=True)
class Repository:
    """Everything read from one revision: what the cycle needs, typed, nothing raw.

    `playbooks_digest` is the sha256 over everything under playbooks/; `root` is the checkout's directory; `modules` are
    the sha256s of the test modules that policies name, by path.
    """

    root: str
    revision: Revision
    district: District
    policies: tuple[Policy, ...]
    hosts: tuple[Host, ...]
    playbooks_digest: str
    sources: tuple[Source, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    timetable: Timetable = field(default_factory=Timetable)
    waivers: tuple[Waiver, ...] = ()
    frameworks: tuple[Framework, ...] = ()
    modules: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""  # a sentence: why a newer revision than this one is not run
    texts: Mapping[str, PolicyText] = field(default_factory=dict)  # of policies that may change anything, by id
