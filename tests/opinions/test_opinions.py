"""Second opinions are asked of exactly what was touched, decide nothing, and are told where they disagree."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from agent.enforce import Attempt
from agent.model.action import Outcome, Result, Written
from agent.model.opinion import Opinion
from agent.model.ports import Clearance
from agent.opinions import asking, disagreements, lacking, remarks
from tests.decide.build import NOW, policy, repository
from tests.ledger import nouns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.model.policy import Repository

CALM = Clearance(lambda: "")
PASSED, FAILED = Opinion("passed 3 tests"), Opinion("failed test_banner: assert 'x' == 'y'", failed=True)
UNABLE = Opinion("could not run: ssh: connect to host web1: refused")


@dataclass
class Known:
    """An examiner that knows the answers."""

    says: Mapping[str, Opinion] = field(default_factory=dict)
    why: str = ""
    asked: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)

    def lack(self) -> str:
        return self.why

    def examine(
        self, _repository: Repository, modules: Sequence[str], resources: Sequence[str], _clearance: Clearance
    ) -> Mapping[str, Opinion]:
        self.asked.append((tuple(modules), tuple(resources)))
        return {r: self.says.get(r, PASSED) for r in resources}


def attempt(host: str, of: str, *, ran: bool = True) -> Attempt:
    action = nouns.action(f"host/{host}", of)
    return Attempt(1, nouns.batch("a", action), action, Written(action.resource, "", ran), NOW, NOW)


def outcome(of: Attempt, result: Result = Result.CONFIRMED) -> Outcome:
    return nouns.outcome(of.action, result)


TWO = repository(policy("P-01", verify=("tests/test_a.py", "tests/test_b.py")), policy("P-02"))


def test_exactly_what_was_touched_is_examined_by_the_modules_of_its_own_policy() -> None:
    examiner = Known()
    attempts = [attempt("web1", "P-01"), attempt("web2", "P-01", ran=False), attempt("web3", "P-02")]
    told = asking(examiner, TWO, CALM)(attempts, [outcome(a) for a in attempts])
    assert examiner.asked == [(("tests/test_a.py", "tests/test_b.py"), ("host/web1",))]
    assert [o.opinion for o in told] == ["passed 3 tests", "", ""]


@pytest.mark.parametrize("result", list(Result))
@pytest.mark.parametrize("opinion", [PASSED, FAILED, UNABLE])
def test_it_decides_nothing(result: Result, opinion: Opinion) -> None:
    one = attempt("web1", "P-01")
    before = outcome(one, result)
    (told,) = asking(Known({"host/web1": opinion}), TWO, CALM)([one], [before])
    assert told == replace(before, opinion=opinion.said, opinion_failed=opinion.failed)
    assert told.result is result


def test_without_an_examiner_nobody_is_asked() -> None:
    one = attempt("web1", "P-01")
    assert asking(None, TWO, CALM)([one], [outcome(one)]) == [outcome(one)]
    assert remarks(None, TWO, [outcome(one)]) == ()


def test_what_disagrees_is_told_once_for_all_who_say_the_same() -> None:
    hosts = [attempt(f"web{n}", "P-01") for n in range(1, 6)]
    says = {f"host/web{n}": FAILED for n in range(1, 5)} | {"host/web5": UNABLE}
    told = asking(Known(says), TWO, CALM)(hosts, [outcome(h) for h in hosts])
    first, second = disagreements(told)
    assert first == (
        "P-01 on host/web1, host/web2, host/web3 and 1 more: its own tests say: failed test_banner: assert 'x' == 'y'. "
        "The second look says: confirmed."
    )
    assert second.startswith("P-01 on host/web5: its own tests say: could not run: ssh: connect to host web1: refused")
    assert list(disagreements([replace(told[0], opinion="passed 3 tests", opinion_failed=False)])) == []


def test_a_server_that_cannot_examine_says_so_at_each_run() -> None:
    unable = Known(why="pytest-testinfra is not installed: pip install 'driftbell[verify]'.")
    (said,) = lacking(unable, TWO)
    assert said.startswith("P-01 asks for a second opinion (`verify`), and there is none. pytest-testinfra is not")
    assert list(lacking(Known(), TWO)) == []
    assert list(lacking(unable, repository(policy("P-02")))) == []
