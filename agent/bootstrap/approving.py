"""Approving and denying: what is shown, whose key signs it, and how it gets into the ledger."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent import consenting
from agent.bootstrap.own_keys import by_login, key_of
from agent.bootstrap.people import allowed
from agent.decide import consents, deputies, statements
from agent.decide.guards import LIFTED_LATER, Context, Population
from agent.decide.guards.caps import tripwire
from agent.decide.guards.consent import lacking
from agent.decide.guards.permission import modes
from agent.decide.seasons import district_caps
from agent.errors import HeldError, InputError
from agent.model.action import Plan
from agent.model.approval import Approval, Statement, Word
from agent.model.kind import Risk, nearest
from agent.systems.ssh_signature.program import sign

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from datetime import date, datetime, timedelta
    from pathlib import Path

    from agent.bootstrap import World
    from agent.model.action import Batch, Hold
    from agent.model.policy import Person, Policy, Repository
    from agent.settings import Settings

_NO_KEYS = (
    "The server's settings name nobody's keys (`approvers`), so nothing can be signed here: "
    "run this without --print, --file, --key and --by, and your login is recorded."
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to say of a plan.

    `lasts` is how long it is to count, or None for as long as it may; `login` is whose word it is, where that is not
    the caller's own.
    """

    word: Word
    digest: str
    why: str = ""
    key: Path | None = None
    by: str = ""
    lasts: timedelta | None = None
    login: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The batch that is talked about, and everything around it."""

    settings: Settings
    world: World
    batch: Batch
    at: datetime

    @property
    def repository(self) -> Repository:
        """Give the repository as loaded."""
        return self.world.repository


def give(settings: Settings, wish: Wish, at: datetime, tell: Callable[[str], None]) -> Approval:
    """Show the batch, sign a statement by the person's own key, and record it.

    Raises:
        InputError: there is no such plan, or no key to sign with.
        HeldError: this person may not, or the plan is no longer what it was.
    """
    with _table(settings, wish.word, wish.digest, at) as table:
        _show(table, tell)
        if not settings.approvers:
            return _by_login(table, wish, tell)
        with key_of(settings, wish.key, wish.by) as (key, who):
            _check(table, who)
            text = _statement(table, wish, who)
            sent = text + sign(text, key, statements.NAMESPACE)
        return _taken(table, wish.word, sent, tell)


def to_sign(settings: Settings, wish: Wish, at: datetime, tell: Callable[[str], None]) -> str:
    """Show the batch, and give the statement for somebody who signs it elsewhere.

    Raises:
        InputError: there is no such plan, or nobody knows whose word it is to be.
        HeldError: this person may not, or the plan is no longer what it was.
    """
    with _table(settings, wish.word, wish.digest, at) as table:
        _show(table, tell)
        if not settings.approvers:
            raise InputError(_NO_KEYS)
        who = wish.by or by_login(settings)
        if not who:
            msg = "Say whose word it is with --by PERSON, as policies/district.yaml names them."
            raise InputError(msg)
        _check(table, who)
        return _statement(table, wish, who)


def take_in(
    settings: Settings, word: Word, sent: str, digest: str, at: datetime, tell: Callable[[str], None]
) -> Approval:
    """Show the batch of a statement that was signed elsewhere, verify it, and record it.

    Raises:
        InputError: it is no signed statement, or about a plan that is not known here.
        HeldError: it does not count, and why.
    """
    if not settings.approvers:
        raise InputError(_NO_KEYS)
    try:
        statement = statements.read(statements.parts(sent)[0])
    except ValueError as error:
        msg = f"This cannot be taken in: {error}."
        raise InputError(msg) from None
    if statement.word is not word:
        msg = f"This statement says `{statement.word}`: take it in with `driftbell {statement.word} --file`."
        raise InputError(msg)
    with _table(settings, word, statement.digest, at) as table:
        named = table.world.ledger.batch(digest) if digest else table.batch
        if named is None or named.digest != table.batch.digest:
            msg = f"This statement is about the plan {statement.digest}, not about {digest}."
            raise HeldError(msg)
        _show(table, tell)
        return _taken(table, word, sent, tell)


@contextmanager
def _table(settings: Settings, word: Word, digest: str, at: datetime) -> Generator[Table]:
    from agent import bootstrap

    with bootstrap.opened(settings) as world:
        batch = world.ledger.batch(digest)
        if batch is None:
            msg = f"No plan {digest} is known here. `driftbell plan` shows the plans there are now."
            raise InputError(msg)
        moved = consents.moved_on(world.repository, batch) if word is Word.APPROVE else ""
        if moved:
            raise HeldError(moved)
        yield Table(settings, world, batch, at)


def _show(table: Table, tell: Callable[[str], None]) -> None:
    from agent.report.approval import lines

    policy = next((p for p in table.repository.policies if p.id == table.batch.policy), None)
    if policy is None:
        tell(f"Plan {table.batch.digest}: {table.batch.policy}, which is no longer there.")
        return
    people = {k.name for k in table.world.ports.eyes.catalog.kinds.values() if k.private}
    for line in lines(table.batch, policy, list(_lifts(table, policy)), people):
        tell(line)


def _lifts(table: Table, policy: Policy) -> Iterator[Hold]:
    """Give the holds that an approval lifts, as far as they can be told without a look."""
    ledger, plan = table.world.ledger, Plan((table.batch,))
    number = ledger.population(policy.kind) or 0
    context = Context(
        policies={policy.id: policy},
        district=district_caps(table.repository.district, table.repository.timetable, table.at),
        populations={policy.kind: Population(number, number, proven=True, membership="")},
        protected={}, confined={}, spent=(), failures={}, since={}, approved=frozenset(), stopped="",
        wishes={}, now=table.at,
    )  # fmt: skip
    told = [h for guard in (modes, tripwire) for h in guard(table.batch, plan, context) if h.approvable]
    last = ledger.last_run()
    told += [h for h in (last.plan.holds if last else ()) if h.batch == table.batch.digest and h.approvable]
    told = [h for h in told if h.guard in LIFTED_LATER]
    yield from {h.guard: h for h in reversed(told)}.values()


def _by_login(table: Table, wish: Wish, tell: Callable[[str], None]) -> Approval:
    """Record a login's word, where no keys are set; it never counts for what destroys."""
    from agent.bootstrap import caller

    if wish.key or wish.by:
        raise InputError(_NO_KEYS)
    district = table.repository.district
    at = table.at
    who, note = allowed(table.settings, district, deputies.DUTY, wish.login or caller(), at)
    strange = consents.stranger(who, district, _today(table)) if who in district.people else ""
    if strange:  # a login that happens to be called as somebody is who may not
        msg = f"Nothing was recorded: {strange}."
        raise HeldError(msg)
    until = consents.ends(at, at + (wish.lasts or district.approval_lasts), district)
    try:
        statements.check_line("why", wish.why)
    except ValueError as error:
        msg = f"{error}."
        raise InputError(msg) from None
    made = Approval(table.batch.digest, who, wish.word, at, until, wish.why)
    fresh = table.world.ledger.approvals.add(made)
    tell(_recorded(table, made) if fresh else f"{who} said that already: nothing changed.")
    for line in filter(None, (note, *_left(table, wish.word))):
        tell(line)
    return made


