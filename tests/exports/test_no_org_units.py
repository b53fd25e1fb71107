"""Where no school names org units, which school a device is at cannot be told from its own: it is unknown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.catalog import KINDS
from agent.model.policy import Site
from agent.model.reading import Unknown
from agent.model.sweep import Request
from agent.systems.csv.read import CsvReader
from agent.systems.csv.spec import PRESETS
from tests.exports.build import NOW, Place_, source

if TYPE_CHECKING:
    from pathlib import Path


def test_no_school_names_its_org_units(tmp_path: Path) -> None:
    place = Place_.at(tmp_path)
    (place.exports / "list.csv").write_text("serialNumber,orgUnitPath\nABC1234,/Students/East\nABC1235,\n")
    district = replace(place.repository.district, sites={"east": Site("east", "East High")})
    reader = CsvReader(source("google_devices"), PRESETS["google_devices"], KINDS["device"], place.exports, lambda: NOW)
    asked = Request("device", (KINDS["device"].resolve("site"),))
    sweep = reader.observe(replace(place.repository, district=district), asked)
    reading = sweep.table.reading("device/ABC1234", "site")
    assert reading == Unknown("no school in policies/district.yaml names its org units")
