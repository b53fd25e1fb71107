"""What check mode says that a playbook would touch: a table of tasks, and how events are heard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.secrets import MASK
from agent.systems.ansible.cleaning import Cleaner, known
from agent.systems.ansible.touched import Touched, Watch, note

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases/touched/tasks.yaml").read_text(encoding="utf-8"))


def noted(touched: Touched) -> dict[str, Any]:
    paths = [f"{'-' * p.gone}{p.path}{'+' * bool(p.name)}{p.name}" for p in touched.paths]
    found = {"paths": paths, "units": list(touched.units), "services": list(touched.services)}
    return {**found, "sysctls": list(touched.sysctls)}


@pytest.mark.parametrize("case", CASES, ids=[c["about"] for c in CASES])
def test_what_a_task_touches(case: dict[str, Any]) -> None:
    touched = Touched()
    result = {**case.get("result", {}), "invocation": {"module_args": case.get("arguments", {})}}
    note(touched, case["module"], result, "The task (p.yml:3)")
    assert noted(touched) == {word: case.get(word, []) for word in ("paths", "units", "services", "sysctls")}
    wanted = case.get("left", [])
    assert len(touched.left) == len(wanted)
    assert all(words in said for words, said in zip(wanted, touched.left, strict=True))
    assert all(said.startswith("The task (p.yml:3) ") for said in touched.left)


def event(kind: str, **result: object) -> dict[str, object]:
    data = {
        "host": "web1",
        "task": "T",
        "task_path": "/r/p.yml:3",
        "task_action": "ansible.builtin.copy",
        "res": result,
    }
    return {"event": kind, "event_data": data, "stdout": ""}


def test_no_secret_in_a_tasks_name_is_kept() -> None:
    watch = Watch("/r", Cleaner(known({"hunter22"})).line)
    said = event("runner_on_ok", changed=True, invocation={"module_args": {}})
    said["event_data"]["task"] = "Set hunter22\x1b[2J"  # type: ignore[index]
    watch.take(said)
    assert list(watch.hosts["web1"].left) == [
        f"Set {MASK} (p.yml:3) changes something that is no file, service or kernel value (copy)"
    ]


def test_only_what_would_change_is_heard_and_a_loop_item_by_item() -> None:
    watch = Watch("/r")
    args = {"module_args": {"dest": "/etc/motd"}}
    watch.take(event("runner_on_ok", changed=False, invocation=args))
    watch.take(event("runner_on_failed", changed=True, invocation=args))
    watch.take(event("runner_on_ok", changed=True, results=[{"changed": True}], invocation=args))
    assert watch.hosts == {}
    watch.take(event("runner_item_on_ok", changed=True, invocation=args))
    assert [p.path for p in watch.hosts["web1"].paths] == ["/etc/motd"]
