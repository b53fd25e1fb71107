"""Who else writes: what hosts answered and what a person is told; and that no name becomes a command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agent.systems.host.answer import Frame, Heard
from agent.systems.host.script import assemble, hear
from agent.systems.host.witness import questions as ask
from agent.systems.host.witness.asking import Subjects, subjects
from agent.systems.host.witness.telling import MOST, telling
from tests.hosts.test_script import HOSTILE, NONCE, run, sh

__all__ = ["sh"]

CASES = Path(__file__).parents[1] / "cases" / "witness"
FILES = sorted(CASES.glob("*.yaml"))
STEPS = {step.name: step for step in vars(ask).values() if isinstance(step, ask.Step)}


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_transcript(path: Path) -> None:
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    frames = {
        (a["step"], a.get("key", "")): Frame(a.get("output", "").encode(), a.get("status", 0)) for a in case["answers"]
    }
    assert {name for name, _ in frames} <= set(STEPS)
    told = telling(
        Heard(frames, {name: step.tool for name, step in STEPS.items()}), case.get("paths", []), case.get("units", [])
    )
    assert list(told) == case["tells"]
    assert "hunter2" not in str(told)


@given(st.dictionaries(st.sampled_from(sorted(STEPS)), st.text(max_size=300)))
def test_whatever_a_host_answers_ends_in_a_few_short_clauses(said: dict[str, str]) -> None:
    keys = {name: ("/etc/motd", "cron.service", "cron") if step.each else ("",) for name, step in STEPS.items()}
    frames = {
        (name, key): Frame(text.encode("utf-8", "replace"), 0) for name, text in said.items() for key in keys[name]
    }
    told = telling(Heard(frames), ["/etc/motd"], ["cron.service"])
    assert len(told) <= MOST
    assert all(clause.isprintable() and len(clause) < 250 for clause in told)


def test_no_name_becomes_a_command(sh: list[str], tmp_path: Path) -> None:
    """Every question is asked of files with hostile names, in every shell; only their times come back."""
    made = {}
    for number, name in enumerate(HOSTILE):
        if "/" not in name:
            path = tmp_path / f"{number}" / name
            path.parent.mkdir()
            try:
                path.write_text("x")
            except OSError:
                continue
            made[str(path)] = path
    before = sorted(str(p) for p in tmp_path.rglob("*"))
    asked = assemble({step: tuple(made) if step.each else () for step in STEPS.values()})
    heard = hear(asked, NONCE, run(sh, asked))
    for name, path in made.items():
        frame = heard.frames[ask.WRITTEN.name, name]
        assert frame.text.split() == [str(int(path.stat().st_mtime)), path.owner()]
    assert sorted(str(p) for p in tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        (["file./etc/motd.content", "file./etc/motd.mode"], Subjects(paths=("/etc/motd",))),
        (["file./etc/a.b.d/c.sha256"], Subjects(paths=("/etc/a.b.d/c",))),
        (["file.relative.content"], Subjects()),
        (["service.cron.running", "service.cron.enabled"], Subjects(units=("cron.service",))),
        (["service.a*.running"], Subjects()),
        (["sshd.permitrootlogin"], Subjects(keywords=("permitrootlogin",))),
        (["sysctl.net.ipv4.ip_forward"], Subjects(values=("net.ipv4.ip_forward",))),
        (["user.amy.exists", "converge"], Subjects()),
    ],
)
def test_what_is_asked_about(fields: list[str], about: Subjects) -> None:
    assert subjects(fields) == about
