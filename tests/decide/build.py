"""Policies, tables and repositories for the tests of decisions, the smallest that make a point."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import starmap
from typing import TYPE_CHECKING, Any

from agent.catalog.host import HOST
from agent.decide.columns import Columns, Row, build
from agent.errors import Place
from agent.intake.times import Times
from agent.model.condition import AllOf, Test
from agent.model.kind import Catalog, Risk
from agent.model.policy import Caps, District, Host, Mode, Policy, Remedy, Repository, Revision, Severity
from agent.systems.ansible.spec import VERBS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from agent.model.reading import Reading

NOW = datetime(2026, 10, 14, 12, tzinfo=UTC)
PLACE = Place("policies/hosts/P-01.yaml", 5, 3)
ROOT, BANNER, FORWARD = "sshd.permitrootlogin", "sshd.banner", "sysctl.net.ipv4.ip_forward"
CATALOG = Catalog({"host": HOST}, {v.name: v for v in VERBS})


def equals(field: str, value: str) -> Test:
    return Test(HOST.resolve(field), "equals", value, value, PLACE)


def remedy(*sets: str, playbook: str = "playbooks/ssh.yml", **variables: Any) -> Remedy:
    arguments = {"playbook": playbook, **({"vars": variables} if variables else {})}
    return Remedy("ansible.playbook", arguments, tuple(HOST.resolve(f) for f in sets), Risk.REVERSIBLE, PLACE)


def policy(name: str = "P-01", expect: Mapping[str, str] | None = None, **changes: Any) -> Policy:
    wanted = expect or {ROOT: "no", BANNER: "/etc/issue.net"}
    base = Policy(
        id=name, title=name, why="", severity=Severity.HIGH, owner="", frameworks={}, kind="host", where=None,
        expect=AllOf(tuple(starmap(equals, wanted.items()))), converge=None, mode=Mode.ENFORCE,
        remedy=(remedy(*wanted),), caps=Caps(), check_every=None, place=PLACE, digest=f"digest of {name}",
    )  # fmt: skip
    return replace(base, **changes)


def table(hosts: Mapping[str, Mapping[str, Reading]]) -> Columns:
    fields = sorted({f for readings in hosts.values() for f in readings})
    rows = [Row(f"host/{name}", "east", readings) for name, readings in hosts.items()]
    return build([HOST.resolve(f) for f in fields], rows)


def repository(*policies: Policy, hosts: tuple[str, ...] = ("web1", "web2")) -> Repository:
    known = tuple(Host(name, (), {}, f"variables of {name}") for name in hosts)
    district = District("Riverton Unified", "America/Chicago", {}, {}, (), Caps(), frozenset())
    return Repository("/nowhere", Revision("abc", "/nowhere"), district, policies, known, "digest of the playbooks")


def ago(text: str, zone: tzinfo) -> object:
    """Give what `within` and `older_than` count from."""
    return Times(HOST.resolve("cert./etc/x.pem.expires"), zone, HOST.resolve).ago(text)


def moment(text: str, zone: tzinfo) -> object:
    """Give what `before` and `after` compare with."""
    return Times(HOST.resolve("cert./etc/x.pem.expires"), zone, HOST.resolve).moment(text)
