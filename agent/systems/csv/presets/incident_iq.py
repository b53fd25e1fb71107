"""Incident IQ: the exports of its ticket and asset views. Their columns are what a district has put into the view."""

from __future__ import annotations

from agent.model.source import Preset
from agent.systems.csv.presets.vocabulary import ASSET_STATUS, TICKET_PRIORITY, TICKET_STATUS
from agent.systems.csv.presets.writing import under, word

TICKETS = Preset(
    name="incident_iq",
    kind="ticket",
    key="number",
    description="Tickets of Incident IQ. Tickets, a view with all tickets of the year, Export, as CSV.",
    columns=(
        under("number", "Ticket Number", "Ticket #", "Ticket", "Number"),
        word("status", "Status", "Ticket Status", "Workflow Step", means=TICKET_STATUS),
        word("priority", "Priority", "Ticket Priority", means=TICKET_PRIORITY),
        under("category", "Issue Category", "Category", "Issue Type"),
        under("site", "Location", "Location Name", "School"),
        under("location", "Room", "Location Room", "Room Name"),
        under("subject", "Subject", "Title", "Issue"),
        under("requester", "Requestor Email", "Requester Email", "For User Email", "Owner Email"),
        under("assignee", "Assigned To Email", "Agent Email", "Assigned To", "Assigned Agent", "Agent"),
        under("team", "Team", "Assigned Team", "Assigned To Team"),
        under("created", "Created Date", "Created", "Date Created", "Created On", "Submitted"),
        under("updated", "Modified Date", "Modified", "Last Modified", "Date Modified", "Updated"),
        under("first_response", "First Response Date", "First Response", "First Responded"),
        under("resolved", "Resolved Date", "Resolved", "Closed Date", "Closed", "Date Closed", "Date Resolved"),
        under("due", "Due Date", "SLA Due Date", "Resolution Due", "Date Due"),
        under("asset_tag", "Asset Tag", "Asset #", "Asset"),
        under("serial", "Asset Serial Number", "Serial Number", "Asset Serial", "Serial"),
        under("loaner", "Loaner Asset Tag", "Loaner"),
    ),
)

ASSETS = Preset(
    name="incident_iq_assets",
    kind="asset",
    key="tag",
    description="Assets of Incident IQ. Assets, a view with all assets, Export, as CSV.",
    columns=(
        under("tag", "Asset Tag", "Asset #", "Tag"),
        under("serial", "Serial Number", "Serial #", "Serial"),
        under("name", "Name", "Asset Name"),
        under("model", "Model", "Model Name"),
        under("category", "Asset Type", "Category", "Model Category"),
        word("status", "Status", "Asset Status", means=ASSET_STATUS),
        under("site", "Location", "Location Name", "School"),
        under("location", "Room", "Location Room", "Room Name"),
        under("assigned_to", "Owner Email", "Assigned User Email", "Owner Email Address"),
        under("assigned_username", "Owner Username", "Assigned Username"),
        under("checked_out", "Assigned Date", "Date Assigned", "Deployed Date"),
        under("purchased", "Purchased Date", "Purchase Date", "Date Purchased"),
        under("cost", "Purchase Price", "Cost", "Price"),
        under("warranty_end", "Warranty Expiration Date", "Warranty Expiration", "Warranty Expires"),
        under("funding", "Funding Source", "Funding"),
        under("order", "Purchase PO", "PO Number", "Purchase Order", "PO #"),
        under("audited", "Last Verified Date", "Last Verified", "Last Audit Date", "Last Audited"),
    ),
)
