"""The program git, run so that nothing in a repository can make it do more than it is asked.

No hooks, no file-system monitors, no prompts, no other transports than ssh, https and files, and none of the
caller's GIT_* variables. Source: https://git-scm.com/docs/git-config (core.fsmonitor, safe.directory, protocol)
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.errors import UnseenError
from agent.intake import programs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agent.model.policy import Revision

LOCAL_SECONDS = 60.0
_KEPT = (
    "HOME",
    "USER",
    "LOGNAME",
    "XDG_CONFIG_HOME",
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTPS_PROXY",
    "NO_PROXY",
)
_CONFIGURATION = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.askPass": "",
    "log.showSignature": "false",
    "safe.directory": "*",  # Root may read a tree that is another user's: what could run from it is switched off.
    "gc.auto": "0",
    "maintenance.auto": "false",
}
_OWN_CONFIGURATION_ONLY = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where one revision of the policy repository can be read. `warnings` say what of it may be out of date."""

    root: Path
    revision: Revision
    warnings: tuple[str, ...] = ()


def git(
    *arguments: str,
    cwd: Path,
    protocols: str = "none",
    configuration: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float = LOCAL_SECONDS,
) -> programs.Finished:
    """Run git in a folder. What `configuration` holds is on no command line; `protocols` are those it may use.

    Raises:
        UnseenError: git is not installed.
    """
    program = programs.find("git")
    if not program:
        msg = "The program git is not installed: install it (apt-get install git)."
        raise UnseenError(msg)
    settings = {**_CONFIGURATION, **(configuration or {})}
    given = {name: os.environ[name] for name in _KEPT if name in os.environ}
    given |= {"GIT_CONFIG_COUNT": str(len(settings)), "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    given |= {"GIT_ALLOW_PROTOCOL": protocols, "GIT_NO_LAZY_FETCH": "1", "GIT_PAGER": "cat"}
    for number, (key, value) in enumerate(settings.items()):
        given |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return programs.run([program, *arguments], env={**given, **(env or {})}, cwd=cwd, seconds=seconds)


def plumbing(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> programs.Finished:
    """Run git on a repository of ours, without any configuration but its own."""
    return git(*arguments, cwd=cwd, env={**_OWN_CONFIGURATION_ONLY, **(env or {})})
