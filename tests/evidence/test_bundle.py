"""A bundle proves what it shows, in a fresh Python that knows nothing of us; and says so when somebody changed it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from agent.bootstrap.evidence import Trusted, Wanted, export, verify
from agent.decide.evidence import chain
from agent.errors import InputError
from agent.ledger.store import open_ledger
from agent.model.provenance import Belief
from agent.report.evidence.bundle import script
from agent.settings import Settings
from tests.evidence.deeds import GROUNDS, by_hand, change, lived
from tests.ledger.nouns import HOUR, START, action, batch, digest, outcome, said

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def settings(path: Path) -> Settings:
    return Settings(repository="", state=path.parent)


def verified(bundle: Path, *words: str) -> tuple[int, str]:
    """Run verify.py as an auditor does: a new process, isolated, no environment, no package of ours in sight."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(bundle / "verify.py"), *words],
        capture_output=True, text=True, check=False, timeout=120, env={}, cwd="/",
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def bundle(path: Path, tmp_path: Path) -> Path:
    lived(path)
    export(settings(path), tmp_path / "bundle", Wanted())
    return tmp_path / "bundle"


def rows(bundle: Path, name: str = "records.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (bundle / name).read_bytes().splitlines()]


def rewritten(bundle: Path, changed: list[dict[str, Any]], name: str = "records.jsonl") -> None:
    (bundle / name).write_bytes(b"".join(chain.canonical(row) + b"\n" for row in changed))


def shown(bundle: Path) -> list[str]:
    return [r["what"] for r in rows(bundle) if "body" in r]


def test_a_bundle_verifies_with_python_alone(bundle: Path) -> None:
    code, told = verified(bundle)
    assert (code, "Nothing is wrong." in told) == (0, True), told
    assert "records 1 to 9 of 9; 9 are shown." in told
    assert {p.name for p in bundle.iterdir()} == {
        "README.txt", "manifest.json", "records.jsonl", "seals.jsonl", "public-keys.pem", "verify.py"
    }  # fmt: skip
    assert all(p.stat().st_mode & 0o077 == 0 for p in (bundle, *bundle.iterdir()))


def test_the_verifier_is_of_python_3_8_and_imports_the_standard_library_alone() -> None:
    tree = ast.parse(script(), feature_version=(3, 8))
    names = {n.module if isinstance(n, ast.ImportFrom) else a.name for n in ast.walk(tree)
             if isinstance(n, (ast.Import, ast.ImportFrom)) for a in n.names}  # fmt: skip
    assert names == {"__future__", "argparse", "datetime", "hashlib", "json", "pathlib", "sys", "typing"}
    made = [n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
    assert len(made) == len(set(made)), "two of the modules that it is made of use one name"


CHANGES: dict[str, Callable[[list[dict[str, Any]]], object]] = {
    "was changed: its content": lambda r: r[3]["body"]["outcomes"][0].update(result="failed"),
    "was changed: its hash": lambda r: r[3].update(at_us=1),
    "Record 4 was removed": lambda r: r.pop(3),
    "The order was changed": lambda r: r.__setitem__(slice(2, 4), [{**r[3], "number": 3}, {**r[2], "number": 4}]),
    "the last records were removed": lambda r: r.pop(),
    "kept for ever": lambda r: r[0].pop("body"),
    "no record before it names": lambda r: r[4]["body"].update(public="00" * 32),
    "The manifest says 9 shown": lambda r: r[3].pop("body"),
}


@pytest.mark.parametrize("told", CHANGES)
def test_a_bundle_that_somebody_changed_does_not_verify(bundle: Path, told: str) -> None:
    changed = rows(bundle)
    CHANGES[told](changed)
    rewritten(bundle, changed)
    code, out = verified(bundle)
    assert (code, told in out, "Nothing is wrong." in out) == (1, True, False), out


def test_seals_taken_away_or_changed_are_said(bundle: Path) -> None:
    good = rows(bundle, "seals.jsonl")
    rewritten(bundle, [], "seals.jsonl")
    assert verified(bundle)[0] == 1
    assert "Nothing is proven" in verified(bundle)[1]
    rewritten(bundle, [{**good[-1], "signature": "00" * 64}], "seals.jsonl")
    assert "has a wrong signature" in verified(bundle)[1]


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":1,"a":2}',  # the second of two equal keys would hide the first from a reader
        b'{"number": 1}',
        b"[]",
        b"nonsense",
        b'{"number":"1"}',
        b"\xff",
        b'{"a":' + b"[" * 100_000,
    ],
)
def test_a_line_in_another_form_is_refused(bundle: Path, line: bytes) -> None:
    file = bundle / "records.jsonl"
    file.write_bytes(file.read_bytes() + line + b"\n")
    code, told = verified(bundle)
    assert (code, told.startswith("This bundle cannot be verified: ")) == (2, True), told


