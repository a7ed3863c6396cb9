"""Message ids, receipts and what they do to a broadcast; stats; work streams.  On a real Redis."""
# SPDX-License-Identifier: MIT
import datetime
import time

import pytest

from functions import NAMES, Broadcast, base36, functions, outcomes, record, server  # noqa: F401

LINK = "loa:link:{viettel}"
AT = 1_700_000_100
KEEP = 3 * 86400


def place(index, attempt=1, part=1, parts=1, id="A1"):
    return f"{id}:{index}:{attempt}:{part}:{parts}"


def ids(functions, *pairs):
    return functions.call("loa_ids", LINK, KEEP, *(x for pair in pairs for x in pair))


def receipts(functions, *rows, days=3):
    """A row: (message id, letter[, reason[, reference]])."""
    rows = [(*r, "-", "-")[: max(4, len(r))] for r in rows]
    args = [x for r in rows for x in (*r[:3], AT, r[3])]
    return [p and p.decode() for p in functions.call("loa_receipts", LINK, days, *args)]


def totals(functions):
    return {k.decode(): int(v) for k, v in functions.redis.hgetall(LINK + ":totals").items()}


def delivered(index, attempt=1, part=1, parts=1):
    return (index, "D", attempt, part, parts, "-", AT)


def undelivered(index, attempt=1, part=1, parts=1):
    return (index, "U", attempt, part, parts, "expir", AT)


# ---- ids and receipts of a link


def test_a_receipt_finds_its_member_today_and_days_later(functions):
    assert ids(functions, ("m1", place(7)), ("m2", place(8))) == 0
    assert receipts(functions, ("m2", "D"), ("m1", "U", "expir")) == [place(8), place(7)]
    today = datetime.datetime.now(datetime.timezone.utc).date()
    key = f"{LINK}:ids:{today:%Y%m%d}"
    assert KEEP - 5 < functions.redis.ttl(key) <= KEEP
    old = f"{LINK}:ids:{today - datetime.timedelta(days=3):%Y%m%d}"
    functions.redis.rename(key, old)
    ids(functions, ("m3", place(9)))
    found = receipts(functions, ("m3", "D"), ("m1", "D"), ("m2", "D"))
    assert found == [place(9), place(7), place(8)]
    assert receipts(functions, ("m1", "D"), days=2) == [None]
    assert totals(functions) == {"stat:receipts": 6}


def test_an_early_receipt_waits_for_its_id_and_is_ready_then(functions):
    assert receipts(functions, ("m1", "U", "expir"), ("m9", "D")) == [None, None]
    assert ids(functions, ("m0", place(4)), ("m1", place(5))) == 1
    assert functions.call("loa_sweep_early", LINK) == [
        b"m1", b"U", b"expir", str(AT).encode(), place(5).encode()
    ]
    assert len(functions.call("loa_sweep_early", LINK)) == 5  # until it is settled
    assert functions.call("loa_settled", LINK, "m1") == 1
    assert functions.call("loa_sweep_early", LINK) == []
    assert functions.redis.hkeys(LINK + ":early") == [b"m9"]
    assert totals(functions) == {"stat:receipts": 2}


def test_of_two_early_receipts_the_good_one_stays(functions):
    for letters, stays in (("UD", b"D"), ("DU", b"D"), ("UU", b"U")):
        functions.empty()
        for letter in letters:
            receipts(functions, ("m1", letter))
        ids(functions, ("m1", place(0)))
        assert functions.call("loa_sweep_early", LINK)[1] == stays, letters
        assert totals(functions) == {"stat:receipts": 2, "stat:receipts_duplicate": 1}


def test_what_nobody_knows_is_unmatched_after_ten_minutes(functions):
    receipts(functions, ("m1", "D"), ("m2", "D"))
    assert functions.call("loa_sweep_early", LINK) == []
    assert "stat:receipts_unmatched" not in totals(functions)
    functions.redis.zadd(LINK + ":parked", {"m1": int(time.time() * 1000) - 600_001})
    functions.call("loa_sweep_early", LINK)
    assert totals(functions) == {"stat:receipts": 2, "stat:receipts_unmatched": 1}
    assert functions.redis.hkeys(LINK + ":early") == [b"m2"]
    functions.call("loa_sweep_early", LINK)
    assert totals(functions)["stat:receipts_unmatched"] == 1


# ---- answers that come late


def uncertain(functions, *pairs):
    return functions.call("loa_uncertain", LINK, *(x for pair in pairs for x in pair))


