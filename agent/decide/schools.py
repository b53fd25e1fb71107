"""At which schools a condition can hold, going by what it says of the school alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.condition import AllOf, AnyOf, Not, Test

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.model.condition import Condition
    from agent.model.kind import FieldRef

NOWHERE = ""  # what stands for all that is at no school
_OPEN = (True, True)
_NAMES = frozenset({"site", "site.id", "var.site"})


def schools(kind: str, where: Condition | None, sites: Iterable[str]) -> tuple[str, ...]:
    """Give the sites at which a condition can hold; with an empty text where it can outside all of them."""
    own = _NAMES | {"id"} if kind == "site" else _NAMES
    return tuple(site for site in (*sites, NOWHERE) if where is None or _ways(where, site, own)[0])


def _ways(part: Condition, site: str, own: frozenset[str]) -> tuple[bool, bool]:
    """Say whether a condition can hold at a site, and whether it can fail there."""
    match part:
        case Not(inner):
            holds, fails = _ways(inner, site, own)
            return fails, holds
        case AllOf(parts):
            ways = [_ways(one, site, own) for one in parts]
            return all(h for h, _ in ways), any(f for _, f in ways)
        case AnyOf(parts):
            ways = [_ways(one, site, own) for one in parts]
            return any(h for h, _ in ways), all(f for _, f in ways)
        case Test():
            holds_here = _test(part, site) if _is_own(part.field, own) else None
            return _OPEN if holds_here is None else (holds_here, not holds_here)


def _test(test: Test, site: str) -> bool | None:
    """Say whether a comparison of the school holds at a site; None where it is no plain comparison."""
    match test.operator, test.operand:
        case "equals", str(one):
            return site == one
        case "one_of", tuple(some):
            return site in some
        case "none_of", tuple(some):
            return site not in some
    return None


def _is_own(field: FieldRef, own: frozenset[str]) -> bool:
    """Say whether a field is the resource's own school, and not that of whoever holds it."""
    return field.name in own and field.through in {(), ("site",)}
