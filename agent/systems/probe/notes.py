"""What a look has to say of itself, a sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.systems.probe.outcome import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.systems.probe.look import Look


def notes(looks: Sequence[Look], *, icmp: bool) -> tuple[str, ...]:
    """Say which sort of ping was used, and whether the trouble may be this machine's own."""
    return tuple(_all(looks, icmp=icmp))


def _all(looks: Sequence[Look], *, icmp: bool) -> Iterator[str]:
    asked = [look for look in looks if look.outcomes]
    if asked and all(look.unseen for look in asked):
        yield (f"Nothing could be asked, because of this machine itself and not of the services: {asked[0].unseen}.")
    elif len(asked) > 1 and not any(isinstance(one, Answer) for look in asked for one in look.outcomes):
        yield f"None of {len(asked)} services gave an answer: look first whether this machine's own network works."
    if any(look.check.ask == "ping" for look in asked):
        from agent.systems.probe.ping import BY_ICMP, BY_TCP  # ruff: ignore[import-outside-top-level]

        yield BY_ICMP if icmp else BY_TCP
    for look in asked:
        said = {one.note: None for one in look.outcomes if isinstance(one, Answer) and one.note}
        yield from (f"{look.check.name} {note}." for note in said)
