"""A newer look laid over an older one: each cell that was read again, and nothing else, is as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from agent.decide.columns import Columns, Row, assemble, build
from agent.decide.overlay import overlay
from agent.model.kind import FieldRef, FieldType
from agent.model.reading import NONE, Unknown

if TYPE_CHECKING:
    from agent.model.reading import Reading

TYPES = {"a": FieldType.TEXT, "b": FieldType.NUMBER, "c": FieldType.LIST, "d": FieldType.BOOLEAN}
VALUES = {"a": ("x", "y"), "b": (1, 2.5), "c": (("p",), ()), "d": (True, False)}


def field(name: str) -> FieldRef:
    return FieldRef(name, name, "", "", TYPES[name])


@st.composite
def tables(draw: st.DrawFn) -> Columns:
    fields = draw(st.lists(st.sampled_from(sorted(TYPES)), unique=True))
    rows = [Row(r, draw(st.sampled_from(("east", ""))), {f: draw(readings(f)) for f in fields}) for r in draw(ids())]
    return build([field(f) for f in fields], rows)


def ids() -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from([f"device/{n}" for n in range(6)]), unique=True)


def readings(name: str) -> st.SearchStrategy[Reading]:
    return st.sampled_from((*VALUES[name], NONE, Unknown("it was silent"), Unknown("not read")))


def expected(old: Columns, new: Columns, resource: str, name: str) -> Reading:
    if resource in new.index and name in new.fields:
        return new.reading(resource, name)
    return old.reading(resource, name) if resource in old.index else Unknown("not read")


@given(tables(), tables())
def test_every_cell_is_as_the_newest_look_that_read_it_has_it(old: Columns, new: Columns) -> None:
    merged = overlay(old, new)
    assert merged.ids() == tuple(dict.fromkeys([*old.ids(), *new.ids()]))
    assert list(merged.fields) == list(dict.fromkeys([*old.fields, *new.fields]))
    for resource in merged.ids():
        assert merged.site(resource) == (old if resource in old.index else new).site(resource)
        for name in merged.fields:
            assert merged.reading(resource, name) == expected(old, new, resource, name)
            if isinstance(merged.reading(resource, name), Unknown):
                assert merged.reason(resource, name), "somebody will ask why"


def test_reasons_of_whole_rows_and_columns_stay_where_nothing_was_read_again() -> None:
    silent = build([field("a"), field("b")], [Row("device/1", "", {}), Row("device/2", "", {})])
    rows = {("device/1", ""): "it was silent", ("", "b"): "nobody exports it"}
    old = Columns(silent.frame, silent.fields, rows, silent.index)
    new = Columns(build([field("a")], [Row("device/2", "", {})]).frame, {"a": FieldType.TEXT}, {}, {"device/2": 0})
    merged = overlay(old, new)
    assert merged.reading("device/1", "a") == Unknown("it was silent")
    assert merged.reading("device/2", "b") == Unknown("nobody exports it")
    assert merged.reading("device/2", "a") == Unknown("not read"), "and not what was said of it before"


def test_a_field_of_another_type_is_known_only_where_it_was_read_again() -> None:
    old = build([field("a")], [Row("device/1", "", {"a": "x"}), Row("device/2", "", {"a": "x"})])
    changed = FieldRef("a", "a", "", "", FieldType.NUMBER)
    merged = overlay(old, build([changed], [Row("device/1", "", {"a": 3})]))
    assert merged.fields == {"a": FieldType.NUMBER}
    assert (merged.reading("device/1", "a"), merged.reading("device/2", "a")) == (3, Unknown("not read"))


def test_nothing_over_nothing_is_nothing() -> None:
    nothing = assemble([], [], [], {})
    assert overlay(nothing, nothing).ids() == ()
