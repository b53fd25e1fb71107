"""Extra variables as a file that Ansible reads and never templates."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = ("ansible_", "driftbell_")
_DEEPEST = 32
_ONE_BYTE, _TWO_BYTES = 0xFF, 0xFFFF  # the widths of YAML's escapes


def problem(variables: object) -> str:
    """Say in a sentence why these cannot be extra variables, or give nothing."""
    if not isinstance(variables, Mapping):
        return f"`vars` is not a map of names to values but {type(variables).__name__}."
    for name, value in variables.items():
        if not isinstance(name, str) or not NAME.fullmatch(name):
            return f"{name!r} is no name for an Ansible variable: letters, digits and _ only."
        if name.startswith(_RESERVED):
            return f"The variable {name} steers Ansible itself: it belongs in the inventory, not in `vars`."
        fault = _fault(value, _DEEPEST)
        if fault:
            return f"The variable {name} holds {fault}."
    return ""


def _fault(value: object, depth: int) -> str:
    """Say what in a value is not plain text, number, yes or no, list or map."""
    if isinstance(value, Mapping | list | tuple):
        return _inner_fault(value, depth - 1)
    if isinstance(value, float):
        return "" if math.isfinite(value) else f"{value}, which is no number"
    if isinstance(value, str):
        return "" if _is_unicode(value) else "text that is not Unicode"
    plain = value is None or isinstance(value, int)
    return "" if plain else f"a {type(value).__name__}, which is no plain value"


def _inner_fault(values: Mapping[object, object] | Sequence[object], depth: int) -> str:
    if depth == 0:
        return "lists or maps that are nested too deep"
    keys = list(values) if isinstance(values, Mapping) else []
    odd = next((key for key in keys if not isinstance(key, str)), None)
    if odd is not None or None in keys:
        return f"the key {odd!r}, which is not text"
    parts = [*keys, *(values.values() if isinstance(values, Mapping) else values)]
    return next((fault for fault in (_fault(part, depth) for part in parts) if fault), "")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def unsafe_yaml(value: object) -> str:
    """Write a plain value as YAML that is `!unsafe`: what looks like a template arrives as it stands.

    The mark stands before the outermost map or list, which hands it down. Before a single text Ansible would forget
    the quotes: `!unsafe "no"` arrives as false and `!unsafe "0"` as a number.
    """
    return f"!unsafe {_yaml(value)}" if isinstance(value, Mapping | list | tuple | str) else _scalar(value)


def _yaml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"? {_yaml(key)} : {_yaml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    return quoted(value) if isinstance(value, str) else _scalar(value)


def _scalar(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    mantissa, e, exponent = repr(value).partition("e")
    return mantissa + (".0" if e and "." not in mantissa else "") + e + exponent  # without a dot YAML reads text


def quoted(text: str) -> str:
    """Write text in YAML's double quotes, all but plain ASCII escaped."""
    return '"' + "".join(c if " " <= c <= "~" and c not in '"\\' else _escape(ord(c)) for c in text) + '"'


def _escape(code: int) -> str:
    if code <= _ONE_BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _TWO_BYTES else f"\\U{code:08x}"
