"""Who was told by a channel that does not confirm it: waits, is overdue, falls back once."""
# SPDX-License-Identifier: MIT
import functools
import time

from functions import functions, record, server  # noqa: F401
from test_lua_routes import KEY, TOTAL, Routed

ZALO = list(range(0, 256, 2))
LONG = 10**12  # ms


def waiting(functions, confirm_ms, doubt_ms):
    b = Routed(functions)
    b.redis.hset(KEY, "route:zalo", f"1 200 2 0 hold {confirm_ms} {doubt_ms}")
    return b


def claim(b, route="zalo", chunk=0):
    answer = b.functions.call("loa_claim", KEY, chunk, route, "w1", 60000, 0)
    return answer[0], int(answer[1]), list(answer[5]), answer[6]


def tell(b, events="A" * 128, chunk=0):
    _, epoch, _, _ = claim(b, chunk=chunk)
    places = b.begin("zalo", epoch, chunk=chunk)
    assert len(places) == len(events)
    return b.done("zalo", epoch, list(places), events, 1, chunk)


def fall_back(b, epoch, places, now_ms, close=1):
    routes = [x for place in places for x in (place, "route", "s")]
    return b.functions.call(
        "loa_done", KEY, 0, "zalo", "w1", epoch, 60000, close, 0, 0, "F" * len(places),
        bytes(places), b"\0" * len(places), record(reason="nocon", attempts=0) * len(places), "",
        *routes, 0, "waited", now_ms)


def finish_the_rest(b):
    for route, chunk in (("sms", 0), ("zalo", 1), ("sms", 1)):
        _, epoch, _, _ = claim(b, route, chunk)
        places = b.begin(route, epoch, chunk=chunk)
        b.done(route, epoch, list(places), "A" * len(places), 1, chunk)


def test_accepted_ones_are_due_when_their_time_is_over(functions):
    b = waiting(functions, LONG, 0)
    closed, due = tell(b)[1::2]
    assert closed == 1 and due == 1_700_000_000_000 + LONG, "from when they were submitted"
    assert claim(b)[0::2] == (b"NOTHING", [])
    assert b.number("confirming") == 1


def test_the_broadcast_is_done_only_when_nobody_waits(functions):
    b = waiting(functions, LONG, 0)
    tell(b)
    finish_the_rest(b)
    assert (b.state(), b.number("confirming")) == ("sending", 2)
    for index in [*ZALO, *range(256, TOTAL, 2)]:
        functions.call("loa_settle", KEY, 1, index, 1, "D", 1, 1, 1, "-", 1_700_000_009)
    assert b.state() == "sending", "sms, too, was accepted: it is not known who waits"
    for n in (0, 1):
        _, epoch, _, _ = claim(b, chunk=n)
        functions.call("loa_done", KEY, n, "zalo", "w1", epoch, 60000, 1, 0, 0, "", "", "", "", "")
    assert (b.state(), b.number("confirming")) == ("done", 0)
    b.check()


def test_the_overdue_fall_back_once_and_the_others_are_not_asked_again(functions):
    b = waiting(functions, 1000, 0)
    tell(b)
    functions.call("loa_settle", KEY, 1, 4, 1, "D", 1, 1, 1, "-", 1_700_000_009)
    verdict, epoch, overdue, now_ms = claim(b)
    assert (verdict, overdue) == (b"TAKEN", [p for p in ZALO if p != 4])
    before = b.number("stat:messages_uncertain")
    assert fall_back(b, epoch, [0, 2, 4], now_ms)[1] == 1
    assert b.number("stat:messages_uncertain") == before + 2
    assert b.redis.getrange(KEY + ":routes", 0, 5) == b"sssszs", "who was confirmed stays"
    assert b.redis.getrange(KEY + ":states", 0, 5) == b"qqqqdq"
    assert b.ledger(0)[7:12] == "nocon" and b.ledger(0)[12:19].strip(), "what was sent stays"
    assert claim(b)[0::2] == (b"NOTHING", []), "the others have no other channel"
    assert b.number("confirming") == 0
    b.check()


def test_a_look_that_was_not_recorded_is_had_again(functions):
    b = waiting(functions, 1000, 0)
    tell(b)
    assert claim(b)[2] == claim(b)[2] == ZALO
    assert functions.call("loa_sweep", KEY, 0, 0, 100)[11:] == [1], "a worker has it"
    b.redis.hset(KEY + ":claims", "0:zalo", "w1 99 0")
    assert functions.call("loa_sweep", KEY, 0, 0, 100)[11:] == [-1, 1], "nobody has it"


