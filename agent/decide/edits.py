"""What changed in policies and in the district, part by part, in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.decide import words
from agent.decide.parts import fields_tested
from agent.errors import Place
from agent.model.comparison import Edit
from agent.model.condition import AllOf, Condition
from agent.model.source import ExportSource
from agent.secrets import MASK, says_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.model.policy import Caps, District, Limit, Policy, Remedy, Repository
    from agent.model.source import Source
    from agent.model.waiver import Waiver


def of_policy(before: Policy, after: Policy) -> tuple[Edit, ...]:
    """Give what differs between two versions of a policy."""
    return tuple(_edits(_parts(before), _parts(after)))


def of_district(before: Repository, after: Repository) -> tuple[Edit, ...]:
    """Give what differs between two revisions outside the policies, as far as verdicts and actions hang on it."""
    parts = [_district(r.district) | _surroundings(r) for r in (before, after)]
    found = list(_edits(parts[0], parts[1]))
    if before.timetable != after.timetable:
        found.append(Edit("calendars", _calendars(before), _calendars(after)))
    if before.playbooks_digest != after.playbooks_digest:
        found.append(Edit("playbooks", "other content", "other content"))
    return tuple(found)


def clauses(condition: Condition | None) -> dict[str, str]:
    """Give what a condition demands, by the field that each part is about."""
    if condition is None:
        return {}
    found: dict[str, str] = {}
    for part in _flat(condition):
        fields = fields_tested(part)
        name, text = (fields[0].name, words.wish(part)) if len(fields) == 1 else (words.rule(part), "must hold")
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
        "check_every": str(policy.check_every) if policy.check_every else "",
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
        for number, step in enumerate(steps, start=1)
    }


def _caps(caps: Caps) -> dict[str, str]:
    found = {"guard per_run": caps.per_run, "guard per_day": caps.per_day}
    return {name: _limit(limit) for name, limit in found.items() if limit is not None}


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
        "never_touch": ", ".join(sorted(district.never_touch)),
        "stop": district.stop,
        "drift report to": ", ".join(district.recipients),
        **{f"district {name}": text for name, text in _caps(district.caps).items()},
    }
    for site in district.sites.values():
        told = (site.name, *site.org_units, site.student_ou, f"calendar {site.calendar}", f"mode {site.mode.value}")
        parts[f"site {site.id}"] = ", ".join(t for t in told if t)
    for person in district.people.values():
        parts[f"person {person.id}"] = f"{person.name}, may {', '.join(sorted(person.may)) or 'nothing'}"
    return {name: text for name, text in parts.items() if text}


def _surroundings(repository: Repository) -> dict[str, str]:
    hosts = {
        f"host {h.name}": f"in {', '.join(h.groups) or 'no group'}, variables {h.digest[:8]}" for h in repository.hosts
    }
    lists = {f"list {s.name}": _list(s) for s in repository.sources}
    return {**hosts, **lists, **{f"waiver {w.id}": _waiver(w) for w in repository.waivers}}


def _list(source: Source) -> str:
    """Give what a list is; a digest stands for how its columns are read."""
    rest = hashlib.sha256(repr(replace(source, place=Place(""))).encode("utf-8", "backslashreplace")).hexdigest()
    path = source.path if isinstance(source, ExportSource) else f"{len(source.checks)} services"
    return f"{source.kind}s from {path}, settings {rest[:8]}"


def _waiver(waiver: Waiver) -> str:
    of = ", ".join(waiver.resources) if waiver.resources else f"everything at {', '.join(waiver.sites)}"
    return f"{', '.join(waiver.policies)} for {of} until {waiver.until} ({waiver.reason}, ticket {waiver.ticket})"


def _calendars(repository: Repository) -> str:
    return ", ".join(sorted(repository.timetable.calendars)) or "none"
