"""Starts of `driftbell` from a process that has imported it already: `python -m tests.cli.fork_server SOCKET`.

A start costs half a second of imports, and the tests start the command 1,500 times. Each worker of the tests has one of
these: it has imported the command and done nothing else, and forks for each start. What runs in the fork is what the
console script runs, in an interpreter that ends as any does, with the arguments, the environment, the folder, the file
mode mask and the files 0 to 2 that the caller gave, and no other file.

A start is asked for in one message: the request as JSON, and four files. The last is a pipe that is told the process's
id, and later the status it ended with.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import select
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

LARGEST = 128 * 1024  # bytes of a request
UNWRITTEN = 120  # an interpreter's exit code where the last of its output could not be written
ELSEWHERE = (".migrations", ".errand.module")  # what runs on hosts, or where alembic runs it
# What is imported when it is needed, which is in nearly every run.
LATE = ("alembic.command", "alembic.config", "sqlalchemy.dialects.sqlite", "typer._adapters", "jsonschema", "tzdata")

# Threads of polars, each for itself: jemalloc starts its own again in a fork, and the other removes what a query that
# did not fit into memory had left. The pool that computes begins with the first query, and so in the fork.
IDLE = {"jemalloc_bg_thd", "polars-ooc-clea"}


def prepare() -> None:
    """Import what commands import. Nothing may be under way: a fork has neither its threads nor its open files."""
    import agent

    for module in pkgutil.walk_packages(agent.__path__, "agent."):
        if not any(part in module.name for part in ELSEWHERE):
            importlib.import_module(module.name)
    for name in LATE:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def under_way(link: socket.socket) -> str:
    """Say what a fork would lack or have too much, or give nothing."""
    tasks = {task: (task / "comm").read_text(encoding="utf-8").strip() for task in Path("/proc/self/task").iterdir()}
    own = Path(f"/proc/self/task/{os.getpid()}")
    threads = sorted(name for task, name in tasks.items() if task != own and name not in IDLE)
    files = sorted(path.name for path in Path("/proc/self/fd").iterdir() if path.exists())  # not that of this listing
    kept = sorted(set(files) - {"0", "1", "2", str(link.fileno())})
    return f"imports left the threads {threads} and the files {kept}" if threads or kept else ""


def serve(link: socket.socket) -> dict[str, Any]:
    """Fork for each request until the tests are gone. It comes back in the forks only, with what is to be run."""
    waiting, running = select.poll(), dict[int, tuple[int, int]]()
    waiting.register(link, select.POLLIN)
    while True:
        for file, _ in waiting.poll():
            if file in running:
                waiting.unregister(file)
                tell_end(file, *running.pop(file))
                continue
            said, files, _, _ = socket.recv_fds(link, LARGEST, 4)
            if not said:
                os._exit(0)
            child = os.fork()
            if not child:
                link.detach()
                return become(json.loads(said), files)
            for each in files[:3]:
                os.close(each)
            tell(files[3], child)
            handle = os.pidfd_open(child)
            running[handle] = (child, files[3])
            waiting.register(handle, select.POLLIN)


def tell(caller: int, number: int) -> None:
    """Tell a caller a number, if it is still there."""
    with suppress(BrokenPipeError):
        os.write(caller, f"{number}\n".encode())


def tell_end(handle: int, child: int, caller: int) -> None:
    """Tell a caller the status that its process ended with."""
    _, status = os.waitpid(child, 0)
    tell(caller, os.waitstatus_to_exitcode(status))
    os.close(handle)
    os.close(caller)


def become(request: dict[str, Any], files: list[int]) -> dict[str, Any]:
    """Be the process that was asked for."""
    for number, file in enumerate(files[:3]):
        os.dup2(file, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.umask(request["umask"])
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    tempfile.tempdir = None
    sys.path[0] = request["cwd"]  # as `python -m` has it
    sys.argv[1:] = request["words"]
    return request


def run() -> int:
    """Run what the console script runs; gives the exit code, with its errors said as an interpreter says them."""
    from agent.__main__ import main

    try:
        main()
    except SystemExit as left:
        if left.code is None or isinstance(left.code, int):
            return left.code or 0
        print(left.code, file=sys.stderr)
        return 1
    except BaseException:  # ruff: ignore[blind-except] - as an interpreter does
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def end(code: int) -> NoReturn:
    """End as an interpreter does, but for taking 1,600 modules apart: what is left behind is what is written down."""
    threading._shutdown()
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or UNWRITTEN
    os._exit(code)


def start() -> None:
    """Prepare, say so, serve; in a fork, be `driftbell`."""
    link = socket.socket(fileno=int(sys.argv[1]))
    prepare()
    link.send(under_way(link).encode() or b"ready")
    try:
        serve(link)
    except KeyboardInterrupt:  # of the tests' terminal; in a fork it is for what runs there
        os._exit(1)
    end(run())


if __name__ == "__main__":
    start()
