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
        Field("in_session", FieldType.BOOLEAN, "Whether school is in session now; unknown without a calendar."),
        Field("school_day", FieldType.BOOLEAN, "Whether there is school today."),
        Field("testing", FieldType.BOOLEAN, "Whether a testing window goes on."),
        Field(
            "testing_starts",
            FieldType.TIME,
            "When the testing window begins that goes on or comes next: 00:00 of its first day; none without one.",
        ),
        Field("testing_ends", FieldType.TIME, "When that testing window is over: 24:00 of its last day."),
        Field("season", FieldType.TEXT, "The season that the calendar names for today; none outside all."),
    ),
)
