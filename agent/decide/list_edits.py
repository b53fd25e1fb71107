"""What a list of inventory/systems.yaml is, setting by setting, so that what changed in it can be named."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from agent.model.source import ExportSource
from agent.secrets import MASK, says_secret

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from agent.model.source import Check, ColumnMap, Source

_LOGIN = re.compile(r"//[^/@\s]*@")
_ASKED = re.compile(r"([?&]([^=&#\s]+)=)[^&#\s]+")
_UNITS = ((3_600, "h"), (60, "min"))


def of_lists(before: Iterable[Source], after: Iterable[Source]) -> tuple[dict[str, str], dict[str, str]]:
    """Give the settings of the lists of two revisions; of a list that one of them does not have, one line."""
    was, now = {s.name: s for s in before}, {s.name: s for s in after}
    both = was.keys() & now.keys()
    return _of(was.values(), both), _of(now.values(), both)


def _of(sources: Iterable[Source], both: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for source in sources:
        if source.name in set(both):
            found |= {f"list {source.name} {key}": text for key, text in _settings(source).items() if text}
        else:
            found[f"list {source.name}"] = f"{source.kind}s from {_origin(source)}"
    return found


def _origin(source: Source) -> str:
    return _bare(source.path) if isinstance(source, ExportSource) else f"{len(source.checks)} services"


def _settings(source: Source) -> dict[str, str]:
    """Give every setting as text by its key; one that is not set is empty."""
    if isinstance(source, ExportSource):
        plain = ("type", "kind", "preset", "key", "as_of", "timezone", "delimiter", "encoding")
        return {
            **{key: getattr(source, key) for key in plain},
            "path": _bare(source.path),
            "fresh_for": _span(source.fresh_for) if source.fresh_for is not None else "",
            **{f"column {one.field}": _column(one) for one in source.columns},
        }
    times = {key: f"{getattr(source, key):g} s" for key in ("timeout", "pause")}
    checks = {f"check {one.name}": _check(one) for one in source.checks}
    return {"kind": source.kind, "samples": str(source.samples), **times, **checks}


def _column(one: ColumnMap) -> str:
    parts = [
        " or ".join(one.columns),
        *([f"values {json.dumps(dict(one.values), ensure_ascii=False, sort_keys=True)}"] if one.values else []),
        *(["no other value"] if one.only else []),
        *([f"written {one.format}"] if one.format else []),
        *([f"nothing is {', '.join(sorted(one.none))}"] if one.none else []),
    ]
    return ", ".join(parts)


def _check(one: Check) -> str:
    options = {key: MASK if says_secret(key) else _bare(text) for key, text in sorted(one.options.items())}
    where = f" at {one.site}" if one.site else ""
    said = f", {', '.join(f'{key} {text}' for key, text in options.items())}" if options else ""
    return f"{one.ask} {_bare(one.target)}{where}{said}"


def _bare(text: str) -> str:
    """Give an address without the login in it, and without what its name calls a secret."""
    return _ASKED.sub(lambda found: found[1] + MASK if says_secret(found[2]) else found[0], _LOGIN.sub("//", text))


def _span(length: timedelta) -> str:
    """Give a length of time as the file has it: in whole hours, minutes or seconds."""
    seconds = int(length.total_seconds())
    size, unit = next((u for u in _UNITS if seconds and seconds % u[0] == 0), (1, "s"))
    return f"{seconds // size}{unit}" if unit == "h" else f"{seconds // size} {unit}"
