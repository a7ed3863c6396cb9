"""pause, resume, end and retry on a real Redis: exact, in pieces, and idempotent."""
# SPDX-License-Identifier: MIT
import random
import time

import pytest

from functions import Broadcast, functions, record, server  # noqa: F401

LATER = 9_999_999_999_999


class Controlled(Broadcast):
    def control(self, function, *args):
        answer = self.functions.call(function, self.key, *args)
        self.check()
        return answer[0].decode(), answer[1].decode(), *answer[2:]

    def pause(self):
        return self.control("loa_pause")

    def resume(self):
        return self.control("loa_resume")

    def end(self, ending="cancelled", start=0, budget=100):
        return self.control("loa_end", ending, start, budget)

    def retry(self, start=0, budget=100):
        return self.control("loa_retry", start, budget)

    def sweep(self):
        answer = self.functions.call("loa_sweep", self.key, 0, 0, 100)
        return answer[6].decode(), answer[7], answer[11:]


def test_what_is_not_there_is_gone(functions):
    b = Controlled(functions)
    b.redis.delete(b.key)
    for function, args in (("pause", ()), ("resume", ()), ("end", ("cancelled", 0, 9)),
                           ("retry", (-1, 9))):
        assert functions.call(f"loa_{function}", b.key, *args)[0] == b"GONE"


def test_pause_stops_whoever_holds_the_chunk_and_resume_lets_it_go_on(functions):
    b = Controlled(functions)
    claim = b.claim()
    claim.begin(3)
    assert b.pause() == ("OK", "paused", -1, 1)
    assert b.pause() == ("OK", "paused", -1, 0)
    assert claim.begin(3)[0] == "STOPPED"
    assert claim.done([(0, "A"), (1, "T", record(), 1, LATER), (2, "R")], close=True)[:2] == (
        False, True)
    assert b.letters()[:3] == "arq"
    assert b.sweep()[2] == []
    assert b.resume() == ("OK", "sending", -1, 1)
    assert b.resume() == ("OK", "sending", -1, 0)
    assert b.sweep()[2] == [0]
    claim = b.claim("w2")
    assert claim.begin(300)[1] == {p: 1 for p in range(2, 256)}


def test_paused_before_its_time_waits_for_its_time_again(functions):
    soon = int(time.time()) + 1000
    b = Controlled(functions, state="scheduled", start_s=soon)
    assert b.sweep()[1] == soon
    assert b.pause()[1] == "paused"
    assert b.resume()[1] == "scheduled"
    b.redis.hset(b.key, "start_s", 1)
    assert b.pause()[1] == "paused"
    b.sweep()
    assert b.state() == "paused"
    assert b.resume()[1] == "sending"


@pytest.mark.parametrize("state", ["done", "cancelled", "expired", "rejected"])
def test_what_has_ended_stays_so(functions, state):
    b = Controlled(functions, state=state)
    before = b.redis.hgetall(b.key)
    assert b.pause()[:2] == ("REFUSED", state)
    assert b.resume()[:2] == ("REFUSED", state)
    assert b.end()[:2] == ("OK" if state == "cancelled" else "REFUSED", state)
    if state != "done":
        assert b.retry(-1)[:2] == ("REFUSED", state)
    assert b.redis.hgetall(b.key) == before


def test_cancel_goes_through_all_in_pieces(functions):
    b = Controlled(functions, total=1000, planned=2)
    claim = b.claim()
    claim.begin(6)
    claim.done([(0, "A"), (1, "T", record(reason="s0014"), 1, LATER), (2, "P"), (3, "L")])
    assert b.end(budget=1) == ("OK", "sending", 1, 251)
    assert b.letters()[:8] == "akf?sskk" and b.letters()[256] == "q"
    assert claim.begin(5)[0] == "STOPPED" and b.claim("w2", chunk=1).begin(5)[0] == "STOPPED"
    assert b.pause()[:2] == ("REFUSED", "cancelled") == b.resume()[:2] == b.retry(-1)[:2]
    assert b.end(start=1, budget=1) == ("OK", "sending", 2, 256)
    assert b.end(start=2, budget=9) == ("OK", "sending", -1, 488)
    assert b.end() == ("OK", "sending", -1, 0)
    assert b.number("stat:messages_skipped") == 995
    # who is with a link is finished; released or put off by it they are left out
    assert claim.done([(4, "R"), (5, "A")], close=True)[:2] == (False, True)
    assert b.letters()[:8] == "akf?kakk" and b.state() == "cancelled"
    assert b.number("finished_s") > 0
    assert b.ledger(1)[3:12] == "0101cance" and b.ledger(1)[12:19].strip()
    for index in (4, 6, 999):
        assert b.ledger(index)[7:12] == "cance" and b.ledger(index)[19:26].strip()
    assert b.detail("due:1") is None
    b.settle((3, "D", 1, 1, 1, "-", 1_700_000_100))
    assert b.letters()[3] == "d" and b.state() == "cancelled"
    assert b.end()[:2] == ("OK", "cancelled")


def test_put_off_while_it_is_cancelled_is_left_out(functions):
    b = Controlled(functions, total=4)
    claim = b.claim()
    claim.begin(4)
    b.end()
    claim.done([(0, "T", record(attempts=3, reason="s0014"), 1, LATER), (1, "P"), (2, "L")])
    assert b.letters() == "kf?s" and b.detail("due:0") is None
    assert b.ledger(0)[3:12] == "0301cance" and b.number("parts") == 3
    assert b.state() == "sending" and b.sweep()[0] == ""
    claim.done([(3, "A")])
    assert b.state() == "cancelled"


