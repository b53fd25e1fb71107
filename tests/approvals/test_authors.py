"""Who wrote a policy's last commit, by real git; where it cannot be told, it is not told."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agent import consenting
from agent.bootstrap.believing import port
from agent.errors import Place
from agent.intake.git import past, sync
from agent.model.kind import Risk
from agent.model.policy import Repository
from agent.settings import Settings
from tests.approvals.ground import NOW, PEOPLE
from tests.guards.build import action, batch, policy

if TYPE_CHECKING:
    from pathlib import Path

    from agent.consenting import Wrote
    from tests.approvals.ground import Ground

FILE = "policies/hosts/HOST-01.yaml"
BOOK = "playbooks/ssh.yml"
DORA, SAM, WEB = "dora@riverton.example", "sam@riverton.example", "noreply@git.example"


class District:
    """A policy repository in which people commit."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "district"
        self.root.mkdir()
        self.state = folder / "state"
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str, author: str = DORA, committer: str = "") -> str:
        who = {"AUTHOR": author, "COMMITTER": committer or author}
        env = {f"GIT_{k}_{what}": v for k, v in who.items() for what in ("EMAIL", "NAME")}
        env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *words], cwd=self.root, env={**os.environ, **env}, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, name: str, text: str, author: str = DORA, committer: str = "") -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=x", author=author, committer=committer)

    def wrote(self, source: str = "") -> Wrote | None:
        """Ask as a cycle does, for what is read from a directory or from a URL."""
        settings = Settings(source or str(self.root), self.state)
        checkout = sync(settings.repository, settings.state / "checkouts")
        place = Place(FILE, 1, 1)
        there = Repository(str(checkout.root), checkout.revision, None, (), (), "")  # type: ignore[arg-type]
        return port(settings).wrote(there, policy(place=place))


@pytest.fixture
def district(tmp_path: Path) -> District:
    made = District(tmp_path)
    made.commit(BOOK, "- hosts: all\n", author=SAM)
    made.commit(FILE, "policy: HOST-01\n", author=DORA)
    return made


def test_the_author_of_the_last_commit_of_the_policy_and_of_its_playbook(district: District) -> None:
    district.commit("policies/hosts/OTHER.yaml", "x", author=WEB)
    wrote = district.wrote()
    assert wrote is not None
    assert wrote.authors == {DORA, SAM}
    district.commit(FILE, "policy: HOST-01 \n", author="Sam@Riverton.example", committer=WEB)
    wrote = district.wrote()
    assert wrote is not None
    assert wrote.authors == {"Sam@Riverton.example", SAM}
    assert wrote.committers == {WEB, SAM}


def test_what_a_url_shows_is_told_too(district: District) -> None:
    wrote = district.wrote(f"file://{district.root}")
    assert wrote is not None
    assert wrote.authors == {DORA, SAM}


@pytest.mark.parametrize("name", [FILE, BOOK])
def test_of_a_file_that_differs_from_the_commit_nobody_can_tell(district: District, name: str) -> None:
    (district.root / name).write_text("policy: HOST-01 # mine\n", encoding="utf-8")
    assert district.wrote() is None
    district.git("add", "--all")
    assert district.wrote() is None, "staged is not committed"
    (district.root / name).unlink()
    assert district.wrote() is None


def test_of_another_file_that_differs_the_policy_is_told_all_the_same(district: District) -> None:
    (district.root / "policies" / "hosts" / "NEW.yaml").write_text("x", encoding="utf-8")
    assert district.wrote() is not None


def test_without_git_nobody_can_tell(district: District) -> None:
    subprocess.run(["rm", "-r", str(district.root / ".git")], check=True)
    assert district.wrote() is None


def test_where_a_shallow_history_begins_nobody_can_tell(district: District, tmp_path: Path) -> None:
    district.commit("README.md", "x", author=WEB)
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "--quiet", "--depth=1", f"file://{district.root}", str(shallow)], check=True, env=os.environ
    )
    said = past(str(shallow), tmp_path / "checkouts")
    assert said.head
    assert district.wrote(str(shallow)) is None, "it would be whoever wrote README.md"


def test_what_replaces_a_commit_is_not_what_was_committed(district: District) -> None:
    tree = district.git("rev-parse", "HEAD^{tree}")
    parent = district.git("rev-parse", "HEAD~1")
    forged = district.git("commit-tree", tree, "-p", parent, "-m", "x", author=WEB)
    district.git("replace", district.git("rev-parse", "HEAD"), forged)
    wrote = district.wrote()
    assert wrote is not None
    assert DORA in wrote.authors


# From addresses to people


@pytest.mark.parametrize(
    ("authors", "committers", "people"),
    [
        ([DORA], [DORA], {"dora"}),
        (["DORA@Riverton.example"], [WEB], {"dora"}),
        ([DORA], [SAM], {"dora", "sam"}),
        ([WEB], [DORA], None),
        ([DORA, WEB], [DORA], None),
    ],
)
def test_addresses_are_people_of_the_district(
    server: Ground, authors: list[str], committers: list[str], people: set[str] | None
) -> None:
    class Said:
        def __init__(self) -> None:
            self.authors, self.committers = frozenset(authors), frozenset(committers)

    approving = consenting.Approving(wrote=lambda _r, _p: Said())
    there = replace(server.repository, policies=(policy(),))
    from agent.model.action import Plan

    wanted = batch(action("web1"), risk=Risk.DESTRUCTIVE)
    said = consenting.consented(approving, server.ledger, there, Plan((wanted,)), NOW)
    assert said[wanted.digest].authors == (None if people is None else frozenset(people))


def test_an_address_of_two_people_is_both_of_them(server: Ground) -> None:
    class Said:
        authors = frozenset({"desk@riverton.example"})
        committers = authors

    people = {p.id: replace(p, email="desk@riverton.example") for p in PEOPLE[:2]}
    land = replace(server.repository.district, people=people)
    there = replace(server.repository, district=land, policies=(policy(),))
    wanted = batch(action("web1"), risk=Risk.DESTRUCTIVE)
    from agent.model.action import Plan

    said = consenting.consented(
        consenting.Approving(wrote=lambda _r, _p: Said()), server.ledger, there, Plan((wanted,)), NOW
    )
    assert said[wanted.digest].authors == {"dora", "sam"}
