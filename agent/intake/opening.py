"""Windows that open at no school there is: what rests on them is never done, which nobody should find out late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.decide.hours import timetable_hours
from agent.decide.window_words import sites_words, when
from agent.decide.windows import gate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from agent.model.calendar import Timetable
    from agent.model.policy import Host, Policy
    from agent.model.window import Gate, Window

HOST = "host"


def idle_windows(policies: Sequence[Policy], hosts: Sequence[Host], times: Timetable, now: datetime) -> Iterator[str]:
    """Warn of policies whose windows never open at a site, or cannot be told there, with why."""
    keeping = timetable_hours(times)
    homeless = any(not host.site for host in hosts)
    bound = [policy for policy in policies if policy.windows and policy.remedy]
    gates = {site: gate(keeping, site, now, ()) for site in (*times.names, "")} if bound else {}
    for policy in bound:
        sites = [*times.names, *([""] if homeless and policy.kind == HOST else [])]
        for why, where in _shut(policy.windows, [gates[site] for site in sites]).items():
            said = f"{policy.id} acts {when(policy.windows)} only, and so never at {sites_words(where, times.names)}"
            yield f"{policy.place}: {said}: {why}."


def _shut(windows: Sequence[Window], gates: Sequence[Gate]) -> dict[str, list[str]]:
    """Give the sites at which none of these windows ever opens, by why, as a clause."""
    found: dict[str, list[str]] = {}
    for said in gates:
        if not any(w in said.open or w in said.next for w in windows):
            found.setdefault(said.trouble or "no such time is known", []).append(said.site)
    return found
