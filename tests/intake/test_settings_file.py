"""The server's settings, from a file and from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import InputError
from agent.intake import settings_file
from agent.intake.settings_file import read
from agent.settings import AnsibleSettings, HostSettings, MailSettings
from tests.intake.cases import CASES, documents, expected, name

pytestmark = pytest.mark.usefixtures("nowhere")

EVERYTHING = CASES / "settings" / "good" / "everything.yaml"


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand where no policies are, on a machine without settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings_file, "FILE", tmp_path / "none.yaml")
    return tmp_path


def problems(config: Path | None, environment: dict[str, str]) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(config, environment)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("case", documents("settings/bad"), ids=name)
def test_wrong_settings_get_their_sentences(case: Path) -> None:
    said = [problem.removeprefix(f"{case}:") for problem in problems(case, {})]
    assert said == expected(case)
    assert said
    assert "hunter2" not in str(said)


def test_everything_has_its_place() -> None:
    settings = read(EVERYTHING, {})
    assert settings.repository == "https://git.example/policies.git#main"
    assert settings.state == Path("/srv/driftbell")
    assert settings.mail == MailSettings(
        server="smtp://127.0.0.1:1025",
        sender="driftbell@riverton.example",
        starttls=False,
        user="driftbell",
        password="env:NAME",
        ca_file="/etc/ca.pem",
        timeout=5,
    )
    assert settings.hosts == HostSettings(workers=4, connect_timeout=3, deadline=12.5)
    assert settings.ansible == AnsibleSettings(forks=5, timeout=600)
    assert settings.people == {"amy": "director"}
    keys = ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== amy@laptop", "ecdsa-sha2-nistp256 AAAAE2VjZHNh")
    assert settings.approvers == {"director": keys}
    assert settings.revoked_keys == ("ssh-rsa AAAAB3NzaC1yc2E= amy@lost",)
    assert settings.destructive == {"ansible.playbook"}


def test_what_guards_the_repository_is_not_taken_from_the_environment() -> None:
    names = ("PEOPLE", "APPROVERS", "REVOKED_KEYS", "DESTRUCTIVE")
    settings = read(None, {f"DRIFTBELL_{name}": "{me: director}" for name in names})
    assert (settings.people, settings.approvers, settings.destructive) == ({}, {}, frozenset())


def test_without_settings_everything_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(None, {})
    assert (settings.repository, settings.mail) == ("", None)
    assert (settings.hosts, settings.ansible) == (HostSettings(), AnsibleSettings())
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert read(None, {}).state == Path("/var/lib/driftbell")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert read(None, {}).state == Path.home() / ".local/share/driftbell"
    assert read(None, {"XDG_DATA_HOME": "/data"}).state == Path("/data/driftbell")


def test_the_environment_wins_over_the_file() -> None:
    settings = read(
        EVERYTHING,
        {
            "DRIFTBELL_REPO": "/srv/other",
            "DRIFTBELL_STATE": "/srv/state",
            "DRIFTBELL_MAIL_SERVER": "smtps://mail.example",
            "DRIFTBELL_MAIL_STARTTLS": "yes",
            "DRIFTBELL_MAIL_PASSWORD": "hunter2",
            "DRIFTBELL_MAIL_TIMEOUT": "2.5",
            "DRIFTBELL_HOSTS_WORKERS": "8",
            "DRIFTBELL_ANSIBLE_FORKS": "",
        },
    )
    assert (settings.repository, settings.state) == ("/srv/other", Path("/srv/state"))
    assert settings.mail is not None
    assert (settings.mail.server, settings.mail.starttls, settings.mail.timeout) == ("smtps://mail.example", True, 2.5)
    assert settings.mail.password == "env:DRIFTBELL_MAIL_PASSWORD"
    assert (settings.hosts.workers, settings.ansible.forks) == (8, 5)


def test_the_environment_alone_is_enough() -> None:
    environment = {"DRIFTBELL_MAIL_SERVER": "smtp://[::1]:25", "DRIFTBELL_MAIL_FROM": "Driftbell <a@b.example>"}
    assert read(None, environment).mail == MailSettings("smtp://[::1]:25", "Driftbell <a@b.example>")


def test_what_is_wrong_in_the_environment_is_told_by_its_name() -> None:
    said = problems(
        None,
        {
            "DRIFTBELL_MAIL_SEVER": "smtp://a:25",
            "DRIFTBELL_MAIL_SERVER": "a:25",
            "DRIFTBELL_MAIL_STARTTLS": "perhaps",
            "DRIFTBELL_HOSTS_WORKERS": "many",
            "DRIFTBELL_HOSTS_DEADLINE": "nan",
            "DRIFTBELL_OTHER": "not ours to judge",
        },
    )
    assert said == [
        "DRIFTBELL_HOSTS_DEADLINE: This takes a number of seconds above 0, not 'nan'.",
        "DRIFTBELL_HOSTS_WORKERS: This takes a whole number above 0, not 'many'.",
        "DRIFTBELL_MAIL_SERVER: This takes smtp://HOST:PORT or smtps://HOST:PORT, not 'a:25'.",
        "DRIFTBELL_MAIL_SEVER: There is no setting 'DRIFTBELL_MAIL_SEVER'; did you mean 'DRIFTBELL_MAIL_SERVER'?",
        "DRIFTBELL_MAIL_STARTTLS: This takes true or false, not 'perhaps'.",
    ]


def test_a_variable_that_holds_a_secret_is_no_misspelt_setting(nowhere: Path) -> None:
    config = nowhere / "driftbell.yaml"
    config.write_text(
        "mail: {server: 'smtp://a:25', from: a@b.example, password: {secret: env:DRIFTBELL_MAIL_SECRET}}\n"
    )
    settings = read(config, {"DRIFTBELL_MAIL_SECRET": "x"})
    assert settings.mail is not None
    assert settings.mail.password == "env:DRIFTBELL_MAIL_SECRET"


def test_a_file_that_was_named_has_to_be_there(nowhere: Path) -> None:
    for config, environment in ((nowhere / "a.yaml", {}), (None, {"DRIFTBELL_CONFIG": str(nowhere / "a.yaml")})):
        assert problems(config, environment) == [
            f"{nowhere}/a.yaml: This file cannot be read: No such file or directory."
        ]


def test_the_usual_file_is_read_where_it_is_there(nowhere: Path) -> None:
    (nowhere / "none.yaml").write_text("# nothing set\n")
    assert not read(None, {}).repository
    (nowhere / "none.yaml").write_text("repo: /srv/policies\n")
    assert read(None, {}).repository == "/srv/policies"


def test_the_working_directory_is_the_repository_where_it_holds_policies(nowhere: Path) -> None:
    (nowhere / "policies").mkdir()
    assert read(EVERYTHING, {"DRIFTBELL_REPO": "/srv/other"}).repository == str(nowhere)


def written(tmp_path: Path, text: str, mode: int) -> Path:
    path = tmp_path / "driftbell.yaml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.mark.parametrize("address", ["https://hunter2@git.example/p.git", "ssh://git:hunter2@git.example/p.git#main"])
def test_settings_that_everybody_reads_hold_no_secret(tmp_path: Path, address: str) -> None:
    text = f"repo: {address}\n"
    (said,) = problems(written(tmp_path, text, 0o644), {})
    assert "everybody on this machine can read it" in said
    assert "hunter2" not in said
    assert read(written(tmp_path, text, 0o640), {}).repository == address
    assert read(written(tmp_path, "repo: ssh://git@git.example/p.git\n", 0o644), {}).repository


def test_settings_that_everybody_can_change_are_refused(tmp_path: Path) -> None:
    (said,) = problems(written(tmp_path, "repo: /srv/p\n", 0o666), {})
    assert "chmod o-w" in said


def test_a_password_before_the_mail_servers_name_is_not_repeated(tmp_path: Path) -> None:
    address = "smtp://amy:hunter2@mail.example"
    said = problems(written(tmp_path, f"mail: {{server: '{address}', from: a@b.example}}\n", 0o640), {})
    said += problems(None, {"DRIFTBELL_MAIL_SERVER": address, "DRIFTBELL_MAIL_FROM": "a@b.example"})
    assert "smtp://HOST:PORT" in str(said)
    assert "hunter2" not in str(said)


def test_a_service_has_its_state_where_systemd_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    assert read(None, {"STATE_DIRECTORY": "/var/lib/driftbell"}).state == Path("/var/lib/driftbell")
    config = written(tmp_path, "state: /srv/state\n", 0o640)
    assert read(config, {"STATE_DIRECTORY": "/var/lib/driftbell"}).state == Path("/srv/state")
