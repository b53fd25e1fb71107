"""The rounds of the daemon: follow the rules, look at what is due, and go through the cycle where there is news."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from agent import bootstrap, cycle, switch
from agent.bootstrap.following import Follower
from agent.bootstrap.posting import Post
from agent.bootstrap.registry import now
from agent.daemon.lookout import Lookout
from agent.model.ports import Clearance
from agent.systems.host.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from agent.bootstrap import World
    from agent.daemon.condition import Condition
    from agent.daemon.lookout import Source
    from agent.deliberate import Ports
    from agent.ledger.store import LedgerStore
    from agent.settings import Settings

    Log = Callable[..., None]

AGAIN = 15.0  # seconds until a cycle that failed, or had to wait for somebody, is tried again
ENDING = "the daemon was told to end, and the time that it gives to what is under way is over"


class Ending:
    """Whether all is to end, and by when. A signal handler sets it, so it takes no lock."""

    def __init__(self) -> None:
        """Begin with no end in sight."""
        self.told = False
        self.by = float("inf")  # of the monotonic clock

    def tell(self, grace: float) -> None:
        """End when what is under way has ended, and at the latest after so many seconds."""
        self.by = time.monotonic() + grace
        self.told = True

    @property
    def reason(self) -> str:
        """Give why nothing may begin or go on any more, or an empty text."""
        return ENDING if time.monotonic() > self.by else ""


class Rounds:
    """What the daemon does again and again, with what it remembers from one round to the next."""

    def __init__(self, settings: Settings, store: LedgerStore, condition: Condition, ending: Ending, log: Log) -> None:
        """Take the settings, the open ledger, where to say how it is, whether all is to end, and the log."""
        self._settings, self._store, self._condition = settings, store, condition
        self._ending, self._log = ending, log
        self.lookout = Lookout(now, lambda name, error: log("fault", job=name, error=error))
        self._follower = Follower(settings)
        self._sessions = Sessions()
        self._world: World | None = None
        self._polled = 0.0
        self._nudged = False
        self._wanted, self._not_before = False, 0.0  # a cycle, and the time before which none is tried
        self._stopped_then = ""  # the kill switch at the last cycle
        self._thought: datetime | None = None  # the report of a day that was thought about last
        self._own_run = ""  # the newest run of ours

    @property
    def world(self) -> World | None:
        """Give the rules that are followed now and all that they ask for; None before any were read."""
        return self._world

    def nudge(self) -> None:
        """Look at the policy repository in the next round: somebody says that it changed."""
        self._nudged = True

    def close(self) -> None:
        """Close what is kept open."""
        self._sessions.close()

    def deliver(self) -> None:
        """Hand over the mail that is due."""
        for said in bootstrap.deliver_mail(self._settings):
            self._log("mail", said=said)

    def go(self) -> None:
        """Do what is due now.

        Raises:
            DriftbellError: the rules cannot be read and never were; the ledger, a lock or the disk forbids it.
        """
        self._condition.beat()
        changed = self._follow()
        if self._world is None:
            return
        world = self._world
        post = Post(self._settings, lambda said: self._log("no mail", why=said), self._thought)
        if changed:
            post.refused(world)
        self._heed_others()
        reporting = post.due(world)
        looked = self._look(world, everything=reporting is not None)
        self._condition.report = post.next(world.repository)
        stopped = switch.reason(self._settings.stop_file, world.repository.district)
        self._wanted |= bool(looked or changed or reporting or stopped != self._stopped_then)
        if self._wanted and time.monotonic() >= self._not_before and not self._ending.told:
            self._not_before = time.monotonic() + AGAIN  # where it fails: a full disk is not asked every second
            self._go_through(world, post)
            self._wanted, self._not_before = False, 0.0
            self._stopped_then, self._thought = stopped, reporting or self._thought
            self.deliver()

    def _follow(self) -> bool:
        """Bring the rules to their newest revision where it is time; says whether they are others now."""
        if not self._nudged and time.monotonic() < self._polled:
            return False
        self._nudged = False
        self._polled = time.monotonic() + self._settings.daemon.poll
        repository = self._follower.newest(self._store)
        if self._world is not None and self._world.repository is repository:
            return False
        self._world = bootstrap.world(self._settings, repository, self._store, self._condition.doing, self._sessions)
        self._log("policies", revision=repository.revision.id, refused=repository.refused)
        self.lookout.begin_anew()
        return True

    def _look(self, world: World, *, everything: bool) -> bool:
        """Read what it is time for, or everything, and say whether anything answered."""
        sources = self.lookout.sources(world.ports.eyes, world.repository)
        wanted: tuple[Source, ...] = sources if everything else self.lookout.due(sources, now())
        self._condition.looks = {s.name: self.lookout.next(s, now()) for s in sources}
        patience = self._settings.daemon.patience if wanted else 0.0
        with self._condition.at_work("looking" if wanted else ""):
            return self.lookout.gather(world.ports.eyes, world.repository, wanted, patience, lambda: self._ending.told)

    def _heed_others(self) -> None:
        """Read everything anew where somebody else ran something here."""
        newest = self._store.newest_run()
        if self._own_run and newest != self._own_run:
            self._own_run = newest
            self.lookout.begin_anew()

    def _go_through(self, world: World, post: Post) -> None:
        """Go through the cycle once."""
        ports, mark = self._careful(world.ports), self.lookout.mark()
        with self._condition.at_work("a cycle"), bootstrap.exclusive(self._settings):
            order = cycle.Order("run", announce=lambda run: post.announce(world, run))
            done = cycle.run(ports, world.repository, order)
        self._own_run = done.id
        self.lookout.used(mark)
        self._condition.finished(done, ports.exit_code(done))
        self._log(
            "cycle", run=done.id, out_of_line=done.counts.out_of_line, unknown=done.counts.unknown,
            changed=len(done.outcomes), held=len(done.plan.holds),
        )  # fmt: skip

    def _careful(self, ports: Ports) -> Ports:
        """Let nothing begin or go on once the time to end is over, and nobody be asked twice."""
        may = ports.hands.clearance.stopped

        def stopped() -> str:
            self._condition.beat()
            return may() or self._ending.reason

        hands = replace(ports.hands, clearance=Clearance(stopped))
        return replace(ports, eyes=replace(ports.eyes, lately=self.lookout), hands=hands)
