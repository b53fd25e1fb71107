"""roster.zip: the same students and staff as a roster in OneRoster 1.2, with schools, courses, classes and enrollments.

Source: OneRoster 1.2 CSV binding (1EdTech), bulk files, without the parts that no school has to send.
"""

from __future__ import annotations

import csv
import tempfile
import zipfile
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self, TextIO

from agent.example.riverton.district import SCHOOLS, SITES
from agent.example.riverton.hours import school_year
from agent.example.riverton.items import site_number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from agent.example.riverton.block import Block
    from agent.example.riverton.records import Person

_DISTRICT = "riverton"
_CLASS = 26  # students in a class
_PARTS: Mapping[str, tuple[str, ...]] = {
    "academicSessions": ("sourcedId", "status", "dateLastModified", "title", "type", "startDate", "endDate",
                         "parentSourcedId", "schoolYear"),
    "orgs": ("sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId"),
    "courses": ("sourcedId", "status", "dateLastModified", "schoolYearSourcedId", "title", "courseCode", "grades",
                "orgSourcedId", "subjects", "subjectCodes"),
    "classes": ("sourcedId", "status", "dateLastModified", "title", "grades", "courseSourcedId", "classCode",
                "classType", "location", "schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods"),
    "enrollments": ("sourcedId", "status", "dateLastModified", "classSourcedId", "schoolSourcedId", "userSourcedId",
                    "role", "primary", "beginDate", "endDate"),
    "roles": ("sourcedId", "status", "dateLastModified", "userSourcedId", "roleType", "role", "beginDate", "endDate",
              "orgSourcedId", "userProfileSourcedId"),
    "users": ("sourcedId", "status", "dateLastModified", "enabledUser", "username", "userIds", "givenName",
              "familyName", "middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades",
              "password", "userMasterIdentifier", "resourceSourcedIds", "preferredGivenName", "preferredMiddleName",
              "preferredFamilyName", "primaryOrgSourcedId", "pronouns"),
}  # fmt: skip
_ABSENT = (
    "categories", "classResources", "courseResources", "demographics", "lineItems", "lineItemLearningObjectiveIds",
    "lineItemScoreScales", "resources", "results", "resultLearningObjectiveIds", "resultScoreScales", "scoreScales",
    "userProfiles", "userResources",
)  # fmt: skip


class Roster:
    """The roster in the making, to be used as a context: its parts grow on disk and are packed at the end."""

    def __init__(self, folder: Path, at: datetime) -> None:
        """Take the folder, which is there, and the time of the look."""
        self._path = folder / "roster.zip"
        self._at = at
        self._year = school_year(at.date())
        self._stack = ExitStack()
        self._files: dict[str, TextIO] = {}
        self._rows: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """Open every part and write what the district has once."""
        for part, header in _PARTS.items():
            file = self._stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", newline=""))
            self._files[part] = file
            self._rows[part] = csv.writer(file, lineterminator="\r\n")
            self._rows[part].writerow(header)
        self._write_district()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Pack the parts, unless something went wrong."""
        if error is None:
            self._pack()
        self._stack.close()

    def _write_district(self) -> None:
        first, last, name = self._year.start.isoformat(), self._year.end.isoformat(), self._year.end.year
        self._rows["academicSessions"].writerow((
            f"y{name}",
            "",
            "",
            f"School year {name}",
            "schoolYear",
            first,
            last,
            "",
            name,
        ))
        self._rows["orgs"].writerow((_DISTRICT, "", "", "Riverton Unified", "district", "400", ""))
        for site in SITES:
            kind = "school" if site.grades else "department"
            self._rows["orgs"].writerow((site.id, "", "", site.name, kind, site_number(site.id), _DISTRICT))
        for school in SCHOOLS:
            for grade in school.grades:
                self._rows["courses"].writerow(
                    (f"{school.id}-{grade}", "", "", f"y{name}", f"Homeroom {grade}", f"HR{grade}", grade, school.id,
                     "", "")
                )  # fmt: skip

    def write(self, block: Block) -> None:
        """Write the people of one copy of the district, and the classes that they are in."""
        for person in block.people:
            if person.site or person.org_unit == "/Leavers":
                self._write_person(person)
        for school in SCHOOLS:
            for grade in school.grades:
                students = [p for p in block.persons[f"students/{school.id}"] if p.grade == grade]
                for n, start in enumerate(range(0, len(students), _CLASS)):
                    teacher = block.persons[f"staff/{school.id}"][n % 3]
                    name = f"{school.id}-{grade}-{block.number}-{n}"
                    self._write_class(name, school.id, grade, [*students[start : start + _CLASS], teacher])

    def _write_person(self, person: Person) -> None:
        here = bool(person.site)
        role = person.employee_type.lower() if person.employee_type in {"Student", "Teacher"} else "administrator"
        self._rows["users"].writerow(
            (person.number, "", "", str(here).lower(), person.email.partition("@")[0], "", person.given, person.family,
             "", person.number, person.email, "", "", "", person.grade, "", "", "", "", "", "", person.site, "")
        )  # fmt: skip
        if here:
            self._rows["roles"].writerow((
                f"r{person.number}",
                "",
                "",
                person.number,
                "primary",
                role,
                "",
                "",
                person.site,
                "",
            ))

    def _write_class(self, name: str, school: str, grade: str, people: list[Person]) -> None:
        self._rows["classes"].writerow(
            (name, "", "", f"Homeroom {name}", grade, f"{school}-{grade}", name, "homeroom", "", school,
             f"y{self._year.end.year}", "", "", "1")
        )  # fmt: skip
        for person in people:
            role = "student" if person.grade else "teacher"
            self._rows["enrollments"].writerow(
                (f"{name}-{person.number}", "", "", name, school, person.number, role, str(role == "teacher").lower(),
                 "", "")
            )  # fmt: skip

    def _pack(self) -> None:
        with zipfile.ZipFile(self._path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(self._entry("manifest.csv"), _manifest())
            for part, file in self._files.items():
                file.seek(0)
                with archive.open(self._entry(f"{part}.csv"), "w", force_zip64=True) as packed:
                    while text := file.read(1 << 20):
                        packed.write(text.encode())

    def _entry(self, name: str) -> zipfile.ZipInfo:
        """Give a file of the archive: it is from the time of the look, in local time, as archives have it."""
        at = self._at
        found = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
        found.compress_type = zipfile.ZIP_DEFLATED
        return found


def _manifest() -> str:
    lines = ["propertyName,value", "manifest.version,1.0", "oneroster.version,1.2"]
    lines += [f"file.{part},{'bulk' if part in _PARTS else 'absent'}" for part in sorted((*_PARTS, *_ABSENT))]
    return "\r\n".join([*lines, "source.systemName,Riverton", "source.systemCode,riverton", ""])
