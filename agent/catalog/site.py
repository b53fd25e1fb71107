"""The kind `site`: a school or another building, as district.yaml has it. Its list is always complete."""

from __future__ import annotations

from agent.model.kind import Field, FieldType, Kind, Match

SITE = Kind(
    name="site",
    description="A school or another building of the district, from policies/district.yaml.",
    fields=(
        Field("id", FieldType.TEXT, "Its key.", match=Match.TEXT),
        Field("name", FieldType.TEXT, "Its name."),
        Field("org_units", FieldType.LIST, "The org units whose devices and accounts belong to it."),
        Field("student_ou", FieldType.PATH, "The org unit of its students; none where none is named."),
        Field("calendar", FieldType.TEXT, "The calendar that it keeps; none where none is named."),
    ),
)
