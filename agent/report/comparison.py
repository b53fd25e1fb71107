"""What a change of the policies means, on a terminal: what a reviewer reads before a merge.

What goes away stands before what comes: a policy that was deleted closes findings as surely as a repair does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.model.comparison import How, Stand
from agent.model.finding import Verdict
from agent.report import words
from agent.report.discreet import veil_over
from agent.report.fitting import fitted
from agent.report.lists import aged, coverage, doubts, in_doubt
from agent.report.masks import masked_sentence
from agent.report.plain import capital, ended, plain
from agent.report.reach import blanks, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.model.comparison import Acted, Compared, Comparison, Edit, Shift
    from agent.model.policy import Revision
    from agent.report.discreet import Veil

MOST = 10  # findings that are named of one sort
_ONE_LINE = 60  # characters of an edit that stands on one line
_SHORT = 12  # digits of a commit
_HEADS = {
    How.REMOVED: "Removed",
    How.ADDED: "Added",
    How.CHANGED: "Changed",
    How.SAME: "Judged otherwise, although the same",
    How.ALONE: "What the newer revision says",
}
_GONE = {  # of one, and of several
    Stand.OUT_OF_LINE: ("closes with it", "close with it"),
    Stand.EXCEPTED: ("that a waiver excepts closes with it", "that waivers except close with it"),
    Stand.UNKNOWN: (
        "that could not be read is no longer asked about",
        "that could not be read are no longer asked about",
    ),
}


def lines(told: Comparison, width: int = 80) -> list[str]:
    """Give the lines, none wider than `width` where words allow."""
    return [line for text in _lines(told) for line in fitted(text, width)]


def exit_code(told: Comparison) -> int:
    """Give 3 where something could not be told, 1 where findings or actions change, else 0."""
    return 3 if told.untold else 1 if told.shifted or told.actions else 0


def named(revision: Revision) -> str:
    """Give a revision as people know it: its short id, who made it, and when."""
    commit, dirty, _ = revision.id.partition("+dirty:")
    if revision.id.startswith("dirty:"):
        return "files that are not in git"
    made = ", ".join(t for t in (plain(revision.author.partition(" <")[0]), revision.at[:10]) if t)
    changed = " with changes that are not committed" if dirty else ""
    return commit[:_SHORT] + (f" ({made})" if made else "") + changed


def summary(told: Comparison) -> Iterator[str]:
    """Give what it comes to, in sentences."""
    if told.broken:
        yield from _alone(told)
        return
    counts = {how: sum(p.how is how for p in told.policies) for how in How}
    policies = [f"{counts[h]} {h.value}" for h in (How.REMOVED, How.ADDED, How.CHANGED) if counts[h]]
    if counts[How.SAME]:
        policies.append(f"{counts[How.SAME]} judged otherwise")
    yield f"Policies: {', '.join([*policies, f'{told.same} as before']) if policies else 'none differs'}."
    moved = [s for p in told.policies for s in p.shifts]
    opens, closes = sum(s.appears for s in moved), sum(s.vanishes for s in moved)
    other = len(moved) - opens - closes
    parts = [f"{n:,} {what}" for n, what in ((closes, "close"), (opens, "open"), (other, "change otherwise")) if n]
    yield f"Findings: {words.listed(parts) if parts else 'none changes'}."
    batches = words.counted(len(told.actions), "batch differs", "batches differ")
    yield f"Actions: {batches if told.actions else 'none changes'}."
    yield from _dark(told)


def _alone(told: Comparison) -> Iterator[str]:
    """Say what the newer revision comes to by itself: what is not known of the older one is in no number."""
    stands = [s.after for p in told.policies for s in p.shifts]
    wrong, blind = stands.count(Stand.OUT_OF_LINE), stands.count(Stand.UNKNOWN)
    yield f"The newer revision has {words.counted(len(told.policies), 'policy', 'policies')}."
    unsure = f", {blind:,} could not be told" if blind else ""
    yield f"By it {words.counted(wrong, 'finding')} {'is' if wrong == 1 else 'are'} out of line{unsure}."
    if told.actions:
        yield f"It would act in {words.counted(len(told.actions), 'batch', 'batches')}."
    yield from _dark(told)


def _dark(told: Comparison) -> Iterator[str]:
    dark = [p.id for p in told.policies if p.untold]
    if dark:
        yield f"Could not be told of {words.counted(len(dark), 'policy', 'policies')}: {plain(', '.join(dark))}."
    if told.unread:
        number = words.counted(len(told.unread), "policy", "policies")
        yield f"Could not be told of {number} that did not change: {plain(', '.join(told.unread))}."


def looked(told: Comparison) -> str:
    """Say what both were judged on."""
    zone = ZoneInfo(told.timezone)
    if not told.seen:
        return "There is no look to judge on."
    last = max(s.as_of for s in told.seen)
    when = f"{words.date(last, zone, told.at)} {last.astimezone(zone):%H:%M}"
    return f"Judged on {'a look made now' if told.fresh else f'the last look, of {when}'}. {coverage(told.seen)}"


def caveats(told: Comparison) -> Iterator[str]:
    """Give what has to be known before the rest is believed, a sentence each; people unnamed."""
    yield from notes(told)
    old = [s for s in told.seen if s.stale and not s.trouble]
    yield from [aged(old, told.seen, told.at)] if old else []
    yield from doubts(in_doubt(told.seen), told.seen)


def notes(told: Comparison) -> list[str]:
    """Give what the comparison has to say of itself; a warning may quote a waiver, and so a person."""
    hide = veil(told)
    return [hide.people(note) for note in told.caveats]


def groups(compared: Compared) -> list[tuple[str, list[Shift]]]:
    """Give the findings that change in the same way together, what closes first."""
    found: dict[tuple[Stand, Stand], list[Shift]] = {}
    for shift in sorted(compared.shifts, key=lambda s: (not s.vanishes, not s.appears)):
        found.setdefault((shift.before, shift.after), []).append(shift)
    return [(_sort(compared, *key, len(shifts)), shifts) for key, shifts in found.items()]


def _sort(compared: Compared, was: Stand, now: Stand, count: int) -> str:
    if compared.how is How.REMOVED and was in _GONE:
        return f"{words.counted(count, 'finding')} {_GONE[was][count > 1]}"
    what = words.things([s.resource for s in compared.shifts if (s.before, s.after) == (was, now)])
    if was is now:
        return f"still out of line, but judged otherwise: {what}"
    if was is Stand.NOT_THERE:
        return f"{now.value}: {what}"
    return f"{was.value} -> {now.value}: {what}"


def hidden(told: Comparison, compared: Compared, resource: str) -> bool:
    """Say whether a resource is a person, or a group that could name one."""
    kind = resource.partition("/")[0]
    return kind in told.private or (compared.kind in told.private and kind not in {"site", "district"})


def veil(told: Comparison) -> Veil:
    """Give what keeps people's names out of the sentences of guards."""
    shifted = (s.resource for p in told.policies for s in p.shifts)
    return veil_over(told.private, [*shifted, *(r for a in told.actions for r in (*a.before, *a.after))])


