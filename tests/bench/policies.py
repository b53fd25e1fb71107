"""Ten rules that are in line on a fresh lab host, but for the banner, as policies."""

from __future__ import annotations

from typing import Any

RULES: dict[str, dict[str, Any]] = {
    "BENCH-01": {"sshd.permitrootlogin": {"one_of": ["no", "prohibit-password", "without-password", "yes"]}},
    "BENCH-02": {"file./etc/issue.net.content": "Riverton Unified\n"},
    "BENCH-03": {"package.telnetd.installed": False, "package.rsh-server.installed": False},
    "BENCH-04": {"package.openssh-server.installed": True},
    "BENCH-05": {"service.ssh.running": True, "service.ssh.enabled": True},
    "BENCH-06": {"service.cron.running": True, "service.cron.enabled": True},
    "BENCH-07": {"file./etc/shadow.mode": "0640", "file./etc/shadow.owner": "root"},
    "BENCH-08": {"sysctl.net.ipv4.ip_forward": "0"},
    "BENCH-09": {"sysctl.net.ipv4.conf.all.accept_redirects": {"one_of": ["0", "1"]}},
    "BENCH-10": {"group.sudo.members": {"contains_only": ["admin"]}},
}
