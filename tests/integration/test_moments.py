"""Control at random moments on two gateways, in short; tests/chaos/moments.py is the long one."""
# SPDX-License-Identifier: MIT
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../chaos"))

from moments import Moments  # noqa: E402


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_eight_moments(world, seed):
    moments = Moments(world, 1500, 8, seed)
    moments.start(rate=200)
    figures = moments.run()
    assert figures["state"] in ("done", "cancelled")
