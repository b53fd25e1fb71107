"""From inventory/systems.yaml to the Sources, with what only the kinds, the presets and the district can tell."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from itertools import starmap
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from agent.intake.nodes import Node, number_at, text_at
from agent.intake.systems_schema import ASKS, OPTIONS
from agent.intake.values import duration
from agent.intake.wording import problem, quote
from agent.model.kind import UnknownFieldError
from agent.model.source import SAMPLES, TIMEOUT, Check, ColumnMap, ExportSource, ProbeSource, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import timedelta

    from agent.errors import Problem
    from agent.model.kind import Catalog, Kind


META_RECORDS = frozenset({"ANY", "AXFR", "IXFR", "*"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """What sources are read against."""

    catalog: Catalog
    sites: Collection[str]


def sources(node: Node, bounds: Bounds, problems: list[Problem]) -> tuple[Source, ...]:
    """Give the sources of the file; what is wrong with them goes to `problems`."""
    systems = node.get("systems")
    found: list[Source] = []
    for name, system in systems.pairs() if systems else ():
        kind = bounds.catalog.kinds.get(text_at(system, "kind"))
        if kind is None:
            continue  # Said by the schema.
        if text_at(system, "type") == "probe":
            found.append(_probe(name, system, bounds, problems))
        else:
            found.append(_export(name, system, kind, problems))
            problems += _check_export(system, kind, bounds)
    return tuple(found)


def _export(name: str, node: Node, kind: Kind, problems: list[Problem]) -> ExportSource:
    columns = node.get("columns")
    return ExportSource(
        name=name,
        type=text_at(node, "type"),
        kind=kind.name,
        path=text_at(node, "path"),
        place=node.place,
        preset=text_at(node, "preset"),
        key=text_at(node, "key"),
        columns=tuple(starmap(_column, columns.pairs() if columns else ())),
        as_of=text_at(node, "as_of"),
        fresh_for=_span(node, "fresh_for", problems),
        timezone=text_at(node, "timezone"),
        delimiter=_raw(node, "delimiter"),
        encoding=text_at(node, "encoding"),
    )


def _raw(node: Node, key: str) -> str:
    """Give a text with the blanks around it: a tab is a delimiter."""
    found = node.get(key)
    return (found.text() or "") if found else ""


def _column(field: str, node: Node) -> ColumnMap:
    if isinstance(node.value, str):
        return ColumnMap(field, (node.value,))
    header, meanings, none = node.get("from"), node.get("map"), node.get("none")
    names = (header.texts() or (header.text() or "",)) if header else ()
    return ColumnMap(
        field=field,
        columns=names,
        values={text.strip().lower(): value.raw for text, value in (meanings.pairs() if meanings else ())},
        only=bool((flag := node.get("only")) and flag.value is True),
        format=text_at(node, "format"),
        none=frozenset(t.strip().lower() for t in (none.texts() if none else ())),
    )


def _span(node: Node, key: str, problems: list[Problem]) -> timedelta | None:
    found = node.get(key)
    if found is None or found.text() is None:
        return None
    try:
        return duration(found.raw)
    except ValueError as error:
        problems.append(problem(found.place, str(error)))
        return None


def _check_export(node: Node, kind: Kind, bounds: Bounds) -> Iterator[Problem]:
    preset = bounds.catalog.presets.get(text_at(node, "preset"))
    if preset is not None and preset.kind != kind.name:
        place = (node.get("preset") or node).place
        yield problem(place, f"The preset {preset.name} is of the kind {preset.kind}, not {kind.name}")
    columns, key, zone = node.get("columns"), node.get("key"), node.get("timezone")
    names = [(name, columns.key_place(name)) for name, _ in columns.pairs()] if columns else []
    names += [(key.text() or "", key.place)] if key else []
    for name, place in names:
        try:
            kind.resolve(name)
        except UnknownFieldError as error:
            yield problem(place, str(error))
    if text_at(node, "type") == "csv" and not text_at(node, "preset") and not (key and columns):
        yield problem(
            node.place, "An export without a preset needs `columns`, and `key`: the field that names each row"
        )
    named = zone.text() if zone else None
    if zone is not None and named and named not in available_timezones():
        yield problem(zone.place, f"There is no time zone {quote(named)}", named, available_timezones())


def _probe(name: str, node: Node, bounds: Bounds, problems: list[Problem]) -> ProbeSource:
    checks = node.get("checks")
    timeout = _span(node, "timeout", problems)
    return ProbeSource(
        name=name,
        kind=text_at(node, "kind"),
        checks=tuple(
            found
            for n, c in (checks.pairs() if checks else ())
            if (found := _check(n, c, bounds, problems)) is not None
        ),
        place=node.place,
        samples=int(number_at(node, "samples") or SAMPLES),
        timeout=timeout.total_seconds() if timeout else TIMEOUT,
    )


def _check_target(node: Node, ask: str) -> Iterator[Problem]:
    """Say what of a check cannot be asked, or must not stand here."""
    target, server, record = node.get(ask), node.get("server"), node.get("record")
    if ask == "http" and target is not None and "@" in (urlsplit(target.text() or "").netloc):
        yield problem(
            target.place, "An address with a login in it is a secret, which does not belong here: take it out"
        )
    if server is not None and server.text() and not _is_address(server.text() or ""):
        yield problem(server.place, f"`server` is an address, such as 192.0.2.53 or 192.0.2.53:5353, not {server.raw}")
    if record is not None and (record.text() or "").upper() in META_RECORDS:
        yield problem(record.place, f"{record.raw} is no type of record that a name has: write A, AAAA, CNAME or MX")


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    plain = text if text.count(":") > 1 and not text.startswith("[") else (host if port.isdigit() and host else text)
    try:
        ip_address(plain.strip("[]"))
    except ValueError:
        return False
    return True


def _check(name: str, node: Node, bounds: Bounds, problems: list[Problem]) -> Check | None:
    asked = [word for word in ASKS if node.get(word) is not None]
    if len(asked) != 1:
        said = f"The check {quote(name)} asks {'in several ways' if asked else 'nothing'}"
        problems.append(problem(node.place, f"{said}: give it one of {', '.join(ASKS)}"))
        return None
    site = node.get("site")
    at = site.text() if site else None
    if site is not None and at and at not in bounds.sites:
        problems.append(problem(site.place, f"There is no site {quote(at)}", at, bounds.sites))
    for option in (o for o in OPTIONS if node.get(o) is not None):
        meant = OPTIONS[option].partition(":")[0].split(", ")
        if asked[0] not in meant:
            place = node.key_place(option)
            problems.append(problem(place, f"`{option}` is for {' and '.join(meant)} checks, not for {asked[0]}"))
    problems += _check_target(node, asked[0])
    options = {o: ",".join(v.texts()) or (v.text() or "") for o in OPTIONS if (v := node.get(o)) is not None}
    return Check(name, text_at(node, "site"), asked[0], text_at(node, asked[0]), options)
