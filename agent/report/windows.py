"""What `driftbell windows` shows: what may be changed where now, when else, and what is frozen, as text or data."""

from __future__ import annotations

from operator import itemgetter
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from agent.decide.window_words import NO_SITE, WHEN, clock, freeze_words, until_words
from agent.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from agent.model.window import Freeze, Gate, Override

WIDTH = 80
_LABEL = 9  # columns


def lines(gates: Sequence[Gate], ahead: Sequence[Freeze], now: datetime) -> Iterator[str]:
    """Say of each site what is open and what is frozen; sites of which the same is to be said stand together."""
    together: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for gate in gates:
        said = tuple(_rows(gate, [f for f in ahead if f.everywhere or f.site == gate.site], now))
        name = (gate.name or gate.site) if gate.site else NO_SITE[0].upper() + NO_SITE[1:]
        together.setdefault(said, []).append(name)
    for number, (rows, names) in enumerate(together.items()):
        if number:
            yield ""
        yield from wrap(plain(", ".join(names)), WIDTH)
        for label, text in rows:
            yield from _row(label, text)


def _rows(gate: Gate, ahead: Sequence[Freeze], now: datetime) -> Iterator[tuple[str, str]]:
    if gate.frozen and gate.thaws is not None:
        names = "; ".join(freeze_words(f) for f in gate.frozen)
        lifted = f"; lifted until {_until(gate.override, gate.thaws, now)}" if gate.override else ""
        yield "frozen", f"until {until_words(gate.thaws, now)}: {names}{lifted}"
    for window, until in gate.open.items():
        yield "open", f"{WHEN[window]}, until {until_words(until, now)}"
    for window, at in sorted(gate.next.items(), key=itemgetter(1)):
        yield "closed", f"{WHEN[window]}; opens {clock(at, now)}"
    if gate.trouble:
        yield "unknown", f"{', '.join(said for w, said in WHEN.items() if not _told(gate, w))}: {gate.trouble}"
    for window, said in WHEN.items():
        if not gate.trouble and not _told(gate, window):
            yield "closed", f"{said}; no opening is known"
    for freeze in ahead:
        if freeze not in gate.frozen:
            yield "later", f"frozen: {freeze_words(freeze)}"


def _told(gate: Gate, window: object) -> bool:
    return window in gate.open or window in gate.next


def _until(override: Override, thaws: datetime, now: datetime) -> str:
    return f"{until_words(override.until.astimezone(thaws.tzinfo), now)} by override {override.id}"


def _row(label: str, text: str) -> Iterator[str]:
    yield from wrap(
        plain(text), WIDTH, initial_indent=f"  {label:<{_LABEL}}", subsequent_indent=" " * (_LABEL + 2),
        break_on_hyphens=False,
    )  # fmt: skip


def site_json(gate: Gate) -> dict[str, Any]:
    """Give a site as the JSON document has it."""
    return {
        "site": gate.site or None,
        "name": gate.name or None,
        "open": [{"window": str(w), "until": at.isoformat()} for w, at in gate.open.items()],
        "next": [{"window": str(w), "at": at.isoformat()} for w, at in gate.next.items()],
        "trouble": gate.trouble or None,
        "frozen": [freeze_json(f) for f in gate.frozen],
        "thaws": gate.thaws.isoformat() if gate.thaws else None,
        "freezes": gate.freezes.isoformat() if gate.freezes else None,
        "override": gate.override.id if gate.override else None,
    }


def freeze_json(freeze: Freeze) -> dict[str, Any]:
    """Give a freeze as the JSON document has it."""
    return {
        "name": freeze.name,
        "site": freeze.site or None,
        "everywhere": freeze.everywhere,
        "first": str(freeze.first),
        "last": str(freeze.last),
        "source": freeze.source,
    }


def override_json(override: Override) -> dict[str, Any]:
    """Give an override as the JSON document has it."""
    return {
        "id": override.id,
        "sites": [site for site in override.sites if site],
        "no_site": "" in override.sites,
        "by": override.by,
        "why": override.why,
        "at": override.at.isoformat(),
        "until": override.until.isoformat(),
        "ended": {"by": override.ended_by, "at": override.ended_at.isoformat()} if override.ended_at else None,
    }
