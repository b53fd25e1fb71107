"""The service: it follows the policies, looks when it is time, goes through the cycle, and ends in good order.

`schedule` only ticks. What is due is told by the ledger, by the spool and by what each system showed last, so that a
daemon that was away does once what it missed.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import schedule

from agent import bootstrap, cycle, switch
from agent.bootstrap.following import Follower
from agent.bootstrap.housekeeping import keep_house
from agent.bootstrap.locking import locked
from agent.bootstrap.posting import Post
from agent.bootstrap.registry import now
from agent.bootstrap.restoring import mend
from agent.daemon.alarm import Alarm
from agent.daemon.condition import STILL, Condition
from agent.daemon.doors import Door
from agent.daemon.heartbeat import beat
from agent.daemon.lookout import Lookout
from agent.daemon.metrics import Numbers
from agent.daemon.notify import notify, watchdog_interval
from agent.daemon.pages import Hook, Pages
from agent.daemon.status import of_daemon
from agent.errors import DriftbellError, HeldError
from agent.ledger.trouble import DamagedLedgerError
from agent.model.ports import Clearance
from agent.secrets import read_secret
from agent.systems.host.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.bootstrap import World
    from agent.daemon.lookout import Source
    from agent.deliberate import Ports
    from agent.ledger.store import LedgerStore
    from agent.model.policy import Repository
    from agent.settings import Settings

    Log = Callable[..., None]

TICK = 1  # seconds between two looks at what is due
LONGEST_WHY = 300  # characters
ENDING = "the daemon was told to end, and the time that it gives to what is under way is over"


class Service:
    """One daemon over one state directory."""

    def __init__(self, read_settings: Callable[[], Settings], log: Log) -> None:
        """Take what reads the settings, now and when they are to be read again, and where to say things."""
        self._read_settings, self._log = read_settings, log
        self.settings = read_settings()
        self.condition = Condition(now())
        self.lookout = Lookout(now, self._fault)
        self._follower = Follower(self.settings)
        self._repository: Repository | None = None
        self._polled = 0.0
        # Signal handlers set these; an Event could be in the middle of its own lock when a signal comes.
        self._nudged = self._reloading = self._ending = False
        self._end_by = float("inf")
        self._alarm = Alarm()
        self._sessions = Sessions()
        self._stopped_then = ""  # the kill switch at the last cycle
        self._broken: DamagedLedgerError | None = None
        self._own_run = ""  # the newest run of ours

    def run(self) -> None:
        """Work until a signal ends it.

        Raises:
            HeldError: another daemon works on this state directory.
            UnseenError: the state directory or the ledger cannot be used.
        """
        state = self.settings.state

        def taken(who: str) -> str:
            return f"Another daemon ({who}) works on {state}: there can be one."

        with locked(state / "daemon.lock", taken), self._ledger() as store:
            self._heed_signals()
            with ExitStack() as open_now:
                self._open_up(store, open_now)
                ticks = self._plan(store)
                notify("READY=1")
                self._log("started", state=str(state), pid=os.getpid())
                while not self._ending:
                    ticks.run_pending()
                    self._alarm.sleep(max(0.0, min(ticks.idle_seconds or 0.0, TICK)))
                notify("STOPPING=1")
            self._log("ended")
        if self._broken:
            raise self._broken

    def _ledger(self) -> LedgerStore:
        """Open the ledger; one that is damaged is replaced by its newest whole copy first."""
        with suppress(HeldError), bootstrap.exclusive(self.settings):  # where somebody works, there is nothing to mend
            for said in mend(self.settings):
                self._log("ledger", said=said)
        return bootstrap.ledger(self.settings)

    def _open_up(self, store: LedgerStore, open_now: ExitStack) -> None:
        """Open the door, and the pages where they are asked for."""
        open_now.callback(self._sessions.close)
        door = Door(self.settings.socket, self._answer)
        open_now.callback(door.close)
        daemon = self.settings.daemon
        if daemon.listen:
            secret = read_secret(daemon.webhook, self.settings.ansible.vault_password_file) if daemon.webhook else None
            numbers = Numbers(store.last_run, self.condition.started.timestamp)
            pages = Pages(daemon.listen, self.condition.health, numbers.page, Hook(secret, self.nudge))
            open_now.callback(pages.close)

    def _answer(self, question: dict[str, Any], login: str) -> dict[str, Any]:
        """Answer somebody of this machine, whom the kernel names."""
        try:
            return self._said(question, login)
        except DriftbellError as error:
            return {"error": str(error), "code": error.exit_code}

    def _said(self, question: dict[str, Any], login: str) -> dict[str, Any]:
        match question.get("do"):
            case "status":
                return of_daemon(self.condition, self.lookout, self._repository)
            case "stop":
                switch.throw(self.settings.stop_file, login, str(question.get("why", ""))[:LONGEST_WHY], now())
                self._alarm.ring()
                return {"said": f"Stopped: nothing is written to any system while {self.settings.stop_file} exists."}
            case other:
                return {"error": f"There is status and stop, and no {other!r}.", "code": 2}

    def nudge(self) -> None:
        """Look at the policy repository now: somebody says that it changed."""
        self._nudged = True
        self._alarm.ring()

    def end(self) -> None:
        """End when what is under way has ended, and at the latest when its time is over."""
        self._end_by = time.monotonic() + self.settings.daemon.grace
        self._ending = True
        self._alarm.ring()

    def reload(self) -> None:
        """Read the settings again at the next step."""
        self._reloading = True
        self._alarm.ring()

    def _plan(self, store: LedgerStore) -> schedule.Scheduler:
        ticks = schedule.Scheduler()
        for every, name, job in (
            (TICK, "look", lambda: self._tick(store)),
            (30, "mail", self._deliver),
            (self.settings.daemon.heartbeat_every, "heartbeat", self._beat),
            (60, "house", lambda: keep_house(self.settings, store, self._log)),
        ):
            ticks.every(max(1, int(every))).seconds.do(self._safely, name, job)
        if watchdog_interval():
            threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
        return ticks

    def _safely(self, name: str, job: Callable[[], None]) -> None:
        """Do a job. Whatever it raises ends here: the next tick does it again."""
        try:
            job()
            self.condition.well(name)
        except DamagedLedgerError as error:
            self._broken = error  # whoever starts us again has it restored
            self.end()
        except DriftbellError as error:
            if self.condition.ill(name, str(error)):
                self._log("failed", job=name, why=str(error))
        except Exception as error:  # ruff: ignore[blind-except] - the one place where a fault of ours is caught
            self._fault(name, error)

    def _fault(self, name: str, error: Exception) -> None:
        if self.condition.ill(name, f"A fault of Driftbell: {type(error).__name__}: {error}"):
            self._log("fault", job=name, error=error)

    def _heed_signals(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: self.end())
            signal.signal(signal.SIGHUP, lambda *_: self.reload())

    def _tick(self, store: LedgerStore) -> None:
        """Do what is due now."""
        self.condition.beat()
        if self._reloading:
            self._read_again()
        changed = self._follow(store)
        repository = self._repository
        if repository is None:
            return
        world = bootstrap.world(self.settings, repository, store, self.condition.doing, self._sessions)
        post = Post(self.settings, lambda said: self._log("no mail", why=said))
        if changed:
            post.refused(world)
        reporting = post.due(world) is not None
        sources = self.lookout.sources(world.ports.eyes, repository)
        looked = self._look(world, sources if reporting else self.lookout.due(sources, now()))
        self.condition.plan({s.name: self.lookout.next(s, now()) for s in sources}, post.next(repository))
        stopped = switch.reason(self.settings.stop_file, repository.district)
        if looked or changed or reporting or stopped != self._stopped_then or self._changed_outside(store):
            self._go_through(world, post)
            self._stopped_then = stopped

    def _follow(self, store: LedgerStore) -> bool:
        """Bring the policies to their newest revision where it is time; says whether they are others now."""
        if not self._nudged and time.monotonic() < self._polled:
            return False
        self._nudged = False
        self._polled = time.monotonic() + self.settings.daemon.poll
        before, self._repository = self._repository, self._follower.newest(store)
        if before is self._repository:
            return False
        revision = self._repository.revision.id
        self._log("policies", revision=revision, refused=self._repository.refused)
        self.lookout.begin_anew()
        return True

    def _look(self, world: World, sources: tuple[Source, ...]) -> bool:
        """Read what it is time for, and say whether anything answered."""
        patience = self.settings.daemon.patience if sources else 0.0
        with self.condition.at_work("looking" if sources else ""):
            return self.lookout.gather(world.ports.eyes, world.repository, sources, patience, lambda: self._ending)

    def _changed_outside(self, store: LedgerStore) -> bool:
        """Say whether somebody else ran something here: what we know of the systems is old then."""
        newest = store.newest_run()
        if newest == self._own_run or not self._own_run:
            return False
        self._own_run = newest
        self.lookout.begin_anew()
        return False  # what is read anew brings the next cycle

    def _go_through(self, world: World, post: Post) -> None:
        """Go through the cycle once."""
        if self._ending:
            return
        ports = self._careful(world.ports)
        with self.condition.at_work("a cycle"), bootstrap.exclusive(self.settings):
            order = cycle.Order("run", announce=lambda run: post.announce(world, run))
            done = cycle.run(ports, world.repository, order)
        self._own_run = done.id
        self.condition.finished(done, ports.exit_code(done))
        self._log(
            "cycle", run=done.id, out_of_line=done.counts.out_of_line, unknown=done.counts.unknown,
            changed=len(done.outcomes), held=len(done.plan.holds),
        )  # fmt: skip
        self._deliver()

    def _careful(self, ports: Ports) -> Ports:
        """Let nothing begin once the time to end is over, and nobody be asked twice."""
        may = ports.hands.clearance.stopped

        def stopped() -> str:
            self.condition.beat()
            return may() or (ENDING if time.monotonic() > self._end_by else "")

        hands = replace(ports.hands, clearance=Clearance(stopped))
        return replace(ports, eyes=replace(ports.eyes, lately=self.lookout), hands=hands)

    def _beat(self) -> None:
        """Tell somebody outside that all is well with us; where it is not, silence says so."""
        if self.condition.health()[0]:
            beat(self.settings)

    def _deliver(self) -> None:
        for said in bootstrap.deliver_mail(self.settings):
            self._log("mail", said=said)

    def _read_again(self) -> None:
        """Read the settings again; wrong ones change nothing."""
        self._reloading = False
        notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            self.settings = self._read_settings()
            self._follower = Follower(self.settings)
            self._polled = 0.0
            self._log("settings read")
        except DriftbellError as error:
            self._log("settings not read", why=str(error))
        notify("READY=1")

    def _watch(self) -> None:
        """Tell systemd that we live, as long as something moves."""
        while True:
            if self.condition.still() < STILL:
                notify("WATCHDOG=1")
            time.sleep(watchdog_interval())
