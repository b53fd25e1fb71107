"""Whatever prints, formats, copies or writes out a secret gets a mask or an error, and never the secret."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle  # ruff: ignore[suspicious-pickle-import]  to see that it is refused
import pprint
import reprlib
import string
import subprocess
import sys
import traceback
from typing import TYPE_CHECKING

import pytest
import yaml
from cattrs import Converter

from agent.report.masks import masked
from agent.secrets import MASK, Secret, scrub
from agent.systems.host.connection import Become, Hop

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = "correct-horse-battery"
SECRET = Secret(PLAIN)
HOP = Hop("web1", 22, "admin", None, SECRET)

SHOWN: dict[str, Callable[[], object]] = {
    "str": lambda: str(SECRET),
    "repr": lambda: repr(SECRET),
    "ascii": lambda: ascii(SECRET),
    "f-string": lambda: f"{SECRET}",
    "f-string with a width": lambda: f"{SECRET:>40}",
    "f-string !r": lambda: f"{SECRET!r}",
    "format": lambda: format(SECRET, "s"),
    "percent": lambda: "%s %r" % (SECRET, SECRET),  # ruff: ignore[printf-string-formatting]
    "Template": lambda: string.Template("$s").substitute(s=SECRET),
    "in a list": lambda: str([SECRET]),
    "in a mapping": lambda: str({"password": SECRET}),
    "in a noun": lambda: str(HOP),
    "repr of a noun": lambda: repr(HOP),
    "asdict": lambda: str(dataclasses.asdict(HOP)),
    "astuple": lambda: str(dataclasses.astuple(Become("sudo", "root", SECRET))),
    "json with default": lambda: json.dumps({"a": SECRET}, default=str),
    "copy": lambda: str(copy.copy(SECRET)),
    "deepcopy": lambda: str(copy.deepcopy({"a": [SECRET]})),
    "pprint": lambda: pprint.pformat(dataclasses.asdict(HOP)),
    "reprlib": lambda: reprlib.repr(SECRET),
    "exception": lambda: str(ValueError(SECRET)),
    "cattrs": lambda: str(Converter().unstructure(HOP)),
}
REFUSED: dict[str, Callable[[], object]] = {
    "json": lambda: json.dumps({"a": SECRET}),
    "pickle": lambda: pickle.dumps(SECRET),
    "pickle of a noun": lambda: pickle.dumps(HOP),
    "yaml": lambda: yaml.safe_dump({"a": SECRET}),
    "vars": lambda: vars(SECRET),
    "fields": lambda: dataclasses.fields(SECRET),  # type: ignore[arg-type]
    "change": lambda: setattr(SECRET, "_held", "x"),
    "concatenate": lambda: "x" + SECRET,  # type: ignore[operator]
    "join": lambda: ",".join(iter([SECRET])),  # type: ignore[arg-type]
    "encode": lambda: bytes(SECRET),  # type: ignore[call-overload]
    "iterate": lambda: list(SECRET),  # type: ignore[call-overload]
}


@pytest.mark.parametrize("way", SHOWN)
def test_what_shows_it_shows_a_mask(way: str) -> None:
    said = str(SHOWN[way]())
    assert PLAIN not in said
    assert MASK in said or way == "in a noun"


@pytest.mark.parametrize("way", REFUSED)
def test_what_would_write_it_out_is_refused(way: str) -> None:
    with pytest.raises((TypeError, AttributeError, yaml.YAMLError)) as caught:
        REFUSED[way]()
    assert PLAIN not in str(caught.value)


def test_a_traceback_with_locals_shows_a_mask(caplog: pytest.LogCaptureFixture) -> None:
    def fails(password: Secret, hop: Hop) -> None:
        raise RuntimeError(password, hop)

    hop = HOP
    try:
        fails(SECRET, hop)
    except RuntimeError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        logging.getLogger("test").exception("failed with %s", hop.password)
    said = "".join(shown.format()) + caplog.text
    assert "password = Secret(********)" in said
    assert PLAIN not in said


def test_it_is_itself_and_nothing_else() -> None:
    assert SECRET.reveal() == PLAIN
    assert Secret(PLAIN) == SECRET
    assert len({SECRET, Secret(PLAIN), Secret("other")}) == 2
    assert PLAIN != SECRET
    assert hash(SECRET) != hash(PLAIN)


def test_known_secrets_are_taken_out_of_texts() -> None:
    assert scrub(f"a {PLAIN} b", [SECRET]) == f"a {MASK} b"
    assert scrub("a cat", [Secret("cat")]) == "a cat"  # too short to be told from a word
    assert PLAIN not in masked(f"it is {PLAIN}", (SECRET,))


LOOK = """
import ctypes, resource
from agent.__main__ import main
import sys
sys.argv = ["driftbell", "--version"]
try:
    main()
except SystemExit:
    pass
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def test_a_command_leaves_no_image_of_its_memory() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "(0, 0) 0"
