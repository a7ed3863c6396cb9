"""Rates and windows with texts of several parts: none stands still, none goes too fast."""
# SPDX-License-Identifier: MIT
import signal

import pytest

from harness import wait

BODY = "Kinh moi toan the ba con trong khu pho den du cuoc hop ban ve viec lam duong. " * 6

CASES = [
    # rate, window, members of three parts each
    pytest.param(20, 10, 15, id="20/s: less than a message in 20 ms"),
    pytest.param(30, 2, 20, id="30/s through a window smaller than a message"),
    pytest.param(3, 10, 3, id="3/s: a message a second"),
    pytest.param(200, 50, 150, id="200/s"),
]


def most_together(at):
    """In any 0.9 s: on a busy machine a part may be read a tenth of a second after it was written;
    the second itself is proved where the times are exact, in tests/unit/test_rate.c."""
    return max(sum(1 for b in at[i:] if b < a + 900_000) for i, a in enumerate(at))


@pytest.mark.parametrize("rate, window, members", CASES)
def test_long_texts_use_the_rate(world, rate, window, members):
    case = f"latency 5ms\nwindow {window}\n"
    world.start(members=members, rate=rate, window=window, receipts="none", case=case)
    world.announce(id="L", title="Thong bao", summary=BODY[:400])
    world.wait_state("L")
    assert world.settled("L", members)["parts"] == 3 * members
    at = [s.at_us for s in world.smsc.submits()]
    assert len(at) == 3 * members
    assert most_together(at) <= rate
    seconds = (at[-1] - at[0]) / 1e6
    assert (len(at) - 1) / seconds >= rate * 0.6 - 0.5, seconds  # as far as a busy machine lets



def test_sighup_changes_the_rate(world):
    world.start(members=400, rate=20, receipts="none", case="latency 1ms\n")
    world.announce(id="HUP")
    wait(lambda: world.smsc.submits_n() >= 10, "messages at the first rate")
    with open(world.config, encoding="utf-8") as f:
        text = f.read()
    assert "rate: 20\n" in text
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(text.replace("rate: 20\n", "rate: twenty\n"))
    world.gateway.signal(signal.SIGHUP)
    wait(lambda: "changed=nothing" in world.gateway.text(), "a word about the mistake")
    assert world.smsc.submits_n() < 200
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(text.replace("rate: 20\n", "rate: 400\n"))
    world.gateway.signal(signal.SIGHUP)
    world.wait_state("HUP", seconds=15)  # 400 members take 20 s at the first rate
    world.settled("HUP", 400)
    at = [s.at_us for s in world.smsc.submits()]
    assert most_together(at) <= 400


def test_throttled_parts_go_again_in_order(world):
    world.start(members=60, window=10, receipts="none", case="latency 5ms\nthrottle 60/s\n")
    world.announce(id="T", title="Thong bao", summary=BODY[:400])
    world.wait_state("T")
    status = world.settled("T", 60)
    assert (status["accepted"], status["uncertain"]) == (60, 0)
    summary = world.smsc.summary()
    assert summary["throttled"] > 0 and summary["accepted"] == 180
    assert summary["throttled"] < 40, summary
