"""Text that comes from hosts: without secrets, without what steers a terminal, and of a bearable length."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.secrets import MASK, SHORTEST, Secret, says_secret, scrub

LONGEST = 500  # characters of a message
_LINE = 8  # shorter lines of a secret of several lines would blank out ordinary text

_KEYED = re.compile(
    r"""((?:passw(?:or)?d|passphrase|secret|token|api_?key)["']?\s*[:=]\s*)("[^"\n]*"|'[^'\n]*'|[^\s"',;]+)""",
    re.IGNORECASE,
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_CRYPT = re.compile(r"\$(?:1|2[abxy]?|5|6|7|y|gy|argon2\w*)\$[^\s:\"']+")  # as in /etc/shadow

_TRACEBACK = re.compile(  # of a module on the host: only its last line tells a person something
    r"Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*(.*)"
)

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\))?")
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Cleaner:
    """Cleans the texts of one run. `places` are paths of this run alone: they would differ with each look."""

    secrets: tuple[Secret, ...] = ()
    places: tuple[str, ...] = ()

    def scrubbed(self, text: str) -> str:
        """Take out secrets, known ones and what looks like one, and the run's own paths; keeps the lines."""
        text = scrub(_STEERING.sub("", _ESCAPES.sub("", scrub(text, self.secrets))), self.secrets)
        text = _PRIVATE_KEY.sub(MASK, text)
        text = _CRYPT.sub(MASK, _KEYED.sub(rf"\1{MASK}", text))
        for place in self.places:
            text = text.replace(place, "")
        return text

    def line(self, text: object, longest: int = LONGEST) -> str:
        """Give a text as one line."""
        said = self.scrubbed(text if isinstance(text, str) else _as_json(text))
        line = " ".join(_TRACEBACK.sub(r"\1", said).split())
        return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _as_json(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def known(values: Iterable[str]) -> tuple[Secret, ...]:
    """Give secrets in each form in which a text may hold them: as they are, line by line, and as JSON."""
    forms: set[str] = set()
    for value in values:
        lines = [line.strip() for line in value.splitlines()] if "\n" in value else []
        forms |= {value, value.strip(), json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
        forms |= {line for line in lines if len(line) >= _LINE}
    longest_first = sorted((form for form in forms if len(form) >= SHORTEST), key=lambda form: (-len(form), form))
    return tuple(map(Secret, longest_first))


def secret_values(variables: Mapping[str, object]) -> set[str]:
    """Give the texts of variables whose name says that they are secret, at any depth."""
    found: set[str] = set()
    for name, value in variables.items():
        if says_secret(str(name)):
            found |= _texts(value)
        elif isinstance(value, Mapping):
            found |= secret_values(value)
        elif isinstance(value, list | tuple):
            found |= {text for part in value if isinstance(part, Mapping) for text in secret_values(part)}
    return found


def _texts(value: object) -> set[str]:
    match value:
        case str():
            return {value}
        case Mapping():
            return {text for part in value.values() for text in _texts(part)}
        case list() | tuple():
            return {text for part in value for text in _texts(part)}
        case bool() | None:
            return set()
        case _:
            return {str(value)}  # a PIN that YAML read as a number
