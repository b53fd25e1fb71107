"""What a change of the policies means: judged on the last look of a real ledger, between real commits."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.committed import LAST_DAY, begun, waiver

if TYPE_CHECKING:
    from tests.cli.committed import District
    from tests.cli.fixtures import Driftbell


@pytest.fixture
def district(driftbell: Driftbell) -> District:
    """Give a district whose last look found A1 and B2 out of line with DEV-02, at a tag `seen`."""
    made = begun(driftbell)
    made.policy("DEV-05", expect={"status": "active"})
    made.policy("DEV-08", expect={"org_unit": {"exists": True}})
    made.devices({
        "A1": "125.0 active east /Students", "B2": "120.0 lost east /Students", "C3": "140.0 active", "D4": "? active",
    })  # fmt: skip
    made.commit("Second policy")
    made.git("tag", "seen")
    made.run()
    return made


def shifts(document: dict[str, Any], policy: str) -> dict[str, tuple[str, str]]:
    """What changes of a policy, by resource."""
    (one,) = (p for p in document["policies"] if p["policy"] == policy)
    return {f["resource"].partition("/")[2]: (f["before"], f["after"]) for f in one["findings"]}


def test_removals_additions_and_changes(district: District) -> None:
    driftbell = district.driftbell
    assert driftbell("diff", "seen", "HEAD").code == 0
    (driftbell.repo / "policies" / "devices" / "DEV-05.yaml").unlink()
    district.policy("DEV-02", expect={"os_version": {"at_least": "122"}}, applies_to={"kind": "device", "where": {
        "org_unit": {"under": "/Students"}}}, severity="high")  # fmt: skip
    district.policy("DEV-09", expect={"org_unit": {"exists": True}}, title="New | <b>bold</b> @all [x](http://evil)")
    district.commit("Other rules")

    told = driftbell("diff", "seen", "HEAD", "--json")
    assert told.code == 1
    document = told.json
    assert [(p["policy"], p["change"]) for p in document["policies"]] == [
        ("DEV-05", "removed"), ("DEV-09", "added"), ("DEV-02", "changed"),
    ]  # fmt: skip
    assert shifts(document, "DEV-05") == {"B2": ("out_of_line", "not_there")}
    assert shifts(document, "DEV-02") == {
        "A1": ("out_of_line", "in_line"),
        "B2": ("out_of_line", "out_of_line"),
        "C3": ("in_line", "out_of_scope"),
        "D4": ("unknown", "out_of_scope"),
    }
    assert shifts(document, "DEV-09") == {
        "C3": ("not_there", "out_of_line"), "D4": ("not_there", "out_of_line"),
    }  # fmt: skip
    edits = {e["what"]: (e["before"], e["after"]) for p in document["policies"] for e in p["edits"]}
    assert edits == {
        "severity": ("medium", "high"),
        "where org_unit": ("", "/Students or below it"),
        "expect os_version": ("at least 126", "at least 122"),
    }

    text = driftbell("diff", "seen..HEAD").out
    assert all(len(line) <= 80 for line in text.splitlines())
    assert text.index("Removed") < text.index("Added") < text.index("Changed")
    assert "1 finding closes with it" in text
    markdown = driftbell("diff", "seen", "--markdown").out
    assert "<b>" not in markdown
    assert "@all" not in markdown
    assert "](http" not in markdown
    assert "| DEV-05 Title of DEV-05 | removed | audit | 1 |" in markdown


def test_what_the_last_look_did_not_read_is_never_no_change(district: District) -> None:
    driftbell = district.driftbell
    systems = (driftbell.repo / "inventory" / "systems.yaml").read_text(encoding="utf-8")
    driftbell.write("inventory/systems.yaml", systems.replace("status: Status", "status: Status\n      model: Status"))
    district.policy("DEV-05", expect={"asset_tag": {"exists": True}})
    said = driftbell("diff", "seen")
    assert said.code == 3
    assert "cannot be told from the last look: device.asset_tag; run with --fresh" in said.out
    fresh = driftbell("diff", "seen", "--fresh", "--json").json
    assert {after for _, after in shifts(fresh, "DEV-05").values()} == {"unknown"}
    assert fresh["policies"][0]["untold"] == []


def test_a_waiver_and_a_school_change_findings_without_a_policy(district: District) -> None:
    driftbell = district.driftbell
    driftbell.write("policies/waivers.yaml", waiver("W-1", "device/A1"))
    told = driftbell("diff", "HEAD", "--json")
    assert told.code == 1
    assert shifts(told.json, "DEV-02") == {"A1": ("out_of_line", "excepted")}
    assert [(p["policy"], p["change"]) for p in told.json["policies"]] == [("DEV-02", "same")]
    assert [e["what"] for e in told.json["surroundings"]] == ["waiver W-1"]
    late = driftbell("diff", "HEAD", "--json", "--at", f"{LAST_DAY + timedelta(days=2)}T08:00")
    assert late.json["policies"] == [], "its last day is over then"


def test_names_of_revisions(district: District) -> None:
    driftbell = district.driftbell
    district.git("branch", "stricter-rules")
    for name in ("HEAD~1", "HEAD^", "main~1", "seen~1", district.git("rev-parse", "HEAD~1")[:10]):
        assert driftbell("diff", name, "seen").code in {0, 1, 3}, name
    wrong = driftbell("diff", "stricter-rule")
    assert (wrong.code, "did you mean 'stricter-rules'?" in wrong.err) == (2, True)
    for hostile in ("--output=x", "-x", "a b", "$(id)", "..", "HEAD:policies"):
        assert driftbell("diff", "--", hostile).code == 2, hostile


def test_a_revision_that_does_not_load(district: District) -> None:
    driftbell = district.driftbell
    path = driftbell.write("policies/devices/DEV-07.yaml", "policy: DEV-07\nseverity: dreadful\n")
    district.commit("A mistake")
    newer = driftbell("diff", "seen")
    assert newer.code == 2
    assert "policies/devices/DEV-07.yaml:2" in newer.err
    path.unlink()
    district.commit("Mended")
    older = driftbell("diff", "HEAD~1", "HEAD")
    assert older.code == 3
    assert "The older revision does not load" in older.out
    assert "policies/devices/DEV-07.yaml:2" in older.out
    assert "DEV-02" in older.out


def test_a_git_url_is_compared_by_its_branches(district: District) -> None:
    driftbell = district.driftbell
    district.git("checkout", "--quiet", "-b", "loose")
    district.policy("DEV-02", expect={"os_version": {"at_least": "100"}})
    district.commit("Loose")
    district.git("checkout", "--quiet", "main")
    url = f"file://{driftbell.repo}"
    told = driftbell("diff", "main", "loose", "--json", "--repo", f"{url}#main")
    assert told.code == 1
    assert set(shifts(told.json, "DEV-02")) == {"A1", "B2"}
    assert "did you mean 'loose'" in driftbell("diff", "main", "loos", "--repo", url).err


def test_before_the_first_look_nothing_is_told(driftbell: Driftbell) -> None:
    from tests.cli.committed import SYSTEMS, District

    district = District(driftbell)
    driftbell.write("inventory/systems.yaml", SYSTEMS)
    assert "no commits in git" in driftbell("diff", "HEAD").err
    district.commit("Nothing")
    district.policy("DEV-02", expect={"os_version": {"at_least": "126"}})
    said = driftbell("diff", "HEAD")
    assert said.code == 3
    assert "Nothing was looked at yet" in said.out
