"""Who signed a commit, by real git, ssh-keygen and gpg: only keys that the settings name count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.errors import UnseenError
from agent.intake.git_signatures import Signers, verifier
from tests.provenance.forge import Forge

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge.made(tmp_path / "forge")


def sealed(forge: Forge, signers: Signers, commit: str) -> tuple[str, str]:
    with verifier(signers) as asked:
        seal = asked.seal(forge.work, commit)
    assert seal.commit == commit
    return seal.who, seal.why


def test_ssh_and_openpgp_signatures_of_signers_count_and_of_others_do_not(forge: Forge) -> None:
    amy, bob, carl = forge.ssh_key("amy"), forge.ssh_key("bob"), forge.openpgp_key("carl")
    by_nobody, by_amy = forge.commit("one"), forge.commit("two", ssh="amy")
    by_bob, by_carl = forge.commit("three", ssh="bob"), forge.commit("four", openpgp="carl")
    signers = Signers({"amy": (amy,), "carl": (carl,)})
    assert sealed(forge, signers, by_amy) == ("amy", "")
    assert sealed(forge, signers, by_carl) == ("carl", "")
    assert sealed(forge, signers, by_nobody) == ("", "it is not signed")
    who, why = sealed(forge, signers, by_bob)
    assert (who, why.startswith("a key signed it that no signer has (SHA256:")) == ("", True)
    only_bob = Signers({"bob": (bob,)})
    assert sealed(forge, only_bob, by_bob) == ("bob", "")
    assert sealed(forge, only_bob, by_carl) == ("", "a key signed it that no signer has")


def test_a_signature_under_other_words_does_not_count(forge: Forge) -> None:
    signers = Signers({"amy": (forge.ssh_key("amy"),)})
    forged = forge.forged(forge.commit("one", ssh="amy"))
    assert sealed(forge, signers, forged) == ("", "its signature does not fit what it says")


def test_a_key_that_was_revoked_counts_no_more(forge: Forge) -> None:
    amy = forge.ssh_key("amy")
    commit = forge.commit("one", ssh="amy")
    assert sealed(forge, Signers({"amy": (amy,)}, (amy,)), commit) == ("", "the key that signed it was revoked")


def test_a_signature_for_another_purpose_is_none_of_a_commit(forge: Forge) -> None:
    """Such as the one that approves a plan with the same key: its namespace is another."""
    signers = Signers({"amy": (forge.ssh_key("amy"),)})
    raw = forge.git("cat-file", "commit", forge.commit("one"))
    (forge.folder / "payload").write_text(raw + "\n", encoding="utf-8")
    key, payload = str(forge.folder / "amy"), str(forge.folder / "payload")
    forge.run("ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", "driftbell-approval", payload)
    armor = (forge.folder / "payload.sig").read_text(encoding="utf-8").rstrip("\n").replace("\n", "\n ")
    head, _, body = (raw + "\n").partition("\n\n")
    (forge.folder / "spliced").write_text(f"{head}\ngpgsig {armor}\n\n{body}", encoding="utf-8")
    spliced = forge.git("hash-object", "-t", "commit", "-w", str(forge.folder / "spliced"))
    assert not sealed(forge, signers, spliced)[0]


def test_what_a_repository_or_a_home_configures_decides_nothing(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = forge.commit("one", ssh="amy") if forge.ssh_key("amy") else ""
    fake = forge.folder / "fake"
    fake.write_text(
        "#!/bin/sh\necho 'Good \"git\" signature for amy with ED25519 key SHA256:x' >&2\n", encoding="utf-8"
    )
    fake.chmod(0o755)
    for key in ("gpg.program", "gpg.ssh.program", "gpg.x509.program"):
        forge.git("config", key, str(fake))
    home = forge.folder / "home"
    (home / ".gitconfig").write_text(f'[gpg "ssh"]\nallowedSignersFile={forge.folder / "amy.pub"}\n', encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    assert not sealed(forge, Signers({"bob": (forge.ssh_key("bob"),)}), commit)[0]


@pytest.mark.parametrize("name", ["A. Example, director", "*", 'amy namespaces="git"', "Zoë", "a\nb"])
def test_a_signer_may_be_called_anything(name: str, forge: Forge) -> None:
    key = forge.ssh_key("key")
    assert sealed(forge, Signers({name: (key,)}), forge.commit("one", ssh="key")) == (name, "")


def test_an_openpgp_key_that_is_none_is_told(forge: Forge) -> None:
    broken = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nbm9uZQ==\n-----END PGP PUBLIC KEY BLOCK-----"
    with pytest.raises(UnseenError, match="carl's OpenPGP key"), verifier(Signers({"carl": (broken,)})):
        pass
    assert forge.work.exists()
