"""`driftbell import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli import complete, options
from agent.cli.output import print_json, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.systems.csv.taking import Taken
    from agent.systems.csv.understanding import Understanding

MOST = 8  # names in one line; the others are counted
PLURALS = {"person": "people", "class": "classes"}
NOT_WHOLE = 3  # the exit code for what could not be seen


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The export: CSV, or a OneRoster zip.")],
    name: Annotated[
        str,
        typer.Option(
            "--as",
            metavar="NAME",
            help="A system of inventory/systems.yaml, or a preset: google_devices.",
            autocompletion=complete.presets,
        ),
    ],
    dated: Annotated[
        str | None,
        typer.Option("--dated", metavar="TIME", help="When it was exported. Default: what the file tells of it."),
    ] = None,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Take it even if it is older, shorter or of another sort than the last one."),
    ] = False,
    json: options.Json = False,
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> int:
    """Copy an export into the state directory, with its date, and show what was understood of it."""
    from agent import bootstrap
    from agent.bootstrap.exports import import_export

    settings = options.settings(repo, state, config)
    read = bootstrap.load(settings), bootstrap.catalog()
    taken = import_export(settings, *read, file, name, options.moment(dated), vouched=yes)
    if json:
        print_json(_document(taken))
    else:
        for line in _lines(taken, file):
            say(_plain(line))
    return 0 if taken.understood.proven else NOT_WHOLE


def _lines(taken: Taken, file: Path) -> Iterator[str]:
    """Give what a person is shown: what it is, what is read from where, and what to look at."""
    known = taken.understood
    things = PLURALS.get(taken.kind, f"{taken.kind}s")
    yield f"{file.name}: {known.membership}; {known.resources:,} of them can be used as {things} ({known.form})"
    yield f"dated {taken.as_of:%Y-%m-%d %H:%M %Z}: {taken.how}"
    yield f"kept as {taken.path}" + ("; it is the same file as before" if taken.same else "")
    yield ""
    yield from _columns(known)
    if known.without:
        yield f"Not in it: {_few([field for field, _ in known.without])}"
    if known.ignored:
        yield f"Columns that nobody reads: {_few(list(known.ignored))}"
    if known.strangers:
        strange = [f'"{text}" ({number:,})' for text, number in known.strangers.items()]
        yield f"No school is called: {_few(strange)}"
        yield f"  say what they mean under systems: {taken.system}: columns: site: map, in inventory/systems.yaml"
    yield from known.notes
    yield from (f"Careful: {warning}" for warning in taken.warnings)
    if taken.add:
        yield "No system reads this file yet. Add to inventory/systems.yaml:"
        yield from taken.add


def _columns(known: Understanding) -> Iterator[str]:
    """Give a line a field: the field, its column, some values, and how many could not be read."""
    wide = max((len(r.field) for r in known.read), default=0)
    far = min(max((len(r.header) for r in known.read), default=0), 40)
    for read in known.read:
        values = ", ".join(read.samples) or ("" if read.unknown else "(empty)")
        yield f"  {read.field:{wide}}  {read.header:{far}}  {values}".rstrip()
        if read.unknown:
            yield f"  {'':{wide}}  {read.unknown:,} could not be read: {read.why}"


def _few(names: list[str]) -> str:
    rest = len(names) - MOST
    return ", ".join(names[:MOST]) + (f" and {rest:,} more" if rest > 0 else "")


def _document(taken: Taken) -> dict[str, Any]:
    from agent import __version__

    known = taken.understood
    return {
        "driftbell": __version__,
        "schema": 1,
        "imported": {
            "system": taken.system,
            "kind": taken.kind,
            "path": str(taken.path),
            "as_of": taken.as_of.isoformat(),
            "as_of_known_by": taken.how,
            "as_of_sure": taken.sure,
            "same_as_before": taken.same,
            "vouched": taken.vouched,
            "sha256": known.digest,
            "form": known.form,
            "rows": known.rows,
            "rows_before": taken.before,
            "resources": known.resources,
            "membership": "proven" if known.proven else "not proven",
            "membership_why": known.membership,
            "fields": [
                {"field": r.field, "column": r.header, "samples": list(r.samples), "unknown": r.unknown, "why": r.why}
                for r in known.read
            ],
            "fields_without_column": [field for field, _ in known.without],
            "columns_not_read": list(known.ignored),
            "no_such_school": dict(known.strangers),
            "notes": list(known.notes),
            "warnings": list(taken.warnings),
            "add_to_systems_yaml": list(taken.add),
        },
    }


def _plain(text: str) -> str:
    from agent.report.plain import plain

    return plain(text)


COMMANDS = {"import": import_}
