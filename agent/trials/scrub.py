"""Stand-ins for what may not leave the district: names, addresses, numbers. Each is used for the same text always.

What links stays linked: two lists that name the same serial name the same stand-in. A word that a policy compares
with is no secret, as the policy says it; everything else that tells of a person or a thing is replaced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.decide.references import PLACEHOLDERS
from agent.model.kind import FieldType
from agent.model.reading import NONE, Reading, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.model.kind import FieldRef

DOMAIN = "district.example"
UNREAD = Unknown("it could not be read")  # a reason may quote what was read
LONGEST = 60  # characters of a text that is a word and not a document
SHORTEST = 3  # characters of a secret that is looked for inside other texts
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_NOTHING = re.compile(r"[0X.\-\s]*", re.IGNORECASE)
_TEXTS = frozenset({FieldType.TEXT, FieldType.PATH})


@dataclass(slots=True)
class Scrub:
    """Replaces texts. `words` are those that the policy itself writes; `secrets` are what no text may hold."""

    words: frozenset[str]
    secrets: frozenset[str]
    _texts: dict[str, str] = field(default_factory=dict)
    _spelled: dict[str, str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def resource(self, resource: str) -> str:
        """Give the stand-in of a resource's id."""
        kind, _, _ = resource.partition("/")
        if resource not in self._names:
            self._names[resource] = f"{kind}/{self._next(kind)}"
        return self._names[resource]

    def reading(self, ref: FieldRef, reading: Reading, *, key: bool) -> Reading:
        """Give a reading without what is secret; `key` says that the field is one that links go by."""
        if isinstance(reading, Unknown):
            return UNREAD
        if reading is NONE or isinstance(reading, (bool, int, float)) or not isinstance(reading, (str, tuple)):
            return reading
        if isinstance(reading, tuple):
            return tuple(sorted(self._member(ref, member) for member in reading))
        if reading in self.words:
            return reading
        if ref.sensitive or key:
            return self._stand_in(ref, reading)
        if ref.type in _TEXTS and not self._harmless(reading):
            return self._stand_in(ref, reading)
        return reading

    def _member(self, ref: FieldRef, member: str) -> str:
        """Inventory groups stand in the repository already; other members may be people."""
        open_to_all = member in self.words or (ref.name == "groups" and not ref.sensitive)
        return member if open_to_all else self._stand_in(ref, member)

    def _harmless(self, text: str) -> bool:
        low = text.lower()
        return len(text) <= LONGEST and text.isprintable() and not any(secret in low for secret in self.secrets)

    def _stand_in(self, ref: FieldRef, text: str) -> str:
        bare = text.strip()
        if bare.upper() in PLACEHOLDERS or _NOTHING.fullmatch(bare):
            return text
        known = canonical(text)
        if known not in self._texts:
            self._texts[known] = self._invent(ref, bare)
            self._spelled[known] = bare
        # Two spellings of one key link, and are not the same text.
        return self._texts[known] if bare == self._spelled[known] else self._texts[known].swapcase()

    def _invent(self, ref: FieldRef, text: str) -> str:
        if _ADDRESS.fullmatch(text):
            return f"{self._next('person')}@{DOMAIN}"
        if any(c.isdigit() for c in text) and len(text) <= LONGEST and not ref.sensitive:
            self._counts["number"] = self._counts.get("number", 0) + 1
            return shaped(text, self._counts["number"])
        return self._next((ref.attribute or ref.name).rpartition(".")[2].replace("_", "-"))

    def _next(self, word: str) -> str:
        self._counts[word] = self._counts.get(word, 0) + 1
        return f"{word}{self._counts[word]}"


def canonical(text: str) -> str:
    """Give the form in which two texts are the same key: case, blanks and the marks of a MAC address aside."""
    bare = text.strip().lower()
    digits = re.sub(r"[^0-9a-f]", "", bare)
    return digits if re.fullmatch(r"([0-9a-f]{2}[:.-]?){6}", bare) else bare


def shaped(text: str, number: int) -> str:
    """Give a text of the same shape that says nothing: letters are S, digits 7, and the last ones a number."""
    letters = [("S" if c.isupper() else "s") if c.isalpha() else "7" if c.isdigit() else c for c in text]
    digits = list(str(number))
    for place in (i for i in range(len(text) - 1, -1, -1) if text[i].isdigit()):
        if not digits:
            break
        letters[place] = digits.pop()
    return "".join(letters)


def secrets_of(texts: Iterable[str]) -> frozenset[str]:
    """Give what is looked for inside other texts, in small letters; an address counts by its first half, too."""
    found = set()
    for text in (t.strip().lower() for t in texts):
        found.update({text, text.partition("@")[0]})
    return frozenset(t for t in found if len(t) >= SHORTEST)
