"""The peer that cannot be beaten by much: one batched shell script a host over paramiko, nothing else.

Usage: python batched.py ADDRESSES_FILE KEY KNOWN_HOSTS
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paramiko

SCRIPT = """
sshd -T | grep -E '^(permitrootlogin|passwordauthentication|banner|x11forwarding) '
sha256sum /etc/issue.net; cat /etc/issue.net
dpkg-query -W -f '${Package} ${db:Status-Status} ${Version}\\n' telnetd rsh-server openssh-server
systemctl show -p ActiveState,UnitFileState ssh.service cron.service
stat -c '%a %U %G' /etc/passwd /etc/shadow
sysctl net.ipv4.ip_forward net.ipv4.conf.all.accept_redirects
getent group sudo; getent passwd root
timedatectl show -p NTPSynchronized
df / | tail -1; cat /etc/machine-id
true
"""


def look(address: str, key: str, known_hosts: str) -> int:
    """Run the script on one host; give how much it said."""
    client = paramiko.SSHClient()
    client.load_host_keys(known_hosts)
    client.connect(address, username="admin", key_filename=key, allow_agent=False, look_for_keys=False)
    stdin, stdout, _stderr = client.exec_command("sudo -n sh -s")
    stdin.write(SCRIPT)
    stdin.channel.shutdown_write()
    said = stdout.read()
    client.close()
    return len(said)


def main() -> None:
    """Look at every host at once."""
    addresses, key, known_hosts = sys.argv[1:]
    hosts = Path(addresses).read_text(encoding="utf-8").split()
    with ThreadPoolExecutor(len(hosts)) as pool:
        said = list(pool.map(lambda host: look(host, key, known_hosts), hosts))
    print(len(said), "hosts", sum(said), "bytes")


if __name__ == "__main__":
    main()
