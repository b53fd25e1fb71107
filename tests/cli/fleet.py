"""How many lab hosts the tests of a whole fleet take: a few by default, and as many as DRIFTBELL_HOSTS says."""

from __future__ import annotations

import os

import pytest

FLEET = max(3, int(os.environ.get("DRIFTBELL_HOSTS", "3")))
NAMES = tuple(f"web{n:02}" for n in range(1, FLEET + 1))
LONG = 120 + 30.0 * FLEET  # seconds for one run over all of them, on a machine that is busy with other tests
PATIENT = pytest.mark.timeout(420 + 60 * FLEET)
