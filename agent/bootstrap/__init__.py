"""The composition root: the only place where clients are made and given to the cycle.

Heavy libraries are imported inside the functions that need them, so that a command pays for what it uses.
"""

from __future__ import annotations

import os
import pwd
import secrets
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agent import switch
from agent.bootstrap.enabling import check_verbs
from agent.bootstrap.letters import announcer as announcer
from agent.bootstrap.letters import deliver_mail as deliver_mail
from agent.bootstrap.letters import rendered as rendered
from agent.bootstrap.letters import rendered_found_money as rendered_found_money
from agent.bootstrap.letters import send_waiting as send_waiting
from agent.bootstrap.registry import Writers, examiner, now, readers, vault
from agent.errors import DriftbellError, InputError
from agent.errors import HeldError as HeldError
from agent.errors import UnseenError as UnseenError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import datetime

    from agent.deliberate import Ports
    from agent.errors import Place
    from agent.intake.git_program import Checkout
    from agent.ledger.store import LedgerStore
    from agent.model.action import Action
    from agent.model.capture import Capture, Restoration
    from agent.model.kind import Catalog
    from agent.model.policy import Repository
    from agent.model.reading import Unknown
    from agent.model.run import FoundMoney
    from agent.settings import Settings
    from agent.systems.host.sessions import Sessions


@dataclass(frozen=True, slots=True)
class World:
    """A loaded repository and everything a cycle on it asks for."""

    repository: Repository
    ports: Ports
    ledger: LedgerStore


def catalog() -> Catalog:
    """Assemble every kind and every verb there is."""
    from agent.catalog import KINDS
    from agent.model.kind import Catalog
    from agent.systems.ansible.spec import VERBS
    from agent.systems.csv.spec import PRESETS

    return Catalog(KINDS, {verb.name: verb for verb in VERBS}, PRESETS)


def read_settings(config: Path | None) -> Settings:
    """Read the server's settings; without a file, everything has its default."""
    from agent.intake.settings_file import read
    from agent.secrets import environment, take_from_environment

    settings = read(config, environment())
    if settings.mail:
        take_from_environment(settings.mail.password)
    if settings.destructive:
        check_verbs(settings.destructive, catalog())
    return settings


def load(settings: Settings) -> Repository:
    """Give the policy repository at the revision that may be run; nothing is kept of what was decided.

    Raises:
        InputError: with every mistake at once.
        HeldError: it is refused for where it comes from, and none was accepted before.
        UnseenError: it cannot be fetched and never was.
    """
    from agent.bootstrap.syncing import as_it_stands, believed

    if as_it_stands(settings):
        return load_newest(settings)
    _make_private(settings.state)
    with ledger(settings, read_only=True) as store:
        return believed(settings, store)


def load_newest(settings: Settings) -> Repository:
    """Bring the policy repository to its newest revision and read it, or raise every mistake at once."""
    from agent.intake.git import sync

    _make_private(settings.state)
    return load_checkout(settings, sync(settings.repository, settings.state / "checkouts"))


def load_checkout(settings: Settings, checkout: Checkout) -> Repository:
    """Read the policy repository from where one of its revisions stands, or raise every mistake at once."""
    from agent.intake.repository import load as load_repository

    return load_repository(checkout, catalog(), settings.state / "cache", settings.calendar_changes)


def _make_private(state: Path) -> None:
    """Make the state directory, readable by nobody else, before anything makes it on its own way down."""
    with suppress(OSError):  # whoever has to write there says what is wrong
        state.mkdir(parents=True, exist_ok=True, mode=0o700)


def ledger(settings: Settings, *, read_only: bool = False) -> LedgerStore:
    """Open the ledger, making it where there is none yet; `read_only` makes nothing and sees an empty one."""
    from agent.ledger.store import open_ledger

    return open_ledger(settings.state / "ledger.db", read_only=read_only)


@contextmanager
def opened(
    settings: Settings, *, read_only: bool = False, progress: Callable[[str], None] = lambda _what: None
) -> Generator[World, None, None]:
    """Load the repository and open everything a cycle needs, for as long as it takes.

    What may write (`read_only` is not given) is run from a revision that may be run. `progress` is told what is being
    looked at, such as `devices (google)`.
    """
    from agent.bootstrap.syncing import as_it_stands, synced

    repository = load(settings) if read_only or as_it_stands(settings) else None
    store = ledger(settings, read_only=read_only)
    try:
        yield world(settings, repository or synced(settings, store), store, progress)
    finally:
        store.close()


