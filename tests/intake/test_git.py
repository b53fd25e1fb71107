"""The policy repository by real git: from a directory as it stands, and from a URL."""

from __future__ import annotations

import hashlib
import os
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from agent.errors import InputError, UnseenError
from agent.intake import git_remote
from agent.intake.git import sync

if TYPE_CHECKING:
    from pathlib import Path


class Repo:
    """A git repository in a directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        identity = {
            f"GIT_{who}_{what}": f"{who.lower()}@x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        dates = {"GIT_AUTHOR_DATE": "2026-11-22T08:00:00-06:00", "GIT_COMMITTER_DATE": "2026-11-22T08:00:00-06:00"}
        env = {**os.environ, **identity, **dates, "GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(["git", *arguments], cwd=self.path, env=env, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def commit(self, name: str = "policies/a.yaml", text: str = "a") -> str:
        self.write(name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit()
    return made


@pytest.fixture
def checkouts(tmp_path: Path) -> Path:
    return tmp_path / "checkouts"


def revision(path: Path, checkouts: Path) -> str:
    return sync(str(path), checkouts).revision.id


def test_a_clean_directory_is_its_commit(repo: Repo, checkouts: Path) -> None:
    found = sync(str(repo.path), checkouts)
    assert found.root == repo.path
    assert found.revision.id == repo.git("rev-parse", "HEAD")
    assert found.revision.author == "author@x <author@x>"
    assert found.revision.at == "2026-11-22T08:00:00-06:00"
    assert found.revision.source == str(repo.path)
    assert found.revision.signed is None
    assert found.warnings == ()
    assert not checkouts.exists()


def test_a_directory_below_the_top_is_its_commit_too(tmp_path: Path, checkouts: Path) -> None:
    repo = Repo(tmp_path / "many")
    commit = repo.commit("east/policies/a.yaml")
    assert revision(repo.path / "east", checkouts) == commit
    repo.write("west/policies/b.yaml", "not of this district")
    assert revision(repo.path / "east", checkouts) == commit
    repo.write("east/policies/a.yaml", "changed")
    assert revision(repo.path / "east", checkouts).startswith(f"{commit}+dirty:")


def test_whatever_differs_from_the_commit_shows(repo: Repo, checkouts: Path) -> None:
    commit = repo.git("rev-parse", "HEAD")
    seen: set[str] = set()

    def dirty() -> bool:
        found = revision(repo.path, checkouts)
        assert found not in seen
        assert found == revision(repo.path, checkouts)
        seen.add(found)
        return found.startswith(f"{commit}+dirty:") and len(found) == len(commit) + 19

    repo.write("policies/a.yaml", "changed")
    assert dirty()
    repo.git("add", "-A")
    repo.write("policies/a.yaml", "changed again")
    assert dirty()
    repo.write("playbooks/new file.yml", "x")
    assert dirty()
    repo.write("inventory/hosts.yml", "x").chmod(0o755)
    assert dirty()
    (repo.path / "inventory/hosts.yml").chmod(0o644)
    assert dirty()
    (repo.path / "policies/link").symlink_to("a.yaml")
    assert dirty()
    (repo.path / "policies/a.yaml").unlink()
    assert dirty()


def test_what_is_ignored_or_elsewhere_does_not_show(repo: Repo, checkouts: Path) -> None:
    repo.commit(".gitignore", "exports/\n")
    commit = repo.git("rev-parse", "HEAD")
    repo.write("inventory/exports/students.csv", "secret")
    repo.write("README.md", "new")
    assert revision(repo.path, checkouts) == commit


def test_what_is_never_loaded_may_be_committed(repo: Repo, checkouts: Path) -> None:
    repo.write("policies/__pycache__/a.pyc", "x")
    commit = repo.commit("policies/driftbell.schema.json", "{}")
    assert revision(repo.path, checkouts) == commit
    repo.write("policies/driftbell.schema.json", "{1}")
    assert revision(repo.path, checkouts) == commit
    repo.write("policies/a.yaml", "changed")
    assert revision(repo.path, checkouts).startswith(f"{commit}+dirty:")


def test_strange_names_are_names(repo: Repo, checkouts: Path) -> None:
    repo.commit("policies/a\nb \xe9'\"$(reboot).yaml")
    (repo.path / "policies" / os.fsdecode(b"not-utf-8-\xff")).write_text("x")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "x")
    assert revision(repo.path, checkouts) == repo.git("rev-parse", "HEAD")


def test_outside_git_the_revision_is_a_hash(tmp_path: Path, checkouts: Path) -> None:
    (tmp_path / "plain" / "policies").mkdir(parents=True)
    (tmp_path / "plain" / "policies" / "a.yaml").write_text("a")
    first = revision(tmp_path / "plain", checkouts)
    assert first.startswith("dirty:")
    assert len(first) == len("dirty:") + 12
    (tmp_path / "plain" / "policies" / "a.yaml").write_text("b")
    assert revision(tmp_path / "plain", checkouts) != first
    empty = Repo(tmp_path / "no-commit-yet")
    empty.write("policies/a.yaml", "b")
    assert revision(empty.path, checkouts) == revision(tmp_path / "plain", checkouts)


def test_without_git_a_directory_is_read_all_the_same(
    repo: Repo, checkouts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = sync(str(repo.path), checkouts)
    assert found.revision.id.startswith("dirty:")
    assert found.warnings == (
        "The program git is not installed: install it (apt-get install git). The revision is a hash of the files.",
    )
    with pytest.raises(UnseenError, match="git is not installed"):
        sync("https://git.example/x.git", checkouts)


def test_nothing_in_a_directory_can_make_git_run_it(repo: Repo, checkouts: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    evil = repo.write("evil.sh", f"#!/bin/sh\ntouch {ran}\ncat\n")
    evil.chmod(0o755)
    repo.write("policies/.gitattributes", "* filter=evil diff=evil\n")
    settings = (
        "core.fsmonitor",
        "filter.evil.clean",
        "filter.evil.process",
        "gpg.program",
        "core.pager",
        "diff.external",
    )
    for key in (*settings, "core.hooksPath", "core.sshCommand", "core.alternateRefsCommand", "diff.evil.textconv"):
        repo.git("config", key, str(evil))
    repo.git("config", "log.showSignature", "true")
    for hook in ("post-checkout", "post-index-change", "pre-auto-gc", "fsmonitor-watchman"):
        repo.write(f".git/hooks/{hook}", evil.read_text()).chmod(0o755)
    repo.write("policies/a.yaml", "changed")
    assert "+dirty:" in revision(repo.path, checkouts)
    assert not ran.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a directory to somebody else")
def test_root_may_read_what_belongs_to_somebody_else(repo: Repo, checkouts: Path) -> None:
    commit = repo.git("rev-parse", "HEAD")
    for path in (repo.path, *repo.path.rglob("*")):
        os.chown(path, 12345, 12345)
    assert revision(repo.path, checkouts) == commit
    assert revision(repo.path / ".git" / "..", checkouts) == commit
    found = sync(f"file://{repo.path}", checkouts)
    assert found.revision.id == commit


def test_a_url_is_fetched_each_time(repo: Repo, checkouts: Path) -> None:
    first = repo.git("rev-parse", "HEAD")
    found = sync(f"file://{repo.path}", checkouts)
    assert found.revision.id == first
    assert found.revision.author == "author@x <author@x>"
    assert found.revision.source == f"file://{repo.path}"
    assert (found.root / "policies/a.yaml").read_text() == "a"
    assert not (found.root / ".git").exists()
    again = sync(f"file://{repo.path}", checkouts)
    assert again == found
    second = repo.commit(text="b")
    repo.write("policies/a.yaml", "not committed")
    newer = sync(f"file://{repo.path}", checkouts)
    assert newer.revision.id == second
    assert (newer.root / "policies/a.yaml").read_text() == "b"
    assert (found.root / "policies/a.yaml").read_text() == "a"


def test_history_that_was_rewritten_is_read_as_it_is_now(repo: Repo, checkouts: Path) -> None:
    sync(f"file://{repo.path}", checkouts)
    repo.write("policies/a.yaml", "rewritten")
    repo.git("commit", "-q", "-a", "--amend", "-m", "y")
    assert sync(f"file://{repo.path}", checkouts).revision.id == repo.git("rev-parse", "HEAD")


def test_a_branch_is_named_behind_the_url(repo: Repo, checkouts: Path) -> None:
    main = repo.git("rev-parse", "HEAD")
    repo.git("switch", "-q", "-c", "summer/2027")
    summer = repo.commit(text="summer")
    repo.git("switch", "-q", "main")
    assert sync(f"file://{repo.path}#summer/2027", checkouts).revision.id == summer
    assert sync(f"file://{repo.path}", checkouts).revision.id == main
    with pytest.raises(InputError, match="has no branch 'winter'"):
        sync(f"file://{repo.path}#winter", checkouts)


def test_a_bare_directory_is_fetched_from(repo: Repo, checkouts: Path, tmp_path: Path) -> None:
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare.git"))
    found = sync(str(tmp_path / "bare.git"), checkouts)
    assert found.revision.id == repo.git("rev-parse", "HEAD")
    assert sync(f"{tmp_path}/bare.git#main", checkouts).revision.id == found.revision.id
    assert found.root.is_relative_to(checkouts)


def test_what_was_fetched_is_read_while_the_server_is_away(repo: Repo, checkouts: Path, tmp_path: Path) -> None:
    source = f"file://{repo.path}"
    before = sync(source, checkouts)
    repo.path.rename(tmp_path / "away")
    found = sync(source, checkouts)
    assert found.root == before.root
    assert found.revision == before.revision
    (warning,) = found.warnings
    assert warning.startswith(f"{source} cannot be fetched (")
    assert warning.endswith(" UTC is read.")
    assert "the last revision of 20" in warning


def test_what_was_never_fetched_is_unseen(tmp_path: Path, checkouts: Path) -> None:
    with pytest.raises(UnseenError, match=r"cannot be fetched: .*does not appear to be a git repository\.$"):
        sync(f"file://{tmp_path}/nowhere.git", checkouts)
    with pytest.raises(UnseenError, match=r"^https://127.0.0.1:9/x.git cannot be fetched: "):
        sync("https://somebody:hunter2@127.0.0.1:9/x.git", checkouts)
    with pytest.raises(UnseenError) as caught:
        sync("ssh://git:hunter2@127.0.0.1:9/x.git", checkouts)
    assert "hunter2" not in str(caught.value)
    Repo(tmp_path / "empty")
    with pytest.raises(InputError, match="has no commit yet"):
        sync(f"file://{tmp_path}/empty", checkouts)


def test_a_server_that_never_answers_is_given_up(
    repo: Repo, checkouts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(git_remote, "FIRST_SECONDS", 1.5)
        with pytest.raises(UnseenError, match=r"cannot be fetched: it took too long\.$"):
            sync(f"https://127.0.0.1:{silent.getsockname()[1]}/x.git", checkouts)
    assert repo.path.exists()
    assert tmp_path.exists()


@pytest.mark.parametrize(
    "source",
    [
        "--upload-pack=touch /tmp/x",
        "-x",
        "ext::sh -c 'touch /tmp/x'",
        "fd::17",
        "http://git.example/x.git",
        "git://git.example/x.git",
        "ssh://-oProxyCommand=touch%20x/y",
        "ssh://git@-oProxyCommand=x/y",
        "-oProxyCommand=x:y",
        "host:-x",
        "https://git.example/a b",
        "https://git.example/x.git#--upload-pack=x",
        "https://git.example/x.git#a..b",
        "/nowhere/at/all",
        "",
        " ",
        "file://relative",
        "two\nlines",
    ],
)
def test_a_source_that_is_none_is_refused(source: str, checkouts: Path) -> None:
    with pytest.raises(InputError) as caught:
        sync(source, checkouts)
    assert "\n" not in str(caught.value)
    assert not checkouts.exists()


def test_a_refused_url_does_not_show_its_password(checkouts: Path) -> None:
    with pytest.raises(InputError) as caught:
        sync("http://somebody:hunter2@git.example/x.git", checkouts)
    assert "hunter2" not in str(caught.value)


def test_links_and_filters_of_a_fetched_repository_stay_what_they_are(
    repo: Repo, checkouts: Path, tmp_path: Path
) -> None:
    repo.write(".gitattributes", "* filter=lfs\n")
    (repo.path / "policies" / "out").symlink_to("/etc/passwd")
    repo.commit()
    found = sync(f"file://{repo.path}", checkouts)
    assert (found.root / "policies" / "out").readlink().as_posix() == "/etc/passwd"
    assert (found.root / "policies" / "a.yaml").read_text() == "a"
    assert tmp_path.exists()


def test_submodules_are_left_alone(repo: Repo, checkouts: Path, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    other.commit()
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other.path), "policies/module")
    repo.git("commit", "-q", "-m", "x")
    found = sync(f"file://{repo.path}", checkouts)
    assert not list((found.root / "policies" / "module").glob("*"))


def test_only_the_newest_revisions_are_kept(repo: Repo, checkouts: Path) -> None:
    for number in range(git_remote.KEPT + 3):
        repo.commit(text=str(number))
        newest = sync(f"file://{repo.path}", checkouts).root
    assert len(list(checkouts.glob("*/tree-*"))) == git_remote.KEPT
    assert newest.exists()
    assert (checkouts.stat().st_mode | next(checkouts.iterdir()).stat().st_mode) & 0o077 == 0


def test_two_processes_may_sync_at_once(repo: Repo, checkouts: Path) -> None:
    found: list[str] = []
    workers = [
        threading.Thread(target=lambda: found.append(sync(f"file://{repo.path}", checkouts).revision.id))
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [repo.git("rev-parse", "HEAD")] * 4


def test_the_callers_git_variables_do_not_lead_astray(
    repo: Repo, checkouts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repo(tmp_path / "other")
    other.commit(text="other")
    commit = repo.git("rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert revision(repo.path, checkouts) == commit
    assert sync(f"file://{repo.path}", checkouts).revision.id == commit


def test_objects_are_hashed_as_git_does(repo: Repo) -> None:
    content = b"policy: A-1\n"
    repo.write("policies/b.yaml", content.decode())
    ours = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    assert repo.git("hash-object", "policies/b.yaml") == ours
