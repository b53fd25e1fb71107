"""A small district with policies and cases, tried in this process."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from agent.bootstrap import catalog
from agent.bootstrap.trials import with_trials
from agent.example import root
from agent.settings import Settings
from agent.trials.choosing import chosen
from agent.trials.coverage import Coverage, coverage
from agent.trials.running import Result, run
from tests.cli.fixtures import DISTRICT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell


@dataclass(frozen=True, slots=True)
class Ground:
    """A repository below `folder`."""

    folder: Path

    def write(self, name: str, content: object) -> Path:
        path = self.folder / "district" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
        path.write_text(text, encoding="utf-8")
        return path

    def policy(self, name: str, kind: str, **content: object) -> None:
        """Write a policy; `where` goes to the kind that it applies to."""
        applies = {"kind": kind, **({"where": content.pop("where")} if "where" in content else {})}
        self.write(f"policies/devices/{name}.yaml", {"policy": name, "title": name, "applies_to": applies, **content})

    def settings(self) -> Settings:
        return Settings(repository=str(self.folder / "district"), state=self.folder / "state")

    def results(self, tests: str | None = None, *names: str) -> tuple[tuple[Result, ...], Coverage]:
        """Try every case of the repository, of which `tests` is one more file."""
        if tests is not None:
            self.write("policies/tests/these.yaml", tests)
        repository, trials = with_trials(self.settings())
        picked, policies = chosen(trials, repository.policies, names)
        results = run(picked, repository, catalog())
        tested = [e.policy for r in results for e in r.case.expect]
        return results, coverage(policies, tested, [s for r in results for s in r.sights])

    def missed(self, tests: str) -> dict[str, list[str]]:
        """Give what came otherwise than expected, by case."""
        results, _ = self.results(tests)
        assert results, "no case was tried"
        return {r.case.name: [f"{m.subject}: {m.expected} / {m.came}" for m in r.misses] for r in results if r.misses}


def ground(folder: Path, **district: object) -> Ground:
    """Lay down a district without policies."""
    made = Ground(folder)
    made.write("policies/district.yaml", {**DISTRICT, **district})
    made.write("inventory/systems.yaml", {"systems": {}})
    return made


def riverton(driftbell: Driftbell) -> Path:
    """Lay down the example district whole, with its tests; give its policies/."""
    for part in ("policies", "inventory", "playbooks"):
        shutil.copytree(root() / part, driftbell.repo / part, dirs_exist_ok=True)
    return driftbell.repo / "policies"
