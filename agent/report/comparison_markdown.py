"""What a change of the policies means, as Markdown for a pull request: a table, and what is behind it folded away.

A resource may be named by whoever plugged it in, and a pull request is read by whoever may merge: what names hold is
written as character references, which no Markdown and no HTML takes for anything but letters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.model.comparison import How
from agent.report.comparison import (
    amount,
    caveats,
    groups,
    looked,
    named,
    reached,
    sentences,
    summary,
    told_not,
    untold,
    veil,
)
from agent.report.plain import capital, ended, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.comparison import Acted, Compared, Comparison, Edit
    from agent.report.discreet import Veil

_MEANING = re.compile(r"[^\w\s.,;:()%/+='\"-]|_|^[\s+=-]|(?<=:)/|(?<=\d)\.(?= )|(?<=www)\.", re.MULTILINE)


def markdown(told: Comparison) -> str:
    """Give the whole text."""
    return "\n".join(_lines(told)) + "\n"


def inert(text: str) -> str:
    """Give a text as Markdown shows it letter for letter: no markup, no link, no mention, no line of its own."""
    return _MEANING.sub(lambda found: f"&#{ord(found[0])};", plain(text))


def _lines(told: Comparison) -> Iterator[str]:
    yield "### What this change of the policies means"
    yield ""
    yield f"From {inert(named(told.older))} to {inert(named(told.newer))}. {inert(looked(told))}"
    yield ""
    yield from (f"- {inert(line)}" for line in summary(told))
    yield ""
    if told.broken:
        yield "**The older revision does not load, so that nothing can be told of what it said:**"
        yield ""
        yield from (f"- {inert(str(problem))}" for problem in told.broken)
        yield ""
    yield from _table(told)
    for compared in told.policies:
        yield from _policy(told, compared)
    if told.surroundings:
        yield from _folded("Around the policies", [f"- {_edit(e)}" for e in told.surroundings])
    if told.actions:
        hide = veil(told)
        yield from _folded("What would be done", [line for a in told.actions for line in _acted(told, a, hide)])
    yield from (f"> {inert(ended(note))}" for note in caveats(told))


def _table(told: Comparison) -> Iterator[str]:
    if not told.policies or told.broken:
        return
    yield "| policy | | mode | close | open | other changes |"
    yield "|---|---|---|---:|---:|---:|"
    for one in told.policies:
        closes, opens = sum(s.vanishes for s in one.shifts), sum(s.appears for s in one.shifts)
        counts = [f"{n:,}" if n else "" for n in (closes, opens, len(one.shifts) - closes - opens)]
        cells = ["cannot be told", "", ""] if one.untold else counts
        how = "judged otherwise" if one.how is How.SAME else one.how.value
        yield f"| {inert(one.id)} {inert(one.title)} | {how} | {one.mode} | {' | '.join(cells)} |"
    yield ""


def _policy(told: Comparison, compared: Compared) -> Iterator[str]:
    body = [f"- {_edit(edit)}" for edit in compared.edits]
    body += [f"- {inert(line)}" for line in reached(told, compared)]
    body += [f"- {inert(told_not(compared, why))}" for why in untold(compared)]
    for sort, shifts in groups(compared):
        body.append(f"- {inert(capital(sort))}")
        body += [f"  - {inert(line)}" for line in sentences(told, compared, shifts)]
    if body:
        yield from _folded(f"{compared.id} {compared.title}: {compared.how.value}", body)


def _folded(title: str, body: list[str]) -> Iterator[str]:
    yield f"<details><summary>{inert(title)}</summary>"
    yield ""
    yield from body
    yield ""
    yield "</details>"
    yield ""


def _edit(edit: Edit) -> str:
    was, now = (inert(text) if text else "nothing" for text in (edit.before, edit.after))
    return f"{inert(edit.what)}: {was} -&gt; {now}"


def _acted(told: Comparison, acted: Acted, hide: Veil) -> Iterator[str]:
    yield f"- {inert(acted.policy)} {inert(acted.deed)}: {inert(amount(told, acted))}"
    for guard, said, lifted in acted.holds:
        yield f"  - held ({inert(guard)}): {inert(ended(hide.people(said)))}"
        yield f"  - what lifts it: {inert(ended(hide.people(lifted)))}"
