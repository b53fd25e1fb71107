"""Which verbs may destroy: only those that there are can be enabled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.errors import InputError
from agent.model.kind import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.model.kind import Catalog


def check_verbs(named: Iterable[str], catalog: Catalog) -> None:
    """Make sure that each verb that the settings enable is one: a slip of the pen would enable nothing.

    Raises:
        InputError: with the nearest verb that there is.
    """
    for verb in sorted(set(named) - set(catalog.verbs)):
        near = nearest(verb, list(catalog.verbs)) or f"; there are {', '.join(sorted(catalog.verbs))}."
        msg = f"`destructive` in the server's settings names {verb!r:.80}, which no system has{near}"
        raise InputError(msg)
