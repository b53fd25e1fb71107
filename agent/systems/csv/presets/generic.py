"""Plain lists with plain headers: every field under its own name and under the words that people use for it."""

from __future__ import annotations

from agent.model.source import Preset
from agent.systems.csv.presets import vocabulary as words
from agent.systems.csv.presets.writing import under, word

_SITE = ("site", "School", "Building", "Campus", "School Name")
_SERIAL = ("serial", "Serial Number", "Serial No", "Serial No.", "Serial #", "S/N", "SN")
_TAG = (
    "asset_tag",
    "Asset Tag",
    "Tag",
    "Asset Number",
    "Asset No",
    "Asset #",
    "Asset ID",
    "Barcode",
    "Inventory Number",
)
_MAIL = ("email", "E-mail", "Mail", "Email Address", "E-mail Address")
_LOCATION = ("location", "Room", "Room Number", "Place")

DEVICES = Preset(
    name="generic_devices",
    kind="device",
    key="serial",
    description="A list of devices with plain headers, such as Serial, Model, Status, School, Last Sync.",
    columns=(
        under("serial", *_SERIAL),
        under("asset_tag", *_TAG),
        under("model", "model", "Device Model"),
        word("platform", "platform", "OS", "Operating System", means=words.PLATFORM),
        under("os_version", "os_version", "Version", "OS Ver"),
        word("status", "status", "State", "Device Status", means=words.DEVICE_STATUS),
        under("org_unit", "org_unit", "OU", "Org Unit Path", "Organizational Unit"),
        under("site", *_SITE),
        under("location", *_LOCATION),
        under("enrolled", "enrolled", "Enrolled On", "Enrollment Date", "Enrollment Time"),
        under("last_sync", "last_sync", "Last Seen", "Last Check-in", "Last Contact", "Last Sync Time"),
        under("support_end", "support_end", "End of Support", "Support Ends", "AUE", "Auto Update Expiration"),
        under("assigned_user", "assigned_user", "Assigned To", "User", "User Email", "Assigned Email"),
        under("last_user", "last_user", "Most Recent User"),
        under("mac", "mac", "MAC Address", "Wi-Fi MAC", "WiFi MAC"),
        under("compliant", "compliant"),
        under("encrypted", "encrypted"),
        under("storage_free", "storage_free", "Free Storage", "Free Space"),
        under("storage_total", "storage_total", "Total Storage", "Storage", "Capacity"),
        word("ownership", "ownership", means=words.OWNERSHIP),
        under("boot_mode", "boot_mode"),
    ),
)

ASSETS = Preset(
    name="generic_assets",
    kind="asset",
    key="serial",
    description="A list of what the district owns with plain headers, such as Tag, Serial, Status, School, Cost.",
    columns=(
        under("tag", *_TAG),
        under("serial", *_SERIAL),
        under("name", "name", "Asset Name", "Description", "Item"),
        under("model", "model", "Asset Model"),
        under("category", "category", "Type", "Asset Type"),
        word("status", "status", "State", "Asset Status", "Condition", means=words.ASSET_STATUS),
        under("site", *_SITE),
        under("location", *_LOCATION),
        under("assigned_to", "assigned_to", "Assigned Email", "Holder", "User Email", "Email"),
        under("assigned_username", "assigned_username", "Username", "User Name", "Login"),
        under("checked_out", "checked_out", "Checkout Date", "Assigned On", "Assigned Date", "Issued"),
        under("purchased", "purchased", "Purchase Date", "Bought", "Date Purchased"),
        under("cost", "cost", "Price", "Purchase Cost", "Purchase Price"),
        under("warranty_end", "warranty_end", "Warranty Expires", "Warranty Expiration", "Warranty Until"),
        under("funding", "funding", "Funding Source", "Fund"),
        under("order", "order", "Order Number", "PO", "PO Number", "Purchase Order"),
        under("audited", "audited", "Last Audit", "Last Inventory", "Last Verified"),
    ),
)

PEOPLE = Preset(
    name="generic_people",
    kind="person",
    key="email",
    description="A list of accounts with plain headers, such as Email, Role, Status, School, Left On.",
    columns=(
        under("email", *_MAIL),
        under("username", "username", "User Name", "Login"),
        under("number", "number", "Student Number", "Staff Number", "Employee ID", "Student ID", "ID"),
        under("name", "name", "Full Name", "Display Name"),
        word("role", "role", "Type", "Person Type", means=words.PERSON_ROLE),
        word("status", "status", "State", "Account Status", means=words.PERSON_STATUS),
        under("left_on", "left_on", "Exit Date", "End Date", "Termination Date", "Withdrawal Date"),
        under("grade", "grade", "Grade Level"),
        under("org_unit", "org_unit", "OU", "Org Unit Path", "Organizational Unit"),
        under("site", *_SITE),
        under("created", "created", "Created On", "Creation Date"),
        under("last_login", "last_login", "Last Sign In", "Last Logon"),
        under("second_factor", "second_factor", "2SV Enrolled", "MFA Enrolled", "MFA Registered"),
        under("second_factor_enforced", "second_factor_enforced", "2SV Enforced", "MFA Enforced"),
        under("admin", "admin", "Is Admin"),
    ),
)

TICKETS = Preset(
    name="generic_tickets",
    kind="ticket",
    key="number",
    description="A list of tickets with plain headers, such as Number, Status, Priority, School, Created.",
    columns=(
        under("number", "number", "Ticket Number", "Ticket", "Ticket #", "Ticket ID", "ID", "Request ID"),
        word("status", "status", "State", "Ticket Status", means=words.TICKET_STATUS),
        word("priority", "priority", means=words.TICKET_PRIORITY),
        under("category", "category", "Type", "Issue Type", "Topic"),
        under("site", *_SITE),
        under("location", *_LOCATION),
        under("subject", "subject", "Title", "Summary"),
        under("requester", "requester", "Requester Email", "Requestor", "Requestor Email", "Requested By"),
        under("assignee", "assignee", "Assigned To", "Technician", "Agent"),
        under("team", "team", "Group", "Queue", "Assigned Team"),
        under("created", "created", "Created On", "Created Date", "Opened", "Date Opened", "Date Created"),
        under("updated", "updated", "Updated On", "Last Updated", "Modified"),
        under("first_response", "first_response", "First Reply", "Responded"),
        under("resolved", "resolved", "Resolved On", "Resolved Date", "Closed", "Date Closed"),
        under("due", "due", "Due Date", "Due By"),
        under("asset_tag", *_TAG),
        under("serial", *_SERIAL),
        under("loaner", "loaner", "Loaner Tag"),
    ),
)

PRINTERS = Preset(
    name="generic_printers",
    kind="printer",
    key="name",
    description="A list of printers with plain headers, such as Name, Model, Status, School, Toner, Pages.",
    columns=(
        under("name", "name", "Printer", "Printer Name", "Queue"),
        under("serial", *_SERIAL),
        under("asset_tag", *_TAG),
        under("model", "model", "Printer Model"),
        word("status", "status", "State", "Printer Status", means=words.PRINTER_STATUS),
        under("site", *_SITE),
        under("location", *_LOCATION),
        under("address", "address", "IP", "IP Address", "Host"),
        under("toner", "toner", "Toner Level", "Toner %"),
        under("pages", "pages", "Page Count", "Total Pages", "Pages Printed"),
        under("last_seen", "last_seen", "Last Contact", "Last Report"),
        under("firmware", "firmware", "Firmware Version"),
    ),
)
