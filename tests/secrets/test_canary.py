"""A secret in every place where there can be one; then all that Driftbell writes and shows is searched for them.

What is found is exactly what docs/safety.md says is kept: no more, and no less.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_loop import district_on
from tests.cli.test_switch import slow_district, wait_until
from tests.fakes.smtp import MailServer
from tests.hosts.places import account
from tests.secrets.hunting import Canaries, Watch, forms, in_files, in_ledger, standing

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell, Mailbox
    from tests.lab.host import Host
    from tests.lab.lab import Lab

PLAYBOOK = """\
- name: Write what it was told not to show
  hosts: all
  gather_facts: false
  tasks:
    - name: A file from a template
      ansible.builtin.template: {src: app.conf.j2, dest: /etc/app.conf, mode: "0600"}
    - name: Said aloud, and no_log is missing
      ansible.builtin.debug: {msg: "{{ db_password }} {{ vaulted }} {{ app.api_key }} {{ password }} {{ inner }}"}
    - name: Run with it, and no_log is missing
      ansible.builtin.shell: "echo '{{ db_password }}' '{{ vaulted }}' '{{ password }}'; false"
      failed_when: false
    - name: Written at last
      ansible.builtin.copy: {dest: /etc/motd, content: "{{ text }}", mode: "0644"}
    - name: It fails, and says why with all of it
      ansible.builtin.fail: {msg: "no login with {{ db_password }}, {{ vaulted }}, {{ password }} or {{ inner }}"}
