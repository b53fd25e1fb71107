"""The trust path on a real repository and a real ledger: what a policy would have done, and the patch that goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from agent import bootstrap, cycle
from agent.model.approval import Approval, Word
from tests.cli.committed import District
from tests.cli.fixtures import Driftbell
from tests.cli.playbooks import WRITE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from agent.model.run import Run
    from tests.cli.fixtures import Said

SITES = {"east": {"name": "East High"}, "west": {"name": "West High"}}
NOW = datetime.now(UTC).replace(microsecond=0)
POLICY = """\
# Why this rule is here.
policy: WISH-01
title: Every file says what it should
severity: medium
owner: it@riverton.example
applies_to: {kind: host}
expect:
  file.PATH.content: wanted
MODE# how it is put right
remedy:
  - do: ansible.playbook
    with: {playbook: playbooks/write.yml, vars: {path: PATH, text: wanted}}
"""


@dataclass(frozen=True, slots=True)
class Life:
    """A district under git with one host, one file on it, and one policy about that; runs happen on days gone by."""

    district: District
    about: Path | None = None  # where its file is, if not in its own folder

    @property
    def driftbell(self) -> Driftbell:
        return self.district.driftbell

    @property
    def file(self) -> Path:
        return self.about or self.driftbell.folder / "only" / "file"

    def mode(self, lines: str) -> None:
        """Write the policy with these lines for its mode, and commit it."""
        text = POLICY.replace("PATH", str(self.file)).replace("MODE", lines)
        self.driftbell.write("policies/hosts/WISH-01.yaml", text)
        self.district.commit(f"Mode: {lines}")

    def look(self, days_ago: float, content: str | None = None) -> Run:
        """Run as if it were so many days ago, finding this in the file."""
        if content is not None:
            self.file.write_text(content, encoding="utf-8")
        at = NOW - timedelta(days=days_ago)
        settings = bootstrap.read_settings(None).at(str(self.driftbell.repo), self.driftbell.state)
        with bootstrap.opened(settings) as world:
            hands = replace(world.ports.hands, clock=lambda: at)
            ports = replace(world.ports, clock=lambda: at, hands=hands)
            return cycle.run(ports, world.repository, cycle.Order("run"))

    def say(self, said: Iterable[tuple[Run, Word, str]]) -> None:
        """Let people answer what runs asked."""
        settings = bootstrap.read_settings(None).at(str(self.driftbell.repo), self.driftbell.state)
        with bootstrap.opened(settings) as world:
            for run, word, why in said:
                (batch,) = run.plan.batches
                assert world.ledger.approvals.add(Approval(batch.digest, "director", word, run.at, None, why))

    def promote(self, *words: str) -> Said:
        return self.driftbell("promote", "wish-01", *words)

    def account(self, *words: str) -> str:
        """What is said above the patch, on one line."""
        return " ".join(self.promote(*words).out.partition("diff --git")[0].split())

    def apply(self, patch: str, folder: Path | None = None) -> None:
        """Let git apply what was printed, as a person does: the account above the patch and all."""
        subprocess.run(
            ["git", "apply", "--whitespace=error-all"], input=patch.encode(), cwd=folder or self.driftbell.repo,
            check=True, env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull},
        )  # fmt: skip


def begun(driftbell: Driftbell) -> Life:
    found = Life(District(driftbell))
    found.file.parent.mkdir()
    host = {"ansible_connection": "local", "site": "east", "driftbell_only_under": str(found.file.parent)}
    driftbell.hosts({"here": host})
    driftbell.write("playbooks/write.yml", WRITE)
    driftbell.write("inventory/systems.yaml", {"systems": {}})
    driftbell.district(sites=SITES)
    return found


def watching(life: Life) -> Life:
    """Let it watch for 15 days, on 12 of which it looks: drift comes, goes, and comes back."""
    life.mode("mode: audit                  # watch first\n")
    readings = ["wanted", "other", "other", "wanted", *["wanted"] * 6, "again", "again"]
    for days_ago, reading in zip([15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4], readings, strict=True):
        life.look(days_ago, reading)
    return life


@pytest.fixture
def life(driftbell: Driftbell) -> Life:
    return begun(driftbell)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """Give one that has watched, for tests that leave it as it is."""
    found = watching(begun(Driftbell(tmp_path_factory.mktemp("quiet"))))
    yield found
    assert not found.district.git("status", "--porcelain"), "nothing was written"


@pytest.fixture
def watched(quiet: Life, tmp_path: Path) -> Life:
    """Give a copy of it, for tests that change something; the file that it is about is the same."""
    for folder in (quiet.driftbell.repo, quiet.driftbell.state):
        shutil.copytree(folder, tmp_path / folder.name)
    return Life(District(Driftbell(tmp_path)), quiet.file)


def test_two_weeks_of_watching_are_told_with_their_figures(quiet: Life) -> None:
    account = quiet.account()
    assert quiet.promote().code == 0
    assert "It has watched since" in account
    assert "looked at 12 times, on 12 days" in account
    assert "2 things, beside 0 open before: 1 ended (1 came right by itself), 1 is open now" in account
    assert "One came back after having come right." in account
    assert "the next run would ask for 1 server at once" in account


def test_the_patch_is_one_line_and_git_takes_it(watched: Life) -> None:
    before = (watched.driftbell.repo / "policies/hosts/WISH-01.yaml").read_text("utf-8")
    told = watched.promote()
    assert told.code == 0, told.out
    assert (watched.driftbell.repo / "policies/hosts/WISH-01.yaml").read_text("utf-8") == before, "it writes nothing"
    assert not watched.district.git("status", "--porcelain")
    watched.apply(told.out)
    after = (watched.driftbell.repo / "policies/hosts/WISH-01.yaml").read_text("utf-8")
    assert after == before.replace("mode: audit                  #", "mode: propose                #")
    assert watched.district.git("diff", "--stat").endswith("1 insertion(+), 1 deletion(-)")
    assert watched.driftbell("validate").code == 0


def test_the_document_has_the_same_figures_and_the_patch(quiet: Life) -> None:
    told = quiet.promote("--json").json
    assert (told["mode"], told["to"], told["days"], told["looks"]) == ("audit", "propose", 15, {"runs": 12, "days": 12})
    assert told["findings"]["opened"] == 2
    assert told["findings"]["came_back"] == 1
    assert told["actions"]["most_in_a_run"] == 1
    assert told["actions"]["limit_a_run"] == 1, "the least of 25 and of 100% of one host"
    assert told["now"] == {"wants": 1, "free": 1, "holds": []}
    assert told["held"] == []
    assert told["patch"].splitlines()[-4:][0] == "+mode: propose                # watch first"


def test_at_one_school_its_own_line_is_written_and_its_own_findings_are_counted(watched: Life) -> None:
    told = watched.promote("--site", "East High")
    assert told.code == 0, told.out
    watched.apply(told.out)
    text = (watched.driftbell.repo / "policies/hosts/WISH-01.yaml").read_text("utf-8")
    assert "sites:\n  east: {mode: propose}\n# how it is put right\nremedy:" in text
    assert "mode: audit                  # watch first\n" in text
    assert watched.driftbell("validate").code == 0
    empty = watched.promote("--site", "west")
    assert empty.code == 4, "the one host is at East High"
    assert "applies to nothing" in empty.out


def test_it_is_held_with_figures_when_it_is_too_soon_and_a_reason_lets_it_go_on(life: Life) -> None:
    life.mode("mode: audit\n")
    life.look(3, "other")
    held = life.promote()
    assert held.code == 4
    assert "watched for 3 days with this content; 14 are needed" in life.account()
    assert "diff --git" not in held.out
    assert life.promote("--json").json["patch"] is None
    assert life.promote("--early").code == 2, "not without a reason"
    assert life.promote("--why", "exams").code == 2
    early = life.promote("--early", "--why", "exams begin on Monday")
    assert early.code == 0
    assert "Warning (too soon)" in early.out
    assert "exams begin on Monday" in life.account("--early", "--why", "exams begin on Monday")
    life.apply(early.out)


def test_a_change_of_the_policy_begins_the_count_anew(watched: Life) -> None:
    watched.mode("mode: audit\nwhy: Another word.\n")
    never = watched.promote("--early", "--why", "a try")
    assert never.code == 4, "no run has judged by it, and no reason replaces one"
    assert "No recorded run has judged by the policy as it is written now" in watched.account()
    watched.look(1)
    assert "watched for 1 day with this content" in watched.account()


def test_a_policy_that_people_reject_goes_no_further(life: Life) -> None:
    life.mode("mode: propose\n")
    asked = [life.look(20 - n, f"drift {n}") for n in range(12)]
    answers = [Word.APPROVE] * 4 + [Word.DENY] * 2
    life.say((run, word, f"reason {n}") for n, (run, word) in enumerate(zip(asked, answers, strict=False)))
    held = life.promote()
    assert held.code == 4, held.out
    assert "People said no to 2 of 6 of its proposals (33%); the limit is 20%" in life.account()
    assert "reason 5" in life.account()
    assert "diff --git" not in held.out
    assert life.promote("--early", "--why", "I know better").code == 4
    life.say((run, Word.APPROVE, "") for run in asked[6:])
    fine = life.promote("--json").json
    assert fine["proposals"] == {"approved": 10, "denied": 2, "rejected_percent": 16.7}
    assert fine["to"] == "enforce"
    life.apply(fine["patch"])
    assert "mode: enforce\n" in (life.driftbell.repo / "policies/hosts/WISH-01.yaml").read_text("utf-8")


def test_what_could_not_be_read_holds(watched: Life) -> None:
    watched.driftbell.hosts({
        "here": {"ansible_host": "127.0.0.1", "ansible_port": 1, "site": "east"}
    })  # nobody answers
    watched.look(0)
    assert watched.promote().code == 4
    assert "1 of 1 could not be checked (100%); the limit is 10%" in watched.account()


def test_what_would_be_held_is_told_with_its_guard(watched: Life) -> None:
    watched.driftbell.district(sites=SITES, guards={"per_run": {"count": 0}})
    told = watched.promote("--json").json
    assert [h["guard"] for h in told["now"]["holds"]] == ["tripwire"]
    assert told["now"]["free"] == 0
    assert "may change none" in watched.account()


def test_one_step_at_a_time_and_no_further_than_the_district_says(watched: Life) -> None:
    jump = watched.promote("--to", "enforce")
    assert jump.code == 2
    assert "One step at a time" in jump.err
    watched.driftbell.district(sites={"east": {"name": "East High", "mode": "audit"}, "west": {"name": "West High"}})
    capped = watched.promote("--site", "east")
    assert capped.code == 2
    assert "no policy go further than audit at east" in capped.err
    assert "did you mean 'east'" in watched.promote("--site", "eats").err
    assert "did you mean 'WISH-01'" in watched.driftbell("promote", "WISH-02").err


def test_what_has_no_repair_or_may_fix_already_goes_nowhere(life: Life) -> None:
    life.mode("mode: enforce\n")
    assert "may fix already" in life.promote().err
    life.driftbell.policy("LOOK-01", expect={"hostname": "x"})
    said = life.driftbell("promote", "LOOK-01")
    assert said.code == 2
    assert "no `remedy`" in said.err


def test_before_any_look_there_is_nothing_to_go_by(life: Life) -> None:
    life.mode("mode: audit\n")
    said = life.promote()
    assert said.code == 3
    assert "driftbell run" in said.err


def test_the_patch_fits_where_the_repository_is_a_folder_of_another(quiet: Life, tmp_path: Path) -> None:
    driftbell = Driftbell(tmp_path)
    shutil.copytree(quiet.driftbell.repo, driftbell.repo, ignore=shutil.ignore_patterns(".git"))
    shutil.copytree(quiet.driftbell.state, driftbell.state)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    inner = Life(District(driftbell))
    inner.apply(inner.promote().out)
    assert "mode: propose" in (driftbell.repo / "policies/hosts/WISH-01.yaml").read_text("utf-8")
