"""What the documents say of commands, options and fields is so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from agent.cli.app import app
from agent.systems.csv.spec import PRESETS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands(group: Any, before: str = "") -> Iterator[str]:
    """Every command by the words that call it."""
    for word, below in getattr(group, "commands", {}).items():
        if not below.hidden:
            yield f"{before}{word}"
            yield from commands(below, f"{before}{word} ")


COMMANDS = set(commands(typer.main.get_command(app)))


def told(path: Path) -> Iterator[list[str]]:
    """The commands that a document tells people to run, each as its words."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    lines = [line.partition("#")[0] for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`(driftbell [^`]+)`", text)
    for line in (line.strip() for line in lines if line.strip().startswith("driftbell ")):
        yield shlex.split(re.split(r" [>|] ", line.replace("\\|", "|"))[0])[1:]


def options(words: list[str]) -> set[str]:
    command = typer.main.get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]  # type: ignore[attr-defined]
    return {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"--help", "--show-completion"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_every_command_and_option_that_a_document_names_is_there(path: Path) -> None:
    for words in told(path):
        if words[0].startswith("--"):
            assert set(words) <= options([]), words
            continue
        assert any(words[: len(name.split())] == name.split() for name in COMMANDS), words
        named = {w.split("=")[0].strip("[]") for w in words if w.strip("[").startswith("--")}
        assert named <= options(words), words


def test_the_table_of_commands_has_all_of_them() -> None:
    table = (ROOT / "docs/commands.md").read_text("utf-8").partition("## Commands")[2].partition("\n## ")[0]
    assert [name for name in COMMANDS if not re.search(rf"`{re.escape(name)}\b", table) and name != "hosts"] == []


def test_the_technicians_page_has_every_preset_and_no_other() -> None:
    page = (ROOT / "docs/technician.md").read_text("utf-8")
    assert set(re.findall(r"`((?:generic|google|intune|ad|snipe|incident)_\w+)`", page)) == set(PRESETS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []
