"""The headers of each export, and what stands under them: as the Google Admin console, Snipe-IT, ... write them.

Blank is "there is none"; times are written as each product writes them.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from zlib import crc32

from agent.example.riverton.district import SITES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime
    from typing import Any

    Table = Mapping[str, Callable[[Any], object]]

_NAMES = {site.id: site.name for site in SITES} | {"": ""}


def zulu(at: datetime | None) -> str:
    """Write a time as Google does: UTC, with milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z") if at else ""


def slashed(at: datetime | None) -> str:
    """Write a time as the list of users has it, in the district's own time."""
    return at.strftime("%Y/%m/%d %H:%M:%S") if at else "Never logged in"


def local(at: datetime | None) -> str:
    """Write a time of the district without its zone."""
    return at.strftime("%Y-%m-%d %H:%M:%S") if at else ""


def american(at: datetime | None) -> str:
    """Write a time of the district with the month first."""
    return at.strftime("%m/%d/%Y %I:%M:%S %p") if at else ""


def day(at: date | None) -> str:
    """Write a day."""
    return at.isoformat() if at else ""


DISK = 31_268_536_320  # bytes: what is called 32 GB


def free(serial: str) -> int:
    """Give how many bytes a Chromebook has free: from 8% to 68%, so that about one in twelve has less than 4 GB."""
    return DISK * (80 + crc32(serial.encode()) % 1000 * 6 // 10) // 1000


GOOGLE_DEVICES: Table = {
    "deviceId": lambda d: d.id,
    "serialNumber": lambda d: d.serial,
    "status": lambda d: d.status.upper(),
    "lastSync": lambda d: zulu(d.last_sync),
    "annotatedUser": lambda d: d.user,
    "annotatedLocation": lambda d: d.location,
    "annotatedAssetId": lambda d: d.tag,
    "notes": lambda _: "",
    "model": lambda d: d.model.name,
    "osVersion": lambda d: d.os_version,
    "bootMode": lambda d: {"verified": "Verified", "developer": "Dev"}.get(d.boot_mode, ""),
    "orgUnitPath": lambda d: d.org_unit,
    "macAddress": lambda d: d.mac,
    "lastEnrollmentTime": lambda d: zulu(d.enrolled),
    "autoUpdateExpiration": lambda d: day(d.support_end),
    "diskVolumeReports.0.volumeInfo.0.storageTotal": lambda _: DISK,
    "diskVolumeReports.0.volumeInfo.0.storageFree": lambda d: free(d.serial),
}

INTUNE: Table = {
    "Device name": lambda d: f"{d.site.upper()}-{d.tag}",
    "Device ID": lambda d: d.id,
    "Enrollment date": lambda d: local(d.enrolled.astimezone(UTC)),
    "Last check-in": lambda d: local(d.last_sync and d.last_sync.astimezone(UTC)),
    "OS version": lambda d: d.os_version,
    "Category": lambda d: _NAMES[d.site],
    "Serial number": lambda d: d.serial,
    "Manufacturer": lambda d: d.model.maker,
    "Model": lambda d: d.model.name,
    "OS": lambda d: {"ipados": "iPadOS", "windows": "Windows"}[d.model.platform],
    "Ownership": lambda _: "Corporate",
    "Compliance": lambda _: "Compliant",
    "Encrypted": lambda _: "True",
    "Primary user UPN": lambda d: d.user,
    "Wi-Fi MAC": lambda d: d.mac,
    "Device state": lambda _: "Managed",
}

GOOGLE_USERS: Table = {
    "First Name [Required]": lambda p: p.given,
    "Last Name [Required]": lambda p: p.family,
    "Email Address [Required]": lambda p: p.email,
    "Org Unit Path [Required]": lambda p: p.org_unit,
    "Employee ID": lambda p: p.number,
    "Employee Type": lambda p: p.employee_type,
    "Department": lambda p: p.grade and f"Grade {p.grade}",
    "Status [READ ONLY]": lambda p: p.status.capitalize(),
    "Last Sign In [READ ONLY]": lambda p: slashed(p.last_login),
    "2sv Enrolled [READ ONLY]": lambda p: str(p.enrolled_second),
    "2sv Enforced [READ ONLY]": lambda p: str(p.enforced_second),
}

# Snipe-IT's own labels, and two that this district made itself: systems.yaml says what those mean.
_LABELS = {
    "in_use": "Ready to Deploy (Deployed)",
    "storage": "Ready to Deploy (Deployable)",
    "repair": "Out for Repair (Undeployable)",
    "lost": "Lost/Stolen (Archived)",
    "stolen": "Police Report (Archived)",
    "retired": "Archived (Archived)",
    "disposed": "Sold or Recycled (Archived)",
}

SNIPE_IT: Table = {
    "ID": lambda a: a.id,
    "Company": lambda _: "Riverton Unified",
    "Asset Name": lambda a: a.name,
    "Asset Tag": lambda a: a.tag,
    "Serial": lambda a: a.serial,
    "Model": lambda a: a.name,
    "Model No.": lambda a: a.number,
    "Category": lambda a: a.category,
    "Status": lambda a: _LABELS[a.status],
    "Username": lambda a: a.holder.partition("@")[0],
    "Email": lambda a: a.holder,
    "Location": lambda a: _NAMES[a.site],
    "Room": lambda a: a.room,
    "Manufacturer": lambda a: a.maker,
    "Purchase Date": lambda a: day(a.purchased),
    "Purchase Cost": lambda a: f"{a.cost:,.2f}",
    "Order Number": lambda a: a.order,
    "Warranty Expires": lambda a: day(a.warranty_end),
    "Checkout Date": lambda a: local(a.checked_out),
    "Last Audit": lambda a: day(a.audited),
    "Funding Source": lambda a: a.funding,
}

_STEPS = {
    "new": "Submitted",
    "open": "In Progress",
    "waiting": "Waiting on Parts",
    "resolved": "Resolved",
    "closed": "Closed",
}

INCIDENT_IQ: Table = {
    "Ticket #": lambda t: t.number,
    "Status": lambda t: _STEPS[t.status],
    "Priority": lambda t: t.priority.capitalize(),
    "Issue Category": lambda t: t.category.title(),
    "Location": lambda t: _NAMES[t.site],
    "Room": lambda t: t.room,
    "Subject": lambda t: t.subject,
    "Requestor Email": lambda t: t.requester,
    "Assigned To": lambda t: t.assignee,
    "Team": lambda t: t.team,
    "Created Date": lambda t: american(t.created),
    "Modified Date": lambda t: american(t.updated),
    "First Response Date": lambda t: american(t.first_response),
    "Resolved Date": lambda t: american(t.resolved),
    "Due Date": lambda t: american(t.due),
    "Asset Tag": lambda t: t.tag,
    "Asset Serial Number": lambda t: t.serial,
    "Loaner Asset Tag": lambda t: t.loaner,
}

PRINTERS: Table = {
    "Name": lambda p: p.name,
    "Serial": lambda p: p.serial,
    "Asset Tag": lambda p: p.tag,
    "Model": lambda p: p.model,
    "Status": lambda p: p.status.capitalize(),
    "Site": lambda p: _NAMES[p.site],
    "Location": lambda p: p.room,
    "Address": lambda p: p.address,
    "Toner": lambda p: f"{p.toner}%",
    "Pages": lambda p: p.pages,
    "Last Seen": lambda p: local(p.last_seen),
    "Firmware": lambda p: p.firmware,
}
