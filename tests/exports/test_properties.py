"""Whatever bytes a file holds: reading it ends with a sweep, and every value in it stands in the file."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.catalog import KINDS
from agent.model.reading import NONE, Unknown
from agent.systems.csv.keys import fold
from agent.systems.csv.spec import PRESETS
from agent.systems.csv.times import read_times
from tests.exports.build import Place_, seen, source
from tests.exports.rosters import version_1_2, written

WHITE = " \t\r\n\x0b\x0c\x85\xa0\u2028\u2029"  # what is a blank for everybody
CALM = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
HEADS = sorted({c for p in PRESETS.values() for m in p.columns for c in m.columns})
CELLS = st.one_of(
    st.sampled_from([
        "", " ", "N/A", "0", "1,299", "yes", "East High", "/Students/East", "10/11/2026", "13/10/2026", "46309.5",
        "=1+1",
        "2026-10-14", "Total", "12", "active", "Default string", "126.0.1", "64 GB", '="001"', "\ufffd",
        "s@riverton.example",
    ]),
    st.text(max_size=12),
)  # fmt: skip
TABLES = st.tuples(
    st.sampled_from(sorted(PRESETS)),
    st.lists(st.sampled_from(HEADS), min_size=1, max_size=6),
    st.lists(st.lists(CELLS, min_size=0, max_size=7), max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
)


def observed(data: bytes, preset: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sweep = seen(Place_.at(Path(folder)), data, source(preset))
    assert sweep.expected >= sweep.seen >= 0
    assert bool(sweep.trouble) <= (not sweep.proven)
    assert len(set(sweep.table.ids())) == len(sweep.table.ids())
    for note in (*sweep.notes, sweep.membership):
        assert note.isprintable(), note


@CALM
@given(st.binary(max_size=300), st.sampled_from(sorted(PRESETS)))
def test_any_bytes_end_in_a_sweep(data: bytes, preset: str) -> None:
    observed(data, preset)


@CALM
@given(st.binary(max_size=80), st.binary(max_size=80), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_any_bytes_below_a_header_end_in_a_sweep(first: bytes, second: bytes, encoding: str) -> None:
    head = "Serial,Model,Status,School,Last Sync,Encrypted,Storage Free\nAB1,x,active,cedar,2026-10-14,yes,4 GB\n"
    observed(first[:3] + head.encode(encoding) + first + b"\n" + second, "generic_devices")


@CALM
@given(TABLES)
def test_any_table_ends_in_a_sweep(table: tuple[str, list[str], list[list[str]], str]) -> None:
    preset, heads, rows, delimiter = table
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    key = next(m for m in PRESETS[preset].columns if m.field == PRESETS[preset].key)
    writer.writerows([[key.columns[0], *heads], *rows])
    observed(out.getvalue().encode("utf-8", "replace"), preset)


@CALM
@given(st.lists(st.tuples(st.integers(0, 30), CELLS, CELLS), max_size=20))
def test_no_text_is_invented(rows: list[tuple[int, str, str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["Serial", "Model", "Room"], *((f"AB{n}", a, b) for n, a, b in rows)])
    with tempfile.TemporaryDirectory() as folder:
        sweep = seen(Place_.at(Path(folder)), out.getvalue().encode("utf-8", "replace"), source("generic_devices"))
    for resource in sweep.table.ids():
        number = int(resource.removeprefix("device/AB"))
        mine = {row for row in rows if row[0] == number}
        for place, field in ((1, "model"), (2, "location")):
            reading = sweep.table.reading(resource, field)
            if isinstance(reading, Unknown) or reading is NONE:
                continue
            for cell in (str(row[place]) for row in mine):  # every row of that key says so
                forms = {cell, cell.strip(), cell.strip(WHITE)}
                assert reading in forms or f'="{reading}"' in forms


@CALM
@given(st.lists(st.dates(date(1990, 1, 1), date(2100, 1, 1)), min_size=1, max_size=30), st.booleans())
def test_a_column_of_dates_is_right_or_unknown(days: list[object], day_first: bool) -> None:
    shape = "%d/%m/%Y" if day_first else "%m/%d/%Y"
    texts = {day: day.strftime(shape) for day in days}  # type: ignore[attr-defined]
    zone = ZoneInfo("America/Chicago")
    times = read_times(sorted(set(texts.values())), "", zone)
    for day, text in texts.items():
        if text in times.values:
            micros = times.values[text]
            assert micros is not None
            assert datetime.fromtimestamp(micros / 1_000_000, zone).date() == day
        else:
            assert text in times.whys


@CALM
@given(st.text(max_size=30))
def test_any_text_is_a_time_or_has_a_reason(text: str) -> None:
    for shape in ("", "day first", "%d/%m/%Y %H:%M"):
        times = read_times([text], shape, ZoneInfo("America/Chicago"))
        assert (text in times.values) != (text in times.whys)


@CALM
@given(st.text(max_size=10))
def test_a_key_means_the_same_however_it_is_written(text: str) -> None:
    match = KINDS["device"].fields[0].match
    once = fold(pl.Series([text], dtype=pl.String), match)
    again = fold(pl.Series([f"  {once[0].lower()}\t", once[0]], dtype=pl.String), match)
    if text.isascii():
        assert again.to_list() == [once[0], once[0]]


@CALM
@given(st.integers(0, 4000), st.binary(min_size=1, max_size=6), st.integers(0, 4000))
def test_a_damaged_archive_ends_in_a_sweep(at: int, junk: bytes, cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Place_.at(Path(folder))
        path = written(place.exports / "roster.zip", version_1_2())
        data = bytearray(path.read_bytes())
        data[at % len(data) : at % len(data) + len(junk)] = junk
        path.write_bytes(data[: max(1, len(data) - cut if cut % 3 == 0 else len(data))])
        sweep = seen(place, path.read_bytes(), source(type="oneroster", kind="person", path="roster.zip"))
    assert sweep.trouble or sweep.table.ids()
