"""What is not taken in place of the last file until a person says so, and what that person's word then is."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from agent.errors import InputError
from tests.exports.build import NOW, PLAIN, look, source
from tests.exports.rosters import version_1_1, written
from tests.exports.test_taking import file, rows, snapshot, taken

if TYPE_CHECKING:
    from pathlib import Path

    from tests.exports.build import Place_

__all__ = ["file"]
SNIPE = (
    "Asset Tag,Serial,Asset Name,Model,Category,Status,Location,Username,Checkout Date,Purchased,Cost,"
    "Warranty Expires,Order Number,Last Audit,Company\n"
    "RU-1,5CD1,CB 1,HP 11,Chromebooks,Deployed,East High,sone,2026-01-02,2025-01-02,329,2028-01-02,PO-1,2026-05-01,R\n"
)
IIQ = source("incident_iq_assets", path="assets.csv")


def refused(place: Place_, file: Path, words: str, **options: object) -> None:
    """See that a file is refused in these words with nothing changed, and taken when somebody vouches for it."""
    what = options.get("what", PLAIN)
    before = snapshot(place)
    with pytest.raises(InputError, match="was not imported, and the file that was there stays") as caught:
        taken(place, file, what)  # type: ignore[arg-type]
    assert words in str(caught.value)
    assert "add --yes" in str(caught.value)
    assert snapshot(place) == before
    done = taken(place, file, what, vouched=True)  # type: ignore[arg-type]
    assert any(words in warning for warning in done.warnings)
    assert done.vouched
    assert done.path.read_bytes() == file.read_bytes()


def test_a_file_of_fewer_rows(place: Place_, file: Path) -> None:
    taken(place, file)
    file.write_text(rows(18), encoding="utf-8")
    assert not taken(place, file).warnings
    file.write_text(rows(16), encoding="utf-8")
    refused(place, file, "It has 16 rows, and the file that was there had 18.")
    assert taken(place, file).before == 16


def test_a_file_of_fewer_rows_than_one_that_nobody_imported(place: Place_, file: Path) -> None:
    (place.exports / "list.csv").write_text(rows(30), encoding="utf-8")
    refused(place, file, "It has 20 rows, and the file that was there had 30.")


def test_a_first_file_needs_nobody(place: Place_, file: Path) -> None:
    file.write_text("Serial\nA1\n", encoding="utf-8")
    assert not taken(place, file).vouched


def test_an_older_file_by_its_name(place: Place_, file: Path) -> None:
    taken(place, file)
    older = file.with_name("devices-2026-10-12.csv")
    older.write_text(rows(21), encoding="utf-8")
    refused(place, older, "It is older (2026-10-12) than the file that was there (2026-10-14).")


def test_an_older_file_by_its_newest_time(place: Place_, file: Path) -> None:
    taken(place, file)
    older = file.with_name("devices.csv")
    older.write_text(rows(20).replace("2026-10-13", "2026-10-03"), encoding="utf-8")
    refused(place, older, "It is older (2026-10-03) than the file that was there (2026-10-13).")
    older.write_text(rows(20).replace("2026-10-13", "2026-10-04"), encoding="utf-8")
    assert not any("older" in w for w in taken(place, older).warnings)


def test_a_file_without_a_date_is_not_older_for_that(place: Place_, file: Path) -> None:
    taken(place, file, as_of=NOW)
    plain = file.with_name("devices.csv")
    plain.write_text(rows(21), encoding="utf-8")
    assert not any("older" in w for w in taken(place, plain).warnings)


def test_a_file_that_fits_another_preset_better(place: Place_, file: Path) -> None:
    good = "Asset Tag,Serial Number,Name,Model,Asset Type,Status,Location,Owner Email\nRU-1,5CD1,x,y,z,Storage,east,\n"
    file.write_text(good, encoding="utf-8")
    assert not any("looks like" in w for w in taken(place, file, IIQ).warnings)
    file.write_text(SNIPE, encoding="utf-8")
    refused(place, file, "This looks like snipe_it: say --as snipe_it, or --yes.", what=IIQ)


def test_at_first_a_file_that_fits_another_preset_better_is_said(place: Place_, file: Path) -> None:
    file.write_text(SNIPE, encoding="utf-8")
    assert "This looks like snipe_it: say --as snipe_it." in taken(place, file, IIQ).warnings


def test_a_file_of_another_product_without_the_key_is_told_what_it_is(place: Place_, file: Path) -> None:
    file.write_text(SNIPE.replace("Serial", "Seriennummer"), encoding="utf-8")
    with pytest.raises(InputError, match="This looks like snipe_it: say --as snipe_it") as caught:
        taken(place, file)
    assert 'its columns are "Asset Tag", "Seriennummer"' in str(caught.value)


def test_a_file_that_lost_most_of_its_columns(place: Place_, file: Path) -> None:
    snipe = source("snipe_it", path="assets.csv")
    file.write_text(SNIPE, encoding="utf-8")
    taken(place, file, snipe)
    file.write_text("Asset Tag,Serial,Asset Name\nRU-1,5CD1,CB 1\n", encoding="utf-8")
    refused(place, file, "It has columns for 3 of the 17 fields that snipe_it reads.", what=snipe)
    file.write_text("Asset Tag,Serial,Asset Name\nRU-1,5CD1,CB 2\n", encoding="utf-8")
    assert not taken(place, file, snipe).vouched  # as short as the last one, which a person let in


def test_of_a_list_without_a_preset_nothing_is_supposed(place: Place_, file: Path) -> None:
    own = source(kind="asset", key="tag", columns={"tag": "Asset Tag", "name": "Nickname"}, path="assets.csv")
    for extra in ("", "RU-2\n"):
        file.write_text(SNIPE + extra.replace("\n", "," * 14 + "\n"), encoding="utf-8")
        assert not any("looks like" in w for w in taken(place, file, own).warnings)


def test_a_short_list_that_always_was_short(place: Place_, file: Path) -> None:
    for number in (20, 21):
        file.write_text(rows(number), encoding="utf-8")
        assert not taken(place, file).warnings


def test_the_word_of_a_person_is_for_those_bytes_alone(place: Place_, file: Path) -> None:
    taken(place, file)
    assert not look(place, PLAIN).vouched
    file.write_text(rows(5), encoding="utf-8")
    taken(place, file, vouched=True)
    assert look(place, PLAIN).vouched
    assert json.loads((place.exports / "list.csv.taken.json").read_text(encoding="utf-8"))["vouched"] is True
    assert taken(place, file).vouched  # the same bytes again
    (place.exports / "list.csv").write_text(rows(6), encoding="utf-8")
    assert not look(place, PLAIN).vouched
    file.write_text(rows(7), encoding="utf-8")
    taken(place, file)
    assert not look(place, PLAIN).vouched


def test_an_archive_that_somebody_vouched_for(place: Place_) -> None:
    path = written(place.exports / "roster.zip", version_1_1())
    what = source(type="oneroster", kind="person", path="roster.zip")
    assert not look(place, what).vouched
    note = {"original": "r.zip", "as_of": NOW.isoformat(), "how": "it was said when it was imported", "rows": 4,
            "sha256": sha256(path.read_bytes()).hexdigest(), "imported": NOW.isoformat(), "vouched": True}  # fmt: skip
    path.with_name("roster.zip.taken.json").write_text(json.dumps(note), encoding="utf-8")
    assert look(place, what).vouched
