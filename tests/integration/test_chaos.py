"""A short version of `make chaos`: strokes at random, and the model agrees."""
# SPDX-License-Identifier: MIT
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../chaos"))

from chaos import SHORT, Chaos  # noqa: E402


@pytest.mark.parametrize("seed", [1, 2])
def test_ten_strokes(world, seed):
    chaos = Chaos(world, 10, seed, SHORT)
    figures = chaos.run()
    chaos.close()
    assert not list(chaos.faults(figures))
    assert len(figures["strokes"]) == 10 and figures["messages"] > 0
