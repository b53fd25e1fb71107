"""The command as a user runs it: a process, its own state directory, a district on lab hosts or on none."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.cli.forking import started
from tests.fakes.certificates import Certificates, make_certificates
from tests.fakes.smtp import MailServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import EmailMessage

# What Ansible said of inventories without hosts, by their content, as the program itself keeps it.
KNOWN = Path(tempfile.mkdtemp(prefix="driftbell-tests-"))
WITHOUT_HOSTS = 200  # bytes
atexit.register(shutil.rmtree, KNOWN, ignore_errors=True)
DISTRICT: dict[str, Any] = {
    "district": {"name": "Riverton Unified", "timezone": "America/Chicago"},
    "sites": {"east": {"name": "East High"}},
    "people": {"director": {"name": "A. Example", "email": "director@riverton.example", "may": ["approve", "stop"]}},
    "reports": {"drift": ["director"]},
    "guards": {"per_run": {"count": 25, "percent": 100}, "per_day": {"count": 100}},
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said and left with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The document of `--json`."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Driftbell:
    """The command on one district: `tmp/district` is its repository, `tmp/state` its state directory."""

    folder: Path

    @property
    def repo(self) -> Path:
        return self.folder / "district"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def config(self) -> Path:
        return self.folder / "driftbell.yaml"

    def environment(self) -> dict[str, str]:
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("DRIFTBELL_", "ANSIBLE_"))}
        return {**keep, "DRIFTBELL_REPO": str(self.repo), "DRIFTBELL_STATE": str(self.state), "NO_COLOR": "1"}

    def arguments(self, *words: str) -> list[str]:
        config = ["--config", str(self.config)] if self.config.exists() and words[0] != "schema" else []
        return [sys.executable, "-m", "agent", *words, *config]

    def __call__(self, *words: str, timeout: float = 240, stdin: str | None = None) -> Said:
        """Run it to its end. Whatever happens, it shows no traceback."""
        lend(self.state)
        done = started(self.arguments(*words)[3:], self.environment(), self.folder, timeout, stdin) or subprocess.run(
            self.arguments(*words), env=self.environment(), capture_output=True, text=True, timeout=timeout,
            check=False, input=stdin, cwd=self.folder, stdin=subprocess.DEVNULL if stdin is None else None,
        )  # fmt: skip
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        assert done.returncode != 70, done.stderr
        take_back(self.state)
        return Said(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start it and let it run."""
        return subprocess.Popen(
            self.arguments(*words), env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=self.folder, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def write(self, name: str, content: object) -> Path:
        """Write a file of the repository: text as it is, anything else as YAML."""
        path = self.repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False, allow_unicode=False)
        path.write_text(text, encoding="utf-8")
        return path

    def policy(self, name: str, **content: object) -> Path:
        """Write a policy for hosts; what is not given has the simplest value."""
        base = {"policy": name, "title": f"Title of {name}", "severity": "medium", "owner": "it@riverton.example"}
        return self.write(f"policies/hosts/{name}.yaml", {**base, "applies_to": {"kind": "host"}, **content})

    def district(self, **changes: object) -> Path:
        return self.write("policies/district.yaml", {**DISTRICT, **changes})

    def hosts(self, variables: Mapping[str, Mapping[str, Any]]) -> Path:
        """Write an inventory of these hosts with these variables."""
        return self.write("inventory/hosts.yml", {"all": {"hosts": {k: dict(v) for k, v in variables.items()}}})

    def settings(self, **content: object) -> Path:
        self.config.write_text(yaml.safe_dump(content), encoding="utf-8")
        return self.config


def lend(state: Path) -> None:
    """Give a state directory what Ansible said of inventories of the same content: asking takes it a second."""
    known = list(KNOWN.glob("inventory-*"))
    if state.exists() or not known:
        return
    state.mkdir(mode=0o700)
    (state / "cache").mkdir(mode=0o700)
    for told in known:
        shutil.copy(told, state / "cache" / told.name)


def take_back(state: Path) -> None:
    """Keep what Ansible said of an inventory without hosts, which most districts of these tests have."""
    for told in (state / "cache").glob("inventory-*"):
        if told.stat().st_size < WITHOUT_HOSTS and not (KNOWN / told.name).exists():
            shutil.copy(told, KNOWN / told.name)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A real mail server with TLS and a login, and what it took."""

    server: MailServer
    certificates: Certificates
    password: Path

    def settings(self) -> dict[str, object]:
        """The `mail` settings of driftbell.yaml."""
        return {
            "server": self.server.url,
            "from": "Driftbell <bell@riverton.example>",
            "user": "bell@riverton.example",
            "password": {"secret": f"file:{self.password}"},
            "ca_file": str(self.certificates.authority),
            "timeout": 20,
        }

    def messages(self) -> list[EmailMessage]:
        return [taken.message for taken in self.server.taken()]


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    """Give a mail server of this test's own."""
    folder = tmp_path / "mail"
    folder.mkdir()
    certificates = make_certificates(folder)
    password = folder / "password"
    password.write_text("correct horse", encoding="utf-8")
    password.chmod(0o600)
    with MailServer(folder / "server", certificates, login=("bell@riverton.example", "correct horse")) as server:
        yield Mailbox(server, certificates, password)


@pytest.fixture
def driftbell(tmp_path: Path) -> Driftbell:
    """Give the command with an empty district: no policies, no hosts."""
    command = Driftbell(tmp_path)
    command.district()
    command.write("inventory/systems.yaml", {"systems": {}})
    return command
