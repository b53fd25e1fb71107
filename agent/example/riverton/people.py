"""The people of one copy of the district, as they would be without any drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.example.riverton.district import FAMILY, GIVEN, MAIL, SCHOOLS, SITES, STUDENT_MAIL, School
from agent.example.riverton.records import Person

if TYPE_CHECKING:
    from agent.example.riverton.block import Block

LEAVERS = 260
VENDORS = 9
_STUDENTS = 5_000  # student numbers of one copy, leavers included
_STAFF = 500
_NAMES = len(GIVEN) * len(FAMILY)
_FIRST_STUDENT = 100_000
_TEACHERS = 3  # of four members of a school's staff


def build(block: Block) -> None:
    """Make students, staff, people who left, and the accounts of outside companies."""
    number = _FIRST_STUDENT + block.number * _STUDENTS
    for school in SCHOOLS:
        for n in range(school.students):
            number += 1
            _add(block, f"students/{school.id}", _student(block, number, school, school.grades[n % len(school.grades)]))
    for _ in range(LEAVERS):
        number += 1
        _add(block, "leavers", _leaver(block, number))
    first = block.number * _STAFF
    for site in SITES:
        for n in range(site.staff):
            _add(block, f"staff/{site.id}", _staff(block, first, site, teacher=site.grades != () and n % 4 < _TEACHERS))
            first += 1
    for n in range(VENDORS):
        _add(block, "vendors", _vendor(block, n))


def _add(block: Block, where: str, person: Person) -> None:
    block.people.append(person)
    block.persons[where].append(person)


def named(n: int) -> tuple[str, str]:
    """Give a given and a family name: each pair once in every 2,400 numbers."""
    row, column = divmod(n, len(GIVEN))
    return GIVEN[column], FAMILY[(row + column) % len(FAMILY)]


def _student(block: Block, number: int, school: School, grade: str) -> Person:
    return Person(
        f"s{number}@{STUDENT_MAIL}", str(number), *named(number * 7), "Student", f"/Students/{school.folder}",
        school.id, grade, block.ago(0.1, 10),
    )  # fmt: skip


def _leaver(block: Block, number: int) -> Person:
    return Person(
        f"s{number}@{STUDENT_MAIL}", str(number), *named(number * 7), "Student", "/Leavers", "", "",
        block.ago(60, 130), status="suspended",
    )  # fmt: skip


def _staff(block: Block, n: int, site: School, *, teacher: bool) -> Person:
    given, family = named(n)
    again = n // _NAMES
    return Person(
        f"{given}.{family}{again or ''}@{MAIL}".lower(), f"E{20_000 + n}", given, family,
        "Teacher" if teacher else "Staff", f"/Staff/{site.folder}", site.id, "", block.ago(0.1, 8),
        enrolled_second=True, enforced_second=True,
    )  # fmt: skip


def _vendor(block: Block, n: int) -> Person:
    given, family = named(1_700 + n)
    return Person(
        f"{given}.{family}.{block.number * VENDORS + n}@vendors.{MAIL}".lower(), f"V{block.number * VENDORS + n + 1}",
        given, family, "Vendor", "/Vendors", "", "", block.ago(1, 20), enrolled_second=True, enforced_second=True,
    )  # fmt: skip
