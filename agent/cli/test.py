"""`driftbell test`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent import __version__
from agent.cli import complete, options, tree
from agent.cli.output import print_json, say
from agent.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agent.errors import Place
    from agent.model.policy import Repository
    from agent.settings import Settings
    from agent.trials.coverage import Coverage
    from agent.trials.running import Miss, Result

    Sets = Callable[[Place], str]  # which condition set a place is in

FAILED = 1


def try_cases(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[POLICY|FILE]...",
            help="Only the tests of these policies, or in these files. Default: all.",
            autocompletion=complete.policies,
            show_default=False,
        ),
    ] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="Say what no case shows, with its line.")] = False,
    require_coverage: Annotated[
        bool, typer.Option("--require-coverage", help="Fail where a policy, or a side of a condition, has no case.")
    ] = False,
    require: Annotated[
        float | None,
        typer.Option("--require-percent", metavar="SHARE", min=0, max=100, help="Fail below this share of sides."),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Also write the results as JUnit XML.")
    ] = None,
    update: Annotated[
        bool,
        typer.Option("--update", help="With POLICY RESOURCE: write a case of the last look, without names of people."),
    ] = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="List every case.")] = False,
) -> int:
    """Try the policies on the cases of policies/tests/. Nothing is looked at, and nothing is changed.

    A case gives readings, a time and a calendar, and says what is expected: verdicts, sentences, actions and holds.
    """
    settings = options.settings(repo, state, config)
    if update:
        return _update(settings, names or [])
    repository, results, covered, warnings = _run(settings, names or [])
    if junit is not None:
        _write_junit(junit, results)
    if as_json:
        print_json({**_document(repository, results, covered), "warnings": warnings})
    else:
        for warning in warnings:
            say(f"warning: {warning}")
        gaps = coverage or require_coverage or require is not None
        for line in _lines(results, covered, _sets(repository), verbose=verbose, gaps=gaps):
            say(line)
    failed = any(r.misses for r in results)
    short = (require_coverage and not covered.whole) or (require is not None and covered.percent < require)
    return FAILED if failed or short else 0


def _run(settings: Settings, names: Sequence[str]) -> tuple[Repository, tuple[Result, ...], Coverage, list[str]]:
    from agent.bootstrap import catalog
    from agent.bootstrap.trials import with_trials_of
    from agent.trials.choosing import chosen
    from agent.trials.coverage import coverage
    from agent.trials.running import run

    repository, trials, elsewhere = with_trials_of(settings, names)
    picked, policies = chosen(trials, repository.policies, names)
    results = run(picked, repository, catalog())
    tested = [e.policy for r in results for e in r.case.expect]
    covered = coverage(policies, tested, [s for r in results for s in r.sights])
    return repository, results, covered, [str(problem) for problem in elsewhere]


def _sets(repository: Repository) -> Sets:
    from agent.bootstrap import condition_sets

    return condition_sets(repository)


def _lines(results: Sequence[Result], covered: Coverage, sets: Sets, *, verbose: bool, gaps: bool) -> Iterator[str]:
    files: dict[str, list[Result]] = {}
    for result in results:
        files.setdefault(result.trial.file, []).append(result)
    for file, of in files.items():
        failed = sum(1 for r in of if r.misses)
        if failed or verbose:
            yield f"{'FAIL' if failed else 'ok  '} {plain(file)}: {len(of) - failed} of {_cases(len(of))} passed"
        for result in of:
            if verbose and not result.misses:
                yield f"  ok   {plain(result.case.name)}"
            yield from _failure(result, sets)
    yield from _gaps(covered) if gaps else ()
    yield _summary(results, covered)


def _failure(result: Result, sets: Sets) -> Iterator[str]:
    if result.misses:
        yield f"  FAIL {plain(result.case.name)} ({result.case.place})"
    for miss in result.misses:
        yield f"    {plain(miss.subject)}  ({miss.place})"
        yield f"      expected  {plain(miss.expected)}"
        yield f"      came      {plain(miss.came)}"
        for heading, judged in miss.trees:
            yield f"      {heading}"
            yield from (f"      {line}" for line in tree.lines(judged, tree.Around(result.case.at, sets)))


def _gaps(covered: Coverage) -> Iterator[str]:
    for policy in covered.untested:
        yield f"not tested  {policy} has no case"
    for leaf in covered.leaves:
        if leaf.missing and leaf.policy not in covered.untested:
            never = " or ".join(leaf.missing)
            yield plain(f"not tested  {leaf.policy}: {leaf.rule} never decides as {never} ({leaf.place})")


def _summary(results: Sequence[Result], covered: Coverage) -> str:
    failed = sum(1 for r in results if r.misses)
    unknown = sum(1 for leaf in covered.leaves if "unknown" in leaf.seen)
    return (
        f"{_cases(len(results))}, {failed or 'none'} failed. "
        f"{covered.policies - len(covered.untested)} of {covered.policies} policies have a case; "
        f"{covered.seen} of {covered.sides} sides of their {len(covered.leaves)} conditions were seen "
        f"({covered.percent:.1f}%), and {unknown} of the conditions unknown."
    )


def _cases(number: int) -> str:
    from agent.report.words import counted

    return counted(number, "case")


def _document(repository: Repository, results: Sequence[Result], covered: Coverage) -> dict[str, Any]:
    return {
        "driftbell": __version__,
        "schema": 1,
        "revision": repository.revision.id,
        "counts": {"passed": sum(1 for r in results if not r.misses), "failed": sum(1 for r in results if r.misses)},
        "cases": [_case(r, _sets(repository)) for r in results],
        "coverage": {
            "policies": covered.policies,
            "untested": list(covered.untested),
            "sides": covered.sides,
            "seen": covered.seen,
            "conditions": [
                {
                    "policy": leaf.policy,
                    "part": leaf.part,
                    "rule": leaf.rule,
                    "place": str(leaf.place),
                    "seen": sorted(leaf.seen),
                    "missing": list(leaf.missing),
                }
                for leaf in covered.leaves
            ],
        },
    }


def _case(result: Result, sets: Sets) -> dict[str, Any]:
    return {
        "file": result.trial.file,
        "line": result.case.place.line,
        "case": result.case.name,
        "policies": list(result.case.policies),
        "passed": not result.misses,
        "seconds": round(result.seconds, 6),
        "failures": [_miss(m, tree.Around(result.case.at, sets)) for m in result.misses],
    }


def _miss(miss: Miss, around: tree.Around) -> dict[str, Any]:
    return {
        "place": str(miss.place),
        "subject": miss.subject,
        "expected": miss.expected,
        "came": miss.came,
        "conditions": [tree.document(judged, around) for _, judged in miss.trees],
    }


def _write_junit(path: Path, results: Sequence[Result]) -> None:
    from agent.bootstrap import write_file
    from agent.trials.junit import junit

    write_file(path, junit(results))


def _update(settings: Settings, names: Sequence[str]) -> int:
    from agent.bootstrap.trials import write_case
    from agent.errors import InputError

    if len(names) != len(("policy", "resource")):
        msg = "`driftbell test --update` takes a policy and a resource: `driftbell test --update DEV-04 device/A1`."
        raise InputError(msg)
    path = write_case(settings, *names)
    say(f"{path} has a new case. Read it before you commit it: names and numbers were replaced, words were not.")
    return 0


COMMANDS = {"test": try_cases}
