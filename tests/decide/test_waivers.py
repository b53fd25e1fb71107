"""What waivers except, and what each comes to: from tables to verdicts, as a look makes them."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from agent.catalog.host import HOST
from agent.decide.columns import Row, build
from agent.decide.evaluate import evaluate
from agent.decide.plan import make_plan
from agent.decide.waivers import Heard, excepted, notes, shields
from agent.errors import Place
from agent.model.finding import Counts, Finding, Verdict
from agent.model.reading import Unknown
from agent.model.waiver import Use, Waiver
from tests.decide.build import CATALOG, NOW, ROOT, policy, repository, table

if TYPE_CHECKING:
    from agent.decide.columns import Columns
    from agent.decide.evaluate import Assessment

DAY = date(2026, 10, 14)
CHICAGO = ZoneInfo("America/Chicago")
RULE = policy(expect={ROOT: "no"})
OUT, FINE, DARK = {ROOT: "yes"}, {ROOT: "no"}, {ROOT: Unknown("silent")}


def waiver(name: str = "W-1", *resources: str, until: date = DAY, **changes: object) -> Waiver:
    base = Waiver(
        name, ("P-01",), resources, (), "director", "vendor", "4711", until, Place("policies/waivers.yaml", 2, 5)
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def judged(hosts: Columns, *waivers: Waiver, today: date = DAY) -> Assessment:
    return excepted(evaluate(RULE, hosts, NOW), shields(waivers, today), hosts)


def verdicts(one: Assessment) -> dict[str, tuple[Verdict, str]]:
    return {f.resource.removeprefix("host/"): (f.verdict, f.waiver) for f in one.findings}


def at(**sites: str) -> Columns:
    """Give hosts that are out of line, each at a site."""
    return build([HOST.resolve(ROOT)], [Row(f"host/{name}", site, OUT) for name, site in sites.items()])


def test_a_waiver_turns_out_of_line_into_excepted_and_nothing_else() -> None:
    hosts = table({"out": OUT, "other": OUT, "dark": DARK, "fine": FINE})
    one = judged(hosts, waiver("W-1", "host/out", "host/dark", "host/fine"))
    assert verdicts(one) == {
        "out": (Verdict.EXCEPTED, "W-1"), "other": (Verdict.OUT_OF_LINE, ""), "dark": (Verdict.UNKNOWN, ""),
    }  # fmt: skip
    assert one.counts == Counts(in_line=1, out_of_line=1, unknown=1, excepted=1)
    assert one.in_line == {"host/fine"}


def test_it_shields_from_the_named_policies_alone() -> None:
    one = judged(table({"out": OUT}), waiver("W-1", "host/out", policies=("P-02",)))
    assert verdicts(one) == {"out": (Verdict.OUT_OF_LINE, "")}


def test_it_names_exact_ids() -> None:
    hosts = table({"web1": OUT, "web10": OUT, "WEB1": OUT, "web1@a": OUT})
    assert [
        r for r, (v, _) in verdicts(judged(hosts, waiver("W-1", "host/web1"))).items() if v is Verdict.EXCEPTED
    ] == ["web1"]


def test_everything_at_a_site_and_nothing_at_none() -> None:
    one = judged(at(a="east", b="west", c=""), waiver("W-1", sites=("east",)))
    assert {r for r, (v, _) in verdicts(one).items() if v is Verdict.EXCEPTED} == {"a"}
    assert one.counts.excepted == 1


def test_its_last_day_belongs_to_it() -> None:
    hosts = table({"out": OUT})
    for today, wanted in ((DAY, Verdict.EXCEPTED), (DAY + timedelta(days=1), Verdict.OUT_OF_LINE)):
        assert verdicts(judged(hosts, waiver("W-1", "host/out"), today=today))["out"][0] is wanted


def test_of_several_the_one_that_ends_last_is_named() -> None:
    later = DAY + timedelta(days=9)
    both = waiver("W-1", "host/a"), waiver("W-2", sites=("east",), until=later), waiver("W-3", "host/a")
    assert verdicts(judged(at(a="east"), *both)) == {"a": (Verdict.EXCEPTED, "W-2")}
    assert verdicts(judged(at(a="east"), *reversed(both))) == {"a": (Verdict.EXCEPTED, "W-2")}
    same = waiver("W-5", "host/a"), waiver("W-4", sites=("east",))
    assert verdicts(judged(at(a="east"), *same)) == {"a": (Verdict.EXCEPTED, "W-4")}


def test_what_is_excepted_is_not_planned() -> None:
    hosts = table({"web1": OUT, "web2": OUT})
    one = judged(hosts, waiver("W-1", "host/web1"))
    plan = make_plan(repository(RULE), one.findings, {"host": hosts}, CATALOG)
    assert [a.resource for b in plan.batches for a in b.actions] == ["host/web2"]


# --- what each comes to


def found(resource: str, verdict: Verdict, site: str = "east", days: int = 0, **changes: object) -> Finding:
    since = datetime(2026, 10, 14, tzinfo=CHICAGO) - timedelta(days=days)
    one = Finding("P-01", f"host/{resource}", site, verdict, (), "", since=since)
    return replace(one, **changes)  # type: ignore[arg-type]


def heard(*findings: Finding, known: str = "", proven: bool = True, waits: tuple[tuple[str, str], ...] = ()) -> Heard:
    return Heard(findings, frozenset(f"host/{k}" for k in known.split()), proven, waits)


def use(one: Waiver, said: Heard | None) -> Use:
    return notes([one], {} if said is None else {"P-01": said}, DAY)[0].use


A = waiver("W-1", "host/a")


@pytest.mark.parametrize(
    ("one", "said", "wanted"),
    [
        (A, heard(found("a", Verdict.EXCEPTED), known="a"), Use.USED),
        (A, heard(known="a"), Use.UNUSED),
        (A, heard(), Use.UNUSED),  # gone, and known to be
        (A, heard(found("a", Verdict.UNKNOWN), known="a"), Use.UNKNOWN),
        (A, heard(proven=False), Use.UNKNOWN),  # not seen, and it may be there
        (A, heard(known="a", proven=False), Use.UNUSED),  # seen, and in line
        (A, heard(known="a", waits=(("host/a", "east"),)), Use.UNKNOWN),
        (A, None, Use.UNUSED),  # the policy was removed
        (waiver(sites=("east",)), heard(known="a", proven=False), Use.UNKNOWN),
        (waiver(sites=("east",)), heard(found("b", Verdict.EXCEPTED)), Use.USED),
        (waiver(sites=("west",)), heard(found("b", Verdict.EXCEPTED)), Use.UNUSED),
        (replace(A, until=DAY - timedelta(days=14)), heard(found("a", Verdict.OUT_OF_LINE)), Use.NEEDED),
        (replace(A, until=DAY - timedelta(days=15)), heard(found("a", Verdict.OUT_OF_LINE)), Use.ENDED),
        (replace(A, until=DAY - timedelta(days=1)), heard(known="a"), Use.ENDED),
        # Another waiver took its place.
        (replace(A, until=DAY - timedelta(days=1)), heard(found("a", Verdict.EXCEPTED)), Use.ENDED),
    ],
)
def test_what_a_waiver_comes_to(one: Waiver, said: Heard | None, wanted: Use) -> None:
    assert use(one, said) is wanted


def test_a_note_counts_and_says_since_when() -> None:
    said = heard(
        found("a", Verdict.EXCEPTED, days=3),
        found("b", Verdict.EXCEPTED, days=90),
        found("c", Verdict.OUT_OF_LINE, days=99),
    )
    note = notes([waiver("W-1", "host/a", "host/b", "host/c", until=DAY + timedelta(days=14))], {"P-01": said}, DAY)[0]
    assert (note.findings, note.left, note.running, note.ending) == (2, 14, True, True)
    assert note.oldest == datetime(2026, 7, 16, tzinfo=CHICAGO)


@pytest.mark.parametrize(("days", "ending"), [(0, True), (14, True), (15, False), (-1, False)])
def test_what_is_about_to_end(days: int, *, ending: bool) -> None:
    said = heard(found("a", Verdict.EXCEPTED), known="a")
    assert notes([replace(A, until=DAY + timedelta(days=days))], {"P-01": said}, DAY)[0].ending is ending


def test_one_that_nobody_needs_is_not_about_to_end() -> None:
    assert not notes([A], {"P-01": heard(known="a")}, DAY)[0].ending


def test_a_thousand_waivers_and_a_hundred_thousand_findings_take_no_loop_in_a_loop() -> None:
    """Every waiver is for the same school, which is the worst case; by pairs this would be 100 million steps."""
    findings = [found(str(n), Verdict.EXCEPTED) for n in range(100_000)]
    many = [waiver(f"W-{n}", sites=("east",)) for n in range(1000)]
    hosts = build([HOST.resolve(ROOT)], [Row(f"host/{n}", "east", OUT) for n in range(100_000)])
    began = time.process_time()
    assert {n.findings for n in notes(many, {"P-01": heard(*findings)}, DAY)} == {100_000}
    one = excepted(evaluate(RULE, hosts, NOW), shields(many, DAY), hosts)
    assert one.counts.excepted == 100_000
    assert time.process_time() - began < 5
