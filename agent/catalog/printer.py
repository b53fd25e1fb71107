"""The kind `printer`."""

from __future__ import annotations

from agent.catalog.words import worded
from agent.model.kind import Field, FieldType, Kind, Link, Match

PRINTER = Kind(
    name="printer",
    description="A printer or copier, as a print server or its maintainer lists it.",
    fields=(
        Field("name", FieldType.TEXT, "What the print server calls it.", match=Match.TEXT),
        Field("serial", FieldType.TEXT, "The serial number.", match=Match.SERIAL),
        Field("asset_tag", FieldType.TEXT, "The district's own number on it.", match=Match.TEXT),
        Field("model", FieldType.TEXT, "The model."),
        worded("status", ("ready", "offline", "error", "retired")),
        Field("site", FieldType.TEXT, "The school, by its key in district.yaml."),
        Field("location", FieldType.TEXT, "The room."),
        Field("address", FieldType.TEXT, "Its network address."),
        Field("toner", FieldType.PERCENT, "How much toner is left in the emptiest cartridge.", unit="%"),
        Field("pages", FieldType.NUMBER, "How many pages it ever printed.", unit="pages"),
        Field("last_seen", FieldType.TIME, "When the print server last heard from it.", past=True),
        Field("firmware", FieldType.TEXT, "The version of its firmware, as it writes it."),
    ),
    links=(
        Link("asset", "asset", (("serial", "serial"), ("asset_tag", "tag")), "Its line in the asset list."),
        Link("site", "site", (("site", "id"),), "Its school."),
    ),
)
