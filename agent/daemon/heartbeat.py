"""The heartbeat: a call to an address outside after good work, so that somebody else notices when we are silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.errors import UnseenError
from agent.secrets import read_secret, scrub

if TYPE_CHECKING:
    from agent.settings import Settings

SECONDS = 10.0


def beat(settings: Settings) -> None:
    """Call the address that the settings name as a secret; without one nobody is called.

    Raises:
        InputError: the secret is not there.
        UnseenError: nobody took the call. The address is not repeated: whoever knows it can call it, too.
    """
    if not settings.daemon.heartbeat:
        return
    import httpx  # ruff: ignore[import-outside-top-level] - 0.1 s, which only a daemon with a heartbeat pays

    address = read_secret(settings.daemon.heartbeat, settings.ansible.vault_password_file)
    try:
        answer = httpx.get(address.reveal(), timeout=SECONDS, follow_redirects=False)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = f"{answer.status_code}" if isinstance(error, httpx.HTTPStatusError) else type(error).__name__
        msg = f"The heartbeat (daemon.heartbeat) did not get through: {scrub(why, (address,))}."
        raise UnseenError(msg) from None
