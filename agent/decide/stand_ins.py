"""What stands for a policy that is no longer there: the district's own guards hold for what it asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.errors import Place
from agent.model.policy import Caps, Mode, Policy, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.model.policy import Repository
    from agent.model.window import Window


def with_stand_ins(repository: Repository, named: Iterable[str]) -> Repository:
    """Give a repository in which every named policy is, by a stand-in with the district's windows where it is gone."""
    gone = sorted(set(named) - {p.id for p in repository.policies})
    windows = repository.district.windows
    return replace(repository, policies=(*repository.policies, *(_stand_in(policy, windows) for policy in gone)))


def _stand_in(policy: str, windows: tuple[Window, ...]) -> Policy:
    return Policy(
        id=policy, title="", why="", severity=Severity.LOW, owner="", frameworks={}, kind="host", where=None,
        expect=None, converge=None, mode=Mode.AUDIT, remedy=(), caps=Caps(), check_every=None,
        place=Place("policies"), digest="", windows=windows,
    )  # fmt: skip
