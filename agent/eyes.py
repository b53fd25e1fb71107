"""The eyes of a cycle: one system read, whole or in part, with what check mode adds and what has to be doubted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, cast

from agent.decide.evaluate import fields_read
from agent.decide.guards import Population, sudden_change
from agent.decide.overlay import overlay
from agent.decide.references import needed
from agent.model.sweep import Request, Sweep
from agent.rehearsing import rehearsed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from agent.decide.columns import Columns
    from agent.model.kind import Catalog, FieldRef
    from agent.model.policy import Policy, Repository
    from agent.model.ports import Reader, Rehearser

HOST = "host"


class Lately(Protocol):
    """What was read lately, and need not be read at each look."""

    def recall(self, kind: str, system: str, fields: Collection[FieldRef]) -> Sweep | None:
        """Give what a system showed with these fields, or None where it is to be read now."""

    def judged(self, kind: str, system: str) -> bool:
        """Say whether a cycle judged by what `recall` gives before: nothing is changed by that, or recorded anew."""

    def keep(self, fields: Collection[FieldRef], sweep: Sweep) -> None:
        """Keep what was read of these fields."""

    def amend(self, sweep: Sweep) -> None:
        """Keep it with what was read again of single resources."""

    def forget(self, kinds: Collection[str]) -> None:
        """Let the next look read these kinds."""


class Anew:
    """Everything is read at each look."""

    def recall(self, _kind: str, _system: str, _fields: Collection[FieldRef]) -> Sweep | None:
        """Know nothing."""
        return None

    def judged(self, _kind: str, _system: str) -> bool:
        """Know nothing."""
        return False

    def keep(self, _fields: Collection[FieldRef], _sweep: Sweep) -> None:
        """Keep nothing."""

    def amend(self, _sweep: Sweep) -> None:
        """Keep nothing."""

    def forget(self, _kinds: Collection[str]) -> None:
        """Know nothing."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """The systems that can be read: readers by kind and system, and the rehearser for `converge`.

    `before` says how long a list was at the last good look; `progress` is told what is being looked at; `lately` knows
    what need not be read anew, which is nothing but where somebody looks again and again.
    """

    catalog: Catalog
    readers: Mapping[str, Mapping[str, Reader]]
    rehearser: Rehearser
    before: Callable[[str], int | None] = field(default=lambda _list: None)
    progress: Callable[[str], None] = field(default=lambda _what: None)
    lately: Lately = field(default_factory=Anew)


def read(eyes: Eyes, repository: Repository, kind: str, system: str, fields: Iterable[FieldRef]) -> Sweep:
    """Read these fields of everything that a system shows of a kind."""
    eyes.progress(f"{kind}s ({system})")
    shown = eyes.readers[kind][system].observe(repository, Request(kind, tuple(sorted(fields)), None))
    return doubted(eyes, _renamed(_rehearsed(eyes, repository, shown), eyes.readers))


def read_again(
    eyes: Eyes, repository: Repository, old: Sweep, policies: Sequence[Policy], resources: Sequence[str]
) -> Sweep:
    """Give a sweep with what was touched read once more."""
    eyes.progress(f"{old.kind}s again ({old.system})")
    suffix = _suffix(old, eyes.readers)
    own = tuple(r.removesuffix(suffix) for r in resources)
    asked = [f for p in policies for f in fields_read(p)]
    fields = tuple(sorted(needed(asked, eyes.catalog.kinds[old.kind], eyes.catalog)[old.kind]))
    again = eyes.readers[old.kind][old.system].observe(repository, Request(old.kind, fields, own))
    again = _renamed(_rehearsed(eyes, repository, again, policies), eyes.readers)
    unseen = (*(u for u in old.unseen if u.resource not in resources), *again.unseen)
    return replace(
        old,
        table=overlay(cast("Columns", old.table), cast("Columns", again.table)),
        seen=old.expected - len(unseen),
        unseen=unseen,
        identities={**old.identities, **again.identities},
        reread={**old.reread, **dict.fromkeys(resources, again.as_of)},
    )


def doubted(eyes: Eyes, sweep: Sweep) -> Sweep:
    """Doubt a list that shrank suddenly: what it no longer shows may still be there.

    Hosts are listed in the repository, where a person reviewed who left.
    """
    if sweep.kind == HOST or sweep.vouched or sweep.trouble:
        return sweep
    people = Population(sweep.expected, eyes.before(listed(sweep)), sweep.proven, sweep.membership)
    shrank = people.before is not None and people.now < people.before
    return replace(sweep, doubt=sudden_change(people) if shrank else "")


def listed(sweep: Sweep) -> str:
    """Give the name that the ledger knows a list by."""
    return f"{sweep.kind}@{sweep.system}"


def _suffix(sweep: Sweep, readers: Mapping[str, Mapping[str, Reader]]) -> str:
    return f"@{sweep.system}" if len(readers.get(sweep.kind, ())) > 1 else ""


def _renamed(sweep: Sweep, readers: Mapping[str, Mapping[str, Reader]]) -> Sweep:
    """Put the system's name behind its ids, where several systems fill the kind."""
    suffix = _suffix(sweep, readers)
    if not suffix:
        return sweep
    unseen = tuple(replace(u, resource=f"{u.resource}{suffix}") for u in sweep.unseen)
    return replace(sweep, table=cast("Columns", sweep.table).renamed(suffix), unseen=unseen)


def _rehearsed(eyes: Eyes, repository: Repository, sweep: Sweep, policies: Sequence[Policy] | None = None) -> Sweep:
    """Add what check mode would change, for each policy that converges this kind."""
    asked = repository.policies if policies is None else policies
    return rehearsed(eyes.rehearser, eyes.catalog, repository, asked, sweep)
