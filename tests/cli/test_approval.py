"""Approvals: for one batch, for one run, as it was planned, and past no guard that they cannot lift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.playbooks import WRITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell


def wanting(driftbell: Driftbell, name: str, text: str, mode: str = "enforce") -> Path:
    """Write a policy that wants a text in the one file of the one host, and give the file."""
    folder = driftbell.folder / "only"
    folder.mkdir(exist_ok=True)
    driftbell.hosts({"here": {"ansible_connection": "local", "site": "east", "driftbell_only_under": str(folder)}})
    driftbell.write("playbooks/write.yml", WRITE)
    path = folder / "file"
    variables = {"path": str(path), "text": text}
    driftbell.policy(
        name,
        expect={f"file.{path}.content": text},
        mode=mode,
        remedy=[{"do": "ansible.playbook", "with": {"playbook": "playbooks/write.yml", "vars": variables}}],
    )
    return path


def test_asking_first_waits_and_an_approval_is_for_one_run(driftbell: Driftbell) -> None:
    path = wanting(driftbell, "ASK-01", "wanted", mode="propose")
    waiting = driftbell("run", "--json")
    assert waiting.code == 4
    assert not path.exists()
    (batch,) = waiting.json["plan"]["batches"]
    done = driftbell("apply", "--plan", batch["digest"].removeprefix("sha256:")[:12], "--json")
    assert [o["outcome"] for o in done.json["outcomes"]] == ["confirmed"]
    path.unlink()
    assert driftbell("run", "--json").code == 4  # the same drift, the same digest: asked again
    assert not path.exists()


def test_an_approval_that_the_kill_switch_met_is_gone(driftbell: Driftbell) -> None:
    path = wanting(driftbell, "ASK-01", "wanted", mode="propose")
    digest = driftbell("plan", "--json").json["plan"]["batches"][0]["digest"]
    driftbell("stop", "--why", "a drill")
    assert driftbell("apply", "--plan", digest).code == 4
    driftbell("resume")
    assert driftbell("run").code == 4
    assert not path.exists()


def test_an_approval_lifts_no_conflict(driftbell: Driftbell) -> None:
    wanting(driftbell, "AA-01", "aaa")
    path = wanting(driftbell, "BB-01", "bbb")
    planned = driftbell("plan", "--json")
    assert planned.code == 4
    for batch in planned.json["plan"]["batches"]:
        assert driftbell("apply", "--plan", batch["digest"]).code == 4
    assert not path.exists()


def test_two_policies_that_disagree_do_not_fight_although_one_is_in_line(driftbell: Driftbell) -> None:
    wanting(driftbell, "AA-01", "aaa")
    path = wanting(driftbell, "BB-01", "bbb")
    path.write_text("aaa", encoding="utf-8")
    ran = driftbell("run", "--json")
    assert ran.code == 4
    assert ran.json["outcomes"] == []
    assert path.read_text(encoding="utf-8") == "aaa"


def test_what_changed_since_the_plan_is_not_what_was_approved(driftbell: Driftbell) -> None:
    path = wanting(driftbell, "ASK-01", "wanted", mode="propose")
    digest = driftbell("plan", "--json").json["plan"]["batches"][0]["digest"]
    driftbell.write("playbooks/write.yml", WRITE + "    - name: More\n      ansible.builtin.debug: {msg: x}\n")
    refused = driftbell("apply", "--plan", digest)
    assert refused.code == 4
    assert "changed since" in refused.err
    assert not path.exists()


def test_a_stop_where_nothing_runs_says_so(driftbell: Driftbell) -> None:
    nowhere = driftbell("stop", "--why", "a typing mistake", "--state", str(driftbell.folder / "typo"))
    assert nowhere.code == 3
    assert "no driftbell has worked" in nowhere.out


def test_a_stop_file_that_leads_nowhere_stops(driftbell: Driftbell) -> None:
    path = wanting(driftbell, "DO-01", "wanted")
    driftbell.state.mkdir()
    (driftbell.state / "STOP").symlink_to("/nowhere/at/all")
    assert driftbell("run").code == 4
    assert not path.exists()
