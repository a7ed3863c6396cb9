"""Whom a channel did not tell is looked at, once, and until then the broadcast is not done."""
# SPDX-License-Identifier: MIT
import pytest

from functions import functions, record, server  # noqa: F401
from test_lua_confirm import claim, fall_back, finish_the_rest, tell, waiting
from test_lua_routes import KEY, TOTAL

UNTOLD = "0:zalo:untold"


def settle(b, index, letter="U", attempt=1):
    reason = "-" if letter == "D" else "undel"
    return b.functions.call("loa_settle", KEY, 1, index, 1, letter, attempt, 1, 1, reason,
                            1_700_000_009)


def looked(b, epoch, places):
    """A worker found no other channel for them."""
    return b.functions.call("loa_done", KEY, 0, "zalo", "w1", epoch, 60000, 1, 0, 0, "", b"", b"",
                            b"", "", 0, "waited", 1, 0, "looked", bytes(places))


def told(functions):
    """All by their first channel; nobody waits to be confirmed."""
    b = waiting(functions, 0, 0)
    tell(b)
    return b


def test_an_undelivered_one_holds_the_broadcast_until_looked_at(functions):
    b = told(functions)
    assert settle(b, 0)[2:] == [1, b"normal", b"zalo 0"] and settle(b, 0)[2:] == [0]
    finish_the_rest(b)
    assert (b.state(), b.number("untold"), b.claim_field(UNTOLD)) == ("sending", 1, b"0")
    assert functions.call("loa_sweep", KEY, 0, 0, 100)[11:] == [0], "fed though it were due later"
    verdict, epoch, overdue, _ = claim(b)
    assert (verdict, overdue) == (b"TAKEN", [0])
    looked(b, epoch, [0])
    assert (b.state(), b.number("untold"), b.number("confirming")) == ("done", 0, 0)
    b.check()


def test_another_channel_tells_it_and_it_counts_there_alone(functions):
    b = told(functions)
    settle(b, 2)
    _, epoch, overdue, now_ms = claim(b)
    before = b.number("stat:messages_uncertain")
    fall_back(b, epoch, overdue, now_ms)
    assert b.redis.getrange(KEY + ":states", 2, 2) == b"q"
    assert b.redis.getrange(KEY + ":routes", 2, 2) == b"s"
    assert b.redis.getrange(KEY + ":passed", 24, 35) == b"zundel\0\0\0\0\0\0"
    assert b.ledger(2)[7:12] == "undel" and not b.ledger(2)[19:26].strip(), "why it falls back"
    assert b.number("stat:messages_uncertain") == before, "it was not told"
    settle(b, 2)
    assert b.redis.getrange(KEY + ":states", 2, 2) == b"q", "the same receipt again"
    finish_the_rest(b)
    assert (b.state(), b.number("undelivered")) == ("done", 0)
    assert claim(b)[0::2] == (b"NOTHING", [])
    b.check()


@pytest.mark.parametrize("before, after", [
    (b"", b"zundel" + bytes(6)),
    (b"tt0403", b"tt0403zundel"),
    (b"zz0118tt0403", b"tt0403zundel"),  # tried again from the first channel on
    (b"tt0403zz0118", b"tt0403zundel"),
    (b"tt0403s000b ", b"s000b zundel"),
])
def test_each_channel_that_did_not_tell_stands_there_once_the_last_one_last(functions, before,
                                                                            after):
    b = told(functions)
    b.redis.setrange(KEY + ":passed", 24, before)
    settle(b, 2)
    _, epoch, overdue, now_ms = claim(b)
    fall_back(b, epoch, overdue, now_ms)
    assert b.redis.getrange(KEY + ":passed", 24, 35) == after


def test_who_was_delivered_since_is_not_looked_at(functions):
    b = told(functions)
    settle(b, 4)
    settle(b, 4, "D")
    finish_the_rest(b)
    verdict, epoch, overdue, _ = claim(b)
    assert (verdict, overdue) == (b"NOTHING", [])
    looked(b, epoch, [])
    assert (b.state(), b.number("untold")) == ("done", 0)
    b.check()