def sweep(functions):
    return [x.decode() for x in functions.call("loa_sweep_early", LINK)]


def test_a_late_answer_is_found_by_its_reference_and_gives_its_id(functions):
    uncertain(functions, ("7:84900", place(3)), ("8:84900", place(3, part=2)))
    assert receipts(functions, ("m1", "A", "-", "7:84900"), ("m2", "I", "-", "8:84900")) == [
        place(3), place(3, part=2)
    ]
    assert receipts(functions, ("m1", "D"), ("m2", "D")) == [place(3), place(3, part=2)]
    assert totals(functions) == {"stat:receipts": 2}


def test_a_late_answer_wakes_a_receipt_that_was_there_before(functions):
    uncertain(functions, ("7:84900", place(3)))
    assert receipts(functions, ("m1", "U", "expir")) == [None]
    assert receipts(functions, ("m1", "A", "-", "7:84900")) == [place(3)]
    assert sweep(functions) == ["m1", "U", "expir", str(AT), place(3)]


def test_a_late_answer_before_its_message_is_known_as_uncertain_waits(functions):
    assert receipts(functions, ("m1", "A", "-", "7:84900")) == [None]
    assert uncertain(functions, ("7:84900", place(3))) == 1
    assert sweep(functions)[:2] == ["m1", "A"]
    functions.empty()
    receipts(functions, ("m1", "A", "-", "7:84900"), ("m1", "D"))  # the receipt says more
    assert uncertain(functions, ("7:84900", place(3))) == 1
    assert sweep(functions)[:2] == ["m1", "D"]
    functions.empty()
    receipts(functions, ("m1", "U", "expir"), ("m1", "A", "-", "7:84900"))
    assert uncertain(functions, ("7:84900", place(3))) == 1
    assert sweep(functions)[:3] == ["m1", "U", "expir"]
    assert totals(functions) == {"stat:receipts": 1}


def test_a_late_answer_that_nobody_knows_is_no_unmatched_receipt(functions):
    receipts(functions, ("m1", "A", "-", "7:84900"), ("m2", "D"))
    old = int(time.time() * 1000) - 600_001
    functions.redis.zadd(LINK + ":parked", {"m1": old, "m2": old})
    functions.call("loa_sweep_early", LINK)
    assert totals(functions) == {"stat:receipts": 1, "stat:receipts_unmatched": 1}
    assert not functions.redis.exists(LINK + ":early", LINK + ":early:refs", LINK + ":parked")


def accepted(index, id, attempt=1, parts=1, at=0):
    return (index, "A", attempt, 1, parts, id, at)


def test_a_late_answer_moves_its_member_by_the_table(functions):
    table = outcomes()
    for letter in NAMES:
        b = Broadcast(functions, total=3, id=f"L{ord(letter)}")
        b.force(letter * 3)
        b.settle(accepted(1, "m1"))
        assert b.letters() == letter + table.get((letter, "A", False), letter) + letter, letter


def test_a_late_answer_is_written_with_its_id(functions):
    b = Broadcast(functions, total=4)
    b.force("????")
    b.redis.set(b.key + ":ledger", record(reason="respo") * 4)
    long_id = "0b0e9a6c-7d6f-4a53-9d0a-8f6c4b1c2d3e"
    assert b.settle(
        accepted(0, "m0"), accepted(1, long_id), accepted(2, "m2", at=AT),
        accepted(3, "x", parts=2),
    ) == 0
    assert b.letters() == "aaaa"
    assert b.ledger(0) == record(id="m0").decode()
    assert b.ledger(1) == record(id="*").decode()
    assert b.redis.hget(b.key + ":details", "id:1") == long_id.encode()
    assert b.ledger(2) == record(id="m2", final=AT).decode()  # no receipt will come
    assert b.ledger(3) == record().decode()  # of several parts no single id
    assert b.settle(accepted(0, "m0")) == 0  # again: no duplicate receipt
    assert b.number("stat:messages_accepted") == 4


# ---- settle


def test_settle_follows_the_table(functions):
    table = outcomes()
    for event, letter in ((e, x) for e in "DU" for x in NAMES):
        for later in (False, True):  # whether a later attempt is under way, or was accepted
            b = Broadcast(functions, total=3, id=f"S{event}{ord(letter)}{int(later)}")
            b.force(letter * 3)
            tried = (0 if letter == "s" else 1) + later
            if tried:
                b.redis.setrange(b.key + ":ledger", 48, record(attempts=tried))
            entry = delivered(1) if event == "D" else undelivered(1)
            b.settle(entry)
            want = table.get((letter, event, not later), letter)
            assert b.letters() == letter + want + letter, (event, letter, later)


