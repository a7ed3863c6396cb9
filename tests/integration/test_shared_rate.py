"""One rate for all gateways: leased in slices, found by throttling, never passed."""
# SPDX-License-Identifier: MIT
import signal

import pytest

from harness import SECOND_US, most_in, rate_of, times, wait


def two_gateways(world, **settings):
    world.start(case="latency 5ms\n", receipts="none", **settings)
    world.start_gateway()
    world.wait_bound()


def test_two_gateways_share_a_rate(measured):
    def run(world, part):
        two_gateways(world, members=400, rate=200, window=50)
        for n in range(4):
            world.announce(id=f"R{n}")
        for n in range(4):
            world.wait_state(f"R{n}", seconds=60)
        assert world.status("R0")["accepted"] == 400
        at = times(world)
        assert len(at) == 1600
        assert most_in(at, SECOND_US[part]) <= 204
        assert rate_of(at) >= part * 190

    measured(run)


def test_one_of_two_is_stopped_with_a_lease_in_hand(measured):
    """What it had leased is lost with its time; the other goes on with the whole rate."""

    def run(world, part):
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
        assert most_in(at, SECOND_US[part]) <= 204
        assert rate_of(at[stopped_at + 50 : stopped_at + 250]) >= part * 190

    measured(run)


@pytest.mark.parametrize("rate, members", [(2.5, 6), (0.5, 2)])
def test_slow_rates(measured, rate, members):
    def run(world, part):
        two_gateways(world, members=members, rate=rate)
        world.announce(id="SLOW")
        world.wait_state("SLOW")
        at = times(world)
        assert len(at) == members
        assert min(b - a for a, b in zip(at, at[1:], strict=False)) >= part * 0.98e6 / rate
        assert rate_of(at) >= part * rate * 0.95

    measured(run)


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
