"""Every file that we ship or lay down, and every worked example of the documents: as the schema and `fmt` have it."""

from __future__ import annotations

import re
import subprocess
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from agent import example
from agent.bootstrap import catalog, load
from agent.bootstrap.trials import with_trials
from agent.example import choosing
from agent.example.answers import Answers, School
from agent.example.demo import lay_down_demo
from agent.intake import programs, yaml
from agent.intake.files import readable, yaml_files
from agent.intake.formatting import laid_out
from agent.intake.nodes import plain
from agent.intake.schema import schema
from agent.intake.structure import BEGINNINGS
from agent.settings import Settings
from agent.trials.running import run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.example.demo import Demo

ROOT = Path(__file__).parents[2]
CATALOG = catalog()
WHOLE = schema(CATALOG)
PUBLISHED = Draft202012Validator(WHOLE)
SCHOOLS = (School("East High", "/Students/East"), School("North Middle", "/Students/North"))
EVERYTHING = Answers(director="a@b.example", schools=SCHOOLS, lists=tuple(choosing.lists(CATALOG)))


def faults(name: str, data: bytes) -> list[str]:
    """Give what an editor would underline in a document, and whether `fmt` would lay it out otherwise."""
    said = [f"{name}: {e.json_path}: {e.message}" for e in PUBLISHED.iter_errors(plain(yaml.parse(data, name)))]
    return said + ([] if laid_out(data, name, WHOLE).encode() == data else [f"{name}: fmt lays it out otherwise"])


def all_faults(paths: Iterable[Path]) -> list[str]:
    found = list(paths)
    assert len(found) > 5
    return [fault for path in found for fault in faults(str(path), path.read_bytes())]


def demo(folder: Path) -> Demo:
    return lay_down_demo(folder, datetime.now(UTC).date(), CATALOG)


def test_what_is_shipped() -> None:
    shapes = {shape for _, shape in readable(ROOT)}
    assert {"policy", "tests", "calendar", "values", "conditions", "framework", "district", "systems"} <= shapes
    assert all_faults(path for path, _ in readable(ROOT)) == []


LONG = Answers(name=" ".join(["Greater"] * 12), schools=(School("S" * 99, f"/{'S' * 99}"),), lists=EVERYTHING.lists)


@pytest.mark.parametrize("answers", [Answers(), EVERYTHING, LONG], ids=["this machine", "everything", "long names"])
def test_what_init_lays_down(tmp_path: Path, answers: Answers) -> None:
    example.lay_down(tmp_path / "new", answers, CATALOG)
    later = yaml_files(tmp_path / "new" / "later")
    assert all_faults([*(path for path, _ in readable(tmp_path / "new")), *later]) == []


@pytest.mark.parametrize("name", ["new", f"a: {{b}} {'long ' * 25}#c"], ids=["plain", "hostile"])
def test_what_the_demo_lays_down(tmp_path: Path, name: str) -> None:
    assert all_faults(path for path, _ in readable(demo(tmp_path / name).district)) == []


def test_the_demos_district_validates_and_passes_its_tests(tmp_path: Path) -> None:
    made = demo(tmp_path / "new")
    repository, trials = with_trials(Settings(repository=str(made.district), state=made.state))
    assert repository.warnings == ()
    there = {policy.id for policy in repository.policies}
    assert {policy for trial in trials for policy in trial.policies} == there - {"DEMO-01"}
    assert [r.case.name for r in run(trials, repository, CATALOG) if r.misses] == []


def test_the_demos_district_is_a_git_repository_with_one_commit_of_all_of_it(tmp_path: Path) -> None:
    made = demo(tmp_path / "new")

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=made.district, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    (made.district / "policies/driftbell.schema.json").write_text("{}")
    (made.district / "people.csv").write_text("secret")
    assert not git("status", "--porcelain", "--untracked-files=all")
    assert git("rev-list", "--count", "--all") == "1"
    assert load(Settings(repository=str(made.district), state=made.state)).revision.id == git("rev-parse", "HEAD")


def test_without_git_the_demo_has_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "find", lambda _: "")
    made = demo(tmp_path / "new")
    assert (made.district / "policies/hosts/DEMO-01.yaml").is_file()
    assert not (made.district / ".git").exists()


def test_a_repository_around_the_demo_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    monkeypatch.setattr("agent.example.demo._FIRST_COMMIT", (("init", "--no-such-option"), ("add", "."), ("add", ".")))
    demo(tmp_path / "new")
    monkeypatch.setattr("agent.example.demo._FIRST_COMMIT", (("add", "."),))
    demo(tmp_path / "new")
    staged = subprocess.run(["git", "ls-files"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert not staged


def worked_examples() -> dict[str, str]:
    """Give the whole files that the documents show, by document and line; what is a part of a file is none."""
    found = {}
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = path.read_text(encoding="utf-8")
        for block in re.finditer(r"(?ms)^( *)```yaml\n(.*?)^\1```", text):
            example_ = textwrap.dedent(block[2])
            if re.search(rf"(?m)^({'|'.join(BEGINNINGS)}):", example_):
                found[f"{path.name}:{text.count(chr(10), 0, block.start()) + 1}"] = example_
    return found


@pytest.mark.parametrize(("name", "text"), worked_examples().items(), ids=worked_examples())
def test_a_worked_example(name: str, text: str) -> None:
    assert faults(name, text.encode()) == []


def test_there_are_worked_examples_of_policies_and_their_tests() -> None:
    begins = {text.partition(":")[0] for text in (t[t.find("\n") + 1 :] if t[0] == "#" else t for t in EXAMPLES)}
    assert {"policy", "tests", "waivers", "values"} <= begins


EXAMPLES = tuple(worked_examples().values())
