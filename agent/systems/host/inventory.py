"""Fields that the Ansible inventory itself answers: `groups` and `var.NAME`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from agent.model.reading import NONE, Unknown

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.policy import Host
    from agent.model.reading import Reading

_TEMPLATE = Unknown("the variable is an Ansible template, which is not evaluated here")
_ENCRYPTED = Unknown("the variable is encrypted with Ansible Vault, which is not opened here")


def read(host: Host, ref: FieldRef) -> Reading:
    """Give what the inventory says of a host."""
    return tuple(host.groups) if ref.family == "groups" else _variable(host.variables.get(ref.key))


def _variable(value: object) -> Reading:
    """Render a variable: text as it is, numbers and true/false as YAML writes them, the rest as JSON."""
    if value is None:
        return NONE
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    if "{{" in text or "{%" in text:
        return _TEMPLATE
    return _ENCRYPTED if "__ansible_vault" in text else text
