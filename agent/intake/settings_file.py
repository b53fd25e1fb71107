"""The server's settings: a YAML file, with `DRIFTBELL_*` of the environment over it. Secrets stand in neither.

The environment's names are the keys of the file, joined by `_`: `DRIFTBELL_MAIL_SERVER` is `mail: {server: ...}`.
`DRIFTBELL_MAIL_PASSWORD` alone holds the password itself. What is said about a wrong password never repeats it.
"""

from __future__ import annotations

import os
import re
import stat
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import InputError, Place, Problem
from agent.intake import yaml
from agent.intake.nodes import Node, named
from agent.intake.trusted_settings import APPROVERS, DESTRUCTIVE, EVIDENCE, PEOPLE, REVOKED, SIGNED, SIGNERS, TRUSTED
from agent.intake.wording import problem, quote
from agent.model.evidence import KEEP
from agent.secrets import FORMS, REFERENCE
from agent.settings import EVERY, AnsibleSettings, DaemonSettings, HostSettings, MailSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE = Path("/etc/driftbell/driftbell.yaml")
ROOTS_STATE = Path("/var/lib/driftbell")
PREFIX = "DRIFTBELL_"

# Each setting, and what it takes. `from` is called `sender` in Settings, `repo` is `repository`.
_KEYS = {
    "": {"repo": "text", "state": "text"},
    "mail": {
        "server": "server",
        "from": "address",
        "starttls": "yes or no",
        "user": "text",
        "password": "secret",
        "ca_file": "text",
        "timeout": "seconds",
    },
    "hosts": {"workers": "whole", "connect_timeout": "seconds", "deadline": "seconds"},
    "ansible": {"forks": "whole", "timeout": "seconds", "vault_password_file": "text"},
    "daemon": {
        "report_at": "time of day",
        "poll": "seconds",
        "patience": "seconds",
        "grace": "seconds",
        "listen": "loopback",
        "webhook": "secret",
        "heartbeat": "secret",
        "heartbeat_every": "seconds",
        "backups": "text",
        "keep_backups": "whole",
    },
}
_WORDS = {
    "text": "a text",
    "server": "smtp://HOST:PORT or smtps://HOST:PORT",
    "address": "a mail address",
    "yes or no": "true or false",
    "secret": f"{{secret: REFERENCE}} with {FORMS}, never the secret itself",
    "seconds": "a number of seconds above 0",
    "whole": "a whole number above 0",
    "time of day": "a time such as 06:30",
    "loopback": "127.0.0.1:PORT or [::1]:PORT; a proxy brings it to others",
}
_SERVER = re.compile(r"smtps?://([^\s/:@\[\]]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?/?\Z")
_ADDRESS = re.compile(r"[^\r\n]*[^\s@<>]+@[^\s@<>]+>?\Z")
_REFERENCE = re.compile(rf"(?:{REFERENCE.pattern})\Z")
_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z")
_LOOPBACK = re.compile(r"(127\.0\.0\.1|\[::1\]|localhost):[1-9][0-9]{0,4}\Z")
_SOMETHING = re.compile(r"\s*\S")
_WITH_SECRET = re.compile(
    r"\s*(https?://[^/@\s]+@|[a-z+]+://[^/:@\s]*:[^/@\s]+@)", re.IGNORECASE
)  # user:secret@ or token@
_PATTERNS = {
    "server": _SERVER,
    "address": _ADDRESS,
    "secret": _REFERENCE,
    "time of day": _TIME_OF_DAY,
    "loopback": _LOOPBACK,
}
_SWITCH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

Given = dict[tuple[str, str], Any]


