"""install-service at a terminal and without one; nothing is changed here: see test_server.py for that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agent.__main__ import _report_bug
from agent.cli.install_service import _git_host
from agent.daemon.installing import SETTINGS
from tests.cli.terminal import converse

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

pytestmark = pytest.mark.skipif(os.path.lexists(SETTINGS), reason="Driftbell is installed on this machine")


def test_at_a_terminal_it_asks_and_asks_again(driftbell: Driftbell) -> None:
    code, shown = converse(
        driftbell,
        ["install-service", "--dry-run"],
        [
            ("The policy repository", "https://hunter3@git.example/p.git"),
            ("holds a secret", "ssh://git@git.riverton.example:2222/policies.git"),
            ("The mail server", "mail.riverton.example:587"),
            ("its mail comes from", "nobody"),
            ("takes a mail address", "Driftbell <driftbell@riverton.example>"),
            ("Who may say things here", "amy=director, ben = systems"),
        ],
    )
    assert code == 0, shown
    for line in (
        'repo: "ssh://git@git.riverton.example:2222/policies.git"',
        'server: "smtp://mail.riverton.example:587"',
        'from: "Driftbell <driftbell@riverton.example>"',
        'people: {"amy": "director", "ben": "systems"}',
    ):
        assert line in shown
    assert "Nothing was changed" in shown
    assert not SETTINGS.exists()


def test_without_a_terminal_what_is_missing_is_named(driftbell: Driftbell) -> None:
    said = driftbell("install-service", "--dry-run")
    assert said.code == 2
    assert "--repo" in said.err
    given = driftbell("install-service", "--dry-run", "--repo", "ssh://git@git.example/p.git", "--mail-server", "m:25")
    assert given.code in {0, 2}  # by whether this machine has a domain that mail can come from
    assert "mail address" in given.err if given.code else "smtp://m:25" in given.out


def test_a_bug_in_a_service_stands_in_the_journal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:4711")
    try:
        int("four")
    except ValueError:
        _report_bug(["daemon"])
    said = capsys.readouterr().err
    assert said.startswith('{"event": "bug"')
    assert "ValueError" in said


@pytest.mark.parametrize(
    ("repository", "host"),
    [
        ("ssh://git@git.example/p.git", "git@git.example"),
        ("ssh://git@git.example:2222/p.git#main", "-p 2222 git@git.example"),
        ("git@git.example:p.git", "git@git.example"),
        ("https://git.example/p.git", ""),
        ("file:///srv/p.git", ""),
        ("/srv/p.git", ""),
    ],
)
def test_whom_ssh_asks_for_a_repository(repository: str, host: str) -> None:
    assert _git_host(repository) == host
