"""claim, begin, done and renew of a chunk, on a real Redis."""
# SPDX-License-Identifier: MIT
import time

import pytest

from functions import NAMES, Broadcast, functions, outcomes, record, server  # noqa: F401

EVENTS = "SADUTHPLRKX"  # F needs a next channel: test_fallback.py


def now_ms():
    return int(time.time() * 1000)


# ---- The table of letter × event


def test_done_follows_the_table(functions):
    """All letters × events × (current or not), one member each, against the C table."""
    table = outcomes()
    assert len(table) == 53
    for current in (True, False):
        for event in EVENTS.replace("S", ""):
            b = Broadcast(functions, total=10, id=f"T{event}{int(current)}")
            claim = b.claim()
            if not current:
                b.claim("w1")
            b.force(NAMES)
            claim.done([(place, event) for place in range(10)])
            want = "".join(table.get((letter, event, current), letter) for letter in NAMES)
            assert b.letters() == want, (event, current)


def test_done_one_by_one_follows_the_table(functions):
    """The same, a member a call: the fast way of a batch must not differ."""
    table = outcomes()
    b = Broadcast(functions, total=10)
    claims = {False: b.claim("old", lease=0), True: b.claim("new")}
    for current, claim in claims.items():
        for event in EVENTS.replace("S", ""):
            for letter in NAMES:
                b.redis.hset(b.key, "state", "sending")
                b.force(letter * 10)
                claim.done([(3, event)])
                want = table.get((letter, event, current), letter)
                assert b.letters() == letter * 3 + want + letter * 6, (letter, event, current)


def test_begin_follows_the_table(functions):
    table = outcomes()
    for letter in NAMES:
        b = Broadcast(functions, total=4, id=f"B{ord(letter)}", uncertain_wait_ms=0)
        claim = b.claim()
        b.force(letter * 4)
        claim.begin(4)
        assert b.letters() == table.get((letter, "S", True), letter) * 4, letter


# ---- claim


def test_a_claim_answers_what_was_planned(functions):
    b = Broadcast(functions, total=300)
    claim = b.claim(chunk=1)
    assert (claim.verdict, claim.epoch, claim.letters) == ("TAKEN", 1, "q" * 44)
    assert claim.entry.startswith("256-299;84900000256,")
    assert b.claim(chunk=2).verdict == "GONE"
    assert Broadcast(functions, id="A2").claim("w2").epoch == 1
    b.redis.delete(b.key)
    assert functions.call("loa_claim", b.key, 0, "sms", "w1", 1000, 0) == [b"GONE"]


def test_a_running_lease_is_respected_and_one_that_is_over_is_not(functions):
    b = Broadcast(functions)
    first = b.claim("w1")
    assert b.claim("w2").verdict == "HELD"
    assert b.claim("w1").verdict == "TAKEN"  # restarted: its own at once
    assert first.begin(1)[0] == "STALE"
    short = Broadcast(functions, id="A2")
    short.claim("w1", lease=0)
    assert short.claim("w2", calm=1).verdict == "HELD"  # w2 had lost Redis itself
    assert short.claim("w2").verdict == "TAKEN"


def test_renewing_and_working_keep_the_lease(functions):
    b = Broadcast(functions)
    claim = b.claim("w1", lease=0)
    assert not claim.renew()
    assert b.claim("w2").verdict == "HELD"
    claim.begin(1, lease=0)
    claim.done([(0, "A")])
    assert b.claim("w2").verdict == "HELD"
    claim.begin(1, lease=0)
    other = b.claim("w2")
    assert other.verdict == "TAKEN" and claim.renew()
    assert b.claim_field("0:sms").startswith(b"w2 2 ")


def test_taking_over_turns_sending_into_uncertain(functions):
    b = Broadcast(functions, total=20, parts_each=2)
    old = b.claim("w1", lease=0)
    old.begin(5, lease=0)
    old.done([(0, "A", record(parts=2), 2)], lease=0)
    b.redis.setrange(b.key + ":ledger", 4 * 48, record(attempts=2, reason="s0058", id="m7"))
    new = b.claim("w2")
    assert b.letters() == "a????" + "q" * 15 == new.letters
    assert b.number("stat:messages_uncertain") == 4
    assert b.number("stat:parts_submitted") == b.number("parts") == 2 + 4 * 2
    assert b.number("cost") == 10 * 500
    assert b.ledger(1).split() == ["s", "0102"]  # the try is in the record, its link is not known
    assert b.ledger(4) == record(attempts=3, reason="s0058", id="m7").decode()
    verdict, taken, more, due = new.begin(256)
    assert sorted(taken) == list(range(5, 20)) and not more
    assert 4000 < due - now_ms() <= 5000  # the rest when uncertain_wait is over


