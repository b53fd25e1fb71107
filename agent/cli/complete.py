"""What the shell completes: names that can be had from files at once, without loading a district.

Whatever cannot be read completes to nothing: a completion that fails would only disturb whoever types.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_POLICY = re.compile(rb"(?m)^policy:[ \t]*[\"']?([A-Za-z0-9._-]+)")
_BEGINNING = 4096  # bytes of a policy: its id is its first word


def policies(incomplete: str) -> list[str]:
    """Give the ids of the policies that begin so."""
    found = []
    with suppress(OSError):
        for path in sorted((_repository() / "policies").rglob("*.y*ml")):
            with path.open("rb") as file:
                match = _POLICY.search(file.read(_BEGINNING))
            found += [match[1].decode()] if match else []
    return [name for name in found if name.startswith(incomplete)]


def digests(incomplete: str) -> list[str]:
    """Give the numbers of the newest plans that begin so, as `driftbell plan` shows them."""
    from agent.bootstrap import ledger, read_settings
    from agent.errors import DriftbellError

    with suppress(OSError, DriftbellError):
        settings = read_settings(None).at(None, _state())
        with ledger(settings, read_only=True) as store:
            numbers = [digest.partition(":")[2][:12] for digest in store.approvals.askable()]
        return [n for n in numbers if n.startswith(incomplete.removeprefix("sha256:"))]
    return []


def _state() -> Path | None:
    """Give the state directory that the words typed so far name."""
    words = os.environ.get("COMP_WORDS", "").replace("\n", " ").split()
    named = next((after for word, after in pairwise(words) if word == "--state"), "")
    return Path(named).expanduser() if named else None


def revisions(incomplete: str) -> list[str]:
    """Give the branches and tags of the repository that begin so."""
    from agent.errors import DriftbellError
    from agent.intake.git_program import git

    with suppress(OSError, DriftbellError):
        said = git(
            "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads", "refs/tags", cwd=_repository(), seconds=2
        )
        return [name for name in said.out.decode(errors="replace").split() if name.startswith(incomplete)]
    return []


def sites(incomplete: str) -> list[str]:
    """Give the sites of the district that begin so."""
    import yaml

    with suppress(OSError, UnicodeDecodeError, yaml.YAMLError):
        text = (_repository() / "policies" / "district.yaml").read_text(encoding="utf-8")
        said = yaml.load(text, yaml.CSafeLoader)
        found = said.get("sites") if isinstance(said, dict) else None
        return [str(name) for name in found if str(name).startswith(incomplete)] if isinstance(found, dict) else []
    return []


def either(incomplete: str) -> list[str]:
    """Give the policies and hosts that begin so."""
    return [*policies(incomplete), *hosts(incomplete)]


def hosts(incomplete: str) -> list[str]:
    """Give the hosts of the inventory that begin so."""
    import yaml

    with suppress(OSError, UnicodeDecodeError, yaml.YAMLError):
        text = (_repository() / "inventory" / "hosts.yml").read_text(encoding="utf-8")
        names = dict.fromkeys(_hosts(yaml.load(text, yaml.CSafeLoader)))
        return [name for name in names if name.startswith(incomplete)]
    return []


def _hosts(groups: object) -> Iterator[str]:
    """Give the names below every `hosts` of an inventory."""
    for key, below in groups.items() if isinstance(groups, dict) else ():
        if key == "hosts" and isinstance(below, dict):
            yield from map(str, below)
        else:
            yield from _hosts(below)


def presets(incomplete: str) -> list[str]:
    """Give the names that a list can be imported by: the systems of the repository, and the presets."""
    from agent.bootstrap import catalog

    with suppress(OSError, UnicodeDecodeError):
        text = (_repository() / "inventory" / "systems.yaml").read_text(encoding="utf-8")
        named = re.findall(r"(?m)^  ([a-z0-9][a-z0-9_-]*):", text)
        return [n for n in dict.fromkeys([*named, *catalog().presets]) if n.startswith(incomplete)]
    return [name for name in catalog().presets if name.startswith(incomplete)]


def lists(incomplete: str) -> list[str]:
    """Give the lists that `driftbell init` knows."""
    from agent.bootstrap import catalog
    from agent.example.choosing import lists as known

    return [name for name in known(catalog()) if name.startswith(incomplete)]


def zones(incomplete: str) -> list[str]:
    """Give the time zones."""
    from zoneinfo import available_timezones

    return sorted(zone for zone in available_timezones() if zone.startswith(incomplete))


def _repository() -> Path:
    """Give the repository as the words typed so far, the environment, or the working directory name it."""
    words = os.environ.get("COMP_WORDS", "").replace("\n", " ").split()
    named = [after for word, after in pairwise(words) if word == "--repo"]
    here = Path.cwd()
    if not named and (here / "policies").is_dir():
        return here
    return Path(next(iter(named), "") or os.environ.get("DRIFTBELL_REPO") or here).expanduser()
