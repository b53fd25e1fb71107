"""Texts from hosts: scrubbed, harmless to a terminal, short, and the same at every look."""

from __future__ import annotations

import json

import pytest

from agent.secrets import MASK
from agent.systems.ansible.cleaning import LONGEST, Cleaner, known, secret_values
from agent.systems.ansible.diffs import LINES, in_short

CLEANER = Cleaner(known(["hunter2", "line one is long\nline two is long\nshort", 'quo"ted\\']), ("/run/x/",))
PEM = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----"


@pytest.mark.parametrize(
    "text",
    [
        "the password is hunter2.",
        "hunt\x1b[0mer2",
        "hunt\u200ber2",
        "line two is long",
        json.dumps({"x": 'quo"ted\\'}),
    ],
)
def test_known_secrets_go_however_they_are_written(text: str) -> None:
    cleaned = CLEANER.line(text)
    assert MASK in cleaned
    assert not any(word in cleaned for word in ("hunter2", "line two", "ted"))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("db_password = s3cr3t!", f"db_password = {MASK}"),
        ('{"api_key": "abc def"}', f'{{"api_key": {MASK}}}'),
        ("root:$6$salt$hash:19000:0", f"root:{MASK}:19000:0"),
        (f"before {PEM} after", f"before {MASK} after"),
        ("PasswordAuthentication no", "PasswordAuthentication no"),
        ("PermitEmptyPasswords yes", "PermitEmptyPasswords yes"),
    ],
)
def test_what_looks_like_a_secret_goes(text: str, cleaned: str) -> None:
    assert CLEANER.line(text) == cleaned


@pytest.mark.parametrize(
    "text",
    ["\x1b]0;owned\x07title", "\x1b[2J\x1b[31mred", "a\x07\x08b", "\u202eevil", "\x9b31m", "\r\x1b[Kgone", "\x1bc"],
)
def test_nothing_steers_the_terminal(text: str) -> None:
    cleaned = CLEANER.line(text)
    assert cleaned.isprintable()
    assert "[2J" not in cleaned
    assert "]0;" not in cleaned


def test_a_line_is_one_line_and_ends() -> None:
    assert CLEANER.line("a\n\tb\r\nc") == "a b c"
    assert len(CLEANER.line("x" * 10_000)) == LONGEST


def test_the_run_s_own_paths_go() -> None:
    assert CLEANER.line("cannot read /run/x/limit") == "cannot read limit"


def test_secret_variables_are_known_by_name_at_any_depth() -> None:
    variables = {
        "db_password": "one1",
        "users": [{"name": "ann", "token": "two2"}],
        "vault": {"x": {"api_key": {"value": "three3"}}},
        "wifi_pwd": 12345678,
        "password_file": "/etc/shadow",
        "ssh_key_type": "ed25519",
        "ansible_ssh_private_key_file": "/keys/a",
        "driftbell_read_key": "/keys/b",
        "keyboard": "us",
        "monkey": "ape",
        "use_token": True,
    }
    assert secret_values(variables) == {"one1", "two2", "three3", "12345678"}


@pytest.mark.parametrize(
    ("diff", "target", "said"),
    [
        ({"before": "a\nb\n", "after": "a\nc\n"}, "/etc/x", "/etc/x: -b; +c"),
        ([{"before": "", "after": "a\n", "after_header": "/etc/y"}], None, "/etc/y: +a"),
        ({"before": "", "after": "a\n", "after_header": "/r/tmp/ansible-local-12x/tmp3/t.j2"}, None, "+a"),
        (
            {"before": {"path": "/x", "mode": "0644"}, "after": {"path": "/x", "mode": "0600"}},
            "/x",
            "/x: mode 0644 -> 0600",
        ),
        ({"before": {"path": "/x"}, "after": {"path": "/x", "state": "absent"}}, "/x", "/x: state none -> absent"),
        ({"prepared": "Inst lab (1.0)\n\nConf lab\n"}, None, "Inst lab (1.0); Conf lab"),
        ([{"before": "same", "after": "same"}, {"before": "a", "after": "b"}], None, "-a; +b"),
        ({"before": "password=one1", "after": "password=two2"}, None, "(what differs is hidden)"),
        ({}, "/x", ""),
        (None, "/x", ""),
        ("nonsense", "/x", ""),
        ({"before": 1, "after": [2]}, None, "-1; +[2]"),
    ],
)
def test_a_diff_is_a_line(diff: object, target: object, said: str) -> None:
    assert in_short(diff, target, CLEANER) == said


def test_a_long_diff_says_how_much_more_there_is() -> None:
    text = in_short({"before": "", "after": "\n".join(f"line {n}" for n in range(100))}, None, CLEANER)
    assert text.endswith(f"; and {100 - LINES} more lines")
    assert text.count(";") == LINES
