"""The questions: small, bounded in time and in length, in the shell that all probes are written in."""

from __future__ import annotations

from agent.systems.host.probe import Step

_CUT = "tail -n 20 | head -c 4096"
_CRON = (
    "/etc/crontab /etc/anacrontab /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly "
    "/var/spool/cron"
)
_UNITS = "/etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system"
_SAYING = "limit 15 journalctl -q --no-pager -o short-unix -t sudo -t CRON -t crond"

# Which files set a keyword of sshd, or a value of sysctl.
SSHD = Step(
    "witness_sshd", 'limit 5 grep -rliswF -- "$1" /etc/ssh/sshd_config /etc/ssh/sshd_config.d | head -n 3', each=True
)
SYSCTL = Step(
    "witness_sysctl",
    'limit 5 grep -rlsF -- "$1" /etc/sysctl.conf /etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d '
    "| head -n 3",
    each=True,
)

WRITTEN = Step("witness_written", 'stat -L -c "%Y %U" -- "$1"', each=True, guarded=True)
# Sudo sessions and cron jobs from five minutes before a file was written to one minute after.
AROUND = Step(
    "witness_around",
    f"""
m=$(limit 5 stat -L -c %Y -- "$1") || return 1
case $m in ''|*[!0-9]*) return 1;; esac
{_SAYING} --since "@$((m-300))" --until "@$((m+60))" | {_CUT}
""",
    tool="journalctl",
    each=True,
)
# Sudo sessions and cron jobs of the last week that name a path or a unit.
NAMING = Step("witness_naming", f'{_SAYING} --since -7d | grep -F -- "$1" | {_CUT}', tool="journalctl", each=True)
PLACES = Step("witness_places", f'limit 10 grep -rnsIF -m 3 -- "$1" {_CRON} {_UNITS} | {_CUT}', each=True)
TIMERS = Step(
    "witness_timers",
    "limit 10 systemctl list-timers --all --no-legend --no-pager --plain | head -n 60 | head -c 8192",
    tool="systemctl",
)
AGENTS = Step(
    "witness_agents",
    f"""
for a in puppet chef-client salt-minion cf-execd; do
  if limit 5 systemctl is-active --quiet "$a" || pgrep -x "$a" >/dev/null; then printf 'running %s\\n' "$a"; fi
done
for a in ansible-pull puppet chef-client cf-agent; do
  f=$(limit 5 grep -rlsIwF -- "$a" {_CRON} /etc/systemd/system | head -n 1)
  [ -z "$f" ] || printf 'scheduled %s %s\\n' "$a" "$f"
done
""",
)
AUDIT = Step(
    "witness_audit",
    'limit 10 ausearch --input-logs -i -f "$1" -ts this-week | grep -F type=SYSCALL | tail -n 5 | head -c 4096',
    tool="ausearch",
    each=True,
)
UNIT = Step(
    "witness_unit",
    'limit 10 journalctl -q --no-pager -o short-unix -n 40 -u "$1" | grep -F " systemd[" | tail -n 3 | head -c 2048',
    tool="journalctl",
    each=True,
)
