"""Microsoft: Intune's list of devices, and Active Directory as PowerShell writes it.

Sources: the columns of Intune's "All devices" export; the properties of Get-ADUser.
"""

from __future__ import annotations

from agent.model.source import Preset
from agent.systems.csv.presets.writing import same, under, word

INTUNE = Preset(
    name="intune_devices",
    kind="device",
    key="serial",
    timezone="UTC",
    description="Devices of Intune. Admin center: Devices, All devices, Export (all columns); unpack the archive.",
    columns=(
        under("serial", "Serial number"),
        under("model", "Model"),
        word(
            "platform",
            "OS",
            "Platform",
            means=same(
                windows="windows, windows 10, windows 11", ipados="ipados", ios="ios", macos="macos, mac",
                android="android, android enterprise, android (personally-owned work profile), "
                "android (corporate-owned work profile), android (fully managed), android (dedicated)",
                chromeos="chromeos, chrome os",
            ),
        ),
        under("os_version", "OS version"),
        word("status", "Device state", "Device registration state", means=same(active="managed, registered")),
        under("enrolled", "Enrollment date", "Enrolled date"),
        under("last_sync", "Last check-in", "Last sync date time", "Last contact"),
        under("assigned_user", "Primary user UPN", "Primary user email address", "UPN"),
        under("mac", "Wi-Fi MAC", "WiFiMacAddress", "Wi-Fi MAC address"),
        word(
            "compliant",
            "Compliance",
            "Compliance state",
            means=same(true="compliant", false="noncompliant, non-compliant, not compliant"),
        ),
        under("encrypted", "Encrypted", "Is encrypted"),
        under("storage_free", "Free storage"),
        under("storage_total", "Total storage"),
        word("ownership", "Ownership", means=same(company="company, corporate", personal="personal")),
    ),
)  # fmt: skip

AD = Preset(
    name="ad_users",
    kind="person",
    key="id",
    description=(
        "Accounts of Active Directory. PowerShell: `Get-ADUser -Filter * -Properties EmailAddress,DisplayName,"
        "EmployeeID,whenCreated,LastLogonDate,AccountExpirationDate | Export-Csv ad_users.csv -Encoding UTF8`."
    ),
    columns=(
        under("id", "ObjectGUID", "SID", "objectSid", "UserPrincipalName", "SamAccountName"),
        under("email", "EmailAddress", "mail", "UserPrincipalName"),
        under("username", "SamAccountName"),
        under("number", "EmployeeID", "EmployeeNumber"),
        under("name", "DisplayName", "Name"),
        under("role", "EmployeeType"),
        word("status", "Enabled", means=same(active="true", suspended="false")),
        under("left_on", "AccountExpirationDate"),
        under("org_unit", "DistinguishedName"),
        under("created", "whenCreated", "Created"),
        under("last_login", "LastLogonDate", "lastLogonTimestamp"),
    ),
)
