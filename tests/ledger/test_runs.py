"""Runs and their records; sweeps, populations and identities."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from agent.ledger.tables import run as runs
from agent.model.reading import NONE, Unknown
from agent.model.sweep import Unseen
from tests.ledger.nouns import HOUR, START, field, finding, run, sweep

if TYPE_CHECKING:
    from agent.ledger.store import LedgerStore
    from agent.model.reading import Reading
    from agent.model.sweep import Sweep, Table


def test_the_newest_finished_run_and_any_by_name(ledger: LedgerStore) -> None:
    assert ledger.last_run() is None
    ledger.begin("r2", "run", "c0ffee", START)
    ledger.begin("r3", "run", "c0ffee", START)
    first, second = run("r1", findings=(finding("P", "a"),)), run("r2")
    ledger.finish(first, 1)
    ledger.finish(second, 0)
    assert ledger.last_run() == second  # r3 is not finished
    assert ledger.last_run("r1") == first
    assert ledger.last_run("r3") is None
    assert ledger.last_run("r9") is None


def test_records_of_the_newest_30_runs_are_whole_and_all_are_told_in_short(ledger: LedgerStore) -> None:
    names = [f"n{number}" for number in range(33)]
    for name in names:
        ledger.begin(name, "run", "c0ffee", START)
        ledger.finish(run(name), 3)
    assert [name for name in names if ledger.last_run(name) is None] == names[:3]
    with ledger._database.reading() as connection:
        short = connection.execute(select(runs.c.id, runs.c.exit_code, runs.c.in_line)).all()
    assert [tuple(row) for row in short if row.id != "r1"] == [(name, 3, 10) for name in names]


def test_finishing_what_was_never_begun_is_a_bug(ledger: LedgerStore) -> None:
    with pytest.raises(LookupError, match="never begun"):
        ledger.finish(run("r9"), 0)


ROWS: dict[str, dict[str, Reading]] = {
    "host/a": {"os.name": "Debian", "user.eve.shell": NONE, "sshd.x": Unknown("sshd -T needs root")},
    "host/b": {"os.name": "Ubuntu", "user.eve.shell": "/bin/sh", "sshd.x": "no"},
    "host/c": {"os.name": Unknown("silent"), "user.eve.shell": Unknown("silent"), "sshd.x": Unknown("silent")},
}


def _cells(table: Table, *names: str) -> dict[str, tuple[Reading, ...]]:
    return {resource: tuple(table.reading(resource, name) for name in names) for resource in table.ids()}


def _last(ledger: LedgerStore, kind: str = "host") -> Sweep:
    last = ledger.last_sweep(kind)
    assert last is not None
    return last


def test_a_sweep_comes_back_whole(ledger: LedgerStore) -> None:
    assert ledger.last_sweep("host") is None
    look = sweep(ROWS, unseen={"host/c": "silent"})
    ledger.record_sweep("r1", look, ())
    last = _last(ledger)
    names = ("os.name", "user.eve.shell", "sshd.x")
    assert _cells(last.table, *names) == _cells(look.table, *names)
    assert last.table.site("host/a") == "east"
    assert replace(last, table=look.table) == look
    assert ledger.last_sweep("device") is None


class _Foreign:
    """A table that is not made of polars columns, as a system might bring one."""

    def ids(self) -> tuple[str, ...]:
        return tuple(ROWS)

    def site(self, resource: str) -> str:
        return "west" if resource in ROWS else ""

    def reading(self, resource: str, field: str) -> Reading:
        return ROWS[resource][field]


def test_a_table_of_another_make_is_kept_too(ledger: LedgerStore) -> None:
    names = ("os.name", "user.eve.shell", "sshd.x")
    ledger.record_sweep("r1", replace(sweep(ROWS), table=_Foreign()), [field(n) for n in names])
    last = _last(ledger)
    assert _cells(last.table, *names) == {r: tuple(ROWS[r][n] for n in names) for r in ROWS}
    assert last.table.site("host/b") == "west"


def test_the_next_run_replaces_the_sweep(ledger: LedgerStore) -> None:
    ledger.record_sweep("r1", sweep(ROWS), ())
    ledger.begin("r2", "run", "c0ffee", START + HOUR)
    ledger.record_sweep("r2", sweep({"host/a": {"os.name": "Alpine"}}, at=START + HOUR), ())
    last = _last(ledger)
    assert _cells(last.table, "os.name") == {"host/a": ("Alpine",)}
    assert (last.expected, last.as_of) == (1, START + HOUR)


def test_a_second_look_of_the_same_run_is_laid_over_cell_by_cell(ledger: LedgerStore) -> None:
    ledger.record_sweep("r1", sweep(ROWS, unseen={"host/c": "silent"}), ())
    again = {"host/b": {"sshd.x": "yes"}, "host/c": {"sshd.x": "yes"}}
    ledger.record_sweep("r1", sweep(again, at=START + HOUR), ())
    last = _last(ledger)
    assert _cells(last.table, "os.name", "sshd.x") == {
        "host/a": ("Debian", Unknown("sshd -T needs root")),
        "host/b": ("Ubuntu", "yes"),
        "host/c": (Unknown("silent"), "yes"),
    }
    assert (last.expected, last.seen, last.unseen, last.proven) == (3, 3, (), True)
    assert last.as_of == START  # the oldest of the cells

    ledger.record_sweep("r1", sweep({"host/a": {"sshd.x": Unknown("hangs")}}, unseen={"host/a": "hangs"}), ())
    last = _last(ledger)
    assert (last.seen, last.unseen) == (2, (Unseen("host/a", "hangs"),))
    assert last.table.reading("host/a", "sshd.x") == Unknown("hangs")


def test_a_second_look_at_everything_is_as_new_as_itself(ledger: LedgerStore) -> None:
    ledger.record_sweep("r1", sweep(ROWS), ())
    ledger.record_sweep("r1", sweep(ROWS, at=START + HOUR), ())
    assert _last(ledger).as_of == START + HOUR


def test_the_caller_may_say_that_a_look_is_whole_or_not(ledger: LedgerStore) -> None:
    part = sweep({"host/a": {"os.name": "Alpine"}}, proven=False)
    ledger.record_sweep("r1", sweep(ROWS), ())
    ledger.begin("r2", "apply", "c0ffee", START)
    ledger.record_sweep("r2", part, (), whole=False)
    assert _cells(_last(ledger).table, "os.name") == {
        "host/a": ("Alpine",),
        "host/b": ("Ubuntu",),
        "host/c": (Unknown("silent"),),
    }
    assert _last(ledger).proven
    ledger.record_sweep("r2", part, (), whole=True)
    assert _cells(_last(ledger).table, "os.name") == {"host/a": ("Alpine",)}
    assert not _last(ledger).proven


def test_each_system_keeps_its_own_and_the_newest_answers(ledger: LedgerStore) -> None:
    ledger.record_sweep("r1", sweep(ROWS, system="one", kind="device"), ())
    ledger.record_sweep("r1", sweep({"host/z": {"os.name": "x"}}, system="two", kind="device", at=START + HOUR), ())
    assert _last(ledger, "device").system == "two"
    ledger.begin("r2", "run", "c0ffee", START)
    ledger.record_sweep("r2", sweep(ROWS, system="one", kind="device", at=START - HOUR), ())
    assert _last(ledger, "device").system == "one"


def test_how_much_was_seen_stays_with_the_run(ledger: LedgerStore) -> None:
    ledger.record_sweep("r1", sweep(ROWS, unseen={"host/c": "silent"}), ())
    ledger.record_sweep("r1", sweep({}, system="google", kind="device", proven=False), ())
    with ledger._database.reading() as connection:
        seen = connection.execute(select(runs.c.seen)).scalar_one()
    assert seen == [["hosts", "host", 3, 2, True], ["google", "device", 0, 0, False]]


def test_identities_are_replaced_one_by_one(ledger: LedgerStore) -> None:
    assert ledger.identities() == {}
    ledger.remember_identities({"host/a": "1", "host/b": "2"}, START)
    ledger.remember_identities({"host/b": "3", "host/c": "4"}, START + HOUR)
    ledger.remember_identities({}, START + HOUR)
    assert ledger.identities() == {"host/a": "1", "host/b": "3", "host/c": "4"}


def test_the_last_good_population_is_kept_by_kind(ledger: LedgerStore) -> None:
    assert ledger.population("host") is None
    ledger.accept_population("host", 20, START)
    ledger.accept_population("device", 5000, START)
    ledger.accept_population("host", 19, START + HOUR)
    assert (ledger.population("host"), ledger.population("device")) == (19, 5000)
