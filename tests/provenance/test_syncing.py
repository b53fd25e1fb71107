"""Which revision is run: signed, after the last one, whole, and passing its own tests; the last good one only looks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agent.bootstrap import load
from agent.bootstrap.syncing import accept, as_it_stands, synced
from agent.errors import HeldError, InputError
from agent.ledger.store import open_ledger
from agent.settings import HEAD, Settings
from tests.provenance.forge import DISTRICT, POLICY, Forge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.ledger.store import LedgerStore
    from agent.model.policy import Repository

CASES = """\
tests: HOST-01
at: 2026-11-20T09:00
cases:
  - case: root may log in
    given: {host/web1: {sshd.permitrootlogin: "yes"}}
    expect: {host/web1: VERDICT}
"""


class Server:
    """The district's server, which follows the forge's remote."""

    def __init__(self, forge: Forge, state: Path, ledger: LedgerStore) -> None:
        self.forge, self.ledger = forge, ledger
        self.settings = Settings(f"file://{forge.remote}", state)

    def signed_by(self, *names: str, commits: str = "every") -> None:
        keys = {name: (self.forge.ssh_key(name),) for name in names}
        self.settings = replace(self.settings, signers=keys, signed_commits=commits)

    def sync(self) -> Repository:
        return synced(self.settings, self.ledger)

    def decided(self) -> list[tuple[str, bool]]:
        source = f"file://{self.forge.remote}"
        return [(b.commit, not b.why) for b in self.ledger.beliefs.newest(source)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "state").mkdir(mode=0o700)
    with open_ledger(tmp_path / "state" / "ledger.db") as ledger:
        yield Server(Forge.made(tmp_path / "forge"), tmp_path / "state", ledger)


def pushed(server: Server, title: str, key: str = "") -> str:
    commit = server.forge.commit(title, ssh=key)
    server.forge.push()
    return commit


def test_where_no_signers_are_set_any_commit_is_run_and_said_to_be_unsigned(server: Server) -> None:
    commit = pushed(server, "one")
    found = server.sync()
    assert (found.revision.id, found.revision.signed, found.refused) == (commit, None, "")
    assert server.decided() == [(commit, True)]
    server.sync()
    assert server.decided() == [(commit, True)]  # the same is decided once


def test_a_commit_that_nobody_signed_is_refused_and_the_last_good_one_only_looks(server: Server) -> None:
    server.signed_by("amy")
    good = pushed(server, "one", "amy")
    assert (server.sync().revision.id, server.sync().revision.signed) == (good, True)
    server.forge.write("policies/hosts/HOST-01.yaml", POLICY.replace("severity: high", "severity: low"))
    bad = pushed(server, "two")
    found = server.sync()
    assert found.revision.id == good
    assert [p.severity.value for p in found.policies] == ["high"]
    assert found.refused.startswith(f"The revision {bad[:12]} of the policies is refused: it is not signed.")
    assert found.refused in found.warnings
    assert server.decided() == [(bad, False), (good, True)]
    mended = pushed(server, "three", "amy")
    assert server.sync().refused  # the unsigned one is still among what would be run
    server.forge.git("reset", "--quiet", "--hard", good)
    mended = server.forge.commit("two again", ssh="amy")
    server.forge.push("--force")
    assert (server.sync().revision.id, server.sync().refused) == (mended, "")


@pytest.mark.parametrize(("commits", "refused"), [("every", True), (HEAD, False)])
def test_every_commit_or_the_newest_alone_has_to_be_signed(commits: str, refused: bool, server: Server) -> None:
    server.signed_by("amy", commits=commits)
    pushed(server, "one", "amy")
    server.sync()
    unsigned = server.forge.commit("two")
    pushed(server, "three", "amy")
    found = server.sync()
    assert bool(found.refused) is refused
    if refused:
        assert f"of commit {unsigned[:12]}: it is not signed" in found.refused


def test_what_was_merged_has_to_be_signed_too(server: Server) -> None:
    server.signed_by("amy")
    pushed(server, "one", "amy")
    server.sync()
    server.forge.git("checkout", "--quiet", "-b", "side")
    server.forge.commit("on the side")
    server.forge.git("checkout", "--quiet", "main")
    server.forge.commit("two", ssh="amy")
    signing = ("-c", "gpg.format=ssh", "-c", f"user.signingkey={server.forge.folder / 'amy'}")
    server.forge.git(*signing, "merge", "--quiet", "--no-ff", "-S", "-m", "merged", "side")
    server.forge.push()
    assert "it is not signed" in server.sync().refused


def test_rewritten_history_and_going_back_are_refused_until_somebody_accepts_it(server: Server) -> None:
    first = pushed(server, "one")
    server.sync()
    second = pushed(server, "two")
    server.sync()
    server.forge.git("reset", "--quiet", "--hard", first)
    server.forge.push("--force")
    back = server.sync()
    assert (back.revision.id, "is older than" in back.refused) == (second, True)
    rewritten = pushed(server, "two in other words")
    parted = server.sync()
    assert (parted.revision.id, "history was rewritten" in parted.refused) == (second, True)
    assert not accept(server.settings, server.ledger, rewritten, "director: the file held a password").why
    found = server.sync()
    assert (found.revision.id, found.refused) == (rewritten, "")
    onward = pushed(server, "three")
    assert server.sync().revision.id == onward


def test_nobody_can_accept_what_is_not_signed(server: Server) -> None:
    server.signed_by("amy")
    pushed(server, "one", "amy")
    server.sync()
    bad = pushed(server, "two")
    server.sync()
    with pytest.raises(HeldError, match="cannot be accepted: it is not signed"):
        accept(server.settings, server.ledger, bad, "director: please")
    assert server.sync().refused


def test_what_was_run_before_signers_were_set_has_to_be_signed_now(server: Server) -> None:
    commit = pushed(server, "one")
    server.sync()
    server.signed_by("amy")
    found = server.sync()
    assert (found.revision.id, "it is not signed" in found.refused) == (commit, True)
    signed = pushed(server, "two", "amy")
    assert (server.sync().revision.id, server.sync().refused) == (signed, "")


def test_what_does_not_load_is_refused_whole_and_every_mistake_counted(server: Server) -> None:
    good = pushed(server, "one")
    server.sync()
    server.forge.write("policies/hosts/HOST-01.yaml", POLICY.replace("severity: high", "severity: hihg\nowne: x"))
    pushed(server, "two")
    found = server.sync()
    assert found.revision.id == good
    assert "it does not load: policies/hosts/HOST-01.yaml:" in found.refused
    assert "more)" in found.refused


def test_what_fails_its_own_policy_tests_is_refused(server: Server) -> None:
    server.forge.write("policies/tests/host.yaml", CASES.replace("VERDICT", "out_of_line"))
    good = pushed(server, "one")
    assert not server.sync().refused
    server.forge.write("policies/tests/host.yaml", CASES.replace("VERDICT", "in_line"))
    pushed(server, "two")
    found = server.sync()
    assert (found.revision.id, "its policy tests fail: policies/tests/host.yaml:" in found.refused) == (good, True)


def test_where_nothing_was_accepted_before_nothing_is_run(server: Server) -> None:
    server.signed_by("amy")
    pushed(server, "one")
    with pytest.raises(HeldError, match=r"is not run: it is not signed\. None was accepted before it\."):
        server.sync()
    server.settings = replace(server.settings, signers={})
    server.forge.write("policies/district.yaml", "district: [")
    pushed(server, "two")
    with pytest.raises(InputError):
        server.sync()


def test_a_program_of_a_revision_that_nobody_signed_is_not_run(server: Server) -> None:
    server.signed_by("amy")
    good = pushed(server, "one", "amy")
    server.sync()
    ran = server.forge.folder / "ran"
    hosts = server.forge.work / "inventory/hosts.yml"
    hosts.write_text(f"#!/bin/sh\ntouch {ran}\necho '{{}}'\n", encoding="utf-8")
    hosts.chmod(0o755)
    pushed(server, "two")
    assert server.sync().revision.id == good
    assert load(server.settings).revision.id == good
    assert not ran.exists()


def test_who_may_accept_a_revision_is_said_by_the_last_good_one(server: Server) -> None:
    people = "people: {director: {name: A. Example, email: director@riverton.example, may: [approve]}}\n"
    server.forge.write("policies/district.yaml", DISTRICT + people)
    first = pushed(server, "one")
    pushed(server, "two")
    server.sync()
    server.forge.git("reset", "--quiet", "--hard", first)
    server.forge.write("policies/district.yaml", DISTRICT + people.replace("director:", "mallory:"))
    pushed_back = server.forge.commit("mallory may")
    server.forge.push("--force")
    assert load(server.settings).refused
    assert set(load(server.settings).district.people) == {"director"}
    assert pushed_back not in [commit for commit, accepted in server.decided() if accepted]


def test_a_directory_is_run_as_it_stands_unless_somebody_has_to_sign_it(server: Server) -> None:
    server.settings = replace(server.settings, repository=str(server.forge.work))
    assert as_it_stands(server.settings)
    server.signed_by("amy")
    assert not as_it_stands(server.settings)
    good = server.forge.commit("one", ssh="amy")
    assert (server.sync().revision.id, server.sync().revision.signed) == (good, True)
    server.forge.write("policies/hosts/HOST-01.yaml", POLICY.replace("severity: high", "severity: low"))
    found = server.sync()
    assert (found.revision.id, "it holds more than its commit" in found.refused) == (good, True)
    assert [p.severity.value for p in found.policies] == ["high"]