def world(
    settings: Settings,
    repository: Repository,
    store: LedgerStore,
    progress: Callable[[str], None],
    sessions: Sessions | None = None,
) -> World:
    """Give a loaded repository, an open ledger and all that a cycle on them asks for.

    `sessions` keeps those with hosts, where somebody looks again and again.
    """
    return World(repository, ports(settings, repository, store, progress, sessions), store)


def ports(
    settings: Settings,
    repository: Repository,
    store: LedgerStore,
    progress: Callable[[str], None],
    sessions: Sessions | None = None,
) -> Ports:
    """Give everything that a cycle on a repository asks of the world."""
    from agent.bootstrap.believing import port as approving
    from agent.bootstrap.revisions import earlier
    from agent.deliberate import Ports
    from agent.enforce import Hands
    from agent.eyes import Eyes
    from agent.model.ports import Clearance
    from agent.report.document import exit_code
    from agent.systems.ansible.read import PlaybookRehearser
    from agent.systems.host.read import own_identity
    from agent.systems.host.witness.asking import HostWitness
    from agent.undoing import restoration

    known, restoring = catalog(), partial(restoration, store)
    rehearser = PlaybookRehearser(settings, vault=vault(settings))
    clearance = Clearance(lambda: switch.reason(settings.stop_file, repository.district))
    return Ports(
        eyes=Eyes(known, readers(settings, repository, known, sessions), rehearser, store.population, progress),
        hands=Hands(
            Writers(settings, restoring), store, clearance, now, _mover(settings), restoring=_wanted(restoring)
        ),
        clock=now,
        new_id=lambda: f"{now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        own_identity=own_identity(),
        exit_code=exit_code,
        earlier=lambda revision: earlier(settings, revision),
        examiner=examiner(settings) if any(p.verify for p in repository.policies) else None,
        approving=approving(settings),
        witnesses=HostWitness(settings.known_hosts, settings.hosts),
    )


def _wanted(
    restoring: Callable[[Action], Restoration | Unknown],
) -> Callable[[Action], Capture | Unknown | None]:
    """Give what says how things are to be after an action: None for one that takes nothing back."""
    from agent.decide.reverting import takes_back
    from agent.model.reading import Unknown

    def wanted(action: Action) -> Capture | Unknown | None:
        one = restoring(action) if takes_back(action) else None
        return one if one is None or isinstance(one, Unknown) else one.wanted

    return wanted


def _mover(settings: Settings) -> Callable[[Repository], str]:
    """Give what looks, just before a playbook runs, whether it and the inventory are still what was loaded."""

    def moved(repository: Repository) -> str:
        from agent.intake.inventory import hosts
        from agent.intake.playbooks import digest

        root = Path(repository.root)
        if digest(root)[0] != repository.playbooks_digest:
            return "not run: the playbooks changed since they were loaded"
        try:
            there = hosts(root, settings.state / "cache")
        except DriftbellError as error:  # what was begun before is still to be verified: this is a result
            return f"not run: the inventory can no longer be read: {error}"
        return "" if there == repository.hosts else "not run: the inventory changed since it was loaded"

    return moved


@contextmanager
def exclusive(settings: Settings) -> Generator[None, None, None]:
    """Hold the lock that lets one process at a time change anything; first end what a killed one left running.

    Raises:
        HeldError: another process holds it.
        UnseenError: the state directory cannot be written.
    """
    from agent.bootstrap.locking import locked
    from agent.systems.ansible.leftovers import recover

    def taken(who: str) -> str:
        return f"Another driftbell is at work here ({who}); wait for its end."

    with locked(settings.state / "lock", taken):
        recover(settings.state / "runs")
        yield


def write_schema(path: Path) -> None:
    """Write the JSON Schema that editors check policy files with."""
    import json

    from agent.intake.schema import schema

    write_file(path, json.dumps(schema(catalog()), indent=2) + "\n")


def write_file(path: Path, text: str) -> None:
    """Write a file that a person asked for.

    Raises:
        InputError: it cannot be written there.
    """
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}."
        raise InputError(msg) from error


def caller() -> str:
    """Give the login of the person at the command line, through sudo too."""
    try:
        # Only root's word on who used sudo counts: anybody can set a variable. `getpass.getuser` believes LOGNAME.
        named = os.environ.get("SUDO_USER", "") if os.getuid() == 0 else ""
        return named or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def condition_sets(repository: Repository) -> Callable[[Place], str]:
    """Give what names the condition set that a place is in; an empty text for any other place."""
    from agent.bootstrap.sets import names

    return names(Path(repository.root))


def found_money(settings: Settings, at: datetime | None = None) -> FoundMoney:
    """Lay the district's own lists side by side; nothing is written."""
    from agent.found_money import found_money as look

    with opened(settings, read_only=True) as world:
        return look(world.ports, world.repository, at)
