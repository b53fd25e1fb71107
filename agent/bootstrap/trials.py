"""Policy tests: the repository with its cases, and the case that is made of the last recorded look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.bootstrap import World
    from agent.errors import Problem
    from agent.model.policy import Repository
    from agent.model.trial import Trial
    from agent.settings import Settings
    from agent.trials.recorded import Recorded

TESTS = "policies/tests"


def with_trials(settings: Settings) -> tuple[Repository, tuple[Trial, ...]]:
    """Load the repository and its policy tests, or raise every mistake of the one, then of the others, at once."""
    from agent.bootstrap import catalog, load
    from agent.intake.trials import load_trials

    repository = load(settings)
    return repository, load_trials(repository, catalog(), settings.state / "cache")


def with_trials_of(
    settings: Settings, names: Sequence[str]
) -> tuple[Repository, tuple[Trial, ...], tuple[Problem, ...]]:
    """Load the repository and its policy tests; give what is wrong in files that `names` do not mean as well.

    Raises:
        InputError: something is wrong with the repository, or in a file that is to be tried.
    """
    from agent.bootstrap import catalog, load
    from agent.intake.trials import find_trials
    from agent.trials.choosing import means

    repository = load(settings)
    found = find_trials(repository, catalog(), settings.state / "cache")
    wrong = {p.place.file: means(p.place.file, found.about.get(p.place.file, ()), names) for p in found.problems}
    if any(wrong.values()):
        raise InputError([p for p in found.problems if wrong[p.place.file]])
    return repository, found.trials, tuple(sorted(set(found.problems)))


def write_case(settings: Settings, policy: str, resource: str) -> str:
    """Write a case of the last recorded look, scrubbed; give the file that has it now.

    Raises:
        InputError: there is no such policy or resource, or the scrubbed case would not come out as the look did.
        UnseenError: nothing is recorded, or the repository is not a directory of yours.
    """
    from agent.bootstrap import opened
    from agent.trials.recorded import recorded

    with opened(settings, read_only=True) as world:
        root = Path(world.repository.root)
        if root.is_relative_to(settings.state.resolve()) or root.is_relative_to(settings.state):
            msg = "Name your own copy of the repository with --repo: a case is written into it, to be committed."
            raise InputError(msg)
        found = recorded(world.ports, world.repository, policy, resource)
        name = _file(world.repository, found.policy)
        text = _tried(world, found, root / name, name)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    _replace(root / name, text)
    return name


def _file(repository: Repository, policy: str) -> str:
    """Give the file of a policy's recorded cases: beside the tests that people write, in the policy's own folder."""
    place = next(p.place.file for p in repository.policies if p.id == policy)
    folder = Path(place).parent.name
    return f"{TESTS}/{folder}/{policy}.seen.yaml"


def _tried(world: World, found: Recorded, path: Path, name: str) -> str:
    """Give the file with the new case in it, after a look whether that comes out as the recorded look did."""
    from agent.bootstrap import catalog
    from agent.intake.trials import read_trial
    from agent.trials import spelling
    from agent.trials.running import outcome_of

    before = path.read_text(encoding="utf-8") if path.exists() else spelling.head(found, "../../")
    taken = (
        frozenset(c.name for c in read_trial(before.encode(), name, world.repository, catalog()).cases)
        if path.exists()
        else frozenset()
    )
    case_name = spelling.named(taken, found)
    start = before if before.endswith("\n") else f"{before}\n"
    trial = read_trial((start + spelling.case(found, case_name, "")).encode(), name, world.repository, catalog())
    stands, finding = outcome_of(trial.cases[-1], found.policy, found.resource, world.repository, catalog())
    if stands != found.stands or trial.cases[-1].name != case_name:
        msg = (
            f"{found.policy} says {found.stands} of it, and {stands} of the same "
            "readings with invented names: its answer hangs on a name, a number or another resource. "
            "Write this case by hand."
        )
        raise InputError(msg)
    return start + spelling.case(found, case_name, finding.sentence if finding else "")


def _replace(path: Path, text: str) -> None:
    """Put a file in place in one step, so that a full disk leaves the one that was there."""
    from agent.bootstrap import write_file

    fresh = path.with_name(f".{path.name}.new")
    write_file(fresh, text)
    fresh.replace(path)
