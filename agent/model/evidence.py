"""Evidence: what an auditor asks of a change, what it stood on, and how long each class of records is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from agent.model.policy import Revision

CHANGES, REFUSALS, CHAIN = "changes", "refusals", "chain"
KINDS: Mapping[str, str] = MappingProxyType({
    "policy": CHANGES,  # the text of a policy that something rests on
    "intended": CHANGES,  # what is about to be written, and by what right
    "captured": CHANGES,  # what was there just before
    "left": CHANGES,  # what was there just after
    "outcome": CHANGES,  # what a second look said
    "approval": CHANGES,
    "denial": CHANGES,
    "override": CHANGES,  # a person's word against a freeze
    "undo": CHANGES,  # what a person took back
    "revision": CHANGES,  # rules that may be run from now on
    "refused": REFUSALS,  # rules that may not
    "stopped": REFUSALS,  # the kill switch was on
    "resumed": REFUSALS,
    "begun": CHAIN,  # the first record
    "key": CHAIN,  # a key that seals from now on
    "pruned": CHAIN,  # what was too old to be kept
})  # fmt: skip
YEAR = timedelta(days=366)  # a year that is promised is never shorter than one of the calendar
KEEP: Mapping[str, timedelta] = MappingProxyType({CHANGES: 10 * YEAR, REFUSALS: YEAR})


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy as it was written. `digest` is the policy's own, `file` where it stands in the repository.

    `masked` is whether values whose names say that they are secret were taken out: then the text is canonical JSON.
    """

    digest: str
    file: str
    text: str
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Grounds:
    """What changes stand on: the revision of the rules, and the policies' texts by id."""

    revision: Revision | None = None
    texts: Mapping[str, PolicyText] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the chain. `at` is in microseconds since 1970 UTC; `body` is canonical JSON, None once pruned.

    `digest`, `previous` and `own` are sha256s as hex: of the body, the record before it, and the record itself.
    """

    number: int
    at: int
    kept: str
    what: str
    body: bytes | None
    digest: str
    previous: str
    own: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signature over the chain up to a record. `key` is the sha256 of the public key; both it and this are hex."""

    number: int
    own: str
    at: int
    key: str
    signature: str


class Evidence(Protocol):
    """The chain of evidence, as cycles and commands use it. Every call is one transaction."""

    def seal(self, at: datetime) -> Sealed | None:
        """Sign what was recorded since the last seal; gives the newest seal, None where nothing was ever recorded.

        Raises:
            UnseenError: the key cannot be read or made.
            InputError: the key's file is no key, or others may read it.
        """

    def prune(self, keep: Mapping[str, timedelta], at: datetime) -> int:
        """Forget what records of each class held once they are too old; gives how many. They stay in the chain."""

    def renew(self, at: datetime) -> str:
        """Make a new key, whose coming the old one seals; gives its hash."""

    def key(self) -> str:
        """Give the public key that seals now, as hex; empty where there is none yet."""

    def journal(self, after: int) -> Mapping[int, bool]:
        """Give the intents of the journal behind one of them, and whether anything was said of what came of them."""

    def records(self) -> Iterator[Record]:
        """Give every record, in order."""

    def seals(self) -> tuple[Sealed, ...]:
        """Give every seal, in order."""
