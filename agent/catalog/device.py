"""The kind `device`: what a student or a member of staff holds in their hands, as a management system lists it."""

from __future__ import annotations

from agent.catalog.words import worded
from agent.model.kind import Field, FieldType, Kind, Link, Match

DEVICE = Kind(
    name="device",
    description="A Chromebook, iPad or computer, as the system that manages it lists it.",
    fields=(
        Field("serial", FieldType.TEXT, "The serial number.", match=Match.SERIAL),
        Field("asset_tag", FieldType.TEXT, "The district's own number on it.", match=Match.TEXT),
        Field("model", FieldType.TEXT, "The model, as the managing system writes it."),
        worded("platform", ("chromeos", "ipados", "ios", "macos", "windows", "android"), after="."),
        Field("os_version", FieldType.VERSION, "The version of its system, such as `126.0.6478.1` or `17.5`."),
        worded("status", ("active", "disabled", "deprovisioned", "lost", "pending")),
        Field("org_unit", FieldType.PATH, "The org unit or group path that it is in."),
        Field(
            "site", FieldType.TEXT, "The school, by its key in district.yaml; from the org unit where none is listed."
        ),
        Field("location", FieldType.TEXT, "Where it is, as somebody noted it."),
        Field("enrolled", FieldType.TIME, "When it came under management.", past=True),
        Field("last_sync", FieldType.TIME, "When the managing system last heard from it.", past=True),
        Field("support_end", FieldType.TIME, "When its maker stops sending updates."),
        Field(
            "assigned_user",
            FieldType.TEXT,
            "Whom it is assigned to, by mail address.",
            sensitive=True,
            match=Match.EMAIL,
        ),
        Field("last_user", FieldType.TEXT, "Who used it last, by mail address.", sensitive=True, match=Match.EMAIL),
        Field("mac", FieldType.TEXT, "The hardware address of its wireless card.", match=Match.MAC),
        Field("compliant", FieldType.BOOLEAN, "Whether the managing system calls it compliant."),
        Field("encrypted", FieldType.BOOLEAN, "Whether its storage is encrypted."),
        Field("storage_free", FieldType.SIZE, "How much of its storage is free.", unit="bytes"),
        Field("storage_total", FieldType.SIZE, "How much storage it has.", unit="bytes"),
        worded("ownership", ("company", "personal"), after=", where the managing system tells."),
        worded("boot_mode", ("verified", "developer"), after=" for ChromeOS."),
    ),
    links=(
        Link("user", "person", (("assigned_user", "email"),), "The person whom it is assigned to."),
        Link("last_person", "person", (("last_user", "email"),), "The person who used it last."),
        Link("asset", "asset", (("serial", "serial"), ("asset_tag", "tag")), "Its line in the asset list."),
        Link("site", "site", (("site", "id"),), "Its school."),
    ),
)
