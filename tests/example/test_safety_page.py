"""The page on safety says nothing that no test holds."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "safety.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
PROMISES = re.findall(r"(?m)^## (\d+)\. ", PAGE)


def test_every_promise_has_tests_and_none_is_left_out() -> None:
    assert [str(n) for n in range(1, 17)] == PROMISES
    for part in re.split(r"(?m)^## \d+\. ", PAGE)[1:]:
        assert re.search(r"`tests/[\w/]+\.py::\w+`", part), part.partition("\n")[0]
    assert re.findall(r"(?m)^\| (\d+) \|", PAGE) == PROMISES, "the table has them all"


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_every_test_that_the_page_names_is_there(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
