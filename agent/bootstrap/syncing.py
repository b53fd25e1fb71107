"""Bringing the rules to a revision that may be run: signed, after the last one, whole, and passing its own tests.

What may not be run is refused whole; the last revision that was accepted goes on looking, and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.decide.provenance import SHORT, demanded, refusal
from agent.errors import HeldError, InputError
from agent.model.provenance import Belief, Course, Seal
from agent.settings import EVERY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.intake.git_program import Checkout
    from agent.intake.git_revisions import Past
    from agent.ledger.store import LedgerStore
    from agent.model.policy import Repository
    from agent.settings import Settings


@dataclass(frozen=True, slots=True)
class Offered:
    """A revision that is offered, its repository's history, the one that was accepted last, and how it lies to that."""

    checkout: Checkout
    past: Past
    last: Belief | None = None
    course: Course = Course.FIRST

    @property
    def dirty(self) -> bool:
        """Say whether more is there than the commit holds."""
        return "dirty:" in self.checkout.revision.id


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided of the revision that is offered; `repository` is None where it is refused."""

    offered: Offered
    belief: Belief
    repository: Repository | None


def synced(settings: Settings, store: LedgerStore) -> Repository:
    """Give the repository at the revision that may be run, and keep in the ledger what was decided.

    Raises:
        InputError: the revision does not load, and none was accepted before.
        HeldError: the revision is refused, and none was accepted before.
        UnseenError: it cannot be fetched and never was.
    """
    decided = _decided(settings, store)
    store.beliefs.keep(decided.belief)
    return decided.repository or _last_good(settings, decided)


def believed(settings: Settings, store: LedgerStore) -> Repository:
    """Give the same, for what only looks: nothing is kept.

    Raises:
        InputError, HeldError, UnseenError: as `synced` does.
    """
    decided = _decided(settings, store)
    return decided.repository or _last_good(settings, decided)


def _decided(settings: Settings, store: LedgerStore) -> Decision:
    """Decide. What is refused for where it comes from is not even read: an inventory may be a program."""
    from agent.bootstrap import load_checkout
    from agent.intake.git import is_directory, past, sync

    checkout = sync(settings.repository, settings.state / "checkouts")
    history = past(settings.repository, settings.state / "checkouts", fetched=not is_directory(settings.repository))
    last = store.beliefs.accepted(checkout.revision.source)
    course = history.course(last.commit, checkout.revision.id) if last else Course.FIRST
    offered = Offered(checkout, history, last, course)
    seals = _sealed(settings, offered)
    why, repository = _refusal(settings, offered, seals), None
    if not why:
        try:
            repository = load_checkout(settings, checkout)
            why = "" if course is Course.SAME else _failing(settings, repository)
        except InputError as error:
            if last is None:
                raise
            why = _told(error)
    belief = _belief(offered, why, seals)
    if why or repository is None:
        return Decision(offered, belief, None)
    signed = True if settings.signers else None
    return Decision(offered, belief, replace(repository, revision=replace(repository.revision, signed=signed)))


def accept(settings: Settings, store: LedgerStore, name: str, by: str) -> Belief:
    """Accept a revision although it is older than the last one, or does not come after it.

    Raises:
        InputError: there is no such revision, or it does not load.
        HeldError: it is not signed as the settings ask for: nobody may wave that through.
    """
    from agent.bootstrap import load_checkout
    from agent.intake.git import past

    history = past(settings.repository, settings.state / "checkouts")
    offered = Offered(history.checkout(name), history)
    seals = _sealed(settings, offered)
    if why := refusal(Course.FIRST, "", seals):
        msg = f"{offered.checkout.revision.id[:SHORT]} cannot be accepted: {why}."
        raise HeldError(msg)
    load_checkout(settings, offered.checkout)
    belief = replace(_belief(offered, "", seals), by=by)
    store.beliefs.keep(belief)
    return belief


def as_it_stands(settings: Settings) -> bool:
    """Say whether the repository is run as it stands: a directory that nobody has to sign."""
    from agent.intake.git import is_directory

    return not settings.signers and is_directory(settings.repository)


def _sealed(settings: Settings, offered: Offered) -> tuple[Seal, ...]:
    """Give who signed each commit that has to be signed, oldest first."""
    from agent.intake.git_signatures import Signers, verifier

    if not settings.signers or offered.dirty:
        return ()
    newest, last = offered.checkout.revision.id, offered.last
    course = Course.FIRST if last is None or not last.signed else offered.course
    since = offered.past.since(last.commit, newest) if last and course is Course.ONWARD else (newest,)
    wanted = demanded(since, every=settings.signed_commits == EVERY, course=course)
    with verifier(Signers(settings.signers, settings.revoked_keys)) as asked:
        return tuple(asked.seal(offered.past.where, commit) for commit in wanted)


def _refusal(settings: Settings, offered: Offered, seals: Sequence[Seal]) -> str:
    if offered.dirty:
        return "it holds more than its commit, which nobody signed" if settings.signers else ""
    return refusal(offered.course, offered.last.commit if offered.last else "", seals)


def _failing(settings: Settings, repository: Repository) -> str:
    """Say, as a clause, which of a revision's own policy tests fail."""
    from agent.bootstrap import catalog
    from agent.intake.trials import load_trials
    from agent.trials.running import run

    known = catalog()
    results = run(load_trials(repository, known, settings.state / "cache"), repository, known)
    failed = [r for r in results if r.misses]
    if not failed:
        return ""
    more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
    return f"its policy tests fail: {failed[0].misses[0].place}{more}"


def _told(error: InputError) -> str:
    """Say, as a clause, why a revision does not load."""
    first = error.problems[0] if error.problems else error
    more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
    return f"it does not load: {str(first).rstrip('.')}{more}"


def _belief(offered: Offered, why: str, seals: Sequence[Seal]) -> Belief:
    from agent.bootstrap.registry import now

    revision = offered.checkout.revision
    same = offered.last if offered.course is Course.SAME else None
    signed = seals[-1].who if seals else (same.signed if same else "")
    by = same.by if same else ""
    return Belief(revision.id, revision.source, now(), why, revision.author, signed, by)


def _last_good(settings: Settings, decided: Decision) -> Repository:
    """Give the last revision that was accepted, which looks and changes nothing."""
    from agent.bootstrap import load_checkout

    offered, why = decided.offered, decided.belief.why
    newest = offered.checkout.revision.id[:SHORT]
    if offered.last is None:
        msg = f"The revision {newest} of the policies is not run: {why}. None was accepted before it."
        raise HeldError(msg)
    good = offered.last.commit
    said = f"The revision {newest} of the policies is refused: {why}. The last good one, {good[:SHORT]}, only looks."
    repository = load_checkout(settings, offered.past.checkout(good))
    signed = bool(offered.last.signed) if settings.signers else None
    revision = replace(repository.revision, signed=signed)
    return replace(repository, revision=revision, refused=said, warnings=(said, *repository.warnings))
