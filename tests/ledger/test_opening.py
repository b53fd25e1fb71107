"""Opening: making, modes, migrations, versions, what is no ledger, and looking without touching."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from agent.errors import InputError, UnseenError
from agent.ledger import versions
from agent.ledger.store import open_ledger
from agent.ledger.tables import metadata
from tests.ledger.nouns import NOTHING_FIXED, START, action, approved, digest, finding, judged, said

PROJECT = Path(__file__).parents[2]


def test_a_new_ledger_is_made_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state" / "ledger.db"
    with open_ledger(path) as ledger:
        ledger.begin("r1", "run", "c0ffee", START)
        modes = {p.name: oct(p.stat().st_mode & 0o777) for p in (path.parent, *path.parent.iterdir())}
    assert modes == {
        "state": "0o700",
        "ledger.db": "0o600",
        "ledger.db.lock": "0o600",
        "ledger.db-wal": "0o600",
        "ledger.db-shm": "0o600",
    }


def test_a_ledger_that_others_may_read_is_closed_to_them(path: Path) -> None:
    path.chmod(0o644)
    open_ledger(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_path_or_an_address_names_it(tmp_path: Path) -> None:
    path = tmp_path / "with space % and #.db"
    for number, where in enumerate((path, str(path), f"sqlite:///{path}")):
        with open_ledger(where) as ledger:
            ledger.approvals.add(said(digest("a"), f"person {number}", START))
    with open_ledger(path) as ledger:
        assert len(ledger.approvals.of(digest("a"))) == 3
    assert {p.name for p in tmp_path.iterdir()} == {path.name, f"{path.name}.lock"}


@pytest.mark.parametrize("where", ["mysql://root:secret@db/x", "sqlite://", "https://example.com"])
def test_another_address_is_refused_without_its_password(where: str) -> None:
    with pytest.raises(InputError, match="give a path, or sqlite:///PATH") as told:
        open_ledger(where)
    assert "secret" not in str(told.value)


def test_the_migrations_make_what_the_tables_say(path: Path) -> None:
    with open_ledger(path) as ledger, ledger._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        indexes = {n for (n,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE sql LIKE '%INDEX%'")}
    assert indexes == {i.name for t in metadata.tables.values() for i in t.indexes}


def test_the_program_knows_the_newest_migration() -> None:
    assert ScriptDirectory(str(versions.SCRIPTS)).get_heads() == [versions.NEWEST]


def test_the_tables_are_portable_to_postgresql() -> None:
    for table in metadata.sorted_tables:
        CreateTable(table).compile(dialect=postgresql.dialect())
        for index in table.indexes:
            CreateIndex(index).compile(dialect=postgresql.dialect())


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_ledger_is_refused_and_left_alone(path: Path, read_only: bool) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
    before = path.read_bytes()
    with pytest.raises(
        InputError, match=rf"newer Driftbell \(its version is 0099, this program knows {versions.NEWEST}\)"
    ):
        open_ledger(path, read_only=read_only)
    assert path.read_bytes() == before


@pytest.mark.parametrize("read_only", [False, True])
def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "places.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    with pytest.raises(InputError, match="a database, but not a ledger of Driftbell"):
        open_ledger(path, read_only=read_only)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]


@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_that_is_no_database_is_told(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"this is no database, it is a letter home" * 200)
    with pytest.raises(UnseenError, match=r"ledger\.db is damaged .* `driftbell restore`"):
        open_ledger(path, read_only=read_only)


def test_a_damaged_page_is_told(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.begin("r1", "run", "c0ffee", START)
        ledger.record_findings("r1", START, [judged("P", *(finding("P", f"h{n}") for n in range(500)))], NOTHING_FIXED)
    whole = path.read_bytes()
    path.write_bytes(whole[: 4096 * 4] + os.urandom(len(whole) - 4096 * 4))
    with pytest.raises(UnseenError, match="is damaged"), open_ledger(path) as ledger:
        ledger.open_findings()


def test_a_damaged_value_is_told(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.begin("r1", "run", "c0ffee", START)
        ledger.record_findings("r1", START, [judged("P", finding("P", "a"))], NOTHING_FIXED)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE wording SET body = x'ff00'")
    with open_ledger(path) as ledger, pytest.raises(UnseenError, match="is damaged"):
        ledger.open_findings()


@pytest.mark.parametrize("read_only", [False, True])
def test_a_directory_in_its_place_is_told(tmp_path: Path, read_only: bool) -> None:
    with pytest.raises(UnseenError, match="cannot be opened: it is not a file"):
        open_ledger(tmp_path, read_only=read_only)


def test_a_place_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnseenError, match=r"cannot be made: File exists \(.*/file\)"):
        open_ledger(tmp_path / "file" / "ledger.db")
    with pytest.raises(UnseenError, match="cannot be"):
        open_ledger(Path("/proc/driftbell/ledger.db"))


def test_looking_where_there_is_none_makes_nothing(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "state" / "ledger.db", read_only=True) as ledger:
        assert ledger.open_findings() == ()
        assert ledger.last_run() is None
        assert approved(ledger) == frozenset()
        assert ledger.spool.waiting() == ()
        with pytest.raises(UnseenError, match="opened for reading only"):
            ledger.begin("r1", "run", "c0ffee", START)
    assert list(tmp_path.iterdir()) == []


def test_looking_at_one_that_is_there_cannot_write(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.begin("r1", "run", "c0ffee", START)
        ledger.record_findings("r1", START, [judged("P", finding("P", "a"))], NOTHING_FIXED)
    before = path.read_bytes()
    with open_ledger(path, read_only=True) as ledger:
        assert len(ledger.open_findings()) == 1
        with pytest.raises(UnseenError, match="opened for reading only"):
            ledger.approvals.add(said(digest("a"), "director", START))
    assert path.read_bytes() == before


def test_an_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.touch()
    with open_ledger(path, read_only=True) as ledger:
        assert ledger.open_findings() == ()
    assert path.read_bytes() == b""
    with open_ledger(path) as ledger:
        ledger.begin("r1", "run", "c0ffee", START)


def test_a_copy_made_by_vacuum_can_again_be_read_during_a_run(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    with open_ledger(copy) as ledger, open_ledger(copy, read_only=True) as other:
        with other._database.reading() as reading:
            assert reading.exec_driver_sql("SELECT count(*) FROM approval").scalar() == 0
            ledger.approvals.add(said(digest("a"), "director", START))  # does not wait for the reader
            assert reading.exec_driver_sql("SELECT count(*) FROM approval").scalar() == 0
        assert approved(other) == {digest("a")}


def test_a_ledger_that_somebody_is_making_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger.db"
    monkeypatch.setattr(versions, "PATIENCE", 0.1)
    with versions.locked(path), pytest.raises(UnseenError, match="held by another program that does not end"):
        open_ledger(path)
    assert not path.exists()
    open_ledger(path).close()


FOLLOWING = f"{int(versions.NEWEST) + 1:04d}"
NEXT = '''
"""A second version, for the test."""
import sqlalchemy as sa
from alembic import op

revision = "{next}"
down_revision = "{newest}"


def upgrade():
    op.add_column("finding", sa.Column("note", sa.Text()))
    op.execute("UPDATE finding SET note = 'raised'")
    with op.batch_alter_table("intent", recreate="always") as intent:
        intent.alter_column("process_group", new_column_name="pgid")
    {more}
'''


def _next_version(tmp_path: Path, more: str = "") -> Path:
    scripts = tmp_path / "scripts%20"
    shutil.copytree(versions.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    text = NEXT.format(more=more, next=FOLLOWING, newest=versions.NEWEST)
    (scripts / "versions" / f"{FOLLOWING}_test.py").write_text(text)
    return scripts


def _in_use(path: Path) -> None:
    with open_ledger(path) as ledger:
        ledger.begin("r1", "run", "c0ffee", START)
        ledger.record_findings("r1", START, [judged("P", finding("P", "a"))], NOTHING_FIXED)
        ledger.intend("r1", [(digest(), action())], START)


def test_raising_the_version_keeps_the_data_and_a_copy(path: Path, tmp_path: Path) -> None:
    _in_use(path)
    versions.make_current(path, _next_version(tmp_path), FOLLOWING)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(FOLLOWING,)]
        assert connection.execute("SELECT note FROM finding").fetchall() == [("raised",)]
        assert connection.execute("SELECT pgid FROM intent").fetchall() == [(0,)]
    copy = path.with_name(f"ledger.db.before-{FOLLOWING}")
    assert copy.stat().st_mode & 0o777 == 0o600
    with open_ledger(copy) as ledger:
        assert len(ledger.open_findings()) == len(ledger.unfinished()) == 1


def test_a_migration_that_fails_leaves_the_ledger_as_it_was(path: Path, tmp_path: Path) -> None:
    _in_use(path)
    scripts = _next_version(tmp_path, more="op.execute('SELECT nonsense FROM nowhere')")
    with pytest.raises(Exception, match="no such table: nowhere"):
        versions.make_current(path, scripts, FOLLOWING)
    with open_ledger(path) as ledger:
        assert len(ledger.open_findings()) == len(ledger.unfinished()) == 1


def test_a_migration_that_breaks_a_link_is_rolled_back(path: Path, tmp_path: Path) -> None:
    _in_use(path)
    scripts = _next_version(tmp_path, more="op.execute('DELETE FROM run')")
    with pytest.raises(RuntimeError, match="points nowhere"):
        versions.make_current(path, scripts, FOLLOWING)
    with open_ledger(path) as ledger:
        assert len(ledger.unfinished()) == 1


def test_an_older_ledger_is_not_touched_by_looking(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(InputError, match="from an older Driftbell"):
        open_ledger(path, read_only=True)


def test_a_current_ledger_opens_without_alembic_cattrs_and_polars(path: Path) -> None:
    seen = _python(
        "import sys; from agent.ledger.store import open_ledger; open_ledger(sys.argv[1]).open_findings();"
        "print([m for m in ('alembic', 'cattrs', 'polars') if m in sys.modules])",
        path,
    )
    assert seen.strip() == "[]"


def test_importing_the_room_reads_no_database_library() -> None:
    assert _python("import sys, agent.ledger; print('sqlalchemy' in sys.modules)").strip() == "False"


def _python(code: str, *arguments: object) -> str:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True, timeout=60).stdout
