"""Keys made by ssh-keygen, statements signed by them, and a server that believes some of them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from agent.bootstrap.believing import port
from agent.consenting import Taken, take
from agent.decide import statements
from agent.ledger.store import LedgerStore, open_ledger
from agent.model.approval import Statement, Word
from agent.model.policy import Caps, District, Person, Repository, Revision
from agent.settings import Settings
from agent.systems.ssh_signature.program import sign

if TYPE_CHECKING:
    from pathlib import Path

    from agent.consenting import Approving

NOW = datetime(2026, 10, 14, 12, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64
MAY = frozenset({"approve"})
PEOPLE = (
    Person("dora", "Dora Example", "dora@riverton.example", MAY, "sam"),
    Person("sam", "Sam Example", "sam@riverton.example", MAY, "dora"),
    Person("ann", "Ann Example", "ann@riverton.example"),
)
KINDS = ("ed25519", "ecdsa", "rsa")


def key(folder: Path, name: str, kind: str = "ed25519", passphrase: str = "") -> Path:
    """Make a key pair, and give its private half."""
    path = folder / name
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", f"{name}@laptop", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def public(path: Path) -> str:
    return path.with_name(f"{path.name}.pub").read_text(encoding="utf-8").strip()


def statement(**changes: object) -> Statement:
    made = Statement(
        Word.APPROVE, DIGEST, "Riverton", "sam", NOW - timedelta(hours=1), NOW + timedelta(days=2), "0" * 32, "all back"
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Ground:
    """A server: whose keys it believes, its district, and its ledger."""

    folder: Path
    settings: Settings
    repository: Repository
    ledger: LedgerStore

    @property
    def approving(self) -> Approving:
        return port(self.settings)

    def take(self, sent: str, now: datetime = NOW) -> Taken:
        return take(self.approving, self.ledger, self.repository, sent, now)

    def sent(self, said: Statement, by: str = "sam") -> str:
        """Give a statement signed by a key of the ground."""
        text = statements.written(said)
        return text + sign(text, self.folder / by, statements.NAMESPACE)


def ground(folder: Path, keys: Path) -> Ground:
    """Give a server that believes sam's three keys and dora's one; another of sam's is revoked."""
    settings = Settings(
        "",
        folder / "state",
        approvers={
            "sam": (*(public(keys / f"sam-{kind}") for kind in KINDS), public(keys / "sam"), public(keys / "lost")),
            "dora": (public(keys / "dora"),),
        },
        revoked_keys=(public(keys / "lost"),),
    )
    people = {p.id: p for p in PEOPLE}
    land = District("Riverton", "America/Chicago", {}, people, (), Caps(), frozenset())
    there = Repository(str(folder), Revision("c0ffee", str(folder)), land, (), (), "")
    return Ground(keys, settings, there, open_ledger(folder / "ledger.db"))
