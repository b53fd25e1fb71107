"""Family file: permissions, owners, hashes and contents, of what a path leads to."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from agent.model.reading import NONE, Unknown
from agent.systems.host.answer import first_line
from agent.systems.host.probe import Needs, Probe, Step

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard

LARGEST = 1024 * 1024  # bytes of a content that is read
_NOT_REGULAR, _NOT_READABLE = 3, 4

STAT = Step(
    "stat",
    """
stat -L -c '%f:%u:%g:%U:%G' -- "$1" && return
[ -L "$1" ] && printf 'a link\\n'
return 1
""",
    each=True,
    guarded=True,
)
_REGULAR = f'[ -f "$1" ] || return {_NOT_REGULAR}\n[ -r "$1" ] || return {_NOT_READABLE}\n'
CONTENT = Step("content", f'{_REGULAR}head -c {LARGEST + 1} -- "$1" 2>/dev/null', each=True, guarded=True)
SHA256 = Step("sha256", f'{_REGULAR}sha256sum <"$1"', each=True, guarded=True)

_ABSENT = ("No such file or directory", "Not a directory")
_LINK = "\na link\n"
_ASKED = 5  # parts of STAT's answer
_NO_NAME = "UNKNOWN"  # what stat prints for an owner without a name
_KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFSOCK: "socket",
    stat.S_IFIFO: "fifo",
    stat.S_IFBLK: "block",
    stat.S_IFCHR: "character",
}


def _needs(ref: FieldRef) -> Needs:
    if not ref.key.startswith("/"):
        return {}
    extra = {"content": CONTENT, "sha256": SHA256}.get(ref.attribute)
    return {STAT: ref.key} | ({extra: ref.key} if extra else {})


def _read(heard: Heard, ref: FieldRef) -> Reading:
    if not ref.key.startswith("/"):
        return Unknown("a path begins with /")
    gone = absent(heard, ref.key)
    if gone is None:
        return _present(heard, ref)
    if isinstance(gone, Unknown):
        return gone
    if ref.attribute == "exists":
        return False
    return "link" if ref.attribute == "type" and gone == "link" else NONE


def absent(heard: Heard, path: str) -> str | Unknown | None:
    """Say that nothing is at a path (`missing`, or `link` for one that leads nowhere), or None when it is there."""
    frame = heard.frame(STAT.name, path)
    if isinstance(frame, Unknown):
        return frame
    if not frame.status:
        return None
    said = frame.text
    why = said.removesuffix(_LINK).rstrip("\n").rpartition(": ")[2]
    if why in _ABSENT:
        return "link" if said.endswith(_LINK) else "missing"
    return Unknown(f"{first_line(path)}: {first_line(why).lower() or 'stat failed'}")


def content(heard: Heard, path: str) -> bytes | Reading:
    """Give the bytes of the regular file at a path that is there, none for anything else, or unknown."""
    frame = _regular(heard, CONTENT, path)
    if not isinstance(frame, bytes):
        return frame
    return frame if len(frame) <= LARGEST else Unknown(f"{first_line(path)} is larger than 1 MiB")


def _regular(heard: Heard, step: Step, path: str) -> bytes | Reading:
    frame = heard.frame(step.name, path)
    if isinstance(frame, Unknown):
        return frame
    if frame.status == _NOT_REGULAR:
        return NONE
    if frame.status == _NOT_READABLE:
        return Unknown(f"{first_line(path)}: permission denied")
    return Unknown(f"{first_line(path)} could not be read to its end") if frame.status else frame.body


def _present(heard: Heard, ref: FieldRef) -> Reading:
    if ref.attribute == "exists":
        return True
    if ref.attribute == "content":
        return _text(content(heard, ref.key), ref.key)
    if ref.attribute == "sha256":
        said = _regular(heard, SHA256, ref.key)
        return said.partition(b" ")[0].decode("ascii") if isinstance(said, bytes) else said
    return _attribute(heard, ref)


def _text(said: bytes | Reading, path: str) -> Reading:
    try:
        return said.decode("utf-8") if isinstance(said, bytes) else said
    except UnicodeDecodeError:
        return Unknown(f"{first_line(path)} is not UTF-8 text")


def _attribute(heard: Heard, ref: FieldRef) -> Reading:
    frame = heard.frame(STAT.name, ref.key)
    said = [] if isinstance(frame, Unknown) else frame.text.strip().split(":")
    if len(said) != _ASKED:
        return Unknown(f"{first_line(ref.key)}: stat answered in an unexpected form")
    raw, (uid, gid, owner, group) = int(said[0], 16), said[1:]
    return {
        "type": _KINDS.get(stat.S_IFMT(raw), "other"),
        "mode": f"{stat.S_IMODE(raw):04o}",
        "owner": uid if owner == _NO_NAME else owner,
        "group": gid if group == _NO_NAME else group,
    }[ref.attribute]


PROBE = Probe(_needs, _read)
