"""What the tests of this room share: certificates, mail servers, a spool, a browser."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from agent.ledger.store import open_ledger
from agent.settings import MailSettings
from tests.fakes.certificates import Certificates, make_certificates
from tests.fakes.smtp import MailServer
from tests.report.browser import browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.model.spool import Spool

USER, PASSWORD = "bell@riverton.example", "correct horse: battery"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def server(tmp_path: Path, certificates: Certificates) -> Iterator[MailServer]:
    """Give a server that takes mail only over TLS and only from one user."""
    with MailServer(tmp_path / "mail", certificates, login=(USER, PASSWORD)) as running:
        yield running


@pytest.fixture
def settings(server: MailServer, certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> MailSettings:
    monkeypatch.setenv("TEST_MAIL_PASSWORD", PASSWORD)
    return MailSettings(
        server=server.url,
        sender="Driftbell <bell@riverton.example>",
        user=USER,
        password="env:TEST_MAIL_PASSWORD",
        ca_file=str(certificates.authority),
        timeout=20.0,
    )


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return open_ledger(tmp_path / "ledger.sqlite").spool


@pytest.fixture(scope="session")
def chromium() -> str:
    """Give the browser. Where CI is set it must be there; elsewhere a machine without one says so."""
    found = browser()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no browser is installed, and with CI set nothing is left out: install the package chromium")
        pytest.skip("no browser is installed: install the package chromium")
    return found


@pytest.fixture
def namespace() -> list[str]:
    """Give the command that runs another one in a network of its own, where addresses are nobody's."""
    command = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if subprocess.run([*command, "ip", "link", "show", "lo"], capture_output=True, check=False).returncode == 0:
        return command
    if os.environ.get("CI"):
        pytest.fail("no network namespace can be made here, and with CI set nothing is left out")
    pytest.skip("no network namespace can be made here")
