"""A host that may be changed below one folder only: what check mode sees beyond that folder is not written at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agent.capturing import captured
from agent.decide import reverting
from agent.enforce import Hands
from agent.ledger.store import LedgerStore, open_ledger
from agent.model.action import Action
from agent.model.capture import Capture, FileBefore, ServiceBefore
from agent.model.ports import Clearance
from agent.settings import AnsibleSettings, Settings
from agent.systems.ansible.spec import PLAYBOOK
from agent.systems.ansible.write import PlaybookWriter
from tests.ansible import district
from tests.ledger import nouns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from agent.model.action import Written

FREE = Clearance(lambda: "")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[LedgerStore]:
    with open_ledger(tmp_path / "ledger.db") as opened:
        opened.begin("r1", "run", "c0ffee", nouns.START)
        yield opened


def file(path: str, kind: str = "file") -> FileBefore:
    return FileBefore(path, kind, digest="d")


@pytest.mark.parametrize(
    ("there", "outside"),
    [
        ({"files": (file("/srv/a/x"),)}, ()),
        ({"files": (file("/srv/a/x"), file("/etc/motd"))}, ("/etc/motd",)),
        ({"files": (file("/srv/ab"),)}, ("/srv/ab",)),
        ({"files": (file("/srv/a/../b"),)}, ("/srv/a/../b",)),
        ({"files": (file("/srv/a/x"),), "reaches": ("/etc/x",)}, ("/etc/x",)),  # by a link above it
        ({"files": (file("/srv/a", "absent"), file("/srv/a/x", "absent"))}, ()),
        ({"files": (file("/srv/a", "directory"),)}, ("/srv/a",)),
        ({"files": (file("/srv", "absent"),)}, ("/srv",)),
        ({"reaches": ("what install (p.yml:3) changes (apt)",)}, ("what install (p.yml:3) changes (apt)",)),
        ({"services": (ServiceBefore("ssh", "enabled", running=True),)}, ("the unit ssh",)),
        ({"sysctls": {"a.b": "1"}}, ("the kernel value a.b",)),
    ],
)
def test_what_is_beyond_the_folder(there: Mapping[str, object], outside: tuple[str, ...]) -> None:
    one = replace(Capture("host/a", nouns.START), **there)  # type: ignore[arg-type]
    assert reverting.beyond(one, "/srv/a/") == outside


TASKS = """
- ansible.builtin.copy: {{content: new, dest: "{inside}", mode: "0600"}}
- ansible.builtin.copy: {{content: new, dest: "{other}", mode: "0600"}}
"""


def tried(place: district.Place, ledger: LedgerStore, tasks: str, names: Sequence[str]) -> dict[str, Written]:
    """Have a real playbook run where capturing lets it."""
    writer = PlaybookWriter(Settings("", place.state, ansible=AnsibleSettings(timeout=120)), ("inventory/hosts",))
    hands = Hands({"ansible": writer}, ledger, FREE, lambda: nouns.START, lambda _r: "")
    playbook = {"playbook": place.tasks(tasks)}
    actions = [Action("P-01", f"host/{n}", "", PLAYBOOK, playbook, (), ()) for n in names]
    intents = ledger.intend("r1", [("sha256:a", action) for action in actions], nouns.START)
    deeds = list(zip(intents, actions, strict=True))
    repository = place.repository()
    return captured(
        hands, writer, repository, deeds, lambda free: writer.enforce(repository, free, lambda _pid: None, FREE)
    )


@pytest.mark.parametrize("way", ["plain", "link above", "too large to keep"])
def test_a_playbook_that_reaches_beyond_it_writes_nothing_there(tmp_path: Path, ledger: LedgerStore, way: str) -> None:
    place = district.new(tmp_path / "place")
    folder, elsewhere = place.out / "only", place.out / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (folder / "way").symlink_to(elsewhere)
    if way == "too large to keep":
        (elsewhere / "x").write_bytes(b"x" * (1024 * 1024 + 1))
    before = [(elsewhere / "x").exists() and (elsewhere / "x").stat().st_size]
    other = folder / "way" / "x" if way == "link above" else elsewhere / "x"
    place.hosts("confined", driftbell_only_under=str(folder))
    said = tried(place, ledger, TASKS.format(inside=folder / "in", other=other), ["confined"])["host/confined"]
    assert not said.ran
    assert said.said.startswith(f"not written to: it would change {elsewhere / 'x'}, and confined may only be changed")
    assert f"below {folder} (driftbell_only_under)" in said.said
    assert not (folder / "in").exists()
    assert before == [(elsewhere / "x").exists() and (elsewhere / "x").stat().st_size]


def test_what_is_no_file_is_beyond_every_folder(tmp_path: Path, ledger: LedgerStore) -> None:
    place = district.new(tmp_path / "place")
    place.hosts("confined", driftbell_only_under=str(place.out))
    tasks = "- {name: Odd, ansible.builtin.group: {name: driftbell-odd}}\n"
    said = tried(place, ledger, tasks, ["confined"])["host/confined"]
    assert not said.ran
    assert said.said.startswith("not written to: it would change what Odd (playbooks/play.yml:4) changes (group)")


def test_other_hosts_are_written_to_and_so_is_what_stays_below_it(tmp_path: Path, ledger: LedgerStore) -> None:
    place = district.new(tmp_path / "place")
    folder = place.out / "only"
    place.hosts("free")
    place.hosts("confined", driftbell_only_under=str(folder))
    folder.mkdir()
    tasks = '- ansible.builtin.copy: {content: new, dest: "{{ out }}/only/{{ inventory_hostname }}", mode: "0600"}\n'
    tasks += '- ansible.builtin.copy: {content: new, dest: "{{ out }}/x", mode: "0600"}\n'
    tasks += "  when: inventory_hostname == 'free'\n"
    told = tried(place, ledger, tasks, ["free", "confined"])
    assert {name: one.ran for name, one in told.items()} == {"host/free": True, "host/confined": True}
    assert (place.out / "x").exists()
    assert sorted(p.name for p in folder.iterdir()) == ["confined", "free"]
