"""Manual pages are made from the table of commands, and groff reads them without a word of complaint."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.cli.man import pages

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

PAGES = Path(__file__).parents[2] / "man"


def groff(page: Path) -> tuple[str, str]:
    """A page as a terminal shows it, and what groff has to say of it."""
    done = subprocess.run(
        ["groff", "-man", "-ww", "-k", "-Tutf8", "-P-cbou", str(page)], capture_output=True, text=True, check=True
    )
    return done.stdout, done.stderr


@pytest.fixture
def written(driftbell: Driftbell, tmp_path: Path) -> Path:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    assert driftbell("man", str(tmp_path / "man")).code == 0
    return tmp_path / "man"


def test_there_is_a_page_for_every_command_and_groff_has_no_complaint(driftbell: Driftbell, written: Path) -> None:
    told = driftbell("--help").out.partition("Commands:")[2]
    commands = {line.split()[0] for line in told.splitlines() if line.startswith("  ") and line[2] != " "}
    assert {"init", "doctor", "demo", "check", "run"} <= commands
    assert {f"driftbell-{name}.1" for name in commands} <= {p.name for p in written.iterdir()}
    for page in sorted(written.iterdir()):
        assert not groff(page)[1], page.name


def test_a_page_has_every_option_of_the_help(driftbell: Driftbell, written: Path) -> None:
    for name in ("init", "run", "explain"):
        shown = groff(written / f"driftbell-{name}.1")[0]
        options = [w.strip(",") for w in driftbell(name, "--help").out.split() if w.startswith("--")]
        assert len(options) > 3
        assert [o for o in options if o not in shown] == []


def test_the_first_page_tells_exit_codes_and_files(written: Path) -> None:
    shown = " ".join(groff(written / "driftbell.1")[0].split())
    assert "70 a bug in Driftbell" in shown
    assert "/etc/driftbell/driftbell.yaml" in shown


def test_what_is_written_for_programmers_stands_in_no_page_and_no_help(driftbell: Driftbell) -> None:
    assert not [name for name, text in pages().items() if "Raises:" in text]
    assert "Raises:" not in driftbell("demo", "--help").out
    assert "man" not in driftbell("--help").out.partition("Commands:")[2].split()


def test_the_pages_that_the_wheel_carries_are_those_of_the_commands() -> None:
    kept = {p.name: p.read_text(encoding="utf-8") for p in PAGES.iterdir()}
    assert kept == pages(), "run `make man`"


def test_a_place_that_cannot_be_written_is_a_sentence(driftbell: Driftbell) -> None:
    (driftbell.folder / "file").write_text("")
    said = driftbell("man", str(driftbell.folder / "file"))
    assert said.code == 2
    assert "cannot be written" in said.err
