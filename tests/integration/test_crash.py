"""kill -9, wherever it hurts: nobody is lost, few are told twice, each of them is counted."""
# SPDX-License-Identifier: MIT
import os
import signal
import threading
import time

import pytest

from harness import agree, phone, wait
from proxy import Proxy

SLOWISH = "latency 20ms\nreceipts final after 30ms\n"


def everybody_once(world, id_, n, window, seconds=60):
    """All are told; again at most the window, and whoever is missing a receipt was uncertain."""
    world.wait_state(id_, seconds=seconds)
    told = world.smsc.told()
    assert {number for number, _ in told} == {phone(i) for i in range(n)}
    return world.settled(id_, n, uncertain_most=window)


@pytest.mark.parametrize("after", [1, 90, 400])
def test_kill_in_the_middle_and_restart(world, after):
    world.start(members=600, window=20, case=SLOWISH)
    world.announce(id="K1")
    wait(lambda: world.smsc.submits_n() >= after, "messages on their way")
    world.gateway.kill()
    assert world.smsc.submits_n() < 600
    world.start_gateway()
    everybody_once(world, "K1", 600, window=20)
    world.wait_letters("K1", "d", 600 - 20)


def test_kill_again_and_again(world):
    world.start(members=800, window=10, case=SLOWISH)
    world.announce(id="K2")
    for stop_at in (60, 150, 300, 310, 500):
        wait(lambda n=stop_at: world.smsc.submits_n() >= n, "messages on their way", 30)
        world.gateway.kill()
        world.look("K2")
        world.start_gateway()
    everybody_once(world, "K2", 800, window=10 * 5)


def test_hold_leaves_the_uncertain_to_a_person(world):
    world.start(members=300, window=20, case="latency 20ms\nreceipts none\n", on_uncertain="hold")
    world.announce(id="HOLD")
    wait(lambda: world.smsc.submits_n() >= 100, "messages on their way")
    world.gateway.kill()
    world.start_gateway()
    world.wait_state("HOLD")
    assert max(world.smsc.told().values()) == 1
    status = world.settled("HOLD", 300)
    assert 0 < status["uncertain"] <= 20, status
    assert status["accepted"] == 300 - status["uncertain"]


def test_the_smsc_dies_in_the_middle(world):
    world.start(members=400, window=20, case=SLOWISH)
    world.announce(id="S1")
    wait(lambda: world.smsc.submits_n() >= 120, "messages on their way")
    world.smsc.kill()
    world.smsc.start()
    everybody_once(world, "S1", 400, window=20)


def test_the_connection_drops_now_and_then(world):
    world.start(members=500, window=20, case=SLOWISH + "drop every 150\n")
    world.announce(id="DROP")
    drops = 500 // 130 + 1
    everybody_once(world, "DROP", 500, window=20 * drops)
    assert world.smsc.summary()["sessions"] >= 3


def test_redis_is_killed_in_the_middle(world):
    world.start_redis("--appendfsync", "always")
    world.start_smsc(SLOWISH)
    world.configure(window=20)
    world.import_members(500)
    world.start_gateway()
    world.announce(id="R9")
    wait(lambda: world.smsc.submits_n() >= 150, "messages on their way")
    world.redis.kill()
    before = world.smsc.submits_n()
    world.redis.start()
    everybody_once(world, "R9", 500, window=20)
    assert before < 500


@pytest.mark.parametrize("after", [60, 300])
def test_the_power_goes(world, after):
    """Gateway and Redis die together, with an AOF that is written through."""
    world.start_redis("--appendfsync", "always")
    world.start_smsc(SLOWISH)
    world.configure(window=10)
    world.import_members(400)
    world.start_gateway()
    world.announce(id="DARK")
    wait(lambda: world.smsc.submits_n() >= after, "messages on their way")
    world.redis.kill()
    world.gateway.kill()
    world.redis.start()
    world.start_gateway()
    everybody_once(world, "DARK", 400, window=10)


# -- the talk with Redis, cut anywhere -----------------------------------------------------------


@pytest.fixture
def through(world):
    """Like World.start, with a door between the gateway and Redis."""

    def start(members, case=SLOWISH, **settings):
        world.start_redis()
        world.start_smsc(case)
        door = Proxy(os.path.join(world.folder, "door.sock"), world.redis.socket)
        world.closers.append(door.close)
        world.configure(redis_socket=door.path, **settings)
        if members:
            world.import_members(members)
        world.start_gateway()
        world.wait_bound()
        return door

    return start


@pytest.mark.parametrize("name", ["loa_begin", "loa_claim", "loa_done", "loa_done_begin", "loa_ids",
                                  "loa_create"])
