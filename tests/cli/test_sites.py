"""One policy, two schools, two modes: what may be done at once, what waits for a yes, and what only one yes lifts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.fixtures import DISTRICT
from tests.cli.playbooks import WRITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

SCHOOLS = {"east": {"name": "East High"}, "west": {"name": "West Middle"}, "north": {"name": "North Middle"}}


def at_schools(driftbell: Driftbell, **ceilings: str) -> Path:
    """Write a policy that is enforced at east, asks at west and watches elsewhere; give its file."""
    folder = driftbell.folder / "only"
    folder.mkdir(exist_ok=True)
    host = {"ansible_connection": "local", "driftbell_only_under": str(folder)}
    driftbell.hosts({f"host-{s}": {**host, "site": s} for s in SCHOOLS})
    sites = {s: {**said, **({"mode": ceilings[s]} if s in ceilings else {})} for s, said in SCHOOLS.items()}
    driftbell.district(**{**DISTRICT, "sites": sites})
    driftbell.write("playbooks/write.yml", WRITE)
    path = folder / "file"
    step = {"playbook": "playbooks/write.yml", "vars": {"path": str(path), "text": "wanted"}}
    driftbell.policy(
        "SITE-01",
        expect={f"file.{path}.content": "wanted"},
        sites={"east": {"mode": "enforce"}, "west": {"mode": "propose"}},
        remedy=[{"do": "ansible.playbook", "with": step}],
    )
    return path


def said(driftbell: Driftbell, host: str) -> str:
    return " ".join(driftbell("explain", "SITE-01", host).out.split())


def test_each_school_has_its_own_batch_and_a_yes_is_for_one_of_them(driftbell: Driftbell) -> None:
    path = at_schools(driftbell)
    plan = driftbell("plan", "--json").json["plan"]
    found = {b["actions"][0]["resource"]: b for b in plan["batches"]}
    assert {r: [h["guard"] for h in b["holds"]] for r, b in found.items()} == {
        "host/host-east": [],
        "host/host-west": ["mode"],
    }
    assert not path.exists()
    done = driftbell("apply", "--plan", found["host/host-west"]["digest"], "--json")
    assert [(o["resource"], o["outcome"]) for o in done.json["outcomes"]] == [("host/host-west", "confirmed")]
    listed = " ".join(driftbell("check", "--all").out.split())
    assert "fix at East High, ask first at West Middle, watch only elsewhere" in listed


def test_a_ceiling_of_the_district_holds_for_every_policy(driftbell: Driftbell) -> None:
    path = at_schools(driftbell, east="audit", west="audit")
    assert driftbell("run", "--mail", "never", "--json").json["plan"]["batches"] == []
    assert not path.exists()
    told = said(driftbell, "host-west")
    assert "mode audit" in told
    assert "the policy only watches" in told


def test_explain_says_the_mode_of_the_resource_and_of_the_others(driftbell: Driftbell) -> None:
    at_schools(driftbell)
    told = said(driftbell, "host-east")
    assert "mode enforce here (enforce at east, propose at west; audit elsewhere)" in told
    assert "The next `driftbell run` runs playbooks/write.yml on it" in told
    assert driftbell("explain", "SITE-01", "host-north", "--json").json["mode"] == "audit"
