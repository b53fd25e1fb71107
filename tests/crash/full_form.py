"""`make crash`: every point of the journal on both sides, and random instants, as many as DRIFTBELL_KILLS says."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from tests.crash.rig import Kill, Rig
from tests.fakes.smtp import MailServer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell
    from tests.lab.fixtures import Boot
    from tests.lab.lab import Lab

KILLS = int(os.environ.get("DRIFTBELL_KILLS", "500"))


@pytest.mark.timeout(0)
def test_every_point_and_random_instants(
    driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random(int(os.environ.get("DRIFTBELL_SEED", "1")))  # ruff: ignore[suspicious-non-cryptographic-random-usage] - to be repeated
    with MailServer(tmp_path / "server") as mail:
        rig = Rig.made(driftbell, lab_pool, lab_hosts(["web1", "web2"]), mail)
        points, life = rig.transactions()
        kills = [Kill(point, side) for point in range(1, points + 1) for side in ("before", "after")]
        kills += [Kill(seconds=dice.uniform(0.2, life)) for _ in range(KILLS - len(kills))]
        troubles = []
        for number, kill in enumerate(kills[:KILLS], 1):
            troubles += rig.survive(kill)
            with capsys.disabled():
                print(f"{number} of {KILLS}, {kill}: {rig.deaths} deaths, {len(troubles)} troubles", flush=True)
    assert troubles == []