def test_settling_writes_when_and_why(functions):
    b = Broadcast(functions, total=3)
    b.force("aas")
    first, second = record(id="m0", parts=2), record(reason="s0014", id="m1")
    b.redis.set(b.key + ":ledger", first + second)
    assert b.settle(undelivered(0, parts=1), delivered(1), delivered(2)) == 0
    assert b.letters() == "udd" and b.state() == "done"
    assert b.ledger(0) == record(id="m0", parts=2, reason="expir", final=AT).decode()
    assert b.ledger(1) == record(id="m1", final=AT).decode()
    assert b.ledger(2)[19:26] == base36(AT, 7) and b.ledger(2)[3:7] == "0101"
    assert b.number("stat:messages_delivered") == 2 and b.number("stat:messages_undelivered") == 1


def test_a_receipt_before_the_answer_counts_its_parts_once(functions):
    """Receipt, then accepted; accepted, then receipt: the same in the end."""
    for receipt_first in (True, False):
        b = Broadcast(functions, total=2, id=f"E{int(receipt_first)}")
        claim = b.claim()
        claim.begin(2)
        steps = [
            lambda: b.settle(delivered(0)),
            lambda: claim.done([(0, "A", record(id="m0")), (1, "A", record(id="m1"))], close=True),
        ]
        for step in steps if receipt_first else reversed(steps):
            step()
        assert b.letters() == "da" and b.state() == "done"
        assert b.number("stat:parts_submitted") == b.number("parts") == 2
        assert b.ledger(0) == record(id="m0", final=AT).decode()
        assert b.ledger(1) == record(id="m1").decode()


def test_a_row_of_receipts_is_settled_as_one_by_one(functions):
    letters = "aaaaadaaaasaaaaa"
    for n, rows in enumerate(([(0, 16)], [(i, 1) for i in range(16)], [(0, 5), (5, 3), (8, 8)])):
        b = Broadcast(functions, total=16, id=f"R{n}")
        b.force(letters)
        records = [record(id=f"m{i}", reason="s0014") for i in range(16)]
        b.redis.set(b.key + ":ledger", b"".join(records))
        args = [x for at, many in rows for x in (at, many, "D", 1, 1, 1, "-", AT)]
        assert functions.call("loa_settle", b.key, 1, *args)[0] == 1  # one was delivered before
        assert b.letters() == "d" * 16 and b.check() and b.state() == "done"
        for i in range(16):
            assert b.ledger(i)[19:26] == (base36(AT, 7) if i != 5 else " " * 7), (n, i)
            assert b.ledger(i)[26:].strip() == f"m{i}"
        assert b.number("stat:receipts_duplicate") == 1


def test_parts_make_one_outcome(functions):
    b = Broadcast(functions, total=4)
    b.force("aaaa")
    b.redis.set(b.key + ":ledger", record(parts=3) * 4)
    assert b.settle(delivered(0, part=3, parts=3), delivered(0, part=1, parts=3)) == 0
    assert b.letters() == "aaaa" and b.detail("parts:0:1") == b"1.1"
    assert b.settle(delivered(0, part=1, parts=3), undelivered(0, part=1, parts=3)) == 2  # twice
    assert b.letters() == "aaaa"
    assert b.settle(delivered(0, part=2, parts=3)) == 0
    assert b.letters() == "daaa" and b.detail("parts:0:1") is None
    assert b.settle(delivered(0, part=2, parts=3)) == 1 and b.detail("parts:0:1") is None
    assert b.settle(delivered(1, part=1, parts=2), undelivered(1, part=2, parts=2)) == 0
    assert b.letters() == "duaa"
    assert b.settle(undelivered(2, part=2, parts=2), delivered(2, part=1, parts=2)) == 0
    assert b.letters() == "duua"  # all came, one of them bad
    assert b.settle(delivered(2, part=2, parts=2)) == 0  # then that one was good after all
    assert b.letters() == "duda"
    assert b.settle(delivered(3, attempt=1, part=1, parts=2)) == 0
    assert b.settle(delivered(3, attempt=2, part=2, parts=2)) == 0
    assert b.letters() == "duda"  # halves of two tries are not a message


