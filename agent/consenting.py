"""Consenting: what people said of a plan's batches, whichever way their signed statements came here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from agent.decide import consents, statements
from agent.decide.guards import Refused
from agent.errors import DriftbellError
from agent.model.approval import Approval, Word
from agent.model.kind import Risk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from agent.decide.guards import Consent
    from agent.model.action import Batch, Plan
    from agent.model.approval import Statement
    from agent.model.policy import Policy, Repository
    from agent.model.ports import Ledger


@dataclass(frozen=True, slots=True)
class Proof:
    """What a signature proves: the fingerprint of the key that made it, or, as a clause, why it proves nothing."""

    key: str
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """One file below approvals/, and its text; or, as a clause, why it was not read."""

    name: str
    text: str
    trouble: str = ""


class Wrote(Protocol):
    """The mail addresses behind some files: who wrote what stands in them, and who put it in place for others."""

    @property
    def authors(self) -> frozenset[str]:
        """Give who wrote a line of it, or its last commit."""

    @property
    def committers(self) -> frozenset[str]:
        """Give who committed it: themselves, a colleague who merged it, or a web site's own address."""


@dataclass(frozen=True, slots=True)
class Approving:
    """What the server's own settings say of approvals, and what is asked about them. By default nobody may.

    Attributes:
        keys: the fingerprints of each person's SSH keys that count, by the person's id; empty where none are set.
        owned: whether they say of nobody who a login is, so that the word of whoever owns the state counts.
        enabled: destructive verbs that are allowed at all.
        proof: what the signature of a statement proves, given its text, the armor and who it has to be of.
        wrote: who is behind what stands in a policy and its playbooks; None where nobody can tell.
        carried: the files below approvals/ of the policy repository.
    """

    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    owned: bool = False
    enabled: frozenset[str] = frozenset()
    proof: Callable[[str, str, str], Proof] = lambda _text, _armor, _who: Proof("", "nothing is verified here")
    wrote: Callable[[Repository, Policy], Wrote | None] = lambda _repository, _policy: None
    carried: Callable[[Repository], Sequence[Carried]] = lambda _repository: ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a statement that was sent: the approval as recorded, or why it was not; `before` is its replay."""

    approval: Approval | None
    refused: str = ""
    before: Approval | None = None


def panel(approving: Approving, repository: Repository, now: datetime) -> consents.Panel:
    """Give whom this server believes at a time."""
    zone = ZoneInfo(repository.district.timezone)
    return consents.Panel(repository.district, approving.keys, now.astimezone(zone), owned=approving.owned)


def take(approving: Approving, ledger: Ledger, repository: Repository, sent: str, now: datetime) -> Taken:
    """Take a signed statement in: it counts once, for ever, whatever became of it."""
    try:
        text, armor = statements.parts(sent)
        statement = statements.read(text)
    except ValueError as error:
        return Taken(None, str(error))
    seal = statements.seal(text)
    before = _known(ledger, statement.digest, seal)
    if before is not None:
        return Taken(None, f"it was taken in before, and {_fate(before)}", before)
    believed = panel(approving, repository, now)
    refused = consents.refusal(statement, believed) or ("" if approving.keys else _NO_KEYS)
    proof = Proof("") if refused else approving.proof(text, armor, statement.by)
    if refused or proof.flaw:
        return Taken(None, refused or proof.flaw)
    made = _approval(statement, repository, proof.key, seal)
    if ledger.approvals.add(made):
        return Taken(made)
    return Taken(None, "it was taken in at this very moment by another process", made)


_NO_KEYS = "this server's settings name no keys (`approvers`), so that no signature proves anything here"


def _known(ledger: Ledger, digest: str, seal: str) -> Approval | None:
    return next((a for a in ledger.approvals.of(digest) if a.statement == seal), None)


def _fate(before: Approval) -> str:
    if before.used_by:
        return f"the run {before.used_by} used it up: each statement counts once"
    return f"stands since {before.at:%Y-%m-%d %H:%M} UTC: each statement counts once"


def _approval(statement: Statement, repository: Repository, key: str, seal: str) -> Approval:
    until = consents.ends(statement.at, statement.until, repository.district)
    return Approval(
        statement.digest, statement.by, statement.word, statement.at, until, statement.why, key, statement=seal
    )


def take_carried(approving: Approving, ledger: Ledger, repository: Repository, now: datetime) -> tuple[str, ...]:
    """Take in what was committed below approvals/; a wrong file is a warning, and one that is known already is not."""
    said = []
    for file in approving.carried(repository):
        taken = _taken(approving, ledger, repository, file, now)
        if taken.refused and taken.before is None:
            said.append(f"{file.name} counts for nothing: {taken.refused}.")
    return tuple(said)


def _taken(approving: Approving, ledger: Ledger, repository: Repository, file: Carried, now: datetime) -> Taken:
    if file.trouble:
        return Taken(None, file.trouble)
    try:
        return take(approving, ledger, repository, file.text, now)
    except DriftbellError as error:  # no program to verify it with: it counts for nothing, and the run goes on
        return Taken(None, str(error).rstrip("."))


def standing(
    approving: Approving, ledger: Ledger, repository: Repository, now: datetime
) -> tuple[consents.Standing, ...]:
    """Give the stored batches that somebody approved in a way that counts, and nobody is against."""
    believed, found = panel(approving, repository, now), []
    for digest in dict.fromkeys(a.batch for a in ledger.approvals.standing() if a.word is Word.APPROVE):
        words, batch = ledger.approvals.of(digest), ledger.batch(digest)
        rows = consents.still_approved(batch, words, believed) if batch else frozenset()
        if batch and rows and not consents.denial(words, believed):
            found.append(consents.Standing(batch, rows))
    return tuple(found)


def consented(
    approving: Approving, ledger: Ledger, repository: Repository, plan: Plan, now: datetime
) -> dict[str, Consent]:
    """Give what people said of each batch of a plan, by its digest."""
    believed, denied = panel(approving, repository, now), _denied(approving, ledger, repository, now)
    found = {}
    for batch in plan.batches:
        words = ledger.approvals.of(batch.digest)
        refused = tuple(r for one, why in denied if (r := _refused(batch, one, why)))
        destroys = batch.risk is Risk.DESTRUCTIVE
        if not (words or refused or destroys):
            continue
        authors = _authors(approving, repository, batch) if destroys else None
        given = consents.consent(batch, words, believed, authors)
        if destroys and not consents.as_planned(repository, batch):  # a row has gone: that is not what was approved
            given = replace(given, approved=frozenset())
        found[batch.digest] = replace(given, refused=refused)
    return found


def _denied(approving: Approving, ledger: Ledger, repository: Repository, now: datetime) -> list[tuple[Batch, str]]:
    """Give the stored batches that somebody is against, each with who and why."""
    believed, found = panel(approving, repository, now), []
    for digest in dict.fromkeys(a.batch for a in ledger.approvals.standing() if a.word is Word.DENY):
        why, batch = consents.denial(ledger.approvals.of(digest), believed), ledger.batch(digest)
        if why and batch:
            found.append((batch, why))
    return found


def _refused(batch: Batch, denied: Batch, why: str) -> Refused | None:
    same = consents.overlap(batch, denied)
    return Refused(denied.digest, tuple(a.resource for a in same), why) if same else None


def _authors(approving: Approving, repository: Repository, batch: Batch) -> frozenset[str] | None:
    """Give the people who wrote a policy as it stands, by their ids; None where one of them is nobody we know."""
    policy = next((p for p in repository.policies if p.id == batch.policy), None)
    wrote = approving.wrote(repository, policy) if policy else None
    if wrote is None:
        return None
    known: dict[str, set[str]] = {}  # several people may share an address: then it may have been any of them
    for person in repository.district.people.values():
        known.setdefault(person.email.casefold(), set()).add(person.id)
    authors = [known.get(address.casefold(), set()) for address in wrote.authors]
    committers = [known.get(address.casefold(), set()) for address in wrote.committers]
    return frozenset().union(*authors, *committers) if all(authors) else None


def unheeded(
    approving: Approving, ledger: Ledger, repository: Repository, plan: Plan, now: datetime
) -> tuple[str, ...]:
    """Say which approvals of a plan's batches do not count, and why: whoever gave them believes otherwise."""
    believed = panel(approving, repository, now)
    return tuple(
        f"Of the plan {batch.digest[:19]} ({batch.policy}) {why}."
        for batch in plan.batches
        for why in consents.void(ledger.approvals.of(batch.digest), believed)
    )


def say_now(ledger: Ledger, digest: str, by: str, run: str, at: datetime) -> None:
    """Record what the caller of a run approves for that very run: it is used up as soon as it is said."""
    ledger.approvals.add(Approval(digest, by, Word.APPROVE, at, at, used_by=run))


def use_up(ledger: Ledger, plan: Plan, run: str) -> None:
    """Mark the approvals of what destroys as used, before a run begins any of it, so that no crash saves them.

    Of anything else each row is used by its own entry in the journal, which is written before it is begun.
    """
    for batch in plan.batches:
        if batch.risk is Risk.DESTRUCTIVE and plan.free(batch):
            _use(ledger, batch.digest, run)


def close(ledger: Ledger, plan: Plan, run: str) -> None:
    """Mark the approvals as used of which every row was begun with this run."""
    for digest in {batch.digest for batch in plan.batches if plan.free(batch)}:
        whole = ledger.batch(digest)
        if whole is not None and consents.used_up(whole, ledger.approvals.of(digest)):
            _use(ledger, digest, run)


def _use(ledger: Ledger, digest: str, run: str) -> None:
    if any(a.word is Word.APPROVE for a in ledger.approvals.of(digest)):
        ledger.approvals.use(digest, run)
