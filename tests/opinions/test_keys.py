"""Keys that write, and the usual ones of this account, are never shown to the district's own tests."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from agent.settings import Settings
from agent.systems.testinfra import examine
from agent.systems.testinfra.examine import ModuleExaminer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.host import Host
    from tests.opinions.server import Server


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (lambda _place, _home: None, "logs in with this server's usual keys, which tests are not given"),
        (lambda place, _home: place.lab.key, "logs in with a key that writes ("),
        (lambda _place, home: copied(home / "copy", home / ".ssh" / "id_ed25519"), "logs in with a key that writes ("),
        (lambda _place, home: home / ".ssh" / "id_ed25519", "logs in with a key that writes ("),
    ],
)
def test_a_key_that_writes_is_never_given_to_tests(
    place: Server, web: list[Host], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: Any, said: str
) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "id_ed25519").write_text("a usual key")
    monkeypatch.setattr(examine, "_home", lambda: tmp_path)
    named = key(place, tmp_path)
    written = {} if named else {"ansible_ssh_private_key_file": None}
    host = place.listed(web[0], driftbell_read_key=named and str(named), **written)
    opinion = place.examined("def test_it():\n    pass\n", host)["web1"]
    assert opinion.said.startswith("could not run: its reading account"), opinion
    assert said in opinion.said
    assert "driftbell_read_key" in opinion.said


def copied(copy: Path, key: Path) -> Path:
    copy.write_bytes(key.read_bytes())
    return copy


@pytest.mark.parametrize("what", ["usual", "writes"])
def test_where_a_key_lies_among_what_tests_have_to_read_none_is_run(
    place: Server, web: list[Host], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    (tmp_path / "python" / ".ssh").mkdir(parents=True)
    writes = copied(tmp_path / "python" / "writes", place.lab.key)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "python"))
    monkeypatch.setattr(examine, "_home", lambda: tmp_path / ("python" if what == "usual" else "home"))
    host = place.listed(web[0], **({"ansible_ssh_private_key_file": str(writes)} if what == "writes" else {}))
    secret = ".ssh" if what == "usual" else "writes"
    opinion = place.examined("def test_it():\n    pass\n", host)["web1"]
    assert opinion.said.startswith(f"could not run: Tests could read {tmp_path / 'python' / secret}, as it lies below")
    lack = ModuleExaminer(Settings(str(place.root), place.state)).lack()
    assert bool(lack) is (what == "usual")  # what the inventory names is told at each run, and this by `doctor` too