def test_the_ambiguous_wait_for_their_own_time(functions):
    b = waiting(functions, 0, LONG)
    assert tell(b, "L" * 2 + "A" * 126)[3] > time.time() * 1000 + LONG / 2
    b.redis.hset(KEY, "route:zalo", "1 200 2 0 hold 0 1")
    assert claim(b)[2] == [0, 2], "the accepted stay"


def test_what_a_dead_worker_left_waits_from_then_on(functions):
    b = waiting(functions, 0, LONG)
    _, epoch, _, _ = claim(b)
    b.begin("zalo", epoch, most=3)
    claim(b)
    assert b.number("uncertain") == 3 and b.number("confirming") == 1
    b.check()


def test_after_expiry_nobody_falls_back(functions):
    b = waiting(functions, LONG, 0)
    tell(b)
    finish_the_rest(b)
    b.redis.hset(KEY, "expires_s", 1_700_000_000)
    functions.call("loa_sweep", KEY, 0, 0, 100)
    assert b.state() == "done"
    b.redis.hset(KEY, "route:zalo", "1 200 2 0 hold 1000 0")
    assert claim(b)[2] == []


def test_an_earlier_receipt_ends_it_while_it_is_queued_by_the_next(functions):
    b = waiting(functions, 1000, 0)
    tell(b)
    _, epoch, _, now_ms = claim(b)
    fall_back(b, epoch, [0, 2], now_ms)
    settle = functools.partial(functions.call, "loa_settle", KEY, 1)
    settle(0, 1, "D", 1, 1, 1, "-", 1_700_000_009)
    assert b.redis.getrange(KEY + ":states", 0, 2) == b"dqq"
    _, sms, _, _ = claim(b, "sms")
    assert 0 not in b.begin("sms", sms, most=3)
    settle(2, 1, "D", 1, 1, 1, "-", 1_700_000_009)
    assert b.redis.getrange(KEY + ":states", 2, 2) == b"d", "told by both: counted before"
    b.check()


def test_a_receipt_before_the_answer_says_by_which_channel_it_was(functions):
    b = waiting(functions, 0, 0)
    _, epoch, _, _ = claim(b)
    b.begin("zalo", epoch, most=2)
    functions.call("loa_settle", KEY, 1, 0, 1, "D", 1, 1, 1, "-", 1_700_000_009)
    assert b.ledger(0)[:5] == "z  01"
    b.done("zalo", epoch, [0, 2], "LA", 1)
    assert b.ledger(0)[:5] == "s0001" and b.redis.getrange(KEY + ":states", 0, 0) == b"d"
    assert b.ledger(0)[7:12].strip() == "" and b.ledger(0)[19:26].strip(), "delivered stays"
    b.check()


def test_a_receipt_of_the_next_channel_before_its_answer_names_that_one(functions):
    b = waiting(functions, 1000, 0)
    tell(b)
    for index in (0, 2):
        b.redis.setrange(KEY + ":ledger", 48 * index, "z")
    _, epoch, _, now_ms = claim(b)
    fall_back(b, epoch, [0, 2], now_ms)
    _, sms, _, _ = claim(b, "sms")
    assert list(b.begin("sms", sms, most=3)) == [0, 1, 2]
    functions.call("loa_settle", KEY, 1, 0, 1, "D", 2, 1, 1, "-", 1_700_000_009)
    assert b.ledger(0)[:7] == "s  0201" and b.ledger(0)[7:12].strip() == ""
    claim(b, "sms")
    assert b.ledger(2)[:7] == "s  0202", "what a dead worker left of it, too"
    b.check()


def test_on_the_last_channel_those_wait_who_have_another_behind_it(functions):
    b = Routed(functions)
    b.redis.hset(KEY, "route:sms", "1 500 2 0 hold 1000 0 last")
    entry = b.redis.hget(KEY + ":chunks", 0).decode()
    prefer = ",".join("s" if i == 7 else "" for i in range(256))
    b.redis.hset(KEY + ":chunks", 0, f"{entry};{prefer}")
    for chunk in (0, 1):
        _, epoch, _, _ = claim(b, "sms", chunk)
        places = b.begin("sms", epoch, chunk=chunk)
        b.done("sms", epoch, list(places), "A" * len(places), 1, chunk)
    assert b.number("confirming") == 1, "nobody of the second chunk waits"
    assert claim(b, "sms")[2] == [7]
