"""Snipe-IT: the custom asset report, and the asset list's own export. Source: the product's English headers."""

from __future__ import annotations

from agent.model.source import Preset
from agent.systems.csv.presets.writing import under, word

# The labels of a new installation and the sort in brackets that reports put behind them. `Ready to Deploy` alone does
# not say whether the item is in somebody's hands, so it is unknown until a district says what it means.
_LABELS = {
    "deployed": "in_use",
    "out for diagnostics": "repair",
    "out for repair": "repair",
    "broken - not fixable": "retired",
    "lost/stolen": "lost",
    "archived": "retired",
}
_SORTS = ("deployable", "pending", "undeployable", "archived")


def _statuses() -> dict[str, str]:
    found = {"ready to deploy (deployable)": "storage", "ready to deploy deployable": "storage"}
    for label, meaning in _LABELS.items():
        found[label] = meaning
        found |= {f"{label} ({sort})": meaning for sort in _SORTS} | {f"{label} {sort}": meaning for sort in _SORTS}
    handed = ("ready to deploy", *_LABELS)
    return (
        found
        | {f"{label} (deployed)": "in_use" for label in handed}
        | {f"{label} deployed": "in_use" for label in handed}
    )


ASSETS = Preset(
    name="snipe_it",
    kind="asset",
    key="tag",
    description="Assets of Snipe-IT. Reports, Custom Asset Report (all fields), or Assets, Export to CSV.",
    columns=(
        under("tag", "Asset Tag"),
        under("serial", "Serial", "Serial Number"),
        under("name", "Asset Name", "Name"),
        under("model", "Model", "Asset Model", "Model Name"),
        under("category", "Category"),
        word("status", "Status", "Status Label", means=_statuses()),
        under("site", "Location", "Default Location"),
        under("location", "Room"),
        under("assigned_to", "Email", "User Email", "Assigned To Email"),
        under("assigned_username", "Username"),
        under("checked_out", "Checkout Date", "Last Checkout"),
        under("purchased", "Purchased", "Purchase Date"),
        under("cost", "Cost", "Purchase Cost"),
        under("warranty_end", "Warranty Expires"),
        under("funding", "Funding Source", "Funding"),
        under("order", "Order Number"),
        under("audited", "Last Audit"),
    ),
)