def test_cancelled_with_a_dead_owner_ends_when_its_lease_is_over(functions):
    b = Controlled(functions, total=300)
    b.claim("w1", lease=0).begin(5, lease=0)
    b.end()
    assert b.state() == "sending" and b.sweep() == ("", 0, [0])
    assert b.claim("w2").verdict == "TAKEN"
    assert b.letters()[:6] == "?????k" and b.state() == "cancelled"


def test_nobody_begun_is_cancelled_at_once(functions):
    for state in ("sending", "paused", "scheduled"):
        b = Controlled(functions, total=300, id=state, state=state, planned=0)
        assert b.end() == ("OK", "cancelled", -1, 300)


def test_expiry_in_pieces(functions):
    now = int(time.time())
    b = Controlled(functions, total=600, expires_s=now + 100, state="paused", planned=0)
    assert b.end("expired")[:2] == ("REFUSED", "paused")
    assert b.sweep() == ("", now + 100, [])
    b.redis.hset(b.key, "expires_s", now - 1)
    assert b.sweep()[0] == "expired"
    assert b.resume()[:2] == ("REFUSED", "expired")
    assert b.end("expired", budget=1) == ("OK", "paused", 1, 256)
    assert b.sweep()[0] == "expired"
    assert b.end("cancelled")[:2] == ("REFUSED", "expired")
    assert b.end("expired", start=1) == ("OK", "expired", -1, 344)
    assert b.letters() == "x" * 600 and b.ledger(599)[7:12] == "expir"
    assert b.sweep()[0] == ""


def test_retry_sends_the_failed_again_with_their_attempts(functions):
    b = Controlled(functions, total=520)
    for n, size in ((0, 256), (1, 256), (2, 8)):
        claim = b.claim(chunk=n)
        claim.begin(256)
        failed = record(attempts=5, reason="s000b", final=1_700_000_000)
        events = [(p, "P" if p % 8 == 0 else "A", failed) for p in range(size)]
        claim.done(events, details=[(0, "reason", "no such number")], close=True)
    assert b.state() == "done" and b.number("failed") == 65
    assert b.retry(-1) == ("OK", "done", 0, 0) and b.state() == "done"
    assert b.retry(0, 2) == ("OK", "sending", 2, 64)
    assert b.redis.hget(b.key, "finished_s") is None
    assert b.retry(2, 2) == ("OK", "sending", -1, 1)
    assert b.retry() == ("OK", "sending", -1, 0)
    assert b.number("stat:messages_queued") == 520 + 65
    assert b.ledger(0)[3:5] == "05" and b.ledger(0)[7:12] == "     " == b.ledger(0)[19:24]
    assert b.detail("reason:0") is None
    assert b.sweep()[2] == [0, 1, 2]
    for n in range(3):
        claim = b.claim(chunk=n)
        taken = claim.begin(256)[1]
        assert set(taken.values()) == {6}
        claim.done([(p, "A", record(attempts=6)) for p in taken], close=True)
    assert b.state() == "done" and b.number("accepted") == 520


def test_retry_under_hold_settles_the_uncertain_too(functions):
    for rule, after in (("hold", "qq"), ("resend", "?q")):
        b = Controlled(functions, total=2, id=rule, on_uncertain=rule)
        claim = b.claim()
        claim.begin(2)
        claim.done([(0, "L"), (1, "P")])
        b.retry()
        assert b.letters() == after and b.state() == "sending"


def test_retry_of_a_paused_one_waits_with_the_others(functions):
    b = Controlled(functions, total=3)
    claim = b.claim()
    claim.begin(1)
    claim.done([(0, "P")])
    b.pause()
    assert b.retry() == ("OK", "paused", -1, 1)
    assert b.resume()[1] == "sending" and b.letters() == "qqq"


@pytest.mark.parametrize("seed", range(20))
def test_in_any_order_counts_and_letters_agree(functions, seed):
    """Workers and an admin in any order; whatever comes, an end ends it, and nobody is lost."""
    dice = random.Random(seed)
    b = Controlled(functions, total=300, id=f"R{seed}", uncertain_wait_ms=0)
    begun = {}
    ended = False
    for _ in range(150):
        chunk = dice.randrange(2)
        step = dice.choice("claim begin done done pause resume retry end".split())
        if step == "claim":
            begun[b.claim(dice.choice(("w1", "w2")), chunk=chunk, lease=0)] = {}
        elif step == "begin" and begun:
            claim = dice.choice(list(begun))
            begun[claim].update(claim.begin(dice.randint(1, 40), lease=0)[1])
        elif step == "done" and begun:
            claim = dice.choice(list(begun))
            taken = [p for p in begun[claim] if dice.random() < 0.7]
            claim.done([(p, dice.choice("AATPLR"), record(attempts=begun[claim].pop(p)), 1, 1)
                        for p in taken], close=dice.random() < 0.3, lease=0)
        elif step == "end" and dice.random() < 0.1:
            ended |= b.end(start=dice.randrange(2), budget=1)[0] == "OK"
        elif step in ("pause", "resume", "retry"):
            getattr(b, step)()
    if b.state() != "done" or ended:
        assert b.end()[0] == "OK"
        for chunk in range(2):
            claim = b.claim("w3", chunk=chunk)
            assert claim.verdict in ("TAKEN", "NOTHING"), claim.verdict
        assert b.state() == "cancelled", b.letters()
    assert not set(b.letters()) & set("qsr")
