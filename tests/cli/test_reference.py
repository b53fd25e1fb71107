"""docs/fields.md is made from the catalog; this says when it is behind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.fixtures import Driftbell

FIELDS = Path(__file__).parents[2] / "docs" / "fields.md"


def test_the_list_of_fields_in_the_documents_is_what_the_program_prints(driftbell: Driftbell) -> None:
    printed = driftbell("schema", "--fields").out
    assert printed == FIELDS.read_text("utf-8"), "driftbell schema --fields > docs/fields.md"
    assert "| `storage_free` | size, bytes |" in printed
    assert "| `sshd.OPTION` |" in printed