"""
TEMPLATE = "password={{ db_password }}\nvaulted={{ vaulted }}\nkey={{ app.api_key }}\nlist={{ inner }}\n"

# What is kept, as docs/safety.md says, in files that their owner alone can read: what the repository says in the open
# anyway, and what a policy reads of a list. The vault's values and password, passwords of the server and of accounts,
# and what playbooks said are in no file.
IN_THE_INVENTORY = {"inventory variable", "inventory variable of a map", "inventory variable of a list"}
IN_THE_LEDGER = {
    "batch": {"with variable"},  # what `apply` is to carry out
    "wording": {"with variable"},  # and what was begun
    "run": {"with variable"},
    "sweep": {"a token that is read", "a person of a list"},
}
IN_THE_STATE = {"cache/inventory": IN_THE_INVENTORY | {"become password", "a token that is read"}}


def encrypted(secret: str, name: str, password: Path) -> str:
    """Encrypt one value by the program that people use."""
    program = str(Path(sys.executable).parent / "ansible-vault")
    words = [sys.executable, program, "encrypt_string", "--vault-password-file", str(password), "--stdin-name", name]
    return subprocess.run(words, input=secret, check=True, capture_output=True, text=True).stdout


def private(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def planted(driftbell: Driftbell, lab: Lab, host: Host, canaries: Canaries) -> Path:
    """Give a district with a secret in every place of the repository, of the host and of the lists; and the vault."""
    vault = private(driftbell.folder / "vault-password", canaries.plant("vault password", plain=True))
    key = driftbell.folder / "key"
    key.write_bytes(lab.key.read_bytes())
    key.chmod(0o600)
    comment = canaries.plant("ssh key comment", plain=True)
    subprocess.run(["ssh-keygen", "-q", "-c", "-C", comment, "-P", "", "-f", str(key)], check=True, capture_output=True)
    password = canaries.plant("become password", plain=True)
    account(host, "ops", password=password, rule="ALL=(ALL:ALL) ALL")
    district_on(
        driftbell, lab, [host],
        servers={
                        "ansible_become_password": password,
            "db_password": canaries.plant("inventory variable"),
            "app": {"api_key": canaries.plant("inventory variable of a map")},
            "inner_secrets": [canaries.plant("inventory variable of a list")],
            "inner": "{{ inner_secrets[0] }}",
            "access_token": canaries.plant("a token that is read"),
        },
    )  # fmt: skip
    inventory = driftbell.repo / "inventory" / "hosts.yml"
    text = inventory.read_text("utf-8").replace(str(lab.key), str(key)).replace("user: admin", "user: ops")
    inventory.write_text(text, "utf-8")
    vaulted = encrypted(canaries.plant("vault variable"), "vaulted", vault)
    driftbell.write("inventory/group_vars/servers.yml", vaulted)
    driftbell.write("playbooks/secret.yml", PLAYBOOK)
    driftbell.write("playbooks/app.conf.j2", TEMPLATE)
    policies(driftbell, canaries)
    return vault


def policies(driftbell: Driftbell, canaries: Canaries) -> None:
    variables = {"password": canaries.plant("with variable"), "text": "welcome\n"}
    driftbell.policy(
        "MOTD-01", mode="enforce", expect={"file./etc/motd.content": "welcome\n"},
        remedy=[{"do": "ansible.playbook", "with": {"playbook": "playbooks/secret.yml", "vars": variables}}],
    )  # fmt: skip
    driftbell.policy("TOKEN-01", expect={"var.access_token": "another one"})
    driftbell.policy("VAULT-01", expect={"var.vaulted": "another one"})
    driftbell.policy("BECOME-01", expect={"var.ansible_become_password": "another one"})
    driftbell.policy("CONVERGE-01", converge={"playbook": "playbooks/secret.yml", "vars": variables})
    person = canaries.plant("a person of a list", plain=True)
    driftbell.write("inventory/systems.yaml", {"systems": {"assets": {
        "type": "csv", "kind": "asset", "path": "assets.csv", "key": "serial", "as_of": "Exported",
        "columns": {"serial": "Serial No", "assigned_to": "Owner"}}}})  # fmt: skip
    exports = driftbell.state / "exports"
    exports.mkdir(parents=True, mode=0o700, exist_ok=True)
    private(exports / "assets.csv", f"Serial No,Owner,Exported\nS1,{person}@riverton.example,2026-11-01\n")
    base = {"policy": "ASSET-01", "title": "Nobody", "severity": "low", "owner": "it@riverton.example"}
    asks = {"applies_to": {"kind": "asset"}, "expect": {"assigned_to": {"exists": False}}}
    driftbell.write("policies/inventory/ASSET-01.yaml", {**base, **asks})


def watched(driftbell: Driftbell, canaries: Canaries, *words: str, **environment: str) -> tuple[str, Watch]:
    """Run a command, and watch all that it starts."""
    process = subprocess.Popen(
        driftbell.arguments(*words), env=driftbell.environment() | environment, cwd=driftbell.folder,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    with Watch(process.pid, canaries) as watch:
        said = process.communicate(timeout=400)[0]
    assert "Traceback" not in said, said
    return said, watch


def shown(driftbell: Driftbell) -> dict[str, bytes]:
    """Give all that a person or a program can have shown."""
    said = {form: driftbell("report", "--format", form) for form in ("text", "html", "json", "csv")}
    said |= {" ".join(words): driftbell(*words) for words in (
        ("check", "--json", "--all"), ("plan",), ("history", "MOTD-01"), ("doctor",),
        *(("explain", name, "web1") for name in ("MOTD-01", "TOKEN-01", "CONVERGE-01")),
    )}  # fmt: skip
    return {name: (s.out + s.err).encode() for name, s in said.items()}


def test_planted_secrets_stand_where_it_is_written_that_they_do_and_nowhere_else(
    driftbell: Driftbell, lab_pool: Lab, lab_hosts: Any, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    canaries = Canaries()
    (host,) = lab_hosts(["web1"])
    vault = planted(driftbell, lab_pool, host, canaries)
    temporary = driftbell.folder / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    driftbell.settings(
        mail=mailbox.settings() | {"password": {"secret": f"file:{mailbox.password}"}},
        ansible={"vault_password_file": str(vault)},
    )
    said, watch = watched(driftbell, canaries, "run", "--json", "--verbose")
    assert '"outcome": "confirmed"' in said, said
    conf = host.exec("cat /etc/app.conf").stdout
    assert canaries.found_in(conf.encode()) >= {"inventory variable", "vault variable"}  # it was really used
    assert len(watch.children) > 10
    assert watch.seen == {}
    assert [re.sub(r" +", " ", line).strip() for line in watch.cores] == ["Max core file size 0 0 bytes"]

    everything = {"output of the run": said.encode(), **shown(driftbell)}
    everything |= {f"mail {n}": m.as_bytes() + _bodies(m) for n, m in enumerate(mailbox.messages())}
    everything |= dict(in_files(temporary))
    assert len(mailbox.messages()) == 1
    assert standing(canaries, everything.items()) == {}

    assert standing(canaries, in_ledger(driftbell.state / "ledger.db")) == IN_THE_LEDGER
    files: dict[str, bytes] = {}
    for name, body in in_files(driftbell.state):
        if not name.startswith(("ledger.db", "exports/")):
            sort = re.sub(r"-[0-9a-f]{64}", "", name)  # several inventories may be kept
            files[sort] = files.get(sort, b"") + body
    assert standing(canaries, files.items()) == IN_THE_STATE
    for path in driftbell.state.rglob("*"):
        assert not path.stat().st_mode & 0o077 or any(not p.stat().st_mode & 0o077 for p in path.parents), path
    assert not list((driftbell.state / "runs").iterdir())


def _bodies(message: Any) -> bytes:
    return b"".join(part.get_payload(decode=True) or b"" for part in message.walk() if not part.is_multipart())


@pytest.mark.parametrize("kind", ["env", "DRIFTBELL_MAIL_PASSWORD", "file", "systemd", "vault"])
def test_the_mail_password_from_each_place_logs_in_and_is_shown_nowhere(
    driftbell: Driftbell, mailbox: Mailbox, tmp_path: Path, kind: str
) -> None:
    canaries = Canaries()
    password = canaries.plant("mail password").replace("ä", "a")  # SASL PLAIN takes it, our fake server only ASCII
    canaries["mail password"] = password
    vault = private(tmp_path / "vault", canaries.plant("vault password", plain=True))
    environment, reference = given(kind, password, vault, tmp_path)
    driftbell.hosts({"here": {"ansible_connection": "local", "site": "east"}})
    driftbell.policy("HOST-01", expect={"hostname": "another one"})
    login = ("bell@riverton.example", password)
    with MailServer(tmp_path / "server", mailbox.certificates, login=login) as server:
        mail: dict[str, Any] = mailbox.settings() | {"server": server.url}
        mail.pop("password")
        if reference:
            mail["password"] = {"secret": reference}
        driftbell.settings(mail=mail, ansible={"vault_password_file": str(vault)})
        said, watch = watched(driftbell, canaries, "run", **environment)
        taken = [t.message for t in server.taken()]
    assert len(taken) == 1, said
    assert watch.seen == {}
    texts = {"output": said.encode(), "mail": taken[0].as_bytes() + _bodies(taken[0])}
    texts |= dict(in_files(driftbell.state)) | dict(in_ledger(driftbell.state / "ledger.db"))
    assert standing(canaries, texts.items()) == {}


def given(kind: str, password: str, vault: Path, folder: Path) -> tuple[dict[str, str], str]:
    """Put a password into a place, and give the environment and the reference that lead to it."""
    match kind:
        case "env":
            return {"THE_PASSWORD": password}, "env:THE_PASSWORD"
        case "DRIFTBELL_MAIL_PASSWORD":
            return {kind: password}, ""
        case "file":
            return {}, f"file:{private(folder / 'password', password)}"
        case "systemd":
            private(folder / "credentials" / "mail", password)
            return {"CREDENTIALS_DIRECTORY": str(folder / "credentials")}, "systemd:mail"
    path = private(folder / "secrets.yml", f"mail: '{password}'\n")
    program = str(Path(sys.executable).parent / "ansible-vault")
    words = [sys.executable, program, "encrypt", "--vault-password-file", str(vault), str(path)]
    subprocess.run(words, check=True, capture_output=True)
    return {}, f"vault:{path}#mail"


def test_a_crash_leaves_no_core_file(driftbell: Driftbell) -> None:
    """SIGQUIT writes one by default, and this machine would put it into the working directory."""
    began = slow_district(driftbell)
    running = driftbell.start("run")
    wait_until(began.exists, "the playbook began")
    limits = Path(f"/proc/{running.pid}/limits").read_text("ascii")
    assert re.search(r"Max core file size +0 +0 ", limits)
    running.send_signal(signal.SIGQUIT)
    assert running.wait(60) == -signal.SIGQUIT
    assert not [p for p in driftbell.folder.rglob("core*") if p.is_file()]


def test_every_form_of_a_secret_is_recognised() -> None:
    """So that finding nothing means something."""
    import base64
    import json
    import urllib.parse

    canaries = Canaries()
    secret = canaries.plant("it")
    for text in (
        secret, f"x{secret}x", json.dumps({"a": secret}), json.dumps(secret, ensure_ascii=False),
        urllib.parse.quote(secret), urllib.parse.quote_plus(secret), secret.encode().hex(),
        *(base64.b64encode(b"x" * n + secret.encode() + b"yyyy").decode() for n in range(4)),
    ):  # fmt: skip
        assert canaries.found_in(text.encode()) == {"it"}, text
    assert canaries.found_in(os.urandom(4096)) == set()
    assert len(forms(secret)) > 8
