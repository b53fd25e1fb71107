"""Variables as YAML that no template engine touches."""

from __future__ import annotations

import copy
import datetime as dt

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agent.systems.ansible.variables import problem, unsafe_yaml

texts = st.text(st.characters(exclude_categories=("Cs",)))
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(scalars, lambda part: st.lists(part) | st.dictionaries(texts, part), max_leaves=8)


class Reader(yaml.SafeLoader):
    """Reads `!unsafe` as ansible-core 2.19 does: it asks anew what the value is, and forgets the quotes of a text."""


def _unsafe(loader: Reader, node: yaml.Node) -> object:
    again = copy.copy(node)
    again.tag = loader.resolve(type(node), node.value, (True, False))
    return loader.construct_object(again, deep=True)


Reader.add_constructor("!unsafe", _unsafe)


@given(st.dictionaries(texts, values))
def test_what_is_written_is_read_again(variables: dict[str, object]) -> None:
    read = yaml.load(unsafe_yaml(variables), Reader)  # ruff: ignore[unsafe-yaml-load]  it is a safe loader with one more tag
    assert read == variables
    assert [type(value) for value in read.values()] == [type(value) for value in variables.values()]


@given(st.dictionaries(texts, values))
def test_the_mark_stands_before_all_of_it(variables: dict[str, object]) -> None:
    assert unsafe_yaml(variables).startswith("!unsafe {")


@pytest.mark.parametrize("text", ["0", "no", "1e3", "null", "2026-01-01", "0644"])
def test_a_text_that_looks_like_something_else_stays_text(text: str) -> None:
    assert yaml.load(unsafe_yaml({"a": text, "b": [text]}), Reader) == {"a": text, "b": [text]}  # ruff: ignore[unsafe-yaml-load]  as above


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ([], "not a map"),
        ({1: "x"}, "no name"),
        ({"a-b": "x"}, "no name"),
        ({"a\n": "x"}, "no name"),
        ({"ansible_host": "10.0.0.1"}, "steers Ansible itself"),
        ({"driftbell_read_users": {}}, "steers Ansible itself"),
        ({"a": {"b": [{1: "x"}]}}, "the key 1, which is not text"),
        ({"a": {None: "x"}}, "the key None, which is not text"),
        ({"a": [dt.date(2026, 1, 1)]}, "a date, which is no plain value"),
        ({"a": object()}, "a object, which is no plain value"),
        ({"a": float("nan")}, "nan, which is no number"),
        ({"a": "\ud800"}, "text that is not Unicode"),
    ],
)
def test_what_cannot_be_a_variable_is_said(variables: object, said: str) -> None:
    assert said in problem(variables)


def test_a_value_that_holds_itself_is_said() -> None:
    value: list[object] = []
    value.append(value)
    assert "nested too deep" in problem({"a": value})


def test_plain_values_are_fine() -> None:
    assert not problem({"a": {"b": [1, 1.5, "{{ x }}", None, True, ("t",)]}, "_b2": ""})
