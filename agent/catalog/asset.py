"""The kind `asset`: a line of the list of what the district owns."""

from __future__ import annotations

from agent.catalog.words import worded
from agent.model.kind import Field, FieldType, Kind, Link, Match

ASSET = Kind(
    name="asset",
    description="An item that the district owns, as its asset list has it.",
    fields=(
        Field("tag", FieldType.TEXT, "The district's own number on it.", match=Match.TEXT),
        Field("serial", FieldType.TEXT, "The serial number.", match=Match.SERIAL),
        Field("name", FieldType.TEXT, "What the list calls it."),
        Field("model", FieldType.TEXT, "The model, as the list writes it."),
        Field("category", FieldType.TEXT, "What sort of thing it is, in small letters: `chromebook`, `switch`."),
        worded("status", ("in_use", "storage", "repair", "lost", "stolen", "retired", "disposed")),
        Field("site", FieldType.TEXT, "The school, by its key in district.yaml."),
        Field("location", FieldType.TEXT, "The room or place in the school."),
        Field("assigned_to", FieldType.TEXT, "Who holds it, by mail address.", sensitive=True, match=Match.EMAIL),
        Field("assigned_username", FieldType.TEXT, "Who holds it, by login.", sensitive=True, match=Match.TEXT),
        Field("checked_out", FieldType.TIME, "When its holder got it.", past=True),
        Field("purchased", FieldType.TIME, "When it was bought.", past=True),
        Field("cost", FieldType.NUMBER, "What it cost.", unit="dollars"),
        Field("warranty_end", FieldType.TIME, "When its warranty ends."),
        Field("funding", FieldType.TEXT, "What paid for it, such as a grant or an E-rate funding year."),
        Field("order", FieldType.TEXT, "The order or funding request number."),
        Field("audited", FieldType.TIME, "When somebody last saw it with their own eyes.", past=True),
    ),
    links=(
        Link(
            "user",
            "person",
            (("assigned_to", "email"), ("assigned_username", "username")),
            "The person who holds it.",
        ),
        Link("device", "device", (("serial", "serial"), ("tag", "asset_tag")), "What manages it, if anything does."),
        Link("site", "site", (("site", "id"),), "Its school."),
    ),
)
