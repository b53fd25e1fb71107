"""A daemon that is killed loses nothing, repeats nothing, and forgets nothing: the short form of `make crash`.

Each point is one of its journal's transactions. The full form tries each of them, on both sides, and random instants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crash.rig import Kill, Rig
from tests.fakes.smtp import MailServer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.fixtures import Driftbell
    from tests.lab.fixtures import Boot
    from tests.lab.lab import Lab

SHARES = (0.4, 0.7)  # of a life: before something is written, and after


@pytest.mark.timeout(900)
def test_a_killed_daemon_loses_nothing_and_repeats_nothing(
    driftbell: Driftbell, lab_pool: Lab, lab_hosts: Boot, tmp_path: Path
) -> None:
    with MailServer(tmp_path / "server") as mail:
        rig = Rig.made(driftbell, lab_pool, lab_hosts(["web1", "web2"]), mail)
        points, _ = rig.transactions()
        kills = [Kill(max(1, int(points * share)), side) for share in SHARES for side in ("before", "after")]
        troubles = [trouble for kill in kills for trouble in rig.survive(kill)]
    assert troubles == []
    assert rig.deaths == len(kills)
