"""Starts Ansible, and sees to it that nothing of it outlives the agent.

It is a program of its own: `python -I -S guardian.py FOLDER COMMAND...`, and the agent imports its functions. It
imports nothing of the agent, so that it starts in milliseconds.

Why it is needed: a killed agent leaves `ansible-playbook` running to the end, and Ansible's workers and ssh's
masters each have a session of their own, so that no process group holds them all. The guardian adopts what loses
its parent (PR_SET_CHILD_SUBREAPER), so that all of a run is below it; Ansible dies with it (PR_SET_PDEATHSIG); and
every process of a run bears the run's mark in its environment, for whoever comes after a guardian that was killed.

FOLDER holds `leash`, a pipe that the agent keeps open for writing. `G` on it means go, `S` means stop, and its end
means that the agent is gone. `guardian` (process id and start time) is written before anything is started, and
`ended` when nothing is left to do.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from pathlib import Path

MARK = "DRIFTBELL_RUN"
STOPPED = 254  # the exit code of a run that was stopped
KILLED = range(129, 193)  # exit codes that name the signal that ended Ansible
GRACE = 0.5  # seconds from TERM to KILL
GIVE_UP = 10.0  # seconds after which what cannot be killed (another user's, or hung in the kernel) is left
TICK = 0.02

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_CONNECTIONS = (b"[mux]", b"ansible_connection", b"ansible-connection")  # outlive their run on purpose, by default


def processes() -> dict[int, int]:
    """Give every living process and its parent; the dead that nobody has collected yet are left out."""
    found: dict[int, int] = {}
    for pid in (int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()):
        fields = _stat(pid)
        if fields and fields[0] not in "ZX":
            found[pid] = int(fields[1])
    return found


def start_time(pid: int) -> int:
    """Give when a process started, in ticks since the boot; 0 when there is no such process."""
    fields = _stat(pid)
    return int(fields[19]) if fields else 0


def _stat(pid: int) -> list[str]:
    """Give the fields of /proc/PID/stat from the state on; the name before them may hold anything."""
    return _read(pid, "stat").rpartition(b")")[2].decode("ascii").split()


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:  # it has ended, or it is another user's
        return b""


def marked(mark: str, sockets: str = "") -> set[int]:
    """Give the living processes that bear a run's mark.

    ssh's masters write their title over their environment, so that these are known by the run's folder of sockets.
    """
    sign, title = f"{MARK}={mark}".encode(), f"ssh: {sockets}/".encode()
    return {
        pid
        for pid in processes()
        if sign in _read(pid, "environ").split(b"\0") or (sockets and _read(pid, "cmdline").startswith(title))
    }


def below(root: int, parents: dict[int, int], spared: set[int] | frozenset[int] = frozenset()) -> set[int]:
    """Give every process below one, without the spared and what is below those."""
    children: dict[int, list[int]] = {}
    for pid, parent in parents.items():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    open_ends = [root]
    while open_ends:
        fresh = [pid for pid in children.get(open_ends.pop(), []) if pid not in spared and pid not in found]
        found.update(fresh)
        open_ends += fresh
    return found


def send(pids: set[int], number: int) -> None:
    """Send a signal to processes; those that have ended, or are another user's, are passed over."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue


def end_marked(mark: str, sockets: str = "") -> int:
    """Stop every process that bears a mark, TERM first and then KILL; gives how many there were."""
    pids = marked(mark, sockets)
    seen = set(pids)
    began = time.monotonic()
    send(pids, signal.SIGTERM)
    while pids and time.monotonic() - began < GIVE_UP:
        time.sleep(TICK)
        pids = marked(mark, sockets)
        seen |= pids
        if time.monotonic() - began > GRACE:
            send(pids, signal.SIGKILL)
    return len(seen)


def _stop(spared: set[int]) -> int:
    """Stop all that is below this process and wait until it is gone; gives how many could not be stopped."""
    began = time.monotonic()
    left = below(os.getpid(), processes(), spared)
    send(left, signal.SIGTERM)
    while left and time.monotonic() - began < GIVE_UP:
        time.sleep(TICK)
        _collect()
        left = below(os.getpid(), processes(), spared)
        if time.monotonic() - began > GRACE:
            send(left, signal.SIGKILL)
    return len(left)


def _foreign(ansible: int, mark: str) -> set[int]:
    """Give the adopted processes without our mark: services that a playbook started on this very machine."""
    ours = marked(mark)
    parents = processes()
    adopted = {pid for pid, parent in parents.items() if parent == os.getpid() and pid != ansible}
    return {pid for pid in adopted if pid not in ours and not _is_connection(pid)}