def test_a_reply_is_lost_with_redis(world, through, name):
    """Sequence 3: what the reply said was done; asked again it is the same: they are told once."""
    door = through(200, window=50)
    lost = []

    def lose_the_second(names):
        if name in names:
            lost.append(name)
            return len(lost) != (1 if name == "loa_create" else 2)
        return True

    door.on_reply = lose_the_second
    world.announce(id="LOST")
    world.wait_state("LOST", seconds=40)
    assert lost, f"{name} was never called"
    assert sorted(world.smsc.told().values()) == [1] * 200
    status = world.settled("LOST", 200)
    assert status["uncertain"] == 0
    assert world.stat("messages_uncertain") == 0


def test_kill_while_an_audience_of_a_hundred_thousand_is_planned(world, through):
    """Sequence 6: a member who joins the group meanwhile is not in the frozen audience."""
    n = 100_000
    door = through(0, case="receipts none\n", receipts="none", window=500)
    world.import_members(n, groups="all-of-us")
    planned = []

    def kill_in_the_middle(names):
        planned.extend(name for name in names if name == "loa_plan")
        if len(planned) == 3:
            world.gateway.kill()
            return False
        return True

    door.on_reply = kill_in_the_middle
    world.announce(id="BIG", audience="all-of-us")
    wait(lambda: not world.gateway.running, "death of the gateway")
    door.on_reply = None
    fields, letters = world.look("BIG")
    assert len(letters) == n and fields["state"] == "sending"
    assert 0 < int(fields["planned"]) < int(fields["chunks"]), fields
    assert world.smsc.submits_n() < n
    world.import_members(1, first=n, groups="all-of-us")
    world.start_gateway()
    everybody_once(world, "BIG", n, window=500, seconds=90)


STEPS = ["loa_create", "loa_plan", "loa_work_feed", "loa_ack", "loa_claim", "loa_begin", "loa_ids",
         "loa_done", "loa_done_begin", "loa_work_finish", "loa_receipts", "loa_settle",
         "loa_stats_post"]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("name", STEPS)
def test_kill_around_each_step(world, through, name, moment):
    """Sequence 9: the gateway dies before Redis hears of a step, or after, before it learns so."""
    door = through(300, window=30)
    door.calls.clear()
    killed = []

    def kill(names):
        if name in names and not killed:
            killed.append(world.gateway.child.pid)
            world.gateway.kill()
            return False
        return True

    if moment == "before":
        door.on_call = lambda called: kill([called])
    else:
        door.on_reply = kill
    world.announce(id="STEP")
    wait(lambda: killed, f"call of {name}: there were {sorted(set(door.calls))}")
    world.start_gateway()
    everybody_once(world, "STEP", 300, window=30)
    assert world.r.xlen("loa:announcements") == 0
    for priority in ("emergency", "urgent", "normal"):
        key = f"loa:work:{{sms}}:{priority}"
        wait(lambda k=key: world.r.xlen(k) == 0, f"empty {key}")


def test_kill_at_every_step_until_it_gets_through(world, through):
    """The k-th answer of Redis is never heard, for k = 3, 6, 9 …: recovery dies again and again."""
    door = through(150, window=10, case="latency 1ms\nreceipts final after 5ms\n")
    heard, deaths, killing = [0], [0], threading.Lock()

    def count(_names):
        with killing:
            heard[0] += 1
            if heard[0] > 3 + 3 * deaths[0] and door.on_reply:
                heard[0] = 0
                deaths[0] += 1
                world.gateway.kill()
                return False
            return True

    door.on_reply = count
    world.announce(id="TORTURE")

    def ended():
        if not world.gateway.running:
            world.start_gateway()
        fields, _ = world.look("TORTURE")
        return fields.get("state") == "done"

    wait(ended, f"end after {deaths[0]} deaths", 90)
    with killing:  # a kill that is under way is over before anybody asks who lives
        door.on_reply = None
    assert deaths[0] >= 5
    if not world.gateway.running:
        world.start_gateway()
    everybody_once(world, "TORTURE", 150, window=10 * deaths[0])


# -- two gateways ---------------------------------------------------------------------------------




def test_a_slow_link_keeps_its_chunk(world):
    """Sequence 1: ten a second hold a chunk longer than any idle time; nobody steals it."""
    world.start_redis()
    world.start_smsc("latency 250ms\n")
    world.configure(rate=10, window=4, receipts="none")
    world.import_members(145)
    world.start_gateway()
    world.wait_bound()
    world.start_gateway()
    world.announce(id="SLOW")
    for n in (10, 30, 60, 90, 120):
        wait(lambda n=n: world.smsc.submits_n() >= n, "messages on their way")
        for _ in range(4):  # twice fed is harmless: whoever reads it finds the chunk held
            world.r.xadd("loa:work:{sms}:normal", {"id": "SLOW", "chunk": 0})
    world.wait_state("SLOW", seconds=40)
    assert sorted(world.smsc.told().values()) == [1] * 145
    world.settled("SLOW", 145)
    assert world.stat("messages_uncertain") == 0
    for gateway in world.gateways:
        assert gateway.running


