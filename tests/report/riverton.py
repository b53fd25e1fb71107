"""Riverton Unified as reports see it: eight schools, thousands of devices, one made-up morning of any size."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.model.action import Hold, Plan
from agent.model.finding import Counts, Difference, Finding, Verdict
from agent.model.policy import Mode, Severity
from agent.model.run import Due, Measure, PolicyNote, Seen
from agent.model.sweep import Unseen
from tests.report.runs import AT, MORNINGS, asks, batch, outcomes, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agent.model.action import Batch
    from agent.model.run import Run

SITES = {
    "east": "East High",
    "west": "West High",
    "central": "Central Middle",
    "river": "River Middle",
    "oak": "Oak Elementary",
    "elm": "Elm Elementary",
    "maple": "Maple Elementary",
    "hill": "Hill Elementary",
    "office": "District Office",
}
PLACES = tuple(SITES)
PEOPLE = ("Zoë Quackenbush", "zquackenbush@riverton.example", "quackenbush.zoe", "0004711-QZ")

POLICIES = {
    "DEV-01": ("We have heard from every device in use this month", "medium", "device"),
    "DEV-02": ("Chromebooks run a supported, current system", "high", "device"),
    "DEV-04": ("Each Chromebook follows the rules of its own student's school", "medium", "device"),
    "DEV-05": ("A device reported lost or stolen is locked", "high", "device"),
    "INV-01": ("Every item in use has a number, a serial and a school", "medium", "asset"),
    "INV-02": ("Every device we manage is on our asset list", "medium", "device"),
    "INV-03": ("Devices come back when people leave", "high", "asset"),
    "INV-06": ("Accounts of people who left are closed", "critical", "person"),
    "NET-08": ("Staff sign in with a second lock", "critical", "person"),
    "NET-09": ("The web filter is on at every school", "critical", "service"),
    "TIX-01": ("Urgent requests are solved by the time we promised", "high", "ticket"),
    "TIX-02": ("No request is forgotten", "medium", "ticket"),
    "PRN-01": ("Printers in use have toner and are ready", "low", "printer"),
}


WHYS = {
    "DEV-05": "Whoever finds it is signed in as one of us.",
    "INV-06": "A forgotten account is a way in.",
}


def policy(name: str, mode: Mode = Mode.AUDIT) -> PolicyNote:
    title, severity, kind = POLICIES[name]
    why, place = WHYS.get(name, "Because it matters."), f"policies/{name}.yaml:1:1"
    return PolicyNote(name, title, why, Severity(severity), mode, place, kind=kind)


def policies(**modes: Mode) -> tuple[PolicyNote, ...]:
    return tuple(policy(p, modes.get(p.lower().replace("-", "_"), Mode.AUDIT)) for p in POLICIES)


def out(name: str, resource: str, site: str, *differences: Difference, days: int = 0) -> Finding:
    since = AT - timedelta(days=days) if days else None
    said = f"{resource.partition('/')[2]}: {'; '.join(d.field for d in differences)}."
    return Finding(name, resource, site, Verdict.OUT_OF_LINE, differences, said, since=since)


def dark(name: str, resource: str, site: str, why: str) -> Finding:
    return Finding(name, resource, site, Verdict.UNKNOWN, (), f"could not check: {why}", why)


def looked(kind: str, system: str, expected: int, seen: int | None = None, **more: object) -> Seen:
    base = Seen(kind, system, expected, expected if seen is None else seen, proven=True,
                membership="all pages were read", as_of=AT - timedelta(hours=4))  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def sync(days: int) -> Difference:
    return Difference("last_sync", "within 30 days", (AT - timedelta(days=days)).isoformat(timespec="seconds"))


def in_use(status: str) -> Difference:
    return Difference("asset.status", "in_use", status)


def device(n: int) -> str:
    return f"device/5CD{n:07d}"


def person(n: int) -> str:
    return f"person/{n:05d}.{PEOPLE[n % len(PEOPLE)]}"


def devices_out(many: int) -> list[Finding]:
    """Silent devices everywhere; a cart of 32 per 5,000 devices in another school's org unit, and fourteen others."""
    wrong = Difference("org_unit", "the same as user.site.student_ou", "/Students/West")
    silent = [out("DEV-01", device(n), PLACES[n % 8], sync(31 + n % 90)) for n in range(many // 25)]
    cart = [out("DEV-04", device(100_000 + n), "east", wrong) for n in range(max(many * 32 // 5000, 5))]
    loose = [
        out("DEV-04", device(200_000 + n), PLACES[1 + n % 7], replace(wrong, observed=f"/Students/{n % 5}"))
        for n in range(max(many * 14 // 5000, 2))
    ]
    lost = [
        out("INV-02", device(300_000 + n), PLACES[n % 8], Difference("asset", "there", "none"))
        for n in range(many // 60)
    ]
    return [*silent, *cart, *loose, *lost]


def people_out(many: int) -> list[Finding]:
    open_accounts = Difference("status", "one of suspended, archived", "active")
    lock = Difference("second_factor", "true", "false")
    left = [out("INV-06", person(n), PLACES[n % 8], open_accounts, days=n % 3) for n in range(max(many // 200, 4))]
    weak = [out("NET-08", person(50_000 + n), "east", lock) for n in range(max(many // 400, 4))]
    return [*left, *weak]


def first_look(many: int = 5000) -> Run:
    """The first run over all lists, in watch only: thousands of findings, one list missing, one old."""
    found = [
        *devices_out(many),
        *people_out(many),
        *(
            out("INV-03", f"asset/R{n:06d}", PLACES[n % 8], Difference("user.status", "active", "left"))
            for n in range(many // 80)
        ),
        *(
            out(
                "INV-01",
                f"asset/R{400_000 + n:06d}",
                PLACES[n % 9],
                Difference(("serial", "tag", "site")[n % 3], "not empty", "none"),
            )
            for n in range(many // 40)
        ),
        out("NET-09", "service/filter", "office", Difference("dns.blocked", "true", "false")),
    ]
    blind = [
        dark("DEV-04", device(500_000 + n), "", "2 people have the address a@b.example") for n in range(many // 500)
    ]
    return run(
        policies=policies(),
        sites=SITES,
        private=("person",),
        findings=(*found, *blind),
        opened=tuple((f.policy, f.resource) for f in found),
        counts=Counts(in_line=9 * many, out_of_line=len(found), unknown=len(blind)),
        seen=(
            looked(
                "device",
                "google",
                many + 140,
                many + 112,
                unseen=[Unseen(device(n), "its row has no serial number") for n in range(600_000, 600_028)],
            ),
            looked("asset", "assets", many + 320, stale=True, as_of=AT - timedelta(hours=31)),
            looked("person", "people", many * 8 // 10),
            looked("service", "checks", 12),
            looked(
                "ticket", "tickets", 0, proven=False, membership="nothing was read", trouble="it was not imported yet"
            ),
        ),
        waiting=("printer",),
        traits=traits(found),
        trait_totals=totals(many),
        measures=(
            Measure("out of line", len(found), None, None),
            Measure("could not be checked", len(blind), None, None),
            Measure("open for more than 30 days", 0, None, None),
        ),
    )


def traits(found: Iterable[Finding]) -> dict[str, dict[str, str]]:
    """Give the cart one model, and everything else any of five."""
    return {
        f.resource: {
            "model": "HP 11 G9" if f.policy == "DEV-04" and f.site == "east" else f"Model {n % 5}",
            "system": "google",
        }
        for n, f in enumerate(found)
        if f.resource.startswith("device/")
    }


def totals(many: int) -> dict[str, dict[str, dict[str, int]]]:
    model = {"HP 11 G9": many * 9 // 100, **{f"Model {n}": many * 18 // 100 for n in range(5)}}
    return {"device": {"model": model, "system": {"google": many}}}


def tuesday(many: int = 5000) -> Run:
    """An ordinary morning: two decisions, a hold, fixes, promises about to break, and what was known before."""
    known = [replace(f, since=AT - timedelta(days=3 + n % 50)) for n, f in enumerate(devices_out(many))]
    late = [replace(f, since=None) for f in known[:7]]
    asked = [out("INV-06", person(n), "west", Difference("status", "suspended", "active"), days=1) for n in range(3)]
    moved = [
        out("DEV-04", device(700_000 + n), "oak", Difference("org_unit", "/Students/Oak", "/Students"))
        for n in range(9)
    ]
    locked = [out("DEV-05", device(n), "elm", Difference("status", "disabled", "active")) for n in (1, 2)]
    stopped = batch(
        "DEV-02",
        [out("DEV-02", device(n), "hill", Difference("os_version", "at least 126", "119.0.1")) for n in range(312)],
    )
    first, second = batch("INV-06", asked, "playbooks/accounts.yml"), batch("DEV-05", locked, "playbooks/lock.yml")
    done = batch("DEV-04", moved, "playbooks/units.yml")
    return run(
        policies=policies(inv_06=Mode.PROPOSE, dev_05=Mode.PROPOSE, dev_02=Mode.ENFORCE, dev_04=Mode.ENFORCE),
        sites=SITES,
        private=("person",),
        findings=(*known[7:], *late, *asked, *locked),
        opened=tuple((f.policy, f.resource) for f in late),
        counts=Counts(in_line=9 * many, out_of_line=len(known) + 5),
        plan=Plan((first, second, stopped, done), (asks(first), asks(second), too_many(stopped))),
        outcomes=outcomes(done),
        seen=(
            looked("device", "google", many + 140),
            looked("asset", "assets", many + 320),
            looked("ticket", "desk", 1200),
        ),
        due=dues(),
        measures=(
            Measure("out of line", 212, 198, AT - timedelta(days=8)),
            Measure("could not be checked", 4, 4, AT - timedelta(days=8)),
            Measure("open for more than 30 days", 31, 40, AT - timedelta(days=8)),
        ),
        traits={"ticket/4711": {"category": "projector"}, **traits(known)},
        trait_totals=totals(many),
    )  # fmt: skip


def too_many(of: Batch) -> Hold:
    """Give the hold of REPORTS.md's own example."""
    said = (
        f"Wanted to change {len(of.actions)} devices; the daily limit is 102, so none were changed. "
        "Likely cause: the roster lost 340 students overnight."
    )
    lifted = f"checking the roster export, then `driftbell apply --plan {of.digest}`"
    return Hold("per day", of.digest, (), said, lifted, approvable=True)


def dues(count: int = 9) -> tuple[Due, ...]:
    return tuple(
        Due("TIX-01", f"ticket/{4711 + n}", PLACES[n % 8], AT + timedelta(hours=8 + 3 * n)) for n in range(count)
    )


def nothing_wrong() -> Run:
    """All lists whole and current, everything in line, and no worse than a week ago."""
    week = AT - timedelta(days=8)
    names = ("out of line", "could not be checked", "open for more than 30 days")
    return run(
        policies=policies(),
        sites=SITES,
        private=("person",),
        counts=Counts(in_line=45_210),
        seen=(
            looked("device", "google", 5140),
            looked("asset", "assets", 5320),
            looked("person", "people", 4389),
            looked("ticket", "desk", 1200),
        ),
        measures=tuple(Measure(name, 0, before, week) for name, before in zip(names, (3, 0, 0), strict=True)),
    )


# Every morning that the tests know.
DAYS: dict[str, Callable[[], Run]] = {
    **MORNINGS,
    "first look": first_look,
    "tuesday": tuesday,
    "nothing wrong": nothing_wrong,
}
