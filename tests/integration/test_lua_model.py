"""Two workers, receipts and the clock in any order against a model of the marking protocol.

The model knows each member's letter and, of every try, whether its parts were counted.  After each
step: Redis has the model's letters, counts that say the same, each try's parts counted once, and
nobody who was delivered is anything else.
"""
# SPDX-License-Identifier: MIT
import random

import pytest

from functions import Broadcast, functions, outcomes, record, server  # noqa: F401

TOTAL = 40
STEPS = 400
PAST = 1
TABLE = outcomes()


class Model:
    def __init__(self, functions, seed):
        self.random = random.Random(seed)
        self.b = Broadcast(functions, total=TOTAL, id=f"M{seed}", uncertain_wait_ms=0)
        self.letters = ["q"] * TOTAL
        self.tried = [0] * TOTAL  # what the ledger says
        self.counted = set()  # (member, attempt) whose parts are in the counts
        self.throttled = 0
        self.claims = {"w1": None, "w2": None}
        self.owner = None  # the claim that holds the present epoch
        self.running = False  # its lease
        self.begun = {}  # claim → {place: attempt} without an answer as yet
        self.attempts = set()  # (member, attempt) that ever left

    def next(self, place, event, current):
        return TABLE.get((self.letters[place], event, current))

    # ---- steps

    def claim(self):
        worker = self.random.choice(("w1", "w2"))
        lease = self.random.choice((0, 0, 60000))
        claim = self.b.claim(worker, lease=lease)
        if self.owner and self.running and self.owner.worker != worker:
            assert claim.verdict == "HELD"
            return
        for place, letter in enumerate(self.letters):
            if letter == "s":
                self.letters[place] = "?"
                self.tried[place] += 1
                self.counted.add((place, self.tried[place]))
        left = set(self.letters) & set("qr?")
        assert claim.verdict == ("TAKEN" if left else "NOTHING")
        self.owner, self.running = claim, lease > 0
        self.claims[worker] = claim
        self.begun[claim] = {}

    def begin(self):
        claim = self.random.choice([c for c in self.claims.values() if c] or [None])
        if not claim:
            return
        most = self.random.randint(1, 12)
        lease = self.random.choice((0, 60000))
        again = self.random.random() < 0.2 and claim.number > 0
        before = dict(self.begun.get(claim, {}))
        number = claim.number if again else None
        verdict, taken, more, _ = claim.begin(most, number=number, lease=lease)
        if claim is not self.owner:
            assert verdict == "STALE"
            return
        if self.b.state() == "done":
            assert verdict in ("STOPPED", "OK")
            if verdict == "STOPPED":
                return
        self.running = lease > 0
        if again and claim.last:  # one that took nothing is not remembered
            assert taken.keys() == claim.last.keys()
            return
        want = [p for p, x in enumerate(self.letters) if x == "q"][:most]
        for letter in "r?":
            places = [p for p, x in enumerate(self.letters) if x == letter]
            want += places[: most - len(want)]
        assert sorted(want) == list(taken), (before, self.letters)
        for place, attempt in taken.items():
            assert attempt == self.tried[place] + 1
            self.letters[place] = "s"
            self.attempts.add((place, attempt))
        assert more == bool(set(self.letters) & set("qr?"))
        self.begun[claim].update(taken)
        claim.last = taken

    def done(self):
        claim = self.random.choice(list(self.begun) or [None])
        if not claim or not self.begun[claim]:
            return
        current = claim is self.owner
        open_tries = list(self.begun[claim].items())
        if self.random.random() < 0.5:  # a row of answers
            batch, kinds = open_tries[: self.random.randint(1, 12)], "A"
        else:
            many = self.random.randint(1, len(open_tries))
            batch, kinds = self.random.sample(open_tries, many), "AAATHPLR"
        events = []
        for place, attempt in batch:
            event = self.random.choice(kinds)
            parts = 0 if event == "R" else 1
            due = PAST if event in "TH" else 0
            events.append((place, event, record(attempts=attempt), parts, due))
        number = self.random.choice((0, self.steps + 1))
        throttled = self.random.choice((0, 2)) if number else 0
        repeat = self.random.random() < 0.3 and number > 0 and current
        claim.done(events, number=number, throttled=throttled)
        self.throttled += throttled
        for (place, attempt), event in zip(batch, events):
            self.tell(place, attempt, event[1], current)
            del self.begun[claim][place]
        self.running = self.running or (current and not claim.closed)
        if repeat:
            claim.done(events, number=number, throttled=throttled)

    def tell(self, place, attempt, event, current):
        after = self.next(place, event, current)
        if event != "R":
            if attempt > self.tried[place]:
                self.counted.add((place, attempt))
                self.tried[place] = attempt
        if after:
            self.letters[place] = after

    def receipt(self):
        if not self.attempts:
            return
        place, attempt = self.random.choice(sorted(self.attempts))
        event = self.random.choice("DDU")
        letter, tried = self.letters[place], self.tried[place]
        current = attempt > tried if letter == "s" else attempt >= tried
        after = self.next(place, event, current)
        same = self.b.settle((place, event, attempt, 1, 1, "-", 1_700_000_100))
        assert same == (0 if after else 1)
        if after:
            self.letters[place] = after
            if attempt > tried:
                self.counted.add((place, attempt))
                self.tried[place] = attempt

    def close(self):
        claim = self.owner
        if not claim:
            return
        closed = claim.done(close=True)[1]
        stopped = self.b.state() != "sending"
        holds = set(self.letters) & (set("s") if stopped else set("qs"))
        assert closed == (not holds)
        self.running = not closed
        if closed:
            claim.closed = True
            assert claim.begin(1)[0] == "STALE"
            for worker, mine in self.claims.items():
                self.claims[worker] = None if mine is claim else mine

    # ---- what holds after each

    def check(self, before):
        letters = self.b.check()
        assert letters == "".join(self.letters)
        assert all(letters[p] == "d" for p, x in enumerate(before) if x == "d")
        assert self.b.number("stat:parts_submitted") == self.b.number("parts") == len(self.counted)
        assert self.b.number("stat:throttled") == self.throttled
        over = not set(letters) & set("qsr?")
        assert not over or self.b.state() in ("done", "sending")

    def run(self):
        for self.steps in range(STEPS):
            before = list(self.letters)
            step = self.random.choices(
                (self.claim, self.begin, self.done, self.receipt, self.close), (2, 6, 8, 2, 1)
            )[0]
            step()
            self.check(before)


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_calls(functions, seed):
    Model(functions, seed).run()