def test_nothing_left_is_said_and_closing_names_the_successor(functions):
    b = Broadcast(functions, total=256 * 6, planned=5)
    b.force("a" * 256 + "q" * 256 * 5)
    claim = b.claim()
    assert claim.verdict == "NOTHING"
    assert claim.done(close=True) == (False, True, 4, 0)
    assert claim.done(close=True) == (False, True, 4, 0)  # its answer may have been lost
    assert claim.begin(1)[0] == "STALE" and claim.renew()
    late = b.claim(chunk=1)
    assert late.verdict == "TAKEN"
    late.begin(256)
    assert late.done([(i, "A") for i in range(256)], close=True) == (False, True, -1, 0)


# ---- begin


def test_given_up_it_is_anybodys_at_once(functions):
    """By a worker that ends: not while somebody is on the wire, then with all that is left."""
    b = Broadcast(functions)
    old = b.claim("w1")
    old.begin(2)
    assert old.done([(0, "A")], close=2) == (False, False, -1, 0)
    assert b.claim("w2").verdict == "HELD"
    assert old.done([(1, "R")], close=2) == (False, True, 0, 0)  # its own successor
    new = b.claim("w2")
    assert new.verdict == "TAKEN" and new.letters.count("q") == 255
    assert b.number("uncertain") == 0


def test_begin_takes_the_first_queued_and_says_whether_there_are_more(functions):
    b = Broadcast(functions, total=10)
    claim = b.claim()
    assert claim.begin(3) == ("OK", {0: 1, 1: 1, 2: 1}, True, 0)
    b.force("sqaqqdqqkq")
    assert sorted(claim.begin(4)[1]) == [1, 3, 4, 6]
    assert b.letters() == "ssassdsqkq"
    assert claim.begin(9) == ("OK", {7: 1, 9: 1}, False, 0)
    assert claim.begin(9) == ("OK", {}, False, 0)


def test_begin_is_idempotent_by_its_number(functions):
    b = Broadcast(functions)
    claim = b.claim()
    first = claim.begin(10, number=1)
    assert claim.begin(10, number=1)[1] == first[1]
    assert b.number("sending") == 10
    second = claim.begin(5, number=2)
    assert sorted(second[1]) == list(range(10, 15))
    assert claim.begin(5, number=2)[1] == second[1]
    again = b.claim("w1")  # a new epoch begins with number 1 again
    assert sorted(again.begin(3, number=1)[1]) == [15, 16, 17]


def test_begin_takes_nothing_when_the_broadcast_is_stopped(functions):
    for n, (field, value) in enumerate(
        [("state", "paused"), ("state", "cancelled"), ("state", "done"), ("state", "scheduled")]
    ):
        b = Broadcast(functions, id=f"S{n}")
        claim = b.claim()
        claim.begin(3)
        b.redis.hset(b.key, field, value)
        assert claim.begin(3)[0] == "STOPPED", field
        assert b.number("sending") == 3
        assert claim.done(close=True)[1] is False  # three are on the wire
        stale, closed, successor, _ = claim.done([(i, "A") for i in range(3)], close=True)
        assert (stale, closed) == (False, True)  # the queued ones wait for a resume
        assert b.number("queued") == 253


def test_who_was_not_begun_in_time_has_expired(functions):
    b = Broadcast(functions, total=260, expires_s=int(time.time()) + 100)
    claim = b.claim()
    claim.begin(4)
    claim.done([(0, "A"), (1, "T", record(reason="s0014"), 1, 9_999_999_999_999), (2, "L")])
    b.redis.hset(b.key, "expires_s", int(time.time()) - 1)
    assert claim.begin(9)[0] == "STOPPED"
    assert b.letters() == "ax?s" + "x" * 252 + "q" * 4
    assert b.ledger(1)[3:12] == "0101expir" and b.ledger(1)[19:26].strip()
    assert b.ledger(5)[7:12] == "expir" and b.detail("due:1") is None
    assert b.number("stat:messages_expired") == 253
    assert claim.done([(3, "A")], close=True) == (False, True, -1, 0)  # the ? does not go again
    last = b.claim(chunk=1)
    assert b.state() == "sending" and last.begin(9)[0] == "STOPPED"
    assert b.state() == "expired" and b.letters().count("x") == 257
    b.settle((2, "D", 1, 1, 1, "-", 1_700_000_100))
    assert b.letters()[:3] == "axd"