def test_what_a_reader_would_see_and_no_program_is_refused(bundle: Path) -> None:
    """Of two equal keys a program takes the second one, and a person reads the first."""
    file = bundle / "records.jsonl"
    text = file.read_text()
    file.write_text(text.replace('"outcomes":[{', '"outcomes":[{"result":"failed",', 1))
    assert file.read_text() != text
    code, told = verified(bundle)
    assert (code, "line 4, is not written as a bundle writes it" in told) == (2, True), told


def test_a_missing_file_is_a_sentence(bundle: Path) -> None:
    (bundle / "seals.jsonl").unlink()
    assert verified(bundle)[0] == 2


def test_a_key_and_a_mailed_hash_are_compared(bundle: Path) -> None:
    seal = rows(bundle, "seals.jsonl")[-1]
    assert verified(bundle, "--key", seal["key"], "--anchor", f"9:{seal['hash'][:16]}")[0] == 0
    assert "is not one that you trust" in verified(bundle, "--key", "0" * 64)[1]
    assert "has not the hash that you hold" in verified(bundle, "--anchor", f"8:{seal['hash'][:16]}")[1]
    assert verified(bundle, "--anchor", "nonsense")[0] == 2


def test_a_zip_holds_the_same(path: Path, tmp_path: Path) -> None:
    lived(path)
    export(settings(path), tmp_path / "out.zip", Wanted())
    with zipfile.ZipFile(tmp_path / "out.zip") as opened:
        opened.extractall(tmp_path)
    assert verified(tmp_path / "out")[0] == 0
    assert (tmp_path / "out.zip").stat().st_mode & 0o077 == 0


def test_a_bundle_of_a_pruned_ledger_verifies(path: Path, tmp_path: Path) -> None:
    lived(path)
    with open_ledger(path) as ledger:
        ledger.evidence.prune({"changes": HOUR}, START + 3 * HOUR)
        ledger.evidence.seal(START + 3 * HOUR)
    export(settings(path), tmp_path / "bundle", Wanted())
    assert verified(tmp_path / "bundle")[0] == 0
    assert shown(tmp_path / "bundle").count("outcome") == 1


def other(ledger: Any, at: Any) -> None:
    one = action("host/web9", policy="HOST-09")
    (intent,) = ledger.intend("r1", [(digest("c"), one)], at, GROUNDS)
    ledger.settle([intent], [outcome(one)], at)


@pytest.fixture
def two(path: Path) -> Path:
    """Give a ledger with changes for two policies, a refused revision, and a no to a batch that never began."""
    with open_ledger(path) as ledger:
        ledger.begin("r1", "run", "c0ffee", START)
        change(ledger)
        other(ledger, START + HOUR)
        ledger.beliefs.keep(Belief("c2", "x", START + HOUR, why="it is not signed"))
        ledger.store_batches([batch("d", action())], START)
        ledger.approvals.add(said(digest("c"), "amy", START + HOUR))
        ledger.approvals.add(said(digest("d"), "bob", START + 2 * HOUR))
        ledger.evidence.seal(START + 2 * HOUR)
    return path


