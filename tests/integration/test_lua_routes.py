"""A broadcast on two routes: planned, claimed and finished each on its own."""
# SPDX-License-Identifier: MIT
from functions import Broadcast, functions, record, server  # noqa: F401

TOTAL = 300
KEY = "loa:broadcast:{R1}"


class Routed(Broadcast):
    """Members alternate between zalo and sms; zalo holds what is uncertain, sms sends it again."""

    def __init__(self, functions):
        self.functions, self.redis, self.total, self.key = functions, functions.redis, TOTAL, KEY
        self.numbers = {}
        bits = b"\xff" * (TOTAL // 8) + bytes([0xFF << (8 - TOTAL % 8) & 0xFF])
        fields = {
            "title": "t", "channels": "zalo,sms", "priority": "normal", "links": "oa,viettel",
            "prices": "200,500", "routes": "z=zalo,s=sms", "route:zalo": "1 200 2 0 hold",
            "route:sms": "2 500 2 5000 resend", "on_uncertain": "hold", "uncertain_wait_ms": 0,
            "price": 200, "parts_each": 1, "ahead": 2,
        }
        flat = [part for pair in fields.items() for part in pair]
        assert functions.call("loa_create", KEY, "1-1", "aa", bits, 0, *flat) == b"CREATED"
        self.plan()

    def plan(self):
        chunks = []
        for n, size in ((0, 256), (1, TOTAL - 256)):
            zalo = ",".join(f"9{i}" if i % 2 == 0 else "" for i in range(size))
            phones = ",".join(f"84{900000000 + i}" for i in range(size))
            chunks += [f"{n * 256}-{n * 256 + size - 1};{zalo};{phones}", b"", "zs" * (size // 2)]
        self.fed = self.functions.call("loa_plan", KEY, "w1", 6000, 0, *chunks)[7:]

    def on(self, route, chunk=0):
        verdict, epoch, *_ = self.functions.call(
            "loa_claim", KEY, chunk, route, "w1", 60000, 0)
        return verdict, int(epoch)

    def begin(self, route, epoch, number=1, most=256, chunk=0):
        return self.functions.call(
            "loa_begin", KEY, chunk, route, "w1", epoch, 60000, number, most)[1]

    def done(self, route, epoch, places, events, number, chunk=0):
        return self.functions.call(
            "loa_done", KEY, chunk, route, "w1", epoch, 60000, 1, number, 0, events, bytes(places),
            b"\1" * len(places), record(link=int(route == "sms")) * len(places), "")


def test_each_route_has_its_own_members(functions):
    b = Routed(functions)
    assert b.fed == [b"zalo 0", b"zalo 1", b"sms 0", b"sms 1"]
    assert b.redis.getrange(KEY + ":routes", 254, 257) == b"zszs"
    _, zalo = b.on("zalo")
    _, sms = b.on("sms")
    assert list(b.begin("zalo", zalo)) == list(range(0, 256, 2))
    assert list(b.begin("sms", sms, most=3)) == [1, 3, 5]
    assert b.done("sms", sms, [1, 3, 5], "AAA", 1)[1] == 0  # others of this route are still queued
    assert b.done("zalo", zalo, list(range(0, 256, 2)), "A" * 128, 1)[1] == 1
    b.check()
    assert b.number("cost") == 128 * 200 + 3 * 500


def test_what_a_dead_worker_left_counts_on_the_terms_of_its_route(functions):
    b = Routed(functions)
    _, sms = b.on("sms")
    b.begin("sms", sms, most=2)
    b.on("sms")
    b.check()
    assert b.number("uncertain") == 2
    assert (b.number("parts"), b.number("cost")) == (4, 2000)
    assert b.ledger(1)[:7] == "s  0102"


def test_an_uncertain_one_holds_the_broadcast_open_only_where_it_is_sent_again(functions):
    b = Routed(functions)
    for chunk, size in ((0, 256), (1, TOTAL - 256)):
        for route, first in (("zalo", 0), ("sms", 1)):
            _, epoch = b.on(route, chunk)
            places = b.begin(route, epoch, chunk=chunk)
            assert list(places) == list(range(first, size, 2))
            events = ("L" if chunk == 0 else "A") + "A" * (len(places) - 1)
            b.done(route, epoch, list(places), events, 1, chunk)
    b.check()
    assert (b.number("uncertain"), b.state()) == (2, "sending")
    assert b.functions.call("loa_settle", KEY, 1, 1, 1, "D", 1, 1, 1, "", 1_700_000_000)[0] >= 0
    b.check()
    assert (b.number("uncertain"), b.state()) == (1, "done")  # zalo's waits for an admin


def test_the_sweep_goes_through_the_routes(functions):
    b = Routed(functions)
    looked = [functions.call("loa_sweep", KEY, route, 0, 100) for route in (0, 1)]
    assert [(a[8], a[9], a[11:]) for a in looked] == [
        (b"zalo", 2, [0, 1]), (b"sms", 2, [0, 1])]
    _, epoch = b.on("sms")
    assert functions.call("loa_sweep", KEY, 1, 0, 100)[11:] == [1]
    places = b.begin("sms", epoch)
    b.done("sms", epoch, list(places), "A" * len(places), 1)
    assert functions.call("loa_sweep", KEY, 1, 0, 100)[11:] == [1]
    assert functions.call("loa_sweep", KEY, 0, 0, 100)[11:] == [0, 1]


def test_who_opted_out_of_a_channel_is_skipped_there_alone(functions):
    b = Routed(functions)
    _, sms = b.on("sms")
    b.done("sms", sms, [0, 1, 2, 3], "KKKK", 1)
    assert b.redis.getrange(KEY + ":states", 0, 4) == b"qkqkq", "0 and 2 are told by Zalo"
    b.check()
