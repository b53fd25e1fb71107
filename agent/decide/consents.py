"""Whose word counts, for how long and for what of a plan; who is asked. Source: LANGUAGE.md, "Approvals and caps"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.decide.deputies import DUTY, approvers, only_while_away
from agent.decide.guards.consent import lacking
from agent.decide.guards.context import Consent
from agent.decide.plan import batch_digest, still_wanted
from agent.model.approval import Word
from agent.model.kind import Risk, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from agent.decide.guards.context import Context
    from agent.model.action import Action, Batch, Plan
    from agent.model.approval import Approval, Statement
    from agent.model.policy import District, Repository

AHEAD = timedelta(minutes=5)  # that another machine's clock may be ahead of ours


@dataclass(frozen=True, slots=True)
class Panel:
    """Whom this server believes.

    `keys` are the fingerprints of each person's SSH keys that count, by the person's id; where none are set at all
    a login's word counts. `now` is the time, in the district's zone. `owned` is whether the settings name no people
    either, so that the word of whoever may write to the state directory counts under a name that the district does
    not know.
    """

    district: District
    keys: Mapping[str, frozenset[str]]
    now: datetime
    owned: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A stored batch that somebody approved, and the resources of it that the approval still stands for."""

    batch: Batch
    rows: frozenset[str]


def stranger(who: str, district: District, day: date) -> str:
    """Say, as a clause, why somebody's word does not count on a day; nothing where it does."""
    person = district.people.get(who)
    if person is None:
        return (
            f"policies/district.yaml knows nobody called {who!r:.80}{nearest(who, list(district.people)).rstrip('.')}"
        )
    if who in approvers(district, day):
        return ""
    missing = f"{person.name} ({who}) may not: `may: [{DUTY}]` is missing in policies/district.yaml"
    return only_while_away(person, district) or missing


def ends(at: datetime, until: datetime, district: District) -> datetime:
    """Give when a word stops counting: at its own end, or when the district's `approval_lasts` is over."""
    try:
        return min(until, at + district.approval_lasts)
    except OverflowError:  # dated at the end of all calendars
        return until


def refusal(statement: Statement, panel: Panel) -> str:
    """Say, as a clause, why a statement cannot be taken in, whoever signed it; nothing where it can."""
    district, now = panel.district, panel.now
    if statement.district != district.name:
        return f"it is for {statement.district!r:.80}, and this is {district.name!r:.80}"
    if statement.at > now + AHEAD:
        return f"it is dated in the future, {_when(statement.at, now)}: one of the two clocks is wrong"
    end = ends(statement.at, statement.until, district)
    if now >= end:
        return f"it expired {_when(end, now)}"
    return _stranger_of_either_day(statement.by, statement.at, panel)


def _stranger_of_either_day(who: str, at: datetime, panel: Panel) -> str:
    """Somebody must be an approver both on the day that they name and today: the day that they name is their own."""
    days = (at.astimezone(panel.now.tzinfo).date(), panel.now.date())
    return next(filter(None, (stranger(who, panel.district, day) for day in days)), "")


def flaw(approval: Approval, panel: Panel) -> str:
    """Say, as a clause, why a recorded approval does not count now; nothing where it does."""
    if approval.used_by:
        return f"the run {approval.used_by} used it up"
    if approval.until is None:
        return "it was for one run alone"
    end = ends(approval.at, approval.until, panel.district)
    if panel.now >= end:
        return f"it expired {_when(end, panel.now)}"
    if approval.at > panel.now + AHEAD:
        return f"it is dated in the future, {_when(approval.at, panel.now)}"
    if not approval.key:
        return _flaw_of_a_login(approval, panel)
    if approval.key not in panel.keys.get(approval.who, frozenset()):
        return f"the key {approval.key} that signed it counts no more"
    return _stranger_of_either_day(approval.who, approval.at, panel)


