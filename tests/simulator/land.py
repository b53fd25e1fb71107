"""The district's own repository, as YAML that goes through the real intake, and the verbs of the simulated MDM."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import yaml

from agent.catalog import KINDS
from agent.intake.git_program import Checkout
from agent.intake.repository import load
from agent.model.kind import Argument, Catalog, Effect, Risk, Undo, Verb
from agent.model.policy import Revision
from agent.systems.csv.spec import PRESETS
from tests.simulator import rules

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.policy import Repository

SYSTEM = "sim"
LAG = timedelta(hours=37)
DEADLINE = timedelta(hours=40)  # a move may take a day and a half to show
BELLS = {day: ["08:10-11:40", "12:20-15:20"] for day in ("mon", "tue", "wed", "thu", "fri")}


def verb(name: str, risk: Risk, undo: Undo, *arguments: Argument) -> Verb:
    """Give one verb of the simulated MDM."""
    kinds = frozenset({"device"})
    said = f"{name} in the simulated MDM."
    return Verb(f"{SYSTEM}.{name}", SYSTEM, said, kinds, Effect.SETS, risk, undo, arguments, deadline=DEADLINE, lag=LAG)


VERBS = (
    verb("move_to_ou", Risk.REVERSIBLE, Undo.EXACT, Argument("org_unit", "text", "Where to.", required=True)),
    verb("disable", Risk.DISRUPTIVE, Undo.EXACT),
    verb("wipe", Risk.DESTRUCTIVE, Undo.NONE),
)


def catalog() -> Catalog:
    """Give every real kind, and the verbs of the simulated MDM."""
    return Catalog(KINDS, {v.name: v for v in VERBS}, PRESETS)


def write(root: Path, devices: int, *, snow: bool = False) -> None:
    """Lay down the whole repository; once it has snowed, its calendars say so."""
    files: dict[str, dict[str, Any]] = {
        "policies/district.yaml": _district(devices),
        "inventory/systems.yaml": {"systems": _SYSTEMS},
        **{f"policies/calendars/{name}.yaml": _calendar(name, snow=snow) for name in rules.TESTING},
        **{f"policies/devices/{p['policy']}.yaml": p for p in _policies()},
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def loaded(root: Path, cache: Path, commit: str) -> Repository:
    """Read it as the product does."""
    return load(Checkout(root, Revision(commit, "the simulator")), catalog(), cache)


_CSV = {"type": "csv", "fresh_for": "26h", "as_of": "Exported"}
_SYSTEMS = {
    "roster": {
        **_CSV, "kind": "person", "path": "roster.csv", "key": "number",
        "columns": {"number": "Number", "email": "Email", "site": "School", "status": "Status"},
    },
    "assets": {
        **_CSV, "kind": "asset", "path": "assets.csv", "key": "tag",
        "columns": {"tag": "Tag", "serial": "Serial", "status": "State"},
    },
}  # fmt: skip


def _district(devices: int) -> dict[str, Any]:
    usual, busy = rules.ordinary(devices), rules.rollover(devices)
    return {
        "district": {"name": "Simulated Unified", "timezone": str(rules.ZONE), "calendar": "secondary"},
        "sites": {s: _site(s) for s in rules.SCHOOLS},
        "people": {
            "director": {"name": "A. Example", "email": "a@sim.example", "may": ["approve", "stop"]},
            "systems": {"name": "B. Example", "email": "b@sim.example", "may": ["approve", "stop"]},
        },
        "reports": {"drift": ["director"]},
        "guards": {
            **_caps(usual),
            "seasons": {"August rollover": {**_caps(busy), "approved_by": "director"}},
            "never_touch": ["device/KIOSK-*"],
        },
        "example": True,
    }


def _caps(caps: rules.Caps) -> dict[str, Any]:
    numbers = {"per_run": caps.run, "per_day": caps.day, "per_site": caps.site, "per_credential": caps.credential}
    return {name: {"count": number} for name, number in numbers.items()}


def _site(school: str) -> dict[str, Any]:
    unit = rules.student_ou(school)
    site = {"name": school.title(), "org_units": [unit], "student_ou": unit, "calendar": rules.calendar(school)}
    return site | ({"mode": "propose"} if school == rules.ASKS_FIRST else {})


def _calendar(name: str, *, snow: bool) -> dict[str, Any]:
    first, last = rules.TESTING[name]
    closed = [{"name": n, "first": a, "last": b} for n, a, b in rules.CLOSED]
    closed += [{"name": "Snow", "day": rules.SNOW}] if snow else []
    year = {
        "from": rules.FIRST_DAY,
        "to": rules.LAST_DAY,
        "closed": closed,
        "testing": [{"name": "State tests", "first": first, "last": last}],
    }
    season = {"name": "August rollover", "first": rules.SEASON[0], "last": rules.SEASON[1]}
    return {"calendar": name, "name": name, "bells": BELLS, "years": {"2026-27": year}, "seasons": [season]}


def _policies() -> list[dict[str, Any]]:
    active = {"platform": "chromeos", "status": "active"}
    assigned: dict[str, Any] = {"assigned_user": {"exists": True}}
    return [
        _policy(
            rules.MOVE, "Each Chromebook follows the rules of its own school", "enforce",
            active | assigned | {"user": {"exists": True}},
            {"org_unit": {"same_as": "user.site.student_ou"}}, "move_to_ou", {"org_unit": "<user.site.student_ou>"},
        ),
        _policy(
            rules.REPAIR, "What is in repair is in the workshop's org unit", "enforce",
            active | {"asset.status": "repair"}, {"org_unit": "/Repair"}, "move_to_ou", {"org_unit": "/Repair"},
        ),
        _policy(
            rules.LOST, "What is lost is disabled", "propose",
            {"platform": "chromeos", "asset.status": "lost"}, {"status": "disabled"}, "disable",
        ),
        _policy(
            rules.LEAVERS, "What somebody took along who left is disabled", "enforce",
            {"platform": "chromeos", "user": {"empty": True}} | assigned, {"status": "disabled"}, "disable",
        ),
        _policy(
            rules.RETIRED, "What is retired is wiped", "enforce",
            {"platform": "chromeos", "asset.status": "retired"}, {"status": "deprovisioned"}, "wipe",
        ),
    ]  # fmt: skip


def _policy(
    name: str, title: str, mode: str, where: dict[str, Any], expect: dict[str, Any], do: str,
    arguments: dict[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    step = {"do": f"{SYSTEM}.{do}"} | ({"with": arguments} if arguments else {})
    guard: dict[str, Any] = {"window": "after-school"} if name in rules.AFTER_SCHOOL else {}
    guard |= {"window": "overnight"} if name in rules.OVERNIGHT else {}
    guard |= {"rings": {"soak": f"{rules.SOAK // timedelta(hours=1)}h"}} if name in rules.RINGED else {}
    return ({"guard": guard} if guard else {}) | {
        "policy": name, "title": title, "why": "An example.", "severity": "medium", "owner": "devices@sim.example",
        "applies_to": {"kind": "device", "where": where}, "expect": expect, "mode": mode, "remedy": [step],
    }  # fmt: skip
