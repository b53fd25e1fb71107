"""Any chain that was not touched has nothing wrong; any that was, has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.bootstrap.evidence import _verified as verified
from agent.decide.evidence import chain
from agent.model.evidence import KINDS, Record, Sealed

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
NAME = chain.digest(PUBLIC)
WHATS = sorted(k for k in KINDS if k not in {"key", "pruned"})


def linked(contents: Sequence[tuple[str, int, str]]) -> list[Record]:
    """Give a chain of (kind, time, text), whose second record brings the key in."""
    rows: list[Record] = []
    previous = chain.FIRST
    for number, (what, at, text) in enumerate(contents, 1):
        body = chain.canonical({"public": PUBLIC.hex()} if what == "key" else {"text": text})
        content, kept = chain.digest(body), KINDS[what]
        own = chain.own(number, at, (kept, what), content, previous)
        rows.append(Record(number, at, kept, what, body, content, previous, own))
        previous = own
    return rows


def sealed(row: Record) -> Sealed:
    return Sealed(row.number, row.own, row.at, NAME, KEY.sign(chain.sealing(row.number, row.own, row.at, NAME)).hex())


def wrong(rows: Sequence[Record], seals: Sequence[Sealed], **asked: object) -> list[int]:
    said = chain.Asked(verified, **asked)  # type: ignore[arg-type]
    return [t.number for t in chain.examine(rows, seals, said).troubles]


contents = st.lists(
    st.tuples(st.sampled_from(WHATS), st.integers(0, 2**52), st.text(max_size=8)), min_size=4, max_size=12
)
chains = contents.map(lambda rest: linked([("begun", 0, ""), ("key", 0, ""), *rest]))


@given(chains, st.data())
@settings(max_examples=60, deadline=None)
def test_a_chain_that_nobody_touched_is_proven_up_to_its_last_seal(rows: list[Record], data: st.DataObject) -> None:
    last = data.draw(st.integers(2, len(rows)))
    told = chain.examine(rows, [sealed(rows[last - 1])], chain.Asked(verified))
    assert (told.troubles, told.proven, told.unsealed) == ((), ((1, last),), len(rows) - last)


@given(chains, st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_is_done_to_a_sealed_chain_is_found(rows: list[Record], data: st.DataObject) -> None:
    seals = [sealed(rows[-1])]
    place = data.draw(st.integers(0, len(rows) - 1))
    row, how = rows[place], data.draw(st.sampled_from(["field", "body", "drop", "swap", "insert", "tail", "anew"]))
    hurt = list(rows)
    if how == "field":
        hurt[place] = data.draw(
            st.sampled_from([
                replace(row, at=row.at + 1),
                replace(row, kept=f"{row.kept}x"),
                replace(row, what=f"{row.what}x"),
                replace(row, own="0" * 64),
                replace(row, previous="1" * 64),
                replace(row, digest="2" * 64),
                replace(row, body=None),
            ])
        )
    elif how == "body":
        hurt[place] = replace(row, body=(row.body or b"") + b" ")
    elif how == "drop":
        del hurt[place]
    elif how == "swap":
        other = data.draw(st.integers(0, len(rows) - 1).filter(lambda n: n != place))
        one, two = rows[place], rows[other]
        hurt[place], hurt[other] = replace(two, number=one.number), replace(one, number=two.number)
    elif how == "insert":
        hurt = [*rows[:place], row, *(replace(r, number=r.number + 1) for r in rows[place:])]
    elif how == "tail":
        hurt = rows[: max(place, 1)]
    else:  # written anew from here on, with every hash right
        hurt = linked([(r.what, r.at, f"{n} anew" if n >= place else "") for n, r in enumerate(rows)])
    assert wrong(hurt, seals), how


@given(chains, st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_changed_is_not_proven_and_the_rest_is(rows: list[Record], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    hurt = [*rows[:place], replace(rows[place], body=b"{}"), *rows[place + 1 :]]
    told = chain.examine(hurt, [sealed(rows[-1])], chain.Asked(verified))
    proven = {n for a, b in told.proven for n in range(a, b + 1)}
    assert next(t.number for t in told.troubles) == place + 1
    if rows[place].what != "key":  # without the key nobody can tell anything
        assert proven == set(range(1, len(rows) + 1)) - {place + 1}


def test_a_hash_from_outside_finds_a_chain_that_was_written_anew_with_its_seals() -> None:
    rows = linked([("begun", 0, ""), ("key", 0, ""), ("outcome", 1, "failed")])
    anew = linked([("begun", 0, ""), ("key", 0, ""), ("outcome", 1, "confirmed")])
    assert wrong(anew, [sealed(anew[-1])]) == []  # nobody can tell by the file alone
    assert wrong(anew, [sealed(anew[-1])], anchors=[(3, rows[2].own[:16])]) == [3]
    assert wrong(anew, [sealed(anew[-1])], anchors=[(4, rows[2].own[:16])]) == [4]
    assert wrong(anew, [sealed(anew[-1])], anchors=[(3, anew[2].own[:16].upper())]) == []


def test_a_key_that_is_not_the_trusted_one_is_said() -> None:
    rows = linked([("begun", 0, ""), ("key", 0, ""), ("outcome", 1, "")])
    assert wrong(rows, [sealed(rows[-1])], keys=[NAME[:16]]) == []
    assert wrong(rows, [sealed(rows[-1])], keys=["0" * 64]) == [3]
    assert wrong(rows, [sealed(rows[-1])], keys=[NAME[:1]]) == [3]  # too short to name one


def test_a_key_seals_nothing_that_stands_before_it() -> None:
    rows = linked([("begun", 0, ""), ("key", 0, ""), ("outcome", 1, "")])
    assert wrong(rows, [sealed(rows[0])]) == [1]
    assert wrong(rows, [sealed(rows[1])]) == []


def test_texts_that_json_could_write_in_two_ways_have_one_form() -> None:
    assert chain.canonical({"b": "ä\ud800\u2028", "a": [1.5, True, None]}) == (
        b'{"a":[1.5,true,null],"b":"\\u00e4\\ud800\\u2028"}'
    )
