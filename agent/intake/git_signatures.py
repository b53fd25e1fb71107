"""Who signed a commit, by keys that the server's settings name: SSH or OpenPGP, as git itself verifies them.

git decides; what it runs to do so, and which keys it believes, is ours: a temporary file of allowed signers and a
keyring of our own. Source: git-verify-commit(1), git-config(1) gpg.*, ssh-keygen(1) ALLOWED SIGNERS
"""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import UnseenError
from agent.intake import programs
from agent.intake.git_program import git
from agent.model.provenance import Seal

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

ARMOR = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
SECONDS = 30.0
_REAL = {"GIT_NO_REPLACE_OBJECTS": "1"}  # what refs/replace makes of a commit is not what was signed
_GOOD_SSH = re.compile(r'^Good "git" signature for (\S+) with (?:\S+) key (SHA256:\S+)', re.MULTILINE)
_SOME_SSH = re.compile(r'^Good "git" signature with (?:\S+) key (SHA256:\S+)', re.MULTILINE)
_VALID_PGP = re.compile(r"^\[GNUPG:\] VALIDSIG (?:\S+ ){9}([0-9A-F]{40,64})", re.MULTILINE)
_STATUS = re.compile(r"^\[GNUPG:\] (EXPSIG|EXPKEYSIG|REVKEYSIG|BADSIG|ERRSIG|NO_PUBKEY) ?(\S*)", re.MULTILINE)
_IMPORTED = re.compile(r"^\[GNUPG:\] IMPORT_OK \d+ ([0-9A-F]{40,64})", re.MULTILINE)
_PGP_WORDS = {
    "EXPSIG": "its signature has expired",
    "EXPKEYSIG": "the key that signed it has expired",
    "REVKEYSIG": "the key that signed it was revoked",
    "BADSIG": "its signature does not fit what it says",
    "ERRSIG": "a key signed it that no signer has",
    "NO_PUBKEY": "a key signed it that no signer has",
}


@dataclass(frozen=True, slots=True)
class Signers:
    """Whose signatures count: public keys by person, a line of a .pub file or an armored OpenPGP key each."""

    keys: Mapping[str, tuple[str, ...]]
    revoked: tuple[str, ...] = ()  # SSH public keys that count no more


@dataclass(frozen=True, slots=True)
class Verifier:
    """Asks git with keys that lie in a folder of ours.

    `owners` tells whose each OpenPGP key is; `revoking` whether there are keys that count no more.
    """

    folder: Path
    owners: Mapping[str, str] = field(default_factory=dict)
    revoking: bool = False

    def seal(self, where: Path, commit: str) -> Seal:
        """Say who signed a commit of a repository."""
        who, why = self._asked(where, commit, "revoked")
        if not who and self.revoking and self._asked(where, commit, "none")[0]:
            why = "the key that signed it was revoked"
        return Seal(commit, who, why)

    def _asked(self, where: Path, commit: str, revoked: str) -> tuple[str, str]:
        """Give who signed a commit, or why nobody did who counts."""
        finished = git(
            "verify-commit", "--raw", commit,
            cwd=where, configuration=self._configuration(revoked), seconds=SECONDS,
            env={**_REAL, "GNUPGHOME": str(self.folder / "gnupg")},
        )  # fmt: skip
        said = finished.err
        if finished.late:
            return "", "verifying its signature took too long"
        if finished.code == 0:
            if ssh := _GOOD_SSH.search(said):
                return _person(ssh[1]), ""
            pgp = _VALID_PGP.search(said)
            if pgp and pgp[1] in self.owners:
                return self.owners[pgp[1]], ""
        return "", _why(said)

    def _configuration(self, revoked: str) -> dict[str, str]:
        return {
            "gpg.program": programs.find("gpg") or "/bin/false",
            "gpg.openpgp.program": programs.find("gpg") or "/bin/false",
            "gpg.x509.program": "/bin/false",  # no certificate authority is asked who somebody is
            "gpg.ssh.program": programs.find("ssh-keygen") or "/bin/false",
            "gpg.ssh.allowedSignersFile": str(self.folder / "allowed"),
            "gpg.ssh.revocationFile": str(self.folder / revoked),
            "gpg.minTrustLevel": "undefined",  # the keyring holds the keys of signers and no others
        }


@contextmanager
def verifier(signers: Signers) -> Generator[Verifier]:
    """Give what verifies signatures, for as long as it takes.

    Raises:
        UnseenError: what an OpenPGP key needs is not installed, or a key cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="driftbell-keys-") as made:
        folder = Path(made)
        (folder / "gnupg").mkdir(mode=0o700)
        lines = [f'{_principal(who)} namespaces="git" {key}' for who, key in _all(signers) if not key.startswith(ARMOR)]
        (folder / "allowed").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        (folder / "revoked").write_text("".join(f"{key}\n" for key in signers.revoked), encoding="utf-8")
        (folder / "none").touch()
        owners: dict[str, str] = {}
        for who, key in _all(signers):
            if key.startswith(ARMOR):
                owners |= dict.fromkeys(_taken_in(folder, who, key), who)
        yield Verifier(folder, owners, bool(signers.revoked))


def _all(signers: Signers) -> Iterable[tuple[str, str]]:
    return ((who, key.strip()) for who, keys in signers.keys.items() for key in keys)


def _taken_in(folder: Path, who: str, key: str) -> list[str]:
    """Take an OpenPGP key into the keyring; gives the fingerprints of what it held."""
    program = programs.find("gpg")
    if not program:
        msg = (
            f"The program gpg is not installed, and {who}'s key is an OpenPGP key: install it (apt-get install gnupg)."
        )
        raise UnseenError(msg)
    file = folder / "key.asc"
    file.write_text(key + "\n", encoding="utf-8")
    command = [program, "--homedir", str(folder / "gnupg"), "--batch", "--no-autostart", "--status-fd", "1"]
    finished = programs.run([*command, "--import", str(file)], env={"HOME": str(folder)}, seconds=SECONDS)
    found = _IMPORTED.findall(finished.out.decode(errors="replace"))
    if not found:
        msg = f"{who}'s OpenPGP key in `signers` of the server's settings cannot be read."
        raise UnseenError(msg)
    return found


def _principal(who: str) -> str:
    """Give a name as a file of allowed signers may hold it: without what is a list, a pattern or a blank there."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-.") else f"%{ord(c):x}%" for c in who)


def _person(principal: str) -> str:
    return re.sub(r"%([0-9a-f]+)%", lambda found: chr(int(found[1], 16)), principal)


def _why(said: str) -> str:
    """Say, as a clause, why a signature does not count, by what git and its helpers said."""
    if "[GNUPG:]" in said:
        found = [m[1] for m in _STATUS.finditer(said)]
        return next((_PGP_WORDS[word] for word in _PGP_WORDS if word in found), "its signature cannot be verified")
    if key := _SOME_SSH.search(said):
        return f"a key signed it that no signer has ({key[1]})"
    if "ignature" in said:
        return "its signature does not fit what it says"
    return "it is not signed"
