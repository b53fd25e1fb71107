"""What the words of help desks and asset lists mean in ours, where they are plain enough to be sure of."""

from __future__ import annotations

from agent.systems.csv.presets.writing import same

DEVICE_STATUS = same(
    active="active, managed, enrolled, provisioned, in use",
    disabled="disabled, locked",
    deprovisioned="deprovisioned, unenrolled, removed, retired",
    lost="lost, missing, lost mode",
    pending="pending, pre-provisioned, not yet enrolled",
)
PLATFORM = same(
    chromeos="chromeos, chrome os, chromebook, chrome",
    ipados="ipados, ipad",
    ios="ios, iphone",
    macos="macos, mac os, mac, os x",
    windows="windows, win, windows 10, windows 11",
    android="android",
)
ASSET_STATUS = same(
    in_use="in use, in_use, in service, deployed, assigned, checked out, issued, active",
    storage="storage, in storage, available, spare, in stock, stock, unassigned, ready to deploy",
    repair="repair, in repair, out for repair, under repair, in house repair",
    lost="lost, missing, not found",
    stolen="stolen",
    retired="retired, surplus, out of service, obsolete, end of life",
    disposed="disposed, recycled, sold, donated, scrapped, destroyed",
)
PERSON_ROLE = same(
    student="student, pupil, learner",
    teacher="teacher, faculty, instructor, certificated",
    staff="staff, employee, administrator, aide, classified, counselor, principal",
    vendor="vendor, contractor",
    guardian="guardian, parent",
)
PERSON_STATUS = same(
    active="active, enrolled, current, enabled",
    suspended="suspended, disabled, inactive, locked",
    left="left, withdrawn, graduated, terminated, exited, former",
    archived="archived",
)
TICKET_STATUS = same(
    new="new, submitted, unassigned",
    open="open, assigned, in progress, reopened, work in progress, active",
    waiting="waiting, on hold, pending, waiting on requestor, waiting on requester, waiting on customer, "
    "waiting on parts, waiting for parts, waiting on vendor, waiting for vendor",
    resolved="resolved, completed, done, solved",
    closed="closed, cancelled, canceled",
)
TICKET_PRIORITY = same(
    urgent="urgent, critical, emergency, highest",
    high="high",
    medium="medium, normal, moderate, standard",
    low="low, lowest, minor",
)
PRINTER_STATUS = same(
    ready="ready, online, idle, ok, normal, printing",
    offline="offline, not reachable, unreachable",
    error="error, jammed, paper jam, out of paper, needs attention",
    retired="retired, removed",
)
OWNERSHIP = same(company="company, corporate, district, school", personal="personal, byod")
