"""The one wrapper of ansible-runner: a playbook over exactly the named hosts, and nothing left behind.

ansible-runner's own `run` takes over the process's signals, can end the process, kills with a signal that reaches
only one process group, and keeps what it was told in files that the next run inherits. So this takes its two
classes (RunnerConfig, Runner), gives them a folder that lives for one run, and puts a guardian (guardian.py)
between: whatever has to be stopped, the guardian stops.

Errors of a playbook, a host or Ansible are results; nothing that a district can cause is an exception.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ansible_runner import runner as runner_module
from ansible_runner.config.runner import RunnerConfig
from ansible_runner.exceptions import AnsibleRunnerException, CallbackError
from ansible_runner.utils import get_callback_dir

from agent.systems.ansible import errands, guardian, naming, outcome, prepare, variables
from agent.systems.ansible.cleaning import Cleaner
from agent.systems.ansible.collect import Collector
from agent.systems.ansible.folder import opened
from agent.systems.ansible.hearing import Hearing
from agent.systems.ansible.job import End, HostResult, Job, JobResult
from agent.systems.ansible.leftovers import await_end

if TYPE_CHECKING:
    from collections.abc import Generator

    from agent.systems.ansible.folder import Folder

_IMPATIENT, _PATIENT = 0.02, 0.2  # seconds between two looks: until Ansible is started, and after
_TERMINAL_ERROR: type[Exception] = runner_module.pexpect.exceptions.ExceptionPexpect  # what it reads Ansible with
_LOST = guardian.GIVE_UP + 5.0  # seconds after which a guardian that was told to stop is itself stopped


def run_playbook(job: Job) -> JobResult:
    """Run a playbook once; every host of the job has its result.

    It may be called from any thread, and several at a time. What `job.started` or `job.stopped` raise is passed on
    when all is stopped and removed; so is a KeyboardInterrupt.
    """
    began = time.monotonic()
    refusal = _refusal(job) or job.stopped()
    if refusal:
        end = End.UNTOUCHED if _refusal(job) else End.STOPPED
        return JobResult(dict.fromkeys(job.hosts, HostResult(end, refusal)))
    names = tuple(host for host in job.hosts if not naming.nameless(host, job.groups))
    results = {host: HostResult(End.UNTOUCHED, naming.nameless(host, job.groups)) for host in job.hosts}
    if names:
        results |= _run(job, names)
    return JobResult(results, time.monotonic() - began)


def _refusal(job: Job) -> str:
    """Say why nothing of a job can be run, or give nothing."""
    root = job.root.resolve()
    playbook = (root / job.playbook).resolve()
    if not _alone(job) and (not playbook.is_relative_to(root) or not playbook.is_file()):
        return f"there is no playbook {job.playbook!r} in the repository"
    missing = [source for source in job.inventory if not (root / source).exists()]
    if missing or not job.inventory:
        return f"there is no inventory {', '.join(missing) or 'source'} in the repository"
    if job.vault and not job.vault.is_file():
        return f"there is no file {job.vault} with the vault's password"
    if job.vault and os.access(job.vault, os.X_OK):
        return f"{job.vault} is a program: the vault's password has to be a plain file"
    if not prepare.playbook_command():
        return "ansible-playbook is missing: install ansible-core beside driftbell"
    return variables.problem(job.variables).rstrip(".")


@dataclass(slots=True)
class _Watch:
    """What the agent does while ansible-runner waits: tells the guardian to go, and to stop."""

    job: Job
    folder: Folder
    leash: int
    guardian: int = 0  # its process id, once it has written it down
    born: int = 0  # when that process started
    reason: str = ""  # why the run was stopped
    told: float = 0.0  # when the guardian was told
    began: float = field(default_factory=time.monotonic)

    def look(self) -> bool:
        """Be ansible-runner's cancel callback; it must never cancel by itself, since it would kill too little."""
        if not self.guardian:
            self._let_go()
        elif self.told and time.monotonic() - self.told > _LOST:
            guardian.send({self.guardian}, 9)
        elif not self.reason:
            self.stop(self.job.stopped() or self._overdue())
        return False

    def stop(self, reason: str) -> None:
        """Stop the run, where there is a reason to."""
        if reason and not self.reason:
            self.reason, self.told = reason, time.monotonic()
            os.write(self.leash, b"S")

    def _let_go(self) -> None:
        try:
            written = (self.folder.path / "guardian").read_text(encoding="ascii")
        except FileNotFoundError:
            return
        self.guardian, self.born = map(int, written.split())
        self.job.started(self.guardian)
        self.stop(self.job.stopped())
        os.write(self.leash, b"G")

    def _overdue(self) -> str:
        limit = self.job.limit
        return f"the time limit of {limit:g} s was reached" if time.monotonic() - self.began > limit else ""


