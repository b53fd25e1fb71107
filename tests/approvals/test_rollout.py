"""One approval through rings and budgets: it stands for each of its rows until that was begun once, or it expires."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from agent.bootstrap import catalog
from agent.consenting import Approving, Proof, Taken, take
from agent.decide import statements
from agent.ledger.store import open_ledger
from agent.model.approval import Statement, Word
from tests.calendars.conftest import DISTRICT, SCHOOL
from tests.calendars.freezing import CHICAGO, PLAYBOOK, ROOT, Hosts, holds, rule
from tests.intake.district import District

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.model.run import Run

SITES = {f"h{n:02}": "east" if n < 6 else "west" for n in range(20)}
RINGS = "{per_day: {count: 8}, rings: {soak: 1h, site: east}}"
ARMOR = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"
BEGINS = datetime(2026, 11, 16, 6, tzinfo=CHICAGO)
DAY = timedelta(days=1)


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[Hosts]:
    """Twenty hosts at two schools, and a policy that asks first, in rings, eight a day."""
    district = District(tmp_path / "repository", catalog(), tmp_path / "cache")
    named = "".join(f"    {host}: {{site: {site}}}\n" for host, site in SITES.items())
    district.write("inventory/hosts.yml", f"all:\n  hosts:\n{named}")
    district.write("playbooks/ssh.yml", PLAYBOOK)
    district.write("policies/calendars/school.yaml", SCHOOL)
    district.write("policies/district.yaml", DISTRICT.replace("may: [calendar]", "may: [approve]"))
    district.write("policies/hosts/HOST-01.yaml", rule("HOST-01", ROOT, guard=RINGS, mode="propose"))
    believed = Approving(keys={"director": frozenset({"k"})}, proof=lambda _text, _armor, _who: Proof("k"))
    with open_ledger(tmp_path / "ledger.db") as store:
        yield Hosts(district, store, SITES, approving=believed)


def said(digest: str, lasts: timedelta = 3 * DAY) -> str:
    """Give a word of the director on a plan, as it is sent."""
    at = BEGINS.astimezone(UTC)
    made = Statement(Word.APPROVE, digest, "Riverton Unified", "director", at, at + lasts, "0" * 32)
    return statements.written(made) + ARMOR


def sent(hosts: Hosts, text: str) -> Taken:
    return take(hosts.approving, hosts.ledger, hosts.district.load(), text, hosts.now.astimezone(UTC))


def run(hosts: Hosts, after: timedelta) -> tuple[Run, int]:
    """Run so long after the first one, and say how many hosts that changed."""
    before = len(hosts.written)
    done = hosts.run(f"{(BEGINS + after).replace(tzinfo=None)}")
    return done, len(hosts.written) - before


HOUR = timedelta(hours=1)


def test_twenty_hosts_in_rings_and_over_three_days_need_one_approval(hosts: Hosts) -> None:
    first, number = run(hosts, timedelta())
    assert (set(holds(first)) >= {"mode"}, number) == (True, 0)
    (batch,) = first.plan.batches
    text = said(batch.digest)
    assert sent(hosts, text).approval
    changed = []
    for after in (HOUR, 2 * HOUR, 3 * HOUR, 5 * HOUR, DAY, DAY + 2 * HOUR, 2 * DAY):
        done, number = run(hosts, after)
        assert "mode" not in holds(done)
        changed.append(number)
    assert changed == [1, 0, 5, 2, 8, 0, 4]
    assert sorted(host for _, host in hosts.written) == sorted(SITES)
    (word,) = hosts.ledger.approvals.of(batch.digest)
    assert word.used_by == "run 7"
    replay = sent(hosts, text)
    assert replay.approval is None
    assert "the run run 7 used it up" in replay.refused
    hosts.wrong.clear()  # all of it is as it was: the very same plan
    again, number = run(hosts, 2 * DAY + HOUR)
    assert ([b.digest for b in again.plan.batches], number) == ([batch.digest], 0)
    assert "mode" in holds(again)


def test_what_came_back_is_not_changed_again_under_the_same_approval(hosts: Hosts) -> None:
    digest = run(hosts, timedelta())[0].plan.batches[0].digest
    assert sent(hosts, said(digest)).approval
    assert run(hosts, HOUR)[1] == 1
    one = hosts.written[0][1]
    hosts.wrong.clear()
    done, _ = run(hosts, 3 * HOUR)
    (asked,) = [h for h in done.plan.holds if h.guard == "mode"]
    batches = {b.digest: [a.resource for a in b.actions] for b in done.plan.batches}
    assert batches[asked.batch] == [f"host/{one}"]
    assert [host for _, host in hosts.written].count(one) == 1


def test_an_approval_that_expires_stops_what_is_left(hosts: Hosts) -> None:
    digest = run(hosts, timedelta())[0].plan.batches[0].digest
    assert sent(hosts, said(digest, lasts=4 * HOUR)).approval
    assert [run(hosts, after)[1] for after in (HOUR, 3 * HOUR, 5 * HOUR)] == [1, 5, 0]
    late, number = run(hosts, DAY)
    assert number == 0
    assert "mode" in holds(late)
    assert len(hosts.written) == 6