def read(config: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read the settings. The repository is the working directory where that holds policies/.

    Raises:
        InputError: with everything that is wrong in the file and in the environment.
    """
    named_file = config or (Path(environment["DRIFTBELL_CONFIG"]) if environment.get("DRIFTBELL_CONFIG") else None)
    problems: list[Problem] = []
    given: Given = {}
    if named_file is not None or _there(FILE):
        given = _from_file(named_file or FILE, problems)
    given |= _from_environment(environment, given, problems)
    mail = _mail(given, problems)
    if problems:
        raise InputError(problems)
    return Settings(
        repository=_repository(given),
        state=Path(given.get(("", "state")) or _default_state(environment)).expanduser(),
        mail=mail,
        hosts=HostSettings(**_section(given, "hosts")),
        ansible=AnsibleSettings(**_section(given, "ansible")),
        daemon=_daemon(_section(given, "daemon")),
        people=given.get(("", PEOPLE), {}),
        approvers=given.get(("", APPROVERS), {}),
        revoked_keys=given.get(("", REVOKED), ()),
        destructive=frozenset(given.get(("", DESTRUCTIVE), ())),
        signers=given.get(("", SIGNERS), {}),
        signed_commits=given.get(("", SIGNED), EVERY),
        evidence_kept={**KEEP, **given.get(("", EVIDENCE), {})},
    )


def _there(path: Path) -> bool:
    """Say whether a file is there; one in a folder that we may not look into is, and reading it says why not."""
    try:
        return path.exists()
    except PermissionError:
        return True


def holds_secret(address: str) -> bool:
    """Say whether an address names a password or a token before its host."""
    return bool(_WITH_SECRET.match(address))


def _repository(given: Given) -> str:
    here = Path.cwd()
    return str(here) if (here / "policies").is_dir() else str(given.get(("", "repo"), ""))


def _default_state(environment: Mapping[str, str]) -> Path:
    if os.geteuid() == 0:
        return ROOTS_STATE
    if given := environment.get("STATE_DIRECTORY"):  # by systemd, to a service of its own account
        return Path(given.partition(":")[0])
    return Path(environment.get("XDG_DATA_HOME") or "~/.local/share") / "driftbell"


def _section(given: Given, section: str) -> dict[str, Any]:
    return {key: value for (of, key), value in given.items() if of == section}


def _daemon(given: dict[str, Any]) -> DaemonSettings:
    if "report_at" in given:
        given["report_at"] = time.fromisoformat(given["report_at"])
    return DaemonSettings(**given)


def _mail(given: Given, problems: list[Problem]) -> MailSettings | None:
    mail = _section(given, "mail")
    if not mail:
        return None
    missing = [key for key in ("server", "from") if key not in mail]
    if missing:
        names = " and ".join(f"`{key}` ({PREFIX}MAIL_{key.upper()})" for key in missing)
        problems.append(Problem(Place("mail"), f"The mail settings lack {names}."))
        return None
    vault = str(given.get(("ansible", "vault_password_file"), ""))
    return MailSettings(sender=mail.pop("from"), vault_password_file=vault, **mail)


def _from_file(path: Path, problems: list[Problem]) -> Given:
    try:
        node = yaml.read(path, str(path))
    except InputError as error:
        problems += [p for p in error.problems if p.sentence != yaml.EMPTY]
        return {}
    given: Given = {}
    if not isinstance(node.value, dict):
        problems.append(problem(node.place, f"The settings are a mapping, not {named(node)}"))
    for key, value in node.pairs():
        if key in _KEYS[""]:
            _take(given, "", key, value, problems)
        elif key in TRUSTED:
            given["", key] = TRUSTED[key](value, problems)
        elif key not in _KEYS or not key:
            words = [*_KEYS[""], *filter(None, _KEYS), *TRUSTED]
            problems.append(problem(node.key_place(key), f"There is no setting {quote(key)}", key, words))
        else:
            _take_section(given, key, value, problems)
    problems += _open_to_all(path, str(given.get(("", "repo"), "")))
    return given


def _open_to_all(path: Path, repository: str) -> Iterator[Problem]:
    """Say what everybody on this machine may do to the settings, and must not. What is secret is not repeated."""
    mode, place = path.stat().st_mode, Place(str(path))
    if mode & stat.S_IWOTH:
        yield Problem(
            place, f"Everybody on this machine can change the settings, which say who may do what: chmod o-w {path}."
        )
    if mode & stat.S_IROTH and holds_secret(repository):
        said = "`repo` holds a secret, and everybody on this machine can read it here"
        yield Problem(place, f"{said}: use ssh with a key of this server, or chmod 640 {path}.")


def _take_section(given: Given, section: str, node: Node, problems: list[Problem]) -> None:
    if not isinstance(node.value, dict):
        problems.append(problem(node.place, f"`{section}` is a mapping of {', '.join(_KEYS[section])}"))
    for key, value in node.pairs():
        if key in _KEYS[section]:
            _take(given, section, key, value, problems)
        else:
            sentence = f"There is no setting {quote(key)} in `{section}`"
            problems.append(problem(node.key_place(key), sentence, key, _KEYS[section]))


def _take(given: Given, section: str, key: str, node: Node, problems: list[Problem]) -> None:
    takes = _KEYS[section][key]
    secret = node.get("secret")
    value = secret.text() if secret is not None and takes == "secret" and len(node.keys) == 1 else node.value
    if takes == "secret" and secret is None:
        value = None
    if _fits(takes, value):
        given[section, key] = value
    else:
        found = "" if takes == "secret" or holds_secret(node.raw) else f", not {named(node)}"
        problems.append(problem(node.place, f"`{key}` takes {_WORDS[takes]}{found}"))


def _fits(takes: str, value: object) -> bool:
    match takes:
        case "yes or no":
            return isinstance(value, bool)
        case "seconds":
            return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf")
        case "whole":
            return isinstance(value, int) and not isinstance(value, bool) and value > 0
    pattern = _PATTERNS.get(takes, _SOMETHING)
    return isinstance(value, str) and bool(pattern.match(value))


def _from_environment(environment: Mapping[str, str], file: Given, problems: list[Problem]) -> Given:
    """Read `DRIFTBELL_*`. A name in one of our sections that is no setting, nor holds a secret, is an error."""
    names = {
        PREFIX + "_".join(filter(None, (section, key))).upper(): (section, key)
        for section, keys in _KEYS.items()
        for key in keys
    }
    secrets = {str(value).removeprefix("env:") for value in file.values()}
    given: Given = {}
    for name, text in sorted(environment.items()):
        if name in names and text:
            _take_text(given, names[name], name, text, problems)
        elif name.startswith(tuple(f"{PREFIX}{s.upper()}_" for s in _KEYS if s)) and name not in {*names, *secrets}:
            problems.append(problem(Place(name), f"There is no setting {quote(name)}", name, names))
    return given


def _take_text(given: Given, at: tuple[str, str], name: str, text: str, problems: list[Problem]) -> None:
    takes = _KEYS[at[0]][at[1]]
    value: object = text
    if takes == "secret":
        value = f"env:{name}"
    elif takes == "yes or no":
        value = _SWITCH.get(text.lower())
    elif takes in {"seconds", "whole"}:
        value = _number(text)
    if _fits(takes, value):
        given[at] = value
    else:
        found = "" if holds_secret(text) else f", not {quote(text)}"
        problems.append(problem(Place(name), f"This takes {_WORDS[takes]}{found}"))


def _number(text: str) -> int | float | None:
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        return None
