"""The probes, by the family or plain field that they read. A new family is a module here and a line below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.systems.host.probes import (
    base,
    cert,
    clock,
    cron,
    file,
    group,
    mount,
    package,
    port,
    release,
    service,
    sshd,
    sysctl,
    updates,
    user,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.systems.host.probe import Probe

PROBES: Mapping[str, Probe] = {
    "hostname": base.PROBE,
    "os.kernel": base.PROBE,
    "os.name": release.PROBE,
    "os.version": release.PROBE,
    "sshd": sshd.PROBE,
    "sysctl": sysctl.PROBE,
    "package": package.PROBE,
    "service": service.PROBE,
    "file": file.PROBE,
    "user": user.PROBE,
    "group": group.PROBE,
    "port": port.PROBE,
    "mount": mount.PROBE,
    "cert": cert.PROBE,
    "cron": cron.PROBE,
    "time.synced": clock.PROBE,
    "updates.pending": updates.PROBE,
    "updates.security_pending": updates.PROBE,
    "updates.reboot_needed": updates.PROBE,
}
