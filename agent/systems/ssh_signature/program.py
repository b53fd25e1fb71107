"""The program ssh-keygen: what it is given, how long it may take, and what it says in words of ours."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from agent.errors import InputError, UnseenError
from agent.systems.ssh_signature.keys import bare, fingerprint

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

SECONDS = 20.0  # for what asks nobody
SIGNING_SECONDS = 300.0  # a passphrase is looked up, a key with a button is fetched
_PRINCIPAL = "approver"  # one person's keys alone are ever in the file, so that the name decides nothing
_GOOD = re.compile(r'^Good "[^"]*" signature .*key (SHA256:[A-Za-z0-9+/]+)\s*$', re.MULTILINE)
_MISSING = "The program ssh-keygen is not installed: install it (apt-get install openssh-client)."
_KEPT = ("HOME", "SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY", "WAYLAND_DISPLAY", "TERM")


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature proves: the fingerprint of the key that made it, or, as a clause, why it proves nothing."""

    key: str
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class SshSignatures:
    """Verifies signatures against the public keys of people.

    `keys` are those of each person, `revoked` those that count no more, whoever's they are.
    """

    keys: Mapping[str, Sequence[str]]
    revoked: Collection[str]
    namespace: str

    def verify(self, text: str, armor: str, who: str) -> Signed:
        """Say what a signature of a text proves, which has to be by a key of this person.

        Raises:
            UnseenError: ssh-keygen is not there, or does not answer.
        """
        with tempfile.TemporaryDirectory(prefix="driftbell-") as made:
            folder = Path(made)
            signature = _put(folder / "signature", armor)
            said = _run("check-novalidate", "-s", signature, "-n", self.namespace, text=text)
            found = _GOOD.search(said.stdout)
            if said.returncode or found is None:
                return Signed("", "its signature does not fit its text: one of the two was changed, or is not meant so")
            wrong = self._stranger(found[1], who)
            if wrong:
                return Signed("", wrong)
            signers = _put(folder / "signers", "".join(map(self._line, self.keys[who])))
            gone = _put(folder / "revoked", "".join(f"{bare(k)}\n" for k in self.revoked))
            known = ("-f", signers, "-I", _PRINCIPAL, *(("-r", gone) if self.revoked else ()))
            said = _run("verify", "-s", signature, "-n", self.namespace, *known, text=text)
            good = _GOOD.search(said.stdout)
        if said.returncode or good is None or good[1] != found[1]:
            return Signed("", f"ssh-keygen does not accept its signature by the key {found[1]}")
        return Signed(good[1])

    def _line(self, key: str) -> str:
        return f'{_PRINCIPAL} namespaces="{self.namespace}" {bare(key)}\n'

    def _stranger(self, key: str, who: str) -> str:
        """Say whose key it is, where it is not this person's or counts no more; `ssh-keygen` decides all the same."""
        if key in map(fingerprint, self.revoked):
            return f"the key {key} that signed it is revoked (`revoked_keys` in the server's settings)"
        if key in map(fingerprint, self.keys.get(who, ())):
            return ""
        whose = next((p for p, keys in self.keys.items() if key in map(fingerprint, keys)), "")
        if whose:
            return f"it says that it is by {who}, and is signed by the key {key} of {whose}"
        return f"the key {key} that signed it is not among {who}'s `approvers` in the server's settings"


def readable(line: str) -> bool:
    """Say whether ssh-keygen can read a public key.

    Raises:
        UnseenError: ssh-keygen is not there, or does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="driftbell-") as made:
        return not _start(["-l", "-f", _put(Path(made) / "key.pub", f"{line}\n")], "", SECONDS).returncode


def sign(text: str, key: Path, namespace: str) -> str:
    """Sign a text by a private key, or by the one of an agent whose public half the file holds; gives the armor.

    ssh-keygen asks for a passphrase by itself, on the terminal.

    Raises:
        InputError: that key cannot sign; with what ssh-keygen said.
        UnseenError: ssh-keygen is not there, or nobody answered it.
    """
    words = ["-Y", "sign", "-n", namespace, "-f", str(key)]
    said = _start(words, text, SIGNING_SECONDS, {name: os.environ[name] for name in _KEPT if name in os.environ})
    if said.returncode or "BEGIN SSH SIGNATURE" not in said.stdout:
        why = [line for line in said.stderr.splitlines() if line and not line.startswith("Signing data")]
        msg = f"The key {key} did not sign: {why[-1].rstrip('.') if why else 'ssh-keygen gave no reason'}."
        raise InputError(msg)
    return said.stdout


def agent_keys() -> list[str]:
    """Give the public keys that an ssh-agent holds; none where there is no agent."""
    program = which("ssh-add")
    if not program or "SSH_AUTH_SOCK" not in os.environ:
        return []
    try:
        said = subprocess.run(
            [program, "-L"], capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [] if said.returncode else [line for line in said.stdout.splitlines() if fingerprint(line)]


def _put(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return str(path)


def _run(word: str, *words: str, text: str) -> subprocess.CompletedProcess[str]:
    return _start(["-Y", word, *words], text, SECONDS)


def _start(
    words: Sequence[str], text: str, seconds: float, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ssh-keygen with a text on its standard input; it keeps our terminal, for whom it has to ask something."""
    program = which("ssh-keygen")
    if not program:
        raise UnseenError(_MISSING)
    plain = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", **(env or {})}
    try:
        return subprocess.run(
            [program, *words], input=text, capture_output=True, encoding="utf-8", errors="replace",
            timeout=seconds, check=False, env=plain,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        msg = f"ssh-keygen gave no answer within {seconds:g} seconds, so nothing was signed or verified."
        raise UnseenError(msg) from error
    except OSError as error:
        msg = f"ssh-keygen cannot be started: {error.strerror}."
        raise UnseenError(msg) from error