def _flaw_of_a_login(approval: Approval, panel: Panel) -> str:
    """Say why a word that nobody signed does not count now: whoever the district knows must be one who may."""
    if panel.keys:
        return "it is not signed, and this server's settings ask for signatures"
    if panel.owned and approval.who not in panel.district.people:
        return ""
    return _stranger_of_either_day(approval.who, approval.at, panel)


def newest(words: Iterable[Approval]) -> dict[str, Approval]:
    """Give the newest word of each person, by its own time; of the same second, the one that was taken in later."""
    found: dict[str, Approval] = {}
    for word in words:
        before = found.get(word.who)
        if before is None or word.at >= before.at:
            found[word.who] = word
    return found


def denial(words: Sequence[Approval], panel: Panel) -> str:
    """Give who said no and why, as a clause; nothing where nobody did. A no does not expire, nor is it used up."""
    said = [w for w in words if w.word is Word.DENY or _takes_back(w, panel)]
    against = [w for w in newest(said).values() if w.word is Word.DENY]
    return "; ".join(f"{_named(w.who, panel)} said no {_when(w.at, panel.now)}: {w.why}" for w in against)


def _takes_back(word: Approval, panel: Panel) -> bool:
    """Say whether a yes ends a no of the same person: not one for a single run, nor by a key that counts no more."""
    if word.until is None or word.until <= word.at:
        return False
    return not panel.keys or word.key in panel.keys.get(word.who, frozenset())


def consent(batch: Batch, words: Sequence[Approval], panel: Panel, authors: frozenset[str] | None) -> Consent:
    """Give what people said of a batch. For what destroys only a signature counts.

    A word counts for each resource once: it says nothing of one that was begun since.
    """
    rows = {a.resource for a in batch.actions}
    approved = frozenset(w.who for w in _counting(batch, words, panel) if rows.isdisjoint(w.begun))
    return Consent(approved, denial(words, panel), authors)


def still_approved(batch: Batch, words: Sequence[Approval], panel: Panel) -> frozenset[str]:
    """Give the resources of a stored batch that somebody's word stands for: those that were not begun since."""
    rows = frozenset(a.resource for a in batch.actions)
    return frozenset[str]().union(*(rows - w.begun for w in _counting(batch, words, panel)))


def used_up(batch: Batch, words: Sequence[Approval]) -> bool:
    """Say whether every approval of a stored batch stands for nothing any more: all of it was begun."""
    rows = frozenset(a.resource for a in batch.actions)
    return all(rows <= w.begun for w in words if w.word is Word.APPROVE and not w.used_by)


def _counting(batch: Batch, words: Sequence[Approval], panel: Panel) -> list[Approval]:
    signed_only = batch.risk is Risk.DESTRUCTIVE
    given = [w for w in newest(words).values() if w.word is Word.APPROVE and not flaw(w, panel)]
    return [w for w in given if w.key or not signed_only]


def void(words: Sequence[Approval], panel: Panel) -> Iterator[str]:
    """Say which approvals of a batch do not count although no run used them up, as clauses."""
    for word in newest(words).values():
        why = flaw(word, panel) if word.word is Word.APPROVE and not word.used_by and word.until else ""
        if why:
            yield f"the approval by {_named(word.who, panel)} does not count: {why}"


def granted(plan: Plan, context: Context, own: str) -> frozenset[str]:
    """Give the digests whose approvable holds are lifted; `own` is the one that the caller approves for this run.

    What destroys takes as many approvals as its guard asks for, and never the caller's word alone.
    """

    def lifted(batch: Batch) -> bool:
        given = context.consents.get(batch.digest, Consent())
        if batch.risk is Risk.DESTRUCTIVE:
            return not lacking(batch, given, context.enabled)
        return batch.digest == own or bool(given.approved)

    return frozenset(b.digest for b in plan.batches if lifted(b))


def as_planned(repository: Repository, stored: Batch) -> bool:
    """Say whether a batch still has its digest: neither its policy nor a playbook has changed, and no row of it."""
    return digest_of(repository, stored, stored.actions) == stored.digest


