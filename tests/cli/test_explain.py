"""`explain` for every verdict, on the last recorded look of a real ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.cli.committed import LAST_DAY, begun, waiver

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

STUDENTS = {"kind": "device", "description": "In a student's hands.", "where": {"org_unit": {"under": "/Students"}}}


def test_every_verdict_is_explained(driftbell: Driftbell) -> None:
    district = begun(driftbell)
    driftbell.write("policies/conditions/students.yaml", {"conditions": {"with-students": STUDENTS}})
    driftbell.write("policies/waivers.yaml", waiver("W-1", "device/B2"))
    where = {"is": "with-students", "status": "active"}
    district.policy("DEV-02", expect={"os_version": {"at_least": "126"}}, applies_to={"kind": "device", "where": where})
    district.devices({
        "A1": "128.0 active east /Students/9", "B2": "120.0 active east /Students", "C3": "100.0 active east /Staff",
        "D4": "? active east /Students", "E5": "100.0 active east /Students",
    })  # fmt: skip
    district.run()

    def explained(name: str) -> dict[str, object]:
        return driftbell("explain", "dev-02", name, "--json").json

    in_line = explained("a1")
    assert (in_line["verdict"], in_line["resource"]) == ("in_line", "device/A1")
    (first, second) = in_line["where"]["parts"]  # type: ignore[index]
    assert (first["holds"], first["set"], first["reading"]) == (True, "with-students", "/Students/9")
    assert (second["field"], "set" in second) == ("status", False)
    assert explained("B2")["waiver"] == {"id": "W-1", "until": LAST_DAY.isoformat()}
    scope = explained("C3")
    assert (scope["verdict"], scope["where"]["holds"], scope["expect"]["holds"]) == (None, False, False)  # type: ignore[index]
    assert (explained("D4")["verdict"], bool(explained("D4")["why"])) == ("unknown", True)
    assert explained("E5")["verdict"] == "out_of_line"

    text = driftbell("explain", "DEV-02", "B2").out
    assert all(len(line) <= 80 for line in text.splitlines() if " " in line.strip())
    assert f"device/B2: excepted by the waiver W-1 until {LAST_DAY}" in text
    assert "(with-students," in text
    assert "left out: the policy does not apply to it" in driftbell("explain", "DEV-02", "C3").out
    later = driftbell("explain", "DEV-02", "B2", "--json", "--at", f"{LAST_DAY + timedelta(days=2)}T08:00").json
    assert (later["verdict"], later["waiver"]) == ("out_of_line", None)
    assert "did you mean 'DEV-02'" in driftbell("explain", "DEV-2", "B2").err
    assert driftbell("explain", "DEV-02", "Z9").code == 2
