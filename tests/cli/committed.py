"""A district under git with one list of devices: what the tests of `diff` and `history` live through."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.cli.fixtures import Driftbell, Said

SYSTEMS = {
    "systems": {
        "mdm": {
            "type": "csv",
            "kind": "device",
            "path": "mdm.csv",
            "key": "serial",
            "columns": {
                "serial": "Serial",
                "os_version": "OS",
                "status": "Status",
                "site": "School",
                "org_unit": "OU",
            },
        }
    }
}
LAST_DAY = (datetime.now(UTC) + timedelta(days=60)).date()  # of the waiver below
HEADER = ("Serial", "OS", "Status", "School", "OU")


def waiver(name: str, resource: str) -> dict[str, Any]:
    """Give policies/waivers.yaml with one waiver from DEV-02."""
    one = {"waiver": name, "policies": ["DEV-02"], "resources": [resource], "owner": "director", "reason": "vendor"}
    return {"waivers": [{**one, "ticket": "4711", "until": LAST_DAY.isoformat()}]}


@dataclass(frozen=True, slots=True)
class District:
    """The command on a district whose every change is a commit, and whose devices are `devices`."""

    driftbell: Driftbell

    def git(self, *words: str) -> str:
        """Run git in the repository, as one person and without the caller's settings."""
        identity = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "Ada Example"), ("EMAIL", "ada@riverton.example"))
        }
        plain = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **identity}
        done = subprocess.run(
            ["git", *words], cwd=self.driftbell.repo, env={**os.environ, **plain}, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, title: str) -> str:
        """Commit everything, and give the commit."""
        if not (self.driftbell.repo / ".git").exists():
            self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={title}")
        return self.git("rev-parse", "HEAD")

    def policy(self, name: str, **content: Any) -> Path:
        """Write a policy on devices."""
        base = {"policy": name, "title": f"Title of {name}", "severity": "medium", "owner": "it@riverton.example"}
        content.setdefault("applies_to", {"kind": "device"})
        return self.driftbell.write(f"policies/devices/{name}.yaml", {**base, **content})

    def devices(self, rows: Mapping[str, str]) -> None:
        """Write the list as somebody exports it: a serial, and the rest of its row as `126.0 active east /Students`."""
        path = self.driftbell.state / "exports" / "mdm.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        cells = ([serial, *rest.split()] for serial, rest in rows.items())
        lines = [",".join(HEADER), *(",".join((row + [""] * len(HEADER))[: len(HEADER)]) for row in cells)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def run(self) -> Said:
        """Look and record."""
        said = self.driftbell("run", "--mail", "never")
        assert said.code in {0, 1, 3}, said.err
        return said

    def events(self, *words: str) -> list[dict[str, Any]]:
        """Give the events that `history` tells, oldest first."""
        return self.driftbell("history", *words, "--json").json["events"]


def begun(driftbell: Driftbell) -> District:
    """Give a district with three devices in line, one policy, and its first recorded look."""
    district = District(driftbell)
    driftbell.write("inventory/systems.yaml", SYSTEMS)
    driftbell.write("inventory/hosts.yml", {"all": {"hosts": {}}})
    district.policy("DEV-02", expect={"os_version": {"at_least": "126"}})
    district.devices({"A1": "128.0 active east /Students", "B2": "128.0 active east /Students", "C3": "140.0 active"})
    district.commit("First policies")
    district.run()
    return district
