"""How long 1,000 policies take to load and to validate, beside what a schema check alone takes for the same files."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.bench.timing import Command, medians, table

ROOT = Path(__file__).parent.parent.parent
PEERS = Path(__file__).parent / "peers"
FIRST, AGAIN = "driftbell validate, nothing kept", "driftbell validate, nothing changed"


def lay_down(folder: Path, count: int) -> Path:
    """Make a repository of so many policies: those of the example, again and again, each with an id of its own."""
    repo = folder / "district"
    for name in ("policies", "playbooks", "inventory"):
        shutil.copytree(ROOT / name, repo / name)
    shutil.rmtree(repo / "policies" / "tests", ignore_errors=True)
    models = sorted(path for path in (repo / "policies").glob("*/*.yaml") if path.read_text().find("\npolicy: ") > 0)
    for number in range(count - len(models)):
        model = models[number % len(models)]
        id_ = model.stem
        text = model.read_text(encoding="utf-8").replace(f"\npolicy: {id_}\n", f"\npolicy: {id_}-N{number}\n")
        model.with_name(f"{id_}-N{number}.yaml").write_text(text, encoding="utf-8")
    return repo


def commands(folder: Path, count: int) -> tuple[list[Command], Path]:
    """Give ours and the peers, over one repository, and the state directory of ours."""
    repo, state = lay_down(folder, count), folder / "state"
    schema = repo / "policies" / "driftbell.schema.json"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "DRIFTBELL_REPO": str(repo), "DRIFTBELL_STATE": str(state)}
    Command("schema", ["sh", "-c", f"driftbell schema > {schema}"], environment, folder).seconds()
    files = sorted(str(path) for path in (repo / "policies").glob("*/*.yaml"))
    listed = folder / "files"
    listed.write_text("\n".join(files), encoding="utf-8")
    peer = [sys.executable, str(PEERS / "schema_alone.py"), str(schema), str(listed)]
    found = [
        Command(FIRST, ["sh", "-c", f"rm -rf {state}/cache && driftbell validate"], environment, folder),
        Command(AGAIN, ["driftbell", "validate"], environment, folder),
        Command("PyYAML (C) and jsonschema alone", peer, environment, folder),
    ]
    if shutil.which("check-jsonschema", path=path):
        words = ["check-jsonschema", "--schemafile", str(schema), *files]
        found.append(Command("check-jsonschema", words, environment, folder, frozenset({0, 1})))
    return found, state


def main(count: int = 1000, rounds: int = 5) -> str:
    """Time them in turn; what ours keeps between runs is thrown away where the name says so."""
    with tempfile.TemporaryDirectory() as folder:
        made, _ = commands(Path(folder), count)
        figures = medians(made, rounds)
    return table(f"{count:,} policies are loaded and validated", figures, FIRST)
