"""Coverage in words: as text of 80 columns, as Markdown for a folder of evidence, and as data."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from agent.decide.coverage import total
from agent.model.policy import Mode
from agent.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.decide.coverage import Coverage, Served, Service, Total

WIDTH = 80
FAIR = (
    "Serves does not mean fulfils: each policy looks at what a list can show of a safeguard. One that only watches "
    "changes nothing, and one that waits for a list looks at nothing and is not counted."
)
WORDS = {Mode.ENFORCE: "fixes", Mode.PROPOSE: "asks", Mode.AUDIT: "watches"}
_WAITS, _NONE = "waits", "not served"
_ID = 15  # columns that an id and the space around it take
_INDENT = 2


def text(coverages: Sequence[Coverage], sites: Mapping[str, str], *, everything: bool = False) -> Iterator[str]:
    """Give lines of at most 80 columns.

    Args:
        coverages: a framework each.
        sites: the names of the sites.
        everything: name the safeguards that nothing serves by their titles too, not by their ids alone.
    """
    for coverage in coverages:
        yield from wrap(f"{_title(coverage)}: {_sum(coverage.total)}.", WIDTH, subsequent_indent="  ")
        yield ""
        for group, served in coverage.groups():
            yield from _group(group, served, sites, everything=everything)
    yield from wrap(FAIR, WIDTH)


def _title(coverage: Coverage) -> str:
    return plain(f"{coverage.framework.name} {coverage.framework.version}")


def _sum(counted: Total) -> str:
    modes = ", ".join(f"{WORDS[mode]} {n}" for mode, n in counted.by_mode.items() if n)
    said = f"{counted.served} of {counted.all} served" + (f" ({modes})" if modes else "")
    return said + (f", {counted.waiting} more wait" if counted.waiting else "")


def _group(group: str, served: Sequence[Served], sites: Mapping[str, str], *, everything: bool) -> Iterator[str]:
    if group:
        counted = total(served)
        yield from wrap(f"{plain(group)}: {_sum(counted)}", WIDTH, subsequent_indent="  ")
    idle = []
    for one in served:
        if one.services or everything:
            yield from _safeguard(one, sites)
        else:
            idle.append(plain(one.safeguard.id))
    if idle:
        indent = " " * _INDENT
        yield from wrap(f"{_NONE}: {', '.join(idle)}", WIDTH, initial_indent=indent, subsequent_indent=indent * 2)
    yield ""


def _safeguard(one: Served, sites: Mapping[str, str]) -> Iterator[str]:
    head = f"{' ' * _INDENT}{plain(one.safeguard.id):<{_ID - _INDENT}}"
    says = f"{plain(one.safeguard.title)}" + ("" if one.services else f" ({_NONE})")
    yield from wrap(says, WIDTH, initial_indent=head, subsequent_indent=" " * _ID)
    for line in _said(one, sites):
        yield from wrap(line, WIDTH, initial_indent=" " * (_ID + _INDENT), subsequent_indent=" " * (_ID + 2 * _INDENT))


def _said(one: Served, sites: Mapping[str, str]) -> Iterator[str]:
    """Give a line for all policies of which the same is to be said."""
    ways: dict[str, list[str]] = {}
    for service in one.services:
        ways.setdefault(_how(service, sites), []).append(service.policy.id)
    yield from (f"{', '.join(policies)}: {how}" for how, policies in ways.items())


def _how(service: Service, sites: Mapping[str, str]) -> str:
    """Say what a policy does, and where."""
    if service.waits:
        return f"{_WAITS}, no list: {plain(service.waits)}" if service.unseen else f"{_WAITS}: {plain(service.waits)}"
    *few, (last, rest) = service.sites.items()
    parts = [_at(mode, where, sites) for mode, where in few]
    if service.named:
        parts.append(_at(last, rest, sites))
    elif few:
        parts.append(f"{WORDS[last]} elsewhere")
    else:
        return f"{WORDS[last]} {'where it applies' if service.limited else 'everywhere'}"
    return "; ".join(parts) + (", where it applies" if service.limited else "")


def _at(mode: Mode, where: Sequence[str], sites: Mapping[str, str]) -> str:
    return f"{WORDS[mode]} at {', '.join(plain(sites.get(s, s)) for s in where) or 'no school'}"


def markdown(coverages: Sequence[Coverage], sites: Mapping[str, str]) -> Iterator[str]:
    """Give lines of Markdown, every safeguard a row."""
    for coverage in coverages:
        yield f"## {_cell(_title(coverage))}"
        yield ""
        yield f"{_sum(coverage.total).capitalize()}."
        yield ""
        yield "| safeguard | | how far | policies |"
        yield "|---|---|---|---|"
        for one in coverage.served:
            policies = "<br>".join(map(_cell, _said(one, sites)))
            yield f"| {_cell(one.safeguard.id)} | {_cell(one.safeguard.title)} | {_state(one)} | {policies} |"
        yield ""
    yield FAIR


def _state(one: Served) -> str:
    if one.mode is not None:
        return WORDS[one.mode]
    return _WAITS if one.waiting else _NONE


def _cell(text: str) -> str:
    return plain(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def document(coverages: Sequence[Coverage]) -> list[dict[str, Any]]:
    """Give the same as data."""
    return [
        {
            "framework": c.framework.key,
            "name": c.framework.name,
            "version": c.framework.version,
            **_counts(c.total),
            "groups": [{"group": group, **_counts(total(served))} for group, served in c.groups() if group],
            "safeguards": [_entry(one) for one in c.served],
        }
        for c in coverages
    ]


def _counts(counted: Total) -> dict[str, Any]:
    modes = {str(mode): n for mode, n in counted.by_mode.items()}
    return {"all": counted.all, "served": counted.served, "by_mode": modes, "waiting": counted.waiting}


def _entry(one: Served) -> dict[str, Any]:
    return {
        "id": one.safeguard.id,
        "title": one.safeguard.title,
        "group": one.safeguard.group,
        "mode": str(one.mode) if one.mode is not None else None,
        "waiting": one.waiting,
        "policies": [
            {
                "policy": s.policy.id,
                "title": s.policy.title,
                "sites": {str(mode): list(where) for mode, where in s.sites.items()},
                "limited": s.limited,
                "waits": s.waits,
            }
            for s in one.services
        ],
    }
