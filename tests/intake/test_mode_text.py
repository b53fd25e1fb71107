"""Another mode in a policy's file: one line, every other byte as it was, and a patch that git takes."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import InputError
from agent.intake import yaml
from agent.intake.mode_text import with_mode
from agent.intake.nodes import plain
from agent.intake.patch import patch
from agent.model.policy import Mode

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
# A rule.
policy: P-1   # its id
expect: {x: 1}
MODE# how it is put right
# in two steps
remedy:
  - do: a.b
guard: {per_run: {count: 1}}
"""
MODES = {
    "none": ("", "mode: propose\n"),
    "bare": ("mode: audit\n", "mode: propose\n"),
    "with a comment": ("mode: audit            # as yet\n", "mode: propose          # as yet\n"),
    "with a close comment": ("mode: audit # as yet\n", "mode: propose # as yet\n"),
    "in quotes": ("mode: 'audit'\n", "mode: 'propose'\n"),
    "in double quotes": ('mode: "audit"\n', 'mode: "propose"\n'),
}
SITES = {
    "none": ("mode: audit\n", "mode: audit\nsites:\n  east: {mode: propose}\n"),
    "of another": (
        "sites:\n  # the other\n  west: {mode: audit}\n",
        "sites:\n  east: {mode: propose}\n  # the other\n  west: {mode: audit}\n",
    ),
    "its own": (
        "sites: {east: {mode: audit}, west: {mode: audit}}\n",
        "sites: {east: {mode: propose}, west: {mode: audit}}\n",
    ),
    "on one line": ("sites: {west: {mode: audit}}\n", "sites: {east: {mode: propose}, west: {mode: audit}}\n"),
    "its own on two lines": (
        "sites:\n    east:\n        mode: audit  # yet\n",
        "sites:\n    east:\n        mode: propose # yet\n",
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("name", MODES)
def test_the_mode_of_the_whole_policy(name: str, newline: str) -> None:
    before, after = (TEXT.replace("MODE", lines).replace("\n", newline) for lines in MODES[name])
    assert with_mode(before.encode(), "p.yaml", Mode.PROPOSE).decode() == after


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("name", SITES)
def test_the_mode_at_one_school(name: str, newline: str) -> None:
    before, after = (TEXT.replace("MODE", lines).replace("\n", newline) for lines in SITES[name])
    assert with_mode(before.encode(), "p.yaml", Mode.PROPOSE, ["east"]).decode() == after


def test_two_schools_at_once() -> None:
    after = with_mode(
        TEXT.replace("MODE", "sites:\n  east: {mode: audit}\n").encode(), "p.yaml", Mode.PROPOSE, ["east", "west"]
    )
    assert plain(yaml.parse(after, "p.yaml").get("sites") or yaml.parse(after, "p.yaml")) == {
        "east": {"mode": "propose"}, "west": {"mode": "propose"},
    }  # fmt: skip


def test_without_anything_behind_it_stands_at_the_end() -> None:
    assert with_mode(b"policy: P-1", "p.yaml", Mode.ENFORCE) == b"policy: P-1\nmode: enforce\n"
    assert with_mode(b"policy: P-1\n...\n", "p.yaml", Mode.ENFORCE) == b"policy: P-1\nmode: enforce\n...\n"


@pytest.mark.parametrize(
    "text", ["{policy: P-1, remedy: []}", "policy: &m audit\nmode: *m\n", "mode: >-\n  audit\npolicy: P\n"]
)
def test_what_cannot_be_changed_by_itself_is_left_to_a_person(text: str) -> None:
    with pytest.raises(InputError, match="mode: propose"):
        with_mode(text.encode(), "p.yaml", Mode.PROPOSE)


LAYOUTS = st.sampled_from([*(a for a, _ in MODES.values()), *(a for a, _ in SITES.values())])
COMMENTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12)


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    LAYOUTS, COMMENTS, st.sampled_from(["\n", "\r\n"]), st.booleans(),
    st.sampled_from([(), ("east",), ("west", "east")]), st.sampled_from([Mode.PROPOSE, Mode.ENFORCE]),
    st.sampled_from(["policies/p.yaml", "policies/with a blank.yaml", 'policies/quo"te.yaml', "policies/öst.yaml"]),
)  # fmt: skip
def test_git_makes_of_the_patch_what_was_meant(
    tmp_path_factory: pytest.TempPathFactory, lines: str, comment: str, newline: str, whole: bool,
    sites: tuple[str, ...], mode: Mode, name: str,
) -> None:  # fmt: skip
    text = TEXT.replace("MODE", lines).replace("A rule.", comment).replace("\n", newline)
    before = (text if whole else text.rstrip("\r\n")).encode()
    after = with_mode(before, name, mode, sites)
    folder = tmp_path_factory.mktemp("git")
    (folder / name).parent.mkdir()
    (folder / name).write_bytes(before)
    applied(folder, b"An account of it.\n\n" + patch(name, before, after))
    assert (folder / name).read_bytes() == after


def applied(folder: Path, text: bytes) -> None:
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    done = subprocess.run(["git", "apply", "-"], input=text, cwd=folder, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode() + text.decode()


def test_no_change_is_no_patch() -> None:
    assert patch("p.yaml", b"a\n", b"a\n") == b""
