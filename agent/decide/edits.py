"""What changed in policies and in the district, part by part, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from agent.decide import words
from agent.decide.amounts import length, spoken
from agent.decide.calendar_edits import of_calendars
from agent.decide.list_edits import of_lists
from agent.decide.parts import fields_tested
from agent.errors import Place
from agent.model.comparison import Edit
from agent.model.condition import AllOf, Condition
from agent.secrets import MASK, says_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from agent.model.policy import Caps, District, Host, Limit, Policy, Remedy, Repository, SeasonCaps, Site
    from agent.model.rollout import Rings
    from agent.model.waiver import Waiver

    Covered = Callable[[Sequence[str]], str]


def of_policy(before: Policy, after: Policy) -> tuple[Edit, ...]:
    """Give what differs between two versions of a policy."""
    return tuple(_edits(_parts(before), _parts(after)))


def of_district(before: Repository, after: Repository, covered: Covered) -> tuple[Edit, ...]:
    """Give what differs between two revisions outside the policies, as far as verdicts and actions hang on it.

    Args:
        before, after: the revisions.
        covered: names resources for a text that is read by many; people are only counted.
    """
    lists = of_lists(before.sources, after.sources)
    was, now = (_district(r.district) | settings for r, settings in zip((before, after), lists, strict=True))
    found = [*_edits(was, now), *_hosts(before.hosts, after.hosts)]
    found += _exempt(before, after, covered)
    found += of_calendars(before.timetable, after.timetable)
    if before.playbooks_digest != after.playbooks_digest:
        found.append(Edit("playbooks", "", "other content"))
    return tuple(found)


def clauses(condition: Condition | None) -> dict[str, str]:
    """Give what a condition demands, by the field that each part is about."""
    if condition is None:
        return {}
    found: dict[str, str] = {}
    for part in _flat(condition):
        fields = fields_tested(part)
        name, text = (
            (fields[0].name, words.wish(part, say=spoken)) if len(fields) == 1 else (words.rule(part), "must hold")
        )
        found[name] = f"{found[name]} and {text}" if name in found else text
    return found


def _flat(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, AllOf):
        for part in condition.parts:
            yield from _flat(part)
    else:
        yield condition


def _edits(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Edit]:
    for what in dict.fromkeys([*before, *after]):
        was, now = before.get(what, ""), after.get(what, "")
        if was != now:
            yield Edit(what, was, now)


def _parts(policy: Policy) -> dict[str, str]:
    """Give every part of a policy by its name, as text; parts that are not there are left out."""
    parts = {
        "title": policy.title,
        "why": policy.why,
        "severity": policy.severity.value,
        "owner": policy.owner,
        "kind": policy.kind,
        "mode": policy.mode.value,
        **{f"mode at {site}": mode.value for site, mode in sorted(policy.modes.items())},
        **{f"where {field}": text for field, text in clauses(policy.where).items()},
        **{f"expect {field}": text for field, text in clauses(policy.expect).items()},
        "converge": _converge(policy),
        "measure": _measure(policy),
        "for": f"{policy.lasting} looks in a row" if policy.lasting > 1 else "",
        **_remedy(policy.remedy),
        **_caps(policy.caps),
        "guard window": " or ".join(policy.windows),
        "guard rings": _rings(policy.rings),
        "verify": ", ".join(policy.verify),
        "check_every": length(policy.check_every) if policy.check_every else "",
        "frameworks": "; ".join(f"{k} {', '.join(ids)}" for k, ids in sorted(policy.frameworks.items())),
        **{f"values {dated.name}": f"good until {dated.expires}" for dated in policy.values},
    }
    return {name: text for name, text in parts.items() if text}


def _converge(policy: Policy) -> str:
    if policy.converge is None:
        return ""
    variables = f" with {_shown(policy.converge.variables)}" if policy.converge.variables else ""
    allowed = f", running {', '.join(policy.converge.allowed)} in check mode" if policy.converge.allowed else ""
    return f"{policy.converge.playbook}{variables}{allowed}"


def _measure(policy: Policy) -> str:
    if policy.measure is None:
        return ""
    groups = f"by {policy.measure.by.name}" if policy.measure.by else "of the whole district"
    return f"{'share' if policy.measure.share else 'count'} {groups}: {policy.measure.text}"


def _remedy(steps: Iterable[Remedy]) -> dict[str, str]:
    return {
        f"remedy step {number}": f"{step.verb} with {_shown(step.arguments)}, setting "
        f"{', '.join(f.name for f in step.sets) or 'nothing'}, {step.risk.value}"
        + (f", when open for {length(step.after)}" if step.after else "")
        for number, step in enumerate(steps, start=1)
    }


def _caps(caps: Caps) -> dict[str, str]:
    found = {f"guard {f.name}": getattr(caps, f.name) for f in fields(caps)}
    return {name: _limit(limit) for name, limit in found.items() if limit is not None}


def _rings(rings: Rings | None) -> str:
    if rings is None:
        return ""
    halts = f"halted above {rings.failed:g}% failed or {rings.new_findings:g}% with new findings"
    return f"{length(rings.soak)} each, {halts}" + (f", {rings.site} first" if rings.site else "")


def _site_guards(site: Site) -> Iterator[str]:
    if site.windows:
        yield f"window {' or '.join(site.windows)}"
    if site.per_site is not None:
        yield f"at most {_limit(site.per_site)} a day"


def _season(season: SeasonCaps) -> str:
    return ", ".join([*(f"{name} {text}" for name, text in _caps(season.caps).items()), f"by {season.approved_by}"])


def _limit(limit: Limit) -> str:
    parts = [
        *([f"{limit.count:,}"] if limit.count is not None else []),
        *([f"{limit.percent:g}%"] if limit.percent is not None else []),
    ]
    return " or ".join(parts)


def _shown(value: object) -> str:
    return json.dumps(_masked(value), ensure_ascii=False, sort_keys=True, default=str)


def _masked(value: object) -> object:
    """Give an argument without what its name calls a secret."""
    if isinstance(value, Mapping):
        return {k: MASK if says_secret(str(k)) else _masked(v) for k, v in value.items()}
    return [_masked(v) for v in value] if isinstance(value, (list, tuple)) else value


def _district(district: District) -> dict[str, str]:
    parts = {
        "district name": district.name,
        "district timezone": district.timezone,
        "stop": district.stop,
        "drift report to": ", ".join(district.recipients),
        **{f"district {name}": text for name, text in _caps(district.caps).items()},
        "district guard window": " or ".join(district.windows),
        "district guard rings": _rings(district.rings),
        "approvals last": length(district.approval_lasts),
        **{f"season {season.season}": _season(season) for season in district.seasons},
    }
    for site in district.sites.values():
        told = (site.name, *site.org_units, site.student_ou, f"mode {site.mode.value}", *_site_guards(site))
        parts[f"site {site.id}"] = ", ".join(t for t in told if t)
    for person in district.people.values():
        away = "".join(f", away {first} to {last}" for first, last in person.away)
        deputy = f", deputy {person.deputy}" if person.deputy else ""
        parts[f"person {person.id}"] = f"{person.name}, may {', '.join(sorted(person.may)) or 'nothing'}{deputy}{away}"
    return {name: text for name, text in parts.items() if text}


def _hosts(before: Iterable[Host], after: Iterable[Host]) -> Iterator[Edit]:
    """Give the hosts that differ. Of variables the names alone: any value may be a secret."""
    older, newer = {h.name: h for h in before}, {h.name: h for h in after}
    for name in dict.fromkeys([*older, *newer]):
        was, now = older.get(name), newer.get(name)
        groups = tuple(f"in {', '.join(h.groups) or 'no group'}" if h else "" for h in (was, now))
        if groups[0] != groups[1]:
            yield Edit(f"host {name}", *groups)
        if was and now and was.digest != now.digest:
            moved = sorted(k for k, _ in _pairs(was.variables) ^ _pairs(now.variables))
            yield Edit(f"host {name} variables", "", f"other values of {', '.join(dict.fromkeys(moved)) or 'some'}")


def _pairs(variables: Mapping[str, object]) -> set[tuple[str, str]]:
    return {(name, repr(value)) for name, value in variables.items()}


def _exempt(before: Repository, after: Repository, covered: Covered) -> Iterator[Edit]:
    """Give what is never touched and the waivers, where they differ; which people are meant is never said."""
    names = [tuple(sorted(r.district.never_touch)) for r in (before, after)]
    if names[0] != names[1]:
        yield _discreet("never_touch", covered(names[0]), covered(names[1]))
    older, newer = ({w.id: replace(w, place=Place("")) for w in r.waivers} for r in (before, after))
    for name in dict.fromkeys([*older, *newer]):
        was, now = older.get(name), newer.get(name)
        if was != now:
            said = (_waiver(w, covered) if w else "" for w in (was, now))
            yield _discreet(f"waiver {name}", *said)


def _discreet(what: str, before: str, after: str) -> Edit:
    """Give an edit that is one, although a text in which people are only counted may be the same."""
    return Edit(what, before, after if after != before else f"{after}, but not the same")


def _waiver(waiver: Waiver, covered: Covered) -> str:
    of = covered(waiver.resources) if waiver.resources else f"everything at {', '.join(waiver.sites)}"
    return f"{', '.join(waiver.policies)} for {of} until {waiver.until} ({waiver.reason}, ticket {waiver.ticket})"
