"""A damaged ledger: it is set aside, a whole copy takes its place, and nothing is changed until a person looked."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from agent.bootstrap.housekeeping import back_up, copies, keep_house
from agent.errors import InputError, UnseenError
from agent.ledger.store import open_ledger
from agent.settings import DaemonSettings, Settings
from tests.cli.daemons import daemon

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

AT = datetime(2026, 10, 14, 15, tzinfo=UTC)


@pytest.fixture
def ran(driftbell: Driftbell) -> Driftbell:
    """A district that was looked at once, and whose ledger was copied."""
    driftbell.hosts({"web1": {"ansible_connection": "local"}})
    driftbell.policy("HOST-01", expect={"hostname": "nobody"}, mode="audit")
    driftbell("run", "--mail", "never")
    copied(driftbell, AT)
    return driftbell


def settings(driftbell: Driftbell, **given: int) -> Settings:
    return Settings(str(driftbell.repo), driftbell.state, daemon=DaemonSettings(**given))  # type: ignore[arg-type]


def copied(driftbell: Driftbell, at: datetime, **given: int) -> Path:
    with open_ledger(driftbell.state / "ledger.db") as store:
        return back_up(settings(driftbell, **given), store, at)


def damage(file: Path) -> None:
    """Write over the middle of a ledger."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = file.stat().st_size
    with file.open("r+b") as raw:
        raw.seek(4096)
        raw.write(b"\xa5" * (size - 8192))


def test_a_copy_is_whole_and_only_so_many_are_kept(ran: Driftbell) -> None:
    for day in range(1, 6):
        copied(ran, AT + timedelta(days=day), keep_backups=3)
    kept = copies(settings(ran))
    assert [c.name for c in kept] == [f"ledger-202610{day}T150000Z.db" for day in (17, 18, 19)]
    for one in kept:
        assert one.stat().st_mode & 0o777 == 0o600
        with open_ledger(one, read_only=True) as store:
            assert store.newest_run()


def test_the_house_is_kept_once_a_day_and_after_a_clock_was_put_right(ran: Driftbell) -> None:
    said: list[str] = []
    ours = settings(ran)
    with open_ledger(ran.state / "ledger.db") as store:
        for _ in range(3):
            keep_house(ours, store, lambda event, **_about: said.append(event))
    assert said == ["ledger copied"]
    (ours.backups / "ledger-20990101T000000Z.db").write_bytes(b"")  # of a clock that was far ahead
    with open_ledger(ran.state / "ledger.db") as store:
        keep_house(ours, store, lambda event, **_about: said.append(event))
    assert said == ["ledger copied"] * 2


def test_a_copy_of_a_damaged_ledger_is_not_kept(ran: Driftbell) -> None:
    damage(ran.state / "ledger.db")
    with sqlite3.connect(ran.state / "ledger.db"), pytest.raises(UnseenError, match="damaged"):
        copied(ran, AT + timedelta(days=1))
    assert [c.name for c in copies(settings(ran))] == ["ledger-20261014T150000Z.db"]
    assert not list((ran.state / "backups").glob("*.part"))


def test_a_person_restores_and_says_that_changes_may_go_on(ran: Driftbell) -> None:
    damage(ran.state / "ledger.db")
    refused = ran("run", "--mail", "never")
    assert refused.code == 3
    assert "is damaged" in refused.err
    assert "`driftbell restore`" in refused.err
    listed = ran("restore", "--list")
    assert "ledger-20261014T150000Z.db  of 2026-10-14 15:00 UTC" in listed.out
    done = ran("restore")
    assert done.code == 0, done.err
    assert "The ledger was set aside: " in done.out
    assert "what was changed since 2026-10-14 15:00 UTC is not known" in done.out
    assert ran("status", "--json").json["stopped"]
    assert ran("run", "--mail", "never").code == 1  # it looks, and finds what it found before
    assert ran("resume").code == 0
    assert len(list(ran.state.glob("ledger.db.aside-*Z"))) == 1


def test_the_newest_copy_that_is_whole_is_taken(ran: Driftbell) -> None:
    for day, spoiled in ((1, False), (2, True)):
        copy = copied(ran, AT + timedelta(days=day))
        if spoiled:
            damage(copy)
    damage(ran.state / "ledger.db")
    said = ran("restore").out
    assert "ledger-20261016T150000Z.db cannot be used" in said
    assert "ledger-20261015T150000Z.db took its place" in said


def test_without_a_copy_a_new_one_is_begun(ran: Driftbell) -> None:
    shutil.rmtree(ran.state / "backups")
    damage(ran.state / "ledger.db")
    said = ran("restore").out
    assert "There is no whole copy in" in said
    assert "A new ledger is begun" in said
    assert ran("run", "--mail", "never").code == 1


@pytest.mark.parametrize("what", ["none", "text", "newer"])
def test_what_cannot_be_taken_changes_nothing(ran: Driftbell, what: str) -> None:
    copy = ran.folder / "copy.db"
    if what == "text":
        copy.write_text("hello " * 2000, encoding="utf-8")
    elif what == "newer":
        shutil.copy(copies(settings(ran))[0], copy)
        with closing(sqlite3.connect(copy)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = (ran.state / "ledger.db").read_bytes()
    refused = ran("restore", str(copy))
    assert refused.code in {2, 3}
    assert (ran.state / "ledger.db").read_bytes() == before
    assert not ran("status", "--json").json["stopped"]


def test_the_daemon_mends_a_damaged_ledger_and_changes_nothing(ran: Driftbell) -> None:
    damage(ran.state / "ledger.db")
    with daemon(ran) as running:
        running.cycles(1)
        refused = ran("restore")
        assert refused.code == 4
        assert "uses this ledger: end it first" in refused.err
        assert running.end() == 0
    assert any("took its place" in str(e.get("said")) for e in running.events())
    assert "the ledger was lost" in ran("status", "--json").json["stopped"]


def test_a_ledger_that_is_damaged_under_the_daemon_ends_it_so_that_the_next_one_mends_it(ran: Driftbell) -> None:
    with daemon(ran) as running:
        running.cycles(1)
        with (ran.state / "ledger.db").open("r+b") as raw:
            raw.write(b"\xa5" * (ran.state / "ledger.db").stat().st_size)
        ran.policy("HOST-02", expect={"hostname": "nobody"}, mode="audit")
        assert running.process.wait(90) == 3
    with daemon(ran) as running:
        running.cycles(1)
        assert running.end() == 0


def test_settings_of_a_newer_program_are_left_alone(ran: Driftbell) -> None:
    with closing(sqlite3.connect(ran.state / "ledger.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    refused = ran("daemon")
    assert refused.code == 2
    assert "was written by a newer Driftbell" in refused.err
    with pytest.raises(InputError, match="newer"):
        open_ledger(ran.state / "ledger.db")
