"""A server that follows a remote whose commits have to be signed: what it runs, what it refuses, and what it says."""

from __future__ import annotations

import os
import pwd
from typing import TYPE_CHECKING

import pytest

from tests.provenance.forge import DISTRICT, POLICY, Forge

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

PEOPLE = """\
sites: {}
people:
  director: {name: A. Example, email: director@riverton.example, may: [approve]}
  desk: {name: D. Example, email: desk@riverton.example, may: []}
"""


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    made = Forge.made(tmp_path / "forge")
    made.write("policies/district.yaml", DISTRICT + PEOPLE)
    return made


def test_a_commit_that_nobody_signed_is_refused_told_and_shown(driftbell: Driftbell, forge: Forge) -> None:
    driftbell.settings(signers={"amy": [forge.ssh_key("amy")]})
    remote = ("--repo", f"file://{forge.remote}")
    good = forge.commit("one", ssh="amy")
    forge.push()
    first = driftbell("run", *remote, "--json")
    assert (first.code, first.json["revision"]) == (0, good), first.err
    forge.write("policies/hosts/HOST-01.yaml", POLICY.replace("severity: high", "severity: low"))
    bad = forge.commit("two")
    forge.push()
    second = driftbell("run", *remote, "--json")
    assert second.json["revision"] == good
    said = f"The revision {bad[:12]} of the policies is refused: it is not signed."
    assert said in " ".join(driftbell("run", *remote).out.split())
    assert said in " ".join(driftbell("report", *remote).out.split())
    shown = driftbell("revisions", *remote).out
    assert f"{bad[:12]}, by Ada Example <ada@riverton.example>: refused: it is not signed." in shown
    assert f"{good[:12]}, by Ada Example <ada@riverton.example>, signed by amy: run." in shown
    known = driftbell("revisions", *remote, "--json").json["revisions"]
    assert [(r["commit"], r["accepted"], r["signed"]) for r in known] == [(bad, False, ""), (good, True, "amy")]
    refused = driftbell("revisions", "accept", bad, "--why", "please", *remote)
    assert (refused.code, "cannot be accepted: it is not signed" in refused.err) == (4, True)


def test_rewritten_history_is_run_when_somebody_who_may_accepts_it(driftbell: Driftbell, forge: Forge) -> None:
    remote = ("--repo", f"file://{forge.remote}")
    login = pwd.getpwuid(os.getuid()).pw_name
    forge.commit("one")
    forge.push()
    forge.commit("two")
    forge.push()
    assert driftbell("run", *remote).code == 0
    forge.git("reset", "--quiet", "--hard", "HEAD~1")
    forge.commit("two in other words")
    forge.push("--force")
    held = driftbell("run", *remote)
    assert "history was rewritten" in " ".join(held.out.split())
    driftbell.settings(people={login: "desk"})
    nobody = driftbell("revisions", "accept", "main", "--why", "a password stood in it", *remote)
    assert (nobody.code, "D. Example (desk) may not" in nobody.err) == (4, True)
    driftbell.settings(people={login: "director"})
    accepted = driftbell("revisions", "accept", "main", "--why", "a password stood in it", *remote)
    assert "is accepted by director" in accepted.out, accepted.err
    assert "history was rewritten" not in driftbell("run", *remote).out
    assert "accepted by director: a password stood in it" in driftbell("revisions", *remote).out


def test_a_settings_file_with_keys_that_are_none_is_refused(driftbell: Driftbell) -> None:
    driftbell.hosts({})
    driftbell.settings(signers={"amy": ["my key"]}, signed_commits="some")
    said = driftbell("check").err
    assert "This is no SSH or OpenPGP public key" in said
    assert "`signed_commits` is every (each commit since the last one that was run) or head (the newest alone)" in said
    driftbell.settings(signers={})
    assert "`signers` is a mapping of a name to a list of public keys" in driftbell("check").err
