"""Playbooks: what would act while it is only rehearsed, and the digest over everything that could run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agent.intake.playbooks import digest
from tests.intake.cases import CASES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.intake.district import District

FOLDERS = sorted((CASES / "playbooks").iterdir())


def overlay(district: District, case: Path) -> None:
    """Lay the files of a case over a district."""
    for path in case.rglob("*"):
        name = path.relative_to(case).as_posix()
        if path.is_file() and name != "problems.txt":
            district.write("policies/hosts/case.yaml" if name == "policy.yaml" else name, path.read_bytes())


@pytest.mark.parametrize("case", FOLDERS, ids=lambda case: case.name)
def test_what_acts_in_check_mode_is_refused_with_its_line(district: District, case: Path) -> None:
    overlay(district, case)
    assert district.problems() == (case / "problems.txt").read_text().splitlines()


def test_every_part_of_the_digest_counts(tmp_path: Path) -> None:
    folder = tmp_path / "playbooks" / "roles" / "web"
    folder.mkdir(parents=True)
    (folder / "a.yml").write_text("a")
    (folder / "b.yml").write_text("b")
    seen = {digest(tmp_path)[0]}

    def new() -> bool:
        found, problems = digest(tmp_path)
        assert not problems
        fresh = found not in seen
        seen.add(found)
        return fresh

    assert not new()
    (folder / "b.yml").write_text("c")
    assert new()
    (folder / "b.yml").rename(folder / "d.yml")
    assert new()
    (folder / "a.yml").chmod(0o755)
    assert new()
    (folder / "link.yml").symlink_to("a.yml")
    assert new()
    (folder / "link.yml").unlink()
    (folder / "link.yml").symlink_to("d.yml")
    assert new()
    (folder / "more").symlink_to("../web")
    assert new()
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert not new()
    os.utime(folder / "a.yml", (0, 0))
    assert not new()


def test_without_playbooks_there_is_a_digest_too(tmp_path: Path) -> None:
    assert len(digest(tmp_path)[0]) == 64


def test_the_digest_covers_all_that_runs_or_says_so(district: District) -> None:
    outside = district.root.parent / "outside.yml"
    outside.write_text("- hosts: all\n")
    (district.root / "playbooks/out.yml").symlink_to(outside)
    (district.root / "playbooks/folder").symlink_to("/etc")
    os.mkfifo(district.root / "playbooks/pipe")
    policy = "policy: A-1\ntitle: a\napplies_to: {kind: host}\nexpect: {hostname: a}\n"
    remedy = "remedy: [{do: ansible.playbook, with: {playbook: playbooks/out.yml}}]\n"
    district.write("policies/hosts/case.yaml", policy + remedy)
    assert district.problems() == [
        "playbooks/folder: This link leads out of playbooks/.",
        "playbooks/out.yml: This link leads out of playbooks/.",
        "playbooks/pipe: This is neither a file nor a folder.",
        "policies/hosts/case.yaml:5:50: 'playbooks/out.yml' is a link that leads out of playbooks/.",
    ]
