"""Runs pytest where it can change nothing of this machine, and writes down what each test said.

It is a program of its own: `python -I -B cell.py CELL`, and imports nothing of the agent. CELL is a JSON file with
what may be read and written, where the answers go, and pytest's arguments.

The cell is Landlock's (Linux 5.13 and newer, https://docs.kernel.org/userspace-api/landlock.html): what is not named
can be neither read nor written, by this process or any that it starts, root's included.
"""

from __future__ import annotations

import ctypes
import json
import os
import struct
import sys
from typing import Any

_SSH_FAILED = 255
NO_CELL = 97  # the exit code where the kernel cannot confine
_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls
_VERSION, _PATH_BENEATH = 1, 1
_PR_SET_NO_NEW_PRIVS = 38
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REFER, _TRUNCATE = 1, 2, 4, 8, 1 << 13, 1 << 14
_ALL = (1 << 13) - 1  # everything of the first version
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_SCOPED = 1 | 2  # abstract sockets and signals stay inside
_REFER_SINCE, _TRUNCATE_SINCE, _SCOPED_SINCE = 2, 3, 6
_PR_CAPBSET_DROP, _CAPABILITIES_3 = 24, 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Give the version of Landlock that this kernel has; 0 for none."""
    return max(0, int(_libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(_VERSION))))


def confine(read: list[str], write: list[str]) -> None:
    """Take from this process, for good, everything but reading below some paths and writing below others.

    Raises:
        OSError: the kernel does not do it.
    """
    have = version()
    if not have:
        raise OSError(ctypes.get_errno(), "this kernel has no Landlock")
    handled = _ALL | (_REFER if have >= _REFER_SINCE else 0) | (_TRUNCATE if have >= _TRUNCATE_SINCE else 0)
    asked = struct.pack("QQQ", handled, 0, _SCOPED) if have >= _SCOPED_SINCE else struct.pack("Q", handled)
    rules = _checked(_libc.syscall(_CREATE, asked, ctypes.c_size_t(len(asked)), ctypes.c_uint(0)))
    for paths, rights in ((read, _READ), (write, handled)):
        for path in paths:
            _allow(rules, path, rights)
    _drop_capabilities()
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _checked(_libc.syscall(_RESTRICT, ctypes.c_int(rules), ctypes.c_uint(0)))
    os.close(rules)


def _drop_capabilities() -> None:
    """Take what root may beyond its own files: with it, other processes' environments could be read."""
    capability = 0
    while _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:  # until there is none of that number
        capability += 1
    nobody, none = struct.pack("Ii", _CAPABILITIES_3, 0), bytes(24)
    _checked(_libc.capset(nobody, none))


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # what is not there needs no permission
        return
    if not os.path.isdir(path):  # ruff: ignore[os-path-isdir]  pathlib would be one more import
        rights &= _OF_FILES
    rule = struct.pack("=Qi", rights, place)
    _checked(_libc.syscall(_ADD, ctypes.c_int(rules), ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint(0)))
    os.close(place)


def _checked(given: int) -> int:
    if given < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return given


class Scribe:
    """A plugin of pytest that writes each test's answer down as a line of JSON, as soon as it is there."""

    def __init__(self, path: str) -> None:
        """Take the file that the answers go to."""
        self._path = path

    def _write(self, **answer: object) -> None:
        with open(self._path, "a", encoding="utf-8") as file:  # ruff: ignore[builtin-open]  as above
            file.write(json.dumps(answer) + "\n")

    def pytest_collectreport(self, report: Any) -> None:  # ruff: ignore[any-type]  pytest's own types are not imported
        """Write down a module that cannot be loaded."""
        if report.failed:
            said = str(report.longrepr).strip().splitlines()
            self._write(module=report.nodeid, outcome="broken", line=said[-1] if said else "")

    def pytest_runtest_makereport(self, item: Any, call: Any) -> None:  # ruff: ignore[any-type]
        """Write down how a test, or what it needs, ended."""
        if call.excinfo is None:
            outcome, line = ("passed", "") if call.when == "call" else ("", "")
        else:
            outcome, line = _failure(call)
        if outcome:
            self._write(test=item.originalname, module=item.path.name, host=_host(item), outcome=outcome, line=line)


def _failure(call: Any) -> tuple[str, str]:  # ruff: ignore[any-type]
    """Tell a test that does not hold from one that could not be carried out."""
    error = call.excinfo.value
    kind = type(error).__name__
    result = error.args[0] if error.args else None
    if result is not None and getattr(result, "exit_status", None) == _SSH_FAILED:
        lines = result.stderr.strip().splitlines()
        return "error", lines[-1] if lines else "ssh gave no reason"
    said = (str(error).strip() or kind).splitlines()[0]
    if kind == "Skipped":
        return "skipped", said
    if call.when == "call" and (isinstance(error, AssertionError) or kind == "Failed"):  # `assert`, `pytest.fail`
        return "failed", said
    return "error", f"{kind}: {said}"


def _host(item: Any) -> str:  # ruff: ignore[any-type]
    """Give the host that a test is about; nothing where it is about none."""
    params = item.callspec.params if hasattr(item, "callspec") else {}
    there = params.get("_testinfra_host")
    return there.backend.hostname if there is not None else ""


def main(path: str) -> int:
    """Confine this process, then run pytest."""
    with open(path, encoding="utf-8") as file:  # ruff: ignore[builtin-open]
        cell = json.load(file)
    try:
        confine(cell["read"], cell["write"])
    except OSError as error:
        os.write(2, f"{error.strerror}\n".encode())
        return NO_CELL
    import pytest  # ruff: ignore[import-outside-top-level]  only inside the cell

    return int(pytest.main(cell["arguments"], plugins=[Scribe(cell["answers"])]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
