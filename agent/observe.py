"""Look and judge: observe only what the policies ask for, then evaluate each policy on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from agent.decide.columns import Columns, Row, build, stacked
from agent.decide.evaluate import Assessment, evaluate, fields_read
from agent.decide.hours import timetable_hours
from agent.decide.measure import Census
from agent.decide.reckoned import Ground, reckoned
from agent.decide.references import Listing, linked, needed
from agent.decide.site_facts import site_facts
from agent.decide.unique import lists
from agent.decide.waivers import excepted, shields
from agent.eyes import read, read_again
from agent.model.finding import Counts, Finding, Streak
from agent.model.reading import NONE, Reading
from agent.model.run import Seen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from agent.decide.hours import Keeping
    from agent.eyes import Eyes
    from agent.model.kind import Catalog, FieldRef
    from agent.model.policy import District, Policy, Repository
    from agent.model.sweep import Sweep

SITE = "site"  # the kind that district.yaml fills
# What reports say that resources have in common. Read beside what the policies ask for.
TRAITS = {
    "device": ("model", "platform"),
    "asset": ("model", "category"),
    "printer": ("model",),
    "ticket": ("category", "team"),
}

Asked = dict[str, frozenset["FieldRef"]]  # by kind


@dataclass(frozen=True, slots=True)
class View:
    """What was seen and what the policies say of it, at one time.

    `tables` has the rows of all systems of a kind, with a column for each reference. A policy on a kind that no
    system shows has no assessment. `at` is when it was judged, in the district's zone. `missed` are findings that are
    open and of which nobody knows whether they still are. `recalled` are the sources, by kind and system, that were not
    read for this look: an earlier one judged by them.
    """

    sweeps: tuple[Sweep, ...]
    tables: Mapping[str, Columns]
    assessments: tuple[Assessment, ...]
    at: datetime
    streaks: tuple[Streak, ...] = ()  # what is out of line and waits until it has lasted
    missed: tuple[tuple[Policy, Finding], ...] = ()
    recalled: frozenset[tuple[str, str]] = frozenset()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Give what is out of line or unknown, the worst policy first."""
        said = {a.policy.id: (a.policy, [*a.findings]) for a in self.assessments}
        for policy, finding in self.missed:
            said.setdefault(policy.id, (policy, []))[1].append(finding)
        ordered = sorted(said.values(), key=lambda s: (s[0].severity.rank, s[0].id))
        return tuple(f for _, found in ordered for f in sorted(found, key=lambda f: f.resource))

    @property
    def counts(self) -> Counts:
        """Count the verdicts."""
        counts = [a.counts for a in self.assessments]
        return Counts(
            in_line=sum(c.in_line for c in counts),
            out_of_line=sum(c.out_of_line for c in counts),
            unknown=sum(c.unknown for c in counts) + len(self.missed),
            excepted=sum(c.excepted for c in counts),
            not_yet=sum(c.not_yet for c in counts),
        )

    def of(self, kind: str) -> tuple[Sweep, ...]:
        """Give the sweeps of a kind."""
        return tuple(s for s in self.sweeps if s.kind == kind)

    def finding(self, policy: str, resource: str) -> Finding | None:
        """Give what a policy says of a resource, or None where it is in line or does not apply."""
        said = [f for a in self.assessments if a.policy.id == policy for f in a.findings]
        said += [f for p, f in self.missed if p.id == policy]
        return next((f for f in said if f.resource == resource), None)


def look(eyes: Eyes, repository: Repository, now: datetime, also: Asked | None = None) -> View:
    """Observe every kind that a policy is about or refers to, and evaluate every policy. `now` carries any zone.

    Args:
        also: fields to read beside what the policies ask for, and the references to follow.
    """
    asked = _asked(repository.policies, also or {})
    reads = _reading(eyes.catalog, asked)
    sources = [(kind, system) for kind in reads for system in eyes.readers.get(kind, {})]
    lately = {(k, s): known for k, s in sources if (known := eyes.lately.recall(k, s, reads[k])) is not None}
    sweeps = tuple(lately.get((k, s)) or _read(eyes, repository, k, s, reads[k]) for k, s in sources)
    recalled = frozenset(source for source in lately if eyes.lately.judged(*source))
    return replace(judged(eyes.catalog, repository, sweeps, now, asked), recalled=recalled)


def _read(eyes: Eyes, repository: Repository, kind: str, system: str, fields: frozenset[FieldRef]) -> Sweep:
    sweep = read(eyes, repository, kind, system, fields)
    eyes.lately.keep(fields, sweep)
    return sweep


def look_again(
    eyes: Eyes, repository: Repository, view: View, touched: Mapping[str, frozenset[str]], now: datetime
) -> View:
    """Read the touched resources again, for the touched policies' fields, and judge anew.

    Args:
        touched: resource ids by the policy that changed them.
    """
    sweeps = []
    for old in view.sweeps:
        policies = [p for p in repository.policies if p.kind == old.kind and p.id in touched]
        mine = set(old.table.ids())
        resources = sorted({r for p in policies for r in touched[p.id] if r in mine})
        sweeps.append(read_again(eyes, repository, old, policies, resources) if resources else old)
    for sweep in sweeps:
        eyes.lately.amend(sweep)
    again = judged(eyes.catalog, repository, tuple(sweeps), now, _asked(repository.policies, {}))
    return replace(again, recalled=view.recalled)


