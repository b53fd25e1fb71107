"""What a mail may not carry although somebody wrote it: people, and what helps an attacker. Source: GUARDS.md 15.

A mail can be forwarded and disclosed. Readings are masked by their field; this is for sentences of others, such as
a reason, a hold, or what a playbook said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agent.model.run import Run

PERSON = "an account"
HIDDEN = "(not shown)"
_HOLES = re.compile(r"\bCVE-\d{4}-\d{3,}\b", re.IGNORECASE)
_OIDS = re.compile(r"(?<![\w.])\.?\d+(?:\.\d+){6,}(?![\w.])")
_MAIL = re.compile(r"[\w.+'%-]+@[\w-]+(?:\.[\w-]+)+")
_HARDWARE = re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])")
_IPV4 = re.compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:]*::|(?:[0-9A-Fa-f]{1,4}:){7})[0-9A-Fa-f:]{3,39}(?![\w:])")
_QUOTES = re.compile(
    r"""(?<!\w)(?:"((?:\\.|[^"\\])*)(?:"|$)|“([^”]*)(?:”|$)|«([^»]*)(?:»|$)|'([^']*)'(?!\w)|`([^`]*)`)""", re.DOTALL
)
_NAMING = 2  # words that a quoted name of a column may have; what is longer is what somebody wrote
_WORD = re.compile(r"[^\s'\"()\[\]{},;:!?<>]+")
_SHORTEST, _SHORTEST_NUMBER = 3, 5  # what is shorter is part of too many words and numbers


def discreet(text: str) -> str:
    """Give a text without known holes by number, addresses of machines, and mail addresses."""
    shown = _OIDS.sub("a reading", _HOLES.sub("a known hole", text))
    shown = _MAIL.sub(HIDDEN, shown)
    for pattern in (_HARDWARE, _IPV4, _IPV6):
        shown = pattern.sub(HIDDEN, shown)
    return shown


def fenced(text: str) -> str:
    """Give a reason without what it quotes, such as a cell of somebody's list, and without mail addresses."""
    return _MAIL.sub(HIDDEN, _QUOTES.sub(_named, text))


def _named(found: re.Match[str]) -> str:
    quoted = next((part for part in found.groups() if part is not None), "")
    return found[0] if len(quoted.split()) <= _NAMING else HIDDEN


@dataclass(frozen=True, slots=True)
class Veil:
    """The names of people in a run, and how they are kept out of a text."""

    kinds: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()  # names without blanks, in small letters
    phrases: tuple[str, ...] = ()  # names with blanks, longest first
    ids: re.Pattern[str] | None = field(default=None, compare=False)

    def over(self, text: str) -> str:
        """Give a text for a mail: no account of the run is named, nor is there what `discreet` takes out."""
        return discreet(self.people(text))

    def people(self, text: str) -> str:
        """Give a text in which no account of the run is named."""
        shown = self.ids.sub(PERSON, text) if self.ids else text
        for phrase in self.phrases:
            if phrase in shown:
                shown = shown.replace(phrase, PERSON)
        return _WORD.sub(self._hidden, shown) if self.words else shown

    def _hidden(self, found: re.Match[str]) -> str:
        word = found[0]
        bare = word.rstrip(".")
        return word.replace(bare, PERSON) if bare.casefold() in self.words else word


def veil(run: Run) -> Veil:
    """Give the veil of a run: it knows everybody whom the run names."""
    return veil_over(run.private, _resources(run))


def veil_over(private: Sequence[str], resources: Iterable[str]) -> Veil:
    """Give the veil over those of these resources that are of private kinds."""
    if not private:
        return Veil()
    names = {r.partition("/")[2] for r in resources if r.partition("/")[0] in private}
    names |= {n.rpartition("@")[0] for n in names if n.count("@") > 1}  # person/name@domain@system
    names |= {n.partition("@")[0] for n in names if "@" in n}
    long = {n for n in names if _telling(n)}
    return Veil(
        frozenset(private),
        frozenset(n.casefold() for n in long),
        tuple(sorted((n for n in long if not _WORD.fullmatch(n)), key=lambda n: (-len(n), n))),
        re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(private)))})/\S+"),
    )


def _telling(name: str) -> bool:
    """Whether a name can be told from a word: an account `will` or `312` would blank out half of a mail."""
    return len(name) >= _SHORTEST and not name.isalpha() and not (name.isdigit() and len(name) < _SHORTEST_NUMBER)


def _resources(run: Run) -> Iterator[str]:
    groups: tuple[Iterable[str], ...] = (
        (f.resource for f in run.findings),
        (o.resource for o in run.outcomes),
        (a.resource for b in run.plan.batches for a in b.actions),
        (u.resource for s in run.seen for u in s.unseen),
        (d.resource for d in run.due),
        (c.resource for c in run.closed),
        (r for h in run.plan.holds for r in h.resources),
    )
    for group in groups:
        yield from group
