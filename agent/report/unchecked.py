"""What could not be checked, gathered: who was silent, which lists are missing or old, which rules stayed open."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING

from agent.report.discreet import HIDDEN, fenced
from agent.report.fields import in_words
from agent.report.standing import whole
from agent.report.words import one_kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.model.finding import Finding
    from agent.model.run import Run, Seen
    from agent.report.discreet import Veil

MOST = 6  # a report has room for fewer
MOST_WORDINGS = 2000  # reasons that are worked out; a system that words each of its reasons anew is cut short
_SCOPE = "could not tell whether the policy applies: "  # decide's own words; what follows is the reason
_TOO_MANY = "for many other reasons"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some resources were not checked, as a mail may say it.

    `policies` are the rules that stayed open on resources that did answer; none where they showed nothing at all.
    """

    why: str
    policies: tuple[str, ...]
    resources: tuple[str, ...]  # the first few of `count`
    sites: tuple[str, ...]
    count: int
    kind: str  # of all of them, or empty


@dataclass(frozen=True, slots=True)
class Unchecked:
    """What could not be checked.

    Attributes:
        silent: how many resources showed nothing; `partly`: on how many others a rule stayed open.
        kind: the one kind of all of these, or empty.
        looks: those that saw less than there is, or something old.
        reasons: the most widespread first; `count` of them in all.
    """

    silent: int
    partly: int
    kind: str
    looks: tuple[Seen, ...]
    reasons: tuple[Reason, ...]
    count: int

    @property
    def resources(self) -> int:
        """Give how many resources were not checked in full."""
        return self.silent + self.partly


def look_over(run: Run, unknown: Iterable[Finding], veil: Veil) -> Unchecked:
    """Gather what a run could not check. One reason is one line, for whatever number of rules and resources."""
    mute = {u.resource for s in run.seen for u in s.unseen}
    reasons: dict[tuple[str, bool], _Group] = {}
    wordings = _Wordings(veil, {})
    for look in run.seen:
        for one in look.unseen:
            group = reasons.setdefault((wordings.of(one.why, one.resource), True), _Group({}, {}))
            group.places[one.resource] = ""
    partly: set[str] = set()
    for finding in unknown:
        if finding.resource not in mute:
            partly.add(finding.resource)
            group = reasons.setdefault((wordings.of(finding.why, finding.resource), False), _Group({}, {}))
            group.places[finding.resource] = finding.site
            group.policies[finding.policy] = None
    ordered = sorted(reasons.items(), key=lambda r: (-len(r[1].places), not r[0][1], r[0][0]))
    return Unchecked(
        silent=len(mute),
        partly=len(partly),
        kind=one_kind((*mute, *partly)),
        looks=tuple(s for s in run.seen if not whole(s)),
        reasons=tuple(_reason(why, group) for (why, _), group in ordered[:MOST]),
        count=len(reasons),
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """The resources of one reason with their schools, and the rules that it left open, in the order found."""

    places: dict[str, str]
    policies: dict[str, None]


@dataclass(frozen=True, slots=True)
class _Wordings:
    """Reasons as a mail may say them, so that two that differ in an address alone are one. Each is worked out once."""

    veil: Veil
    known: dict[str, str]

    def of(self, why: str, resource: str) -> str:
        """Give the wording of a reason; a resource's own name in it becomes `it`."""
        bare = impersonal(why, resource)
        if bare not in self.known:
            if len(self.known) >= MOST_WORDINGS:
                return _TOO_MANY
            said = in_words(self.veil.over(fenced(bare)))
            self.known[bare] = f"it{said[len(HIDDEN) :]}" if said.startswith(f"{HIDDEN} ") else said
        return self.known[bare]


def impersonal(why: str, resource: str) -> str:
    """Give a reason by which others may have the same one: a resource's own name in front of it becomes `it`."""
    name = resource.partition("/")[2]
    bare = why.removeprefix(_SCOPE)
    return f"it{bare[len(name) :]}" if name and bare.startswith((f"{name} ", f"{name}:")) else bare


def _reason(why: str, group: _Group) -> Reason:
    return Reason(
        why=why,
        policies=tuple(sorted(group.policies)),
        resources=tuple(nsmallest(MOST, group.places)),
        sites=tuple(sorted(set(group.places.values()))) if group.policies else (),
        count=len(group.places),
        kind=one_kind(group.places),
    )
