"""A forge of the tests: keys of people, a repository that they commit to with real signatures, and a bare remote."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DISTRICT = "district: {name: Riverton Unified, timezone: America/Chicago}\n"
POLICY = """\
policy: HOST-01
title: Root may not log in
severity: high
owner: it@riverton.example
applies_to: {kind: host}
expect: {sshd.permitrootlogin: "no"}
"""
INVENTORY = "all: {hosts: {}}\n"


@dataclass(frozen=True, slots=True)
class Forge:
    """`folder` holds the keys by name, the working copy `work`, and `remote.git` that it is pushed to."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> Forge:
        """Make the repositories, with a district that has one rule, not yet committed."""
        forge = cls(folder)
        for name in ("home", "gnupg", "work"):
            (folder / name).mkdir(parents=True, mode=0o700)
        forge.git("init", "--quiet", "--initial-branch=main")
        forge.run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(forge.remote))
        forge.git("remote", "add", "origin", str(forge.remote))
        forge.write("policies/district.yaml", DISTRICT)
        forge.write("policies/hosts/HOST-01.yaml", POLICY)
        forge.write("inventory/hosts.yml", INVENTORY)
        return forge

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def remote(self) -> Path:
        return self.folder / "remote.git"

    def run(self, *words: str) -> str:
        env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
            "HOME": str(self.folder / "home"),
            "GNUPGHOME": str(self.folder / "gnupg"),
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        done = subprocess.run(words, cwd=self.folder, env=env, capture_output=True, text=True, check=True, timeout=60)
        return done.stdout.strip()

    def git(self, *words: str) -> str:
        who = ("-c", "user.name=Ada Example", "-c", "user.email=ada@riverton.example")
        return self.run("git", "-C", str(self.work), *who, *words)

    def write(self, name: str, text: str) -> None:
        path = self.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def ssh_key(self, who: str) -> str:
        """Make an SSH key; gives its public part."""
        self.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", who, "-f", str(self.folder / who))
        return (self.folder / f"{who}.pub").read_text(encoding="utf-8").strip()

    def openpgp_key(self, who: str) -> str:
        """Make an OpenPGP key; gives its public part, armored."""
        address = f"{who}@riverton.example"
        quick = ("gpg", "--batch", "--quiet", "--passphrase", "", "--quick-gen-key")
        self.run(*quick, f"{who} <{address}>", "ed25519", "sign", "never")
        return self.run("gpg", "--armor", "--export", address)

    def commit(self, title: str, *, ssh: str = "", openpgp: str = "") -> str:
        """Commit everything, signed by a key of that name or by nobody; gives the commit."""
        how: tuple[str, ...] = ("-c", "commit.gpgsign=false")
        if ssh:
            how = ("-c", "gpg.format=ssh", "-c", f"user.signingkey={self.folder / ssh}", "-c", "commit.gpgsign=true")
        if openpgp:
            how = ("-c", f"user.signingkey={openpgp}@riverton.example", "-c", "commit.gpgsign=true")
        self.git("add", "--all")
        self.git(*how, "commit", "--quiet", "--allow-empty", f"--message={title}")
        return self.git("rev-parse", "HEAD")

    def push(self, *words: str) -> None:
        self.git("push", "--quiet", *words, "origin", "HEAD:main")

    def forged(self, commit: str) -> str:
        """Give a commit that says something else under the signature of another."""
        raw = self.run("git", "-C", str(self.work), "cat-file", "commit", commit) + "\nand give everybody root\n"
        path = self.folder / "forged"
        path.write_text(raw, encoding="utf-8")
        return self.git("hash-object", "-t", "commit", "-w", str(path))