def sentences(told: Comparison, compared: Compared, shifts: Sequence[Shift]) -> Iterator[str]:
    """Give what is said of findings, those of one wording together, and how many more there are; people unnamed."""
    shown = [s for s in shifts if not hidden(told, compared, s.resource)]
    found: dict[str, list[str]] = {}
    for shift in shown[:MOST]:
        found.setdefault(_said(shift), []).append(words.name(shift.resource))
    for said, names in found.items():
        yield f"{', '.join(names)}{f': {said}' if said else ''}"
    if len(shown) > MOST:
        yield f"and {len(shown) - MOST:,} more"


def _said(shift: Shift) -> str:
    """Give what is said of a finding, without its name; nothing where it is out of line in neither revision."""
    if shift.finding is None or not {Stand.OUT_OF_LINE, Stand.UNKNOWN} & {shift.before, shift.after}:
        return ""
    if shift.finding.verdict is Verdict.UNKNOWN:
        return ended(plain(shift.finding.why))
    name = shift.resource.partition("/")[2]
    return ended(plain(masked_sentence(shift.finding).removeprefix(f"{name}: "))) if shift.finding.sentence else ""


def _lines(told: Comparison) -> Iterator[str]:
    yield f"From {named(told.older)}"
    yield f"to   {named(told.newer)}"
    yield looked(told)
    yield ""
    if told.broken:
        yield "The older revision does not load, so that nothing can be told of what it said:"
        yield from (f"  {plain(str(problem))}" for problem in told.broken)
        yield ""
    yield from summary(told)
    for how in How:
        yield from _section(told, how, [p for p in told.policies if p.how is how])
    yield from _around(told.surroundings)
    yield from _actions(told, veil(told))
    said = list(caveats(told))
    if said:
        yield ""
        yield from (f"Note: {ended(plain(note))}" for note in said)


def _section(told: Comparison, how: How, policies: Sequence[Compared]) -> Iterator[str]:
    if not policies:
        return
    yield ""
    yield _HEADS[how]
    for compared in policies:
        yield f"  {plain(compared.id)} {plain(compared.title)} ({compared.severity.value}, {compared.mode})"
        for edit in compared.edits:
            yield from _edit(edit, "    ")
        yield from (f"    {line}" for line in reached(told, compared))
        yield from (f"    ? {told_not(compared, why)}" for why in untold(compared))
        for sort, shifts in groups(compared):
            yield from _group(told, compared, sort, shifts)


def reached(told: Comparison, compared: Compared) -> Iterator[str]:
    """Say of a policy that is new or otherwise how many it applies to now, and what was read of none of them."""
    was, now = compared.before, compared.after
    if now is None or compared.how is How.SAME:
        return
    known = was is not None and (was.applies, was.of) != (now.applies, now.of)
    before = "" if was is None or not known else f"{was.applies:,} -> " if was.of == now.of else f"{share(was)} -> "
    unsure = f", and perhaps to {now.unsure:,} more" if now.unsure else ""
    yield f"applies to {before}{share(now)} now{unsure}"
    yield from (plain(veil(told).people(line)).removeprefix(f"{plain(compared.id)}: ") for line in blanks([now]))


def untold(compared: Compared) -> list[str]:
    """Give what the look does not tell, what is asked for as one clause."""
    asked = [why for why in compared.untold if " " not in why]
    return [*([", ".join(asked)] if asked else []), *(why for why in compared.untold if " " in why)]


def told_not(compared: Compared, why: str) -> str:
    """Say that something cannot be told, and what would."""
    remedy = "" if "merged" in why else "; run with --fresh"
    return f"cannot be told from the last look: {plain(why)}{remedy}" if compared.untold else ""


def _edit(edit: Edit, indent: str) -> Iterator[str]:
    short = len(edit.before) + len(edit.after) + len(edit.what) < _ONE_LINE
    if short and edit.before and edit.after:
        yield f"{indent}{plain(edit.what)}: {plain(edit.before)} -> {plain(edit.after)}"
        return
    yield f"{indent}{plain(edit.what)}"
    yield from [f"{indent}  - {plain(edit.before)}"] if edit.before else []
    yield from [f"{indent}  + {plain(edit.after)}"] if edit.after else []


def _group(told: Comparison, compared: Compared, sort: str, shifts: Sequence[Shift]) -> Iterator[str]:
    yield f"    {capital(sort)}"
    yield from (f"      {line}" for line in sentences(told, compared, shifts))


def _around(edits: Sequence[Edit]) -> Iterator[str]:
    if not edits:
        return
    yield ""
    yield "Around the policies"
    for edit in edits[:MOST]:
        yield from _edit(edit, "  ")
    if len(edits) > MOST:
        yield f"  and {len(edits) - MOST:,} more"


def _actions(told: Comparison, hide: Veil) -> Iterator[str]:
    if not told.actions:
        return
    yield ""
    yield "What would be done"
    for acted in told.actions:
        yield f"  {plain(acted.policy)} {plain(acted.deed)}: {amount(told, acted)}"
        for guard, said, lifted in acted.holds:
            yield f"    held ({plain(guard)}): {ended(plain(hide.people(said)))}"
            yield f"    what lifts it: {ended(plain(hide.people(lifted)))}"


def amount(told: Comparison, acted: Acted) -> str:
    """Say how many things a step would change, and how that differs from before, where that is known."""
    if told.broken:
        held = f" ({acted.held:,} held)" if acted.held else ""
        return f"would change {words.things(acted.after)}{held}"
    was, now = set(acted.before), set(acted.after)
    if not now:
        return f"would no longer change {words.things(acted.before)}"
    said = f"would change {words.things(acted.after)}"
    parts = [f"{len(now - was):,} new" * bool(was and now - was), f"{len(was - now):,} no longer" * bool(was - now)]
    parts += [f"{len(acted.differing):,} otherwise than before" * bool(acted.differing)]
    parts += ["none before" * (not was), f"{acted.held:,} held" * bool(acted.held)]
    parts += ["an approval given before no longer counts" * (acted.anew and not acted.differing)]
    known = [p for p in parts if p]
    return said + (f" ({', '.join(known)})" if known else "")