def test_begin_takes_only_what_is_on_its_route(functions):
    b = Broadcast(functions, total=8, routes="s=sms,z=zalo")
    b.redis.set(b.key + ":routes", "sszzszss")
    claim = b.claim()
    assert sorted(claim.begin(5)[1]) == [0, 1, 4, 6, 7]
    other = functions.call("loa_claim", b.key, 0, "zalo", "w2", 1000, 0)
    assert other[0] == b"TAKEN" and b.letters() == "ssqqsqss"
    claim.done([(i, "A") for i in (0, 1, 4, 6, 7)], close=True)
    assert b.state() == "sending" and b.letters() == "aaqqaqaa"


def test_retries_begin_when_they_are_due(functions):
    b = Broadcast(functions, total=4)
    claim = b.claim()
    claim.begin(4)
    soon, later = now_ms() + 100_000, now_ms() + 200_000
    claim.done([
        (0, "T", record(reason="s0014"), 1, later), (1, "H", record(), 1, soon),
        (2, "T", record(), 1, now_ms() - 5), (3, "A"),
    ])
    assert b.letters() == "rrra" and b.number("stat:messages_retried") == 3
    assert b.detail("due:0") == str(later).encode()
    assert claim.begin(9) == ("OK", {2: 2}, False, soon)
    assert b.detail("due:2") is None
    assert claim.begin(9) == ("OK", {}, False, soon)
    claim.done([(2, "A", record(attempts=2))])
    assert claim.done(close=True) == (False, True, -1, soon)
    b.redis.hset(b.key + ":details", "due:1", now_ms() - 1)
    b.redis.hset(b.key + ":claims", "0:sms:due", 0)
    again = b.claim()
    assert again.verdict == "TAKEN"
    assert again.begin(9) == ("OK", {1: 2}, False, later)
    assert b.state() == "sending"


def test_uncertain_ones_go_again_under_resend(functions):
    b = Broadcast(functions, total=3, uncertain_wait_ms=100)
    claim = b.claim()
    claim.begin(3)
    claim.done([(0, "L"), (1, "L"), (2, "A")])
    assert b.letters() == "??a"
    _, taken, more, due = claim.begin(3)
    assert taken == {} and not more and 0 < due - now_ms() + 50 <= 150
    assert claim.done(close=True)[3] == due
    b.redis.hset(b.key + ":claims", "0:sms:lost", now_ms() - 101)
    assert b.claim().begin(1) == ("OK", {0: 2}, True, 0)


def test_uncertain_ones_stay_under_hold(functions):
    b = Broadcast(functions, total=4, on_uncertain="hold", uncertain_wait_ms=0)
    claim = b.claim()
    claim.begin(3)
    claim.done([(0, "L"), (1, "L"), (2, "A")])
    assert claim.begin(9) == ("OK", {3: 1}, False, 0)
    assert b.state() == "sending"
    assert claim.done([(3, "A")], close=True) == (False, True, -1, 0)
    assert b.letters() == "??aa" and b.state() == "done"
    b.settle((0, "D", 1, 1, 1, "-", 1_700_000_100))  # a receipt settles it, after done too
    assert b.letters() == "d?aa"


# ---- done


def test_done_records_a_row_of_accepted_members_at_once(functions):
    b = Broadcast(functions, total=600)
    claim = b.claim(chunk=1)
    claim.begin(256)
    answers = [(i, "A", record(parts=2, id=f"m{i}"), 2) for i in range(256)]
    details = [(7, "id", "a-long-id")]
    assert claim.done(answers, close=True, details=details) == (False, True, -1, 0)
    assert b.letters() == "q" * 256 + "a" * 256 + "q" * 88
    assert b.ledger(256) == record(parts=2, id="m0").decode()
    assert b.ledger(511) == record(parts=2, id="m255").decode()
    assert b.number("parts") == b.number("stat:parts_submitted") == 512
    assert b.number("cost") == 512 * 500 and b.number("stat:messages_accepted") == 256
    assert b.detail("id:263") == b"a-long-id"
    claim.done(answers, close=True)
    assert b.number("parts") == 512 and b.number("stat:messages_accepted") == 256


