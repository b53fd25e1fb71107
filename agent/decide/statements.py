"""The text that an approver signs: nine plain lines with one spelling, so that nothing in it can be read two ways.

    driftbell approval 1
    word: approve
    digest: sha256:...
    district: Riverton Unified
    by: director
    at: 2026-10-14T12:00:00Z
    until: 2026-10-17T12:00:00Z
    nonce: 0123456789abcdef0123456789abcdef
    why: the storeroom's tablets are back

What travels is this and the armored signature behind it, as `ssh-keygen -Y sign` writes it.
Source: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

from agent.model.approval import Statement, Word

NAMESPACE = "driftbell-approval"
HEAD = "driftbell approval 1"
LONGEST = 300  # characters of one line's value
MOST = 16_384  # bytes of a statement with its signature: an RSA key of 16,384 bits needs a fifth of that
NONCE = 16  # bytes
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_STAMP = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
_STATEMENT = re.compile(
    rf"{HEAD}\n"
    r"word: (?P<word>approve|deny)\n"
    r"digest: (?P<digest>sha256:[0-9a-f]{64})\n"
    r"district: (?P<district>[^\n]+)\n"
    r"by: (?P<by>[^\n]+)\n"
    rf"at: (?P<at>{_STAMP})\n"
    rf"until: (?P<until>{_STAMP})\n"
    rf"nonce: (?P<nonce>[0-9a-f]{{{2 * NONCE}}})\n"
    r"why:(?: (?P<why>[^\n]+))?\n"
)
_ARMOR = re.compile(
    r"-----BEGIN SSH SIGNATURE-----\n(?:[A-Za-z0-9+/=]{1,76}\n)+-----END SSH SIGNATURE-----\n",
)


def written(statement: Statement) -> str:
    """Give a statement as the text that is signed.

    Raises:
        ValueError: something in it cannot stand on one plain line; with a sentence.
    """
    for name in ("district", "by", "why"):
        check_line(name, getattr(statement, name))
    lines = [
        HEAD,
        f"word: {statement.word.value}",
        f"digest: {statement.digest}",
        f"district: {statement.district}",
        f"by: {statement.by}",
        f"at: {statement.at.astimezone(UTC).strftime(_TIME)}",
        f"until: {statement.until.astimezone(UTC).strftime(_TIME)}",
        f"nonce: {statement.nonce}",
        f"why: {statement.why}" if statement.why else "why:",
    ]
    return "\n".join(lines) + "\n"


def check_line(name: str, value: str) -> None:
    """Make sure that a value can stand on its line.

    Raises:
        ValueError: it cannot; with a sentence.
    """
    if not (value or name == "why"):
        msg = f"The line `{name}` of a statement cannot be empty"
        raise ValueError(msg)
    if value != value.strip() or not value.isprintable() or len(value) > LONGEST:
        msg = f"The line `{name}` of a statement takes one line of plain text, at most {LONGEST} characters"
        raise ValueError(msg)


def read(text: str) -> Statement:
    """Give the statement of a text.

    Raises:
        ValueError: it is not written exactly as `written` writes it; with a sentence.
    """
    match = _STATEMENT.fullmatch(text)
    if match is None:
        msg = f"it is no statement: one is nine lines, the first of them `{HEAD}`, as `approve --print` writes them"
        raise ValueError(msg)
    try:
        statement = Statement(
            word=Word(match["word"]),
            digest=match["digest"],
            district=match["district"],
            by=match["by"],
            at=_instant(match["at"]),
            until=_instant(match["until"]),
            nonce=match["nonce"],
            why=match["why"] or "",
        )
        again = written(statement)
    except ValueError as error:
        msg = f"it is no statement: {error}"
        raise ValueError(msg) from None
    if again != text:
        msg = "it is no statement: it is spelled otherwise than `approve --print` would"
        raise ValueError(msg)
    return statement


def _instant(text: str) -> datetime:
    return datetime.strptime(text, _TIME).replace(tzinfo=UTC)


def parts(text: str) -> tuple[str, str]:
    """Give the statement and the signature of what was sent as one text. Mail may have written its lines with CR LF.

    Raises:
        ValueError: it is anything but one statement with one signature behind it; with a sentence.
    """
    plain = text.replace("\r\n", "\n")
    beginning = _STATEMENT.match(plain)
    end = beginning.end() if beginning else 0
    armor = plain[end:].rstrip("\n") + "\n"
    if plain.count(HEAD) > 1:
        msg = "more than one statement stands in it: each takes a file of its own"
        raise ValueError(msg)
    if not beginning:
        read(plain)  # says what is wrong with it
    if not armor.strip():
        msg = "it is not signed: what `ssh-keygen -Y sign` wrote has to stand behind the statement"
        raise ValueError(msg)
    if _ARMOR.fullmatch(armor) is None:
        msg = "behind the statement stands something that is not one SSH signature"
        raise ValueError(msg)
    return plain[:end], armor


def seal(text: str) -> str:
    """Give what makes a statement the same one wherever it turns up: its sha256, not that of any one signature."""
    return hashlib.sha256(text.encode()).hexdigest()
