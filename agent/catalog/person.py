"""The kind `person`: an account of a student or a member of staff. Reports count people and never name them."""

from __future__ import annotations

from agent.catalog.words import worded
from agent.model.kind import Field, FieldType, Kind, Link, Match

PERSON = Kind(
    name="person",
    description="A student or a member of staff, as a directory or a roster lists them.",
    fields=(
        Field("email", FieldType.TEXT, "The mail address.", sensitive=True, match=Match.EMAIL),
        Field("username", FieldType.TEXT, "The login.", sensitive=True, match=Match.TEXT),
        Field("number", FieldType.TEXT, "The student or staff number.", sensitive=True, match=Match.TEXT),
        Field("name", FieldType.TEXT, "The full name.", sensitive=True),
        worded("role", ("student", "teacher", "staff", "vendor", "guardian")),
        worded("status", ("active", "suspended", "left", "archived")),
        Field("left_on", FieldType.TIME, "When they left, or will leave."),
        Field("grade", FieldType.TEXT, "The grade, such as `09` or `KG`."),
        Field("org_unit", FieldType.PATH, "The org unit of the account."),
        Field(
            "site", FieldType.TEXT, "The school, by its key in district.yaml; from the org unit where none is listed."
        ),
        Field("created", FieldType.TIME, "When the account was made.", past=True),
        Field("last_login", FieldType.TIME, "When the account last signed in.", past=True),
        Field("second_factor", FieldType.BOOLEAN, "Whether a second lock is set up for signing in."),
        Field("second_factor_enforced", FieldType.BOOLEAN, "Whether a second lock is demanded when signing in."),
        Field("admin", FieldType.BOOLEAN, "Whether the account administers the directory."),
    ),
    links=(Link("site", "site", (("site", "id"),), "The person's school."),),
    private=True,
)
