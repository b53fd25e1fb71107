"""Who is asked to approve, and what is told where nobody can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.intake.district import District

DISTRICT = """\
district: {{name: Riverton, timezone: America/Chicago}}
people:
  director: {{name: Dora, email: d@riverton.example, may: [approve], away: [{{first: {first}, last: {last}}}]{deputy}}}
  systems: {{name: Sam, email: s@riverton.example}}
guards: {{per_run: {{count: 5}}, per_day: {{count: 5}}, approval_lasts: 2 days}}
"""


def warned(district: District, first: int, last: int, deputy: str = "") -> list[str]:
    """What loading warns of, where the director is away from so many days from now to so many."""
    today = datetime.now(UTC)
    days = [(today + timedelta(days=n)).date().isoformat() for n in (first, last)]
    district.write("policies/district.yaml", DISTRICT.format(first=days[0], last=days[1], deputy=deputy))
    return [w for w in district.load().warnings if "nobody can be asked" in w]


def test_an_approver_who_is_away_without_a_deputy_is_told(district: District) -> None:
    (said,) = warned(district, -2, 2)
    assert "Dora (director) is away until" in said
    assert "no deputy is named" in said


def test_nothing_is_told_while_somebody_can_be_asked(district: District) -> None:
    assert warned(district, -2, 2, ", deputy: systems") == []
    assert warned(district, 5, 9) == []
    assert warned(district, -9, -5) == []


def test_what_the_district_says_of_approvals_is_read(district: District) -> None:
    warned(district, 5, 9)
    assert district.load().district.approval_lasts == timedelta(days=2)
    district.write("policies/district.yaml", "district: {name: R, timezone: UTC}\n")
    assert district.load().district.approval_lasts == timedelta(days=3)
