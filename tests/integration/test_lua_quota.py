"""The quota that gateways share: the Function by itself."""
# SPDX-License-Identifier: MIT
import time

from functions import functions, server  # noqa: F401

KEY = "loa:link:{v}:quota"


class Gateway:
    """What one link of a gateway tells; `spent` and `hand` are its own figures."""

    def __init__(self, functions, name, run="r"):
        self.functions, self.name, self.run = functions, name, run
        self.era = self.spent = self.hand = 0
        self.tell()

    def tell(self, want=0, least=-1, most=-1, daily=-1):
        era, self.used, self.base, self.daily, granted, self.others = (
            int(v) for v in self.functions.call(
                "loa_quota", KEY, f"{self.name}:oa", self.run, self.era, self.spent, self.hand,
                want, least, most, daily))
        if era != self.era:
            self.era, self.spent, self.hand = era, 0, 0
        self.hand += granted
        return granted

    def spend(self, n):
        self.hand, self.spent = self.hand - n, self.spent + n


def test_together_they_get_what_there_is_and_less_at_a_time_near_the_end(functions):
    a, b = Gateway(functions, "a"), Gateway(functions, "b")
    assert a.tell(want=10) == 0 and a.base == -1, "nobody knows how many there are"
    a.tell(least=100, most=100, daily=100)
    got = []
    while True:
        n = a.tell(want=1000), b.tell(want=1000)
        got += [g for g in n if g]
        if not any(n):
            break
    assert sum(got) == 100 == a.hand + b.hand and got[-1] == 1 and got[0] >= 25
    a.spend(a.hand)
    b.spend(b.hand)
    assert (a.tell(want=1), a.others) == (0, b.spent) and (b.tell(want=1), b.others) == (0, 0)
    assert b.used == 100


def test_a_report_that_comes_twice_counts_once(functions):
    a = Gateway(functions, "a")
    a.tell(want=8, least=100, most=100)
    a.spend(5)
    a.tell()
    a.tell()
    assert a.used == 5 and functions.redis.hget(KEY, "used") == b"5"


def test_the_platform_corrects_the_figure(functions):
    a, b = Gateway(functions, "a"), Gateway(functions, "b")
    a.tell(want=8, least=100, most=100)
    b.tell(want=8)
    a.spend(4)
    a.tell(most=60, least=60)  # somebody else used some: of 100 there are 60 and what is kept
    assert a.base == 60 + 4 + 4 + b.hand
    b.tell(least=200)
    assert b.base == 200  # raised


def test_what_a_dead_gateway_kept_counts_until_the_platform_says(functions):
    a, b = Gateway(functions, "a"), Gateway(functions, "b")
    a.tell(least=20, most=20)
    b.tell(want=5)
    kept = b.hand
    while a.tell(want=100):
        pass
    a.spend(a.hand)
    assert a.tell(want=1) == 0 and a.others == kept
    functions.redis.hset(KEY, "slice:b:oa", f"r 0 {kept} 1")  # its time is over
    assert a.tell(want=1) == 0 and (a.others, a.used) == (0, 20)
    assert a.tell(want=1, least=kept + a.used, most=kept) == 1, "it was not used"
    again = Gateway(functions, "b", run="other")
    assert again.used == 20, "what it kept counts once"


def test_another_process_of_a_name_and_another_day(functions):
    a = Gateway(functions, "a")
    a.tell(want=8, least=100, most=100)
    a.spend(2)
    a.tell()
    new = Gateway(functions, "a", run="s")
    new.tell()
    assert new.used == 8, "what the first one kept may be used"
    time.sleep(0.002)
    functions.redis.hset(KEY, "day", 1)
    was = new.era
    assert new.tell(want=1) == 0 and new.era != was and (new.used, new.base) == (0, -1)
    assert 0 < functions.redis.ttl(KEY) <= 172800
