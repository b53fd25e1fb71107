"""Where `driftbell waive` writes nothing, says why, and leaves everything as it was."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from agent.errors import InputError, UnseenError
from agent.intake.git_commit import commit, prepare
from agent.waiving import resources_named
from tests.cli.printers import FILE, HEAD, OPTIONS, TONER, committed, entries, git, head, untouched, waive

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell


@pytest.fixture
def district(driftbell: Driftbell) -> Driftbell:
    """Give the printers' district, committed."""
    return committed(driftbell)


REFUSED = [
    (("PRN-1", "P-1"), 2, "There is no policy 'PRN-1'; did you mean 'PRN-01'?"),
    (("PRN-01", "P-11"), 2, "There is no printer 'P-11' in the last look; did you mean 'P-1'?"),
    (("PRN-01", "P-*"), 2, "There is no printer 'P-*' in the last look"),
    (("PRN-01",), 2, "Name the resources of PRN-01, or a --site, such as"),
    (("PRN-01", "P-1", "--site", "east"), 2, "Name the resources of PRN-01, or a --site, not both."),
    (("PRN-01", "--site", "esat"), 2, "There is no site 'esat' in district.yaml; did you mean 'east'?"),
    (("PRN-01", "P-1", "--until", "yesterday"), 2, "'yesterday' is no day: write a date such as"),
    (("PRN-01", "P-1", "--until", "2020-01-01"), 2, "2020-01-01 is over: a waiver's last day is today or later."),
    (("PRN-01", "P-1", "--until", "401 days"), 2, "is more than 400 days ahead:"),
    (("PRN-01", "P-1", "--until", "2027-02-30"), 2, "'2027-02-30' is no day"),
    (("PRN-01", "P-1", "--reason", "vendr"), 2, "'vendr' is no reason; did you mean 'vendor'? There are: acc"),
    (("PRN-01", "P-1", "--ticket", "Maria called"), 2, "'Maria called' is no ticket's number"),
    (
        ("PRN-01", "P-1", "--owner", "boss"),
        2,
        "There is no 'boss' among `people` in district.yaml; there are director.",
    ),
    (("--end", "W-1"), 2, "--end names the waiver alone"),
]


@pytest.mark.parametrize(("words", "code", "sentence"), REFUSED)
def test_what_is_wrong_is_a_sentence_and_nothing_is_written(
    district: Driftbell, words: tuple[str, ...], code: int, sentence: str
) -> None:
    before = head(district)
    given = [w for pair in zip(OPTIONS[::2], OPTIONS[1::2], strict=True) if pair[0] not in words for w in pair]
    said = waive(district, *words, *given)
    assert said.code == code
    assert sentence in said.err
    untouched(district, before)


def test_all_that_is_missing_is_named_at_once_where_nobody_can_be_asked(district: Driftbell) -> None:
    said = waive(district, "PRN-01", "P-1")
    assert (said.code, said.err.strip()) == (
        2, "A waiver also needs --reason, --until, --ticket, --owner: `driftbell waive --help`.",
    )  # fmt: skip


def test_without_a_terminal_it_is_not_committed_unless_told_to(district: Driftbell) -> None:
    before = head(district)
    said = waive(district, "PRN-01", "P-1", *OPTIONS, yes=False)
    assert said.code == 2
    assert "there is no terminal to ask on. Add --yes, or --no-commit" in said.err
    untouched(district, before)


NOT_NOW = {
    "detached": (["checkout", "-q", "--detach"], "HEAD is on no branch here (detached)"),
    "nobody": (["config", "--unset-all", "user.email"], "git does not know who you are."),
    "under way": (["update-ref", "MERGE_HEAD", "HEAD"], "a merge is under way: finish it first"),
}


@pytest.mark.parametrize("state", NOT_NOW)
def test_where_no_commit_can_be_made_it_says_how(district: Driftbell, state: str) -> None:
    words, sentence = NOT_NOW[state]
    git(district.repo, *words)
    before = head(district)
    said = waive(district, "PRN-01", "P-1", *OPTIONS)
    assert said.code == 2
    assert sentence in said.err
    assert "--no-commit" in said.err
    untouched(district, before)
    assert waive(district, "PRN-01", "P-1", *OPTIONS, "--no-commit").code == 0


def test_a_folder_without_git_takes_no_commit(district: Driftbell) -> None:
    (district.repo / ".git").rename(district.folder / "elsewhere")
    said = waive(district, "PRN-01", "P-1", *OPTIONS)
    assert (said.code, "is no git checkout" in said.err) == (2, True)
    assert waive(district, "PRN-01", "P-1", *OPTIONS, "--no-commit").code == 0


@pytest.mark.parametrize("staged", [False, True])
def test_changes_of_somebody_else_in_the_file_are_not_committed_along(district: Driftbell, *, staged: bool) -> None:
    district.write(FILE, HEAD)
    if staged:
        git(district.repo, "add", FILE)
    before = head(district)
    said = waive(district, "PRN-01", "P-1", *OPTIONS)
    assert (said.code, f"{FILE} has changes that are not committed yet" in said.err) == (2, True)
    assert (head(district), (district.repo / FILE).read_text(encoding="utf-8")) == (before, HEAD)


def test_what_git_ignores_is_not_committed(district: Driftbell) -> None:
    district.write(".gitignore", "waivers.yaml\n")
    said = waive(district, "PRN-01", "P-1", *OPTIONS)
    assert (said.code, f"git ignores {FILE} here" in said.err) == (2, True)


