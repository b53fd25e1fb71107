"""The texts of policies as they were written, for the evidence of what is changed by them."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

import yaml

from agent.intake.nodes import content, text_at
from agent.model.evidence import PolicyText
from agent.model.policy import Mode
from agent.secrets import MASK, says_secret

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agent.intake.structure import Document
    from agent.model.policy import Policy


def texts(root: Path, read: Sequence[Document], policies: Sequence[Policy]) -> dict[str, PolicyText]:
    """Give the text of each policy that may change anything, by its id.

    One that holds a value whose name says that it is secret is given as JSON, with a mask in the value's place.
    """
    nodes = {text_at(d.node, "policy"): d.node for d in read if d.shape == "policy"}
    found = {}
    for policy in policies:
        if policy.furthest is Mode.AUDIT or policy.id not in nodes:
            continue
        said = content(nodes[policy.id])
        shown = _masked(said)
        written = "" if shown != said else _written(root / policy.place.file)
        text = written or json.dumps(shown, sort_keys=True, indent=1)
        found[policy.id] = PolicyText(policy.digest, policy.place.file, text, masked=not written)
    return found


def serves(text: str) -> dict[str, list[str]]:
    """Give what a policy's recorded text says that it serves: safeguards by framework."""
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    named = read.get("frameworks") if isinstance(read, dict) else None
    listed = named.items() if isinstance(named, dict) else ()
    return {str(key): [str(one) for one in ids] for key, ids in listed if isinstance(ids, list)}


def _written(file: Path) -> str:
    with suppress(OSError, UnicodeError):
        return file.read_text("utf-8")
    return ""


def _masked(value: object) -> object:
    if isinstance(value, dict):
        return {key: _hidden(item) if _names_one(str(key)) else _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


def _names_one(key: str) -> bool:
    """Say whether a key names a secret: a field of a kind (sshd.passwordauthentication) does not, a variable may."""
    return says_secret(key) and ("." not in key or key.startswith("var."))


def _hidden(value: object) -> object:
    """Mask what is said of a secret; what only names conditions and commands stays, and its texts do not."""
    if isinstance(value, dict):
        return {key: _hidden(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item) for item in value]
    return value if value is None or isinstance(value, bool) else MASK
