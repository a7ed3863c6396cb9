"""Who goes first, and that everybody goes: priorities, turns, and gateways that come and go.

How long something waits is counted in the messages that left meanwhile, not in seconds: at 200 a
second, two seconds are 400 messages, however busy the machine is.
"""
# SPDX-License-Identifier: MIT
import os
import signal
import time

import pytest

from harness import Process, LOA, wait
from proxy import Proxy

SLOW = "latency 5ms\nreceipts none\n"
TWO_SECONDS = 400


def people(world, n, few):
    """n members; the last `few` of them are in the group few."""
    rows = [f"m{i},M {i},0{900000000 + i},,,{'few' if i >= n - few else ''}" for i in range(n)]
    world.import_members(0, rows=rows)


def beginning(world, n, few, case=SLOW, **settings):
    world.start_redis()
    world.start_smsc(case)
    world.configure(receipts="none", **settings)
    people(world, n, few)
    world.start_gateway()
    world.wait_bound()


def words(world):
    """The first word of each text, in the order of leaving."""
    return [s.text.split(".")[0] for s in world.smsc.submits()]


def passed_meanwhile(world, word, since):
    """How many others left from `since` until the last one that begins with `word`."""
    left = words(world)
    last = max(i for i, one in enumerate(left) if one == word)
    return sum(one != word for one in left[since : last + 1])


@pytest.mark.parametrize("settings", [
    {"rate": 200, "window": 20},
    {"window": 1},  # no rate is known: the most that may stand ahead, of a link that is slow
])
def test_a_small_one_leaves_behind_a_big_one(world, settings):
    """Of one priority each broadcast has its turn, however many chunks of another are held."""
    beginning(world, 8000, few=10, **settings)
    world.announce(id="BIG", title="Lon")
    wait(lambda: world.smsc.submits_n() >= 50, "messages on their way")
    since = world.smsc.submits_n()
    world.announce(id="SMALL", title="Nho", audience="few")
    world.wait_state("SMALL")
    world.loa("cancel", "BIG")
    assert passed_meanwhile(world, "Nho", since) <= TWO_SECONDS
    # Turn by turn: by chunks, the big one would have had sixteen turns for one.
    assert passed_meanwhile(world, "Nho", words(world).index("Nho")) <= 60


def test_an_emergency_overtakes_what_is_claimed_and_nobody_starves(world):
    beginning(world, 3000, few=300, rate=250, window=20)
    for id_, title in (("N", "Thuong"), ("U", "Gap")):
        world.announce(id=id_, title=title, priority="normal" if id_ == "N" else "urgent")
    wait(lambda: words(world).count("Gap") >= 80, "urgent messages")
    since = world.smsc.submits_n()
    world.announce(id="E", title="So tan ngay", audience="few", priority="emergency")
    world.wait_state("E")
    left = words(world)
    first = left.index("KHAN: So tan ngay")
    last = max(i for i, one in enumerate(left) if one == "KHAN: So tan ngay")
    assert first - since <= TWO_SECONDS
    during = left[first : last + 1]
    others = len(during) - 300
    # One of twenty goes to those who wait behind it, and no more.
    assert 5 <= others <= 300 // 20 + 45, others
    assert {"Gap", "Thuong"} <= set(during)
    before = left[left.index("Gap") : since]
    assert before.count("Gap") > 4 * before.count("Thuong") > 0, (len(before), before.count("Gap"))
    for id_ in ("U", "N"):
        world.loa("cancel", id_)


# -- gateways that come and go --------------------------------------------------------------------


def claims_of(world, id_, worker):
    """The chunks that a worker holds."""
    found = {}
    for field, value in world.r.hgetall(world.key(id_) + ":claims").items():
        parts = value.split(" ")
        if field.count(":") == 1 and parts[0] == worker and parts[2] != "0":
            found[field] = parts
    return found


def two_gateways(world):
    """Both hold chunks of the broadcast G; answers the names of the first and the second."""
    beginning(world, 2500, few=0, rate=150, window=10)
    (first,) = wait(lambda: world.r.hkeys("loa:workers"), "first worker")
    world.start_gateway()
    wait(lambda: world.r.hlen("loa:workers") == 2, "second worker")
    wait(lambda: len(world.smsc.events("bind")) == 2, "second bind")
    second = next(name for name in world.r.hkeys("loa:workers") if name != first)
    world.announce(id="G")
    for name in (first, second):
        wait(lambda n=name: claims_of(world, "G", n), f"chunk of {name}")
    wait(lambda: world.smsc.submits_n() >= 60, "messages on their way")
    return first, second


def test_what_a_dead_one_held_is_taken_over_within_ten_seconds(world):
    """Its chunks and, as it fed their successors, all that would have followed."""
    first, second = two_gateways(world)
    world.gateways[0].kill()
    assert claims_of(world, "G", first)
    wait(lambda: not claims_of(world, "G", first), "takeover", 10)
    assert claims_of(world, "G", second)
    world.wait_state("G")
    world.settled("G", 2500, uncertain_most=10)


def test_one_that_is_ended_hands_over_what_it_has(world):
    """A restart loses no second: nothing waits for a lease to run out."""
    first, _ = two_gateways(world)
    world.gateways[0].signal(signal.SIGTERM)
    assert world.gateways[0].ended() == 0
    assert not claims_of(world, "G", first)
    assert first not in world.r.hkeys("loa:workers")
    world.wait_state("G")
    assert sorted(set(world.smsc.told().values())) == [1]
    world.settled("G", 2500)
    assert world.stat("messages_uncertain") == 0


def test_one_that_is_ended_while_it_plans_gives_the_plan_back(world):
    """The other goes on planning at once: it need not wait until a lease runs out."""
    world.start_redis()
    world.start_smsc("latency 5ms\nreceipts none\n")
    door = Proxy(os.path.join(world.folder, "door.sock"), world.redis.socket)
    world.closers.append(door.close)
    world.configure(redis_socket=door.path, receipts="none", window=10)
    world.import_members(60_000)
    gateways, callers = [world.start_gateway(), world.start_gateway()], []

    def end_in_the_middle(name):
        if name == "loa_plan":
            callers.append(door.caller)
            if len(callers) == 4:
                planner().signal(signal.SIGTERM)
                time.sleep(0.05)

    def planner():
        return next(g for g in gateways if g.child.pid == callers[0])

    door.on_call = end_in_the_middle
    world.announce(id="PLAN")
    wait(lambda: len(callers) >= 4, "planning")
    assert planner().ended() == 0
    key = world.key("PLAN")
    wait(lambda: world.r.hget(key, "planned") == world.r.hget(key, "chunks"), "the plan", 4)
    assert len(set(callers)) == 2 and callers[-1] != callers[0]
    door.on_call = None
    world.loa("cancel", "PLAN")


def test_a_signal_before_everything_stands_ends_it_cleanly(world):
    """It comes while the configuration is being read."""
    world.start(members=0)
    with open(world.config, encoding="utf-8") as f:
        text = f.read()
    pipe = os.path.join(world.folder, "pipe.yaml")
    os.mkfifo(pipe)
    early = Process([LOA, "gateway", "-c", pipe], os.path.join(world.folder, "early.log"),
                    {"RUNTIME_DIRECTORY": world.folder})
    with open(pipe, "w", encoding="utf-8") as f:  # stands open once it reads
        early.signal(signal.SIGTERM)
        f.write(text)
    assert early.ended() == 0, early.text()
    assert "gateway.draining" in early.text()
