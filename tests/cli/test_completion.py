"""The shell completes commands, policies, hosts, lists and time zones, at once and whatever is broken."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell


def completed(driftbell: Driftbell, line: str) -> list[str]:
    """What bash would offer for the last word of a line."""
    asked = {"_DRIFTBELL_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    done = subprocess.run(
        driftbell.arguments("explain")[:-1], env={**driftbell.environment(), **asked}, capture_output=True, text=True,
        timeout=60, check=False, cwd=driftbell.folder,
    )  # fmt: skip
    assert not done.stderr
    return done.stdout.split()


@pytest.fixture
def named(driftbell: Driftbell) -> Driftbell:
    driftbell.policy("HOST-01", expect={"os.name": "debian"})
    driftbell.policy("NET-01", expect={"os.name": "debian"})
    driftbell.write("inventory/hosts.yml", {"servers": {"children": {"web": {"hosts": {"web1": {}, "db1": None}}}}})
    return driftbell


def test_commands_policies_and_hosts(named: Driftbell) -> None:
    assert completed(named, "driftbell va") == ["validate"]
    assert completed(named, "driftbell explain HO") == ["HOST-01"]
    assert completed(named, "driftbell explain HOST-01 ") == ["web1", "db1"]
    assert completed(named, "driftbell hosts trust w") == ["web1"]


def test_lists_and_time_zones_of_a_new_district(named: Driftbell) -> None:
    assert "google_devices" in completed(named, "driftbell init new --list goo")
    assert completed(named, "driftbell init new --timezone America/Chic") == ["America/Chicago"]


def test_a_repository_named_on_the_line_is_the_one(named: Driftbell) -> None:
    line = f"driftbell explain --repo {named.folder / 'elsewhere'} HO"
    assert completed(named, line) == []


def test_broken_files_complete_to_nothing(named: Driftbell) -> None:
    named.write("inventory/hosts.yml", "servers: [\n")
    named.write("policies/hosts/HOST-01.yaml", "\0\0")
    assert completed(named, "driftbell explain HOST-01 ") == []
    assert completed(named, "driftbell explain HO") == []


def test_the_script_for_the_shell_can_be_had(driftbell: Driftbell) -> None:
    done = subprocess.run(
        [*driftbell.arguments("explain")[:-1], "--show-completion", "bash"],
        # The shell that runs the tests is not to be found out: it may be any.
        env={**driftbell.environment(), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "true"},
        capture_output=True, text=True, timeout=60, check=False, cwd=driftbell.folder,
    )  # fmt: skip
    assert "_DRIFTBELL_COMPLETE=complete_bash" in done.stdout + done.stderr
