"""Every wrong file of tests gets exactly its sentences, with line and column; nothing of it reaches a look."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.bootstrap import load
from agent.bootstrap.trials import with_trials
from agent.errors import InputError
from agent.example import root
from agent.settings import Settings

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

CASES = sorted((Path(__file__).parents[1] / "cases" / "trials" / "wrong").glob("*.yaml"))
PLACE = "policies/tests/case.yaml"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for part in ("policies", "inventory", "playbooks"):
        shutil.copytree(root() / part, tmp_path / "district" / part)
    shutil.rmtree(tmp_path / "district/policies/tests")
    (tmp_path / "district/policies/tests").mkdir()
    return Settings(repository=str(tmp_path / "district"), state=tmp_path / "state")


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.stem)
def test_a_wrong_file_gets_its_sentences_and_no_others(settings: Settings, case: Path) -> None:
    shutil.copy(case, Path(settings.repository) / PLACE)
    with pytest.raises(InputError) as raised:
        with_trials(settings)
    said = [str(p).removeprefix(f"{PLACE}:") for p in raised.value.problems]
    assert said == case.with_suffix(".txt").read_text("utf-8").splitlines()
    assert load(settings).policies, "a mistake in a test is no reason not to look"


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 10


def test_validate_says_it_too(driftbell: Driftbell) -> None:
    driftbell.policy("P-1", expect={"os.name": "debian"})
    driftbell.write("policies/tests/a.yaml", "tests: P-2\nat: 2026-11-20\ncases:\n  - {case: c, expect: {}}\n")
    said = driftbell("validate")
    assert said.code == 2
    assert "policies/tests/a.yaml:4:23" in said.err
    driftbell.write(
        "policies/tests/a.yaml", "tests: P-2\nat: 2026-11-20\ncases: [{case: c, expect: {host/a: in_line}}]\n"
    )
    assert "There is no policy 'P-2'; did you mean 'P-1'?" in driftbell("validate").err
    assert driftbell("test").code == 2
