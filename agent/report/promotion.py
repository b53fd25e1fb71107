"""One step on the trust path in words: what a policy would have done, what it would do now, and what holds it."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent import __version__
from agent.model.finding import Closed
from agent.model.policy import Mode
from agent.report import words
from agent.report.discreet import fenced
from agent.report.document import SCHEMA, Json
from agent.report.fitting import fitted
from agent.report.plain import ended, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.promotion import Bar, Promotion

HELD = 4  # the exit code
_ENDS = {
    Closed.FIXED: "fixed and confirmed",
    Closed.ITSELF: "came right by itself",
    Closed.LEFT_SCOPE: "left what it applies to",
    Closed.GONE: "gone from a complete list",
    Closed.POLICY_REMOVED: "ended with the policy",
}
_NOW = {Mode.PROPOSE: "If it asked first now", Mode.ENFORCE: "If it might fix now"}
_LASTED = {Mode.AUDIT: "watched", Mode.PROPOSE: "asked first"}


def exit_code(told: Promotion) -> int:
    """Give 4 where something holds the step, else 0."""
    return HELD if told.held else 0


def lines(told: Promotion, width: int = 80) -> list[str]:
    """Give the account as lines, none wider than `width` where words allow; the patch stands behind it."""
    return [line for text in _lines(told) for line in fitted(text, width, 4)]


def _lines(told: Promotion) -> Iterator[str]:
    where = f" at {words.listed([plain(n) for n in told.sites.values()])}" if told.sites else ""
    step = f"{words.MODES[told.mode]} ({told.mode}) to {words.MODES[told.wanted]} ({told.wanted})"
    yield f"{plain(told.policy)}: {plain(told.title)}"
    yield f"  {plain(told.place)}; from {step}{plain(where)}"
    yield from _past(told)
    yield from _decided(told)
    yield from _sight(told)
    yield from _present(told)
    yield from (f"Mind: {ended(plain(caveat))}" for caveat in told.caveats)
    yield from _bars(told)


def _past(told: Promotion) -> Iterator[str]:
    past, zone = told.past, ZoneInfo(told.timezone)
    if past.since is None:
        return
    days, looks = words.counted(past.days, "day"), words.counted(past.looks, "time")
    yield (
        f"It has {_LASTED.get(told.mode, 'fixed')} since {words.date(past.since, zone, told.at)} ({days}) with this "
        f"content, and was looked at {looks}, on {words.counted(past.look_days, 'day')}."
    )
    ends = [f"{n:,} {_ENDS[how]}" for how in Closed if (n := past.closed.get(how, 0))]
    ended_how = f" ({', '.join(ends)})" if ends else ""
    yield (
        f"  It found {words.counted(past.opened, 'thing')}, beside {past.before:,} open before: "
        f"{sum(past.closed.values()):,} ended{ended_how}, {past.open:,} {'is' if past.open == 1 else 'are'} open now."
    )
    if past.opened:
        yield f"  It would have asked for {_rate(past.a_day)} a day; {_most(told)}"
    if past.returned:
        yield f"  {words.number(past.returned)} came back after having come right."


def _rate(number: float) -> str:
    return f"{number:.1f}" if number >= 0.1 else "less than 0.1"  # ruff: ignore[magic-value-comparison] - what one digit behind the point can show


def _most(told: Promotion) -> str:
    past, zone = told.past, ZoneInfo(told.timezone)
    day, most = max(past.by_day.items(), key=itemgetter(1, 0))
    when = words.date(told.at.replace(year=day.year, month=day.month, day=day.day), zone, told.at)
    over_days = sum(told.day_limit is not None and n > told.day_limit for n in past.by_day.values())
    over_runs = sum(told.run_limit is not None and n > told.run_limit for n in past.by_run)
    over = [words.counted(over_runs, "run") for _ in [0] if over_runs]
    over += [words.counted(over_days, "day") for _ in [0] if over_days]
    limits = f"its limits are {_limit(told.run_limit)} in one run and {_limit(told.day_limit)} a day"
    beyond = f", which {words.listed(over)} went beyond" if over else ""
    return f"the most in one day were {most:,} (on {when}), in one run {past.by_run[0]:,}; {limits}{beyond}."


def _limit(number: int | None) -> str:
    return "any number" if number is None else f"{number:,}"


def _decided(told: Promotion) -> Iterator[str]:
    said = told.decided
    if said.all:
        rate = f"{said.rejected:.0f}%"
        yield f"  Of its proposals {said.approved:,} got a yes and {said.denied:,} a no ({rate} rejected)."
        yield from (f'    "{ended(plain(fenced(why)))}"' for why in said.whys[:3])


def _sight(told: Promotion) -> Iterator[str]:
    sight = told.sight
    if sight.judged:
        share = f" ({sight.dark:.0f}%)" if sight.unknown else ""
        yield f"On the last look it judged {sight.judged:,}; {sight.unknown:,} could not be checked{share}."


def _present(told: Promotion) -> Iterator[str]:
    now, name = told.present, _NOW[told.wanted]
    if not now.wants:
        yield f"{name}, it would ask for nothing."
        return
    things = f"{now.wants:,} {words.kind_word(told.kind, now.wants)}"
    asks = f"ask for {things} at once" if told.wanted is Mode.PROPOSE else f"change {now.free:,} of {things} at once"
    yield f"{name}, the next run would {asks}."
    for stop in now.stops:
        yield f"  Held ({plain(stop.guard)}), {stop.number:,}: {ended(plain(fenced(stop.sentence)))}"
        yield f"    What lifts it: {ended(plain(fenced(stop.lifted_by)))}"


def _bars(told: Promotion) -> Iterator[str]:
    held = told.held
    for bar in told.bars:
        if bar in held:
            yield f"Held ({bar.name}): {ended(plain(bar.sentence))} What lifts it: {ended(plain(bar.lifted_by))}"
        else:
            all_the_same = f"It goes on early all the same: {ended(plain(told.why))}"
            yield f"Warning ({bar.name}): {ended(plain(bar.sentence))} {all_the_same}"
    if held:
        yield "So nothing is to be changed yet."
        return
    yield "This is the change. Look at it, then `git apply` and commit it; nothing was written here."


def document(told: Promotion) -> Json:
    """Give the account as one JSON document; `patch` is null where something holds the step."""
    past, said, sight, now = told.past, told.decided, told.sight, told.present
    return {
        "driftbell": __version__,
        "schema": SCHEMA,
        "revision": told.revision,
        "at": told.at.isoformat(),
        "policy": told.policy,
        "title": told.title,
        "place": told.place,
        "mode": told.mode.value,
        "to": told.wanted.value,
        "sites": list(told.sites),
        "since": past.since.isoformat() if past.since else None,
        "days": past.days,
        "looks": {"runs": past.looks, "days": past.look_days},
        "findings": {
            "opened": past.opened,
            "open_before": past.before,
            "open": past.open,
            "closed": {how.value: past.closed.get(how, 0) for how in Closed},
            "came_back": past.returned,
        },
        "actions": {
            "a_day": round(past.a_day, 2),
            "most_in_a_day": max(past.by_day.values(), default=0),
            "most_in_a_run": max(past.by_run, default=0),
            "limit_a_day": told.day_limit,
            "limit_a_run": told.run_limit,
        },
        "proposals": {"approved": said.approved, "denied": said.denied, "rejected_percent": round(said.rejected, 1)},
        "look": {
            "judged": sight.judged,
            "unknown": sight.unknown,
            "unknown_percent": round(sight.dark, 1),
            "as_of": sight.at.isoformat() if sight.at else None,
            "lists_in_doubt": list(sight.flaws),
        },
        "now": {
            "wants": now.wants,
            "free": now.free,
            "holds": [
                {"guard": s.guard, "sentence": s.sentence, "lifted_by": s.lifted_by, "number": s.number}
                for s in now.stops
            ],
        },
        "held": [_bar(b) for b in told.held],
        "warnings": [_bar(b) for b in told.bars if b not in told.held],
        "why_early": told.why,
        "notes": list(told.caveats),
        "patch": told.patch.decode(errors="surrogateescape") if told.patch else None,
    }


def _bar(bar: Bar) -> Json:
    return {"name": bar.name, "sentence": bar.sentence, "lifted_by": bar.lifted_by}
