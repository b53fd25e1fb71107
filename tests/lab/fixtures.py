"""Fixtures: each test gets hosts of its own, freshly made.

A host boots in half a second, so none is ever reset or shared: what one test does to its hosts no other test meets.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.lab.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.lab.host import Host

TOOLS = ("systemd-nspawn", "debootstrap", "ip", "nsenter", "unshare", "ssh", "ssh-keygen", "dpkg-deb", "apt-get")


class Boot(Protocol):
    """Boot so many hosts, or hosts of these names; they go when the fixture's scope ends."""

    def __call__(self, hosts: int | Sequence[str] = 1, *, behind: Host | None = None) -> list[Host]:
        """Return the hosts once they have booted."""


def missing() -> str:
    """Say in one sentence what a lab lacks on this machine; empty where it lacks nothing."""
    if os.geteuid() != 0:
        return "The lab of real hosts needs root (namespaces, mounts): run the tests as root."
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent:
        packages = " ".join(Path(__file__).with_name("packages.txt").read_text(encoding="utf-8").split())
        return f"The lab of real hosts lacks {', '.join(absent)}: apt-get install {packages}"
    return ""


@pytest.fixture(scope="session")
def lab_pool() -> Iterator[Lab]:
    """Give this worker's lab: a network and a key pair, no hosts until a test boots some."""
    lack = missing()
    if lack and os.environ.get("CI") == "true":
        pytest.fail(f"{lack} With CI=true nothing may be left out.", pytrace=False)
    if lack:
        pytest.skip(lack)
    with Lab() as lab:
        yield lab


@pytest.fixture
def lab_hosts(lab_pool: Lab) -> Iterator[Boot]:
    """Give a function that boots hosts for one test: `web1, web2 = lab_hosts(["web1", "web2"])`."""
    yield from _boot(lab_pool)


@pytest.fixture(scope="module")
def lab_module_hosts(lab_pool: Lab) -> Iterator[Boot]:
    """Give a function that boots hosts for all tests of a module: only for tests that change nothing on them."""
    yield from _boot(lab_pool)


@pytest.fixture
def lab_host(lab_hosts: Boot) -> Host:
    """Give one freshly made host."""
    return lab_hosts(1)[0]


def _boot(lab: Lab) -> Iterator[Boot]:
    mine: list[Host] = []

    def boot(hosts: int | Sequence[str] = 1, *, behind: Host | None = None) -> list[Host]:
        made = lab.boot(hosts, behind=behind)
        mine.extend(made)
        return made

    yield boot
    lab.remove(mine)
