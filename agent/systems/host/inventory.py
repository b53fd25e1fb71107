"""Fields that the Ansible inventory itself answers: `groups` and `var.NAME`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from agent.model.reading import NONE, Unknown

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.policy import Host
    from agent.model.reading import Reading

_PASSWORD = re.compile(r"ansible_.*pass(word|phrase)?")
_SECRET = Unknown("the variable is a password, which no report may show")
_TEMPLATE = Unknown("the variable is an Ansible template, which is not evaluated here")
_INVALID = Unknown("the variable is not valid Unicode")
_ENCRYPTED = Unknown("the variable is encrypted with Ansible Vault, which is not opened here")


def read(host: Host, ref: FieldRef) -> Reading:
    """Give what the inventory says of a host."""
    if ref.family == "groups":
        return tuple(host.groups)
    return _SECRET if _PASSWORD.fullmatch(ref.key) else _variable(host.variables.get(ref.key))


def _variable(value: object) -> Reading:
    """Render a variable: text as it is, numbers and true/false as YAML writes them, the rest as JSON."""
    if value is None:
        return NONE
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    if "{{" in text or "{%" in text:
        return _TEMPLATE
    if "__ansible_vault" in text:
        return _ENCRYPTED
    return text if _valid(text) else _INVALID


def _valid(text: str) -> bool:
    try:
        return text.encode("utf-8") is not None
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell and no text can hold
        return False
