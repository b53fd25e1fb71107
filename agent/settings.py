"""Settings of the server: where things are and how to reach them. Not of the repository, which they guard."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING

from agent.model.evidence import KEEP

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta


SERVICE_STATE, RUNTIME = Path("/var/lib/driftbell"), Path("/run/driftbell")  # as the unit has them
EVERY, HEAD = "every", "head"  # commit since the last one that was run, or the newest alone


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server. `server` is `smtp://HOST:PORT`; `password` is a secret's reference, never the secret."""

    server: str
    sender: str
    starttls: bool = True
    user: str = ""
    password: str = ""
    ca_file: str = ""  # PEM of the authority that signed the server's certificate, where it is the district's own
    timeout: float = 30.0  # seconds
    vault_password_file: str = ""  # of `ansible`, for a password that is named as vault:/path#KEY


@dataclass(frozen=True, slots=True)
class HostSettings:
    """How hosts are read. Times in seconds."""

    workers: int = 32
    connect_timeout: float = 10.0
    deadline: float = 60.0  # for one host, from the first packet to the last line


@dataclass(frozen=True, slots=True)
class AnsibleSettings:
    """How playbooks are run. Times in seconds."""

    forks: int = 20
    timeout: float = 1800.0  # for one playbook run
    vault_password_file: str = ""  # for values that the inventory holds encrypted


@dataclass(frozen=True, slots=True)
class DaemonSettings:
    """How the daemon works. Times in seconds; secrets are references, never the secrets.

    Attributes:
        report_at: the time of day of the drift report, in the district's zone.
        poll: between two looks at the policy repository.
        patience: how long a look waits for slow systems, before it judges by what the others show.
        grace: how long a change that is under way may go on once the daemon is told to end.
        listen: HOST:PORT of the pages for machines (health, metrics, webhook), or empty for none. Loopback only.
        webhook: what a forge signs its calls with.
        heartbeat: the address that is called after good looks, so that somebody outside notices silence.
        heartbeat_every: between two calls of it.
        backups: the folder that the ledger is copied to once a day, or empty for STATE/backups.
        keep_backups: how many of those copies are kept.
    """

    report_at: time = time(6, 30)
    poll: float = 60.0
    patience: float = 30.0
    grace: float = 60.0
    listen: str = ""
    webhook: str = ""
    heartbeat: str = ""
    heartbeat_every: float = 900.0
    backups: str = ""
    keep_backups: int = 14


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the server decides. Source: DESIGN.md, "What other programs may rely on"."""

    repository: str
    state: Path
    mail: MailSettings | None = None
    hosts: HostSettings = field(default_factory=HostSettings)
    ansible: AnsibleSettings = field(default_factory=AnsibleSettings)
    daemon: DaemonSettings = field(default_factory=DaemonSettings)
    people: Mapping[str, str] = field(default_factory=dict)  # who a login is, by the name in district.yaml
    approvers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # whose SSH public keys these are
    revoked_keys: tuple[str, ...] = ()  # SSH public keys that count no more, whatever they signed
    destructive: frozenset[str] = frozenset()  # verbs that may destroy, each with two approvals
    signers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # whose commits are run: SSH or OpenPGP keys
    signed_commits: str = EVERY  # which commits have to be signed, where signers are set: EVERY or HEAD
    evidence_kept: Mapping[str, timedelta] = field(default_factory=lambda: dict(KEEP))  # by class of records

    @property
    def known_hosts(self) -> Path:
        """Give the file of trusted host keys, the same for probes and for Ansible."""
        return self.state / "known_hosts"

    @property
    def calendar_changes(self) -> Path:
        """Give the file of closures and delays that were declared on this server; they hold at once."""
        return self.state / "calendar_changes.yaml"

    @property
    def stop_file(self) -> Path:
        """Give the kill switch: while this file exists nothing is written to any system."""
        return self.state / "STOP"

    @property
    def socket(self) -> Path:
        """Give the daemon's door for people of this machine; a service has it outside its state, which is private."""
        return (
            RUNTIME / "daemon.sock" if self.state == SERVICE_STATE and RUNTIME.is_dir() else self.state / "daemon.sock"
        )

    @property
    def backups(self) -> Path:
        """Give the folder that the ledger is copied to."""
        return Path(self.daemon.backups) if self.daemon.backups else self.state / "backups"

    def at(self, repository: str | None, state: Path | None) -> Settings:
        """Give these settings with another repository or state directory, where a command names one."""
        return replace(self, repository=repository or self.repository, state=(state or self.state).absolute())
