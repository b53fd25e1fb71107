"""Fields that hold one of a list of words: the list is data, and their description is made of it."""

from __future__ import annotations

from agent.model.kind import Field, FieldType


def worded(
    name: str,
    words: tuple[str, ...],
    *,
    before: str = "",
    after: str = "; in these words.",
    only_words: bool = False,
) -> Field:
    """Give a field that is put in these words. `only_words` says that nothing else is ever read."""
    *most, last = (f"`{word}`" for word in words)
    listed = f"{', '.join(most)} or {last}"
    return Field(name, FieldType.TEXT, f"{before}{listed}{after}", words=words, only_words=only_words)
