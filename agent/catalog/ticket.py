"""The kind `ticket`: a request to the help desk. In reports it is a number, a school and a category."""

from __future__ import annotations

from agent.catalog.words import worded
from agent.model.kind import Field, FieldType, Kind, Link, Match

TICKET = Kind(
    name="ticket",
    description="A request to the help desk.",
    fields=(
        Field("number", FieldType.TEXT, "Its number.", match=Match.TEXT),
        worded("status", ("new", "open", "waiting", "resolved", "closed")),
        worded("priority", ("urgent", "high", "medium", "low")),
        Field("category", FieldType.TEXT, "What it is about, in small letters, as the help desk sorts it."),
        Field("site", FieldType.TEXT, "The school, by its key in district.yaml."),
        Field("location", FieldType.TEXT, "The room."),
        Field("subject", FieldType.TEXT, "Its title.", sensitive=True),
        Field("requester", FieldType.TEXT, "Who asked, by mail address.", sensitive=True, match=Match.EMAIL),
        Field("assignee", FieldType.TEXT, "Who works on it, by mail address or name.", sensitive=True),
        Field("team", FieldType.TEXT, "The team or company that it is with."),
        Field("created", FieldType.TIME, "When it was made.", past=True),
        Field("updated", FieldType.TIME, "When anything last happened to it.", past=True),
        Field("first_response", FieldType.TIME, "When somebody first answered.", past=True),
        Field("resolved", FieldType.TIME, "When it was resolved.", past=True),
        Field("due", FieldType.TIME, "When its promise ends, as the help desk counts it.", deadline=True),
        Field("asset_tag", FieldType.TEXT, "The number of the item that it is about.", match=Match.TEXT),
        Field("serial", FieldType.TEXT, "The serial number of the item that it is about.", match=Match.SERIAL),
        Field("loaner", FieldType.TEXT, "The number of the item lent meanwhile.", match=Match.TEXT),
    ),
    links=(
        Link("user", "person", (("requester", "email"),), "The person who asked."),
        Link("asset", "asset", (("asset_tag", "tag"), ("serial", "serial")), "The item that it is about."),
        Link("device", "device", (("serial", "serial"), ("asset_tag", "asset_tag")), "The device that it is about."),
        Link("site", "site", (("site", "id"),), "Its school."),
    ),
)
