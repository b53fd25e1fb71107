"""Frameworks, policies/frameworks/*.yaml, and whether what policies say of them is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.intake.nodes import Node, text_at
from agent.intake.wording import problem, quote
from agent.model.framework import Framework, Safeguard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agent.errors import Problem


def frameworks(documents: Iterable[Node], problems: list[Problem]) -> tuple[Framework, ...]:
    """Give the frameworks of a repository, by their keys; what is wrong with one goes to `problems`."""
    found: dict[str, Framework] = {}
    for node in documents:
        key = text_at(node, "framework")
        if not key:
            continue
        if key in found:
            sentence = f"The framework {quote(key)} is taken: {found[key].place} has it already"
            problems.append(problem(node.key_place("framework"), sentence))
            continue
        safeguards = tuple(_safeguards(node, problems))
        place = node.key_place("framework")
        found[key] = Framework(key, text_at(node, "name"), text_at(node, "version"), safeguards, place)
    return tuple(found[key] for key in sorted(found))


def _safeguards(node: Node, problems: list[Problem]) -> Iterator[Safeguard]:
    listed = node.get("safeguards")
    places: dict[str, Node] = {}
    for item in listed.items() if listed else ():
        name, written = text_at(item, "id"), item.get("id")
        if not name or written is None:
            continue
        if name in places:
            sentence = f"The id {quote(name)} is taken: {places[name].place} has it already"
            problems.append(problem(written.place, sentence))
            continue
        places[name] = written
        yield Safeguard(name, text_at(item, "title"), text_at(item, "group"))


def check_maps(policies: Iterable[Node], known: Sequence[Framework]) -> Iterator[Problem]:
    """Give what policies say they serve that no framework has. Without any framework there is nothing to hold it to."""
    ids = {framework.key: {s.id: s for s in framework.safeguards} for framework in known}
    for policy in policies if ids else ():
        named = policy.get("frameworks")
        for key, listed in named.pairs() if named else ():
            if key not in ids and named is not None:
                sentence = f"There is no framework {quote(key)} in policies/frameworks/"
                yield problem(named.key_place(key), sentence, key, ids)
                continue
            for item in listed.items():
                text = item.text()
                if text is not None and text not in ids[key]:
                    yield problem(item.place, f"{key} has no safeguard {quote(text)}", text, ids[key])
