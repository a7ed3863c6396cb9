"""Leases of a link's rate, the limit that was found, the switch: the Functions by themselves."""
# SPDX-License-Identifier: MIT
import time

from functions import functions, server  # noqa: F401

RATE, STOPPED = "loa:link:{v}:rate", "loa:link:{v}:stopped"


def lease(functions, rate, wanted):
    parts, delay_us, step_us, again_us, limit, version = functions.call(
        "loa_rate_lease", RATE, rate, wanted)
    return parts, delay_us, float(step_us), again_us, limit, version


def test_a_lease_is_a_hundredth_and_follows_the_last_one(functions):
    starts, parts = [], []
    for _ in range(20):
        n, delay_us, step_us, *_ = lease(functions, "1000", 500)
        starts.append(time.monotonic() * 1e6 + delay_us)
        parts.append(n)
        assert 1000 < step_us < 1010
    assert parts == [10] * 20
    assert starts[-1] - starts[0] > 19 * 9_500  # one behind the other
    assert lease(functions, "1000", 3)[0] == 3


def test_slow_rates_are_leased_part_by_part_and_below_one_a_second_too(functions):
    for rate, step in (("40", 25_000), ("1", 1_000_000), ("0.5", 2_000_000)):
        functions.empty()
        n, delay_us, step_us, *_ = lease(functions, rate, 100)
        assert (n, delay_us) == (1, 0)
        assert step <= step_us <= step * 1.01
        assert lease(functions, rate, 100)[1] > step * 0.5


def test_what_is_not_used_is_lost(functions):
    lease(functions, "100", 1)
    time.sleep(0.2)
    assert lease(functions, "100", 1)[1] == 0  # from now on, not from then


def test_nobody_leases_far_ahead(functions):
    began = time.monotonic()
    got = [lease(functions, "100", 1) for _ in range(80)]
    assert 45 <= sum(g[0] for g in got) <= 52 + (time.monotonic() - began) * 100
    assert got[-1][0] == 0 and got[-1][3] > 0


def test_the_lower_of_what_is_set_and_what_was_found(functions):
    assert lease(functions, "0", 5) == (0, 0, 0.0, 0, 0, 0)
    assert functions.call("loa_rate_found", RATE, 0, 50) == [50, 1]
    assert functions.call("loa_rate_found", RATE, 0, 25) == [50, 1]  # found at the same time
    assert lease(functions, "0", 5)[4:] == (50, 1)
    assert 20_000 < lease(functions, "400", 5)[2] < 20_200
    assert 25_000 < lease(functions, "40", 5)[2] < 26_000
    assert functions.call("loa_rate_found", RATE, 1, 0) == [0, 2]
    assert lease(functions, "0", 5)[0] == 0


def watch(functions, worker, taken):
    return functions.call("loa_link_watch", RATE, STOPPED, worker, taken, keys=2)[:4]


def test_what_the_others_take_and_the_switch(functions):
    assert watch(functions, "a", 0) == [0, 0, 0, 0]
    assert functions.redis.exists(RATE) == 0  # nothing to share
    watch(functions, "a", 120)
    assert watch(functions, "b", 70) == [0, 0, 0, 120]
    assert watch(functions, "a", 110)[3] == 70
    assert functions.call("loa_link_switch", STOPPED, 1, "cli", 1) == 1
    assert functions.call("loa_link_switch", STOPPED, 1, "cli", 2) == 0
    assert watch(functions, "a", 0)[0] == 1
    assert functions.call("loa_link_switch", STOPPED, 0, "cli", 3) == 1
    assert watch(functions, "a", 0)[0] == 0
