"""What a user can get wrong is answered by one clear sentence at the right place; nothing shows a traceback."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.cli.playbooks import WRITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

LOCAL = {"here": {"ansible_connection": "local", "site": "east"}}
GOOD = """\
policy: GOOD-01
title: A title
severity: low
owner: it@riverton.example
applies_to: {kind: host}
expect:
  os.name: debian
"""
REMEDY = """\
remedy:
  - do: ansible.playbook
    with: {playbook: playbooks/none.yml}
"""


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (GOOD.replace("severity: low", "severity: [low"), ":3:11", "no end"),
        (GOOD.replace("  os.name", "\tos.name"), ":7:1", "tab"),
        (GOOD + "title: Again\n", ":8:1", "twice"),
        (GOOD.replace("severity", "severty"), ":3:1", "severity"),
        (GOOD.replace("os.name: debian", "os.nam: debian"), ":7:3", "os.name"),
        (GOOD.replace("expect:\n  os.name: debian", "expect:\n  package.x.installed: maybe"), ":7:", "true or false"),
        (GOOD.replace("kind: host", "kind: hots"), ":5:", "host"),
        (GOOD.replace("applies_to: {kind: host}", "applies_to: {kind: host, where: {}}"), ":5:", ""),
        (GOOD.replace("os.name: debian", "file./etc/x.mode: 0644"), ":7:", "quote"),
        (GOOD + REMEDY, ":10:", "none.yml"),
        (GOOD + REMEDY.replace("playbook\n", "playbok\n"), ":9:", "ansible.playbook"),
        (GOOD + "guard: {per_run: {count: 1000}}\n", ":8:", "25"),
        (GOOD + "rings: {first: 1}\n", ":8:1", "does not stand here"),
    ],
    ids=["broken", "tab", "duplicate key", "unknown word", "unknown field", "wrong type", "unknown kind", "empty where",
         "bare mode", "missing playbook", "unknown verb", "looser than the district", "a word in the wrong place"],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(driftbell: Driftbell, text: str, place: str, said: str) -> None:
    driftbell.write("policies/hosts/GOOD-01.yaml", text)
    answer = driftbell("validate")
    assert answer.code == 2
    assert f"policies/hosts/GOOD-01.yaml{place}" in answer.err, answer.err
    assert said in answer.err
    assert len(answer.err.splitlines()) == 1, answer.err


def test_all_mistakes_of_all_files_come_at_once_and_as_json(driftbell: Driftbell) -> None:
    driftbell.write("policies/hosts/a.yaml", GOOD.replace("low", "lo").replace("os.name", "os.nam"))
    driftbell.write("policies/hosts/b.yaml", GOOD)
    driftbell.write("policies/hosts/c.yaml", GOOD)
    answer = driftbell("validate", "--json")
    assert answer.code == 2
    files = [p["file"] for p in answer.json["problems"]]
    assert files.count("policies/hosts/a.yaml") == 2
    assert any(f in files for f in ("policies/hosts/b.yaml", "policies/hosts/c.yaml"))
    assert all(p["line"] > 0 for p in answer.json["problems"])


def test_a_bomb_of_anchors_and_a_huge_file_are_refused_at_once(driftbell: Driftbell) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    driftbell.write("policies/hosts/bomb.yaml", "\n".join(lines))
    (driftbell.repo / "policies/hosts/huge.yaml").write_bytes(b"# padding\n" * 5_000_000)
    answer = driftbell("validate", timeout=60)
    assert answer.code == 2
    assert "bomb.yaml" in answer.err
    assert "huge.yaml" in answer.err


def test_there_is_no_repository_here(driftbell: Driftbell, tmp_path: Path) -> None:
    answer = driftbell("check", "--repo", str(tmp_path / "nowhere"))
    assert answer.code == 2
    assert "nowhere" in answer.err


def test_a_git_server_that_is_not_there(driftbell: Driftbell) -> None:
    answer = driftbell("check", "--repo", "ssh://git@127.0.0.1:1/none.git")
    assert answer.code == 3
    assert "127.0.0.1" in answer.err


def test_an_unknown_policy_host_plan_and_run(driftbell: Driftbell) -> None:
    driftbell.hosts(LOCAL)
    driftbell.write("policies/hosts/GOOD-01.yaml", GOOD)
    assert "did you mean 'GOOD-01'" in driftbell("explain", "GOOD-02", "here").err
    assert "did you mean 'here'" in driftbell("explain", "GOOD-01", "her").err
    assert driftbell("apply", "--plan", "sha256:" + "0" * 64).code == 2
    assert driftbell("report", "--run", "none").code == 3
    assert driftbell("report").code == 3


def test_a_bad_time_and_a_bad_option(driftbell: Driftbell) -> None:
    assert "not a time" in driftbell("check", "--at", "teatime").err
    assert driftbell("check", "--nonsense").code == 2
    assert driftbell("nonsense").code == 2


def test_the_settings_file_is_checked_like_a_policy(driftbell: Driftbell) -> None:
    driftbell.config.write_text("mial: {server: x}\n", encoding="utf-8")
    answer = driftbell("validate")
    assert answer.code == 2
    assert "driftbell.yaml:1:1" in answer.err
    assert "mail" in answer.err


def test_a_state_directory_that_is_a_file(driftbell: Driftbell) -> None:
    driftbell.hosts(LOCAL)
    driftbell.write("policies/hosts/GOOD-01.yaml", GOOD)
    driftbell.state.write_text("", encoding="utf-8")
    answer = driftbell("run")
    assert answer.code in {2, 3}
    assert str(driftbell.state) in answer.err


HOSTILE = [
    "$(reboot)",
    "'; DROP TABLE finding; --",
    "{{ 7*7 }}",
    "<script>alert(1)</script>",
    "two\nlines",
    "-rf",
    "é\u202e",
    "0",
    "no",
]


def test_hostile_names_come_out_as_text_everywhere(driftbell: Driftbell) -> None:
    """Names of hosts, keys and values are data: for the shell, SQL, Jinja, HTML and the terminal."""
    driftbell.hosts({name: {"ansible_connection": "local", "site": "east", "note": name} for name in HOSTILE})
    folder = driftbell.folder / "files"
    folder.mkdir()
    for number, name in enumerate(HOSTILE):
        (folder / str(number)).write_text(name, encoding="utf-8")
    fields = {f"file.{folder}/{name}.exists": True for name in HOSTILE}
    driftbell.policy("KEYS-01", expect=fields)
    driftbell.policy("VALUES-01", expect={f"file.{folder}/{n}.content": "x" for n in range(len(HOSTILE))})
    ran = driftbell("run", "--json", "--all")
    assert ran.code == 1, ran.err
    assert {f["resource"] for f in ran.json["findings"]} == {f"host/{name}" for name in HOSTILE}
    observed = {d["observed"] for f in ran.json["findings"] if f["policy"] == "VALUES-01" for d in f["differences"]}
    assert any("{{ 7*7 }}" in o for o in observed)
    assert not any("49" in o for o in observed)
    text = driftbell("report")
    assert text.code == 0
    page = driftbell("report", "--format", "html").out
    assert "<script>" not in page
    assert "\u202e" not in text.out + driftbell("check").out
    assert "two\nlines" not in text.out
    kept = json.loads(driftbell("report", "--format", "json").out)
    assert {f["resource"] for f in kept["findings"]} == {f"host/{name}" for name in HOSTILE}


def test_hostile_values_reach_ansible_as_text(driftbell: Driftbell, tmp_path: Path) -> None:
    folder = tmp_path / "only"
    folder.mkdir()
    driftbell.hosts({"here": {**LOCAL["here"], "driftbell_only_under": str(folder)}})
    driftbell.write("playbooks/write.yml", WRITE)
    for number, value in enumerate(HOSTILE):
        path = f"{folder}/{number}"
        variables = {"path": path, "text": value.replace("<", "[")}  # <...> is a placeholder of the policy language
        driftbell.policy(
            f"VALUE-{number:02}",
            expect={f"file.{path}.content": variables["text"]},
            mode="enforce",
            remedy=[{"do": "ansible.playbook", "with": {"playbook": "playbooks/write.yml", "vars": variables}}],
        )
    ran = driftbell("run", "--json", timeout=400)
    assert {o["outcome"] for o in ran.json["outcomes"]} == {"confirmed"}, ran.out
    assert len(ran.json["outcomes"]) == len(HOSTILE)
    assert (folder / "2").read_text(encoding="utf-8") == "{{ 7*7 }}"


def test_the_reader_of_our_output_may_leave(driftbell: Driftbell) -> None:
    driftbell.hosts(LOCAL)
    driftbell.write("policies/hosts/GOOD-01.yaml", GOOD)
    process = driftbell.start("schema")
    assert process.stdout is not None
    os.close(process.stdout.fileno())
    process.wait(60)
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()


def test_a_full_disk_under_the_state_directory(driftbell: Driftbell) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    driftbell.hosts(LOCAL)
    driftbell.write("policies/hosts/GOOD-01.yaml", GOOD)
    driftbell.state.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(driftbell.state)], check=True)
    try:
        answer = driftbell("run")
        assert answer.code in {2, 3}
        assert "space" in answer.err
    finally:
        subprocess.run(["umount", "-l", str(driftbell.state)], check=True)
