"""Who wrote a policy as it stands, by real git; where it cannot be told, it is not told."""

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
from agent.intake.git_authors import wrote
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

    def wrote_by(self) -> set[str]:
        """Give the authors; everybody where nobody can tell."""
        said = self.wrote()
        return set(said.authors) if said else {"anybody"}

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
    assert wrote.authors == {"Sam@Riverton.example", SAM, DORA}
    assert wrote.committers == {WEB, SAM, DORA}


POLICY = "policy: HOST-02\ntitle: All of them go\nmode: enforce\n"
ANN, BOB = "ann@riverton.example", "bob@riverton.example"


@pytest.mark.parametrize(
    "text",
    [
        POLICY + "\n",  # a blank line
        POLICY.replace("mode:", "mode: "),  # white space
        POLICY.replace("\n", "\r\n"),
        POLICY.replace("title: ", "title: >\n  "),  # broken and indented
        "".join(reversed(POLICY.splitlines(keepends=True))),  # in another order
        POLICY.replace("mode: enforce", "mode: audit"),
    ],
    ids=["blank", "space", "ends", "folded", "order", "a line"],
)
def test_whoever_edits_a_line_does_not_become_the_only_author(district: District, text: str) -> None:
    district.commit(FILE, POLICY, author=ANN)
    district.commit(FILE, text, author=BOB)
    assert district.wrote_by() == {ANN, BOB, SAM}


def test_of_whom_no_line_stands_any_more_is_no_author(district: District) -> None:
    district.commit(FILE, POLICY, author=ANN)
    district.commit(FILE, "a: b\nc: d\n", author=BOB)
    district.commit(FILE, "a: b\nc: d\n\n", author=SAM)
    assert district.wrote_by() == {BOB, SAM}


def test_a_new_name_and_another_folder_take_no_authorship(district: District) -> None:
    long = "".join(f"key_{n}: the value number {n} of this policy\n" for n in range(9))
    district.commit("policies/hosts/OLD.yaml", long, author=ANN)
    district.git("rm", "--quiet", FILE)
    district.git("mv", "policies/hosts/OLD.yaml", FILE)
    district.git("commit", "--quiet", "--message=x", author=BOB)
    assert district.wrote_by() == {ANN, BOB, SAM}
    district.commit(BOOK, long, author=WEB)  # copied from the policy
    assert district.wrote_by() == {ANN, BOB, WEB}


def test_who_put_it_in_place_for_somebody_else_is_told_of_every_line(district: District) -> None:
    district.commit(FILE, POLICY, author=BOB, committer=ANN)
    district.commit(FILE, POLICY + "\n", author=SAM)
    said = district.wrote()
    assert said is not None
    assert said.committers == {ANN, SAM}


def test_nothing_that_a_repository_configures_hides_an_author_or_runs(district: District) -> None:
    district.commit(FILE, POLICY, author=ANN)
    ann = district.git("rev-parse", "HEAD")
    district.commit(FILE, POLICY + "\n", author=BOB)
    ran = district.state.parent / "ran"
    (district.root / "ignored").write_text(ann, encoding="utf-8")
    district.git("config", "blame.ignoreRevsFile", "ignored")
    district.git("config", "diff.x.textconv", f"touch {ran}; cat")
    (district.root / ".gitattributes").write_text("*.yaml diff=x\n", encoding="utf-8")
    (district.root / ".mailmap").write_text(f"<{BOB}> <{ANN}>\n", encoding="utf-8")
    (district.root / ".git" / "info" / "grafts").write_text(district.git("rev-parse", "HEAD"), encoding="utf-8")
    assert district.wrote_by() == {ANN, BOB, SAM}
    assert not ran.exists()


@pytest.mark.parametrize(
    "name", ["policies/-w.yaml", "policies/:(glob)*.yaml", "policies/a\nb.yaml", 'policies/"ü\t*.yaml', "policies/ "]
)
def test_a_file_may_be_called_anything(district: District, name: str) -> None:
    district.commit(name, POLICY, author=ANN)
    district.commit("policies/other.yaml", POLICY, author=WEB)
    said = wrote(past(str(district.root), district.state), district.root, district.git("rev-parse", "HEAD"), [name])
    assert said is not None
    assert said.authors == {ANN}


def test_of_a_link_and_of_what_lies_in_a_repository_within_nobody_can_tell(district: District) -> None:
    district.commit("elsewhere.yaml", POLICY, author=ANN)
    (district.root / FILE).unlink()
    (district.root / FILE).symlink_to("../../elsewhere.yaml")
    district.git("add", "--all")
    district.git("commit", "--quiet", "--message=x", author=BOB)
    assert district.wrote() is None
    inner = District(district.root / "policies")
    inner.commit("hosts/HOST-01.yaml", POLICY, author=ANN)
    district.git("rm", "--quiet", FILE)
    district.git("add", "policies/district")
    district.git("commit", "--quiet", "--message=x", author=BOB)
    name = "policies/district/hosts/HOST-01.yaml"
    head = district.git("rev-parse", "HEAD")
    assert wrote(past(str(district.root), district.state), district.root, head, [name]) is None


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
