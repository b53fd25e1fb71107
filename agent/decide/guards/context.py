"""What the guards know beside the plan, and how a hold is worded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.model.action import Action, Batch, Hold, Plan

if TYPE_CHECKING:
    from datetime import datetime

    from agent.decide.conflicts import Wish
    from agent.model.books import Took
    from agent.model.policy import Caps, Limit, Policy
    from agent.model.rollout import Rings, Rollout
    from agent.model.window import Gate


@dataclass(frozen=True, slots=True)
class Population:
    """How many resources one list has now and had at the last good look, and whether that is proven.

    `name` is what a sentence calls its members ("host", "person"); `flaw` says, as a clause, why nothing may rest on
    it ("it was not imported yet", "it is 31 hours old"), or is empty.
    """

    now: int
    before: int | None
    proven: bool
    membership: str
    name: str = ""
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """Changes that a policy already began today at one site with one system's credential, failed ones included."""

    policy: str
    site: str
    system: str
    number: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A change that is on its way: nothing else may want the field until it is confirmed or given up."""

    policy: str
    verb: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """A finding that came back after it was fixed: how often since when, and who else writes, as far as was found."""

    times: int
    since: datetime
    writers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Changes that somebody said no to as part of another batch, and who, why, as a clause."""

    digest: str
    resources: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What people said of a batch, and whose policy it is.

    `approved` are the people, by their ids, whose word for it stands; `denied` says who is against it and why, as a
    clause, or is empty; `refused` is what of it was said no to before. `authors` wrote the policy as it stands;
    None where nobody can tell who did.
    """

    approved: frozenset[str] = frozenset()
    denied: str = ""
    authors: frozenset[str] | None = None
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What the guards know beside the plan.

    Attributes:
        district: the caps of the district, as its season has them.
        protected: resource id to the reason why nothing may write to it.
        confined: resource id to the one folder that policies may write below.
        spent: what was begun since the district's midnight.
        failures: (policy, resource) to the failed repairs since the finding opened; `tried` to when the last was.
        since: (policy, resource) to when the finding opened.
        approved: digests whose approvable holds are lifted for this run; `beforehand` those of them that people
            approved before it, which lifts modes and tripwires alone.
        consents: digest to what people said of the batch.
        enabled: destructive verbs that the server's own settings allow.
        rests_on: policy id to every list that what it says hangs on: its own kind's, and those its references lead to.
        sizes: (kind, site) to how many resources there are.
        site_limits: site to what a day allows there, where the site itself says so.
        wishes: (resource, field) to what every policy that may act wants of it.
        gates: site id to what the calendar says of it now.
        lasts: playbook, or verb without one, to how long it took before.
        rings: the district's, for every policy that names none.
        rollouts: (policy id, verb) to how far the policy's present content was rolled out.
        claims: (resource, field) to the change that is on its way there.
        returned: (policy, resource) to how often the finding came back.
        reversed: (policy, resource) to who took the change back, as a clause.
        now: the time, in the district's zone.
        stopped: the kill switch's reason, or empty.
        refused: why a newer revision of the rules is refused, as a sentence, or empty.
    """

    policies: Mapping[str, Policy]
    district: Caps
    populations: Mapping[str, Population]
    protected: Mapping[str, str]
    confined: Mapping[str, str]
    spent: Sequence[Spent]
    failures: Mapping[tuple[str, str], int]
    since: Mapping[tuple[str, str], datetime]
    approved: frozenset[str]
    stopped: str
    wishes: Mapping[tuple[str, str], tuple[Wish, ...]]
    now: datetime
    rests_on: Mapping[str, tuple[Population, ...]] = field(default_factory=dict)
    beforehand: frozenset[str] = frozenset()
    sizes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    site_limits: Mapping[str, Limit] = field(default_factory=dict)
    tried: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    consents: Mapping[str, Consent] = field(default_factory=dict)
    enabled: frozenset[str] = frozenset()
    gates: Mapping[str, Gate] = field(default_factory=dict)
    lasts: Mapping[str, Sequence[Took]] = field(default_factory=dict)
    rings: Rings | None = None
    rollouts: Mapping[tuple[str, str], Rollout] = field(default_factory=dict)
    claims: Mapping[tuple[str, str], Claim] = field(default_factory=dict)
    returned: Mapping[tuple[str, str], Returned] = field(default_factory=dict)
    reversed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    refused: str = ""


Guard = Callable[[Batch, Plan, Context], Iterator[Hold]]


def hold(
    name: str, batch: Batch, sentence: str, lifted_by: str, action: Action | None = None, *, approvable: bool = False
) -> Hold:
    """Give a hold of a whole batch, or of one action of it."""
    resources = (action.resource,) if action else ()
    return Hold(name, batch.digest, resources, sentence, lifted_by, approvable)


def wanted(batch: Batch) -> str:
    """Say how many resources a batch wants to change, as a sentence."""
    number = len({a.resource for a in batch.actions})
    kind = batch.actions[0].resource.partition("/")[0] if batch.actions else "resource"
    return f"Wanted to change {number} {kind}{'' if number == 1 else 's'}."


def apply_hint(batch: Batch) -> str:
    """Give the command that approves a batch and carries it out."""
    return f"`driftbell apply --plan {batch.digest}`"


def name_of(action: Action) -> str:
    """Give the name of what an action is about, without its kind."""
    return action.resource.partition("/")[2]


def repairs(batch: Batch, context: Context) -> bool:
    """Say whether a batch does what its policy asks for, rather than take that back."""
    return any(step.verb == batch.verb for step in context.policies[batch.policy].remedy)
