"""OneRoster archives of an invented district, made as the two versions of the standard write them."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Files = dict[str, list[dict[str, str]]]
STAMP = (2026, 10, 13, 4, 30, 0)

ORGS = [
    {"sourcedId": "org-d", "name": "Riverton Unified", "type": "district", "identifier": "2700000"},
    {"sourcedId": "org-e", "name": "East High", "type": "school", "identifier": "2700001"},
    {"sourcedId": "org-n", "name": "NMS", "type": "school", "identifier": "2700002"},
    {"sourcedId": "org-x", "name": "Old School", "type": "school", "identifier": "", "status": "tobedeleted"},
]
USERS = [
    {"sourcedId": "u1", "enabledUser": "true", "username": "sone", "identifier": "100001", "grades": "09",
     "givenName": "Invented", "familyName": "One", "email": "s.one@riverton.example"},
    {"sourcedId": "u2", "enabledUser": "false", "username": "ttwo", "identifier": "2", "grades": "",
     "givenName": "Invented", "familyName": "Two", "email": "t.two@riverton.example"},
    {"sourcedId": "u3", "enabledUser": "true", "username": "sthree", "identifier": "100003", "grades": "07",
     "givenName": "Invented", "familyName": "Three", "email": "", "status": "tobedeleted"},
    {"sourcedId": "u4", "enabledUser": "true", "username": "afour", "identifier": "4", "grades": "",
     "givenName": "Invented", "familyName": "Four", "email": "a.four@riverton.example"},
]  # fmt: skip
ROLES = {"u1": ("student", "org-e"), "u2": ("teacher", "org-n"), "u3": ("student", "org-n"), "u4": ("", "org-e,org-n")}
CLASSES = [
    {"sourcedId": "c1", "title": "Algebra", "grades": "09,10", "classCode": "ALG-1", "location": "112",
     "schoolSourcedId": "org-e", "periods": "1,3"},
    {"sourcedId": "c2", "title": "Art", "grades": "", "classCode": "ART-1", "location": "",
     "schoolSourcedId": "org-n", "periods": ""},
]  # fmt: skip
ENROLLMENTS = [
    {"sourcedId": f"e{n}", "classSourcedId": c, "userSourcedId": u, "role": r, "status": s}
    for n, (c, u, r, s) in enumerate([
        ("c1", "u1", "student", ""), ("c1", "u1", "student", ""), ("c1", "u2", "teacher", ""),
        ("c1", "u3", "student", "tobedeleted"),
    ])
]  # fmt: skip


def version_1_1() -> Files:
    users = []
    for user in USERS:
        role, orgs = ROLES[user["sourcedId"]]
        users.append({**user, "role": role or "administrator", "orgSourcedIds": orgs})
    return {**common("1.1"), "users": users}


def version_1_2() -> Files:
    roles = [
        {"sourcedId": f"r-{user}-{n}", "userSourcedId": user, "roleType": "primary",
         "role": role or "siteAdministrator", "orgSourcedId": org}
        for user, (role, orgs) in ROLES.items() for n, org in enumerate(orgs.split(","))
    ]  # fmt: skip
    roles.append({
        "sourcedId": "r-s",
        "userSourcedId": "u1",
        "roleType": "secondary",
        "role": "aide",
        "orgSourcedId": "org-n",
    })
    return {**common("1.2"), "users": USERS, "roles": roles}


def common(version: str) -> Files:
    files = {f"file.{name}": "bulk" for name in ("users", "orgs", "classes", "enrollments")}
    manifest = said({"manifest.version": "1.0", "oneroster.version": version, **files})
    return {"manifest": manifest, "orgs": ORGS, "classes": CLASSES, "enrollments": ENROLLMENTS}


def said(properties: Mapping[str, str]) -> list[dict[str, str]]:
    """Give the rows of a manifest."""
    return [{"propertyName": name, "value": value} for name, value in properties.items()]


def written(path: Path, files: Mapping[str, list[dict[str, str]]], folder: str = "") -> Path:
    """Write an archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in files.items():
            archive.writestr(zipfile.ZipInfo(f"{folder}{name}.csv", STAMP), content(rows))
    return path


def content(rows: list[dict[str, str]]) -> str:
    columns = list(dict.fromkeys(("sourcedId", "status", *(c for row in rows for c in row))))
    if rows and "propertyName" in rows[0]:
        columns = ["propertyName", "value"]
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
