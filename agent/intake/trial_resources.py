"""The resources of a policy test: what the file has for all cases, with what one case says on top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.intake.nodes import Node, text_at
from agent.intake.readings import reading
from agent.intake.trial_schema import CONVERGE, SCHOOL_FIELDS, SILENT, SITE
from agent.intake.wording import problem, quote
from agent.model.kind import FieldRef, FieldType, UnknownFieldError
from agent.model.trial import Presented

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

    from agent.errors import Place, Problem
    from agent.model.condition import Moment
    from agent.model.kind import Catalog, Kind
    from agent.model.policy import District
    from agent.model.reading import Reading

Fields = dict[str, tuple[Node, Node]]  # by field: the mapping that it stands in, and its value
CONVERGED = FieldRef(CONVERGE, CONVERGE, "", "", FieldType.LIST)
_PLACE = FieldRef("site", "site", "", "", FieldType.TEXT)


@dataclass(frozen=True, slots=True)
class Ground:
    """What policy tests are read against; `problems` receives what is wrong."""

    catalog: Catalog
    district: District
    zone: tzinfo
    problems: list[Problem]


def strangers(node: Node, catalog: Catalog) -> Iterator[Problem]:
    """Say what a file of tests gives that no resource can have, where the schema could only say: not known."""
    cases = node.get("cases")
    given = (case.get("given") for case in (cases.items() if cases else ()))
    for resources in (r for r in (node.get("resources"), *given) if r is not None):
        for resource, fields in resources.pairs():
            kind = catalog.kinds.get(resource.partition("/")[0])
            if kind is None and "/" in resource:
                sentence = f"{quote(resource)} is of no kind there is"
                yield problem(resources.key_place(resource), sentence, resource.partition("/")[0], list(catalog.kinds))
            elif kind is not None:
                yield from _strange(kind, fields)


def _strange(kind: Kind, fields: Node) -> Iterator[Problem]:
    for name, _ in fields.pairs():
        link = kind.link(name.partition(".")[0])
        if link is not None and name != "site":
            own, theirs = link.by[0]
            sentence = (
                f"{quote(name)} is read of the {link.kind} that it leads to: give that as `{link.kind}/NAME`, "
                f"with a `{theirs}` that is the same as the `{own}` here"
            )
            yield problem(fields.key_place(name), sentence)
        elif kind.name == SITE and name not in SCHOOL_FIELDS and any(f.name == name for f in kind.fields):
            yield problem(fields.key_place(name), f"{quote(name)} comes from the calendar: say it under `calendar`")


def merged(shared: Node | None, own: Node | None, ground: Ground) -> dict[str, Fields]:
    """Give the fields of each resource of a case: its own come before those of the file, null takes it out."""
    found: dict[str, Fields] = {}
    for node in (n for n in (shared, own) if n is not None):
        for resource, fields in node.pairs():
            if resource.partition("/")[0] not in ground.catalog.kinds:
                continue  # it has been said
            if fields.value is None:
                _take_out(found, resource, fields, node.key_place(resource), ground)
            else:
                before = found.get(resource, {})
                if fields.get(SILENT) is not None:  # whoever is silent has nothing left of what it said
                    before = {name: value for name, value in before.items() if _listed(name)}
                found[resource] = before | {name: (fields, value) for name, value in fields.pairs()}
    return found


def _listed(field: str) -> bool:
    """Say whether a field is known of a host even while it is silent: its inventory has it."""
    return field in {"groups", "site"} or field.startswith("var.")


def _take_out(found: dict[str, Fields], resource: str, node: Node, place: Place, ground: Ground) -> None:
    if not node.raw:
        said = f"{quote(resource)} is blank: write {{}} for one of which nothing is known, or null to take it out"
        ground.problems.append(problem(place, said))
    elif resource not in found:
        said = f"There is no {quote(resource)} in `resources` to take out"
        ground.problems.append(problem(place, said, resource, list(found)))
    found.pop(resource, None)


def presented(resources: Mapping[str, Fields], ground: Ground) -> tuple[Presented, ...]:
    """Give the resources of a case, typed."""
    return tuple(_one(resource, fields, ground) for resource, fields in resources.items())


def _one(resource: str, fields: Fields, ground: Ground) -> Presented:
    kind = ground.catalog.kinds[resource.partition("/")[0]]
    readings: dict[str, Reading | Moment] = {}
    silent = ""
    for name, (holder, value) in fields.items():
        if name == SILENT:
            silent = text_at(holder, SILENT)
            continue
        try:
            readings[name] = reading(_field(kind, name), value, ground.zone)
        except (UnknownFieldError, ValueError) as error:
            ground.problems.append(problem(value.place, str(error)))
    site = _site(kind, resource, fields)
    if not any(f.name == "site" for f in kind.fields):
        readings.pop("site", None)
    return Presented(resource, site, readings, silent)


def _field(kind: Kind, name: str) -> FieldRef:
    if name == "site" and not any(f.name == name for f in kind.fields):
        return _PLACE
    return CONVERGED if name == CONVERGE else kind.resolve(name)


def _site(kind: Kind, resource: str, fields: Fields) -> str:
    """Give the school that a resource belongs to."""
    if kind.name == SITE:
        return resource.partition("/")[2]
    named = fields.get("site") or fields.get("var.site")
    return (named[1].text() or "") if named else ""
