"""What was tried before: changes on their way, repairs in vain, and what keeps changing back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.decide.guards import Claim, Context, Returned, guard
from tests.guards.build import AT, FIELD, action, batch, context, plan

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "guards" / "tries.yaml").read_text(encoding="utf-8"))
MINUTE = timedelta(minutes=1)
WEB = ("HOST-01", "host/web1")


def around(case: dict[str, Any], digest: str) -> Context:
    failed, claimed, back = (case.get(word, {}) for word in ("failed", "claimed", "returned"))
    claim = Claim(claimed.get("by", ""), "ansible.playbook", AT, AT + claimed.get("minutes", 0) * MINUTE)
    return context(
        failures={WEB: failed["times"]} if failed else {},
        tried={WEB: AT - failed["minutes"] * MINUTE} if failed else {},
        claims={("host/web1", claimed.get("field", FIELD.name)): claim} if claimed else {},
        returned={WEB: Returned(back["times"], AT, tuple(back.get("writers", ())))} if back else {},
        approved=frozenset({digest} if case.get("approved") else ()),
    )


@pytest.mark.parametrize("case", CASES, ids=[c["about"] for c in CASES])
def test_what_was_tried_before(case: dict[str, Any]) -> None:
    wanted = batch(action("web1"), action("web2"))
    guarded = guard(plan(wanted), around(case, wanted.digest))
    held = case["held_by"]
    assert [h.guard for h in guarded.holds] == ([held] if held else [])
    assert {a.resource for a in guarded.free(wanted)} == {"host/web2", *([] if held else ["host/web1"])}
    for hold in guarded.holds:
        assert hold.resources == ("host/web1",)
        assert all(words in hold.sentence for words in case.get("says", ())), hold.sentence
        assert all(words in hold.lifted_by for words in case.get("lifted_by", ())), hold.lifted_by
