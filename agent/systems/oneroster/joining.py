"""What one file of the archive says of the records of another: roles of users, schools of orgs, sizes of classes.

Each join is written as the words of a column map: by the id in a record's own column, what is meant.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.model.source import ColumnMap
from agent.systems.csv.layout import Layout
from agent.systems.csv.lines import read_lines
from agent.systems.csv.sheet import recognise
from agent.systems.oneroster.spec import GONE, KEY, ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.systems.csv.sites import Schools
    from agent.systems.oneroster.archive import Archive

Rows = list[tuple[str, ...]]


def records(archive: Archive, name: str, *columns: str) -> Rows:
    """Give these columns of a file, in small letters, without the records that are to go; blank where it lacks one.

    Raises:
        UnreadableError: the file is not there, or has no ids.
    """
    maps = {c: (ColumnMap(c, (c,)),) for c in (KEY, "status", *columns)}
    sheet = recognise(archive.opener(name), Layout(KEY, maps, {}, "", ""))
    places = {c: sheet.header.find((c,))[0] for c in maps}
    lines, texts = read_lines(sheet, {p for p in places.values() if p is not None})
    blank = [""] * len(lines.numbers)
    found = {c: blank if p is None else [t.strip().lower() for t in texts[p].to_list()] for c, p in places.items()}
    rows = zip(*(found[c] for c in columns), strict=True)
    return [row for row, status in zip(rows, found["status"], strict=True) if status != GONE]


@dataclass(frozen=True, slots=True)
class Orgs:
    """The schools of an archive, and the site of district.yaml that each is, by its id in small letters."""

    site_of: Mapping[str, str]
    schools: tuple[str, ...]

    @staticmethod
    def of(archive: Archive, known: Schools, own: ColumnMap | None) -> Orgs:
        """Find the site of each school: by what systems.yaml says of its id, number or name, else by its name."""
        sites: dict[str, str] = {}
        schools: list[str] = []
        if not archive.has("orgs"):
            return Orgs(sites, ())
        for key, name, sort, number in records(archive, "orgs", KEY, "name", "type", "identifier"):
            if sort in {"school", ""}:
                schools.append(key)
            words = own.values if own else {}
            said = next((words[w] for w in (key, number, name) if w in words), "")
            site = known.named(said, None) if said else known.named(name, None) or known.named(number, None)
            if site:
                sites[key] = site
        return Orgs(sites, tuple(schools))

    def sites(self, field: str, column: str, texts: set[str]) -> ColumnMap:
        """Give the map of a column that holds ids of schools; in several schools of different sites is unknown."""
        return ColumnMap(field, (column,), values={t: s for t in texts if (s := self.one(t.split(",")))}, only=True)

    def one(self, keys: Sequence[str]) -> str:
        """Give the one site of these schools, or nothing."""
        found = {self.site_of.get(k.strip(), "") for k in keys}
        return found.pop() if len(found) == 1 else ""


def roles(archive: Archive, orgs: Orgs) -> Iterator[ColumnMap]:
    """Give, for OneRoster 1.2, what roles.csv says of each user: the role, and the school of it.

    The primary role counts; without one, a role that all rows of the user agree on.
    """
    wanted = ("userSourcedId", "roleType", "role", "orgSourcedId")
    primary: dict[str, set[tuple[str, str]]] = {}
    others: dict[str, set[tuple[str, str]]] = {}
    for user, sort, role, org in records(archive, "roles", *wanted):
        (primary if sort == "primary" else others).setdefault(user, set()).add((role, org))
    meant: dict[str, str] = {}
    at: dict[str, str] = {}
    for user, pairs in {**others, **primary}.items():
        said = {ROLES.get(role, "") for role, _ in pairs}
        if len(said) == 1 and "" not in said:
            meant[user] = said.pop()
        if site := orgs.one([org for _, org in pairs]):
            at[user] = site
    yield ColumnMap("role", (KEY,), values=meant, only=True)
    yield ColumnMap("site", (KEY,), values=at, only=True)


def sizes(archive: Archive) -> Iterator[ColumnMap]:
    """Give how many students and teachers each class has, by enrollments.csv; each person once."""
    seen = set(records(archive, "enrollments", "classSourcedId", "userSourcedId", "role"))
    students = Counter(c for c, _, role in seen if role == "student")
    teachers = Counter(c for c, _, role in seen if role == "teacher")
    classes = {key for (key,) in records(archive, "classes", KEY)}
    yield ColumnMap("students", (KEY,), values={c: str(students[c]) for c in classes}, only=True)
    yield ColumnMap("teachers", (KEY,), values={c: str(teachers[c]) for c in classes}, only=True)


def enrolled(archive: Archive, schools: Sequence[str]) -> ColumnMap:
    """Give how many active students each school has, by users.csv, and by roles.csv in 1.2."""
    users = records(archive, "users", KEY, "enabledUser", "role", "orgSourcedIds")
    active = {key for key, enabled, _, _ in users if enabled != "false"}
    if archive.version == "1.1":
        pairs = {(k, org.strip()) for k, _, role, orgs in users if role == "student" for org in orgs.split(",")}
    else:
        rows = records(archive, "roles", "userSourcedId", "role", "orgSourcedId")
        pairs = {(user, org) for user, role, org in rows if role == "student"}
    counts = Counter(org for user, org in pairs if user in active)
    return ColumnMap("students", (KEY,), values={s: str(counts[s]) for s in schools}, only=True)
