"""One step of a policy on the trust path: what the ledger remembers of it, and its own file with the other mode."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import InputError

if TYPE_CHECKING:
    from agent.ledger.store import LedgerStore
    from agent.model.policy import Mode, Policy, Repository
    from agent.model.promotion import Promotion
    from agent.promoting import Kept, Step
    from agent.settings import Settings


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for: a policy, some sites or none for all, the mode or None for the next, a reason or none."""

    policy: str
    sites: tuple[str, ...] = ()
    to: Mode | None = None
    why: str = ""


def promoted(settings: Settings, wanted: Wanted) -> Promotion:
    """Say what a step of a policy means, with the patch where nothing holds it. Nothing is written.

    Raises:
        InputError: there is no such policy, site or step, or its file cannot be changed by itself.
        UnseenError: no look has shown what it is about.
    """
    from agent import bootstrap
    from agent.intake.patch import patch
    from agent.promoting import promotion, step
    from agent.recall import policy_named
    from agent.waiving import site_named

    with bootstrap.opened(settings, read_only=True) as world:
        repository = world.repository
        policy = policy_named(repository, wanted.policy)
        sites = tuple(dict.fromkeys(site_named(repository.district, s) for s in wanted.sites))
        taken = step(repository, policy, sites, wanted.to, wanted.why)
        before, after = _rewritten(Path(repository.root), taken)
        changed = _changed(repository, taken, after)
        told = promotion(world.ports, repository, taken, changed, _kept(world.ledger, policy))
    name = f"{_below(settings)}{policy.place.file}"
    return told if told.held else replace(told, patch=patch(name, before, after))


def _below(settings: Settings) -> str:
    """Give the folder of the git repository that the policies are in, `here/`, as a patch names files from its top."""
    from agent.intake.git_program import git

    root = Path(settings.repository).resolve()
    if not settings.repository or not (root / "policies").is_dir():
        return ""  # fetched from elsewhere: the patch is for a clone of that
    said = git("rev-parse", "--show-prefix", cwd=root)
    return "" if said.code else said.out.decode(errors="surrogateescape").rstrip("\n")


def _rewritten(root: Path, taken: Step) -> tuple[bytes, bytes]:
    """Give the policy's own file as it is, and as it would be."""
    from agent.intake import yaml
    from agent.intake.mode_text import with_mode

    name = taken.policy.place.file
    before = yaml.contents(root / name, name)
    return before, with_mode(before, name, taken.wanted, taken.sites)


def _changed(repository: Repository, taken: Step, after: bytes) -> Policy:
    """Give the policy as its file would state it, and never beyond what the district allows at a site.

    Raises:
        InputError: the file was changed since it was loaded.
    """
    from agent.intake import yaml
    from agent.intake.measures import modes
    from agent.intake.nodes import text_at

    policy = taken.policy
    node = yaml.parse(after, policy.place.file)
    if text_at(node, "policy") != policy.id:
        msg = f"{policy.place.file} was changed meanwhile. Try again."
        raise InputError(msg)
    mode = policy.mode if taken.sites else taken.wanted
    return replace(policy, mode=mode, modes=modes(node, mode, repository.district.sites, []))


def _kept(store: LedgerStore, policy: Policy) -> Kept:
    from agent.promoting import Kept

    looks = [run.at for run in store.past.runs()]
    return Kept(store.past.episodes(policy.id, None), store.past.editions(policy.id), looks)
