"""Calendars as tests write them down."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from agent.decide.hours import Hours, compiled
from agent.model.calendar import Calendar, Days, Kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def spans(texts: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Give the seconds of spans such as 08:10-11:40."""
    return tuple((_second(text[:5]), _second(text[6:])) for text in texts)


def bells(said: Mapping[str, Iterable[str]]) -> dict[int, tuple[tuple[int, int], ...]]:
    return {WEEK.index(day): spans(texts) for day, texts in said.items()}


def weekdays(*texts: str) -> dict[int, tuple[tuple[int, int], ...]]:
    return dict.fromkeys(range(5), spans(texts))


def every_day(*texts: str) -> dict[int, tuple[tuple[int, int], ...]]:
    return dict.fromkeys(range(7), spans(texts))


def closed(first: str, last: str = "", name: str = "Break") -> Days:
    return Days(Kept.CLOSED, name, date.fromisoformat(first), date.fromisoformat(last or first))


def hours(
    zone: str,
    rings: Mapping[int, tuple[tuple[int, int], ...]],
    *days: Days,
    years: tuple[tuple[str, date, date], ...] = (),
) -> Hours:
    return compiled(Calendar("school", "School", zone, rings, years, days))


def _second(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 3600 + int(minute) * 60