def moved_on(repository: Repository, stored: Batch) -> str:
    """Say why a stored batch can no longer be approved or carried out; nothing where it can."""
    hosts = {h.id: h.digest for h in repository.hosts}
    actions = [replace(a, variables_digest=hosts.get(a.resource, "")) for a in stored.actions]
    now = digest_of(repository, stored, actions)
    if not now:
        return f"{stored.policy} is no longer there, so its plan {stored.digest} cannot be carried out."
    if now == stored.digest:
        return ""
    return (
        f"{stored.policy}, its playbooks or its hosts' variables changed since plan {stored.digest} was made, "
        "so its approval no longer holds. Make a new plan with `driftbell plan`."
    )


def digest_of(repository: Repository, batch: Batch, actions: Sequence[Action]) -> str:
    """Give the digest that some actions of a batch have under this revision; nothing where its step is gone."""
    policy = next((p for p in repository.policies if p.id == batch.policy), None)
    if policy is None or batch.step >= len(policy.remedy):
        return ""
    return batch_digest(policy, policy.remedy[batch.step], batch.step, actions, repository.playbooks_digest)


def divided(repository: Repository, plan: Plan, stored: Iterable[Standing]) -> Plan:
    """Split a fresh plan along what was approved of it.

    Of each stored batch, what is still wanted exactly as it was and was not begun yet keeps the approved digest; what
    has vanished drops out; what is new, or was begun before and is wanted again, is a batch with a digest of its own.
    What destroys is never split: any difference is another plan.
    """
    kept: set[str] = set()
    for one in stored:
        if one.batch.risk is not Risk.DESTRUCTIVE and as_planned(repository, one.batch):
            plan = _split(repository, plan, one, kept)
            kept.add(one.batch.digest)
    return plan


def _split(repository: Repository, plan: Plan, standing: Standing, kept: set[str]) -> Plan:
    one = standing.batch

    def same(batch: Batch) -> bool:
        return (batch.policy, batch.step) == (one.policy, one.step) and batch.digest not in kept

    fresh = [b for b in plan.batches if same(b)]
    again = still_wanted(one, replace(one, actions=tuple(a for b in fresh for a in b.actions)))
    actions = tuple(a for a in again if a.resource in standing.rows)
    if not actions:
        return plan
    mine, made = {a.resource for a in actions}, []
    for batch in plan.batches:
        if not same(batch):
            made.append(batch)
            continue
        if batch is fresh[0]:
            made.append(replace(one, actions=actions))
        made += _rest(repository, batch, lambda a: a.resource not in mine)
    return replace(plan, batches=tuple(made))


def _rest(repository: Repository, batch: Batch, stays: Callable[[Action], bool]) -> list[Batch]:
    left = tuple(a for a in batch.actions if stays(a))
    if len(left) == len(batch.actions):
        return [batch]
    return [replace(batch, digest=digest_of(repository, batch, left), actions=left)] if left else []


def overlap(batch: Batch, denied: Batch) -> tuple[Action, ...]:
    """Give what of a batch somebody said no to under another digest: the same resources, to be made the same.

    Neither another reading nor an edit of a playbook or of the policy's words makes it another thing.
    """
    if (batch.policy, batch.step) != (denied.policy, denied.step) or batch.digest == denied.digest:
        return ()
    refused = {a.resource: _wanted(a) for a in denied.actions}
    return tuple(a for a in batch.actions if refused.get(a.resource) == _wanted(a))


def _wanted(action: Action) -> frozenset[tuple[str, str]]:
    return frozenset((d.field, d.expected) for d in action.differences)


def _named(who: str, panel: Panel) -> str:
    person = panel.district.people.get(who)
    return f"{person.name} ({who})" if person else who


def _when(at: datetime, now: datetime) -> str:
    return f"at {at.astimezone(now.tzinfo):%Y-%m-%d %H:%M}"
