"""One rate for all gateways: leased in slices, found by throttling, never passed."""
# SPDX-License-Identifier: MIT
import signal

import pytest

from harness import wait


# On a busy machine the SMSC reads a part some time after it was written, two at once, and a gateway
# that is not let to run loses what it had leased: tests/bench measures how much is used.
BUNCHED_US = 950_000


def most_in(at, window_us):
    """The most that came in any window, and where."""
    most = first = 0
    for last, t in enumerate(at):
        while at[first] <= t - window_us:
            first += 1
        most = max(most, last - first + 1)
    return most


def times(world):
    return [s.at_us for s in world.smsc.submits()]


def rate_of(at):
    return (len(at) - 1) / ((at[-1] - at[0]) / 1e6)


def two_gateways(world, **settings):
    world.start(case="latency 5ms\n", receipts="none", **settings)
    world.start_gateway()
    world.wait_bound()


def test_two_gateways_share_a_rate(world):
    two_gateways(world, members=400, rate=200, window=50)
    for n in range(4):
        world.announce(id=f"R{n}")
    for n in range(4):
        world.wait_state(f"R{n}", seconds=60)
    assert world.status("R0")["accepted"] == 400
    at = times(world)
    assert len(at) == 1600
    assert most_in(at, BUNCHED_US) <= 204
    assert rate_of(at) >= 110


def test_one_of_two_is_stopped_with_a_lease_in_hand(world):
    """What it had leased is lost with its time; the other goes on with the whole rate."""
    two_gateways(world, members=600, rate=200, window=50)
    world.announce(id="S1")
    world.announce(id="S2")
    wait(lambda: world.smsc.submits_n() >= 200, "both at work")
    world.gateways[0].signal(signal.SIGSTOP)
    stopped_at = world.smsc.submits_n()
    wait(lambda: world.smsc.submits_n() >= stopped_at + 300, "the other alone", 20)
    world.gateways[0].signal(signal.SIGCONT)
    world.wait_state("S1", seconds=60)
    world.wait_state("S2", seconds=60)
    at = times(world)
    assert most_in(at, BUNCHED_US) <= 204
    alone = at[stopped_at + 50 : stopped_at + 250]
    assert rate_of(alone) >= 110


@pytest.mark.parametrize("rate, members", [(2.5, 6), (0.5, 2)])
def test_slow_rates(world, rate, members):
    two_gateways(world, members=members, rate=rate)
    world.announce(id="SLOW")
    world.wait_state("SLOW")
    at = times(world)
    assert len(at) == members
    assert min(b - a for a, b in zip(at, at[1:], strict=False)) >= 0.9e6 / rate
    assert rate_of(at) >= rate * 0.6


def test_without_redis_nothing_is_granted(world):
    world.start(members=300, rate=20, window=50, case="latency 1ms\n", receipts="none")
    world.announce(id="DARK")
    wait(lambda: world.smsc.submits_n() >= 20, "some messages")
    world.redis.process.signal(signal.SIGSTOP)
    before = world.smsc.submits_n()
    wait(lambda: "redis.lost" in world.gateway.text(), "the loss of Redis", 30)
    assert world.smsc.submits_n() <= before + 8  # what was leased
    world.redis.process.signal(signal.SIGCONT)
    world.wait_state("DARK", seconds=60)
    assert world.settled("DARK", 300)["uncertain"] == 0


def test_twice_too_high_a_rate(world):
    """The SMSC takes 200 a second, we are told 400: what it takes is found and held."""
    world.start(members=1000, rate=400, window=50, receipts="none",
                case="latency 5ms\nthrottle 200/s\n")
    world.announce(id="HIGH")
    world.wait_state("HIGH", seconds=60)
    summary = world.smsc.summary()
    assert summary["accepted"] == 1000
    assert summary["throttled"] <= 0.05 * summary["accepted"], summary
    assert 150 <= int(world.r.hget("loa:link:{link1}:rate", "limit")) <= 200
    assert 150 <= float(world.r.hget("loa:stats:link:link1", "rate_now")) <= 200
