"""known_hosts as OpenSSH has it: what ssh-keygen writes, we read, and the other way round."""

from __future__ import annotations

import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from agent.errors import UnseenError
from agent.systems.host import known_hosts
from agent.systems.host.known_hosts import HostKey, host_name

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, HostKey]:
    return {kind: a_key(tmp_path, kind) for kind in ("ed25519", "ecdsa", "rsa")}


def a_key(folder: Path, kind: str) -> HostKey:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", folder / kind], check=True)
    name, blob, *_ = (folder / f"{kind}.pub").read_text().split()
    return known_hosts._parse(f"x {name} {blob}").key or pytest.fail("no key")


def text_of(key: HostKey) -> str:
    return known_hosts.line("", key).text.strip()


def test_fingerprints_are_those_of_ssh_keygen(tmp_path: Path, keys: dict[str, HostKey]) -> None:
    for kind, key in keys.items():
        shown = subprocess.run(["ssh-keygen", "-lf", tmp_path / f"{kind}.pub"], capture_output=True, check=True)
        assert key.fingerprint == shown.stdout.decode().split()[1]


def test_lines_are_matched_as_openssh_does(tmp_path: Path, keys: dict[str, HostKey]) -> None:
    key, other, third = (text_of(keys[kind]) for kind in ("ed25519", "ecdsa", "rsa"))
    path = tmp_path / "known_hosts"
    path.write_text(
        f"# a comment\n\nweb1,10.0.0.1 {key} a comment\n[web2]:2222 {key}\n*.example.org,!bad.example.org {other}\n"
        f"@revoked web3 {key}\nweb3 {key}\nweb3 {third}\n@cert-authority * {key}\nbroken\n"
        "web4 ssh-ed25519 not-base64!\n"
    )
    known = known_hosts.read(path)
    expected = {
        "web1": [keys["ed25519"]], "WEB1": [keys["ed25519"]], "10.0.0.1": [keys["ed25519"]],
        "web2": [], "[web2]:2222": [keys["ed25519"]], "a.example.org": [keys["ecdsa"]], "bad.example.org": [],
        "web3": [keys["rsa"]], "web4": [], "nobody": [],
    }  # fmt: skip
    assert {name: list(known.keys(name)) for name in expected} == expected
    assert known.revoked("web3") == {keys["ed25519"]}


def test_hashed_names_are_found(tmp_path: Path, keys: dict[str, HostKey]) -> None:
    path = tmp_path / "known_hosts"
    path.write_text(f"web1 {text_of(keys['rsa'])}\n[web2]:2222 {text_of(keys['ecdsa'])}\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], check=True, capture_output=True)
    assert "web1" not in path.read_text()
    known = known_hosts.read(path)
    assert known.keys("web1") == (keys["rsa"],)
    assert known.keys("[web2]:2222") == (keys["ecdsa"],)
    assert known.keys("web2") == ()


def test_what_is_written_ssh_keygen_finds(tmp_path: Path, keys: dict[str, HostKey]) -> None:
    path = tmp_path / "state" / "known_hosts"
    known_hosts.write(path, [known_hosts.line(host_name("Web1", 2222), keys["ed25519"])])
    found = subprocess.run(["ssh-keygen", "-F", "[web1]:2222", "-f", path], capture_output=True, text=True, check=True)
    assert text_of(keys["ed25519"]) in found.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["known_hosts"]


def test_a_name_is_taken_out_of_a_line_and_the_others_stay(tmp_path: Path, keys: dict[str, HostKey]) -> None:
    path, key = tmp_path / "known_hosts", text_of(keys["rsa"])
    path.write_text(f"a,b,*.x {key} note\nb {key}\n@revoked b {key}\n*.x {key}\n# b\n")
    for name, expected in {
        "b": [f"a,*.x {key} note", f"@revoked b {key}", f"*.x {key}", "# b"],
        "h.x": [f"a,b,*.x,!h.x {key} note", f"b {key}", f"@revoked b {key}", f"*.x,!h.x {key}", "# b"],
        "c": path.read_text().splitlines(),
    }.items():
        left = [kept for line in known_hosts.read(path).lines if (kept := line.without(name))]
        assert [line.text for line in left] == expected
        assert not [line for line in left if line.key and not line.marker and line.is_for(name)]


def test_a_file_that_is_not_there_knows_nobody(tmp_path: Path) -> None:
    assert known_hosts.read(tmp_path / "none").keys("web1") == ()


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnseenError, match="cannot be read: Is a directory"):
        known_hosts.read(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UnseenError, match="cannot be written"):
        known_hosts.write(tmp_path / "file" / "known_hosts", [])


def test_bytes_that_are_no_text_survive_a_rewrite(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    path.write_bytes(b"# caf\xe9\n")
    known_hosts.write(path, known_hosts.read(path).lines)
    assert path.read_bytes() == b"# caf\xe9\n"
