"""Progress is for people at a terminal: it never gets into what a program reads."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from tests.cli.terminal import converse

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell


def watching(driftbell: Driftbell) -> None:
    driftbell.hosts({"here": {"ansible_connection": "local", "site": "east"}})
    driftbell.policy("NEVER-01", expect={"file./no/such/file.exists": True})


def test_at_a_terminal_it_shows_what_is_looked_at_and_a_pipe_gets_the_document_alone(driftbell: Driftbell) -> None:
    watching(driftbell)
    reader, writer = os.pipe()
    code, shown = converse(driftbell, ["check", "--json"], out=writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        document = json.load(pipe)
    assert code == 1
    assert document["counts"]["out_of_line"] == 1
    assert "hosts (" in shown
    assert "\x1b[" in shown  # it is drawn, and taken away again


def test_without_a_terminal_it_is_silent_and_verbose_is_plain_lines_beside_the_result(driftbell: Driftbell) -> None:
    watching(driftbell)
    assert not driftbell("check", "--json").err
    told = driftbell("check", "--json", "--verbose")
    assert told.json["counts"]["out_of_line"] == 1
    assert told.err.startswith("Looking at hosts")
    assert "\x1b" not in told.err
