"""What this system offers: people, classes and schools, read from one archive; it has no verbs.

Source: OneRoster 1.1 and 1.2, CSV binding (1EdTech): names of files and columns, and the closed lists of words.
"""

from __future__ import annotations

from agent.model.source import Preset
from agent.systems.csv.presets.writing import same, under, word

SYSTEM = "oneroster"
VERSIONS = ("1.1", "1.2")
KEY = "sourcedId"
GONE = "tobedeleted"  # the status of a record that is to go
ROLES = same(
    student="student",
    teacher="teacher",
    staff="administrator, aide, proctor, counselor, principal, districtadministrator, siteadministrator, "
    "systemadministrator",
    guardian="guardian, parent, relative",
)
# A bulk archive leaves the status blank: what is in it is active.
STATUS = {GONE: "left", "active": "active", "": "active"}

PERSON = Preset(
    name="oneroster_people",
    kind="person",
    key=KEY,
    description="users.csv, with roles.csv in 1.2.",
    columns=(
        under(KEY, KEY),
        under("email", "email"),
        under("username", "username"),
        under("number", "identifier"),
        word("role", "role", means=ROLES),
        word("status", "status", means={GONE: "left", "active": "", "": ""}),
        word("status", "enabledUser", means=same(active="true", suspended="false")),
        under("grade", "grades"),
    ),
)
CLASS = Preset(
    name="oneroster_classes",
    kind="class",
    key=KEY,
    description="classes.csv, with enrollments.csv.",
    columns=(
        under(KEY, KEY),
        under("number", "classCode"),
        under("title", "title"),
        word("status", "status", means=STATUS),
        under("grades", "grades"),
        under("periods", "periods"),
        under("location", "location"),
    ),
)
SCHOOL = Preset(
    name="oneroster_schools",
    kind="school",
    key=KEY,
    description="The schools of orgs.csv, with users.csv.",
    columns=(
        under(KEY, KEY),
        under("number", "identifier"),
        under("name", "name"),
        word("status", "status", means=STATUS),
    ),
)
PRESETS = {preset.kind: preset for preset in (PERSON, CLASS, SCHOOL)}
FILES = {"person": "users", "class": "classes", "school": "orgs"}
