"""Runs as a cycle leaves them, for tests and pictures: each a morning that a district may have."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from agent.model.action import Action, Batch, Hold, Outcome, Plan, Result
from agent.model.finding import Closed, Counts, Difference, Finding, Verdict
from agent.model.kind import Effect, Risk, Undo
from agent.model.policy import Mode, Revision, Severity
from agent.model.run import Closing, PolicyNote, Run, Seen
from agent.model.sweep import Unseen
from agent.model.waiver import WaiverNote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent.model.waiver import Use

AT = datetime(2025, 10, 14, 11, 30, tzinfo=UTC)  # 06:30 in Chicago
ZONE = "America/Chicago"
COMMIT = "4be1f0c9d2a7385e6b10f2c4d8e9a0b1c2d3e4f5"

KEYS = Difference("sshd.permitrootlogin", "no", "yes")
PASSWORDS = Difference("sshd.passwordauthentication", "no", "yes")
BANNER = Difference("file./etc/issue.net.content", "Riverton Unified. Authorized use only.", "Debian GNU/Linux 12")
TELNET = Difference("package.telnetd.installed", "false", "true")
FORWARD = Difference("sysctl.net.ipv4.ip_forward", "0", "1")
CLOCK = Difference("time.synced", "true", "false")
CRON = Difference("service.cron.running", "true", "false")
SUDO = Difference("group.sudo.members", "[ops]", "[guest, ops]")

TITLES = {
    "HOST-01": ("Administrators reach our servers only with a key.", "A guessed password would do.", "high"),
    "HOST-02": ("Every server says whose it is before a login.", "The district's lawyer asks for it.", "low"),
    "HOST-03": ("Software that sends passwords in the clear is not installed.", "Anyone may listen.", "high"),
    "HOST-04": ("The services each server is there for are running.", "A class stops when they do.", "high"),
    "HOST-05": ("All clocks agree.", "Logins and logs depend on the time.", "medium"),
    "HOST-06": (
        "Only the people on the list have accounts that may become root.",
        "A forgotten account is a way in.",
        "critical",
    ),
    "HOST-07": ("Servers do not forward traffic and ignore redirects.", "Traffic could take another way.", "medium"),
    "HOST-08": ("Security updates go in within 14 days.", "Known holes are the first ones tried.", "high"),
}


def note(policy: str, mode: Mode = Mode.AUDIT) -> PolicyNote:
    title, why, severity = TITLES.get(policy, (f"The rule {policy} holds.", "Because it should.", "medium"))
    return PolicyNote(policy, title, why, Severity(severity), mode, f"policies/hosts/{policy.lower()}.yaml:1:1")


def notes(**modes: Mode) -> tuple[PolicyNote, ...]:
    """Give the eight starter policies, in audit but for those named (`host_01=Mode.ENFORCE`)."""
    return tuple(note(p, modes.get(p.lower().replace("-", "_"), Mode.AUDIT)) for p in TITLES)


def finding(policy: str, resource: str, *differences: Difference, days: int = 0, site: str = "east") -> Finding:
    name = resource.partition("/")[2]
    said = "; ".join(f"{d.field} is {d.observed} and should be {d.expected}" for d in differences)
    since = AT - timedelta(days=days) if days else None
    return Finding(policy, resource, site, Verdict.OUT_OF_LINE, differences, f"{name}: {said}.", since=since)


def unread(policy: str, resource: str, why: str, site: str = "east") -> Finding:
    name = resource.partition("/")[2]
    return Finding(policy, resource, site, Verdict.UNKNOWN, (), f"{name}: could not check: {why}.", why)


def batch(policy: str, found: Sequence[Finding], playbook: str = "playbooks/ssh.yml") -> Batch:
    actions = tuple(
        Action(policy, f.resource, f.site, "ansible.playbook", {"playbook": playbook}, f.differences, ("x",))
        for f in found
    )
    digest = hashlib.sha256(f"{policy}{[a.resource for a in actions]}".encode("utf-8", "backslashreplace")).hexdigest()
    return Batch(f"sha256:{digest}", policy, 0, "ansible.playbook", Effect.SETS, Risk.DISRUPTIVE, Undo.PARTIAL, actions)


def asks(of: Batch) -> Hold:
    """Give the hold that waits for a yes."""
    number = len(of.actions)
    said = f"Wanted to change {number} hosts. {of.policy} asks first."
    return Hold("mode", of.digest, (), said, f"`driftbell apply --plan {of.digest}`", approvable=True)


def tripwire(of: Batch, limit: int) -> Hold:
    said = f"Wanted to change {len(of.actions)} hosts. The limit for one run is {limit}, so none were changed."
    lifted = f"checking why there are so many, then `driftbell apply --plan {of.digest}`"
    return Hold("tripwire", of.digest, (), said, lifted, approvable=True)


def outcomes(of: Batch, result: Result = Result.CONFIRMED, **words: str) -> tuple[Outcome, ...]:
    return tuple(
        Outcome(
            of.digest,
            of.policy,
            a.resource,
            a.verb,
            result,
            a.differences,
            () if result is Result.CONFIRMED else a.differences,
            words.get("said", "changed"),
            words.get("why", ""),
        )
        for a in of.actions
    )


def seen(expected: int = 20, unseen: Iterable[Unseen] = ()) -> Seen:
    missing = tuple(unseen)
    return Seen("host", "ssh", expected, expected - len(missing), proven=True,
                membership="listed in the inventory", as_of=AT, unseen=missing)  # fmt: skip


def run(**parts: object) -> Run:
    """Give a quiet run of twenty hosts under eight policies, with these parts in place of its own."""
    quiet: dict[str, object] = {
        "id": "20251014T113000Z-7f3a",
        "command": "run",
        "district": "Riverton Unified",
        "timezone": ZONE,
        "revision": Revision(COMMIT, "/srv/policies", "A. Example"),
        "at": AT,
        "finished": AT + timedelta(seconds=41),
        "seen": (seen(),),
        "counts": Counts(in_line=160),
        "findings": (),
        "policies": notes(),
        "plan": Plan(()),
    }
    return Run(**{**quiet, **parts})  # type: ignore[arg-type]


def quiet_day() -> Run:
    return run()


def three_fixed() -> Run:
    """Drift in 8 fields on 3 hosts, all of it repaired and confirmed."""
    batches = (
        batch("HOST-01", [finding("HOST-01", h, KEYS, PASSWORDS) for h in ("host/web1", "host/web2")]),
        batch("HOST-02", [finding("HOST-02", "host/db1", BANNER)], "playbooks/banner.yml"),
        batch("HOST-04", [finding("HOST-04", "host/db1", CRON)], "playbooks/services.yml"),
        batch("HOST-07", [finding("HOST-07", h, FORWARD) for h in ("host/web1", "host/web2")], "playbooks/sysctl.yml"),
    )
    return run(
        policies=notes(host_01=Mode.ENFORCE, host_02=Mode.ENFORCE, host_04=Mode.ENFORCE, host_07=Mode.ENFORCE),
        plan=Plan(batches),
        outcomes=tuple(o for b in batches for o in outcomes(b)),
        closed=tuple(Closing(a.policy, a.resource, a.site, Closed.FIXED, AT) for b in batches for a in b.actions),
    )


def tripwire_held() -> Run:
    """Five of five hosts drifted and a limit of two."""
    found = tuple(finding("HOST-01", f"host/web{n}", KEYS) for n in range(1, 6))
    wanted = batch("HOST-01", found)
    return run(
        policies=notes(host_01=Mode.ENFORCE),
        counts=Counts(in_line=35, out_of_line=5),
        findings=found,
        seen=(seen(5),),
        plan=Plan((wanted,), (tripwire(wanted, 2),)),
    )


def many(count: int, ways: int = 1) -> Run:
    """A fleet out of line under every policy; `ways` different readings of each."""
    found = tuple(
        finding(policy, f"host/h{n:05d}", Difference(KEYS.field, "no", f"yes {n % ways}"), site=f"school-{n % 7}")
        for n in range(count // 5)
        for policy in ("HOST-01", "HOST-02", "HOST-03", "HOST-05", "HOST-07")
    )
    return run(
        counts=Counts(in_line=3 * count, out_of_line=len(found)),
        findings=found,
        seen=(seen(count),),
        opened=tuple((f.policy, f.resource) for f in found),
    )


def failed_repair() -> Run:
    found = (finding("HOST-01", "host/web1", KEYS, days=3),)
    tried = batch("HOST-01", found)
    return run(
        policies=notes(host_01=Mode.ENFORCE),
        counts=Counts(in_line=159, out_of_line=1),
        findings=found,
        plan=Plan((tried,)),
        outcomes=outcomes(tried, Result.FAILED, why="The second look read the same value.", said="changed=1"),
    )


def all_unknown() -> Run:
    hosts = [f"host/web{n}" for n in range(1, 6)]
    why = "connection timed out after 10 s"
    return run(
        seen=(seen(5, [Unseen(h, why) for h in hosts]),),
        counts=Counts(unknown=40),
        findings=tuple(unread(p, h, why) for p in TITLES for h in hosts),
    )


HOSTILE = (
    "<script>alert(1)</script>",
    "web\nBcc: everyone@riverton.example",
    "web\r\nX-Evil: 1",
    "\x1b[31mred\x1b[0m",
    "\u202egnp.exe\u202c",
    "{{ 7*7 }}",
    "{% raw %}",
    "$(reboot)",
    "'; DROP TABLE findings; --",
    "שלום",
    "a\udce9b",
    "\x00\x07\x7f\x9b31m",
    '"><img src=x onerror=alert(1)>',
    "&lt;b&gt;",
)


def hostile() -> Run:
    """Every name, reading and reason is an attack."""
    found = tuple(finding("HOST-01", f"host/{n}", Difference(f"file.{n}.mode", n, f"was {n}"), site=n) for n in HOSTILE)
    asked = batch("HOST-02", [finding("HOST-02", f"host/{n}", BANNER, site=n) for n in HOSTILE], HOSTILE[0])
    tried = batch("HOST-03", [finding("HOST-03", f"host/{n}", TELNET, site=n) for n in HOSTILE], HOSTILE[5])
    policies = tuple(
        PolicyNote(p.id, HOSTILE[i % 4] + p.title, HOSTILE[(i + 3) % len(HOSTILE)], p.severity, p.mode, HOSTILE[1])
        for i, p in enumerate(notes(host_02=Mode.PROPOSE, host_03=Mode.ENFORCE))
    )
    return run(
        id="run\r\nBcc: x@y",
        district="Riverton\r\nBcc: everyone@riverton.example <script>alert(2)</script>",
        revision=Revision(COMMIT + "+dirty:<b>", "src", "\x1b[2J{{ 7*7 }}\r\nEvil: 1"),
        policies=policies,
        counts=Counts(in_line=1, out_of_line=42, unknown=14),
        findings=(*found, *(unread("HOST-04", f"host/{n}", n) for n in HOSTILE)),
        seen=(seen(20, [Unseen(f"host/{n}", n) for n in HOSTILE[:3]]),),
        plan=Plan((asked, tried), (asks(asked), Hold("never touch", tried.digest, (), HOSTILE[0], HOSTILE[1]))),
        outcomes=outcomes(tried, Result.FAILED, why=HOSTILE[1], said=HOSTILE[3]),
        warnings=(HOSTILE[2], HOSTILE[0]),
    )


def busy_morning() -> Run:
    """Two decisions, one hold, fourteen fixes, one silent host: the mail in the documentation."""
    sudo = tuple(finding("HOST-06", h, SUDO, days=2) for h in ("host/files1", "host/print1"))
    telnet = (finding("HOST-03", "host/cafe-pos", TELNET, days=1, site="west"),)
    late = Difference("updates.security_pending", "0", "12")
    updates = tuple(finding("HOST-08", f"host/lab{n}", late, days=1) for n in range(1, 10))
    ssh = [finding("HOST-01", f"host/web{n}", KEYS) for n in range(1, 10)]
    banner = [finding("HOST-02", f"host/db{n}", BANNER) for n in range(1, 5)]
    clock = [finding("HOST-05", "host/radius1", CLOCK)]
    quiet = tuple(finding("HOST-07", h, FORWARD) for h in ("host/cache1", "host/cache2"))
    asked = (batch("HOST-06", sudo, "playbooks/users.yml"), batch("HOST-03", telnet, "playbooks/packages.yml"))
    stopped = batch("HOST-08", updates, "playbooks/updates.yml")
    done = (batch("HOST-01", ssh), batch("HOST-02", banner, "playbooks/banner.yml"), batch("HOST-05", clock))
    findings = (*sudo, *telnet, *updates, *quiet, *(unread(p, "host/backup1", "timed out") for p in TITLES))
    fix, ask = Mode.ENFORCE, Mode.PROPOSE
    return run(
        policies=notes(host_01=fix, host_02=fix, host_05=fix, host_08=fix, host_06=ask, host_03=ask),
        seen=(seen(40, [Unseen("host/backup1", "connection timed out after 10 s")]),),
        counts=Counts(in_line=298, out_of_line=14, unknown=8),
        findings=findings,
        opened=tuple((f.policy, f.resource) for f in quiet),
        plan=Plan((*asked, stopped, *done), (*map(asks, asked), tripwire(stopped, 5))),
        outcomes=tuple(o for b in done for o in outcomes(b)),
    )


MORNINGS = {
    "quiet": quiet_day,
    "fixed": three_fixed,
    "tripwire": tripwire_held,
    "five": lambda: many(5),
    "five thousand": lambda: many(5000),
    "five thousand ways": lambda: many(5000, ways=997),
    "failed": failed_repair,
    "unknown": all_unknown,
    "hostile": hostile,
    "busy": busy_morning,
}


def waiver(name: str, use: Use, left: int, findings: int = 0, days: int = 0, **changes: object) -> WaiverNote:
    """Give what a waiver came to; `days` is how long the longest-standing of its findings has been open."""
    until = (AT + timedelta(days=left)).date()
    oldest = AT - timedelta(days=days) if days else None
    note = WaiverNote(
        name, ("HOST-01",), ("host/web1",), (), "director", "vendor", "4711", until, "policies/waivers.yaml:2:5", use,
        findings, left, oldest,
    )  # fmt: skip
    return replace(note, **changes)  # type: ignore[arg-type]
