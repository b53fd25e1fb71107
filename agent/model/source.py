"""Sources: the systems of inventory/systems.yaml, as typed values. Secrets are named here, never held."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from agent.errors import Place

SAMPLES = 3
TIMEOUT = 5.0  # seconds, for one sample


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where a field stands in an export.

    Attributes:
        field: the kind's field.
        columns: the headers it may stand under; the first of them that the file has is read. Case, blanks and
            underscores aside.
        values: what a cell's text means, by its text in small letters; others keep their text.
        only: whether a text that `values` does not name is unknown instead.
        format: how a time is written (`%d/%m/%Y`); empty for what is unmistakable.
        none: texts, in small letters, that mean "there is nothing", beside the blank cell.
    """

    field: str
    columns: tuple[str, ...]
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    only: bool = False
    format: str = ""
    none: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Preset:
    """How the exports of one product look: which kind they fill, which field is the id, and every column.

    `description` says, for the documentation, where in the product the export is made.
    """

    name: str
    kind: str
    key: str
    columns: tuple[ColumnMap, ...]
    description: str
    as_of: str = ""  # a column that says when the data is from
    timezone: str = ""  # of times without a zone; empty: the district's


@dataclass(frozen=True, slots=True)
class ExportSource:
    """A kind read from a file that a person or a nightly job exports.

    Attributes:
        type: `csv` or `oneroster`.
        path: the file, absolute, or below the state directory's `exports/`, then below `inventory/exports/`.
        key: the field whose value names the resource; empty: the preset's.
        columns: maps that come before those of the preset, field by field.
        as_of: the column that says when the data is from; empty: the preset's, then the date in the file's name.
        timezone: of times without a zone; empty: the preset's, then the district's.
        delimiter, encoding: what the file has, where it is not to be found out.
    """

    name: str
    type: str
    kind: str
    path: str
    place: Place
    preset: str = ""
    key: str = ""
    columns: tuple[ColumnMap, ...] = ()
    as_of: str = ""
    fresh_for: timedelta | None = None
    timezone: str = ""
    delimiter: str = ""
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One service to be asked from this machine.

    Attributes:
        name: the resource's name.
        site: the school it belongs to, or empty.
        ask: `tcp`, `tls`, `http`, `dns` or `ping`.
        target: `host:port` for tcp, tls and ping, an address for http, a name for dns.
        options: what is particular to the sort of check, all as text: `server`, `record`, `blocked_answers`,
            `server_name`, `ca_file`.
    """

    name: str
    site: str
    ask: str
    target: str
    options: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProbeSource:
    """Services asked from this machine, each several times.

    Attributes:
        samples: how often each is asked.
        timeout: for one sample, in seconds.
        pause: between two samples, in seconds.
    """

    name: str
    kind: str  # `service`
    checks: tuple[Check, ...]
    place: Place
    samples: int = SAMPLES
    timeout: float = TIMEOUT
    pause: float = 0.2


Source = ExportSource | ProbeSource
