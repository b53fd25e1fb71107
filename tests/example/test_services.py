"""The policies on services, asked of real servers on this machine: kept in one place and broken in another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.example.district import by_policy, lay_down
from tests.services.authority import issue
from tests.services.servers import free_port, nginx, unbound

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell

ZONES = """  local-zone: "filter-test.riverton.example" always_nxdomain
  local-zone: "blocked-test.riverton.example" redirect
  local-data: "blocked-test.riverton.example A 198.51.100.7"
"""


def _certificates(folder: Path) -> str:
    authority = issue("Riverton's own", None, authority=True, days=(-10, 900))
    authority.write(folder, "authority")
    for name, days in {"good": 90, "ending": 10}.items():
        issue(name, authority, names=("127.0.0.1",), days=(-10, days)).write(folder, name)
    return str(folder / "authority.pem")


def test_services_that_break_a_rule_are_found_and_the_others_are_in_line(driftbell: Driftbell, tmp_path: Path) -> None:
    lay_down(driftbell)
    folder = tmp_path / "servers"
    folder.mkdir()
    good, ending, names, nobody = (free_port() for _ in range(4))
    ca_file = _certificates(folder)
    servers = "".join(
        f"server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {folder}/{name}.pem; "
        f"ssl_certificate_key {folder}/{name}.key; location / {{ return 200 hello; }} }}\n"
        for name, port in {"good": good, "ending": ending}.items()
    )
    server = f"127.0.0.1:{names}"
    checks = {
        "filter-east": {"dns": "filter-test.riverton.example", "server": server, "site": "east"},
        "filter-mill": {"dns": "blocked-test.riverton.example", "server": server, "site": "mill"},
        "other-name": {"dns": "www.riverton.example", "server": server},
        "website": {"tls": f"127.0.0.1:{good}", "ca_file": ca_file},
        "mail": {"tls": f"127.0.0.1:{ending}", "ca_file": ca_file},
        "core-east": {"ping": f"127.0.0.1:{good}", "site": "east"},
        "internet": {"http": f"http://127.0.0.1:{nobody}/probe1.isp.riverton.example"},
    }
    systems = {"services": {"type": "probe", "kind": "service", "samples": 2, "timeout": "5s", "checks": checks}}
    driftbell.write("inventory/systems.yaml", {"systems": systems})
    with nginx(folder, servers, [good, ending]), unbound(folder, names, ZONES):
        document = driftbell("check", "--json", "--all").json
    assert by_policy(document, "out_of_line") == {
        "DEV-08": {"service/filter-mill"}, "NET-09": {"service/mail"}, "VEN-01": {"service/internet"},
    }  # fmt: skip
    assert by_policy(document, "in_line") == {
        "DEV-08": {"service/filter-east"}, "NET-09": {"service/website"}, "NET-07": {"service/core-east"},
    }  # fmt: skip
