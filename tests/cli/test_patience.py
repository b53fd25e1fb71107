"""`for: 2 sweeps` through the command: what waits is counted and not acted on, and only a run counts a look."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tests.cli.playbooks import WRITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

COUNTS = {"in_line": 0, "out_of_line": 0, "unknown": 0, "excepted": 0, "not_yet": 0}


def waiting(driftbell: Driftbell, looks: int = 2) -> Path:
    """Write a policy that wants a text in the one file of the one host after so many looks, and give the file."""
    folder = driftbell.folder / "only"
    folder.mkdir(exist_ok=True)
    driftbell.hosts({"here": {"ansible_connection": "local", "site": "east", "driftbell_only_under": str(folder)}})
    driftbell.write("playbooks/write.yml", WRITE)
    path = folder / "file"
    step = {"playbook": "playbooks/write.yml", "vars": {"path": str(path), "text": "wanted"}}
    driftbell.policy(
        "WAIT-01",
        expect={f"file.{path}.content": "wanted"},
        mode="enforce",
        remedy=[{"do": "ansible.playbook", "with": step}],
        **({"for": f"{looks} sweeps"} if looks > 1 else {}),
    )
    return path


def ran(driftbell: Driftbell) -> dict[str, Any]:
    return driftbell("run", "--mail", "never", "--json").json


def said(driftbell: Driftbell) -> str:
    return " ".join(driftbell("explain", "WAIT-01", "here").out.split())


def test_it_is_counted_and_not_touched_until_a_second_look_finds_it_so(driftbell: Driftbell) -> None:
    path = waiting(driftbell)
    first = driftbell("run", "--mail", "never", "--json")
    assert first.code == 0
    assert first.json["counts"] == {**COUNTS, "not_yet": 1}
    assert (first.json["findings"], first.json["plan"]["batches"], path.exists()) == ([], [], False)
    second = ran(driftbell)
    assert [o["outcome"] for o in second["outcomes"]] == ["confirmed"]
    assert path.exists()


def test_looking_counts_nothing_and_in_line_begins_anew(driftbell: Driftbell) -> None:
    path = waiting(driftbell)
    ran(driftbell)
    path.write_text("wanted", encoding="utf-8")
    assert ran(driftbell)["counts"] == {**COUNTS, "in_line": 1}
    path.unlink()
    assert driftbell("check", "--json").json["counts"]["not_yet"] == 1
    assert driftbell("plan", "--json").json["plan"]["batches"] == []
    assert driftbell("check", "--json").json["counts"]["not_yet"] == 1
    told = driftbell("check")
    assert "1 not yet (out of line too briefly to tell)" in " ".join(told.out.split())
    assert ran(driftbell)["counts"]["not_yet"] == 1
    would = driftbell("check", "--json").json
    assert (would["counts"]["out_of_line"], would["findings"][0]["since"]) == (1, None), "the next run opens it"
    assert not path.exists()


def test_explain_says_how_many_looks_are_left(driftbell: Driftbell) -> None:
    waiting(driftbell, looks=3)
    unheard = driftbell("history", "WAIT-01").out
    assert "No run was recorded yet" in unheard
    assert "No finding was ever opened" not in unheard, "nobody ever looked"
    ran(driftbell)
    past = " ".join(driftbell("history", "WAIT-01", "here").out.split())
    assert "No finding was ever opened here: at each look it was in line, was not out of line for long enough," in past
    told = said(driftbell)
    assert "host/here: out of line" in told
    assert "Out of line in 1 of 3 looks: no finding yet." in told
    assert "opens after 2 more" in told
    ran(driftbell)
    assert "out of line in 2 of 3 looks; opens at the next" in said(driftbell)
    assert driftbell("explain", "WAIT-01", "here", "--json").json["looks"] == {"out_of_line": 2, "needed": 3}


def test_what_is_open_stays_open_when_its_policy_begins_to_wait(driftbell: Driftbell) -> None:
    waiting(driftbell, looks=1)
    driftbell.write("policies/hosts/WAIT-01.yaml", _audit(driftbell))
    since = ran(driftbell)["findings"][0]["since"]
    driftbell.write("policies/hosts/WAIT-01.yaml", _audit(driftbell) + "for: 9 sweeps\n")
    assert [f["since"] for f in ran(driftbell)["findings"]] == [since]


def _audit(driftbell: Driftbell) -> str:
    path = driftbell.repo / "policies" / "hosts" / "WAIT-01.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = lines[: next((n for n, line in enumerate(lines) if line.startswith("mode:")), len(lines))]
    return "\n".join([*kept, ""])


def test_a_list_that_is_read_again_is_no_new_look(driftbell: Driftbell) -> None:
    driftbell.write(
        "inventory/systems.yaml",
        {"systems": {"list": {"type": "csv", "kind": "device", "path": "devices.csv", "preset": "generic_devices"}}},
    )
    driftbell.write(
        "policies/devices/WAIT-02.yaml",
        "policy: WAIT-02\ntitle: a\napplies_to: {kind: device}\nexpect: {status: active}\nfor: 2 sweeps\n"
        "measure: {by: site, share: {at_least: 90%}}\n",
    )
    exports = driftbell.state / "exports"
    exports.mkdir(parents=True)

    def export(day: int) -> None:
        for old in exports.glob("devices*"):
            old.unlink()
        rows = "".join(f"S{n},{'active' if n else 'lost'},east\n" for n in range(5))
        (exports / "devices.csv").write_text(f"serial,status,site\n{rows}", encoding="utf-8")
        stamp = 1_790_000_000 + day * 86_400
        os.utime(exports / "devices.csv", (stamp, stamp))

    export(1)
    for _ in range(3):
        assert ran(driftbell)["counts"]["not_yet"] == 1
    export(2)
    opened = ran(driftbell)
    assert [(f["resource"], f["differences"][0]["observed"]) for f in opened["findings"]] == [
        ("site/east", "80% (4 of 5)")
    ]