def judged(
    catalog: Catalog, repository: Repository, sweeps: tuple[Sweep, ...], now: datetime, asked: Asked | None = None
) -> View:
    """Evaluate every policy on what sweeps show, whenever they were made."""
    asked = _asked(repository.policies, {}) if asked is None else asked
    here = local(now, repository)
    listings = {kind: _listing(catalog, kind, sweeps, here) for kind in dict.fromkeys(s.kind for s in sweeps)}
    keeping = timetable_hours(repository.timetable)
    listings[SITE] = Listing(_sites(catalog, repository.district, keeping, here), proven=True, trouble="")
    tables = linked(listings, {kind: refs for kind, refs in asked.items() if kind in listings}, catalog)
    ground = Ground(catalog, keeping, here)
    tables = {k: reckoned(catalog.kinds[k], t, asked[k], lists(k, sweeps), ground) for k, t in tables.items()}
    names = {s.id: s.name for s in repository.district.sites.values()}
    over = shields(repository.waivers, here.date())
    assessments = (
        excepted(evaluate(p, tables[p.kind], here, Census(listings[p.kind].trouble, names)), over, tables[p.kind])
        for p in repository.policies
        if p.kind in tables
    )
    return View(sweeps, tables, tuple(assessments), here)


def seen(view: View, now: datetime) -> tuple[Seen, ...]:
    """Say how much of each kind was seen, and how old it is."""
    return tuple(
        Seen(
            kind=s.kind,
            system=s.system,
            expected=s.expected,
            seen=s.seen,
            proven=s.proven and not s.doubt,
            membership=f"it {s.doubt} since the last good look" if s.doubt else s.membership,
            as_of=s.as_of,
            unseen=s.unseen,
            stale=s.stale(now),
            trouble=s.trouble,
            doubt=s.doubt,
            notes=s.notes,
        )
        for s in view.sweeps
    )


def local(now: datetime, repository: Repository) -> datetime:
    """Give an instant in the district's zone, which `today` hangs on."""
    return now.astimezone(ZoneInfo(repository.district.timezone))


def _asked(policies: Sequence[Policy], also: Asked) -> Asked:
    """Give the fields and references that are asked of each kind."""
    found: dict[str, dict[FieldRef, None]] = {kind: dict.fromkeys(refs) for kind, refs in also.items()}
    for policy in policies:
        found.setdefault(policy.kind, {}).update(dict.fromkeys(fields_read(policy)))
    return {kind: frozenset(refs) for kind, refs in found.items()}


def reading(catalog: Catalog, policies: Sequence[Policy], also: Asked | None = None) -> Asked:
    """Give the fields of each kind that have to be read for policies."""
    return _reading(catalog, _asked(policies, also or {}))


def _reading(catalog: Catalog, asked: Asked) -> Asked:
    """Give the kinds' own fields that have to be read, so that everything asked can be told."""
    found: dict[str, set[FieldRef]] = {}
    for name, refs in asked.items():
        kind = catalog.kinds[name]
        for other, fields in needed(refs, kind, catalog).items():
            found.setdefault(other, set()).update(fields)
        found[name].update(kind.resolve(trait) for trait in TRAITS.get(name, ()))
    return {kind: frozenset(fields) for kind, fields in found.items() if kind != SITE}


def _listing(catalog: Catalog, kind: str, sweeps: Sequence[Sweep], now: datetime) -> Listing:
    """Put the systems of a kind together; what no list shows is known not to be there only if all are complete."""
    mine = [s for s in sweeps if s.kind == kind]
    table = stacked([cast("Columns", s.table) for s in mine])
    past = [f.name for f in catalog.kinds[kind].fields if f.past]
    table, oldest = table.without_future(past, now), min(s.as_of for s in mine)
    gap = next((s.gap for s in mine if s.gap), "")
    return Listing(replace(table, as_of=dict.fromkeys(table.fields, oldest)), proven=not gap, trouble=gap)


def _sites(catalog: Catalog, district: District, keeping: Keeping, now: datetime) -> Columns:
    """Give the schools of district.yaml as a table, with what their calendars say of this moment."""
    rows = []
    for site in district.sites.values():
        readings: dict[str, Reading] = {"id": site.id, "name": site.name, "org_units": site.org_units}
        readings["student_ou"] = site.student_ou or NONE
        readings["calendar"] = site.calendar or NONE
        readings |= site_facts(keeping, site.id, now)
        rows.append(Row(f"{SITE}/{site.id}", site.id, readings))
    kind = catalog.kinds[SITE]
    return build([kind.resolve(f.name) for f in kind.fields], rows)
