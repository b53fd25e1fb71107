"""YAML with positions: every value knows its file, line and column, and reads as editors read it (YAML 1.2, core).

What a file can cost is bounded before it is read: its size, its depth, and what its aliases grow to.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

import yaml

from agent.errors import InputError, Place, Problem
from agent.intake.building import Builder, StopReading
from agent.intake.wording import ended, printable, quote

if TYPE_CHECKING:
    from pathlib import Path

    from agent.intake.nodes import Node

LARGEST = 1 << 20  # bytes of one file
EMPTY = "This file is empty."

# Control characters, other line breaks, and the marks that make a text read differently from what it is.
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]")

# What libyaml says, what it means, and whether the place to look at is where the thing began.
_BROKEN = {
    "mapping values are not allowed in this context": (
        "A second ': ' on this line, or a line before it without one: put the text in quotes",
        False,
    ),
    "did not find expected key": ("This line does not line up with the keys around it", False),
    "did not find expected '-' indicator": ("This line does not line up with the list around it", False),
    "did not find expected ',' or ']'": (
        "The list that begins with [ here has no end, or lacks a comma",
        True,
    ),
    "did not find expected ',' or '}'": (
        "The mapping that begins with { here has no end, or lacks a comma",
        True,
    ),
    "found unexpected end of stream": ("The quotes that open here are never closed", True),
    "found unexpected document indicator": ("The quotes that open here are never closed", True),
    "could not find expected ':'": ("This line is neither `key: value` nor `- item`", True),
    "found unknown escape character": (
        "The backslash begins no known escape: use single quotes, or write it twice",
        False,
    ),
    "block sequence entries are not allowed in this context": (
        "A list cannot begin with '-' on this line",
        False,
    ),
    "did not find expected <document start>": (
        "The value that this file holds has ended before this: is a key or a bracket missing above?",
        False,
    ),
    "did not find expected node content": ("A value is missing here, or the end of what a bracket opened", False),
    "found unknown directive name": ("Lines that begin with % are not read here", True),
}


def read(path: Path, name: str, *, foreign: bool = False) -> Node:
    """Read a file, or raise an InputError with every problem that can be told.

    `name` stands in the problems; `foreign` YAML (Ansible's) may have tags and keys of any sort.
    """
    return parse(contents(path, name), name, foreign=foreign)


def contents(path: Path, name: str) -> bytes:
    """Give a file's bytes, refusing what is no file, or too large, before it is read.

    Raises:
        InputError: the file cannot be had.
    """
    try:
        return _contents(path, name)
    except OSError as error:
        sentence = f"This file cannot be read: {error.strerror}."
        raise InputError([Problem(Place(printable(name)), sentence)]) from error


def _contents(path: Path, name: str) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # A pipe would wait for a writer that never comes.
    try:
        _check_file(os.fstat(handle), name)
        return os.read(handle, LARGEST)
    finally:
        os.close(handle)


def _check_file(status: os.stat_result, name: str) -> None:
    sentence = ""
    if not stat.S_ISREG(status.st_mode):
        sentence = "This is not an ordinary file."
    elif status.st_size > LARGEST:
        sentence = f"This file has {status.st_size / (1 << 20):.1f} MiB; a file of at most 1 MiB is read."
    if sentence:
        raise InputError([Problem(Place(printable(name)), sentence)])


def parse(data: bytes, name: str, *, foreign: bool = False) -> Node:
    """Read one document.

    Raises:
        InputError: with every problem that can be told.
    """
    name = printable(name)
    text = decoded(data, name)
    builder = Builder(name, foreign=foreign)
    try:
        builder.run(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        builder.problems.append(_broken(error, text, name))
    except StopReading:
        pass  # The problem that stopped it has been noted.
    if builder.problems:
        raise InputError(builder.problems)
    if builder.root is None or (builder.root.value is None and not builder.root.raw):
        raise InputError([Problem(Place(name, 1, 1), EMPTY)])
    return builder.root


def decoded(data: bytes, name: str) -> str:
    """Give the text of a document, its lines ended as YAML ends them.

    Raises:
        InputError: it is no UTF-8, or holds what cannot be seen.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        text = data[: error.start].decode()
        sentence = f"The byte 0x{data[error.start]:02x} is not UTF-8: save the file as UTF-8."
        raise InputError([Problem(_place_at(text, len(text), name), sentence)]) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # as YAML itself does
    hidden = _HIDDEN.search(text)
    if hidden:
        sentence = f"The character U+{ord(hidden[0]):04X} cannot be seen here: take it out."
        raise InputError([Problem(_place_at(text, hidden.start(), name), sentence)])
    return text


def _place_at(text: str, index: int, name: str) -> Place:
    return Place(name, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def _broken(error: yaml.MarkedYAMLError, text: str, name: str) -> Problem:
    """Say in plain words where the YAML breaks, and at the place where a person has to look."""
    mark = error.problem_mark
    if mark is None:
        return Problem(Place(name), f"This is not YAML: {quote(str(error))}.")
    lines = text.split("\n")
    tab = _tab(lines, mark.line)
    if tab:
        return Problem(Place(name, *tab), "A tab indents this line: YAML is indented with spaces.")
    said = str(error.problem)
    if said == "found character that cannot start any token":
        character = lines[mark.line][mark.column : mark.column + 1]
        sentence = f"The character {quote(character)} cannot begin a value: put the value in quotes."
        return Problem(Place(name, mark.line + 1, mark.column + 1), sentence)
    words, at_begin = _BROKEN.get(said, (f"The YAML breaks off here: {said}", False))
    if at_begin and error.context_mark is not None:
        mark = error.context_mark
    place = min((mark.line + 1, mark.column + 1), _end(lines))
    return Problem(Place(name, *place), ended(words))


def _end(lines: list[str]) -> tuple[int, int]:
    """Give where the last thing written stands: a file that breaks off is to be mended there."""
    last = max((number for number, line in enumerate(lines) if line.strip()), default=0)
    return last + 1, max(len(lines[last].rstrip()), 1)


def _tab(lines: list[str], line: int) -> tuple[int, int] | None:
    """Find a tab in the indentation of a line, or of the one on either side of it."""
    for number in (line, line - 1, line + 1):
        if 0 <= number < len(lines):
            indentation = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
            if "\t" in indentation:
                return number + 1, indentation.index("\t") + 1
    return None
