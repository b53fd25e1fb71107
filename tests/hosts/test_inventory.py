"""Fields that the inventory answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from agent.catalog.host import HOST
from agent.model.reading import NONE, Unknown
from agent.systems.host import inventory
from tests.hosts.conftest import a_host, reading, why

if TYPE_CHECKING:
    from tests.hosts.conftest import Observe


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        ("", ""),
        ("<script>", "<script>"),
        (True, "true"),
        (False, "false"),
        (42, "42"),
        (1.5, "1.5"),
        (None, NONE),
        (["a", 1, "é"], '["a", 1, "é"]'),
        ({"b": 1, "a": [True]}, '{"a": [true], "b": 1}'),
        ("{{ 7*7 }}", Unknown("the variable is an Ansible template, which is not evaluated here")),
        (["{{ x }}"], Unknown("the variable is an Ansible template, which is not evaluated here")),
        ("\ud800", Unknown("the variable is not valid Unicode")),
        ({"__ansible_vault": "$"}, Unknown("the variable is encrypted with Ansible Vault, which is not opened here")),
    ],
)
def test_variables_are_text(value: Any, expected: object) -> None:
    assert inventory.read(a_host("web1", role=value), HOST.resolve("var.role")) == expected


def test_a_variable_that_is_not_set_is_none() -> None:
    assert inventory.read(a_host("web1"), HOST.resolve("var.role")) is NONE


@pytest.mark.parametrize("name", ["ansible_password", "ansible_ssh_pass", "ansible_become_password"])
def test_passwords_are_no_readings(name: str) -> None:
    found = inventory.read(a_host("web1", **{name: "hunter22"}), HOST.resolve(f"var.{name}"))
    assert isinstance(found, Unknown)
    assert "hunter22" not in str(found)


def test_the_inventory_is_known_of_a_silent_host(observe: Observe) -> None:
    silent = a_host("web1", ansible_host="{{ nowhere }}", role="mail", site="east")
    sweep = observe([silent], ["groups", "var.role", "os.name"])
    assert reading(sweep, "web1", "groups") == ("all", "mail")
    assert reading(sweep, "web1", "var.role") == "mail"
    assert reading(sweep, "web1", "os.name") == Unknown(why(sweep, "web1"))
    assert sweep.table.site("host/web1") == "east"
    assert (sweep.expected, sweep.seen, sweep.proven) == (1, 0, True)
    assert sweep.membership == "the Ansible inventory lists 1 host"
