"""Kinds of resource, their typed fields, and the verbs that systems offer: the Catalog is all of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING

from agent.secrets import says_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.model.reckoned import Reckoned
    from agent.model.source import Preset


MOST_LINKS = 2  # `user.site.student_ou`; what lies further belongs into a policy on the kind between
PENDING_LASTS = timedelta(hours=1)


class FieldType(StrEnum):
    """What a field holds, which decides the operators it takes."""

    TEXT = "text"
    PATH = "path"
    MODE = "mode"  # file permissions, as text of four octal digits: "0644"
    VERSION = "version"  # compared on the components that the policy writes
    DEBIAN_VERSION = "debian_version"  # compared in dpkg's order, never truncated
    NUMBER = "number"
    SIZE = "size"  # bytes
    PERCENT = "percent"  # 0 to 100
    BOOLEAN = "boolean"
    TIME = "time"  # an instant, with its zone
    LIST = "list"  # of text


@dataclass(frozen=True, slots=True)
class Field:
    """One typed, documented attribute of a kind."""

    name: str
    type: FieldType
    description: str
    unit: str = ""
    sensitive: bool = False
    past: bool = False  # a time that lies behind us, so that `within` and `older_than` make sense
    match: Match | None = None  # how two of its values are recognised as the same, where links go by it
    deadline: bool = False  # a time that was promised, so that reports say what is about to be broken
    words: tuple[str, ...] = ()  # the words it is put in, where there is a list of them
    only_words: bool = False  # whether it is never anything else; an export may hold words of its own


class Match(StrEnum):
    """How the values of a match key are made comparable; placeholders match nothing."""

    TEXT = "text"  # case and surrounding blanks aside
    SERIAL = "serial"  # the same, and no placeholder such as "To be filled by O.E.M."
    EMAIL = "email"
    MAC = "mac"  # hex digits alone


@dataclass(frozen=True, slots=True)
class Link:
    """A way from a resource to one of another kind: `user` leads from a device to a person.

    `by` names pairs of (own field, the other kind's field), tried in order: the first of them that was read
    decides, so that a list with mail addresses and one with user names both lead to the person.
    """

    name: str
    kind: str
    by: tuple[tuple[str, str], ...]
    description: str


@dataclass(frozen=True, slots=True)
class Family:
    """Fields that are named by a key: `service.NAME.running`, or `sysctl.NAME` where no attribute follows.

    Attributes:
        name: what stands before the first dot.
        key: the word for the key in documentation, such as NAME or PATH.
        attributes: what may follow the last dot; one Field with an empty name where all after the family's dot
            is the key (`sshd`, `sysctl`, `var`).
        keys: the only keys there are, where the list is closed (sshd's keywords), else None.
        secret_keys: whether a key that says it is a secret (`db_password`) makes its field sensitive.
    """

    name: str
    key: str
    attributes: tuple[Field, ...]
    description: str
    keys: frozenset[str] | None = None
    secret_keys: bool = False

    @property
    def keyed_only(self) -> bool:
        """Whether all after the first dot is the key, with no attribute behind it."""
        return len(self.attributes) == 1 and not self.attributes[0].name


@dataclass(frozen=True, slots=True, order=True)
class FieldRef:
    """A field as a policy names it, resolved against its kind.

    `name` is the whole name as written; `key` is verbatim and only ever travels as data. `through` are the links
    that lead from the resource to the one that has the field: (`user`, `site`) in `user.site.student_ou`.
    `reckoned` says how a column is made that no system shows; its `name` is then one that no field can have.
    """

    name: str
    family: str
    key: str
    attribute: str
    type: FieldType
    sensitive: bool = False
    past: bool = False
    deadline: bool = False
    through: tuple[str, ...] = ()
    reckoned: Reckoned | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of resource: host, device, ticket.

    `private` says that the names of its resources are people's: they are counted in reports and never named.
    """

    name: str
    description: str
    fields: tuple[Field, ...]
    families: tuple[Family, ...] = ()
    links: tuple[Link, ...] = ()
    private: bool = False

    def link(self, name: str) -> Link | None:
        """Give the link of a name, or None."""
        return next((link for link in self.links if link.name == name), None)

    def resolve(self, name: str) -> FieldRef:
        """Resolve a field's name as a policy writes it.

        Raises:
            UnknownFieldError: no field or family of this kind has that name; its text names the nearest.
        """
        for plain in self.fields:
            if plain.name == name:
                return FieldRef(name, name, "", "", plain.type, plain.sensitive, plain.past, plain.deadline)
        family_name, dot, rest = name.partition(".")
        family = next((f for f in self.families if f.name == family_name), None)
        if family is None or not dot:
            raise UnknownFieldError(self._unknown(name))
        key, attribute = (rest, "") if family.keyed_only else _split_attribute(rest)
        field = next((a for a in family.attributes if a.name == attribute), None)
        if field is None or not key or (family.keys is not None and key not in family.keys):
            raise UnknownFieldError(_unknown_in_family(family, name, key, attribute))
        sensitive = field.sensitive or (family.secret_keys and says_secret(key))
        return FieldRef(name, family.name, key, attribute, field.type, sensitive, field.past)

    def _unknown(self, name: str) -> str:
        family = next((f for f in self.families if f.name == name), None)
        if family is not None:
            return f"{name!r:.80} is a family of fields: write {_shape(family)}"
        words = [f.name for f in self.fields] + [f.name for f in self.families]
        hint = nearest(name, words) or nearest(name.partition(".")[0], words)
        return f"The kind {self.name} has no field {name!r:.80}{hint}"


class UnknownFieldError(ValueError):
    """A kind has no such field. The text is a sentence without its final stop."""


def _split_attribute(rest: str) -> tuple[str, str]:
    key, _, attribute = rest.rpartition(".")
    return key, attribute


def _unknown_in_family(family: Family, name: str, key: str, attribute: str) -> str:
    if family.keys is not None and key and key not in family.keys:
        return f"{name!r:.80} is not a field: {family.name} has no {family.key} {key!r:.80}{nearest(key, family.keys)}"
    shape = _shape(family)
    words = [a.name for a in family.attributes if a.name]
    hint = nearest(attribute, words)
    listed = f"; its attributes are {', '.join(words)}" if words else ""
    return f"{name!r:.80} is not a field: a {family.name} field is written {shape}{listed}{hint}"


def _shape(family: Family) -> str:
    return f"{family.name}.{family.key}" + ("" if family.keyed_only else ".ATTRIBUTE")


def nearest(word: str, words: Mapping[str, object] | list[str] | frozenset[str] | tuple[str, ...]) -> str:
    """Give `; did you mean 'x'?` for the nearest of the valid words, or nothing when none is near."""
    close = get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


class Effect(StrEnum):
    """What a verb does to the world; only setting can fix."""

    SETS = "sets"
    RAISES = "raises"
    TELLS = "tells"


class Risk(StrEnum):
    """How bad a wrong action would be, in rising order."""

    ADDITIVE = "additive"
    REVERSIBLE = "reversible"
    DISRUPTIVE = "disruptive"
    DESTRUCTIVE = "destructive"


class Undo(StrEnum):
    """How much of an action can be taken back."""

    EXACT = "exact"
    PARTIAL = "partial"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a verb: `type` is `text`, `playbook` (a path in the repository) or `variables` (a map)."""

    name: str
    type: str
    description: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing a system can be told to do, with everything that plan and guards must know of it.

    `declares` says that a policy may itself declare what the verb sets and its risk, as a playbook must. `deadline` is
    how long a change may stay unconfirmed before it has failed; `lag` is how long one that was made may take to show.
    """

    name: str
    system: str
    description: str
    kinds: frozenset[str]
    effect: Effect
    risk: Risk
    undo: Undo
    arguments: tuple[Argument, ...]
    declares: bool = False
    deadline: timedelta = PENDING_LASTS
    lag: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every kind, verb and preset there is: the schema, the docs, intake and guards all read this one value."""

    kinds: Mapping[str, Kind]
    verbs: Mapping[str, Verb]
    presets: Mapping[str, Preset] = field(default_factory=dict)

    def resolve(self, kind: Kind, name: str) -> FieldRef:
        """Resolve a field's name as a policy writes it, through links too: `user.site.student_ou`, or `asset` alone.

        A link alone stands for the id of what it leads to, so that `exists` and `empty` can ask for it.

        Raises:
            UnknownFieldError: nothing of that name is there; its text names the nearest.
        """
        first, dot, rest = name.partition(".")
        link = kind.link(first)
        if link is None or (not dot and any(f.name == name for f in kind.fields)):
            return kind.resolve(name)
        other = self.kinds[link.kind]
        if not dot:
            return FieldRef(name, name, "", "", FieldType.TEXT, sensitive=other.private, through=(link.name,))
        found = self.resolve(other, rest)
        if len(found.through) >= MOST_LINKS:
            msg = f"{name!r:.80} goes through more than {MOST_LINKS} links"
            raise UnknownFieldError(msg)
        return replace(found, name=name, through=(link.name, *found.through))