def _run(job: Job, hosts: tuple[str, ...]) -> dict[str, HostResult]:
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(opened(job.work))
            watch = stack.enter_context(_leashed(job, folder))
            config = _config(job, hosts, folder)
        except OSError as error:
            why = f"the run could not be prepared: {error.strerror}: {error.filename or job.work}"
            return dict.fromkeys(hosts, HostResult(End.UNTOUCHED, why))
        cleaner = Cleaner(job.secrets, (f"{folder.alias}/", f"{folder.private}/"))
        collector, behind = (Collector(cleaner, str(job.root.resolve()), job.check) for _ in range(2))
        try:
            fault = _play(config, watch, Hearing(job, folder, collector, behind), frozenset(hosts))
        finally:
            left = _settle(watch)
        fatal = not _alone(job) and outcome.may_be_fatal(collector, (job.root / job.playbook).parent)
        return outcome.of_hosts(hosts, collector, outcome.Ending(watch.reason, left, cleaner.line(fault), fatal))


def _alone(job: Job) -> bool:
    """Say whether an errand is run in place of the job's playbook."""
    return job.errand is not None and not job.errand.behind


def _play(config: RunnerConfig, watch: _Watch, hearing: Hearing, hosts: frozenset[str]) -> str:
    """Run it; gives what went wrong with ansible-runner itself, or nothing."""

    def heard(event: dict[str, object]) -> bool:
        hearing.take(event)
        watch.stop(hearing.alarm(hosts))
        config.pexpect_timeout = _PATIENT
        return False  # or every event would be kept as a file

    try:
        runner_module.Runner(config, cancel_callback=watch.look, event_handler=heard).run()
    except CallbackError as error:  # what `look` raised
        raise error.__cause__ or error from None
    except (AnsibleRunnerException, _TERMINAL_ERROR, OSError) as error:
        return f"ansible-runner failed: {error}"
    return ""


def _config(job: Job, hosts: tuple[str, ...], folder: Folder) -> RunnerConfig:
    """Give ansible-runner's configuration of a run, with everything in it that it would take from elsewhere."""
    root = job.root.resolve()
    config = RunnerConfig(
        private_data_dir=str(folder.artifacts),
        host_cwd=str(root),
        playbook=str(errands.playbook(folder) if _alone(job) else root / job.playbook),
        inventory=[str(root / source) for source in job.inventory],
        limit=f"@{folder.alias}/limit",
        forks=job.forks,
        cmdline=prepare.arguments(job, hosts, folder),
        suppress_env_files=True,
        quiet=True,
        fact_cache_type="memory",
    )
    config.prepare()
    config.cwd = str(root)
    config.env = prepare.environment(folder, get_callback_dir(), config.artifact_dir)
    config.env |= errands.environment() if job.errand else {}
    behind = [str(errands.playbook(folder))] if job.errand and job.errand.behind else []
    config.command = prepare.guarded(folder, [*prepare.playbook_command(), *config.command[1:], *behind])
    config.suppress_output_file = True
    config.pexpect_timeout = _IMPATIENT
    return config


@contextmanager
def _leashed(job: Job, folder: Folder) -> Generator[_Watch]:
    leash = os.open(folder.path / "leash", os.O_RDWR)  # for reading too: so it opens before the guardian does
    try:
        yield _Watch(job, folder, leash)
    finally:
        os.close(leash)


def _settle(watch: _Watch) -> int:
    """See to it that nothing of the run is left; gives how many processes could not be stopped."""
    ended = watch.folder.path / "ended"
    if not ended.exists():
        watch.stop("the guardian of the run was killed")  # or an error is on its way, and nobody will read this
        if watch.guardian and guardian.start_time(watch.guardian) == watch.born:
            await_end(watch.guardian, _LOST)
    if ended.exists():
        return int(ended.read_text(encoding="ascii").split()[1])
    guardian.end_marked(watch.folder.mark, str(watch.folder.control))
    return len(guardian.marked(watch.folder.mark, str(watch.folder.control)))
