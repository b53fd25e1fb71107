"""The reader: YAML 1.2 scalars, places, and what a file may cost."""

from __future__ import annotations

import json
import math
import os
import random
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
import yaml as pyyaml

from agent.errors import InputError
from agent.intake import yaml
from agent.intake.nodes import content, flow, plain, within
from tests.intake.cases import documents

SCALARS = {
    "no": "no",
    "yes": "yes",
    "on": "on",
    "12:30": "12:30",
    "2027-01-31": "2027-01-31",
    "1_000": "1_000",
    "0b1": "0b1",
    "1.2.3": "1.2.3",
    "+": "+",
    ".": ".",
    "-": None,
    "e3": "e3",
    "nan": "nan",
    "tRue": "tRue",
    "'3'": "3",
    '"true"': "true",
    "!!str 3": "3",
    "! true": "true",
    "~": None,
    "null": None,
    "NULL": None,
    "": None,
    "true": True,
    "FALSE": False,
    "0": 0,
    "-12": -12,
    "+3": 3,
    "0644": 644,
    "0o644": 420,
    "0x1F": 31,
    "1.50": 1.5,
    ".5": 0.5,
    "5.": 5.0,
    "1e3": 1000.0,
    "-.inf": -math.inf,
}


@pytest.mark.parametrize(("raw", "value"), [pair for pair in SCALARS.items() if pair[0] != "-"])
def test_a_scalar_reads_as_yaml_1_2_says(raw: str, value: object) -> None:
    found = plain(yaml.parse(f"a: {raw}\n".encode(), "x"))
    assert found == {"a": value}
    assert type(found["a"]) is type(value)


def test_what_is_not_a_number_is_a_float() -> None:
    found = plain(yaml.parse(b"a: .NaN", "x"))
    assert math.isnan(found["a"])  # type: ignore[index]


def test_every_value_and_every_key_knows_its_place() -> None:
    node = yaml.parse("a: é\nb:\n  - {c: 1}\n  - 'two'\n".encode(), "file.yaml")
    assert [str(one.place) for one in within(node)] == [
        "file.yaml:1:1",
        "file.yaml:1:4",
        "file.yaml:3:3",
        "file.yaml:3:5",
        "file.yaml:3:9",
        "file.yaml:4:5",
    ]
    assert str(node.key_place("b")) == "file.yaml:2:1"
    assert str(node.value["b"].value[0].key_place("c")) == "file.yaml:3:6"  # type: ignore[index, union-attr, call-overload]


def test_a_value_knows_how_it_was_written() -> None:
    node = yaml.parse(b"a: 0644\nb: \"0644\"\nc: [x, {d: '~'}]\n", "x")
    assert flow(node) == "{a: 0644, b: 0644, c: [x, {d: ~}]}"
    assert content(node) == {"a": {"number": "0644"}, "b": "0644", "c": ["x", {"d": "~"}]}


def test_an_alias_is_the_value_it_names() -> None:
    node = yaml.parse(b"a: &x [1, 2]\nb: *x\n", "x")
    assert plain(node) == {"a": [1, 2], "b": [1, 2]}


def test_foreign_yaml_may_have_tags_and_any_keys() -> None:
    text = b"1: !vault abc\n<<: {a: b}\ntrue: !unsafe x\n"
    assert plain(yaml.parse(text, "x", foreign=True)) == {"1": "abc", "<<": {"a": "b"}, "true": "x"}


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(50 << 20)
    tracemalloc.start()
    with pytest.raises(InputError, match=r"^huge.yaml: This file has 50.0 MiB; a file of at most 1 MiB is read.$"):
        yaml.read(path, path.name)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(InputError, match=f"^{name}: This is not an ordinary file.$"):
            yaml.read(tmp_path / name, name)
    with pytest.raises(InputError, match=r"^/dev/zero: This is not an ordinary file.$"):
        yaml.read(Path("/dev/zero"), "/dev/zero")
    with pytest.raises(InputError, match=r"^none: This file cannot be read: No such file or directory.$"):
        yaml.read(tmp_path / "none", "none")


def test_the_name_of_a_file_cannot_speak_to_a_terminal(tmp_path: Path) -> None:
    name = "a\x1b[31m\n\udcff.yaml"
    path = tmp_path / name
    path.write_bytes(b"a: [")
    with pytest.raises(InputError) as caught:
        yaml.read(path, name)
    assert str(caught.value).startswith("a\\x1b[31m\\n\\udcff.yaml:1:4: ")


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 1_000_000,
        b"{a: " * 250_000,
        b"- " * 500_000,
        b"? " * 500_000,
        b"a: &x [" + b"1," * 400_000,
        b'"' + b"x" * 1_000_000,
        b"a: |\n" + b" x\n" * 300_000,
        b"&a " * 300_000,
        b"\n" * 1_000_000,
        b": " * 500_000,
        b"a: " + b"9" * 1_000_000,
        b"[" + b"[]," * 300_000 + b"]",
    ],
    ids=lambda text: repr(text[:8]),
)
def test_no_document_takes_long(text: bytes) -> None:
    began = time.process_time()
    with suppress(InputError):
        yaml.parse(text, "x")
    assert time.process_time() - began < 5


def test_no_change_of_a_document_gives_more_than_sentences() -> None:
    """Mutate real documents: whatever comes out is a node or problems with places, never another exception."""
    chance = random.Random(4)  # ruff: ignore[suspicious-non-cryptographic-random-usage]  the same mistakes each time
    originals = [case.read_bytes() for case in (*documents("policy/good"), *documents("policy/yaml"))]
    pieces = [b"\t", b"\n", *b": |- |[|]|{|}|'|&a |*a|!x |>|?|#|%".split(b"|"), b'"', b"|", b"\xff", b"\x00"]
    problems = []
    for _ in range(3000):
        text = bytearray(chance.choice(originals))
        for _ in range(chance.randint(1, 4)):
            at = chance.randint(0, len(text))
            text[at : at + chance.randint(0, 3)] = chance.choice(pieces)
        try:
            json.dumps(plain(yaml.parse(bytes(text), "x")))
        except InputError as error:
            problems.append(error.problems)
    assert 0 < len(problems) < 3000
    assert all(problem.place.line and problem.sentence for found in problems for problem in found)


def test_a_thousand_policies_are_read_in_well_under_a_second() -> None:
    texts = [case.read_bytes() for case in documents("policy/good") if case.stem == "everything"] * 1000
    began = time.process_time()
    for text in texts:
        yaml.parse(text, "x")
    assert time.process_time() - began < 2.0  # 0.4 s alone on the development machine; this file is a long policy


def test_a_reader_of_our_own_has_a_reason() -> None:
    assert pyyaml.safe_load("no") is False
    assert pyyaml.safe_load("12:30") == 750
