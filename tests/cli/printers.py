"""A district whose printers are out of toner, in a git repository of somebody with a name."""

from __future__ import annotations

import subprocess
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.cli.fixtures import Driftbell, Said

ZONE = ZoneInfo("America/Chicago")
TODAY = datetime.now(ZONE).date()
FILE = "policies/waivers.yaml"
TONER = {"P-1": "3%", "P-2": "90%", "P-3": "4%", "P, 4": "5%"}
OPTIONS = ("--reason", "vendor", "--until", "30 days", "--ticket", "4711", "--owner", "director")
HEAD = "# Ours.\nwaivers: # none yet\n"


def lay_down(driftbell: Driftbell) -> None:
    """Write a policy on printers, and a list of them."""
    policy = {
        "policy": "PRN-01", "title": "Printers have toner", "severity": "low",
        "applies_to": {"kind": "printer"}, "expect": {"toner": {"at_least": 10}},
    }  # fmt: skip
    driftbell.write("policies/devices/PRN-01.yaml", policy)
    printers = {"type": "csv", "kind": "printer", "path": "printers.csv", "preset": "generic_printers"}
    driftbell.write("inventory/systems.yaml", {"systems": {"printers": printers}})
    driftbell.write("inventory/hosts.yml", {"all": {"hosts": {}}})
    write_printers(driftbell, TONER)


def write_printers(driftbell: Driftbell, toner: Mapping[str, str]) -> None:
    """Write the list: names and what is left in them."""
    exports = driftbell.state / "exports"
    exports.mkdir(parents=True, exist_ok=True)
    rows = "".join(f'"{name}",East High,Ready,{level},10\n' for name, level in toner.items())
    (exports / "printers.csv").write_text("Name,School,Status,Toner,Pages\n" + rows, encoding="utf-8")


def committed(driftbell: Driftbell) -> Driftbell:
    """Lay it down and commit it, as somebody with a name."""
    lay_down(driftbell)
    git(driftbell.repo, "init", "-q", "-b", "main")
    git(driftbell.repo, "config", "user.name", "T. Tech")
    git(driftbell.repo, "config", "user.email", "tech@riverton.example")
    git(driftbell.repo, "add", "-A")
    git(driftbell.repo, "commit", "-q", "-m", "First")
    return driftbell


def git(folder: Path, *words: str) -> str:
    """Run git."""
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout


def waive(district: Driftbell, *words: str, yes: bool = True) -> Said:
    """Run `driftbell waive`."""
    return district("waive", *words, *(["--yes"] if yes else []))


def entries(district: Driftbell) -> list[dict[str, object]]:
    """Give what stands in the file."""
    found: list[dict[str, object]] = yaml.safe_load((district.repo / FILE).read_text(encoding="utf-8"))["waivers"]
    return found


def untouched(district: Driftbell, before: str) -> None:
    """Nothing is there that was not there before, and no commit was made."""
    assert git(district.repo, "rev-parse", "HEAD").strip() == before
    assert not (district.repo / FILE).exists()
    assert not list((district.repo / "policies").glob(".waivers*"))


def head(district: Driftbell) -> str:
    """Give the newest commit."""
    return git(district.repo, "rev-parse", "HEAD").strip()
