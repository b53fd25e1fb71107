"""Whether a server is the one that we trust, and logging in to it. In this order: nothing is sent to a stranger."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import paramiko

from agent.systems.host.answer import SilentError, first_line
from agent.systems.host.known_hosts import HostKey, host_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agent.systems.host.connection import Hop
    from agent.systems.host.keys import Keyring
    from agent.systems.host.known_hosts import KnownHosts

_Try = tuple[str, "Callable[[], Sequence[str]]"]  # what is tried, in words, and the call


def server_key(transport: paramiko.Transport) -> HostKey:
    """Give the key that a server proved to have in the key exchange."""
    key = transport.get_remote_server_key()
    return HostKey(key.get_name(), key.asbytes())


def verify(key: HostKey, hop: Hop, known: KnownHosts, name: str) -> None:
    """Make sure that a server is the one that known_hosts speaks of; `name` is what `hosts trust` takes for it.

    Raises:
        SilentError: its key is unknown, changed or revoked.
    """
    filed = host_name(hop.host, hop.port)
    trusted = known.keys(filed)
    if key in known.revoked(filed):
        msg = f"ITS HOST KEY IS REVOKED: {hop} shows {key}, which known_hosts marks as revoked"
        raise SilentError(msg)
    if not trusted:
        msg = f"its host key is not trusted yet: {hop} shows {key}; compare it, then run `driftbell hosts trust {name}`"
        raise SilentError(msg)
    if key not in trusted:
        raise SilentError(_changed(key, trusted, hop, name))


def _changed(key: HostKey, trusted: Sequence[HostKey], hop: Hop, name: str) -> str:
    return (
        f"ITS HOST KEY HAS CHANGED: known_hosts holds {', '.join(map(str, trusted))}, {hop} shows {key}. Either it "
        f"was installed anew, or another machine answers in its place. Nothing was sent to it. Find out which, then "
        f"run `driftbell hosts trust {name}`"
    )


def log_in(transport: paramiko.Transport, hop: Hop, keyring: Keyring) -> None:
    """Log in with what the inventory names for a server, else with the usual keys.

    Raises:
        SilentError: the server does not let us in, with the reason.
    """
    tried, accepted = [], ""
    for what, attempt in _tries(transport, hop, keyring):
        tried.append(what)
        try:
            attempt()
        except paramiko.BadAuthenticationType as error:
            accepted = f"; it takes {', '.join(map(first_line, error.allowed_types))}"
        except paramiko.AuthenticationException as error:
            if not transport.is_active() or "timeout" in str(error).lower():
                raise SilentError(_ended(hop, tried)) from error
        except Exception as error:  # whatever a server's bytes did to paramiko's thread
            raise SilentError(_ended(hop, tried)) from error
        if transport.is_authenticated():
            return
    what = " and ".join(tried) or "no key at all (none is named, and there is none in ~/.ssh or in an agent)"
    msg = f"{hop} does not let {hop.user} in with {what}{accepted}"
    raise SilentError(msg)


def _tries(transport: paramiko.Transport, hop: Hop, keyring: Keyring) -> Iterator[_Try]:
    if hop.key:
        key = keyring.key(hop.key)
        yield f"the key {hop.key}", partial(transport.auth_publickey, hop.user, key)
    if hop.password:
        yield "the password of the inventory", partial(transport.auth_password, hop.user, hop.password.reveal())
    if hop.key or hop.password:
        return
    for usual in keyring.usual():
        yield f"the key {_label(usual)}", partial(transport.auth_publickey, hop.user, usual)


def _label(key: paramiko.PKey) -> str:
    return HostKey(key.get_name(), key.asbytes()).fingerprint


def _ended(hop: Hop, tried: Sequence[str]) -> str:
    return f"{hop} broke off while {hop.user} logged in with {' and '.join(tried)}"