def _is_connection(pid: int) -> bool:
    return any(word in _read(pid, "cmdline") for word in _CONNECTIONS)


def _hang_up() -> None:
    """Stop the connections that Ansible keeps open for a next run, and leave what a playbook left running."""
    below_us = below(os.getpid(), processes())
    kept = {pid for pid in below_us if not _is_connection(pid)}
    if kept != below_us:
        _stop(kept)


def _collect() -> dict[int, int]:
    """Collect the dead; gives their exit codes."""
    codes: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return codes
        if pid == 0:
            return codes
        code = os.waitstatus_to_exitcode(status)
        codes[pid] = code if code >= 0 else 128 - code


def _prctl(option: int, value: int) -> None:
    import ctypes  # ruff: ignore[import-outside-top-level]  slower than all the rest; the agent never needs it

    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _start(command: list[str]) -> int:
    """Start Ansible in a session of its own, without a terminal and with nothing to read from."""
    us = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        _become(command, us)
    except OSError as error:
        os.write(2, f"[ERROR]: {command[0]} cannot be started: {error.strerror}\n".encode())
    finally:
        os._exit(127)


def _become(command: list[str], guardian: int) -> None:
    """Be the command, which dies with the guardian."""
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    if os.getppid() == guardian:  # or it died before we asked to die with it
        os.execv(command[0], command)  # ruff: ignore[start-process-with-no-shell]  none is wanted


class _Leash:
    """What the agent says, and what the signals say."""

    def __init__(self, folder: Path) -> None:
        self.pipe = os.open(folder / "leash", os.O_RDONLY | os.O_NONBLOCK)
        self.bell, ring = os.pipe()
        os.set_blocking(ring, False)
        os.set_blocking(self.bell, False)
        signal.set_wakeup_fd(ring, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        for number in (signal.SIGHUP, signal.SIGINT):  # a terminal's signals are the agent's to answer
            signal.signal(number, signal.SIG_IGN)
        self.ears = select.poll()
        self.ears.register(self.pipe, select.POLLIN)
        self.ears.register(self.bell, select.POLLIN)

    def heard(self, seconds: float) -> str:
        """Wait at most so long; gives "go", "stop", "gone" (the agent) or nothing (look after the children)."""
        self.ears.poll(seconds * 1000)
        try:
            if signal.SIGTERM in os.read(self.bell, 512):
                return "stop"
        except BlockingIOError:
            pass
        try:
            word = os.read(self.pipe, 512)
        except BlockingIOError:
            return ""
        return "stop" if b"S" in word else "go" if b"G" in word else "gone"


def _watch(leash: _Leash, ansible: int, mark: str) -> tuple[int, str, int]:
    """Wait for Ansible or for the word to stop; gives the exit code, the last word, and how many are left."""
    while True:
        word = leash.heard(1.0)
        if word in {"stop", "gone"}:
            return STOPPED, word, _stop(_foreign(ansible, mark))
        code = _collect().get(ansible)
        if code is not None and code in KILLED:  # its workers have outlived it
            return code, "", _stop(_foreign(ansible, mark))
        if code is not None:
            _hang_up()
            return code, "", 0


def _write(folder: Path, name: str, text: str) -> None:
    temporary = folder / f".{name}"
    try:
        temporary.write_text(text, encoding="ascii")
        temporary.rename(folder / name)
    except FileNotFoundError:  # the agent has given up and tidied away
        return


def _forget(folder: Path) -> None:
    """Remove what may hold secrets: nobody else is left to do it."""
    import shutil  # ruff: ignore[import-outside-top-level]  only for this rare end

    shutil.rmtree(folder / "private", ignore_errors=True)


def main(arguments: list[str]) -> int:
    """Guard one run; gives Ansible's exit code, or STOPPED."""
    folder, command = Path(arguments[0]), arguments[1:]
    try:
        leash = _Leash(folder)
    except FileNotFoundError:  # the agent has given up and tidied away
        return STOPPED
    _write(folder, "guardian", f"{os.getpid()} {start_time(os.getpid())}")
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    word, code, left = "", STOPPED, 0
    while not word:
        word = leash.heard(1.0)
    if word == "go":
        code, word, left = _watch(leash, _start(command), os.environ.get(MARK, ""))
    if word == "gone":
        _forget(folder)
    _write(folder, "ended", f"{code} {left}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
