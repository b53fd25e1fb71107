"""One mutated document through the loader and the formatter, and what came of it."""

from __future__ import annotations

import re
import resource
import shutil
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from agent.bootstrap import catalog
from agent.errors import InputError
from agent.intake import structure
from agent.intake.formatting import laid_out
from agent.intake.git_program import Checkout
from agent.intake.repository import load
from agent.intake.schema import schema
from agent.intake.trials import load_trials
from agent.model.policy import Revision
from tests.fuzz.corpus import PLACES, ROOT, policies, seeds
from tests.fuzz.mutations import dice, mutated

if TYPE_CHECKING:
    from pathlib import Path

    from agent.errors import Problem

SLOWEST = 10.0  # seconds of one processor that a document may take
MEMORY = 500  # MB that a process which reads nothing but such documents may ever have
SHORT = 400  # characters; a sentence longer than that is none


@dataclass(slots=True)
class Tally:
    """What came of many documents."""

    verdicts: Counter[str] = field(default_factory=Counter)
    sentences: Counter[str] = field(default_factory=Counter)
    bugs: list[tuple[int, str]] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, 0)
    memory: tuple[float, int] = (0.0, 0)

    def add(self, other: Tally) -> None:
        """Take in another."""
        self.verdicts.update(other.verdicts)
        self.sentences.update(other.sentences)
        self.bugs += other.bugs
        self.slowest = max(self.slowest, other.slowest)
        self.memory = max(self.memory, other.memory)


class Harness:
    """A small district in a folder of its own, into which one document after the other is put."""

    def __init__(self, folder: Path) -> None:
        """Lay the district down; `folder` holds nothing else."""
        self.root = folder / "district"
        self.cache = folder / "cache"
        self.catalog = catalog()
        self.whole = schema(self.catalog)
        for name in ("policies/conditions", "policies/values", "policies/frameworks", "playbooks"):
            shutil.copytree(ROOT / name, self.root / name)
        for name, text in _BASE.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        # The schema is the same for every document; making it anew would be most of the time.
        structure.schema = lambda _: self.whole
        structure._digest = lambda _: "the same"

    def try_one(self, seed: int, number: int, tally: Tally) -> None:
        """Try the document that a seed and a number stand for."""
        place, data = mutated(dice(seed, number))
        began = time.process_time()
        try:
            for verdict in (self._loaded(place, data, tally), self._formatted(data)):
                tally.verdicts[verdict] += 1
        except Exception:  # ruff: ignore[blind-except] - whatever it is, it is a bug
            tally.bugs.append((number, traceback.format_exc(limit=-6)))
        took = time.process_time() - began
        if took > SLOWEST:
            tally.bugs.append((number, f"It took {took:.1f} s."))
        tally.slowest = max(tally.slowest, (took, number))
        self._weigh(number, tally)

    def _weigh(self, number: int, tally: Tally) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        if peak > max(MEMORY, tally.memory[0]) and tally.memory[0] <= MEMORY:
            tally.bugs.append((number, f"The process grew to {peak:.0f} MB."))
        tally.memory = max(tally.memory, (peak, number))

    def _loaded(self, place: str, data: bytes, tally: Tally) -> str:
        tested = self._beside(place, data)
        path = self.root / place
        before = path.read_bytes() if path.exists() else None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        try:
            made = load(Checkout(self.root, Revision("fuzz", str(self.root))), self.catalog, self.cache)
            load_trials(made, self.catalog, self.cache)
        except InputError as error:
            _check(error.problems)
            tally.sentences.update({_template(problem.sentence) for problem in error.problems})
            return "refused"
        finally:
            path.unlink() if before is None else path.write_bytes(before)
            for one in tested:
                one.unlink()
        return "accepted"

    def _beside(self, place: str, data: bytes) -> list[Path]:
        """Put the policies that a policy test is about beside it."""
        if place != PLACES["tests"]:
            return []
        named = [id_ for id_ in dict.fromkeys(re.findall(rb"[A-Z]{3,4}-[A-Z0-9-]+", data)) if id_ in policies()][:3]
        paths = [self.root / f"policies/vendors/{id_.decode()}.yaml" for id_ in named]
        for path, id_ in zip(paths, named, strict=True):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(policies()[id_])
        return paths

    def _formatted(self, data: bytes) -> str:
        try:
            text = laid_out(data, "fuzzed.yaml", self.whole)
        except InputError as error:
            _check(error.problems)
            return "not laid out"
        again = laid_out(text.encode(), "fuzzed.yaml", self.whole)
        assert again == text, f"laid out twice is something else: {_first_difference(text, again)}"
        return "laid out"


def _first_difference(one: str, other: str) -> str:
    pairs = zip_longest(one.split("\n"), other.split("\n"))
    return next((f"{a!r:.150}, then {b!r:.150}" for a, b in pairs if a != b), "")


def _check(problems: tuple[Problem, ...]) -> None:
    """Make sure that what is said is a sentence with its place."""
    assert problems, "refused without a word"
    for problem in problems:
        said = problem.sentence
        assert problem.place.file, said
        assert said[-1:] in {".", "?", "!"}, said
        assert said.isprintable(), repr(said)
        assert len(said) <= SHORT, said
        assert "Traceback" not in said, said


def _template(sentence: str) -> str:
    """Give a sentence without what is particular to one document."""
    plain = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\S+\.ya?ml(:[0-9:]+)?", "...", sentence)
    return re.sub(r"[0-9][0-9.,]*", "N", plain).partition("; did you mean")[0].partition(" known are")[0][:70]


def bounded() -> None:
    """Keep this process from ever taking the machine's whole memory."""
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    sys.setrecursionlimit(1000)  # Python's own default: whatever the tests have set


_BASE = {
    "policies/district.yaml": next(seed.text for seed in seeds() if seed.place == PLACES["district"]),
    "policies/hosts/good.yaml": "policy: GOOD-1\ntitle: t\napplies_to: {kind: host}\nexpect: {hostname: a}\n",
    "inventory/README": "No hosts here.\n",
    "playbooks/good.yml": "- hosts: all\n  tasks: []\n",
    "policies/calendars/secondary.yaml": 'calendar: secondary\nbells: {mon: ["08:10-11:40"], tue: ["08:10-15:00"]}\n',
}