def test_duplicates_are_counted_where_asked(functions):
    b = Broadcast(functions, total=2)
    b.force("aa")
    b.redis.set(b.key + ":ledger", record() * 2)
    b.settle(delivered(0))
    assert b.settle(delivered(0), undelivered(0), delivered(1)) == 2
    assert b.number("stat:receipts_duplicate") == 2
    assert b.settle(delivered(0), count=0) == 1 and b.number("stat:receipts_duplicate") == 2
    assert functions.call("loa_settle", "loa:broadcast:{none}", 1) == -1


def test_a_receipt_of_a_retrying_member_ends_it(functions):
    b = Broadcast(functions, total=1)
    claim = b.claim()
    claim.begin(1)
    claim.done([(0, "T", record(), 1, 9_999_999_999_999)])
    assert b.settle(undelivered(0)) == 1 and b.letters() == "r"
    assert b.settle(delivered(0)) == 0
    assert b.letters() == "d" and b.state() == "done" and b.detail("due:0") is None
    assert claim.done(close=True) == (False, True, -1, 0)


# ---- stats


def post(functions, *sources):
    args = [x for source in sources for x in source]
    return functions.call("loa_stats_post", "loa:stats", "loa:posted:{loa:stats}", *args, keys=2)


def stats(functions):
    return {k.decode(): int(v) for k, v in functions.redis.hgetall("loa:stats").items()}


def test_stats_posted_twice_count_once(functions):
    broadcast = ("broadcast:A", "messages_queued=5 parts_submitted=2")
    now = datetime.datetime.now(datetime.timezone.utc)
    first = post(functions, broadcast, ("link:x", "receipts=1"))
    minute = datetime.datetime.strptime(first[0].decode() + "+0000", "%Y%m%d%H%M%z")
    assert abs((minute - now).total_seconds()) <= 61
    assert sorted(first[1::2]) == [b"messages_queued", b"parts_submitted", b"receipts"]
    assert len(post(functions, broadcast)) == 1
    post(functions, ("broadcast:B", "parts_submitted=3"), ("broadcast:A", "parts_submitted=4"))
    post(functions, ("broadcast:A", "messages_queued=5 parts_submitted=3"))  # older, late
    assert stats(functions) == {"messages_queued": 5, "parts_submitted": 7, "receipts": 1}
    post(functions, ("broadcast:A", "parts_submitted=5"))
    assert stats(functions)["parts_submitted"] == 8


def test_a_minute_is_kept_for_two_days(functions):
    for _ in range(2):
        functions.call("loa_stats_minute", "loa:stats:minute:202611231200", "receipts", 3)
    assert functions.redis.hget("loa:stats:minute:202611231200", "receipts") == b"6"
    assert functions.redis.ttl("loa:stats:minute:202611231200") > 172_000


def test_dates_are_those_of_the_calendar(server):
    """The days that ids are filed under, over leap years and centuries."""
    text = open(__file__.replace("tests/integration/test_lua_receipts.py", "queue/loa.lua")).read()
    text = text.replace("name=loa_1", "name=loa_date_test")
    text = text.replace("'loa_version'", "'loa_date_version'")
    text += """
redis.register_function('loa_date', function(keys, args)
  return string.format('%04d-%02d-%02d', loa.date(tonumber(args[1]))) end)"""
    server.redis.execute_command("FUNCTION", "LOAD", "REPLACE", text)
    try:
        day = datetime.date(1999, 12, 1)
        while day < datetime.date(2101, 4, 1):
            seconds = (day - datetime.date(1970, 1, 1)).days * 86400
            for s in (seconds, seconds + 86399):
                assert server.call("loa_date", s, keys=0).decode() == day.isoformat()
            day += datetime.timedelta(days=13 if day.month not in (2, 3) else 1)
    finally:
        server.redis.execute_command("FUNCTION", "DELETE", "loa_date_test")


# ---- work streams

WORK = "loa:queued:{sms}"
STREAM = "loa:work:{sms}:normal"


def entries(functions, stream=STREAM):
    found = functions.redis.xrange(stream)
    return [(e.decode(), f[b"id"].decode(), int(f[b"chunk"])) for e, f in found]


def feed(functions, *chunks, id="A1", priority="normal"):
    return functions.call("loa_work_feed", WORK, priority, id, *chunks)


def finish(functions, entry, chunk, successor=-1, due=0):
    return functions.call("loa_work_finish", WORK, entry, "A1", "normal", chunk, successor, due)


