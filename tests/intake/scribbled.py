"""Policies written by somebody in a hurry: valid, in every style of YAML, with comments wherever YAML allows one.

Every comment says what it belongs to: `# above KEY`, `# behind KEY`, or where it stands for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

Value = str | list["Value"] | dict[str, "Value"]

_TEXTS = (
    "no", "yes", "12:30", "0644", "1.10", "true", "null", "~", "a: b", "a #b", "it's", 'say "no"', "- a", "[a", "{a",
    "&a", "*a", "!a", "%a", "@a", "`a", "über", "日本", "🙂", "a\\b", "two  spaces", "x" * 130,
    "one two three " * 15 + "end",
)  # fmt: skip


@dataclass(slots=True)
class Scribbler:
    """Writes one policy, and remembers the comments."""

    random: Random
    comments: list[str] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    number: int = 0
    headed: bool = False

    def policy(self) -> str:
        """Give the text of a policy."""
        parts: dict[str, Value] = {
            "policy": f"A-{self.random.randrange(99)}",
            "title": self.text(),
            "why": self.text(),
            "severity": "low",
            "frameworks": {"cis_v8": [self.word() for _ in range(self.random.randrange(1, 4))]},
            "applies_to": {"kind": "host", "where": self.fields()},
            "expect": self.fields(),
            "mode": "audit",
            "remedy": [self.step() for _ in range(self.random.randrange(1, 4))],
            "guard": {"per_run": {"count": "25", "percent": "50"}, "per_day": {"count": "100"}},
            "check_every": "1h",
        }
        optional = [key for key in parts if key not in {"policy", "title", "applies_to", "expect"}]
        for key in self.random.sample(optional, self.random.randrange(len(optional))):
            del parts[key]
        lines = [*self.top(), *self.mapping(self.shuffled(parts), 0), *self.above("The end", 0)]
        return self.random.choice(["", "\ufeff"]) + "\n".join(lines) + self.random.choice(["", "\n", "\n\n", "\n  \n"])

    def top(self) -> list[str]:
        self.headed = self.some(2)
        if not self.headed:
            return []
        return ["# yaml-language-server: $schema=../driftbell.schema.json", *(["#", ""] if self.some(2) else [""])]

    def fields(self) -> dict[str, Value]:
        made: dict[str, Value] = {}
        for _ in range(self.random.randrange(1, 5)):
            kinds: list[Value] = [self.text(), {"not": self.text()}, {"one_of": [self.text(), self.word()]}]
            made[f"var.{self.word()}"] = self.random.choice(kinds)
        return made

    def step(self) -> dict[str, Value]:
        words: dict[str, Value] = {self.word(): self.text() for _ in range(self.random.randrange(1, 3))}
        made: dict[str, Value] = {"do": "ansible.playbook", "with": {"playbook": "playbooks/good.yml", "vars": words}}
        if self.some(2):
            made |= {"sets": [f"var.{self.word()}"], "risk": "reversible"}
        return self.shuffled(made)

    def shuffled(self, parts: dict[str, Value]) -> dict[str, Value]:
        keys = list(parts)
        self.random.shuffle(keys)
        return {key: parts[key] for key in keys}

    def word(self) -> str:
        self.number += 1
        self.words.add(f"w{self.number}")
        return f"w{self.number}"

    def text(self) -> str:
        return self.random.choice([self.word(), self.random.choice(_TEXTS), f"{self.word()}\nsecond\n  third\n"])

    def some(self, one_in: int) -> bool:
        return self.random.randrange(one_in) == 0

    # -- comments

    def note(self, text: str) -> str:
        self.number += 1
        self.comments.append(f"# {text} ({self.number}){self.random.choice(['', ' # x', ' &a *b', ': [', ' -'])}")
        return self.comments[-1]

    def above(self, key: str, indent: int) -> list[str]:
        lines = []
        while self.some(4):
            depth = indent if key == "The end" else self.random.choice([indent, indent, self.random.randrange(9)])
            lines += [""] * self.random.randrange(3) + [" " * depth + self.note(f"above {key}")]
        return lines + [""] * (self.random.randrange(3) if self.some(4) else 0)

    def behind(self, line: str, key: str) -> str:
        return line + " " * self.random.randrange(1, 9) + self.note(f"behind {key}") if self.some(4) else line

    # -- blocks

    def mapping(self, value: dict[str, Value], indent: int) -> list[str]:
        lines: list[str] = []
        for key, one in value.items():
            lines += self.before_entry(lines, key, indent)
            lines += self.entry(" " * indent + self.key(key), key, one, indent)
        return lines

    def before_entry(self, lines: list[str], key: str, indent: int) -> list[str]:
        """Write what stands above an entry; only what is not deeper than it is surely about it."""
        if not lines and not indent:  # what stands at the top is the file's, but for what a blank line parts from it
            return [self.note(f"above {key}")] if self.some(2) and self.headed else []
        made = self.above(key, indent)
        if lines:
            return [line if not line.strip() else " " * indent + line.lstrip() for line in made]
        return made

    def key(self, key: str) -> str:
        return self.random.choice([f"{key}:", f"{key} :", f'"{key}":', f"'{key}':", f"? {key}\n"])

    def entry(self, start: str, key: str, value: Value, indent: int) -> list[str]:
        if "\n" in start:
            first, start = start.split("\n", maxsplit=1)[0], " " * indent + ":"
            return [first, *self.entry(start, key, value, indent)]
        if isinstance(value, str):
            return self.scalar(start, key, value, indent)
        if self.some(3):
            return self.behind(start + " " + self.flow(value), key).split("\n")
        step = self.random.choice([1, 2, 2, 2, 4])
        if isinstance(value, dict):
            return [self.behind(start, key), *self.mapping(value, indent + step)]
        return [self.behind(start, key), *self.listed(value, indent + self.random.choice([0, 0, step]))]

    def listed(self, value: list[Value], indent: int) -> list[str]:
        lines: list[str] = []
        for one in value:
            dash = " " * indent + "-"
            if isinstance(one, str):
                lines += self.before_entry(lines, one if one in self.words else "The end", indent)
                lines += self.scalar(dash, one, one, indent)
            elif isinstance(one, dict):
                gap = self.random.choice([1, 1, 3])
                inner = self.mapping(one, indent + 1 + gap)
                bare = inner[0].strip() and not inner[0].lstrip().startswith("#")
                lines += [dash + inner[0][indent + 1 :], *inner[1:]] if bare else [dash, *inner]
            else:
                lines += [f"{dash} {self.flow(one)}"]
        return lines

    # -- scalars and flow

    def scalar(self, start: str, key: str, value: str, indent: int) -> list[str]:
        named = key if re.fullmatch(r"[a-z_.0-9]+", key) else "The text"
        if "\n" in value:
            return self.long(start, named, value, indent)
        quoted = self.quoted(value)
        if self.some(6):
            return [self.behind(start, named), " " * (indent + 2) + quoted]
        return [self.behind(f"{start} {quoted}", named)]

    def long(self, start: str, key: str, value: str, indent: int) -> list[str]:
        text = [" " * (indent + 3) + line for line in value.removesuffix("\n").split("\n")]
        if self.some(3):
            return [start + ' "' + value.replace("\n", "\\n") + '"']
        return [self.behind(f"{start} {self.random.choice(['|', '|+', '>', '|-'])}", key), *text]

    def quoted(self, value: str) -> str:
        single = "'" + value.replace("'", "''") + "'"
        double = '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        bare = value.isalnum() or value.replace("-", "").replace("_", "").replace(".", "").replace("/", "").isalpha()
        return self.random.choice([single if "\n" not in value else double, double, *([value] * 3 if bare else [])])

    def flow(self, value: Value) -> str:
        """Write a value between brackets, on one line or on several with comments in it."""
        if isinstance(value, str):
            return self.quoted(value)
        several = self.some(3)
        words = [f"{k}: {self.flow(v)}" for k, v in value.items()] if isinstance(value, dict) else map(self.flow, value)
        begin, end = "{}" if isinstance(value, dict) else "[]"
        if not several:
            return begin + ", ".join(words) + end
        lines = [f"          {word}, {self.note('inside')}" if self.some(2) else f"          {word}," for word in words]
        return "\n".join([begin, *lines, f"          {end}"])
