"""What people call the fields of a kind: `last_sync` is "last heard from", `asset.status` is what the asset list says.

A field of a host keeps its technical name: whoever reads `sshd.permitrootlogin` in a mail wants exactly that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from agent.catalog import KINDS

if TYPE_CHECKING:
    from agent.model.kind import Field, FieldType, Kind

TECHNICAL = "host"


@dataclass(frozen=True, slots=True)
class Phrase:
    """How a field reads: `noun` before a value, `yes` and `no` in place of a boolean, `none` where nothing is."""

    noun: str
    yes: str = ""
    no: str = ""
    none: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A field as a sentence names it.

    Attributes:
        field: the catalog's own word on it; None for a link that stands alone.
        source: the list that a reference leads into, such as `the asset list`; empty for a field of its own.
        behind: what follows the noun of a reference: ` in the asset list`, ` of its user`.
        free: whether people typed it as they liked, so that a name may stand in it.
    """

    phrase: Phrase
    field: Field | None = None
    source: str = ""
    behind: str = ""
    free: bool = False

    @property
    def noun(self) -> str:
        """Give the noun with what it belongs to."""
        return f"{self.phrase.noun}{self.behind}"

    @property
    def type(self) -> FieldType | None:
        """Give the type of its values, where it has some."""
        return self.field.type if self.field else None


# By the field's name, for every kind that has it; what a kind says differently stands in _OF_KIND.
_ANY = {
    "serial": Phrase("serial number"),
    "asset_tag": Phrase("asset number"),
    "tag": Phrase("asset number"),
    "site": Phrase("school"),
    "location": Phrase("place"),
    "os_version": Phrase("system version"),
    "mac": Phrase("hardware address"),
    "last_sync": Phrase("last heard from", none="never heard from"),
    "last_seen": Phrase("last heard from", none="never heard from"),
    "enrolled": Phrase("enrolled", none="never enrolled"),
    "support_end": Phrase("end of support", none="no end of support known"),
    "assigned_user": Phrase("holder"),
    "assigned_to": Phrase("holder"),
    "assigned_username": Phrase("holder"),
    "last_user": Phrase("last user"),
    "compliant": Phrase("compliance", "called compliant", "called not compliant"),
    "encrypted": Phrase("encryption", "encrypted", "not encrypted"),
    "storage_free": Phrase("free storage"),
    "storage_total": Phrase("storage"),
    "ownership": Phrase("owner"),
    "boot_mode": Phrase("start mode"),
    "checked_out": Phrase("handed out", none="never handed out"),
    "purchased": Phrase("bought", none="no date of purchase"),
    "warranty_end": Phrase("end of warranty"),
    "order": Phrase("order number"),
    "audited": Phrase("last seen by a person", none="never seen by a person"),
    "email": Phrase("mail address"),
    "username": Phrase("login"),
    "left_on": Phrase("left", none="no date of leaving"),
    "last_login": Phrase("last sign-in", none="never signed in"),
    "second_factor": Phrase("second lock", "a second lock", "no second lock"),
    "second_factor_enforced": Phrase("second lock", "a second lock is demanded", "no second lock is demanded"),
    "admin": Phrase("administration", "administers the directory", "does not administer the directory"),
    "updated": Phrase("last worked on", none="never worked on"),
    "first_response": Phrase("first answered", none="never answered"),
    "resolved": Phrase("resolved", none="not resolved"),
    "created": Phrase("made"),
    "due": Phrase("promised for", none="nothing promised"),
    "assignee": Phrase("technician", none="nobody works on it"),
    "subject": Phrase("title"),
    "check": Phrase("sort of check"),
    "target": Phrase("address"),
    "up": Phrase("answer", "it answers", "it does not answer"),
    "failed_percent": Phrase("share of tries that failed"),
    "latency": Phrase("time to answer", none="no answer"),
    "tls.expires": Phrase("end of the certificate", none="no certificate"),
    "tls.name_matches": Phrase("name", "the certificate is for this name", "the certificate is for another name"),
    "tls.chain_valid": Phrase("trust", "the certificate is trusted", "the certificate is not trusted"),
    "tls.issuer": Phrase("signer of the certificate"),
    "tls.version": Phrase("version of TLS"),
    "http.status": Phrase("answer's number", none="no page"),
    "http.body": Phrase("page", none="no page"),
    "http.location": Phrase("page's address", none="no page"),
    "dns.answers": Phrase("answers to the name"),
    "dns.blocked": Phrase("filter", "the name is blocked", "the name is not blocked"),
    "org_units": Phrase("org units"),
    "student_ou": Phrase("org unit for students"),
}
_OF_KIND = {
    ("ticket", "asset_tag"): Phrase("item", none="no item named"),
    ("ticket", "serial"): Phrase("item", none="no item named"),
    ("person", "number"): Phrase("student or staff number"),
    ("class", "students"): Phrase("number of students"),
    ("school", "students"): Phrase("number of students"),
    ("class", "teachers"): Phrase("number of teachers"),
}
# A link alone: there is something at its end, or there is not.
_LINKS = {
    "asset": Phrase("line in the asset list", "a line in the asset list", "no line in the asset list"),
    "device": Phrase("management", "in the device list", "not in the device list"),
    "user": Phrase("holder", "a holder in the directory", "no holder in the directory"),
    "last_person": Phrase("last user", "a last user in the directory", "no last user in the directory"),
    "site": Phrase("school", "one of our schools", "none of our schools"),
}
_LINKS_OF_KIND = {
    ("ticket", "user"): Phrase("sender", "a sender in the directory", "no sender in the directory"),
    ("ticket", "asset"): Phrase("item", "its item is in the asset list", "its item is not in the asset list"),
    ("ticket", "device"): Phrase("device", "its device is in the device list", "its device is not in the device list"),
}
_LISTS = {"asset": "the asset list", "device": "the device list"}
_SOURCES = {**_LISTS, "user": "the directory", "last_person": "the directory"}
# What people write as they like: "with Jane till Friday". Such a text is named in a mail and never quoted.
_FREE = {("device", "location"), ("asset", "location"), ("asset", "name"), ("ticket", "location"), ("class", "title")}


