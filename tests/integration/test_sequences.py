"""The sequences of events that break simpler designs, each as a test that steps through it exactly.

SEQUENCES says where each of them is; those that stand nowhere else follow here.
tests/chaos/mutants takes the rule out that each one guards and shows that it goes red.
"""
# SPDX-License-Identifier: MIT
import datetime
import os
import re
import time

import pytest

from functions import Broadcast, functions, server  # noqa: F401
from harness import agree, phone, wait

HERE = os.path.dirname(os.path.abspath(__file__))

SEQUENCES = {
    "1 a slow link holds a chunk longer than any idle time: not stolen":
        ["test_crash.py::test_a_slow_link_keeps_its_chunk"],
    "2 stopped between begin and write, takeover, going on":
        ["test_crash.py::test_stopped_between_begin_and_write",
         "test_crash.py::test_when_the_lease_is_half_over_nothing_is_written",
         "test_crash.py::test_a_stopped_gateways_answers_count"],
    "3 a begin's reply is lost with Redis: sent, once":
        ["test_crash.py::test_a_reply_is_lost_with_redis",
         "test_lua_chunk.py::test_begin_is_idempotent_by_its_number"],
    "4 old worker accepted, new worker throttled, in both orders":
        ["test_lua_chunk.py::test_old_worker_accepted_new_worker_throttled"],
    "5 full memory between done and the acknowledgement":
        ["test_crash.py::test_full_memory_between_done_and_the_acknowledgement",
         "test_lua_chunk.py::test_a_full_redis_refuses_to_begin_and_records_what_is_done"],
    "6 kill -9 while a hundred thousand are planned; somebody joins meanwhile":
        ["test_crash.py::test_kill_while_an_audience_of_a_hundred_thousand_is_planned",
         "test_sequences.py::test_a_late_planner_repeats_nothing"],
    "7 a retry on one route and a fallback to another of one chunk at once":
        ["test_sequences.py::test_two_routes_work_on_one_chunk_at_once",
         "test_fallback.py::test_kills_between_zalo_its_receipts_and_the_sms"],
    "8 a receipt before the answer, on another process's bind":
        ["test_sequences.py::test_receipts_come_first_and_to_the_other_process"],
    "9 kill -9 between any two steps":
        ["test_crash.py::test_kill_around_each_step"],
    "10 Redis comes back without its last writes":
        ["test_sequences.py::test_redis_comes_back_without_its_last_writes",
         "test_chaos.py::test_a_redis_that_forgot_two_seconds_is_told_again"],
    "11 pause, cancel, STOP and expiry with sixteen chunks claimed":
        ["test_sequences.py::test_with_sixteen_chunks_claimed"],
    "12 window two, three parts, a thousand members: three thousand submits":
        ["test_broadcast.py::test_window_two_and_three_parts_make_three_thousand_submits"],
    "13 two gateways, one rate, one of them stopped with a lease in hand":
        ["test_shared_rate.py::test_one_of_two_is_stopped_with_a_lease_in_hand"],
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_each_sequence_has_its_test(name):
    for where in SEQUENCES[name]:
        file, _, test = where.partition("::")
        with open(os.path.join(HERE, file), encoding="utf-8") as f:
            assert re.search(rf"^def {test}" if test else "^def test_", f.read(), re.M), where


def test_a_late_planner_repeats_nothing(functions):  # noqa: F811
    """6: it is refused the chunk that another cut meanwhile, and all but the next."""
    b = Broadcast(functions, 600, planned=0)
    b.redis.delete(b.key + ":chunks")

    def plan(first, text):
        return functions.call("loa_plan", b.key, "w1", 6000, first, text, "", "")[:2]

    assert plan(0, b"0-255;first") == [b"OK", 1]
    assert plan(0, b"0-255;again") == [b"NEXT", 1]
    assert plan(2, b"512-599;too early") == [b"NEXT", 1]
    assert plan(1, b"256-511;second") == [b"OK", 2]
    chunks = b.redis.hgetall(b.key + ":chunks")
    assert chunks == {b"0": b"0-255;first", b"1": b"256-511;second"}


def two_routes(functions, total):  # noqa: F811
    """Even places on zalo, odd ones on sms."""
    b = Broadcast(functions, total, routes="z=zalo,s=sms", **{
        f"route:{name}": "1 500 4 0 resend" for name in ("zalo", "sms")})
    b.redis.set(b.key + ":routes", "zs" * (total // 2))
    return b


def on_route(b, route, worker):
    """Claims chunk 0 on a route; answers what begins there."""
    call = b.functions.call
    epoch = call("loa_claim", b.key, 0, route, worker, 60000, 0)[1]
    number = [0]

    def begin(most=256):
        number[0] += 1
        answer = call("loa_begin", b.key, 0, route, worker, epoch, 60000, number[0], most)
        b.check()
        return list(answer[1])
    return begin


def test_two_routes_work_on_one_chunk_at_once(functions):  # noqa: F811
    """7: whose turn it is on a route is a letter a member; who falls back is begun there only."""
    b = two_routes(functions, 16)
    zalo, sms = on_route(b, "zalo", "w1"), on_route(b, "sms", "w2")
    assert zalo(3) == [0, 2, 4]
    assert sms(2) == [1, 3]
    b.redis.setrange(b.key + ":routes", 6, b"s")  # falls back while both have the chunk
    assert sms() == [5, 6, 7, 9, 11, 13, 15]
    assert zalo() == [8, 10, 12, 14]
    assert zalo() == sms() == []
    assert b.letters() == "s" * 16


def test_receipts_come_first_and_to_the_other_process(world):
    """8: they wait for the ids that the process which asked has not learnt yet."""
    world.start(members=400, window=20,
                case="latency 10ms\nreceipt before answer\nreceipts final elsewhere\n")
    world.start_gateway()
    wait(lambda: len(world.smsc.events("bind")) == 2, "bind of the second")
    world.announce(id="EARLY")
    world.wait_letters("EARLY", "d", 400)
    world.wait_state("EARLY")
    world.settled("EARLY", 400)
    by_answer = {s.session for s in world.smsc.submits()}
    by_receipt = {e.session for e in world.smsc.events("receipt")}
    assert len(by_receipt) == 2 or by_receipt != by_answer
    world.wait_stat("receipts", 400)
    assert world.stat("receipts_unmatched") == 0


def aof(world):
    """The AOF file that grows."""
    folder = os.path.join(world.redis.folder, "appendonlydir")
    return os.path.join(folder, next(f for f in os.listdir(folder) if f.endswith("incr.aof")))


def test_redis_comes_back_without_its_last_writes(world):
    """10: the gateway tells it again what it forgot: nobody is lost, and nobody told twice but by
    what was on the wire."""
    window = 10
    world.start(members=1200, window=window, case="latency 10ms\nreceipts none\n",
                receipts="none")
    world.announce(id="CUT")
    wait(lambda: world.smsc.submits_n() >= 300, "messages on their way")
    at, size = world.smsc.submits_n(), os.path.getsize(aof(world))
    wait(lambda: world.smsc.submits_n() >= at + 200, "more of them")
    world.redis.kill()
    assert os.path.getsize(aof(world)) > size
    os.truncate(aof(world), size)
    world.redis.start()
    world.wait_state("CUT", seconds=60)
    fields, letters = world.look("CUT")
    agree(fields, letters)
    assert letters == "a" * 1200
    told = world.smsc.told()
    assert {number for number, _ in told} == {phone(i) for i in range(1200)}
    assert sum(n - 1 for n in told.values()) <= window
    world.check_stats()


def test_receipts_and_replies_of_the_last_seconds_are_told_again(world):
    """10, what the SMSC will not repeat: its receipts and what members sent in."""
    members = 1200
    case = ("latency 10ms\nreceipts final after 20ms\n"
            f'mo "mai may gio a" from {phone(7)} after 450\n')
    world.start(members=members, window=10, case=case)
    world.announce(id="CUT")
    wait(lambda: world.smsc.submits_n() >= 300, "messages on their way")
    size = os.path.getsize(aof(world))
    wait(lambda: world.r.xlen("loa:replies") == 1 and world.look("CUT")[1].count("d") > 450,
         "a reply, and receipts")
    [(entry, reply)] = world.r.xrange("loa:replies")
    world.redis.kill()
    os.truncate(aof(world), size)
    world.redis.start()
    assert world.r.xlen("loa:replies") == 0
    world.wait_state("CUT", seconds=60)
    world.wait_letters("CUT", "d", members)
    assert world.r.xrange("loa:replies") == [(entry, reply)]
    agree(*world.look("CUT"))
    assert world.stat("receipts_unmatched") == 0


def test_a_reply_is_told_again_only_to_a_stream_that_forgot_it(functions):  # noqa: F811
    """10: not when a portal has taken it out since; behind one that another gateway told first."""
    r, stream = functions.redis, "loa:replies"

    def again(entry, text):
        return functions.call("loa_reply_again", stream, "loa:totals:{loa:replies}", entry, "l", "",
                              "text", text, keys=2)

    def texts():
        return [fields[b"text"] for _, fields in r.xrange(stream)]

    r.xadd(stream, {"text": "a"}, id="100-0")
    r.xadd(stream, {"text": "b"}, id="101-0")
    r.xdel(stream, "100-0")
    assert again("100-0", "a") == again("101-0", "b") == b"" and texts() == [b"b"]
    assert again("105-0", "d") == b"105-0"
    assert again("105-0", "d") == b""
    assert again("103-0", "c") != b"" and texts() == [b"b", b"d", b"c"]
    assert r.hget("loa:totals:{loa:replies}", "l") == b"2"


def later(seconds):
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def held(world, id_):
    claims = world.r.hgetall(world.key(id_) + ":claims")
    return sum(f.count(":") == 1 and not v.endswith(" 0") for f, v in claims.items())


@pytest.mark.parametrize("how", ["pause", "cancel", "STOP", "expiry"])
def test_with_sixteen_chunks_claimed(world, how):
    """11: it acts at once on all of them, whoever holds them."""
    last, window = phone(4200), 5
    case = f'latency 20ms\nreceipts none\nmo "STOP" from {last} after 100\n'
    world.start(members=4201, window=window, receipts="none",
                case=case if how == "STOP" else "latency 20ms\nreceipts none\n")
    end = int(time.time()) + 4
    world.announce(id="MANY", expires_at=later(4) if how == "expiry" else None)
    wait(lambda: held(world, "MANY") >= 16, "sixteen chunks claimed")
    if how == "STOP":
        wait(lambda: world.smsc.submits_n() >= 100, "messages on their way")
        wait(lambda: world.look("MANY")[1][4200] == "k", "the consent, at once")
        assert world.look("MANY")[1].count("q") > 2000
        world.loa("cancel", "MANY")
        told = [s.number for s in world.smsc.submits() if s.text.startswith("Thong bao hop")]
        assert last not in told
        return
    if how == "expiry":
        world.wait_state("MANY", "expired", seconds=15)
        late = max(s.at_us for s in world.smsc.submits()) / 1e6 + time.time() - time.monotonic()
        assert late <= end + 1.1
    else:
        world.loa(how, "MANY")
        at = world.smsc.submits_n()
        wait(lambda: "s" not in world.look("MANY")[1], "end of what was on its way", 10)
        assert world.smsc.submits_n() - at <= 2 * window
    sent = world.smsc.submits_n()
    fields, letters = world.look("MANY")
    assert letters.count("a") == sent < 4201
    rest = {"pause": "q", "cancel": "k", "expiry": "x"}[how]
    assert letters.count(rest) == 4201 - sent
    assert max(world.smsc.told().values()) == 1
    if how == "pause":
        world.loa("cancel", "MANY")
