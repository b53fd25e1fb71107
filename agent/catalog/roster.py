"""The kinds `class` and `school` of a OneRoster export. Source: OneRoster 1.1 and 1.2, CSV binding (1EdTech)."""

from __future__ import annotations

from agent.catalog.words import worded
from agent.model.kind import Field, FieldType, Kind, Link, Match

CLASS = Kind(
    name="class",
    description="A class that is taught, as the roster lists it.",
    fields=(
        Field("number", FieldType.TEXT, "Its class code.", match=Match.TEXT),
        Field("title", FieldType.TEXT, "What it is called."),
        worded("status", ("active", "left")),
        Field("grades", FieldType.LIST, "The grades it is for."),
        Field("periods", FieldType.LIST, "The periods it is taught in."),
        Field("site", FieldType.TEXT, "The school, by its key in district.yaml."),
        Field("location", FieldType.TEXT, "The room."),
        Field("students", FieldType.NUMBER, "How many students are enrolled."),
        Field("teachers", FieldType.NUMBER, "How many teachers teach it."),
    ),
    links=(Link("site", "site", (("site", "id"),), "Its school."),),
)

SCHOOL = Kind(
    name="school",
    description="A school, as the roster lists it: compare it with the sites of district.yaml.",
    fields=(
        Field("number", FieldType.TEXT, "Its identifier, such as the state's number.", match=Match.TEXT),
        Field("name", FieldType.TEXT, "What the roster calls it."),
        worded("status", ("active", "left")),
        Field("site", FieldType.TEXT, "The site of district.yaml that it is; none where there is no such site."),
        Field("students", FieldType.NUMBER, "How many active students the roster has there."),
    ),
    links=(Link("site", "site", (("site", "id"),), "The site of district.yaml that it is."),),
)