def test_stopped_between_begin_and_write(world, through):
    """Sequence 2: its begin is answered while it is stopped; another takes over; going on, it
    writes none of them: nobody was told twice, though all of these were uncertain."""
    door = through(300, window=10)
    old, stopped = world.gateway, []

    def stop(names):
        if "loa_begin" in names and not stopped:
            stopped.append(names)
            old.signal(signal.SIGSTOP)
        return True

    door.on_reply = stop
    world.announce(id="STOP2")
    wait(lambda: stopped, "begin")
    world.start_gateway()
    wait(lambda: world.smsc.submits_n() > 50, "takeover", 30)
    old.signal(signal.SIGCONT)
    world.wait_state("STOP2", seconds=60)
    assert sorted(world.smsc.told().values()) == [1] * 300
    world.settled("STOP2", 300)
    assert 0 < world.stat("messages_uncertain") <= 10


def test_when_the_lease_is_half_over_nothing_is_written(world, through):
    """Sequence 2, the lease alone: stopped for more than half of it, for less than a command may
    take.  What was begun before is released: Redis hears of that before the SMSC hears anything."""
    door = through(100, window=10)
    old, stopped, heard = world.gateway, [], []

    def stop(names):
        if "loa_begin" in names and not stopped:
            stopped.append(time.monotonic())
            old.signal(signal.SIGSTOP)
        return True

    def listen(name):
        if name == "loa_done":
            heard.append(world.smsc.submits_n())

    door.on_reply, door.on_call = stop, listen
    world.announce(id="HALF")
    wait(lambda: stopped and time.monotonic() - stopped[0] > 3.3, "half a lease")
    old.signal(signal.SIGCONT)
    world.wait_state("HALF")
    door.on_call = None
    assert heard[0] == 0
    world.settled("HALF", 100)
    assert world.stat("messages_uncertain") == 0


def test_a_stopped_gateways_answers_count(world):
    """Sequence 2: SIGSTOP with answers under way, takeover, SIGCONT."""
    window = 10
    world.start(members=400, window=window, case="latency 30ms\nreceipts final after 20ms\n")
    world.announce(id="STOP")
    wait(lambda: world.smsc.submits_n() >= 100, "messages on their way")
    old = world.gateway
    old.signal(signal.SIGSTOP)
    at_stop = world.smsc.submits_n()
    world.start_gateway()
    wait(lambda: len(world.smsc.events("bind")) == 2, "bind of the second")
    wait(lambda: world.smsc.submits_n() > at_stop + 50, "takeover", 30)
    old.signal(signal.SIGCONT)
    everybody_once(world, "STOP", 400, window=window)


def test_one_of_two_gateways_dies_under_three_broadcasts(world):
    window = 10
    world.start(members=500, window=window, case=SLOWISH)
    world.start_gateway()
    wait(lambda: len(world.smsc.events("bind")) == 2, "second bind")
    for i in range(3):
        world.announce(id=f"B{i}", title=f"Thong bao so {i}")
    wait(lambda: world.smsc.submits_n() >= 300, "messages on their way")
    world.gateways[0].kill()
    for i in range(3):
        world.wait_state(f"B{i}", seconds=60)
    for i in range(3):
        world.settled(f"B{i}", 500, uncertain_most=window)


def test_full_memory_between_done_and_the_acknowledgement(world):
    """Sequence 5: at maxmemory nothing new goes out, what went out is recorded, nothing is lost."""
    world.start(members=1500, window=20, case="latency 10ms\n", receipts="none")
    world.announce(id="OOM")
    wait(lambda: world.smsc.submits_n() >= 300, "messages on their way")
    world.r.config_set("maxmemory-policy", "noeviction")
    world.r.config_set("maxmemory", "1mb")

    def quiet():
        fields, letters = world.look("OOM")
        return letters.count("s") == 0 and fields

    fields = wait(quiet, "rest: answers recorded, nothing begun", 15)
    sent = world.smsc.submits_n()
    assert sent < 1500 and fields["state"] == "sending"
    assert int(fields["accepted"]) == sent, f"{sent} went out: {fields}"
    world.r.config_set("maxmemory", "0")
    world.wait_state("OOM", seconds=60)
    assert sorted(world.smsc.told().values()) == [1] * 1500
    world.settled("OOM", 1500)
    assert world.stat("messages_uncertain") == 0
    agree(*world.look("OOM"))
