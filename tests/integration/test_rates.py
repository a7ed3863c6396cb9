"""Rates and windows with texts of several parts: none stands still, none goes too fast."""
# SPDX-License-Identifier: MIT
import pytest

BODY = "Kinh moi toan the ba con trong khu pho den du cuoc hop ban ve viec lam duong. " * 6

CASES = [
    # rate, window, members of three parts each
    pytest.param(20, 10, 15, id="20/s: less than a message in 20 ms"),
    pytest.param(30, 2, 20, id="30/s through a window smaller than a message"),
    pytest.param(3, 10, 3, id="3/s: a message a second"),
    pytest.param(200, 50, 150, id="200/s"),
]


@pytest.mark.parametrize("rate, window, members", CASES)
def test_long_texts_use_the_rate(world, rate, window, members):
    case = f"latency 5ms\nwindow {window}\n"
    world.start(members=members, rate=rate, window=window, receipts="none", case=case)
    world.announce(id="L", title="Thong bao", summary=BODY[:400])
    world.wait_state("L")
    assert world.settled("L", members)["parts"] == 3 * members
    at = [s.at_us for s in world.smsc.submits()]
    assert len(at) == 3 * members
    most = max(sum(1 for b in at[i:] if b < a + 1_000_000) for i, a in enumerate(at))
    assert most <= rate * 1.02 + 1
    seconds = (at[-1] - at[0]) / 1e6
    assert (len(at) - 1) / seconds >= rate * 0.95 - 0.5, seconds


def test_throttled_parts_go_again_in_order(world):
    world.start(members=60, window=10, receipts="none", case="latency 5ms\nthrottle 60/s\n")
    world.announce(id="T", title="Thong bao", summary=BODY[:400])
    world.wait_state("T")
    status = world.settled("T", 60)
    assert (status["accepted"], status["uncertain"]) == (60, 0)
    summary = world.smsc.summary()
    assert summary["throttled"] > 0 and summary["accepted"] == 180
    assert summary["throttled"] < 40, summary