def test_who_has_no_later_channel_stays_undelivered(functions):
    b = told(functions)
    finish_the_rest(b)
    assert b.state() == "done", "accepted holds nothing"
    assert settle(b, 0)[2:] == [1], "a broadcast that is done stays so"
    b.redis.hset(KEY + ":chunks", 0, "0-255;9,9,9,9;84,84,,84;,,,s")
    for index in (1, 2, 4):  # sms is the last; no phone
        b.redis.hset(KEY, "state", "sending")
        assert settle(b, index)[2:] == [1] and b.state() == "done"
    assert b.number("untold") == 0 and b.number("undelivered") == 4
    b.redis.hset(KEY, "state", "sending")
    assert settle(b, 3)[2:] == [1, b"normal", b"sms 0"], "the last, but he prefers it"


def test_an_expired_or_ending_one_is_passed_on_no_more(functions):
    b = told(functions)
    b.redis.hset(KEY, "expires_s", 1_700_000_000)
    settle(b, 0)
    b.redis.hset(KEY, mapping={"expires_s": 0, "ending": "cancelled"})
    settle(b, 2)
    assert b.number("untold") == 0 and b.number("undelivered") == 2


def test_who_leaves_a_channel_is_told_by_the_next(functions):
    b = waiting(functions, 0, 0)
    _, epoch, _, _ = claim(b)
    b.begin("zalo", epoch, most=1)
    assert functions.call("loa_leave_out", KEY, "zalo", 0, 1, 2, 4) == [0, b"normal", b"zalo 0"]
    assert b.redis.getrange(KEY + ":states", 0, 4) == b"sqkqk", "0 is with the link, 1 on sms"
    assert b.number("stat:messages_skipped") == 0 and b.number("skipped") == 2
    _, epoch, overdue, now_ms = claim(b)
    assert overdue == [2, 4]
    fall_back(b, epoch, [2], now_ms)
    assert b.redis.getrange(KEY + ":states", 2, 2) == b"q"
    looked(b, epoch, [2, 4])
    assert b.number("stat:messages_skipped") == 1 == b.number("skipped"), "4 wants no sms either"
    assert b.ledger(4)[7:12] == "optou" and b.number("untold") == 0
    b.check()


def test_who_leaves_the_last_channel_is_left_out(functions):
    b = waiting(functions, 0, 0)
    assert functions.call("loa_leave_out", KEY, "sms", 1, 2) == [1]
    assert b.redis.getrange(KEY + ":states", 0, 2) == b"qkq"
    assert b.number("stat:messages_skipped") == 1


def test_who_may_have_been_told_and_leaves_waits_for_his_time(functions):
    b = waiting(functions, 0, 10**12)
    _, epoch, _, _ = claim(b)
    b.begin("zalo", epoch, most=1)
    b.done("zalo", epoch, [0], "L", 1)
    assert functions.call("loa_leave_out", KEY, "zalo", 0) == [0]
    assert b.redis.getrange(KEY + ":states", 0, 0) == b"?", "both would tell him"


def test_a_claim_that_finds_one_opted_out_passes_him_on(functions):
    b = waiting(functions, 0, 0)
    _, epoch, _, _ = claim(b)
    functions.call("loa_done", KEY, 0, "zalo", "w1", epoch, 60000, 0, 0, 0, "K", b"\0", b"\0",
                   record(reason="optou", attempts=0), "")
    assert b.claim_field(UNTOLD) == b"0" and b.number("stat:messages_skipped") == 0
    places = b.begin("zalo", epoch)
    closed, _, due = b.done("zalo", epoch, list(places), "A" * len(places), 1)[1:]
    assert closed == 1 and due > 0, "it is due at once"
    assert len(places) == 127 and b.total == TOTAL
    b.check()


def test_a_cancelled_broadcast_counts_whom_nobody_looked_at(functions):
    b = waiting(functions, 0, 0)
    functions.call("loa_leave_out", KEY, "zalo", 2, 4)
    assert (b.number("untold"), b.number("stat:messages_skipped")) == (2, 0)
    functions.call("loa_end", KEY, "cancelled", 0, 32)
    assert (b.state(), b.number("untold")) == ("cancelled", 0)
    assert b.number("stat:messages_skipped") == TOTAL == b.number("skipped")
    b.check()