def test_done_records_a_mixed_batch(functions):
    b = Broadcast(functions, total=8)
    claim = b.claim()
    claim.begin(7)
    claim.done(
        [
            (5, "A", record(id="m5", parts=3), 3), (0, "P", record(reason="s000b"), 1),
            (1, "T", record(reason="s0014"), 1, 99), (2, "L", record(), 1), (3, "R", record(), 0),
            (4, "A", record(id="m4"), 1), (7, "K", record(attempts=0, parts=0, reason="optou"), 0),
        ],
        details=[(0, "reason", "no such number"), (3, "reason", "never written")],
    )
    assert b.letters() == "fr?qaask"
    assert b.number("parts") == 7
    assert b.ledger(5) == record(id="m5", parts=3).decode()
    assert b.ledger(3).strip("\0") == ""  # a released one was not tried
    assert b.ledger(7)[7:12] == "optou"
    assert b.detail("reason:0") == b"no such number" and b.detail("reason:3") is None
    for name in ("failed", "retried", "uncertain", "skipped"):
        assert b.number(f"stat:messages_{name}") == 1, name
    assert b.claim("w1").begin(9)[1] == {1: 2, 3: 1}  # due long ago; released: its first try still


def test_stale_bearers_bring_facts_and_nothing_else(functions):
    b = Broadcast(functions, total=4)
    old = b.claim("w1", lease=0)
    old.begin(4, lease=0)
    new = b.claim("w2")
    assert b.letters() == "????"
    assert old.done([(0, "A"), (1, "T"), (2, "P"), (3, "R")]) == (True, False, -1, 0)
    assert b.letters() == "a???"
    assert b.number("stat:parts_submitted") == 4  # counted when it was taken over
    assert new.renew() is False and old.renew() is True
    assert old.done(close=True) == (True, False, -1, 0)


@pytest.mark.parametrize("old_first", [True, False])
def test_old_worker_accepted_new_worker_throttled(functions, old_first):
    b = Broadcast(functions, total=2, uncertain_wait_ms=0)
    old = b.claim("w1", lease=0)
    old.begin(2, lease=0)
    new = b.claim("w2")
    assert new.begin(2)[1] == {0: 2, 1: 2}
    good = lambda: old.done([(0, "A", record(id="old"))])  # noqa: E731
    bad = lambda: new.done([(0, "H", record(attempts=2), 1, 1)])  # noqa: E731
    for step in (good, bad) if old_first else (bad, good):
        step()
    assert b.letters() == "as"
    assert b.number("stat:parts_submitted") == 3  # two of the old worker's, one of the new one's
    assert b.detail("due:0") is None
    assert new.begin(2)[1] == {}


def test_good_news_twice_counts_its_parts_twice_and_the_member_once(functions):
    """Both tries got through: what was submitted is what was submitted."""
    b = Broadcast(functions, total=2, uncertain_wait_ms=0)
    old = b.claim("w1", lease=0)
    old.begin(1, lease=0)
    new = b.claim("w2")
    new.begin(1)
    b.force("sq")
    old.done([(0, "A", record(id="old"))])
    for _ in range(2):  # told twice
        new.done([(0, "A", record(attempts=2, id="new"))])
    assert b.letters() == "aq" and b.number("stat:messages_accepted") == 1
    assert b.number("stat:parts_submitted") == 2
    assert b.ledger(0)[3:5] == "02"


def test_throttled_answers_count_once(functions):
    b = Broadcast(functions, total=9)
    claim = b.claim()
    claim.begin(9)
    for _ in range(3):
        claim.done([(0, "A")], number=1, throttled=4)
    claim.done(number=2, throttled=1)
    assert b.number("stat:throttled") == 5


def test_a_batch_told_again_releases_nobody_twice(functions):
    """done and the begin behind it were both carried out, and both answers lost."""
    b = Broadcast(functions, total=4)
    claim = b.claim()
    claim.begin(3)
    batch = [(0, "R", record(), 0), (1, "T", record(), 1, 1), (2, "A")]
    claim.done(batch, number=1)
    assert b.letters() == "qraq"
    assert claim.begin(3)[1] == {0: 1, 1: 2, 3: 1}
    claim.done(batch, number=1)
    assert b.letters() == "ssas" and b.number("stat:parts_submitted") == 2
    for number in range(2, 17):
        claim.done([(3, "L")] if number == 2 else [], number=number, throttled=1)
    claim.done(batch, number=1)  # fifteen later
    assert b.letters() == "ssa?" and b.number("stat:throttled") == 15


