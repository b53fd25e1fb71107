"""What this system offers: it reads the kind `host`; it has no verbs, because hosts are written to by playbooks."""

from __future__ import annotations

SYSTEM = "hosts"
KIND = "host"
FROM_INVENTORY = frozenset({"groups", "var"})  # known without asking the host, even while it is silent
