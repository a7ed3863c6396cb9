"""A short version of `make chaos`: strokes at random, and the model agrees."""
# SPDX-License-Identifier: MIT
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../chaos"))

from chaos import CUT, SHORT, Chaos  # noqa: E402


@pytest.mark.parametrize("seed", [1, 2])
def test_ten_strokes(world, seed):
    chaos = Chaos(world, 10, seed, SHORT)
    figures = chaos.run()
    chaos.close()
    assert not list(chaos.faults(figures))
    assert len(figures["strokes"]) == 10 and figures["messages"] > 0


def test_a_redis_that_forgot_two_seconds_is_told_again(world):
    """Sequence 10: what the gateways know of the last seconds they tell the next Redis before they
    begin anything: nobody is told twice."""
    chaos = Chaos(world, 3, 1, CUT._replace(members=2000))
    figures = chaos.run()
    chaos.close()
    assert not figures["lost"] and not figures["strangers"]
    assert "event=redis.retold calls=" in world.gateways[0].text()
    assert sum(figures["again"].values()) == figures["uncounted"] == 0