_SNAKE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def in_words(text: str) -> str:
    """Give a sentence of ours with the fields that it names as people call them: `no column for end of support`."""
    return _SNAKE.sub(lambda m: _ANY[m[0]].noun if m[0] in _ANY else m[0], text)


@lru_cache(maxsize=1024)
def spoken(kind: str, name: str) -> Spoken | None:
    """Give how a field of a kind is spoken of; None for one that keeps its technical name."""
    at, rest = KINDS.get(kind), name
    if at is None or kind == TECHNICAL:
        return None
    source, behind = "", ""
    while not _own(at, rest) and (link := at.link(rest.partition(".")[0])):
        first, _, rest = rest.partition(".")
        phrase = _LINKS_OF_KIND.get((at.name, first), _LINKS[first])
        if not rest:
            return Spoken(phrase, behind=behind)
        source, behind = _SOURCES.get(first, ""), _behind(first, phrase, behind)
        at = KINDS[link.kind]
    return _plain(at, rest, source, behind)


def _behind(link: str, phrase: Phrase, before: str) -> str:
    """Give ` of its holder`, ` in the asset list`, and both where there are two links."""
    if link in _LISTS:
        return f" in {_LISTS[link]}"
    return f"{before}'s {phrase.noun}" if before.startswith(" of") else f" of its {phrase.noun}{before}"


def _own(kind: Kind, name: str) -> Field | None:
    return next((f for f in kind.fields if f.name == name), None)


def _plain(kind: Kind, name: str, source: str, behind: str) -> Spoken | None:
    field = _own(kind, name)
    if field is None:
        return None
    phrase = _OF_KIND.get((kind.name, name)) or _ANY.get(name) or Phrase(name.replace("_", " ").replace(".", " "))
    return Spoken(phrase, field, source, behind, (kind.name, name) in _FREE)
