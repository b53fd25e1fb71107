"""What `driftbell status` says: by the ledger, and by the daemon where one runs."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agent import bootstrap, switch
from agent.daemon.doors import ask
from agent.report.words import age

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.daemon.condition import Condition
    from agent.daemon.rounds import Rounds
    from agent.model.run import Run
    from agent.settings import Settings


def of_daemon(condition: Condition, rounds: Rounds | None) -> dict[str, Any]:
    """Give what the daemon knows of itself, as JSON."""
    shown, asked = rounds.lookout.state() if rounds else ({}, {})
    repository = rounds.world.repository if rounds and rounds.world else None
    last = condition.last
    return {
        "process": os.getpid(),
        "started": condition.started.isoformat(),
        "work": condition.work,
        "revision": repository.revision.id if repository else "",
        "refused": repository.refused if repository else "",
        "cycles": condition.cycles,
        "last": None if last is None else {"run": last.run, "at": last.at.isoformat(), "code": last.code},
        "next_looks": {name: at.isoformat() for name, at in sorted(condition.looks.items())},
        "next_report": condition.report.isoformat() if condition.report else None,
        "asked": {f"{kind}s ({system})": since.isoformat() for (kind, system), since in asked.items()},
        "read": {f"{kind}s ({system})": one.answered.isoformat() for (kind, system), one in shown.items()},
        "ills": dict(condition.ills),
    }


def asked_or_read(settings: Settings) -> dict[str, Any]:
    """Give how everything stands, as the daemon says where one runs, else by the ledger alone.

    Raises:
        UnseenError: there is a daemon, and it does not answer; or the ledger cannot be read.
    """
    return ask(settings.socket, {"do": "standing"}) or standing(settings, None)


def standing(settings: Settings, daemon: dict[str, Any] | None) -> dict[str, Any]:
    """Give how everything stands: what runs, ran, is next, is held, is unseen, and how old every source is.

    Raises:
        UnseenError: the ledger cannot be read.
    """
    with bootstrap.ledger(settings, read_only=True) as store:
        run, letters, begun = store.last_run(), len(store.spool.waiting()), len(store.unfinished())
    return {
        "daemon": daemon,
        "stopped": switch.thrown(settings.stop_file) or (run.stopped if run else ""),
        "run": None if run is None else _run(run),
        "sources": [] if run is None else _sources(run),
        "held": [] if run is None else _held(run),
        "unseen": [] if run is None else sorted({u.resource for s in run.seen for u in s.unseen}),
        "letters_waiting": letters,
        "changes_unfinished": begun,
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "command": run.command,
        "finished": run.finished.isoformat(),
        "revision": run.revision.id,
        "in_line": run.counts.in_line,
        "out_of_line": run.counts.out_of_line,
        "unknown": run.counts.unknown,
        "excepted": run.counts.excepted,
        "changed": len(run.outcomes),
    }


def _sources(run: Run) -> list[dict[str, Any]]:
    return [
        {
            "source": f"{s.kind}s ({s.system})",
            "as_of": s.as_of.isoformat(),
            "seen": s.seen,
            "expected": s.expected,
            "stale": s.stale,
            "trouble": s.trouble or s.doubt,
        }
        for s in run.seen
    ]


def _held(run: Run) -> list[dict[str, Any]]:
    return [{"guard": h.guard, "sentence": h.sentence, "lifted_by": h.lifted_by} for h in run.plan.holds]


def lines(said: Mapping[str, Any], now: datetime) -> list[str]:
    """Give it as text."""
    ages = {text: age(abs(now - datetime.fromisoformat(text))) for text in _instants(said)}
    found = [*_daemon_lines(said["daemon"], ages)]
    if said["stopped"]:
        found.append(f"STOPPED: {said['stopped']} `driftbell resume` allows changes again.")
    found += _run_lines(said["run"], ages)
    for one in said["sources"]:
        ill = f" - {one['trouble']}" if one["trouble"] else (" - too old to rely on" if one["stale"] else "")
        seen = f"{one['seen']:,} of {one['expected']:,}"
        found.append(f"  {one['source']}: {seen} seen, data of {ages[one['as_of']]} ago{ill}")
    if said["unseen"]:
        names, more = said["unseen"][:5], len(said["unseen"]) - 5
        found.append(f"Could not check: {', '.join(names)}{f' and {more:,} more' if more > 0 else ''}.")
    found += [f"Held ({one['guard']}): {one['sentence']} What lifts it: {one['lifted_by']}." for one in said["held"]]
    if said["changes_unfinished"]:
        found.append(f"{said['changes_unfinished']:,} changes wait to be confirmed.")
    if said["letters_waiting"]:
        found.append(f"{said['letters_waiting']:,} letters wait for the mail server; each is tried again by itself.")
    return found


def _daemon_lines(daemon: Mapping[str, Any] | None, ages: Mapping[str, str]) -> list[str]:
    if daemon is None:
        return ["No daemon runs here: nothing is looked at until somebody runs `driftbell run`."]
    work = f"at work: {daemon['work']}" if daemon["work"] else "waiting"
    found = [f"The daemon (process {daemon['process']}) has been up for {ages[daemon['started']]}, {work}."]
    if daemon["refused"]:
        found.append(daemon["refused"])
    found += [f"Trouble ({name}): {why}" for name, why in daemon["ills"].items()]
    found += [
        f"{name} has not answered for {ages[since]}; others are looked at." for name, since in daemon["asked"].items()
    ]
    looks = sorted((at, name) for name, at in daemon["next_looks"].items())
    if looks:
        found.append(f"Next look: {looks[0][1]} in {ages[looks[0][0]]}.")
    if daemon["next_report"]:
        found.append(f"Next report: in {ages[daemon['next_report']]}, where there is something to say.")
    return found


def _run_lines(run: Mapping[str, Any] | None, ages: Mapping[str, str]) -> list[str]:
    if run is None:
        return ["Nothing was ever looked at from this state directory."]
    counts = f"{run['in_line']:,} in line, {run['out_of_line']:,} out of line, {run['unknown']:,} unknown"
    excepted = f", {run['excepted']:,} excepted" if run["excepted"] else ""
    return [f"Last run, {ages[run['finished']]} ago: {counts}{excepted}; {run['changed']:,} changes."]


def _instants(said: object) -> list[str]:
    """Give every instant that a status names."""
    if isinstance(said, dict):
        return [i for value in said.values() for i in _instants(value)]
    if isinstance(said, list):
        return [i for value in said for i in _instants(value)]
    return [said] if isinstance(said, str) and _is_instant(said) else []


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
