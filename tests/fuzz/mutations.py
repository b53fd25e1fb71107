"""The ways in which a document is broken: as bytes, as lines, and as the YAML that it is."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import yaml

from agent.bootstrap import catalog
from agent.intake.operators import OPERATORS
from tests.fuzz.corpus import example, seeds

PLAUSIBLE = 0.5  # the share of documents with one small change, which get as far as what is said about policies

_PIECES = (
    "- ", ": ", "? ", "{", "}", "[", "]", ",", "#", " #", "&a ", "*a", "<<: *a\n", "!!binary ", "!!str ", "!x ", "|",
    ">", "|2+",
    "%YAML 1.1\n", "%TAG ! x:\n", "---\n", "...\n", "\t", "\0", "\ufeff", "\u202e", "\u2028", "\x85", "\x1b[31m", "'",
    '"', "\\", "\\x",
    "9" * 400, "1e999", "-.inf", ".nan", "0x" + "f" * 39, "0o777", "~", "null", "true", "\r", "\r\n", "\n\n\n", "  ",
    "@", "`",
    "é", "日本", "🙂", "\u0301" * 50, "today - 99999 days", "<serial>", "<" * 300,
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, "", " ", True, False, 0, -1, 1, 10**30, 1e308, float("nan"), float("inf"), 0.1, "a", "A" * 50_000, [], {},
    [[]], [{}], {"": ""},
    "today", "today + 30 days", "now - 99999 weeks", "14 school days", "3 school hours", "0 school days",
    "99999 school hours",
    "2 staff days", "4 desk hours", "today - 5 school days", "user.site.testing_starts - 3 school days", "2027-02-30",
    "2027-01-31",
    "2026-03-08T02:30", "9999-12-31", "1900-01-01T00:00Z", "0001-01-01", "20 GiB", "1e5 GiB", "130%", "99.9%", "-1%",
    "20m", "1 month",
    "(a+)+$", "(", "[a", "(?<=a)b", "a{9999999}", "(a{99}){99}", ".*" * 200, "\\p{L}", "(?i)x", "126.0.6478.1",
    "1:9.2p1-2~deb", "17.", ".",
    "02:30", "25:00", "08:10-07:10", "00:00-24:00", "/", "/A", "A", "device/X", "host/", "../../etc/passwd",
    "playbooks/good.yml",
    "playbooks/../x.yml", "is", "cart", {"value": "chromeos.least"}, {"value": {"value": 1}}, {"is": "cart"}, ["a",
    "a"], ["a", None],
    ["a", ["b"]], {"at_least": "98%"}, {"not": None}, {"any_of": []}, {"all_of": [{}]},
    {"every": {"some": {"count": 1}}}, "America/Chicago",
    "Nowhere/Here", "a@b.c", "@", "W-1", "2 sweeps", "0 sweeps", "enforce", "audit", "low", "csv", "device", "site",
    "serial", "a.ics",
)  # fmt: skip

Mutation = Callable[[random.Random, str], str]


def dice(seed: int, number: int) -> random.Random:
    """Give the chances of one document, the same each time."""
    return random.Random(f"{seed}:{number}")  # ruff: ignore[suspicious-non-cryptographic-random-usage] - no secret


def mutated(rng: random.Random) -> tuple[str, bytes]:
    """Give a mutated document, and the place in a repository that it goes to: half of them are still plausible."""
    if rng.random() < PLAUSIBLE:
        seed = rng.choice(example())
        return seed.place, rng.choice(_GENTLE)(rng, seed.text).encode()
    seed = rng.choice(seeds())
    text = seed.text
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        text = rng.choice(_MUTATIONS)(rng, text)[:300_000]
    data = text.encode("utf-8", "replace")
    if rng.random() < 0.1:
        data = _flipped(rng, data)
    return (rng.choice(seeds()).place if rng.random() < 0.05 else seed.place), data


def _flipped(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data or b"x")
    for _ in range(rng.randrange(1, 6)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


# -- as text


def _cut(rng: random.Random, text: str) -> str:
    begin, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    return text[:begin] + text[min(end, begin + rng.choice((1, 5, 50, 5000))) :]


def _truncated(rng: random.Random, text: str) -> str:
    return text[: rng.randrange(len(text) + 1)]


def _inserted(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(_PIECES) + text[at:]


def _repeated(rng: random.Random, text: str) -> str:
    begin, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    return text[:end] + text[begin:end] * rng.choice((1, 2, 50)) + text[end:]


def _lines_swapped(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    a, b = (rng.randrange(len(lines)) for _ in range(2))
    lines[a], lines[b] = lines[b], lines[a]
    return "\n".join(lines)


def _reindented(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    lines[at] = " " * rng.randrange(9) + lines[at].lstrip()
    return "\n".join(lines)


def _spliced(rng: random.Random, text: str) -> str:
    other = rng.choice(seeds()).text
    return text[: rng.randrange(len(text) + 1)] + other[rng.randrange(len(other) + 1) :]


def _nested(rng: random.Random, text: str) -> str:
    depth = rng.choice((10, 49, 51, 500, 20_000))
    opening, closing = rng.choice((("[", "]"), ("{a: ", "}"), ("- ", ""), ("{not: ", "}"), ("{any_of: [", "]}")))
    at = rng.randrange(len(text) + 1)
    return text[:at] + opening * depth + "a" + closing * rng.choice((depth, depth, 0)) + text[at:]


def _bomb(rng: random.Random, text: str) -> str:
    """Put in aliases of aliases, which grow to more than any memory holds."""
    wide = rng.choice((2, 10, 30))
    lines = ["why: &b0 lol"] + [
        f"k{n}: &b{n} [{', '.join([f'*b{n - 1}'] * wide)}]" for n in range(1, rng.randrange(2, 12))
    ]
    return text + "\n" + "\n".join(lines) + "\n"


def _words_swapped(rng: random.Random, text: str) -> str:
    """Put another word of the language in the place of one."""
    words = [word for word in set(text.replace(":", " ").replace(",", " ").split()) if word.isidentifier()]
    return text.replace(rng.choice(sorted(words)), rng.choice(_WORDS), rng.choice((1, -1))) if words else text


# -- so that it still may be right


def _remarked(rng: random.Random, text: str) -> str:
    """Put comments behind a few lines, or above them."""
    lines = text.split("\n")
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(lines))
        lines[at] = rng.choice((f"{lines[at]}  # é: {{", f"# - 'x\n{lines[at]}", f"\n{lines[at]}"))
    return "\n".join(lines)


def _counted_otherwise(rng: random.Random, text: str) -> str:
    """Put another digit in the place of one."""
    places = [n for n, sign in enumerate(text) if sign in "0123456789"]
    at = rng.choice(places) if places else len(text)
    return text[:at] + rng.choice("0123456789") + text[at + 1 :]


def _styled(rng: random.Random, text: str) -> str:
    """Write the document anew, in another style and with its keys in another order."""
    return _dumped(rng, _shuffled(rng, yaml.load(text, Loader=yaml.CSafeLoader)))


def _shortened(rng: random.Random, text: str) -> str:
    """Take one thing out, wherever it stands, and write the document anew."""
    return _dumped(rng, _without_one(rng, yaml.load(text, Loader=yaml.CSafeLoader)))


def _shuffled(rng: random.Random, value: Any) -> Any:
    if isinstance(value, dict):
        keys = rng.sample(list(value), len(value))
        return {key: _shuffled(rng, value[key]) for key in keys}
    return [_shuffled(rng, one) for one in value] if isinstance(value, list) else value


def _without_one(rng: random.Random, value: Any) -> Any:
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    within = [key for key in keys if isinstance(value[key], (dict, list)) and value[key]]
    if within and rng.random() < 0.8:
        key = rng.choice(within)
        changed = _without_one(rng, value[key])
        return {**value, key: changed} if isinstance(value, dict) else [*value[:key], changed, *value[key + 1 :]]
    gone = rng.choice(keys)
    left = [key for key in keys if key != gone]
    return {key: value[key] for key in left} if isinstance(value, dict) else [value[key] for key in left]


def _dumped(rng: random.Random, value: Any) -> str:
    style = rng.choice((None, True, False))
    return str(
        yaml.dump(value, Dumper=_Dumper, default_flow_style=style, width=100, sort_keys=False, allow_unicode=True)
    )


# -- as YAML


def _restructured(rng: random.Random, text: str) -> str:
    """Read the document, change what it says in one to four places, and write it in a style of YAML's."""
    text = text[:20_000]
    if (
        max(map(text.count, ("[", "{", "- -"))) > 2000
    ):  # too deep for PyYAML's own loader, which is not what is tried here
        return _inserted(rng, text)
    try:
        value = yaml.load(text, Loader=yaml.CBaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return _inserted(rng, text)
    for _ in range(rng.randrange(1, 5)):
        value = _changed(rng, value)
    try:
        return str(
            yaml.dump(
                value, Dumper=_Dumper, default_flow_style=rng.choice((None, True, False)), width=100, sort_keys=False
            )
        )
    except (yaml.YAMLError, ValueError, RecursionError):
        return text


class _Dumper(yaml.CSafeDumper):
    """Writes a text that only looks like something else without quotes, now and then."""

    def ignore_aliases(self, data: Any) -> bool:
        return not isinstance(data, (dict, list))


def _changed(rng: random.Random, value: Any) -> Any:
    if not isinstance(value, (dict, list)) or not value or rng.random() < 0.15:
        return _replaced(rng, value)
    if isinstance(value, list):
        return _list_changed(rng, value)
    key = rng.choice(list(value))
    what = rng.random()
    if what < 0.5:
        return {**value, key: _changed(rng, value[key])}
    if what < 0.6:
        return {k: v for k, v in value.items() if k != key}
    if what < 0.7:
        return {(rng.choice(_WORDS) if k == key else k): v for k, v in value.items()}
    if what < 0.9:
        return {**value, rng.choice(_WORDS): rng.choice(_VALUES)}
    other = rng.choice(list(value))
    return {**value, key: value[other], other: value[key]}


def _list_changed(rng: random.Random, value: list[Any]) -> list[Any]:
    at = rng.randrange(len(value))
    what = rng.random()
    if what < 0.6:
        return [*value[:at], _changed(rng, value[at]), *value[at + 1 :]]
    if what < 0.75:
        return value * rng.choice((0, 2, 30))
    return [*value, rng.choice(_VALUES)]


def _replaced(rng: random.Random, value: Any) -> Any:
    what = rng.random()
    if what < 0.6:
        return rng.choice(_VALUES)
    if what < 0.75:
        return {rng.choice(_WORDS): value}
    if what < 0.9:
        return [value]
    begin = value[: rng.randrange(40)] if isinstance(value, str) else ""
    return begin + str(rng.choice(_VALUES))[:40]


def _language() -> tuple[str, ...]:
    """Give the words of the language, and some that are almost words of it."""
    known = catalog()
    fields = [field.name for kind in known.kinds.values() for field in kind.fields]
    keys = {str(key) for seed in seeds() for key in _keys(seed.text)}
    words = sorted({*keys, *fields, *OPERATORS, *known.kinds, *known.verbs})
    odd = ("", "policyy", "Policy", "policy ", "a.b.c", "user.user.user.user", "user.site.site", "package..installed",
    "sshd.", "file./.mode",
           "file./a\nb.mode", "var.ansible_host", "<<", "no", "1", "é", "x" * 300)  # fmt: skip
    return (*words, *odd)


def _keys(text: str) -> set[str]:
    return {line.strip(" -").partition(":")[0] for line in text.split("\n") if ":" in line and "#" not in line}


_WORDS = _language()
_GENTLE: tuple[Mutation, ...] = (_remarked, _counted_otherwise, _styled, _shortened)
_MUTATIONS: tuple[Mutation, ...] = (
    _cut, _truncated, _inserted, _inserted, _repeated, _lines_swapped, _reindented, _spliced, _nested, _bomb,
    _words_swapped,
    *[_restructured] * 12,
)  # fmt: skip
