"""Google: the Admin console's downloads, and what GAM prints.

Sources: the Directory API's ChromeOsDevice and User resources, whose names GAM prints as headers; the headers of the
Admin console's user download.
"""

from __future__ import annotations

from agent.model.source import Preset
from agent.systems.csv.presets.writing import same, under, word

DEVICES = Preset(
    name="google_devices",
    kind="device",
    key="serial",
    description=(
        "Chromebooks. Admin console: Devices, Chrome, Devices, Download (all columns), as CSV. "
        "GAM: `gam print cros fields serialnumber,annotatedassetid,status,orgunitpath,lastsync,...`."
    ),
    columns=(
        under("serial", "serialNumber", "Device serial number", "Serial"),
        under("asset_tag", "annotatedAssetId", "Asset ID", "Annotated asset ID"),
        under("model", "model", "Device model"),
        under("os_version", "osVersion", "OS version", "ChromeOS version", "Chrome OS version"),
        word(
            "status",
            "status",
            "Provisioning status",
            means=same(
                active="active, provisioned", disabled="disabled", deprovisioned="deprovisioned",
                pending="pre_provisioned, pre-provisioned, preprovisioned, shipped, pending",
            ),
        ),
        under("org_unit", "orgUnitPath", "Org unit path", "Organizational unit path", "Organizational unit"),
        under("location", "annotatedLocation", "Location", "Annotated location"),
        under("enrolled", "lastEnrollmentTime", "Last enrollment time", "Enrollment time", "firstEnrollmentTime"),
        under(
            "last_sync", "lastSync", "Last policy sync", "Last sync time", "Most recent policy sync", "lastPolicySync"
        ),
        under(
            "support_end",
            "autoUpdateThrough",
            "autoUpdateExpiration",
            "Auto-update expiration",
            "Auto-update expiration date",
            "Auto update expiration date",
            "Automatic update expiration",
        ),
        under("assigned_user", "annotatedUser", "User", "Annotated user"),
        under("last_user", "mostRecentUser", "Last user", "recentUsers.0.email", "recentUsers.email"),
        under("mac", "macAddress", "Wi-Fi MAC address", "WiFi MAC address", "Wireless MAC address"),
        word("boot_mode", "bootMode", means=same(verified="verified", developer="dev, developer")),
        under("storage_free", "diskVolumeReports.0.volumeInfo.0.storageFree", written="B"),
        under(
            "storage_total",
            "diskSpaceUsage.capacityBytes",
            "diskVolumeReports.0.volumeInfo.0.storageTotal",
            written="B",
        ),
    ),
)  # fmt: skip

USERS = Preset(
    name="google_users",
    kind="person",
    key="email",
    description=(
        "Accounts of Google Workspace. Admin console: Directory, Users, Download users (all columns), as CSV. "
        "GAM: `gam print users fields primaryemail,orgunitpath,suspended,archived,lastlogintime,...`."
    ),
    columns=(
        under("email", "primaryEmail", "Email Address [Required]", "Email Address", "Email"),
        under("number", "Employee ID", "externalIds.0.value"),
        under("name", "name.fullName", "Full name"),
        word("status", "archived", means=same(archived="true") | {"false": ""}),
        word(
            "status",
            "Status [READ ONLY]",
            "Status",
            "suspended",
            means=same(active="active, false", suspended="suspended, true", archived="archived"),
        ),
        under("org_unit", "orgUnitPath", "Org Unit Path [Required]", "Org unit path"),
        under("created", "creationTime", "Creation time"),
        under("last_login", "lastLoginTime", "Last Sign In [READ ONLY]", "Last sign in", none=("never logged in",)),
        under("second_factor", "isEnrolledIn2Sv", "2sv Enrolled [READ ONLY]", "2sv Enrolled"),
        under("second_factor_enforced", "isEnforcedIn2Sv", "2sv Enforced [READ ONLY]", "2sv Enforced"),
        under("admin", "isAdmin", "Super admin"),
    ),
)
