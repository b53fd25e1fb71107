"""Values as exports write them, from text to typed value. What is not plainly one is a reason, never a guess."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.decide.compare import version_key
from agent.model.kind import FieldType
from agent.systems.csv.words import NO, YES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agent.model.reading import Value

WHOLE = 100  # percent
_PLAIN = re.compile(r"[-+]?\d{1,15}(\.\d{1,9})?")
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d{1,9})?")
_POINT = re.compile(r"\d\.\d{1,2}$|\d,\d{3}[,.]")  # what shows that a comma stands between thousands
_SIZE = re.compile(r"([\d,.]+) ?(|[KMGT]i?B|[KMGT]|bytes|B)", re.IGNORECASE)
_VERSION = re.compile(r"(?:version )?v?(\d+(?:[.\-_]\w+)*)(?:[ (+].*)?", re.IGNORECASE)
_NAMED_PATH = re.compile(r"(?:CN|OU|DC)=", re.IGNORECASE)
_PART = re.compile(r"(?:^|,)\s*(CN|OU|DC|O)=((?:\\.|[^,\\])*)", re.IGNORECASE)
_LIST = re.compile(r"\s*[;,|]\s*")
UNITS = {"": 1, "B": 1, "BYTES": 1} | {
    prefix + i + b: (1024 if i else 1000) ** power
    for power, prefix in enumerate("KMGT", start=1)
    for i, b in (("", "B"), ("I", "B"), ("", ""))
}


@dataclass(frozen=True, slots=True)
class Typed:
    """The distinct texts of one column as values, or why one is none; a text is in one of the two."""

    values: Mapping[str, Value]
    whys: Mapping[str, str]


def read_values(kind: FieldType, texts: Sequence[str], written: str) -> Typed:
    """Read the distinct texts of one column; `written` is the unit of a size that names none."""
    if kind is FieldType.NUMBER:
        return _each(texts, _numbers(texts), "is not a number")
    if kind is FieldType.PERCENT:
        return _each(texts, _percents(texts), "is not a share from 0 to 100, or does not say of what")
    if kind is FieldType.SIZE:
        return _each(texts, lambda text: _size(text, written), "is not a size with its unit, such as 64 GB")
    read, why = _READERS.get(kind, (_text, "is not text"))
    return _each(texts, read, why)


def _each(texts: Sequence[str], read: Callable[[str], Value | None], why: str) -> Typed:
    found = {text: read(text) for text in texts}
    return Typed({t: v for t, v in found.items() if v is not None}, {t: why for t, v in found.items() if v is None})


def _numbers(texts: Sequence[str]) -> Callable[[str], float | None]:
    """Give what reads the numbers of a column; `1,299` is one only where the column shows what its commas are."""
    american = any(map(_POINT.search, texts))

    def read(text: str) -> float | None:
        bare = text.removeprefix("$").strip()
        if _PLAIN.fullmatch(bare):
            return float(bare)
        if _GROUPED.fullmatch(bare) and (american or bare.count(",") > 1):
            return float(bare.replace(",", ""))
        return None

    return read


def _percents(texts: Sequence[str]) -> Callable[[str], float | None]:
    """Give what reads the shares of a column; `0.85` alone may be 85% or less than 1%."""
    shares = all(not t.endswith("%") and _PLAIN.fullmatch(t) and 0 <= float(t) <= 1 for t in texts)
    mixed = shares and any("." in t for t in texts)

    def read(text: str) -> float | None:
        bare = text.removesuffix("%").strip()
        if mixed or not _PLAIN.fullmatch(bare) or not 0 <= float(bare) <= WHOLE:
            return None
        return float(bare)

    return read


def _size(text: str, written: str) -> float | None:
    match = _SIZE.fullmatch(text)
    if match is None:
        return None
    number, unit = match[1], (match[2] or written).upper()
    if unit not in UNITS or not (match[2] or written):
        return None
    if _GROUPED.fullmatch(number) and ("." in number or UNITS[unit] == 1 or number.count(",") > 1):
        number = number.replace(",", "")
    return float(number) * UNITS[unit] if _PLAIN.fullmatch(number) else None


def _boolean(text: str) -> bool | None:
    low = text.lower()
    return True if low in YES else False if low in NO else None


def _version(text: str) -> str | None:
    match = _VERSION.fullmatch(text)
    return match[1] if match and version_key(match[1]) else None


def _path(text: str) -> str | None:
    """Give a path that starts with a slash; an LDAP name gives that of its org units, the highest first."""
    if _NAMED_PATH.match(text):
        parts = [(m[1].upper(), m[2].replace("\\", "").strip()) for m in _PART.finditer(text)]
        return "/" + "/".join(name for sort, name in reversed(parts) if sort == "OU")
    return "/" + text.strip("/") if text else None


def _list(text: str) -> tuple[str, ...]:
    return tuple(part for part in _LIST.split(text.strip()) if part)


def _text(text: str) -> str:
    return text


_READERS: dict[FieldType, tuple[Callable[[str], Value | None], str]] = {
    FieldType.BOOLEAN: (_boolean, "is neither yes nor no"),
    FieldType.VERSION: (_version, "is not a version"),
    FieldType.PATH: (_path, "is not a path"),
    FieldType.LIST: (_list, "is not a list"),
}
