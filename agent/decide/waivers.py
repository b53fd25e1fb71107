"""Waivers at one look: which findings they except, and what each of them comes to. Pure.

Source of the rules: LANGUAGE.md, "Findings". A waiver turns only out of line into excepted: what is unknown stays
unknown under it, and what is in line needs none. Its last day is a day of the district.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from agent.decide.columns import ID, SITE
from agent.model.finding import Verdict
from agent.model.waiver import SOON, Use, WaiverNote

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date, datetime

    from agent.decide.columns import Columns
    from agent.decide.evaluate import Assessment
    from agent.model.finding import Finding
    from agent.model.waiver import Waiver

Key = tuple[str, str]  # a policy and a name, or a resource and its site
SITE_KIND = "site"  # what a policy that measures by school says something of


@dataclass(frozen=True, slots=True)
class Shield:
    """What shields from one policy on one day: the waiver of each resource, and of each site."""

    resources: dict[str, Waiver] = field(default_factory=dict)
    sites: dict[str, Waiver] = field(default_factory=dict)

    def over(self, resource: str, site: str) -> Waiver | None:
        """Give the waiver that shields a resource; of several the one that ends last."""
        exact, general = self.resources.get(resource), self.sites.get(site)
        return _longer(exact, general) if exact and general else exact or general


def shields(waivers: Iterable[Waiver], today: date) -> dict[str, Shield]:
    """Sort the waivers that run on a day of the district by policy; the last day of each belongs to it."""
    found: dict[str, Shield] = {}
    for waiver in (w for w in waivers if today <= w.until):
        for policy in waiver.policies:
            shield = found.setdefault(policy, Shield())
            for names, known in ((waiver.resources, shield.resources), (waiver.sites, shield.sites)):
                for name in names:
                    known[name] = _longer(known.get(name, waiver), waiver)
    return found


def _longer(one: Waiver, other: Waiver) -> Waiver:
    return min(one, other, key=lambda w: (-w.until.toordinal(), w.id))


def excepted(assessment: Assessment, over: Mapping[str, Shield], table: Columns) -> Assessment:
    """Give an assessment that knows which of its resources a waiver excepts, where they are out of line."""
    shield = over.get(assessment.policy.id)
    if shield is None:
        return assessment
    found = {resource: waiver.id for resource, waiver in shield.resources.items()}
    for resource, site in _at(shield.sites, assessment, table):
        waiver = shield.over(resource, site)
        found[resource] = waiver.id if waiver else ""
    return replace(assessment, excepted=found)


def _at(sites: Collection[str], assessment: Assessment, table: Columns) -> Iterator[Key]:
    """Give what is out of line at some sites, with its site; of a policy that measures it is the sites themselves."""
    if assessment.policy.measure is not None:
        yield from ((f"{SITE_KIND}/{site}", site) for site in sites)
    elif sites:
        there = pl.col(SITE).is_in(list(sites)) & pl.col(ID).is_in(assessment.wrong.implode())
        yield from table.frame.filter(there).select(ID, SITE).iter_rows()


@dataclass(frozen=True, slots=True)
class Heard:
    """What a look says of a policy: its findings, the resources that were seen, and whether those are all.

    `waits` are the resources that are out of line and not yet for long enough, with their sites.
    """

    findings: Iterable[Finding]
    known: Collection[str]
    proven: bool
    waits: Iterable[Key] = ()


@dataclass(slots=True)
class _Tally:
    """What was found under one name: how many of each verdict, and since when the longest-standing is open."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    oldest: dict[Verdict, datetime] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        self.verdicts[finding.verdict] += 1
        if finding.since is not None:
            before = self.oldest.get(finding.verdict, finding.since)
            self.oldest[finding.verdict] = min(before, finding.since)


def notes(waivers: Iterable[Waiver], heard: Mapping[str, Heard], today: date) -> tuple[WaiverNote, ...]:
    """Say what each waiver comes to. `heard` has every policy there is of those that waivers name, by id.

    A policy that is no longer there is not in it; one that no look has judged is, as not proven and without findings.
    """
    waivers = tuple(waivers)
    resources = {(p, r): _Tally() for w in waivers for p in w.policies for r in w.resources}
    sites = {(p, s): _Tally() for w in waivers for p in w.policies for s in w.sites}
    for policy, said in heard.items():
        for finding in said.findings:
            for found, name in ((resources, finding.resource), (sites, finding.site)):
                if (policy, name) in found:
                    found[policy, name].add(finding)
        for resource, site in said.waits:
            for found, name in ((resources, resource), (sites, site)):
                if (policy, name) in found:
                    found[policy, name].verdicts[Verdict.UNKNOWN] += 1
    return tuple(_note(w, [*_under(w, resources, sites)], heard, today) for w in waivers)


def _under(waiver: Waiver, resources: Mapping[Key, _Tally], sites: Mapping[Key, _Tally]) -> Iterator[_Tally]:
    for policy in waiver.policies:
        yield from (resources[policy, r] for r in waiver.resources)
        yield from (sites[policy, s] for s in waiver.sites)


def _note(waiver: Waiver, found: list[_Tally], heard: Mapping[str, Heard], today: date) -> WaiverNote:
    left = (waiver.until - today).days
    counted = Verdict.EXCEPTED if left >= 0 else Verdict.OUT_OF_LINE
    findings = sum(t.verdicts[counted] for t in found)
    return WaiverNote(
        id=waiver.id,
        policies=waiver.policies,
        resources=waiver.resources,
        sites=waiver.sites,
        owner=waiver.owner,
        reason=waiver.reason,
        ticket=waiver.ticket,
        until=waiver.until,
        place=str(waiver.place),
        use=_use(left, findings, unsure=any(t.verdicts[Verdict.UNKNOWN] for t in found) or _unseen(waiver, heard)),
        findings=findings,
        left=left,
        oldest=min((t.oldest[counted] for t in found if counted in t.oldest), default=None),
    )


def _use(left: int, findings: int, *, unsure: bool) -> Use:
    if left < 0:
        return Use.NEEDED if findings and -left <= SOON else Use.ENDED
    return Use.USED if findings else Use.UNKNOWN if unsure else Use.UNUSED


def _unseen(waiver: Waiver, heard: Mapping[str, Heard]) -> bool:
    """Whether something that it names may be out of line where no look saw it."""
    for said in (heard[p] for p in waiver.policies if p in heard):
        if not said.proven and (waiver.sites or not all(r in said.known for r in waiver.resources)):
            return True
    return False
