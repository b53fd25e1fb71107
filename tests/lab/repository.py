"""A small apt repository on a host's own disk: real packages to install, remove and update without a network.

Two archives, told apart as Debian tells them: `bookworm` and `bookworm-security` (Label: Debian-Security). The packages
are stand-ins that hold one text file. `lab-agent` has a security update and `lab-notes` an ordinary one; a host starts
with both updated, and `apt-get install --allow-downgrades lab-agent=1.0-1` makes one pending.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.lab.commands import tool

FOLDER = "srv/lab-apt"
INSTALLED = ("lab-agent", "lab-notes")  # on every host, newest version


@dataclass(frozen=True, slots=True)
class Stub:
    """A stand-in package: the name and version are real to dpkg, the content is one text file."""

    name: str
    version: str
    suite: str = "bookworm"


STUBS = (
    Stub("telnetd", "0.17-99"),
    Stub("rsh-server", "0.17-99"),
    Stub("vsftpd", "3.0.3-99"),
    Stub("lab-agent", "1.0-1"),
    Stub("lab-agent", "1.0-1+deb12u1", "bookworm-security"),
    Stub("lab-notes", "2.0-1"),
    Stub("lab-notes", "2.1-1"),
)
RELEASES = {
    "bookworm": {"Origin": "Debian", "Label": "Debian", "Suite": "oldstable"},
    "bookworm-security": {"Origin": "Debian", "Label": "Debian-Security", "Suite": "oldstable-security"},
}


def create(root: Path) -> None:
    """Build the packages and both indexes into a host's root folder, and make them its only apt sources."""
    archive = root / FOLDER
    (archive / "pool").mkdir(parents=True)
    architecture = tool("dpkg", "--print-architecture").strip()
    for suite in RELEASES:
        index = "".join(_entry(_pack(stub, archive), archive) for stub in STUBS if stub.suite == suite)
        _publish(archive / "dists" / suite, suite, architecture, index)
    # trusted: the stand-ins are unsigned, and signing them would need a key on every machine that builds a base.
    lines = [f"deb [trusted=yes] file:/{FOLDER} {suite} main\n" for suite in RELEASES]
    (root / "etc/apt/sources.list").write_text("".join(lines), encoding="utf-8")


def _control(stub: Stub) -> str:
    return (
        f"Package: {stub.name}\nVersion: {stub.version}\nArchitecture: all\nSection: misc\nPriority: optional\n"
        f"Maintainer: Driftbell lab <lab@driftbell.example>\nDescription: stand-in for {stub.name} in the lab\n"
    )


def _pack(stub: Stub, archive: Path) -> Path:
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name, "tree")
        text = tree / "usr/share/doc" / stub.name / "README"
        for folder in (tree / "DEBIAN", text.parent):
            folder.mkdir(parents=True)
        text.write_text(f"{stub.name} {stub.version}\n", encoding="utf-8")
        (tree / "DEBIAN/control").write_text(_control(stub), encoding="utf-8")
        tree.chmod(0o755)
        made = archive / "pool" / f"{stub.name}_{stub.version}_all.deb"
        tool("dpkg-deb", "--root-owner-group", "-Zgzip", "--build", tree, made)
    return made


def _entry(package: Path, archive: Path) -> str:
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    place = f"Filename: {package.relative_to(archive)}\nSize: {package.stat().st_size}\nSHA256: {digest}\n"
    return tool("dpkg-deb", "--field", package) + place + "\n"


def _publish(suite: Path, codename: str, architecture: str, index: str) -> None:
    packages = suite / "main" / f"binary-{architecture}" / "Packages"
    packages.parent.mkdir(parents=True)
    packages.write_text(index, encoding="utf-8")
    digest = hashlib.sha256(packages.read_bytes()).hexdigest()
    fields = {**RELEASES[codename], "Version": "12", "Codename": codename, "Date": "Sat, 01 Aug 2026 00:00:00 UTC"}
    fields |= {"Architectures": f"all {architecture}", "Components": "main"}
    head = "".join(f"{name}: {value}\n" for name, value in fields.items())
    listed = f"SHA256:\n {digest} {packages.stat().st_size} {packages.relative_to(suite)}\n"
    (suite / "Release").write_text(head + listed, encoding="utf-8")
