"""How to name hosts to Ansible so that it means those and no others.

A name in `--limit` is a pattern: `*`, `~`, `!`, `&`, `[1:3]`, a comma or a colon in it would mean other hosts. In a
file (`--limit @FILE`) a line is taken whole. There a name becomes a regular expression of which every character
that is not a letter or a digit is escaped, with a comment that no name can hold. Only a host that shares its name
with a group must stand as it is: a regular expression would match the group as well, while Ansible takes a line
that is a host's name for that host before it looks for groups.
"""

from __future__ import annotations


def limit_lines(hosts: tuple[str, ...], groups: frozenset[str], nonce: str) -> str:
    """Give the lines of a limit file for exactly these hosts. `nonce` is hex digits that nobody can foresee."""
    return "\n".join(_line(host, groups, nonce) for host in hosts)


def nameless(host: str, groups: frozenset[str]) -> str:
    """Say why a host cannot be named alone, or give nothing."""
    if not host:
        return "the host has no name"
    if host in groups and (host[0] in "!&" or host != host.strip() or "\n" in host):
        return f"a group is called {host!r} too, so that Ansible cannot be told to touch the host alone: rename one"
    return ""


def _line(host: str, groups: frozenset[str], nonce: str) -> str:
    return host if host in groups else f"~^(?#{nonce}){''.join(map(_escaped, host))}\\Z"


def _escaped(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    return f"\\U{ord(character):08x}"
