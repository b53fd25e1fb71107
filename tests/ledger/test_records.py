"""Every noun that the ledger keeps comes back as it went in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy.exc import StatementError

from agent.ledger import records
from agent.ledger.packing import DamagedError, pack, unpack
from tests.ledger import strategies
from tests.ledger.nouns import START, action, batch, run

if TYPE_CHECKING:
    from agent.ledger.store import LedgerStore
    from agent.model.action import Action, Batch
    from agent.model.run import Run

MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(strategies.runs)
def test_a_run_comes_back(noun: Run) -> None:
    assert records.run_from_json(unpack(pack(records.run_to_json(noun)))) == noun


@MANY
@given(strategies.batches)
def test_a_batch_comes_back(noun: Batch) -> None:
    assert records.batch_from_json(unpack(pack(records.batch_to_json(noun)))) == noun


@MANY
@given(strategies.actions)
def test_an_action_comes_back(noun: Action) -> None:
    assert records.action_from_json(unpack(pack(records.action_to_json(noun)))) == noun


def test_the_json_is_plain() -> None:
    value = records.run_to_json(run("r1"))
    assert records.run_from_json(json.loads(json.dumps(value))) == run("r1")
    assert value["at"] == "2026-10-14T06:30:00+00:00"  # type: ignore[index]


def test_a_time_in_another_zone_is_kept_in_utc() -> None:
    there = datetime(2026, 10, 14, 1, 30, tzinfo=timezone(timedelta(hours=-5)))
    value = records.run_to_json(replace(run("r1"), at=there))
    assert value["at"] == "2026-10-14T06:30:00+00:00"  # type: ignore[index]
    assert records.run_from_json(value).at == there == START


def test_a_time_without_a_zone_is_refused(ledger: LedgerStore) -> None:
    naive = datetime(2026, 10, 14, 6, 30)  # ruff: ignore[call-datetime-without-tzinfo] - that is the point
    with pytest.raises(ValueError, match="without a zone"):
        records.run_to_json(replace(run("r1"), at=naive))
    with pytest.raises(StatementError, match="without a zone"):
        ledger.begin("r2", "run", "c0ffee", naive)


def test_arguments_may_be_frozen_and_must_be_plain() -> None:
    frozen = replace(action(), arguments=MappingProxyType({"vars": MappingProxyType({"a": (1, 2)})}))
    assert records.action_from_json(records.action_to_json(frozen)).arguments == {"vars": {"a": [1, 2]}}
    with pytest.raises(TypeError, match="datetime is no plain value"):
        records.action_to_json(replace(action(), arguments={"at": START}))


def test_long_values_are_compressed_and_damage_is_told() -> None:
    noun = batch("a", *(action(f"host/{n}") for n in range(500)))
    body = pack(records.batch_to_json(noun))
    assert len(body) < 10_000
    assert records.batch_from_json(unpack(body)) == noun
    with pytest.raises(DamagedError):
        unpack(body[:100])
    with pytest.raises(DamagedError):
        unpack(b"\xff")