def test_a_bundle_of_one_policy_shows_what_is_about_it_and_what_that_rests_on(two: Path, tmp_path: Path) -> None:
    export(settings(two), tmp_path / "one", Wanted(policies=("HOST-01",)))
    assert shown(tmp_path / "one") == ["begun", "policy", "intended", "outcome", "refused", "approval", "key"]
    text = (tmp_path / "one" / "records.jsonl").read_text()
    assert "HOST-09" not in text
    assert "amy" not in text
    assert verified(tmp_path / "one")[0] == 0


def test_a_bundle_of_a_control_shows_the_policies_that_serve_it(two: Path, tmp_path: Path) -> None:
    export(settings(two), tmp_path / "control", Wanted(controls=("cis_v8:4.1",)))
    assert "HOST-01" in (tmp_path / "control" / "records.jsonl").read_text()
    assert "HOST-09" not in (tmp_path / "control" / "records.jsonl").read_text()
    for wrong, told in (("cis_v8:9.9", "No policy says"), ("cis_v8", "name a framework")):
        with pytest.raises(InputError, match=told):
            export(settings(two), tmp_path / "none", Wanted(controls=(wrong,)))
    with pytest.raises(InputError, match="There is no evidence of a policy 'HOST-77'"):
        export(settings(two), tmp_path / "none", Wanted(policies=("HOST-77",)))


def test_a_bundle_of_a_time_shows_that_time_with_the_texts_it_rests_on(two: Path, tmp_path: Path) -> None:
    with open_ledger(two) as ledger:
        change(ledger, START + 5 * HOUR)
    export(settings(two), tmp_path / "late", Wanted(since=START + 4 * HOUR))
    assert shown(tmp_path / "late") == ["begun", "policy", "key", "intended", "outcome"]
    export(settings(two), tmp_path / "early", Wanted(until=START + HOUR))
    assert shown(tmp_path / "early") == ["begun", "policy", "intended", "outcome", "key"]
    assert "2 records behind it were not sealed yet" in verified(tmp_path / "late")[1]


def test_a_place_that_is_taken_and_a_ledger_without_evidence_are_sentences(path: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no evidence yet"):
        export(settings(path), tmp_path / "bundle", Wanted())
    with pytest.raises(InputError, match="is there already"):
        export(settings(path), tmp_path, Wanted())


@pytest.mark.parametrize(
    "body",
    [
        '{"policies":{"x":{"record":"y"}},"changes":[5,{"intent":[]}],"outcomes":{"a":1},"there":7}',
        '{"last_intent_before":"x","public":"zz"}',
        '{"public":5}',
        "[]",
        "nonsense",
        "[" * 100_000,
    ],
)
def test_a_ledger_with_nonsense_in_it_is_verified_and_given_away_all_the_same(
    path: Path, tmp_path: Path, body: str
) -> None:
    lived(path)
    by_hand(path, ("UPDATE evidence SET body = ? WHERE number IN (1, 3, 4, 5)", (body,)))
    assert export(settings(path), tmp_path / "bundle", Wanted(policies=("HOST-01",)))[2].troubles
    assert not verify(settings(path), Trusted()).good
    assert verified(tmp_path / "bundle")[0] == 1


def test_what_is_shown_of_hashes_alone_cannot_be_guessed(two: Path, tmp_path: Path) -> None:
    export(settings(two), tmp_path / "one", Wanted(policies=("HOST-01",)))
    hidden = next(r for r in rows(tmp_path / "one") if r["what"] == "approval" and "body" not in r)
    guess = {"batch": digest("c"), "who": "amy", "word": "approve", "at": (START + HOUR).isoformat()}
    assert chain.digest(chain.canonical(guess)) != hidden["digest"]
    with open_ledger(two) as ledger:
        salts = [json.loads(r.body or b"{}")["salt"] for r in ledger.evidence.records()]
    assert len(set(salts)) == len(salts)
    assert min(map(len, salts)) == 24
