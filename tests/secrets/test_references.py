"""Secrets are named, read when they are used, and refused where others could have read them first."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.errors import InputError
from agent.intake.settings_file import read as read_settings
from agent.secrets import read_secret

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = "correct horse battery staple"


def private(path: Path, content: bytes = f"{PLAIN}\n".encode(), mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    return private(tmp_path / "vault password", b"open sesame\n")


@pytest.fixture
def encrypted(tmp_path: Path, vault: Path) -> Callable[[bytes], Path]:
    """Give what encrypts a file, by the program that people use."""

    def made(content: bytes) -> Path:
        path = private(tmp_path / "secrets.yml", content)
        program = str(Path(sys.executable).parent / "ansible-vault")
        words = [sys.executable, program, "encrypt", "--vault-password-file", str(vault), str(path)]
        subprocess.run(words, check=True, capture_output=True)
        assert path.read_bytes().startswith(b"$ANSIBLE_VAULT;1.1")
        return path

    return made


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_SECRET", PLAIN)
    assert read_secret("env:THE_SECRET").reveal() == PLAIN


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_from_a_file_of_ours_alone(tmp_path: Path, mode: int) -> None:
    assert read_secret(f"file:{private(tmp_path / 'it', mode=mode)}").reveal() == PLAIN


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o602, 0o610])
def test_a_file_that_others_can_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    path = private(tmp_path / "it", mode=mode)
    with pytest.raises(InputError) as caught:
        read_secret(f"file:{path}")
    said = str(caught.value)
    assert f"(mode {mode:04o}): chmod 600 {path}." in said
    subprocess.run(["sh", "-c", said.rpartition(": ")[2].rstrip(".")], check=True)  # what it says mends it
    assert read_secret(f"file:{path}").reveal() == PLAIN


def test_a_link_is_as_private_as_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(private(tmp_path / "it", mode=0o644))
    with pytest.raises(InputError, match="0644"):
        read_secret(f"file:{tmp_path / 'link'}")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(InputError, match="not a file"):
        read_secret(f"file:{tmp_path / 'pipe'}")


def test_from_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials come as files of a folder that only the service can enter."""
    private(tmp_path / "credentials" / "mail.password", mode=0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    assert read_secret("systemd:mail.password").reveal() == PLAIN
    with pytest.raises(InputError, match=r"The secret systemd:other: it cannot be read: No such file"):
        read_secret("systemd:other")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(InputError, match=r"LoadCredential=mail.password:/path"):
        read_secret("systemd:mail.password")


def test_from_a_file_of_ansible_vault(encrypted: Callable[[bytes], Path], vault: Path) -> None:
    path = encrypted(f'mail: "{PLAIN}"\nport: 25\n'.encode())
    assert read_secret(f"vault:{path}#mail", str(vault)).reveal() == PLAIN


@pytest.mark.parametrize(
    ("content", "key", "said"),
    [
        (b"mail: x\n", "other", "holds no text under 'other'"),
        (b"mail: 25\n", "mail", "holds no text under 'mail'"),
        (b"- mail\n", "mail", "holds no text under 'mail'"),
        (b"mail: [correct horse battery staple\n", "mail", "is no YAML"),
        (b"mail: !!python/object/apply:os.system [exit]\n", "mail", "is no YAML"),
        (b'mail: ""\n', "mail", "is empty"),
    ],
)
def test_what_is_wrong_inside_a_vault(
    encrypted: Callable[[bytes], Path], vault: Path, content: bytes, key: str, said: str
) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read_secret(f"vault:{encrypted(content)}#{key}", str(vault))
    assert "correct horse" not in "".join(traceback.format_exception(caught.value))


def test_a_vault_that_does_not_open(encrypted: Callable[[bytes], Path], vault: Path, tmp_path: Path) -> None:
    path = encrypted(b"mail: x\n")
    with pytest.raises(InputError, match=r"set ansible\.vault_password_file"):
        read_secret(f"vault:{path}#mail")
    with pytest.raises(InputError, match=r"does not open it: .*Decryption failed"):
        read_secret(f"vault:{path}#mail", str(private(tmp_path / "wrong", b"wrong\n")))
    with pytest.raises(InputError, match="ansible-vault does not open it"):
        read_secret(f"vault:{tmp_path / 'none'}#mail", str(vault))


@pytest.mark.parametrize(
    "reference",
    [
        *(
            PLAIN,
            "",
            "env:",
            "env:1A",
            "env:A B",
            "file:",
            "file:relative",
            "file:~/it",
            "systemd:",
            "systemd:../../etc",
        ),
        *("systemd:.hidden", "systemd:a/b", "vault:/a", "vault:/a#", "vault:a#b", "vault:#b", "vault:/a#b#c", "sops:x"),
        *("ENV:HOME", "env:HOME\n"),
    ],
)
def test_other_forms_are_refused(reference: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="A secret is named as env:NAME, file:/path, systemd:NAME or vault:/path#KEY"):
        read_secret(reference)
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"mail: {{server: 'smtp://a', from: a@b, password: {{secret: {reference!r}}}}}\n")
    with pytest.raises(InputError):
        read_settings(settings, {})


@pytest.mark.parametrize(
    "reference", ["env:THE_SECRET", "file:/etc/x y", "systemd:mail.password", "vault:/etc/driftbell/vault.yml#mail"]
)
def test_the_settings_take_each_form(reference: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(
        f"mail: {{server: 'smtp://a', from: a@b, password: {{secret: '{reference}'}}}}\n"
        "ansible: {vault_password_file: /etc/driftbell/vault}\n"
    )
    mail = read_settings(path, {}).mail
    assert mail is not None
    assert (mail.password, mail.vault_password_file) == (reference, "/etc/driftbell/vault")


def test_text_that_is_none_is_not_repeated(tmp_path: Path) -> None:
    path = private(tmp_path / "it", f"{PLAIN}\xff".encode("latin-1"))
    with pytest.raises(InputError, match="not text") as caught:
        read_secret(f"file:{path}")
    assert caught.value.__cause__ is None
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "correct horse" not in shown
