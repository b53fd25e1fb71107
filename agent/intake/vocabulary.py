"""The words that a condition may compare with: schools of the district, and the words of fields that have a list.

A word that no reading can have selects nothing, and where the comparison is denied it selects everything, without a
sound. So it is refused, or warned of where an export may hold words of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.intake.wording import ended, problem, quote, unknown
from agent.model.kind import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agent.errors import Problem
    from agent.intake.nodes import Node
    from agent.model.kind import Catalog, Field, FieldRef, Kind
    from agent.model.policy import Site
    from agent.model.source import Source

_EQUALITY = frozenset({"equals", "one_of", "none_of"})
_SITE, _ID = "site", "id"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that are known.

    Attributes:
        catalog: knows the words of fields.
        sites: the schools; None where the district could not be read.
        mapped: by kind and field, the words that the district's own exports are mapped to.
        warnings: receives what may be meant so, but hardly is.
    """

    catalog: Catalog
    sites: Mapping[str, Site] | None = None
    mapped: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def check(self, kind: Kind, ref: FieldRef, operator: str, node: Node, problems: list[Problem]) -> None:
        """Look at the words that a field is compared with for equality."""
        if operator not in _EQUALITY or not ref.name:
            return
        for name in ref.through:
            link = kind.link(name)
            kind = self.catalog.kinds[link.kind] if link else kind
        words = node.items() or (node,)
        if self.sites is not None and _is_site(kind, ref):
            problems += [p for word in words if (p := _no_school(word, self.sites))]
            return
        declared = _declared(kind, ref)
        if declared is not None and declared.words:
            known = (*declared.words, *sorted(self.mapped.get((kind.name, declared.name), ())))
            for word in (w for w in words if w.raw not in known):
                self._strange(word, ref, declared, known, problems)

    def _strange(
        self, word: Node, ref: FieldRef, declared: Field, known: tuple[str, ...], problems: list[Problem]
    ) -> None:
        listed = ", ".join(dict.fromkeys(known))
        if declared.only_words:
            sentence = f"{quote(ref.name)} is never {quote(word.raw)}{_from(word)}, only one of {listed}"
            problems.append(problem(word.place, sentence, word.raw.lower(), known))
            return
        sentence = f"{quote(word.raw)}{_from(word)} is not one of the words that Driftbell knows for {quote(ref.name)}"
        warning = ended(f"{word.place}: {sentence}: {listed}{nearest(word.raw.lower(), known)}")
        if warning not in self.warnings:
            self.warnings.append(warning)


def mapped_words(sources: Iterable[Source]) -> dict[tuple[str, str], frozenset[str]]:
    """Give the words that a district maps its own exports to, by kind and field."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for source in sources:
        for column in getattr(source, "columns", ()):
            key = (source.kind, column.field)
            found[key] = found.get(key, frozenset()) | {word for word in column.values.values() if word}
    return found


def _is_site(kind: Kind, ref: FieldRef) -> bool:
    """Say whether a field holds the key of a school; the inventory's variable `site` does too."""
    if ref.family == "var":
        return kind.name == "host" and ref.key == _SITE
    return not ref.key and (ref.family == _SITE or (ref.family == _ID and kind.name == _SITE))


def _no_school(word: Node, sites: Mapping[str, Site]) -> Problem | None:
    if word.raw in sites:
        return None
    by_name = next((key for key, site in sites.items() if site.name.casefold() == word.raw.casefold()), "")
    sentence = f"There is no site {quote(word.raw)}{_from(word)} in policies/district.yaml"
    if by_name:
        return problem(word.place, f"{sentence}: {quote(by_name)} is the key of {quote(word.raw)}")
    return unknown(word.place, sentence, word.raw.lower(), sites)


def _declared(kind: Kind, ref: FieldRef) -> Field | None:
    """Give the field as its kind declares it."""
    if not ref.key:
        return next((f for f in kind.fields if f.name == ref.family), None)
    family = next((f for f in kind.families if f.name == ref.family), None)
    return next((a for a in family.attributes if a.name == ref.attribute), None) if family else None


def _from(word: Node) -> str:
    """Say where a value of a dated file stands."""
    return f" (the value {word.origin[0]}, {word.origin[1]})" if word.origin else ""
