"""A change of one file as a patch that `git apply` takes. Source: git-diff(1), "Generating patch text with -p"."""

from __future__ import annotations

import difflib
import re

_PLAIN = re.compile(rb"[^\x00-\x1f\x7f\"\\]*\Z")
_NO_END = b"\\ No newline at end of file\n"
_ESCAPES = {0x22: b'\\"', 0x5C: b"\\\\"}
_CONTROLS = frozenset({*range(0x20), 0x7F})


def patch(name: str, before: bytes, after: bytes) -> bytes:
    """Give the unified diff of a file, its path from the repository's folder; empty where nothing differs."""
    if before == after:
        return b""
    path = name.encode(errors="surrogateescape")
    old, new = _quoted(b"a/" + path), _quoted(b"b/" + path)
    tab = b"\t" if b" " in path else b""  # so that the name's end is known
    lines = difflib.diff_bytes(difflib.unified_diff, _lines(before), _lines(after), b"", b"", lineterm=b"\n")
    body = [line if line.endswith(b"\n") else line + b"\n" + _NO_END for line in lines][2:]
    return b"".join([b"diff --git ", old, b" ", new, b"\n--- ", old, tab, b"\n+++ ", new, tab, b"\n", *body])


def _lines(data: bytes) -> list[bytes]:
    """Give the lines as git counts them: only a line feed ends one."""
    return re.findall(rb"[^\n]*\n|[^\n]+\Z", data)


def _quoted(name: bytes) -> bytes:
    if _PLAIN.match(name):
        return name
    inner = b"".join(_ESCAPES.get(b) or (b"\\%03o" % b if b in _CONTROLS else bytes([b])) for b in name)
    return b'"' + inner + b'"'
