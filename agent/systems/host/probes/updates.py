"""Fields updates.*: what apt would upgrade, from the host's own package lists, and whether a restart is due.

The simulation needs no network and no lock. As root, apt would write its cache anew where that is out of date, so it
runs as an account that may write nothing; where that one may not read apt's configuration, it runs as root with the
cache switched off, which takes a second or two.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.model.reading import Unknown
from agent.systems.host.answer import first_line
from agent.systems.host.probe import Needs, Probe, Step
from agent.systems.host.probes.base import BASE, identity

if TYPE_CHECKING:
    from agent.model.kind import FieldRef
    from agent.model.reading import Reading
    from agent.systems.host.answer import Heard

_NOBODY = 65534
APT = Step(
    "updates",
    f"""
printf 'now %s\\n' "$(date +%s)"
find /var/lib/apt/lists -maxdepth 1 -name '*Release' -exec stat -c 'list %Z' '{{}}' +
a="apt-get -s -q -o Debug::NoLocking=1 -o APT::Get::Show-User-Simulation-Note=0"
[ "$u" = 0 ] || {{ limit 40 $a dist-upgrade; return; }}
b=$(limit 40 setpriv --reuid {_NOBODY} --regid {_NOBODY} --clear-groups $a dist-upgrade) && {{
  printf '%s\\n' "$b"; return
}}
limit 40 $a -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= dist-upgrade
""",
    tool="apt-get",
    slow=True,
)
REBOOT = Step(
    "reboot",
    """
[ -e /var/run/reboot-required ] && printf 'required\\n'
[ -e /run/systemd/container ] && printf 'container\\n'
set +f; for x in /boot/vmlinuz-*; do [ -e "$x" ] && printf 'kernel %s\\n' "${x#/boot/vmlinuz-}"; done; set -f
""",
)
STALE = 14  # days after which package lists say nothing about today
_DAY = 86400
# Inst NAME [OLD] (NEW ARCHIVE:VERSION/SUITE, ... [ARCH]): without [OLD] it is a package that was not there before.
_UPGRADE = re.compile(r"^Inst \S+ \[[^\]]*\] \(\S+ ([^)]*)\)", re.MULTILINE)
_SECURITY = re.compile(r"Debian-Security:|/\S*-security\b")
_NUMBERS = re.compile(r"\d+")


def _needs(ref: FieldRef) -> Needs:
    return {REBOOT: None, BASE: None} if ref.name == "updates.reboot_needed" else {APT: None}


def _read(heard: Heard, ref: FieldRef) -> Reading:
    return _reboot(heard) if ref.name == "updates.reboot_needed" else _pending(heard, ref)


def _pending(heard: Heard, ref: FieldRef) -> Reading:
    frame = heard.frame(APT.name)
    if isinstance(frame, Unknown):
        return frame
    if frame.status:
        error = next((line for line in frame.text.splitlines() if line.startswith("E:")), frame.text)
        return Unknown(f"apt could not work out the upgrades: {first_line(error)}")
    stale = _stale(frame.text)
    if stale:
        return stale
    upgrades = _UPGRADE.findall(frame.text)
    security = ref.name == "updates.security_pending"
    return sum(1 for origin in upgrades if not security or _SECURITY.search(origin))


def _stale(text: str) -> Unknown | None:
    times = [line.split() for line in text.splitlines() if re.fullmatch(r"(now|list) \d+", line)]
    now = next((int(number) for word, number in times if word == "now"), 0)
    newest = max((int(number) for word, number in times if word == "list"), default=0)
    if not newest:
        return Unknown("the host has no package lists: `apt-get update` has never worked there")
    days = (now - newest) // _DAY
    if days <= STALE:
        return None
    return Unknown(f"the host's package lists are {days} days old: `apt-get update` does not run, or fails")


def _reboot(heard: Heard) -> Reading:
    frame, machine = heard.frame(REBOOT.name), identity(heard)
    if isinstance(frame, Unknown):
        return frame
    lines = frame.text.splitlines()
    if "required" in lines:
        return True
    running = machine.kernel if machine else ""
    if "container" in lines:  # the kernel belongs to the machine around it
        return False
    if not running:
        return Unknown("the host does not say which kernel it runs")
    there = [line.removeprefix("kernel ") for line in lines if line.startswith("kernel ")]
    return any(_newer(kernel, running) for kernel in there)


def _newer(kernel: str, running: str) -> bool:
    """Say whether a kernel of the same sort (6.1.0-40-amd64: the sort is `amd64`) is newer than the running one."""
    numbers, running_numbers = ([int(n) for n in _NUMBERS.findall(_split(k)[0])] for k in (kernel, running))
    return _split(kernel)[1] == _split(running)[1] and numbers > running_numbers


def _split(kernel: str) -> tuple[str, str]:
    """Take the letters after the last number's dash for the sort: 6.1.0-40-cloud-amd64, 5.15.0-91-generic."""
    match = re.fullmatch(r"(.*?\d)-([A-Za-z].*)", kernel)
    return (match[1], match[2]) if match else (kernel, "")


PROBE = Probe(_needs, _read)
