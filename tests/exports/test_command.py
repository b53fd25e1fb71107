"""`driftbell import` as a user runs it, and what `check` then makes of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

ROOT = Path(__file__).parent.parent.parent
CASES = ROOT / "tests" / "cases" / "exports"


def test_an_export_is_imported_as_a_preset_and_the_lines_to_add_are_printed(driftbell: Driftbell) -> None:
    file = driftbell.folder / "devices-2026-10-14.csv"
    file.write_bytes((CASES / "google_devices_console.csv").read_bytes())
    said = driftbell("import", str(file), "--as", "google_devices")
    assert said.code == 0, said.err
    for words in (
        "devices-2026-10-14.csv: 4 rows, read to the end; 4 of them can be used as devices",
        "dated 2026-10-14 00:00 CDT: the date in its name says so",
        "serial         Serial number",
        "assigned_user  User                    ********",
        "Columns that nobody reads: Device ID, Notes",
        "  google_devices: {type: csv, kind: device, path: google_devices.csv, preset: google_devices, fresh",
    ):
        assert words in said.out
    assert "preset: google_devices, fresh_for: 8 days}" in said.out
    assert "s.one@riverton.example" not in said.out
    assert (driftbell.state / "exports" / "google_devices.csv").read_bytes() == file.read_bytes()


def test_an_export_is_imported_as_a_system_and_told_as_data(driftbell: Driftbell) -> None:
    assets = {"type": "csv", "kind": "asset", "path": "lists/assets.csv", "key": "serial",
              "columns": {"serial": "Serial No", "site": {"from": "Building", "map": {"E": "east"}}}}  # fmt: skip
    driftbell.write("inventory/systems.yaml", {"systems": {"assets": assets}})
    file = driftbell.folder / "a.csv"
    file.write_text("Serial No,Building,Colour\nA1,E,red\nA2,W,red\n", encoding="utf-8")
    done = driftbell("import", str(file), "--as", "assets", "--dated", "2026-10-14T06:00-05:00", "--json").json[
        "imported"
    ]
    assert (done["rows"], done["resources"], done["membership"]) == (2, 2, "proven")
    assert done["as_of"] == "2026-10-14T06:00:00-05:00"
    assert done["columns_not_read"] == ["Colour"]
    assert done["no_such_school"] == {"W": 1}
    assert (driftbell.state / "exports" / "lists" / "assets.csv").exists()


def test_what_cannot_be_imported_is_a_sentence(driftbell: Driftbell) -> None:
    file = driftbell.folder / "a.csv"
    file.write_text("", encoding="utf-8")
    empty = driftbell("import", str(file), "--as", "google_devices")
    assert empty.code == 2
    assert "a.csv is empty. Nothing was imported." in empty.err
    nobody = driftbell("import", str(file), "--as", "gogle_devices")
    assert nobody.code == 2
    assert "did you mean 'google_devices'" in nobody.err
    nowhere = driftbell("import", "nowhere.csv", "--as", "google_devices")
    assert "nowhere.csv cannot be read" in nowhere.err
    later = driftbell("import", str(file), "--as", "google_devices", "--dated", "soon")
    assert later.code == 2


def test_a_file_that_looks_wrong_is_taken_when_somebody_vouches_for_it(driftbell: Driftbell) -> None:
    file = driftbell.folder / "a.csv"
    rows = [f"A{n},x,2026-10-13\n" for n in range(20)]
    file.write_text("Serial,Model,Last Sync\n" + "".join(rows), encoding="utf-8")
    assert driftbell("import", str(file), "--as", "generic_devices").code == 0
    file.write_text("Serial,Model,Last Sync\n" + "".join(rows[:5]), encoding="utf-8")
    said = driftbell("import", str(file), "--as", "generic_devices")
    assert said.code == 2
    assert "It has 5 rows, and the file that was there had 20. If it is right, add --yes." in said.err
    done = driftbell("import", str(file), "--as", "generic_devices", "--yes", "--json")
    assert done.code == 0
    assert done.json["imported"]["vouched"] is True


def test_the_lines_to_add_are_lines_that_are_read(driftbell: Driftbell) -> None:
    file = driftbell.folder / "a.csv"
    file.write_text("Serial,Model,Last Sync\nA1,x,2025-10-13\n", encoding="utf-8")
    added = driftbell("import", str(file), "--as", "generic_devices", "--json").json["imported"]["add_to_systems_yaml"]
    (driftbell.repo / "inventory").mkdir(exist_ok=True)
    (driftbell.repo / "inventory" / "systems.yaml").write_text("\n".join([*added, ""]), encoding="utf-8")
    again = driftbell("import", str(file), "--as", "generic_devices", "--json")
    assert again.code == 0, again.err
    assert again.json["imported"]["add_to_systems_yaml"] == []


def test_names_are_completed(driftbell: Driftbell) -> None:
    words = {
        "_DRIFTBELL_COMPLETE": "complete_bash",
        "COMP_WORDS": "driftbell import a.csv --as goog",
        "COMP_CWORD": "4",
    }
    done = subprocess.run(
        [sys.executable, "-m", "agent"],
        cwd=driftbell.folder, env={**os.environ, **words, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["google_devices", "google_users"]


def test_a_file_that_is_not_whole_leaves_with_three(driftbell: Driftbell) -> None:
    file = driftbell.folder / "a.csv"
    file.write_text('Serial,Model\nA1,x\nA2,"y', encoding="utf-8")
    said = driftbell("import", str(file), "--as", "generic_devices")
    assert said.code == 3
    assert "Careful: It may not be whole: the file breaks off in row 3." in said.out


KILLED = """
import os, signal
from pathlib import Path
from tests.exports.test_taking import taken
from tests.exports.build import Place_, PLAIN
from agent.systems.csv import taking
real = taking._put
def dying(*words, **options):
    os.kill(os.getpid(), signal.SIGKILL)
taking._put = dying
folder = Path({folder!r})
taken(Place_(folder / "exports", folder), folder / "new.csv")
"""


def test_an_import_that_is_killed_leaves_the_old_file(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "list.csv").write_text("Serial,Model\nA1,x\n", encoding="utf-8")
    (tmp_path / "new.csv").write_text("Serial,Model\nA2,x\n", encoding="utf-8")
    program = KILLED.format(folder=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == -signal.SIGKILL
    assert (exports / "list.csv").read_text(encoding="utf-8") == "Serial,Model\nA1,x\n"
    left = [p for p in exports.iterdir() if p.name != "list.csv"]
    assert all(p.name.startswith(".list.csv.") for p in left)
    for path in left:
        os.utime(path, (0, 0))
    again = KILLED.format(folder=str(tmp_path)).replace(
        "os.kill(os.getpid(), signal.SIGKILL)", "return real(*words, **options)"
    )
    subprocess.run([sys.executable, "-c", again], cwd=ROOT, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert sorted(p.name for p in exports.iterdir()) == ["list.csv", "list.csv.before", "list.csv.taken.json"]
