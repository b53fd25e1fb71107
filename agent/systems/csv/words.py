"""Words that mean something in every export: what stands for nothing, and the words that kinds ask for."""

from __future__ import annotations

NOTHING = frozenset({
    "", "n/a", "#n/a", "-", "--", "\u2013", "\u2014", "null", "<null>", "nil", "none", "(none)", "never", "(blank)",
})  # fmt: skip
YES = frozenset({"true", "yes", "y", "1", "on", "enabled"})
NO = frozenset({"false", "no", "n", "0", "off", "disabled"})

# The words of fields whose kind has a closed list of them. Source: agent/catalog, where a test compares them.
CANONICAL: dict[tuple[str, str], tuple[str, ...]] = {
    ("device", "platform"): ("chromeos", "ipados", "ios", "macos", "windows", "android"),
    ("device", "status"): ("active", "disabled", "deprovisioned", "lost", "pending"),
    ("device", "ownership"): ("company", "personal"),
    ("device", "boot_mode"): ("verified", "developer"),
    ("asset", "status"): ("in_use", "storage", "repair", "lost", "stolen", "retired", "disposed"),
    ("person", "role"): ("student", "teacher", "staff", "vendor", "guardian"),
    ("person", "status"): ("active", "suspended", "left", "archived"),
    ("ticket", "status"): ("new", "open", "waiting", "resolved", "closed"),
    ("ticket", "priority"): ("urgent", "high", "medium", "low"),
    ("printer", "status"): ("ready", "offline", "error", "retired"),
    ("class", "status"): ("active", "left"),
    ("school", "status"): ("active", "left"),
}

# Fields that their kind wants in small letters, because every export writes them differently.
SMALL = frozenset({("asset", "category"), ("ticket", "category")})


def canonical(kind: str, field: str) -> dict[str, str]:
    """Give a field's own words by how an export may write them: `In Use`, `in-use` and `in_use` are one."""
    found: dict[str, str] = {}
    for word in CANONICAL.get((kind, field), ()):
        found |= {word.replace("_", joint): word for joint in ("_", " ", "-", "")}
    return found
