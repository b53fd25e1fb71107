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
from typing import TYPE_CHECKING

import schedule

from agent import bootstrap
from agent.bootstrap.housekeeping import keep_house
from agent.bootstrap.locking import locked
from agent.bootstrap.registry import now
from agent.bootstrap.restoring import mend
from agent.daemon.alarm import Alarm
from agent.daemon.asked import Asked
from agent.daemon.condition import STILL, Condition
from agent.daemon.doors import Door
from agent.daemon.heartbeat import beat
from agent.daemon.metrics import Numbers
from agent.daemon.notify import notify, watchdog_interval
from agent.daemon.pages import Hook, Pages
from agent.daemon.rounds import Ending, Rounds
from agent.errors import DriftbellError, HeldError
from agent.ledger.trouble import DamagedLedgerError
from agent.secrets import read_secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.ledger.store import LedgerStore
    from agent.settings import Settings

    Log = Callable[..., None]

TICK = 1  # seconds between two looks at what is due
SETTLING = 30  # seconds beyond the time that changes under way are given, for all else that ends


class Service:
    """One daemon over one state directory."""

    def __init__(self, read_settings: Callable[[], Settings], log: Log) -> None:
        """Take what reads the settings, now and when they are to be read again, and where to say things."""
        self._read_settings, self._log = read_settings, log
        self.settings = read_settings()
        self.condition = Condition(now())
        self.rounds: Rounds | None = None
        # Signal handlers set these; an Event could be in the middle of its own lock when a signal comes.
        self._ending, self._reloading = Ending(), False
        self._alarm = Alarm()
        self._broken: DamagedLedgerError | None = None

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
                self.rounds = self._new_rounds(store)
                open_now.callback(self._close_rounds)
                self._open_up(store, open_now)
                ticks = self._plan(store)
                notify("READY=1")
                self._log("started", state=str(state), pid=os.getpid())
                while not self._ending.told:
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
        asked = Asked(lambda: self.settings, lambda: self.rounds, self.condition, self._alarm.ring)
        door = Door(self.settings.socket, asked.answer)
        open_now.callback(door.close)
        daemon = self.settings.daemon
        if daemon.listen:
            secret = read_secret(daemon.webhook, self.settings.ansible.vault_password_file) if daemon.webhook else None
            numbers = Numbers(store.last_run, self.condition.started.timestamp)
            pages = Pages(daemon.listen, self.condition.health, numbers.page, Hook(secret, self.nudge))
            open_now.callback(pages.close)

    def nudge(self) -> None:
        """Look at the policy repository now: somebody says that it changed."""
        if self.rounds:
            self.rounds.nudge()
        self._alarm.ring()

    def end(self) -> None:
        """End when what is under way has ended, and at the latest when its time is over."""
        self._ending.tell(self.settings.daemon.grace)
        notify("STOPPING=1", f"EXTEND_TIMEOUT_USEC={int(self.settings.daemon.grace + SETTLING) * 1_000_000}")
        self._alarm.ring()

    def reload(self) -> None:
        """Read the settings again at the next step."""
        self._reloading = True
        self._alarm.ring()

    def _plan(self, store: LedgerStore) -> schedule.Scheduler:
        ticks = schedule.Scheduler()
        for every, name, job in (
            (TICK, "look", lambda: self._round(store)),
            (30, "mail", lambda: self.rounds.deliver() if self.rounds else None),
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

    def _beat(self) -> None:
        """Tell somebody outside that all is well with us; where it is not, silence says so."""
        if self.condition.health()[0]:
            beat(self.settings)

    def _new_rounds(self, store: LedgerStore) -> Rounds:
        return Rounds(self.settings, store, self.condition, self._ending, self._log)

    def _close_rounds(self) -> None:
        if self.rounds:
            self.rounds.close()

    def _round(self, store: LedgerStore) -> None:
        """Do what is due, with the settings as they are now."""
        if self._reloading:
            self._read_again(store)
        if self.rounds:
            self.rounds.go()

    def _read_again(self, store: LedgerStore) -> None:
        """Read the settings again; wrong ones change nothing."""
        self._reloading = False
        notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            self.settings = self._read_settings()
        except DriftbellError as error:
            self._log("settings not read", why=str(error))
        else:
            self._close_rounds()
            self.rounds = self._new_rounds(store)
            self._log("settings read")
        notify("READY=1")

    def _watch(self) -> None:
        """Tell systemd that we live, as long as something moves."""
        while True:
            if self.condition.still() < STILL:
                notify("WATCHDOG=1")
            time.sleep(watchdog_interval())
