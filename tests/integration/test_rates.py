"""Rates, judged by the SMSC's clock: none stands still, none goes too fast."""
# SPDX-License-Identifier: MIT
import signal

import pytest

from harness import SECOND_US, most_in, rate_of, times, wait

BODY = "Kinh moi toan the ba con trong khu pho den du cuoc hop ban ve viec lam duong. " * 6

CASES = [
    # rate, window, members of three parts each
    pytest.param(20, 10, 15, id="20/s: less than a message in 20 ms"),
    pytest.param(30, 2, 20, id="30/s through a window smaller than a message"),
    pytest.param(3, 10, 3, id="3/s: a message a second"),
    pytest.param(200, 50, 150, id="200/s"),
]


@pytest.mark.parametrize("rate, window, members", CASES)
def test_long_texts_use_the_rate(measured, rate, window, members):
    def run(world, part):
        case = f"latency 5ms\nwindow {window}\n"
        world.start(members=members, rate=rate, window=window, receipts="none", case=case)
        world.announce(id="L", title="Thong bao", summary=BODY[:400])
        world.wait_state("L")
        assert world.settled("L", members)["parts"] == 3 * members
        at = times(world)
        assert len(at) == 3 * members
        assert most_in(at, SECOND_US[part]) <= rate * 1.02 + 1
        assert rate_of(at) >= part * rate * 0.95

    measured(run)


def test_one_part_a_message_uses_the_rate(measured):
    def run(world, part):
        world.start(members=700, window=50, rate=200, case="latency 5ms\n", receipts="none")
        world.announce(id="RATE")
        world.wait_state("RATE")
        world.settled("RATE", 700)
        at = times(world)
        assert most_in(at, SECOND_US[part]) <= 205
        assert rate_of(at) >= part * 190

    measured(run)


# What we are told, of the 200/s that the SMSC takes, and what must come of it.
@pytest.mark.parametrize(
    "rate, members, used, refused", [(400, 2000, 0.90, 0.05), (200, 1000, 0.95, 0.01)]
)
def test_an_smsc_that_throttles(measured, rate, members, used, refused):
    def run(world, part):
        world.start(members=members, rate=rate, window=50, receipts="none",
                    case="latency 5ms\nthrottle 200/s\n")
        world.announce(id="HIGH")
        world.wait_state("HIGH", seconds=60)
        submits = world.smsc.submits()
        at = [s.at_us for s in submits if s.status == "0x00000000"]
        assert len(at) == members
        assert rate_of(at) >= part * used * 200
        assert len(submits) - len(at) <= refused / part * len(submits)
        assert max(b - a for a, b in zip(at, at[1:], strict=False)) < 1_000_000, "a silent second"
        if rate > 200:
            assert 150 <= int(world.r.hget("loa:link:{link1}:rate", "limit")) <= 200
            assert 150 <= float(world.r.hget("loa:stats:link:link1", "rate_now")) <= 200

    measured(run)


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
    assert most_in(times(world), 900_000) <= 400


def test_throttled_parts_go_again_in_order(world):
    world.start(members=60, window=10, receipts="none", case="latency 5ms\nthrottle 60/s\n")
    world.announce(id="T", title="Thong bao", summary=BODY[:400])
    world.wait_state("T")
    status = world.settled("T", 60)
    assert (status["accepted"], status["uncertain"]) == (60, 0)
    summary = world.smsc.summary()
    assert summary["throttled"] > 0 and summary["accepted"] == 180
    assert summary["throttled"] < 40, summary
