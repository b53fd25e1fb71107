"""The one script that a host runs in a look: only the questions that are needed, each with all its keys.

Keys are data. They arrive on the script's standard input, in one line, encoded so that the line holds nothing but
letters, digits and a few harmless signs; the script decodes them into arguments and never evaluates them. Answers
are framed by a random word that is drawn for each session and is in nobody's reach, so no file's content can pass
for a frame, and a body is everything between its frame's two lines, byte for byte.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from agent.model.reading import Unknown
from agent.systems.host.answer import Answer, Frame, Heard
from agent.systems.host.probes import PROBES
from agent.systems.host.probes.base import BASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agent.model.kind import FieldRef
    from agent.systems.host.probe import Step

GO = "#go"
# What the login shell is told to run. Standard input is: the go-ahead, the keys, the script. Where sudo did not need
# the password that was sent ahead, the password is the first line, and skipped, even if it reads like the go-ahead.
# No backslash, newline or exclamation mark, because csh and fish read quotes in their own way.
BOOT = (
    f'IFS= read -r d; test "$d" = "{GO}" || IFS= read -r d; '
    f'IFS= read -r d; test "$d" = "{GO}" && IFS= read -r d; '
    'case $d in nonce=*) eval "$(cat)";; esac'
)

UNSENDABLE = Unknown("this name cannot be given to a Linux command: it holds a NUL or is not valid Unicode")
_PLAIN = re.compile(rb"[^A-Za-z0-9/._:+-]")
_FRAME = re.compile(rb"([a-z0-9_]+) (\d+)\n(.*)", re.DOTALL)
_SHUT = re.compile(rb"\. (\d+)\n")

# `limit` runs without a limit where there is no `timeout`: the deadline of the whole look still holds.
# `s_guarded` asks all guarded questions (name, index and key of each) in one shell under one limit; when that runs
# out, it asks each alone, so that only those that hang stay without an answer: of two answers the later counts.
_PRELUDE = """\
set -f; cd /; exec 2>/dev/null </dev/null
LC_ALL=C; LANGUAGE=C; PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL LANGUAGE PATH; unset IFS
T=; command -v timeout >/dev/null && T=1
u=$(id -u)
limit() { t=$1; shift; if [ "$T" ]; then timeout -s KILL "$t" "$@"; else "$@"; fi; }
start() { printf '\\n%s %s %s\\n' "$N" "$1" "$2"; }
shut() { printf '\\n%s . %s\\n' "$N" "$1"; }
once() { f=$1; shift; start "$f" 0; "b_$f" "$@" 2>&1; shut $?; }
each() { f=$1; shift; i=0; for k do start "$f" $i; "b_$f" "$k" 2>&1; shut $?; i=$((i+1)); done; }
alone() { t=$1; shift; ( export N; limit "$t" /bin/sh -c "$G" sh "$@" ); }
s_guarded() {
  alone 10 "$@"; case $? in 124|137) ;; *) return;; esac
  while [ $# -gt 0 ]; do
    alone 5 "$1" "$2" "$3"; r=$?; case $r in 124|137) start "$1" "$2"; shut $r;; esac; shift 3
  done
}
"""
_GUARDED = """\
n=$N; unset N
while [ $# -gt 0 ]; do
  printf '\\n%s %s %s\\n' "$n" "$1" "$2"; "b_$1" "$3" 2>&1; printf '\\n%s . %s\\n' "$n" $?; shift 3
done
"""
_RUN = """\
s=; set --
for w in $d; do
  case $w in
    @*) [ -z "$s" ] || "s_$s" "$@"; s=${w#@}; set --;;
    *=*) N=${w#*=};;
    *\\\\*) k=$(printf '%b.' "$w"); set -- "$@" "${k%.}";;
    *) set -- "$@" "$w";;
  esac
done
[ -z "$s" ] || "s_$s" "$@"
"""


@dataclass(frozen=True, slots=True)
class Script:
    """What a look runs: the text, the same for every host, and the keys of each step."""

    text: str
    keys: Mapping[Step, tuple[str, ...]]

    def stdin(self, nonce: str) -> bytes:
        """Give what goes into the script's standard input; the nonce is letters and digits."""
        quick = [word for step in self.keys if not step.guarded and not step.slow for word in self._words(step)]
        guarded = [word for step in self.keys if step.guarded for word in self._words(step)]
        slow = [word for step in self.keys if step.slow for word in self._words(step)]
        words = [f"nonce={nonce}", *quick, *(["@guarded", *guarded] if guarded else []), *slow]
        return f"{GO}\n{' '.join(words)}\n{self.text}".encode("ascii")

    def _words(self, step: Step) -> list[str]:
        keys = [encode(key) for key in self.keys[step]]
        if not step.guarded:
            return [f"@{step.name}", *keys]
        return [word for n, key in enumerate(keys) for word in (step.name, str(n), key)]


def compose(fields: Iterable[FieldRef]) -> Script:
    """Make the script that reads these fields; who the machine is, is always asked."""
    wanted: dict[Step, dict[str, None]] = {BASE: {}}
    for ref in fields:
        if sendable(ref.key) and (probe := PROBES.get(ref.family)):
            for step, key in probe.needs(ref).items():
                wanted.setdefault(step, {}).update({} if key is None else {key: None})
    return assemble({step: tuple(keys) for step, keys in wanted.items()})


def assemble(keys: Mapping[Step, tuple[str, ...]]) -> Script:
    """Put the text together that asks these questions about these keys."""
    guarded = "".join(f"b_{step.name}() {_body(step)}" for step in keys if step.guarded)
    program = f"G={shlex.quote(guarded + _GUARDED)}\n" if guarded else ""
    return Script(_PRELUDE + program + "".join(_function(step) for step in keys if not step.guarded) + _RUN, keys)


def _function(step: Step) -> str:
    how = "each" if step.each else "once"
    return f'b_{step.name}() {_body(step)}s_{step.name}() {{ {how} {step.name} "$@"; }}\n'


def _body(step: Step) -> str:
    check = f"command -v {step.tool} >/dev/null || return 127\n" if step.tool else ""
    return f"{{\n{check}{step.body.strip()}\n}}\n"


def encode(key: str) -> str:
    r"""Encode a key for the line of keys: harmless bytes as they are, all others as `\0` and three octal digits."""
    return _PLAIN.sub(lambda match: b"\\0%03o" % match[0][0], key.encode("utf-8")).decode("ascii")


def sendable(key: str) -> bool:
    """Say whether a key can be an argument of a command at all: no NUL, and valid Unicode."""
    try:
        return "\0" not in key and key.encode("utf-8") is not None
    except UnicodeEncodeError:
        return False


def hear(script: Script, nonce: str, answer: Answer) -> Heard:
    """Take the complete frames out of an answer; of two for the same question the later counts."""
    names = {step.name: step for step in script.keys}
    frames: dict[tuple[str, str], Frame] = {}
    parts = answer.stdout.split(f"\n{nonce} ".encode("ascii"))
    for part, after in pairwise(parts):
        opened, shut = _FRAME.fullmatch(part), _SHUT.match(after)
        step = names.get(opened[1].decode("ascii")) if opened else None
        if opened is None or shut is None or step is None:
            continue
        key = _key(script.keys[step], int(opened[2])) if step.each else ""
        if key is not None:
            frames[step.name, key] = Frame(opened[3], int(shut[1]))
    return Heard(frames, {step.name: step.tool for step in script.keys}, answer.cut)


def _key(keys: Sequence[str], index: int) -> str | None:
    return keys[index] if index < len(keys) else None
