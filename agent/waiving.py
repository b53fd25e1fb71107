"""What waivers mean on the last look: how each stands, and what a new one would except, before anybody writes it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from agent.errors import InputError, UnseenError
from agent.eyes import HOST
from agent.model.kind import nearest
from agent.model.source import ExportSource
from agent.model.waiver import FURTHEST, REASONS
from agent.observe import SITE, judged, local, look
from agent.outlook import waivers
from agent.recall import kinds_of, policy_named, recalled, resource_named, unread

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent.deliberate import Ports
    from agent.model.policy import District, Policy, Repository
    from agent.model.waiver import Waiver, WaiverNote
    from agent.observe import View

_NUMBERED = re.compile(r"W-([0-9]{4})-([0-9]{1,6})\Z")
_AHEAD = re.compile(r"([0-9]{1,4}) *(d|day|days|w|week|weeks)\Z")


def last_look(ports: Ports, repository: Repository, policies: Iterable[str]) -> View:
    """Judge the last recorded look by some policies; a list that no look has recorded is read as it is now.

    A policy whose fields were not read then, or that is about what has to be asked over the network and never was,
    has no assessment: nothing is spoken to.
    """
    catalog, readers = ports.eyes.catalog, ports.eyes.readers
    named = set(policies)
    wanted = [p for p in repository.policies if p.id in named]
    kinds = {p.id: kinds_of(p, catalog).keys() for p in wanted}
    sweeps = recalled(ports, repository, dict.fromkeys(kind for asked in kinds.values() for kind in asked))
    recorded = {s.kind for s in sweeps} | {SITE}
    files = {s.kind for s in repository.sources if isinstance(s, ExportSource)} | {SITE}
    new = tuple(p for p in wanted if p.kind not in recorded and kinds[p.id] <= files)
    if new:
        there = look(ports.eyes, replace(repository, policies=new), ports.clock()).sweeps
        sweeps += tuple(s for s in there if s.kind not in recorded)
    seen = {s.kind for s in sweeps} | {SITE}
    told = tuple(p for p in wanted if p.kind in seen and not unread(p, catalog, sweeps, readers))
    return judged(catalog, replace(repository, policies=told), sweeps, ports.clock())


def standing(ports: Ports, repository: Repository) -> tuple[tuple[WaiverNote, ...], int]:
    """Say how every waiver stands on the last look, and how many findings they except, each counted once."""
    named = {policy for waiver in repository.waivers for policy in waiver.policies}
    view = last_look(ports, repository, named)
    since = {(o.policy, o.resource): o.since for o in ports.hands.ledger.open_findings()} if named else {}
    findings = [replace(f, since=since.get((f.policy, f.resource))) for f in view.findings]
    return waivers(repository, view, findings), view.counts.excepted


def effect(ports: Ports, repository: Repository, waiver: Waiver) -> WaiverNote:
    """Say what one waiver comes to on the last look, were it the only one."""
    return standing(ports, replace(repository, waivers=(waiver,)))[0][0]


def uncovered(ports: Ports, repository: Repository, waiver: Waiver, today: date) -> int:
    """Give how many of what a waiver excepts is out of line once it ends today: what no other one shields tomorrow."""
    others = (w for w in repository.waivers if w.id != waiver.id and w.until > today)
    ended = replace(waiver, until=today - timedelta(days=1))
    return standing(ports, replace(repository, waivers=(ended, *others)))[0][0].findings


def narrowed(repository: Repository, names: Iterable[str]) -> Repository:
    """Give a repository with these policies alone, and what waivers say of them; as it is where none is named.

    Raises:
        InputError: there is no such policy.
    """
    wanted = {policy_named(repository, name).id for name in names}
    if not wanted:
        return repository
    over = (replace(w, policies=tuple(p for p in w.policies if p in wanted)) for w in repository.waivers)
    left = tuple(p for p in repository.policies if p.id in wanted)
    return replace(repository, policies=left, waivers=tuple(w for w in over if w.policies))


def resources_named(known: Sequence[str], prefix: str, names: Iterable[str]) -> tuple[str, ...]:
    """Give the exact ids of resources that are named by them or by their bare names, each once.

    Raises:
        InputError: one is not known, or more than one goes by that name.
    """
    return tuple(dict.fromkeys(resource_named(known, prefix, name.strip()) for name in names))


def known_resources(ports: Ports, repository: Repository, policy: Policy) -> tuple[str, ...]:
    """Give the ids that a policy may have findings of, from the last look and the inventory.

    Raises:
        UnseenError: none is known.
    """
    view = last_look(ports, repository, [policy.id])
    found: dict[str, None] = {}
    if policy.measure is not None:
        for assessment in view.assessments:
            found |= dict.fromkeys(sorted(assessment.groups))
    elif policy.kind in view.tables:
        found |= dict.fromkeys(view.tables[policy.kind].ids())
    elif policy.measure is None:  # the look did not read all that the policy asks for, and shows who is there
        found |= dict.fromkeys(r for sweep in recalled(ports, repository, [policy.kind]) for r in sweep.table.ids())
    if policy.kind == HOST and policy.measure is None:
        found |= dict.fromkeys(h.id for h in repository.hosts)
    if not found:
        msg = f"No look has shown what {policy.id} is about yet: `driftbell run` looks. Or name a --site."
        raise UnseenError(msg)
    return tuple(found)


def site_named(district: District, name: str) -> str:
    """Give the site of a short name, or of the school's full one.

    Raises:
        InputError: there is none; with the nearest.
    """
    found = next((s.id for s in district.sites.values() if name.casefold() in {s.id, s.name.casefold()}), "")
    if not found:
        near = nearest(name, [*district.sites, *(s.name for s in district.sites.values())])
        msg = f"There is no site {name!r} in district.yaml{near or '.'}"
        raise InputError(msg)
    return found


def person_named(district: District, name: str) -> str:
    """Give the person of a short name in `people`.

    Raises:
        InputError: there is none; with the nearest, or with all of them.
    """
    if name not in district.people:
        near = nearest(name, list(district.people)) or f"; there {_are(list(district.people))}"
        msg = f"There is no {name!r} among `people` in district.yaml{near}"
        raise InputError(msg if msg.endswith("?") else f"{msg}.")
    return name


def _are(words: Sequence[str]) -> str:
    return f"are {', '.join(words)}" if words else "is nobody"


def reason_named(name: str) -> str:
    """Give a reason's code.

    Raises:
        InputError: it is none.
    """
    if name not in REASONS:
        codes = "; ".join(f"{code}: {why}" for code, why in REASONS.items())
        msg = f"{name!r} is no reason{nearest(name, list(REASONS))} There are: {codes}."
        raise InputError(msg.replace("reason There", "reason. There"))
    return name


def last_day(text: str, today: date) -> date:
    """Give the day of `2027-01-31`, `30 days` or `2 weeks` ahead.

    Raises:
        InputError: it is no day, or none that a waiver may end on.
    """
    ahead = _AHEAD.match(text.strip())
    try:
        days = int(ahead[1]) * (7 if ahead[2].startswith("w") else 1) if ahead else 0
        until = today + timedelta(days=days) if ahead else date.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        msg = f"{text!r} is no day: write a date such as {today + timedelta(days=30)}, or 30 days."
        raise InputError(msg) from None
    if until < today:
        msg = f"{until} is over: a waiver's last day is today or later."
        raise InputError(msg)
    if (until - today).days > FURTHEST:
        msg = f"{until} is more than {FURTHEST} days ahead: {today + timedelta(days=FURTHEST)} at the latest."
        raise InputError(msg)
    return until


def next_id(repository: Repository, today: date) -> str:
    """Give the next free id of a year: W-2026-001."""
    taken = [int(m[2]) for w in repository.waivers if (m := _NUMBERED.match(w.id)) and int(m[1]) == today.year]
    return f"W-{today.year}-{max(taken, default=0) + 1:03}"


def today_of(ports: Ports, repository: Repository) -> date:
    """Give the day that it is in the district."""
    return local(ports.clock(), repository).date()
