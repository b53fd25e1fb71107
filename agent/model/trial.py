"""Policy tests: given these readings at this time, a policy is expected to say this and to ask for that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.model.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from agent.errors import Place
    from agent.model.calendar import Days, Spans
    from agent.model.condition import Moment
    from agent.model.policy import Mode
    from agent.model.reading import Reading
    from agent.model.waiver import Waiver

LEFT_OUT = "left_out"  # how a case says that a policy does not apply
NOT_YET = "not_yet"  # and that it is out of line, but not in as many looks as the policy waits for
STANDS = (*map(str, Verdict), NOT_YET, LEFT_OUT)


@dataclass(frozen=True, slots=True)
class Presented:
    """One resource as a case has it.

    `readings` are by field, where a Moment counts from the time of the case; `silent` says why every field that they
    do not name could not be read, or is empty where they are only not given.
    """

    id: str
    site: str
    readings: Mapping[str, Reading | Moment]
    silent: str = ""

    @property
    def kind(self) -> str:
        """Give the kind that its id names."""
        return self.id.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Keeps:
    """The calendars of a case: `days` are changes, each with the sites that it is for, none meaning all.

    `open` are the spans of every Monday to Friday, at every site, in place of the district's calendars; without any
    the district's own hold.
    """

    open: Spans = ()
    days: tuple[tuple[tuple[str, ...], Days], ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case expects of one policy on one resource: one of STANDS.

    `sentence` is empty and `differences` None where the case does not say. A difference is (expected, observed) by
    field, either of them None where the case does not say.
    """

    policy: str
    resource: str
    stands: str
    place: Place
    sentence: str = ""
    differences: Mapping[str, tuple[str | None, str | None]] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """An action or a hold that a case expects: `what` is a verb or a guard; `resource` empty means any."""

    what: str
    resource: str
    place: Place


@dataclass(frozen=True, slots=True)
class Case:
    """One case, with everything that its file says for all of them already in it.

    Attributes:
        policies: the ids of those that are judged.
        resources: what there is, the schools apart; a kind of which nothing is here and `lists` does not name is not
            shown by any system.
        schools: what it says of schools otherwise than district.yaml, as resources of the kind `site`.
        lists: whether the list of a kind is whole, where the case says so; those of the others are.
        as_of: when a kind's list was made, where that is not the time of the case.
        mode: the mode to try, in place of the policies' own.
        actions, holds: all that there are to be, or None where the case does not say.
        looks: how many earlier looks in a row already found what is out of line; None: enough of them.
    """

    name: str
    place: Place
    at: datetime
    policies: tuple[str, ...]
    resources: tuple[Presented, ...]
    schools: tuple[Presented, ...]
    expect: tuple[Expected, ...]
    lists: Mapping[str, bool] = field(default_factory=dict)
    as_of: Mapping[str, datetime] = field(default_factory=dict)
    keeps: Keeps | None = None
    mode: Mode | None = None
    waivers: tuple[Waiver, ...] = ()
    actions: tuple[Wanted, ...] | None = None
    holds: tuple[Wanted, ...] | None = None
    looks: int | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """One file of policies/tests/: `about` is what it says it is about, `policies` the ids that it names for that."""

    file: str
    about: str
    policies: tuple[str, ...]
    cases: tuple[Case, ...]