def _check(table: Table, who: str) -> None:
    """Refuse before anybody signs what would count for nothing."""
    district = table.repository.district
    strange = consents.stranger(who, district, _today(table))
    if strange:
        msg = f"Nothing was signed: {strange}."
        raise HeldError(msg)
    if who not in table.settings.approvers:
        hint = nearest(who, list(table.settings.approvers)) or "."
        msg = f"Nothing was signed: the server's settings name no keys of {who} (`approvers`){hint}"
        raise HeldError(msg)


def _today(table: Table) -> date:
    return table.at.astimezone(ZoneInfo(table.repository.district.timezone)).date()


def _statement(table: Table, wish: Wish, who: str) -> str:
    district, at = table.repository.district, table.at.replace(microsecond=0)
    until = consents.ends(at, at + (wish.lasts or district.approval_lasts), district)
    nonce = secrets.token_hex(statements.NONCE)
    made = Statement(wish.word, table.batch.digest, district.name, who, at, until, nonce, wish.why)
    try:
        return statements.written(made)
    except ValueError as error:
        msg = f"{error}."
        raise InputError(msg) from None


def _taken(table: Table, word: Word, sent: str, tell: Callable[[str], None]) -> Approval:
    world = table.world
    taken = consenting.take(world.ports.approving, world.ledger, world.repository, sent, table.at)
    if taken.refused or taken.approval is None:
        msg = f"Not recorded: {taken.refused}."
        raise HeldError(msg)
    for line in (_recorded(table, taken.approval), *_left(table, word)):
        tell(line)
    return taken.approval


def _recorded(table: Table, made: Approval) -> str:
    zone = ZoneInfo(table.repository.district.timezone)
    person: Person | None = table.repository.district.people.get(made.who)
    who = f"{person.name} ({made.who})" if person else made.who
    how = f"signed by {made.key}" if made.key else "by login, not signed"
    if made.word is Word.DENY:
        return f"Recorded: {who} says no ({how}). It stays held until {made.who} takes that back or the plan changes."
    until = f"{made.until.astimezone(zone):%Y-%m-%d %H:%M}" if made.until else ""
    return f"Recorded: {who} approves ({how}), until {until}."


def _left(table: Table, word: Word) -> Iterator[str]:
    """Say what an approved batch still waits for."""
    if word is Word.DENY:
        return
    world, plan = table.world, Plan((table.batch,))
    given = consenting.consented(world.ports.approving, world.ledger, world.repository, plan, table.at)
    consent = given.get(table.batch.digest)
    missing = None
    if consent and table.batch.risk is Risk.DESTRUCTIVE:
        missing = lacking(table.batch, consent, world.ports.approving.enabled)
    if consent and consent.denied:
        yield f"It stays held all the same: {consent.denied}."
    elif missing:
        yield f"It still waits: {missing[0]} What lifts that: {missing[1]}."
    else:
        yield "The next `driftbell run` carries out what is still wanted exactly so, within the other guards."
        if table.batch.risk is not Risk.DESTRUCTIVE:
            yield "What rings, windows or budgets leave waiting stays approved: each of them is changed once."
