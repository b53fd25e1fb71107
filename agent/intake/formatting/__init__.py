"""`driftbell fmt`: one layout for every file that a person writes. No change of meaning may come from here.

A document is read into a tree that holds every comment with what it belongs to (`reading`), its keys are put in the
order of the schema (`ordering`), and it is written out (`writing`). Scalars pass as they were written, quotes and all.
The result is then read by intake's own reader, and thrown away unless it says exactly what the original said,
comments included.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from agent.errors import InputError, Place, Problem
from agent.intake import yaml
from agent.intake.formatting.gaps import remarks
from agent.intake.formatting.ordering import in_order
from agent.intake.formatting.reading import Reader
from agent.intake.formatting.writing import written
from agent.intake.nodes import content
from agent.intake.structure import BEGINNINGS
from agent.intake.wording import printable

if TYPE_CHECKING:
    from agent.intake.district_schema import Schema
    from agent.intake.nodes import Node

_STRANGE = "This file begins with none of the words that Driftbell's files begin with, so it is left as it is."
_CHANGED = "No layout was found that surely says the same as this file, so it is left as it is."


def laid_out(data: bytes, name: str, whole: Schema) -> str:
    """Give a document in the one layout. `whole` is the schema, whose order of keys is the order here.

    Raises:
        InputError: it cannot be read, is no file of ours, or would not say the same afterwards.
    """
    before = yaml.parse(data, name)
    shape = next((shape for shape in BEGINNINGS if before.get(shape) is not None), "")
    if not shape:
        raise InputError([Problem(Place(printable(name), 1, 1), _STRANGE)])
    original = yaml.decoded(data, name)
    document = Reader(original, name).document()
    wanted = digest(before), remarks(original)
    # An alias has to stand behind its anchor: where the order of keys would part them, keys stay where they are.
    for candidate in (in_order(document, shape, whole), document):
        text = written(candidate)
        if _says(text, name) == wanted:
            return text
    raise InputError([Problem(Place(printable(name)), _CHANGED)])


def digest(node: Node) -> str:
    """Give the digest of what a document says, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content(node), sort_keys=True).encode()).hexdigest()


def _says(text: str, name: str) -> tuple[str, list[str]] | None:
    try:
        return digest(yaml.parse(text.encode(), name)), remarks(text)
    except InputError:
        return None  # what cannot be read says nothing