def test_the_last_one_ends_the_broadcast(functions):
    b = Broadcast(functions, total=3)
    claim = b.claim()
    claim.begin(3)
    claim.done([(0, "A"), (1, "P")])
    assert b.state() == "sending"
    claim.done([(2, "L")])
    assert b.state() == "sending"  # under resend it goes again
    assert b.settle((2, "D", 1, 1, 1, "-", 1_700_000_100)) == 0
    assert b.state() == "done" and abs(b.number("finished_s") - time.time()) < 10
    b = Broadcast(functions, total=300, id="A2", planned=1)
    b.force("a" * 299 + "s")
    assert b.claim(lease=0).done([(1, "D")])[0] is False
    b.force("a" * 300)
    b.claim(lease=0).done([(1, "D")])
    assert b.state() == "sending"  # not all of it is planned


def in_two_chunks(functions, id, letters):
    """A broadcast on two chunks that `w1` holds, the first with `letters` begun."""
    b = Broadcast(functions, total=500, id=id)
    first, second = b.claim(), b.claim(chunk=1)
    first.begin(200)
    b.force(letters + "q" * (500 - len(letters)))
    return b, first, second


ALL_A = [(i, "A", record(id=f"m{i}"), 2) for i in range(200)]
MIXED = [(0, "A"), (1, "P"), (2, "L"), (3, "R"), (4, "T", record(), 1, 4_000_000_000_000)]
TOGETHER = {
    "the usual batch": (ALL_A, "s" * 200, {}, [(0, 2, 200), (1, 1, 30)]),
    "the last of a chunk": ([(i, "A") for i in range(256)], "s" * 256, {"close": 1}, [(1, 1, 256)]),
    "one of each": (MIXED, "s" * 5, {"throttled": 3}, [(0, 2, 2), (0, 3, 9), (1, 1, 1)]),
    "nothing to record": ([], "s" * 3, {"number": 0}, [(1, 1, 5)]),
    "a begin told again": (ALL_A[:9], "s" * 200, {}, [(0, 1, 7), (1, 1, 7)]),
    "another's epoch": (ALL_A[:9], "s" * 9, {"epoch": 1}, [(0, 2, 7), (1, 1, 7)]),
}


@pytest.mark.parametrize("state", ["sending", "paused", "over"])
@pytest.mark.parametrize("name", TOGETHER)
def test_a_done_and_its_begins_together_are_these_one_after_the_other(functions, name, state):
    """Answers and all that Redis holds, whether it was one call or several."""
    events, letters, more, begins = TOGETHER[name]
    seen = []
    for id in ("ONE", "TWO"):
        b, first, second = in_two_chunks(functions, id, letters)
        if "epoch" in more:
            b.redis.hset(b.key + ":claims", "0:sms", "w2 9 4000000000000")
        b.redis.hset(b.key, mapping={
            "sending": {"state": "sending"}, "paused": {"state": "paused"},
            "over": {"expires_s": 1_700_000_000}}[state])
        told = {"number": 1, **{k: v for k, v in more.items() if k != "epoch"}}
        args = first.done_args(events, **told)
        asks = [(chunk, (first, second)[chunk].epoch, number, most)
                for chunk, number, most in begins]
        if id == "ONE":
            answers = functions.call("loa_done_begin", *args, *sum(asks, ()), len(asks))
        else:
            answers = [functions.call("loa_done", *args)] + [
                functions.call("loa_begin", b.key, chunk, "sms", "w1", epoch, args[5], number, most)
                for chunk, epoch, number, most in asks]
        b.check()
        claims = {k: v for k, v in b.redis.hgetall(b.key + ":claims").items()
                  if not k.endswith((b":lost", b":sms"))}  # moments: of leases and of losses
        hash = b.redis.hgetall(b.key)
        hash.pop(b"finished_s", None)
        seen.append((answers, claims, hash, b.letters(), b.redis.get(b.key + ":ledger"),
                     b.redis.hgetall(b.key + ":details")))
    one, two = seen
    assert one == two
    if state == "sending" and name == "the usual batch":
        assert [len(a[1]) for a in one[0][1:]] == [56, 30] and one[3].count("a") == 200


def test_a_full_redis_refuses_to_begin_and_records_what_is_done(functions):
    b = Broadcast(functions, total=4)
    claim = b.claim()
    claim.begin(2)
    functions.redis.config_set("maxmemory-policy", "noeviction")
    functions.redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(Exception, match="OOM"):
            claim.begin(2)
        claim.done([(0, "A"), (1, "A")])
        claim.done(close=True)
        assert b.letters() == "aaqq"
        other = b.claim("w1")
        assert other.verdict == "TAKEN" and other.renew() is False
        assert b.settle((0, "D", 1, 1, 1, "-", 1_700_000_100)) == 0
    finally:
        functions.redis.config_set("maxmemory", 0)
    assert claim.worker == "w1" and sorted(other.begin(2)[1]) == [2, 3]
