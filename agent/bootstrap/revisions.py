"""Two revisions of the policies, loaded and compared; and what git knows of who changed a policy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from agent.errors import DriftbellError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from agent.errors import Problem
    from agent.intake.git_program import Checkout
    from agent.intake.git_revisions import Past
    from agent.model.comparison import Comparison, Edit
    from agent.model.policy import Repository
    from agent.settings import Settings


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which revisions are compared, and when they are judged. An empty `newer` is what is read where none is named."""

    older: str
    newer: str = ""
    at: datetime | None = None
    fresh: bool = False


def compared(settings: Settings, wanted: Wanted, progress: Callable[[str], None]) -> Comparison:
    """Load two revisions and judge both on one look. Nothing is written to the ledger.

    Raises:
        InputError: there is no such revision, or the newer one does not load; with every problem.
        UnseenError: a revision cannot be fetched or written out.
    """
    from agent import bootstrap
    from agent.comparing import Asked, compare
    from agent.intake.git import past, sync
    from agent.report.waivers import covered
    from agent.systems.host.inventory import read

    history = past(settings.repository, settings.state / "checkouts")
    before = _checkout(history, wanted.older)
    here = not wanted.newer and history.where == _directory(settings)
    after = sync(settings.repository, settings.state / "checkouts") if here else _checkout(history, wanted.newer)
    newer = bootstrap.load_checkout(settings, after)
    older, broken = _try(settings, before, newer)
    with bootstrap.ledger(settings, read_only=True) as store:
        ports = bootstrap.ports(settings, newer, store, progress)
        at = wanted.at or ports.clock()
        named = partial(covered, frozenset(k.name for k in ports.eyes.catalog.kinds.values() if k.private))
        beside = () if broken else _declared(settings, older, newer)
        return compare(ports, Asked(older, newer, at, read, named, wanted.fresh, broken, beside))


def _declared(settings: Settings, older: Repository, newer: Repository) -> tuple[Edit, ...]:
    """Say that the files of declared closures differ, where this server's own file is laid over both."""
    from pathlib import Path

    from agent.intake.files import CHANGES
    from agent.model.comparison import Edit

    paths = [Path(r.root) / CHANGES for r in (older, newer)]
    written = [p.read_bytes() if p.is_file() else b"" for p in paths]
    if written[0] == written[1] or older.timetable.changes != newer.timetable.changes:
        return ()
    if not settings.calendar_changes.exists():
        return ()
    return (Edit(CHANGES, "", "other content, which what was declared on this server covers: it is laid over both"),)


def earlier(settings: Settings, revision: str) -> Repository | None:
    """Give an older revision that was in use, or None where it cannot be read: it was never committed, or is gone."""
    from agent.bootstrap import load_checkout
    from agent.intake.git import past

    if "dirty:" in revision:
        return None
    try:
        checkout = past(settings.repository, settings.state / "checkouts", fetched=True).checkout(revision)
        return load_checkout(settings, checkout)
    except DriftbellError:
        return None


def _directory(settings: Settings) -> Path:
    from pathlib import Path

    return Path(settings.repository).resolve()


def _checkout(history: Past, name: str) -> Checkout:
    """Give the files of a revision; a program among them is run only where it is the one that runs anyway."""
    from agent.intake.inventory import SOURCE
    from agent.intake.inventory_files import is_dynamic

    found = history.checkout(name or "HEAD")
    source = found.root / SOURCE
    if source.exists() and is_dynamic(source) and not history.same(found.revision.id, history.head, "inventory"):
        msg = (
            f"{SOURCE} of {name} asks a program or a plugin for its hosts, and is not the one in use: what is under "
            "review is not run. Compare it where it is checked out and trusted."
        )
        raise InputError(msg)
    return found


def _try(settings: Settings, checkout: Checkout, newer: Repository) -> tuple[Repository, tuple[Problem, ...]]:
    """Load the older revision; one that does not load has no policies, and its problems are told."""
    from agent.bootstrap import load_checkout

    try:
        return load_checkout(settings, checkout), ()
    except InputError as error:
        if not error.problems:
            raise
        return replace(newer, policies=(), revision=checkout.revision, warnings=()), error.problems
