"""Which files are read, and what stands where nothing would read it."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.bootstrap import catalog as real_catalog
from agent.errors import InputError
from agent.intake.files import FOLDERS
from agent.intake.git_program import Checkout
from agent.intake.repository import load
from agent.model.policy import Revision
from tests.intake.cases import documents

if TYPE_CHECKING:
    from tests.intake.district import District

SMALLEST = "policy: A-1\ntitle: a\napplies_to: {kind: host}\nexpect: {hostname: a}\n"
PROJECT = Path(__file__).parent.parent.parent


def test_without_policies_there_is_a_hint_how_to_begin(district: District) -> None:
    empty = district.root.parent / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match=r"There is no folder policies/ here: `driftbell init DIR` lays down"):
        load(Checkout(empty, Revision("x", "y")), district.catalog, district.cache)


def test_without_a_district_nothing_loads(district: District) -> None:
    (district.root / "policies/district.yaml").unlink()
    assert district.problems() == [
        "policies/district.yaml: This file is missing: it names the district, its time zone, its sites and its people."
    ]


def test_what_nothing_would_read_is_told(district: District) -> None:
    for name in (
        "policies/district.yml",
        "policies/loose.yaml",
        "policies/host/a.yaml",
        "policies/waivers.yml",
    ):
        district.write(name, SMALLEST)
    assert district.problems() == [
        "policies/district.yml: This file has to be called policies/district.yaml.",
        "policies/host/a.yaml: The folder policies/host/ is not one that policies stand in; did you mean 'hosts'?",
        f"policies/loose.yaml: A policy stands in a folder of policies/: {', '.join(FOLDERS)}.",
        "policies/waivers.yml: This file has to be called policies/waivers.yaml.",
    ]


def test_only_yaml_files_are_policies(district: District) -> None:
    district.write("policies/hosts/deeper/still/one.yml", SMALLEST)
    for name in ("README.md", ".hidden.yaml", "one.yaml.bak", "one.yaml~", "data.json"):
        district.write(f"policies/hosts/{name}", "not: [a policy")
    assert [p.place.file for p in district.load().policies] == ["policies/hosts/deeper/still/one.yml"]


def test_a_link_may_not_lead_out_of_the_repository(district: District) -> None:
    outside = district.root.parent / "secret.yaml"
    outside.write_text("password: [hunter2")
    (district.root / "policies/hosts").mkdir()
    (district.root / "policies/hosts/link.yaml").symlink_to(outside)
    (district.root / "policies/hosts/nowhere.yaml").symlink_to("/nowhere/at/all")
    (district.root / "policies/hosts/folder").symlink_to("../../playbooks")
    problems = district.problems()
    assert problems == [
        "policies/hosts/folder: This folder is a link, behind which no policies are read.",
        "policies/hosts/link.yaml: This link leads out of the repository.",
        "policies/hosts/nowhere.yaml: This link leads out of the repository.",
    ]


def test_a_huge_policy_is_one_sentence(district: District) -> None:
    path = district.write("policies/hosts/huge.yaml", "")
    with path.open("wb") as file:
        file.truncate(50 << 20)
    assert district.problems() == ["policies/hosts/huge.yaml: This file has 50.0 MiB; a file of at most 1 MiB is read."]


def test_the_example_district_of_this_project_is_valid(tmp_path: Path) -> None:
    repository = load(Checkout(PROJECT, Revision("x", "y")), real_catalog(), tmp_path)
    assert repository.policies
    assert repository.hosts


def test_a_thousand_policies_load_quickly(district: District) -> None:
    for number in range(1000):
        district.write(f"policies/hosts/{number}.yaml", SMALLEST.replace("A-1", f"A-{number}"))
    began = time.process_time()
    assert len(district.load().policies) == 1000
    cold = time.process_time() - began
    began = time.process_time()
    assert len(district.load().policies) == 1000
    warm = time.process_time() - began
    assert cold < 5.0  # 0.9 s alone on the development machine, jsonschema's import included
    assert warm < 2.5  # 0.4 s


def test_loading_what_was_checked_before_imports_neither_jsonschema_nor_polars(district: District) -> None:
    district.write("policies/hosts/one.yaml", SMALLEST)
    script = (
        "import sys\nfrom pathlib import Path\nfrom agent.intake.git import sync\n"
        "from agent.intake.repository import load\nfrom agent.bootstrap import catalog\n"
        "root, cache = map(Path, sys.argv[1:])\n"
        "assert load(sync(str(root), cache), catalog(), cache).policies\n"
        "print([m for m in ('jsonschema', 'polars', 'ansible') if m in sys.modules])\n"
    )
    command = [sys.executable, "-c", script, str(district.root), str(district.cache)]
    said = [subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT).stdout for _ in range(2)]
    assert said == ["['jsonschema']\n", "[]\n"]


WORDS = """
policy title why severity owner frameworks applies_to kind where expect converge mode remedy guard check_every host
thing hostname groups os.version file./a.mode sshd.port mount./.used_percent cert./a.expires user.a.groups do with sets
risk playbook vars allow per_run per_day count percent ansible.playbook post.tell playbooks/good.yml enforce audit high
equals one_of none_of not any_of all_of empty exists same_as matches at_least between before every some contains <b>
<hostname> today now+1d 2027-01-01 80% "0644" 0644 "1" 1 -1 1.5 .nan .inf ~ true no [] {} [a] {a: b} [[]] "" "\\0" ((
"""


def test_no_policy_makes_the_loader_say_more_than_sentences(district: District) -> None:
    """Put words where they do not belong: the loader says sentences, and never takes what it did not understand."""
    chance = random.Random(4)  # ruff: ignore[suspicious-non-cryptographic-random-usage]  the same mistakes each time
    words = WORDS.split()
    originals = [case.read_text(encoding="utf-8") for case in documents("policy/good")]
    for number in range(1500):
        tokens = re.split(r"([\w./<>%-]+)", chance.choice(originals))
        for _ in range(chance.randint(1, 3)):
            tokens[chance.randrange(1, len(tokens), 2)] = chance.choice(words)
        district.write(f"policies/hosts/{number}.yaml", "".join(tokens))
    assert len({problem.partition(":")[0] for problem in district.problems()}) > 700
