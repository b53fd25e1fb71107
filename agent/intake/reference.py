"""The reference of kinds, fields, operators and verbs as Markdown, from the one Catalog that the schema is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.intake.operators import OPERATORS, operators_of
from agent.intake.values import EXPECTED
from agent.model.kind import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.kind import Catalog, Family, Field, Kind

HEAD = (
    "# Kinds, fields and operators",
    "",
    "Made by `driftbell schema --fields`; a test says when it is behind.",
    "How they are put together stands in [policies.md](policies.md).",
)


def reference(catalog: Catalog) -> str:
    """Give the whole reference."""
    lines = [*HEAD, "", *_types(), "", *_operators()]
    for kind in catalog.kinds.values():
        lines += ["", *_kind(kind)]
    return "\n".join([*lines, "", *_verbs(catalog)]) + "\n"


def _types() -> Iterator[str]:
    yield from ("## Types", "", "| type | is written | operators of its own |", "|---|---|---|")
    everywhere = set.intersection(*(set(operators_of(t)) for t in FieldType))
    for one in FieldType:
        own = ", ".join(f"`{o}`" for o in operators_of(one) if o not in everywhere)
        yield f"| {_words(one)} | {_cell(EXPECTED[one].words)} | {own} |"


def _operators() -> Iterator[str]:
    yield from ("## Operators", "", "| operator | holds when | stands on |", "|---|---|---|")
    for name, operator in OPERATORS.items():
        types = [t for t in FieldType if t in operator.types]
        stands = "every field" if len(types) == len(FieldType) else ", ".join(map(_words, types))
        yield f"| `{name}` | {_cell(operator.description)} | {stands} |"


def _kind(kind: Kind) -> Iterator[str]:
    yield from (f"## Kind `{kind.name}`", "", kind.description, "", "| field | type | |", "|---|---|---|")
    yield from (_row(field, field.name) for field in kind.fields)
    for family in kind.families:
        yield from (_row(field, _shape(family, field), family.description) for field in family.attributes)
    if kind.links:
        yield from ("", "| link | leads to | |", "|---|---|---|")
        yield from (f"| `{link.name}` | `{link.kind}` | {_cell(link.description)} |" for link in kind.links)


def _row(field: Field, name: str, otherwise: str = "") -> str:
    notes = [_cell(field.description or otherwise)]
    notes += ["It lies behind us, so it takes `within` and `older_than`."] if field.past else []
    notes += ["Masked wherever it is shown."] if field.sensitive else []
    unit = f", {field.unit}" if field.unit else ""
    return f"| `{name}` | {_words(field.type)}{unit} | {' '.join(notes)} |"


def _shape(family: Family, field: Field) -> str:
    return f"{family.name}.{family.key}" + (f".{field.name}" if field.name else "")


def _verbs(catalog: Catalog) -> Iterator[str]:
    yield from ("## Verbs", "", "| verb | does | arguments |", "|---|---|---|")
    for verb in catalog.verbs.values():
        arguments = ", ".join(f"`{a.name}`" + ("" if a.required else " (may be left out)") for a in verb.arguments)
        yield f"| `{verb.name}` | {_cell(verb.description)} | {arguments} |"


def _words(one: FieldType) -> str:
    return one.value.replace("_", " ")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
