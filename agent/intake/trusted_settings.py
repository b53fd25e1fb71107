"""Settings of the file alone: who somebody is and what they may must not hang on what a login itself may set."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from agent.intake.nodes import Node, named
from agent.intake.wording import problem, quote
from agent.model.evidence import KEEP, YEAR
from agent.settings import EVERY, HEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.errors import Problem

PEOPLE, APPROVERS, REVOKED, DESTRUCTIVE = "people", "approvers", "revoked_keys", "destructive"
SIGNERS, SIGNED = "signers", "signed_commits"
EVIDENCE = "evidence"
_KEPT = re.compile(r"([1-9][0-9]{0,4}(?=d)|[1-9][0-9]?(?=y)|100(?=y))([dy])\Z")
_PUBLIC_KEY = re.compile(r"(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( [^\r\n]*)?\Z")
_OPENPGP_KEY = re.compile(
    r"\s*-----BEGIN PGP PUBLIC KEY BLOCK-----\n.+-----END PGP PUBLIC KEY BLOCK-----\s*\Z", re.DOTALL
)


def _people(node: Node, problems: list[Problem]) -> dict[str, str]:
    """Give who each login is. An empty mapping would let by default do what it was written to forbid."""
    if not isinstance(node.value, dict) or not node.value:
        problems.append(problem(node.place, f"`{PEOPLE}` is a mapping of a login to a person of district.yaml"))
    for login, person in node.pairs():
        if not person.text():
            problems.append(problem(person.place, f"`{login}` takes a person of district.yaml, not {named(person)}"))
    return {login: person.text() or "" for login, person in node.pairs()}


def _approvers(node: Node, problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    """Give the SSH public keys of each person who may approve."""
    if not isinstance(node.value, dict) or not node.value:
        said = f"`{APPROVERS}` is a mapping of a person of district.yaml to a list of SSH public keys"
        problems.append(problem(node.place, said))
    problems += _shared_keys(node)
    return {person: _keys(keys, problems) for person, keys in node.pairs()}


def _signers(node: Node, problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    """Give the public keys of each signer of commits. An empty mapping would let everybody where nobody was meant."""
    if not isinstance(node.value, dict) or not node.value:
        said = f"`{SIGNERS}` is a mapping of a name to a list of public keys, of SSH or OpenPGP"
        problems.append(problem(node.place, said))
    problems += _shared_keys(node)
    return {name: _keys(keys, problems, openpgp=True) for name, keys in node.pairs()}


def _signed(node: Node, problems: list[Problem]) -> str:
    """Give which commits have to be signed."""
    if node.text() not in {EVERY, HEAD}:
        said = f"`{SIGNED}` is {EVERY} (each commit since the last one that was run) or {HEAD} (the newest alone)"
        problems.append(problem(node.place, said))
    return node.text() or EVERY


def _shared_keys(node: Node) -> Iterator[Problem]:
    """Say which keys stand with more than one person: whoever has such a key could speak for both."""
    owners: dict[tuple[str, ...], str] = {}
    for person, keys in node.pairs():
        for item in keys.items() if isinstance(keys.value, tuple) else ():
            owner = owners.setdefault(tuple((item.text() or "").split()[:2]), person)
            if owner != person:
                yield problem(item.place, f"This key is {quote(owner)}'s already: each key is one person's")


def _keys(node: Node, problems: list[Problem], *, openpgp: bool = False) -> tuple[str, ...]:
    """Give SSH public keys, as `ssh-keygen` writes them into a .pub file, or armored OpenPGP keys where they may be."""
    kinds = "SSH or OpenPGP" if openpgp else "SSH"
    if not isinstance(node.value, tuple) or not node.value:
        problems.append(problem(node.place, f"This is a list of {kinds} public keys, not {named(node)}"))
        return ()
    for item in node.items():
        text = item.text() or ""
        if not _PUBLIC_KEY.match(text) and not (openpgp and _OPENPGP_KEY.match(text)):
            said = f"This is no {kinds} public key: it takes one line as in a .pub file, such as ssh-ed25519 AAAA..."
            said += ", or what `gpg --export --armor` prints" if openpgp else ""
            problems.append(problem(item.place, said))
    return tuple(item.text() or "" for item in node.items())


def _verbs(node: Node, problems: list[Problem]) -> tuple[str, ...]:
    """Give verbs that may destroy; whether there are such verbs is said where they are known."""
    if not isinstance(node.value, tuple) or not all(item.text() for item in node.items()):
        problems.append(problem(node.place, f"`{DESTRUCTIVE}` is a list of verbs, such as [ansible.playbook]"))
        return ()
    return node.texts()


def _evidence(node: Node, problems: list[Problem]) -> dict[str, timedelta]:
    """Give for how long each class of records of the evidence is kept."""
    keep = node.get("keep")
    if keep is None or len(node.keys) != 1 or not isinstance(keep.value, dict):
        said = f"`{EVIDENCE}` is {{keep: {{{', '.join(f'{kept}: 10y' for kept in KEEP)}}}}}"
        problems.append(problem(node.place, said))
        return {}
    found = {}
    for kept, node_of in keep.pairs():
        amount = _KEPT.match(node_of.text() or "")
        if kept not in KEEP:
            sentence = f"There is no class {quote(kept)} of evidence"
            problems.append(problem(keep.key_place(kept), sentence, kept, KEEP))
        elif amount is None:
            said = f"`{kept}` takes days or years, at least one and at most 100 years: 90d, 10y"
            problems.append(problem(node_of.place, f"{said}, not {named(node_of)}"))
        else:
            found[kept] = int(amount[1]) * (YEAR if amount[2] == "y" else timedelta(days=1))
    return found


TRUSTED: dict[str, Callable[[Node, list[Problem]], object]] = {
    PEOPLE: _people,
    APPROVERS: _approvers,
    REVOKED: _keys,
    DESTRUCTIVE: _verbs,
    SIGNERS: _signers,
    SIGNED: _signed,
    EVIDENCE: _evidence,
}
