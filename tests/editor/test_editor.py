"""What somebody sees who writes policies in an editor: what is offered, what is explained, what is underlined."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agent.bootstrap import catalog, write_schema
from agent.intake.files import readable
from tests.editor.server import Server, missing, start
from tests.intake.cases import documents, expected

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
CASES = Path(__file__).parent.parent / "cases" / "editor"


def cases(folder: str) -> list[Path]:
    found = sorted((CASES / folder).glob("*.yaml"))
    assert found, folder
    return found


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give one running server, which knows the schema as `driftbell schema` prints it."""
    lack = missing()
    if lack and os.environ.get("CI") != "true":
        pytest.skip(lack)
    assert not lack
    path = tmp_path_factory.mktemp("editor") / "driftbell.schema.json"
    write_schema(path)
    running = start(path)
    running.diagnostics(running.opened("policy: WARM-UP\n"))  # it has read the schema when it complains
    yield running
    running.close()


@pytest.mark.parametrize("case", cases("completion"), ids=lambda path: path.stem)
def test_the_words_that_fit_are_offered(server: Server, case: Path) -> None:
    answer = server.at_cursor("completion", case.read_text(encoding="utf-8"))
    offered = {item["label"] for item in answer["items"]}
    wanted = expected(case)
    assert {word for word in wanted if not word.startswith("!")} <= offered
    assert not {word[1:] for word in wanted if word.startswith("!")} & offered


@pytest.mark.parametrize("case", cases("hover"), ids=lambda path: path.stem)
def test_a_word_is_explained(server: Server, case: Path) -> None:
    answer = server.at_cursor("hover", case.read_text(encoding="utf-8"))
    assert answer, "nothing is said"
    said = answer["contents"]["value"]
    assert [part for part in expected(case) if part not in said] == [], said


def underlined(diagnostics: list[dict[str, Any]]) -> list[str]:
    places = (
        (d["range"]["start"]["line"] + 1, d["range"]["start"]["character"] + 1, d["message"]) for d in diagnostics
    )
    return [f"{line}:{column}: {message}" for line, column, message in sorted(places)]


@pytest.mark.parametrize("case", cases("diagnostics"), ids=lambda path: path.stem)
def test_a_wrong_word_is_underlined_and_nothing_else(server: Server, case: Path) -> None:
    found = underlined(server.diagnostics(server.opened(case.read_text(encoding="utf-8"))))
    wanted = sorted(expected(case))
    assert len(found) == len(wanted), found
    assert all(one.startswith(other) for one, other in zip(sorted(found), wanted, strict=True)), found


def test_a_good_document_has_nothing_underlined(server: Server) -> None:
    good = [path for shape in ("policy", "district") for path in documents(f"{shape}/good")]
    names = {path: server.opened(path.read_text(encoding="utf-8")) for path in good}
    assert {path.name: underlined(server.diagnostics(uri)) for path, uri in names.items()} == {
        path.name: [] for path in good
    }


def test_every_line_that_validate_complains_of_is_underlined(server: Server) -> None:
    """An editor looks through the same schema, so it has to find what is wrong in structure, on the same lines."""
    wrong = [path for path in documents("policy/structure") if path.stem not in UNSEEN]
    names = {path: server.opened(path.read_text(encoding="utf-8")) for path in wrong}
    for path, uri in names.items():
        lines = {one.partition(":")[0] for one in expected(path)}
        found = {one.partition(":")[0] for one in underlined(server.diagnostics(uri))}
        assert lines <= found, path.name


UNSEEN = frozenset({
    "a-district-among-policies",  # an editor cannot know which file it has before it
    "wrong-remedy",  # asks for a verb that only the tests of intake have
})


def test_the_example_is_written_for_an_editor(server: Server, tmp_path: Path) -> None:
    """Each file of the example says where its schema is: there, nothing is underlined, and words are explained."""
    for folder in ("policies", "inventory"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    write_schema(tmp_path / "policies" / "driftbell.schema.json")
    files = [path for path, _ in readable(tmp_path)]
    for path in files:
        server.open(path.as_uri(), path.read_text(encoding="utf-8"))
    assert {path.name: underlined(server.diagnostics(path.as_uri())) for path in files} == {
        path.name: [] for path in files
    }
    for path in files:
        first = next(n for n, line in enumerate(path.read_text().splitlines()) if line and line[0] not in "# ")
        where = {"textDocument": {"uri": path.as_uri()}, "position": {"line": first, "character": 2}}
        answer = server.request("textDocument/hover", where)
        assert answer, f"{path.name} says nothing of its first word: is its schema where its first line says?"
        assert "driftbell.schema.json" in json.dumps(answer), path.name


def test_every_kind_and_every_field_of_it_is_offered(server: Server) -> None:
    for kind in catalog().kinds.values():
        text = f"policy: A-1\ntitle: t\napplies_to: {{kind: {kind.name}}}\nexpect:\n  ‸\n"
        offered = {item["label"] for item in server.at_cursor("completion", text)["items"]}
        assert {field.name for field in kind.fields} <= offered, kind.name
