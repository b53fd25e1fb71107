"""Whether a revision of the rules may be run: signed by who may, and after the last one. Source: GUARDS.md, 13."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.provenance import Course

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.model.provenance import Seal

SHORT = 12  # characters of a commit that a sentence shows
_COURSES = {
    Course.BACK: "it is older than {last}, which was run last",
    Course.PARTED: "it does not come after {last}, which was run last: history was rewritten, or it is another branch",
}


def refusal(course: Course, last: str, seals: Sequence[Seal]) -> str:
    """Say, as a clause, why a revision is refused, or give nothing.

    Args:
        course: how it lies to the one that was run last.
        last: that one, or empty.
        seals: who signed each commit that has to be signed, oldest first.
    """
    if said := _COURSES.get(course):
        return said.format(last=last[:SHORT])
    unsigned = [seal for seal in seals if not seal.who]
    if not unsigned:
        return ""
    first = unsigned[0]
    if len(seals) == 1:
        return first.why
    more = f", and {len(unsigned) - 1} more of its commits are refused" if len(unsigned) > 1 else ""
    return f"of commit {first.commit[:SHORT]}: {first.why}{more}"


def demanded(commits: Sequence[str], *, every: bool, course: Course) -> tuple[str, ...]:
    """Give the commits that have to be signed, of those since the last one that was run, oldest first.

    Of a first revision only itself: what came before it was there before anybody was asked.
    """
    if course is Course.SAME:
        return ()
    return tuple(commits) if every and course is Course.ONWARD else tuple(commits[-1:])
