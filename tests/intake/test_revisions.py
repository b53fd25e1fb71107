"""Revisions of a real git repository: what names stand for, the files of one, and that nothing of it runs."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from agent.errors import InputError
from agent.intake.git import past

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *words: str) -> str:
    plain = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ["-c", "user.name=Ada Example", "-c", "user.email=ada@riverton.example"]
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, env={**os.environ, **plain}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Give a repository with two commits on main, a tag on the first, and a branch."""
    root = tmp_path / "district"
    (root / "policies").mkdir(parents=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    for number, title in enumerate(("First", "Second")):
        (root / "policies" / "a.yaml").write_text(f"number: {number}\n")
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "-m", title)
    git(root, "tag", "first", "HEAD~1")
    git(root, "branch", "stricter")
    return root


def text(root: Path) -> str:
    return (root / "policies" / "a.yaml").read_text()


def test_names_stand_for_commits(repository: Path, tmp_path: Path) -> None:
    known = past(str(repository), tmp_path / "checkouts")
    first, second = git(repository, "rev-parse", "first"), git(repository, "rev-parse", "main")
    for name in ("first", "HEAD~1", "@~1", "main^", first, first[:8]):
        assert known.commit(name) == first, name
    assert known.commit("HEAD") == known.commit("stricter") == second
    (told,) = known.commits(first, second, ["policies/a.yaml"])
    assert (told.id, told.title, told.author) == (second, "Second", "Ada Example <ada@riverton.example>")
    assert known.commits(first, second, ["policies/b.yaml"]) == ()
    assert known.commits("dirty:1", second) == ()
    assert known.same(first, second, "policies") is False
    assert known.same(second, second, "policies") is True


@pytest.mark.parametrize("name", ["strict", "-x", "--all", "a b", "", "HEAD:policies", "main..first", "\x1b[2J"])
def test_what_is_no_revision_is_a_sentence(repository: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="has no revision") as told:
        past(str(repository), tmp_path / "checkouts").commit(name)
    assert "\x1b" not in str(told.value)
    if name == "strict":
        assert "did you mean 'stricter'?" in str(told.value)


def test_the_files_of_a_revision_stand_apart_from_the_working_tree(repository: Path, tmp_path: Path) -> None:
    (repository / "policies" / "a.yaml").write_text("number: here\n")
    known = past(str(repository), tmp_path / "checkouts")
    checkout = known.checkout("first")
    assert text(checkout.root) == "number: 0\n"
    assert text(known.checkout("main").root) == "number: 1\n"
    assert text(repository) == "number: here\n"
    assert checkout.revision.author == "Ada Example <ada@riverton.example>"
    assert git(repository, "status", "--short") == "M policies/a.yaml"


def test_a_folder_inside_a_repository_has_its_own_files(repository: Path, tmp_path: Path) -> None:
    inner = repository / "it" / "district"
    (inner / "policies").mkdir(parents=True)
    (inner / "policies" / "a.yaml").write_text("number: inner\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "-m", "Inner")
    known = past(str(inner), tmp_path / "checkouts")
    assert text(known.checkout("HEAD").root) == "number: inner\n"
    assert known.same("HEAD", "main", "policies") is True


def test_nothing_that_a_repository_configures_runs(repository: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    git(repository, "config", "filter.evil.smudge", f"sh -c 'touch {ran}; cat'")
    (repository / ".gitattributes").write_text("*.yaml filter=evil\n")
    hook = repository / ".git" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    git(repository, "add", ".gitattributes")
    git(repository, "commit", "--quiet", "-m", "Filters")
    ran.unlink(missing_ok=True)
    assert text(past(str(repository), tmp_path / "checkouts").checkout("HEAD").root) == "number: 1\n"
    assert not ran.exists()


def test_a_url_is_fetched_with_every_branch_and_tag(repository: Path, tmp_path: Path) -> None:
    known = past(f"file://{repository}", tmp_path / "checkouts")
    assert known.commit("first") == git(repository, "rev-parse", "first")
    assert text(known.checkout("stricter~1").root) == "number: 0\n"
    with pytest.raises(InputError, match="did you mean 'stricter'"):
        known.commit("stricte")
    git(repository, "branch", "--delete", "--force", "stricter")
    with pytest.raises(InputError, match="has no revision"):
        past(f"file://{repository}", tmp_path / "checkouts").commit("stricter")


def test_a_directory_without_git_has_no_past(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    with pytest.raises(InputError, match="has no commits in git"):
        past(str(folder), tmp_path / "checkouts")