def test_a_link_is_not_replaced_by_a_file(district: Driftbell) -> None:
    district.write("policies/other.txt", HEAD)
    (district.repo / FILE).symlink_to("other.txt")
    said = waive(district, "PRN-01", "P-1", *OPTIONS, "--no-commit")
    assert (said.code, f"{FILE} is a link" in said.err) == (2, True)
    assert (district.repo / FILE).is_symlink()


@pytest.mark.parametrize("bare", [True, False])
def test_where_the_policies_are_fetched_it_says_to_clone(district: Driftbell, *, bare: bool) -> None:
    git(district.folder, "clone", "-q", "--bare", str(district.repo), "bare.git")
    source = str(district.folder / "bare.git") if bare else f"file://{district.folder / 'bare.git'}"
    said = waive(district, "PRN-01", "P-1", *OPTIONS, "--repo", source)
    assert said.code == 2
    assert "where nothing can be written from here. Clone it (`git clone`)" in said.err


def test_git_at_work_elsewhere_leaves_everything_as_it_was(district: Driftbell) -> None:
    before = head(district)
    lock = district.repo / ".git" / "index.lock"
    lock.write_text("", encoding="utf-8")
    said = waive(district, "PRN-01", "P-1", *OPTIONS)
    assert (said.code, "git is at work in" in said.err) == (4, True)
    untouched(district, before)
    lock.unlink()
    (district.repo / ".git/refs/heads/main.lock").write_text("", encoding="utf-8")
    said = waive(district, "PRN-01", "P-1", *OPTIONS)
    assert (said.code, "The branch main moved on meanwhile" in said.err) == (4, True)
    untouched(district, before)
    assert not git(district.repo, "status", "--porcelain")


def test_a_repository_that_would_not_load_stays_as_it_was(district: Driftbell) -> None:
    """The name is one that no waiver may have, which only the whole load says."""
    exports = district.state / "exports" / "printers.csv"
    exports.write_text(exports.read_text(encoding="utf-8") + '"P-?",East High,Ready,1%,10\n', encoding="utf-8")
    before = head(district)
    said = waive(district, "PRN-01", "P-?", *OPTIONS)
    assert said.code == 2
    assert "With this waiver the repository does not load, so nothing was written:" in said.err
    assert f"{FILE}:5:" in said.err
    untouched(district, before)


def test_two_at_once_are_both_there(district: Driftbell) -> None:
    """Whoever comes second sees that the file moved on, and says so."""
    names = [n for n in TONER if n != "P-2"]
    processes = [district.start("waive", "PRN-01", name, *OPTIONS, "--yes") for name in names]
    codes = []
    for process in processes:
        _, err = process.communicate(timeout=120)
        codes.append(process.returncode)
        assert process.returncode == 0 or "meanwhile" in err or "not committed yet" in err, err
    written = entries(district)
    assert len(written) == codes.count(0) >= 1
    assert len({e["waiver"] for e in written}) == len(written)
    assert not git(district.repo, "status", "--porcelain")


def test_killed_at_any_moment_the_file_is_whole(district: Driftbell) -> None:
    """It is the old one or the new one, and the repository loads."""
    for wait in (0.05, 0.3, 0.5, 0.7, 0.9):
        process = district.start("waive", "PRN-01", "P-1", *OPTIONS, "--yes")
        until = time.monotonic() + wait
        while process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        (district.repo / ".git" / "index.lock").unlink(missing_ok=True)
        assert district("validate").code == 0
        if (district.repo / FILE).exists():
            assert entries(district)


def test_a_commit_that_git_cannot_sign_is_none(district: Driftbell) -> None:
    git(district.repo, "config", "commit.gpgSign", "true")
    git(district.repo, "config", "gpg.format", "ssh")
    git(district.repo, "config", "user.signingKey", str(district.folder / "no-such-key"))
    before = head(district)
    said = waive(district, "PRN-01", "P-1", *OPTIONS)
    assert (said.code, "nothing was committed" in said.err) == (3, True)
    untouched(district, before)


def test_an_object_that_cannot_be_kept_is_a_sentence(district: Driftbell) -> None:
    desk = prepare(district.repo, FILE)
    (district.repo / ".git" / "objects").rename(district.folder / "objects")
    with pytest.raises(UnseenError, match="git cannot keep a file in"):
        commit(desk, b"waivers: []\n", "x")


KNOWN = ("device/A@google", "device/A@intune", "device/B@google", "device/c", "person/a@b.example")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("device/A@google", "device/A@google"), ("A@google", "device/A@google"), ("B", "device/B@google"),
     ("b@GOOGLE", "device/B@google"), ("C", "device/c")],
)  # fmt: skip
def test_a_resource_goes_by_its_id_or_its_bare_name(name: str, wanted: str) -> None:
    assert resources_named(KNOWN, "device", [name, name]) == (wanted,)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("A", "'A' could be device/A@google or device/A@intune: write it whole."),
     ("A@googel", "There is no device 'A@googel' in the last look; did you mean 'A@google'?"),
     ("", "There is no device '' in the last look.")],
)  # fmt: skip
def test_what_goes_by_no_name_or_by_several_is_refused(name: str, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        resources_named(KNOWN, "device", [name])
    assert str(refused.value) == sentence


def test_a_folder_in_the_place_of_the_file_is_a_sentence(district: Driftbell) -> None:
    (district.repo / FILE).mkdir()
    for how in ([], ["--no-commit"]):
        said = waive(district, "PRN-01", "P-1", *OPTIONS, *how)
        assert (said.code, FILE in said.err) == (2, True)
    assert (district.repo / FILE).is_dir()
