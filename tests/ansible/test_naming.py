"""Names of hosts as patterns: each means itself and nothing else."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from agent.systems.ansible.naming import limit_lines, nameless

NONCE = "0123456789abcdef"
NOBODY: frozenset[str] = frozenset()


def meant(line: str, names: list[str]) -> list[str]:
    """Give the names that Ansible takes a line for, as its inventory manager does it for regular expressions."""
    assert line.startswith("~")
    return [name for name in names if re.match(line[1:], name)]


@given(st.lists(st.text(min_size=1), min_size=1, unique=True))
def test_each_line_means_one_name(names: list[str]) -> None:
    lines = limit_lines(tuple(names), NOBODY, NONCE).split("\n")
    assert [meant(line, names) for line in lines] == [[name] for name in names]


@given(st.text(min_size=1))
def test_a_line_is_plain_whatever_the_name(name: str) -> None:
    assert re.fullmatch(r"~\^\(\?#[0-9a-f]+\)[A-Za-z0-9\\]+\\Z", limit_lines((name,), NOBODY, NONCE))


def test_a_line_end_at_the_end_of_a_name_counts() -> None:
    assert meant(limit_lines(("web",), NOBODY, NONCE), ["web", "web\n", "web1"]) == ["web"]


def test_a_host_with_a_group_s_name_stands_as_it_is() -> None:
    assert limit_lines(("web", "db"), frozenset({"web"}), NONCE).split("\n")[0] == "web"


def test_a_host_that_cannot_be_told_from_a_group_is_refused() -> None:
    for name in ("!web", "&web", " web", "web\n", "a\nb"):
        assert "a group is called" in nameless(name, frozenset({name}))
        assert not nameless(name, NOBODY)
    assert nameless("", NOBODY)
