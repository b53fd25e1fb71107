"""Family file: permissions, owners, hashes and contents, of what a path leads to."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from agent.model.reading import NONE, Unknown
from agent.systems.host.answer import Frame, first_line
from agent.systems.host.probe import Needs, Probe, Step

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard

LARGEST = 1024 * 1024  # bytes of a content that is read

_STAT = """
stat -L -c '%f:%u:%g:%U:%G' -- "$1" && return {status}
[ -L "$1" ] && printf 'a link\\n'
return 1
"""
_OTHER = 3  # there, and not a regular file that may be read: the answer is what stat says of it
_REGULAR = '[ -f "$1" ] && [ -r "$1" ] && {{ {command}; return; }}' + _STAT.format(status=_OTHER)

STAT = Step("stat", _STAT.format(status=0), each=True, guarded=True)
_HEAD = f'head -c {LARGEST + 1} -- "$1" 2>/dev/null || return 4'
_SUM = 'sha256sum <"$1" 2>/dev/null || return 4'
CONTENT = Step("content", _REGULAR.format(command=_HEAD), each=True, guarded=True)
SHA256 = Step("sha256", _REGULAR.format(command=_SUM), each=True, guarded=True)
_STEPS = {"content": CONTENT, "sha256": SHA256}

_GONE = 1
_ABSENT = ("No such file or directory", "Not a directory")
_LINK = "\na link\n"
_ASKED = 5  # parts of stat's answer
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
    return {_STEPS.get(ref.attribute, STAT): ref.key} if ref.key.startswith("/") else {}


def _read(heard: Heard, ref: FieldRef) -> Reading:
    if not ref.key.startswith("/"):
        return Unknown("a path begins with /")
    if ref.attribute == "content":
        return _text(content(heard, ref.key), ref.key)
    if ref.attribute == "sha256":
        said = _regular(heard.frame(SHA256.name, ref.key), ref.key)
        return said.partition(b" ")[0].decode("ascii") if isinstance(said, bytes) else said
    frame = heard.frame(STAT.name, ref.key)
    if isinstance(frame, Unknown):
        return frame
    return _gone(frame, ref) if frame.status else _attribute(frame.text, ref)


def content(heard: Heard, path: str) -> bytes | Reading:
    """Give the bytes of the regular file at a path, none where there is none, or unknown."""
    said = _regular(heard.frame(CONTENT.name, path), path)
    if isinstance(said, bytes) and len(said) > LARGEST:
        return Unknown(f"{first_line(path)} is larger than 1 MiB")
    return said


def _regular(frame: Frame | Unknown, path: str) -> bytes | Reading:
    if isinstance(frame, Unknown) or not frame.status:
        return frame if isinstance(frame, Unknown) else frame.body
    if frame.status == _GONE:
        why = _why(frame)
        return NONE if why in _ABSENT else _cannot(path, why.lower())
    if frame.status == _OTHER:
        return _cannot(path, "permission denied") if _kind(frame.text) == "file" else NONE
    return _cannot(path, "it could not be read to its end")


def _gone(frame: Frame, ref: FieldRef) -> Reading:
    why = _why(frame)
    if why not in _ABSENT:
        return _cannot(ref.key, why.lower())
    if ref.attribute == "exists":
        return False
    return "link" if ref.attribute == "type" and frame.text.endswith(_LINK) else NONE


def _why(frame: Frame) -> str:
    """Give what stat complains of: `stat: cannot statx 'PATH': Permission denied`, the path being anything."""
    return frame.text.removesuffix(_LINK).rstrip("\n").rpartition(": ")[2]


def _cannot(path: str, why: str) -> Unknown:
    return Unknown(f"{first_line(path)}: {first_line(why) or 'stat failed'}")


def _text(said: bytes | Reading, path: str) -> Reading:
    try:
        return said.decode("utf-8") if isinstance(said, bytes) else said
    except UnicodeDecodeError:
        return _cannot(path, "it is not UTF-8 text")


def _kind(text: str) -> str:
    return _KINDS.get(stat.S_IFMT(int(text.partition(":")[0], 16)), "other")


def _attribute(text: str, ref: FieldRef) -> Reading:
    said = text.strip().split(":")
    if len(said) != _ASKED:
        return _cannot(ref.key, "stat answered in an unexpected form")
    if ref.attribute == "exists":
        return True
    raw, uid, gid, owner, group = said
    return {
        "type": _kind(raw),
        "mode": f"{stat.S_IMODE(int(raw, 16)):04o}",
        "owner": uid if owner == _NO_NAME else owner,
        "group": gid if group == _NO_NAME else group,
    }[ref.attribute]


PROBE = Probe(_needs, _read)
