"""Following the policy repository: brought to its newest revision again and again, and read only where it changed."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from agent.bootstrap.syncing import as_it_stands, synced
from agent.errors import InputError

if TYPE_CHECKING:
    from agent.ledger.store import LedgerStore
    from agent.model.policy import Repository
    from agent.settings import Settings


class Follower:
    """Gives the repository as it is to be run now: the same value as before where nothing changed."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings, which say where it is and whose commits count."""
        self._settings = settings
        self._mark: tuple[object, ...] = ()
        self._repository: Repository | None = None

    def newest(self, store: LedgerStore) -> Repository:
        """Bring it to its newest revision. What does not load leaves the last one looking, and changing nothing.

        Raises:
            InputError: it does not load, and none did before.
            HeldError: the revision is refused, and none was accepted before.
            UnseenError: it cannot be fetched and never was.
        """
        mark = self._seen(store)
        if self._repository is None or mark != self._mark:
            self._repository = self._read(store)
            self._mark = self._seen(store)  # reading decides, and the decision is part of it
        return self._repository

    def _seen(self, store: LedgerStore) -> tuple[object, ...]:
        """Give what a reading hangs on: the revision, what was decided of it, and closures declared here."""
        from agent.intake.git import sync

        try:
            checkout = sync(self._settings.repository, self._settings.state / "checkouts")
        except InputError as error:
            return (str(error),)
        revision = checkout.revision
        decided = next(iter(store.beliefs.newest(revision.source, 1)), None)
        said = (decided.commit, decided.why, decided.by) if decided else ()
        return (revision.id, checkout.warnings, said, _digest(self._settings))

    def _read(self, store: LedgerStore) -> Repository:
        from agent.bootstrap import load_newest

        if not as_it_stands(self._settings):
            return synced(self._settings, store)
        try:
            return load_newest(self._settings)
        except InputError as error:
            if self._repository is None:
                raise
            first = str(error).splitlines()[0].rstrip(".")
            said = f"The policies do not load: {first}. What loaded last only looks."
            return replace(self._repository, refused=said, warnings=(said, *self._repository.warnings))


def _digest(settings: Settings) -> str:
    """Give a digest of the closures and delays that were declared on this server."""
    try:
        return sha256(settings.calendar_changes.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
    except OSError as error:
        return str(error)
