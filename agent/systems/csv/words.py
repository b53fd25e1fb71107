"""Words that mean something in every export: what stands for nothing, and the words that kinds ask for."""

from __future__ import annotations

from agent.catalog import KINDS

NOTHING = frozenset({
    "", "n/a", "#n/a", "-", "--", "\u2013", "\u2014", "null", "<null>", "nil", "none", "(none)", "never", "(blank)",
})  # fmt: skip
YES = frozenset({"true", "yes", "y", "1", "on", "enabled"})
NO = frozenset({"false", "no", "n", "0", "off", "disabled"})

# The words of fields whose kind has a list of them.
CANONICAL: dict[tuple[str, str], tuple[str, ...]] = {
    (kind.name, field.name): field.words
    for kind in KINDS.values()
    for field in kind.fields
    if field.words and not field.only_words
}

# Fields that their kind wants in small letters, because every export writes them differently.
SMALL = frozenset({("asset", "category"), ("ticket", "category")})


def canonical(kind: str, field: str) -> dict[str, str]:
    """Give a field's own words by how an export may write them: `In Use`, `in-use` and `in_use` are one."""
    found: dict[str, str] = {}
    for word in CANONICAL.get((kind, field), ()):
        found |= {word.replace("_", joint): word for joint in ("_", " ", "-", "")}
    return found
