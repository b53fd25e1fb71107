"""A new district has the tests of the policies that it is given, and they pass there, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

LISTS = ("google_devices", "google_users", "snipe_it", "incident_iq", "printers")


@pytest.mark.parametrize(
    "words",
    [
        ("--this-machine",),
        ("--list", "google_devices", "--no-this-machine"),
        ("--name", "{Quo\"te: 'n' [hash] #", "--timezone", "Pacific/Auckland", "--school", "Hill=/X/Hill",
         *(word for name in LISTS for word in ("--list", name))),
    ],
    ids=["hosts", "one list", "all lists, another zone, a hostile name"],
)  # fmt: skip
def test_what_is_laid_down_passes_its_tests(driftbell: Driftbell, words: tuple[str, ...]) -> None:
    assert driftbell("init", "new", "--yes", *words).code == 0
    said = driftbell("test", "--repo", "new", "--json")
    assert said.code == 0, driftbell("test", "--repo", "new").out
    new = driftbell.folder / "new"
    laid = {p.stem for p in (new / "policies/tests").rglob("*.yaml")}
    waiting = {p.stem for p in (new / "later/tests").rglob("*.yaml")}
    there = {p.stem for f in ("devices", "hosts", "inventory") for p in (new / "policies" / f).glob("*.yaml")}
    assert laid
    assert waiting
    assert laid.isdisjoint(waiting)
    assert len(there - laid) <= 1, "what tests two policies waits until both are there"
    assert said.json["counts"]["passed"] >= 2 * len(laid)
    assert "Riverton Unified" not in "".join(p.read_text("utf-8") for p in (new / "policies/tests").rglob("*.yaml"))
