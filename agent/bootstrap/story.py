"""The story of a resource or a policy: from the ledger, with the commits that git knows."""

from __future__ import annotations

from functools import cache
from itertools import starmap
from typing import TYPE_CHECKING

from agent.errors import DriftbellError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from agent.ledger.store import LedgerStore
    from agent.model.history import Story
    from agent.model.policy import Commit, Repository
    from agent.settings import Settings


def story(settings: Settings, words: Sequence[str], since: datetime | None) -> Story:
    """Tell what became of a resource, a policy, or one on the other, whichever comes first.

    Raises:
        InputError: there never was such a thing; the sentence names the nearest.
    """
    from agent import bootstrap
    from agent.decide.history import events, of_policy
    from agent.model.history import Story

    repository = _loaded(settings)
    with bootstrap.ledger(settings, read_only=True) as store:
        policy, resource = _named(store, repository, words)
        episodes = store.past.episodes(policy or None, resource or None, since)
        runs = store.past.runs()
        last = None if repository else store.last_run()  # a broken working tree does not change the clock
        committed = _committed(settings)
        files = cache(lambda name: next((e.file for _, e in reversed(store.past.editions(name))), "policies"))
        told = events(episodes, runs, files, committed)
        if policy:
            told += of_policy(policy, store.past.editions(policy), store.past.kept_since(), runs, committed)
    kept = [e for e in told if since is None or e.at >= since]
    return Story(
        policy=policy,
        resource=resource,
        events=tuple(sorted(kept, key=lambda e: (e.at, bool(e.resource), e.policy, e.resource))),
        first=runs[0].at if runs else None,
        open=sum(e.closed is None for e in episodes),
        timezone=repository.district.timezone if repository else (last.timezone if last else "UTC"),
        private=frozenset(k.name for k in bootstrap.catalog().kinds.values() if k.private),
    )


def _loaded(settings: Settings) -> Repository | None:
    """Load the policies for their names and the zone; a story can be told without."""
    from agent import bootstrap

    try:
        return bootstrap.load(settings)
    except DriftbellError:
        return None


def _committed(settings: Settings) -> Callable[[str, str, str], tuple[Commit, ...]]:
    """Give what asks git who changed a file between two revisions; nothing where there is no history to ask."""
    from agent.intake.git import past

    try:
        history = past(settings.repository, settings.state / "checkouts", fetched=True)
    except DriftbellError:
        return lambda _older, _newer, _file: ()

    @cache
    def committed(older: str, newer: str, file: str) -> tuple[Commit, ...]:
        """Give the commits on a policy's own file; without one, those on what it takes its values and sets from."""
        before, after = (revision.partition("+dirty:")[0] for revision in (older, newer))
        return history.commits(before, after, [file]) or history.commits(before, after, ["policies"])

    return committed


def _named(store: LedgerStore, repository: Repository | None, words: Sequence[str]) -> tuple[str, str]:
    """Find out which of one or two words is the policy and which the resource."""
    policies, resources = store.past.known()
    ours = {p.id for p in repository.policies} if repository else set()
    every = {p.lower(): p for p in (*policies, *ours)}
    found = [every.get(word.lower(), "") for word in words]
    if all(found) and len(words) > 1:
        msg = "Name one policy and one resource: these are two policies."
        raise InputError(msg)
    named = next((p for p in found if p), "")
    rest = [word for word, p in zip(words, found, strict=True) if not p]
    if len(rest) > 1:
        raise InputError(_nobody(rest[0], [*every.values(), *_bare(resources)]))
    return named, _resource(store, rest[0], resources, every.values()) if rest else ""


def _resource(store: LedgerStore, word: str, known: frozenset[str], policies: Iterable[str]) -> str:
    """Give the id of a resource that had a finding, or that the last look saw; its kind may be left out."""
    wanted = word.casefold()
    for names in (known, _seen(store)):
        matching = sorted(n for n in names if wanted in _spellings(n))
        if len(matching) > 1 and word not in matching:
            msg = f"{word!r} could be {' or '.join(matching[:4])}: write it whole."
            raise InputError(msg)
        if matching:
            return word if word in matching else matching[0]
    raise InputError(_nobody(word, [*policies, *_bare(known), *_bare(_seen(store))]))


def _spellings(resource: str) -> tuple[str, str, str]:
    """Give how people write a resource: whole, without its kind, and without the system behind it."""
    name = resource.partition("/")[2].casefold()
    return resource.casefold(), name, name.rpartition("@")[0] or name


def _seen(store: LedgerStore) -> frozenset[str]:
    """Give every resource of the last look."""
    sweeps = starmap(store.last_sweep, store.past.lists())
    return frozenset(r for s in sweeps if s is not None for r in s.table.ids())


def _bare(resources: Iterable[str]) -> list[str]:
    return [r.partition("/")[2] or r for r in resources]


def _nobody(word: str, words: list[str]) -> str:
    from agent.model.kind import nearest

    return f"There never was a policy or a resource {word!r} here{nearest(word, words) or '.'}"
