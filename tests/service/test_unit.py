"""The unit's text, and the settings that a new server begins with."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from agent.daemon.first_settings import Answers, people, repository, sender, server, settings_text
from agent.daemon.installing import hidden, unit_text
from agent.daemon.laid_files import laid
from agent.errors import InputError
from agent.intake import settings_file
from agent.settings import DaemonSettings

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit as it would be installed, with a program that is there, and no manual pages of this machine."""
    text = re.sub(r"^(Documentation|AssertPathExists)=.*\n", "", unit_text(Path("/usr/bin/env")), flags=re.MULTILINE)
    path = tmp_path / "driftbell.service"
    path.write_text(text, encoding="utf-8")
    return path


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *map(str, words)], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "SYSTEMD_COLORS": "0"},
    )  # fmt: skip


def seconds(text: str) -> float:
    units = {"s": 1, "min": 60}
    return sum(float(n) * units[u] for n, u in re.findall(r"([0-9.]+)(min|s)", text))


def value(text: str, key: str) -> str:
    (found,) = re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)
    return str(found)


def test_systemd_has_nothing_to_say_against_the_unit(unit: Path) -> None:
    done = analyze("verify", unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_wrong_unit_would_be_noticed(unit: Path) -> None:
    unit.write_text(unit.read_text("utf-8").replace("WatchdogSec=60s", "WatchdogSec=soon\nNoNewPriv=yes"), "utf-8")
    assert "Unknown key" in analyze("verify", unit).stderr


def test_the_sandbox_is_as_tight_as_the_documents_say(unit: Path) -> None:
    told = re.search(
        r"level of ([0-9.]+) \(OK\) with systemd ([0-9]+)", (ROOT / "docs/operations.md").read_text("utf-8")
    )
    done = analyze("security", "--offline=yes", "--no-pager", unit)
    found = re.search(r"exposure level[^:]*: ([0-9.]+)", done.stdout)
    assert told
    assert found, done.stderr
    same = f"systemd {told[2]} " in analyze("--version").stdout
    assert float(found[1]) <= (float(told[1]) if same else 2.0)  # others weigh otherwise


def test_systemd_waits_longer_than_the_daemon_needs_to_end() -> None:
    text = unit_text(Path("/usr/bin/driftbell"))
    assert seconds(value(text, "TimeoutStopSec")) > DaemonSettings().grace


@pytest.mark.parametrize(
    "answers",
    [
        Answers("ssh://git@git.riverton.example/policies.git"),
        Answers("/srv/policies: with 'marks' #1", "smtp://mail.example:25", 'A "B" <a@b.example>', {"amy": "director"}),
    ],
)
def test_the_first_settings_are_read_as_they_were_meant(answers: Answers, tmp_path: Path) -> None:
    path = tmp_path / "driftbell.yaml"
    path.write_text(settings_text(answers), encoding="utf-8")
    read = settings_file.read(path, {"STATE_DIRECTORY": "/elsewhere"})
    assert read.state == Path("/var/lib/driftbell")
    assert read.people == answers.people
    assert (read.mail.server, read.mail.sender) if read.mail else (answers.server, answers.sender) == ("", "")
    assert json.dumps(answers.repository) in settings_text(answers)


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (repository, ""),
        (repository, "https://hunter2@git.example/p.git"),
        (repository, "ssh://git:hunter2@git.example/p.git"),
        (server, "smtp://amy:hunter2@mail.example"),
        (server, "ldap://mail.example"),
        (sender, "nobody"),
        (lambda said: people([said]), "amy"),
        (lambda said: people([said]), "a b=director"),
    ],
)
def test_a_wrong_answer_gets_a_sentence_that_repeats_no_secret(check: object, said: str) -> None:
    with pytest.raises(InputError) as caught:
        check(said)  # type: ignore[operator]
    assert str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_program_that_no_service_sees_is_refused() -> None:
    assert "does not see" in hidden(Path("/home/amy/venv/bin/driftbell"))
    assert "does not see" in hidden(Path("/root/driftbell"))
    assert not hidden(Path("/opt/driftbell/bin/driftbell"))
    assert not hidden(Path("/homes/driftbell"))


@pytest.mark.skipif(os.geteuid() != 0, reason="files are given to root")
def test_what_somebody_edited_stays_and_what_nobody_edited_follows(tmp_path: Path) -> None:
    path, beside = tmp_path / "unit", tmp_path / "unit.new"

    def lay(body: str) -> str:
        (step,) = laid(path, body, 0o640, "root")
        if step.do:
            step.do()
        return step.said

    assert "is written" in lay("one\n")
    assert path.stat().st_mode & 0o777 == 0o640
    assert "as it should be" in lay("one\n")
    assert "up to date" in lay("two\n")
    assert path.read_text("utf-8").endswith("\ntwo\n")
    edited = path.read_text("utf-8") + "mine\n"
    path.write_text(edited, encoding="utf-8")
    assert f"goes to {beside}" in lay("three\n")
    assert path.read_text("utf-8") == edited
    assert beside.read_text("utf-8").endswith("three\n")
    assert f"is in {beside}" in lay("three\n")
    path.write_text("all mine\n", encoding="utf-8")
    assert "stays as it is" in lay("three\n")
    assert path.read_text("utf-8") == "all mine\n"
