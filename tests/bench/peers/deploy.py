"""The same ten rules for `pyinfra --dry`."""

from __future__ import annotations

import io

from pyinfra.operations import apt, files, server, systemd

files.line(name="Root stays out", path="/etc/ssh/sshd_config", line="PermitRootLogin .*",
           replace="PermitRootLogin prohibit-password", _sudo=True)  # fmt: skip
files.put(name="The banner file has its text", src=io.StringIO("Riverton Unified\n"), dest="/etc/issue.net", _sudo=True)
apt.packages(name="Nothing in the clear", packages=["telnetd", "rsh-server"], present=False, _sudo=True)
apt.packages(name="The SSH server is installed", packages=["openssh-server"], _sudo=True)
systemd.service(name="The SSH server runs", service="ssh.service", running=True, enabled=True, _sudo=True)
systemd.service(name="Cron runs", service="cron.service", running=True, enabled=True, _sudo=True)
files.file(name="The password file", path="/etc/shadow", mode="640", user="root", group="shadow", _sudo=True)
server.sysctl(name="Servers do not forward", key="net.ipv4.ip_forward", value=0, _sudo=True)
server.sysctl(name="Redirects are ignored", key="net.ipv4.conf.all.accept_redirects", value=0, _sudo=True)
server.group(name="The people on the list", group="sudo", _sudo=True)