def test_feeding_twice_is_feeding_once(functions):
    assert feed(functions, 0, 1, 2) == 3
    assert feed(functions, 1, 2, 3) == 1
    assert [e[2] for e in entries(functions)] == [0, 1, 2, 3]
    assert feed(functions, 0, id="A2") == 1
    functions.redis.xdel(STREAM, entries(functions)[0][0])  # someone's hand
    assert feed(functions, 0) == 1


def test_finishing_is_one_step(functions):
    feed(functions, 0)
    functions.redis.xgroup_create(STREAM, "gateway", "0")
    functions.redis.xreadgroup("gateway", "w1", {STREAM: ">"})
    entry = entries(functions)[0][0]
    due = int(time.time() * 1000) + 60_000
    for _ in range(2):  # its answer may have been lost
        finish(functions, entry, 0, successor=4, due=due)
        assert [e[2] for e in entries(functions)] == [4]
        assert functions.redis.xpending(STREAM, "gateway")["pending"] == 0
        assert functions.redis.zrange("loa:due:{sms}", 0, -1, withscores=True) == [
            (b"A1 0 normal", due)
        ]
        assert functions.redis.hkeys(WORK) == [b"A1 4"]
    assert (feed(functions, 0), feed(functions, "+0"), feed(functions, "+0")) == (0, 1, 0)


def test_what_a_reader_died_with_is_fed_again(functions):
    """It was handed out, and the sweep finds it unclaimed seconds later."""
    feed(functions, 0)
    functions.redis.xgroup_create(STREAM, "gateway", "0")
    functions.redis.xreadgroup("gateway", "w1", {STREAM: ">"})
    entry = entries(functions)[0][0]
    assert feed(functions, 0) == 0
    functions.redis.xclaim(STREAM, "gateway", "w1", 0, [entry], idle=5000)
    assert feed(functions, 0) == 1
    assert len(entries(functions)) == 2 and functions.redis.hlen(WORK) == 1
    finish(functions, entry, 0)  # it lived after all: the newer one stays
    assert len(entries(functions)) == 1 and functions.redis.hlen(WORK) == 1


def test_a_chunk_given_up_is_fed_behind_its_end(functions):
    feed(functions, 0)
    functions.redis.xgroup_create(STREAM, "gateway", "0")
    functions.redis.xreadgroup("gateway", "w1", {STREAM: ">"})
    entry = entries(functions)[0][0]
    finish(functions, entry, 0, successor=0)
    (again,) = entries(functions)
    assert again[0] != entry and again[2] == 0
    assert functions.redis.xpending(STREAM, "gateway")["pending"] == 0
    assert functions.redis.hgetall(WORK) == {b"A1 0": again[0].encode()}


def test_an_entry_that_another_replaced_takes_nothing_away(functions):
    feed(functions, 0)
    old = entries(functions)[0][0]
    functions.redis.xdel(STREAM, old)
    feed(functions, 0)
    finish(functions, old, 0)
    assert len(entries(functions)) == 1 and functions.redis.hlen(WORK) == 1


def test_what_is_due_comes_back_once(functions):
    now = int(time.time() * 1000)
    functions.redis.zadd("loa:due:{sms}", {"A1 0 urgent": now - 1, "A1 1 normal": now + 60_000})
    assert feed(functions, 0, priority="urgent") == 0  # due, and not here
    assert functions.call("loa_work_due", WORK) == 1
    assert [e[2] for e in entries(functions, "loa:work:{sms}:urgent")] == [0]
    assert functions.call("loa_work_due", WORK) == 0
    assert functions.redis.zcard("loa:due:{sms}") == 1


def test_a_full_redis_ends_work_and_feeds_nothing(functions):
    feed(functions, 0)
    entry = entries(functions)[0][0]
    functions.redis.config_set("maxmemory-policy", "noeviction")
    functions.redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(Exception, match="OOM"):
            feed(functions, 1)
        with pytest.raises(Exception, match="OOM"):
            functions.call("loa_work_due", WORK)
        finish(functions, entry, 0, successor=4)
        ids(functions, ("m1", place(0)))
        assert receipts(functions, ("m1", "D"), ("m2", "D")) == [place(0), None]
        post(functions, ("broadcast:A", "parts_submitted=4"))
    finally:
        functions.redis.config_set("maxmemory", 0)
    assert [e[2] for e in entries(functions)] == [4]
