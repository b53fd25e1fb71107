"""`driftbell fmt`: what it writes, what it leaves alone, and what it says."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from agent import example
from agent.bootstrap import catalog
from agent.cli.fmt import _put
from agent.errors import InputError
from agent.example.answers import Answers, School
from tests.cli.fixtures import Said

ROOT = Path(__file__).parent.parent.parent
ANSWERS = Answers("Our District", director="a@b.example", schools=(School("East", "/Students/East"),),
                  lists=("google_devices", "snipe_it"))  # fmt: skip
BEFORE = "title: A\npolicy: A-1\nexpect:\n    hostname: a   # why\napplies_to: {kind: host}\n"
AFTER = "policy: A-1\ntitle: A\napplies_to: {kind: host}\nexpect:\n  hostname: a     # why\n"
DISTRICT = "district: {timezone: America/Chicago, name: R}\n"


def fmt(folder: Path, *words: str, given: str = "") -> Said:
    done = subprocess.run(
        [sys.executable, "-m", "agent", "fmt", *words],
        cwd=folder, input=given, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)},
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Give a repository with a policy that nobody laid out yet."""
    for name, text in {"hosts/a.yaml": BEFORE, "district.yaml": DISTRICT, "hosts/.hidden.yaml": BEFORE}.items():
        path = tmp_path / "policies" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_every_file_of_the_repository_is_laid_out_and_then_nothing_is_left(repository: Path) -> None:
    said = fmt(repository)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == ["policies/district.yaml: laid out anew.", "policies/hosts/a.yaml: laid out anew."]
    assert (repository / "policies/hosts/a.yaml").read_text() == AFTER
    assert (repository / "policies/hosts/.hidden.yaml").read_text() == BEFORE
    assert fmt(repository, "--check") == fmt(repository) == Said(0, "", "")
    assert sorted(path.name for path in (repository / "policies/hosts").iterdir()) == [".hidden.yaml", "a.yaml"]


def test_check_names_the_files_changes_nothing_and_leaves_with_one(repository: Path) -> None:
    said = fmt(repository, "--check", "policies/hosts")
    assert (said.code, said.out) == (1, "policies/hosts/a.yaml is not laid out like this yet.\n")
    assert (repository / "policies/hosts/a.yaml").read_text() == BEFORE


def test_the_result_can_be_printed_and_an_editor_may_pipe(repository: Path) -> None:
    assert fmt(repository, "--stdout", "policies/hosts/a.yaml") == Said(0, AFTER, "")
    assert (repository / "policies/hosts/a.yaml").read_text() == BEFORE
    assert fmt(repository, "-", given=BEFORE) == Said(0, AFTER, "")


def test_a_file_keeps_its_rights_and_a_link_stays_a_link(repository: Path) -> None:
    path = repository / "policies/hosts/a.yaml"
    path.chmod(0o640)
    link = repository / "link.yaml"
    link.symlink_to(path)
    assert fmt(repository, "link.yaml").code == 0
    assert link.is_symlink()
    assert path.read_text() == AFTER
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_broken_file_is_told_with_its_place_and_the_others_are_still_laid_out(repository: Path) -> None:
    broken = repository / "policies/hosts/b.yaml"
    broken.write_text("policy: [a\n")
    said = fmt(repository)
    assert said.code == 2
    assert said.err.startswith("policies/hosts/b.yaml:1:9: The list that begins with [ here has no end")
    assert broken.read_text() == "policy: [a\n"
    assert (repository / "policies/hosts/a.yaml").read_text() == AFTER


def test_a_file_of_somebody_else_and_one_that_is_not_there_are_refused(repository: Path) -> None:
    (repository / "play.yml").write_text("- hosts: all\n")
    assert fmt(repository, "play.yml").code == 2
    assert "left as it is" in fmt(repository, "play.yml").err
    assert fmt(repository, "none.yaml") == Said(2, "", "none.yaml: There is no such file or folder.\n")


def test_a_place_that_cannot_be_written_to_is_told_and_nothing_is_left_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone/a.yaml: This file cannot be written: No such file or directory."):
        _put(tmp_path / "gone" / "a.yaml", AFTER)
    (tmp_path / "a.yaml").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        _put(tmp_path / "a.yaml", AFTER)
    assert [path.name for path in tmp_path.iterdir()] == ["a.yaml"]


def test_the_example_and_what_init_writes_are_laid_out_like_this(tmp_path: Path) -> None:
    for folder in ("policies", "inventory"):
        shutil.copytree(ROOT / folder, tmp_path / "example" / folder)
    example.lay_down(tmp_path / "new", ANSWERS, catalog())
    for repository in ("example", "new", "new/later"):
        assert fmt(tmp_path, "--check", repository) == Said(0, "", "")
