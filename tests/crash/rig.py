"""A district whose daemon is killed, and what has to hold once it was started again.

Each host counts how often it was written to: what was repeated shows there, whatever the ledger says.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.ledger.store import open_ledger
from agent.model.action import Result
from tests.cli.daemons import DEADLINE, Daemon, daemon
from tests.cli.test_daemon import OFFICE
from tests.cli.test_loop import district_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.cli.fixtures import Driftbell
    from tests.fakes.smtp import MailServer
    from tests.lab.host import Host
    from tests.lab.lab import Lab

LAUNCHER = Path(__file__).with_name("launcher.py")
COUNTER, MOTD, TEXT = "/opt/written", "/etc/motd", "welcome\n"
PLAYBOOK = f"""\
- name: Write, and count it
  hosts: all
  become: true
  gather_facts: false
  tasks:
    - name: Count
      ansible.builtin.shell: echo written >> {COUNTER}
    - name: Write
      ansible.builtin.copy: {{content: "{{{{ text }}}}", dest: {MOTD}, mode: "0644"}}
"""
SETTLED = {Result.CONFIRMED, Result.FAILED, Result.STOPPED, Result.NEEDLESS}


@dataclass(frozen=True, slots=True)
class Kill:
    """When the daemon dies: at a transaction of the ledger, before or after it, or after so many seconds."""

    point: int = 0
    side: str = "after"
    seconds: float = 0.0

    def __str__(self) -> str:
        """Give the words of a failure."""
        return f"{self.side} transaction {self.point}" if self.point else f"after {self.seconds:.2f} s"


@dataclass
class Rig:
    """Two hosts that are out of line, a daemon that puts them right, and a mail server."""

    driftbell: Driftbell
    hosts: Sequence[Host]
    mail: MailServer
    clean: Path
    survivors: int = 0  # how often the daemon was done before it could be killed
    deaths: int = 0
    troubles: list[str] = field(default_factory=list)

    @classmethod
    def made(cls, driftbell: Driftbell, lab: Lab, hosts: Sequence[Host], mail: MailServer) -> Rig:
        """Lay down the district, and keep its state as it is before anything was looked at."""
        driftbell.district(district={"name": "Riverton", "timezone": "UTC", "hours": {"staff": "office"}})
        driftbell.write("policies/calendars/office.yaml", OFFICE)
        driftbell.write("playbooks/write.yml", PLAYBOOK)
        remedy = {"do": "ansible.playbook", "with": {"playbook": "playbooks/write.yml", "vars": {"text": TEXT}}}
        driftbell.policy("MOTD-01", expect={f"file.{MOTD}.content": TEXT}, mode="enforce", remedy=[remedy])
        sender = {"server": mail.url, "from": "bell@riverton.example", "starttls": False}
        driftbell.settings(mail=sender, daemon={"poll": 3600, "report_at": "00:00", "grace": 1})
        district_on(driftbell, lab, hosts)
        assert driftbell("check", "--json").json["counts"]["out_of_line"] == len(hosts)
        clean = driftbell.folder / "clean"
        shutil.copytree(driftbell.state, clean)
        return cls(driftbell, hosts, mail, clean)

    def again(self) -> None:
        """Put everything back to where it was before the first look."""
        shutil.rmtree(self.driftbell.state)
        shutil.copytree(self.clean, self.driftbell.state)
        for host in self.hosts:
            host.exec(f"rm -f {COUNTER}; echo drifted > {MOTD}")
        for old in self.mail.folder.glob("*.eml"):
            old.unlink()

    def transactions(self) -> tuple[int, float]:
        """Give how many transactions a life without a kill has, and how many seconds, to the end of its first cycle."""
        self.again()
        began = time.monotonic()
        self._live(Kill(10**9), to_its_end=True)
        life = time.monotonic() - began
        with open_ledger(self.driftbell.state / "ledger.db", read_only=True) as store:
            assert {o.result for h in self.hosts for _, o in store.outcomes("MOTD-01", f"host/{h.name}")} == {
                Result.CONFIRMED
            }
        return int((self.driftbell.folder / "points").read_text("ascii")), life

    def survive(self, kill: Kill) -> list[str]:
        """Kill it once, start it again, and say what does not hold then."""
        self.again()
        self._live(kill)
        with daemon(self.driftbell) as running:
            running.cycles(1)
            running.until(lambda said: not said["work"] and not said["ills"])
            assert running.end() == 0
        return [f"{kill}: {trouble}" for trouble in self._troubles()]

    def _live(self, kill: Kill, *, to_its_end: bool = False) -> None:
        words = self.driftbell.arguments("daemon")
        command = [sys.executable, str(LAUNCHER), *words[3:]]
        env = {**self.driftbell.environment(), "CRASH_AT": str(kill.point), "CRASH_SIDE": kill.side}
        env |= {"PYTHONPATH": str(LAUNCHER.parents[2]), "CRASH_POINTS": str(self.driftbell.folder / "points")}
        with (self.driftbell.folder / "killed.log").open("wb") as log:
            process = subprocess.Popen(
                command, env=env, stdout=log, stderr=log, cwd=self.driftbell.folder, stdin=subprocess.DEVNULL
            )
        if kill.point == 0:
            time.sleep(kill.seconds)  # the instant itself is what is tried
            process.kill()
        life = Daemon(process, self.driftbell.state / "daemon.sock", self.driftbell.folder / "killed.log")
        end = time.monotonic() + DEADLINE
        while process.poll() is None and time.monotonic() < end:
            said = life.status()
            if said is not None and said["cycles"] and not said["work"]:
                self.survivors += not to_its_end
                process.send_signal(signal.SIGTERM)
                process.wait(DEADLINE)
            time.sleep(0.02)
        self.deaths += process.wait(DEADLINE) == -signal.SIGKILL

    def _troubles(self) -> list[str]:
        found = [*self._ledger_troubles(), *self._mail_troubles()]
        verified = self.driftbell("evidence", "verify")
        if verified.code:
            found.append(f"the evidence does not verify: {verified.out}{verified.err}")
        left = subprocess.run(["pgrep", "-fa", str(self.driftbell.state)], capture_output=True, text=True, check=False)
        found += [f"still running: {line}" for line in left.stdout.splitlines()]
        return found

    def _ledger_troubles(self) -> list[str]:
        found: list[str] = []
        with open_ledger(self.driftbell.state / "ledger.db", read_only=True) as store:
            for host in self.hosts:
                resource, right = f"host/{host.name}", host.path(MOTD).read_text("utf-8") == TEXT
                written = _count(host)
                deeds = [d for d in store.deeds(resource=resource) if d.intent.group]
                episodes = store.past.episodes("MOTD-01", resource)
                if written > 1:
                    found.append(f"{host.name} was written to {written} times")
                if written > len(deeds):
                    found.append(f"{host.name} was written to, and the journal does not know")
                standing = [e for e in episodes if e.closed is None]
                if len(standing) != (not right) or len(episodes) > 1:  # what is found and fixed in one run opens none
                    where = "in" if right else "out of"
                    found.append(f"{host.name} is {where} line, with {len(standing)} findings open of {len(episodes)}")
                if not right and not any(d.result in SETTLED for d in store.deeds(resource=resource)):
                    found.append(f"{host.name} is out of line, and nothing was said of what was begun there")
            found += [f"without a word: {i.resource}" for i in store.unfinished()]
        return found

    def _mail_troubles(self) -> list[str]:
        taken = [t.message for t in self.mail.taken()]
        daily = [str(m["Message-ID"]) for m in taken if "<daily-" in str(m["Message-ID"])]
        found = [] if daily else ["the report of the day did not come"]
        if len(set(daily)) > 1:
            found.append(f"two reports of one day: {daily}")
        bodies = Counter(bytes(m) for m in taken)
        urgent = {str(m["Message-ID"]) for m in taken} - set(daily)
        found += [f"a mail that the life without a kill did not send: {urgent}"] if urgent else []
        found += ["a mail came three times"] if any(n > 2 for n in bodies.values()) else []
        return found


def _count(host: Host) -> int:
    file = host.path(COUNTER)
    return len(file.read_text("utf-8").splitlines()) if file.exists() else 0


def numbers(rig: Rig) -> dict[str, Any]:
    """Give the figures of many kills."""
    return {"deaths": rig.deaths, "done before it could be killed": rig.survivors, "troubles": len(rig.troubles)}
