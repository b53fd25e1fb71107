"""The example district, Riverton Unified, and what `driftbell init` lays down of it.

Its policies, playbooks and inventory stand at the top of the source tree; the wheel carries them in this folder.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import InputError
from agent.example import choosing, texts
from agent.example.composed import parts, read
from agent.example.tested import tests
from agent.intake.formatting import laid_out
from agent.intake.schema import schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.example.answers import Answers
    from agent.model.kind import Catalog

LATER = "later"  # the folder of policies that no list can show yet
PARTS = ("values", "conditions")  # what rules are composed of
FRAMEWORKS = "frameworks"
_OWN = ("district.yaml", "calendars", "tests", "waivers.yaml")  # the example's own
_NOT_RULES = frozenset({*_OWN, *PARTS, FRAMEWORKS})


@dataclass(frozen=True, slots=True)
class Laid:
    """What was laid down: how many policies, and for each left for later, by its path, what it waits for."""

    policies: int
    later: Mapping[str, str] = field(default_factory=dict)


def root() -> Path:
    """Give the folder that holds the example's policies/, playbooks/ and inventory/."""
    here = Path(__file__).parent
    return here if (here / "policies").is_dir() else here.parent.parent


def lay_down(folder: Path, answers: Answers, catalog: Catalog) -> Laid:
    """Write a district that validates into a folder that is empty or not there yet.

    Raises:
        InputError: the folder holds something, or it cannot be written.
    """
    refuse_taken(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _write(folder, answers, catalog)
    except OSError as error:
        msg = f"{error.filename or folder} cannot be written: {error.strerror}."
        raise InputError(msg) from error


def refuse_taken(folder: Path) -> None:
    """Refuse a folder that holds anything but an empty git repository.

    Raises:
        InputError: it does, or it is no folder.
    """
    try:
        taken = [p.name for p in folder.iterdir() if p.name != ".git"] if folder.exists() else []
    except OSError as error:
        msg = f"{folder} cannot be used: {error.strerror}."
        raise InputError(msg) from error
    if taken:
        msg = f"{folder} is not empty; name a new folder, so that nothing of yours is overwritten."
        raise InputError(msg)


def _write(folder: Path, answers: Answers, catalog: Catalog) -> Laid:
    ignored = shutil.ignore_patterns(".*", "__pycache__")
    shutil.copytree(root() / "playbooks", folder / "playbooks", ignore=ignored)
    laid = _policies(folder, answers, catalog)
    for test, place in tests(root() / "policies", folder, LATER):
        _put(place, texts.with_names(test.read_text("utf-8"), answers))
    known = choosing.lists(catalog)
    wide = {  # lines that may be too long, with names of the district's own
        "policies/district.yaml": texts.district(answers),
        "inventory/systems.yaml": texts.systems([known[name] for name in answers.lists]),
    }
    written = {
        **{name: laid_out(text.encode(), name, schema(catalog)) for name, text in wide.items()},
        **{f"policies/calendars/{name}.yaml": text for name, text in texts.calendars().items()},
        "inventory/hosts.yml": texts.hosts(answers),
        ".gitignore": texts.GITIGNORE,
        ".vscode/extensions.json": texts.EXTENSIONS,
        "README.md": texts.readme(answers, laid.later),
    }
    for name, text in written.items():
        _put(folder / name, text)
    return laid


def _policies(folder: Path, answers: Answers, catalog: Catalog) -> Laid:
    """Lay down the example's rules: those that the lists can show where they are read, the others for later."""
    known = choosing.shown(
        answers.lists, catalog, hosts=answers.this_machine, units=any(s.org_unit for s in answers.schools)
    )
    source = root() / "policies"
    later, composed = {}, parts(source)
    resting: dict[Path, bool] = {}  # the files that rules rest on, and whether one of those rules is read at once
    rules = [p for p in sorted(source.rglob("*.yaml")) if p.relative_to(source).parts[0] not in _NOT_RULES]
    for rule in rules:
        name = rule.relative_to(source)
        waits = choosing.lacking(rule, known, catalog, composed)
        for part in composed.needed(read(rule)):
            resting[part] = resting.get(part, False) or not waits
        if waits:
            later[str(Path(LATER) / name)] = waits
        _put(folder / (LATER if waits else "policies") / name, texts.with_names(rule.read_text("utf-8"), answers))
    for part, now in resting.items():
        _put(folder / ("policies" if now else LATER) / part.relative_to(source), part.read_text("utf-8"))
    shutil.copytree(source / FRAMEWORKS, folder / "policies" / FRAMEWORKS, ignore=shutil.ignore_patterns(".*"))
    return Laid(len(rules) - len(later), later)


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
