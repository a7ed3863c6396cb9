"""The self-audit finds what was broken by hand, repairs what is safe, and else finds nothing."""
# SPDX-License-Identifier: MIT
import time

from functions import Broadcast, functions, server  # noqa: F401
from harness import wait

FINDINGS = {
    "counts": "the counts were not what its letters say",
    "due": "due times of members who wait for nothing",
    "active": "is open and nobody sweeps it",
    "orphan": "belongs to no broadcast",
    "minute": "loa:stats:minute:200001010000 would never have ended",
    "content": "loa:content:x would never have ended",
    "left": "acknowledged entries were left in the streams",
    "mark": "marks of entries that are not there",
}


def deep(world, ok=True):
    done = world.loa("check", "--deep", ok=False)
    assert (done.returncode == 0) is ok, done.stdout + done.stderr
    return done.stdout


def test_what_is_broken_is_found_and_repaired(world):
    world.start(members=900, case="receipts final after 5ms\n")
    for id_ in ("A", "B"):
        world.announce(id=id_, title=id_)
        world.wait_letters(id_, "d", 900)
    world.check_stats()
    wait(lambda: world.r.scard("loa:active") == 0, "end of the sweeping", 10)
    assert "0 findings" in deep(world)
    world.loa("pause", "--all")
    world.announce(id="C", title="C")
    wait(lambda: world.r.sismember("loa:active", "C"), "C")
    assert not world.end_gateway(world.gateway)

    r, a, c = world.r, world.key("A"), world.key("C")
    good = r.hgetall(a)
    r.hset(a, mapping={"delivered": 800, "queued": 100})
    r.hset(a + ":details", "due:7", 1)
    r.srem("loa:active", "C")
    r.hincrby(c, "created_s", -60)
    r.set("loa:broadcast:{GONE}:states", "qqq")
    r.hset("loa:stats:minute:200001010000", "receipts", 1)
    r.set("loa:content:x", "A")
    left = r.xadd("loa:work:{sms}:normal", {"id": "A", "chunk": 0})
    r.xreadgroup("gateway", "w9", {"loa:work:{sms}:normal": ">"})
    r.xack("loa:work:{sms}:normal", "gateway", left)
    r.hset("loa:queued:{sms}", "A 9", "1-1")

    out = deep(world, ok=False)
    for name, sentence in FINDINGS.items():
        assert sentence in out, (name, out)
    assert "8 findings, 7 of them repaired" in out
    assert (world.stat("audit_findings"), world.stat("audit_repaired")) == (8, 7)
    assert r.hgetall(a) == good
    assert not r.hexists(a + ":details", "due:7") and r.sismember("loa:active", "C")
    assert r.ttl("loa:stats:minute:200001010000") > 0 and r.ttl("loa:content:x") > 0
    assert r.xlen("loa:work:{sms}:normal") == 0 and not r.hexists("loa:queued:{sms}", "A 9")
    r.delete("loa:broadcast:{GONE}:states")
    assert "0 findings" in deep(world)


def test_nothing_is_found_while_all_goes_well(world):
    """What is on its way is no finding: the audit runs beside two gateways at full speed."""
    world.start(members=3000, case="latency 2ms\nreceipts final after 5ms\n", window=50)
    world.start_gateway()
    for i in range(4):
        world.announce(id=f"G{i}", title=f"Thong bao {i}")
    for _ in range(3):
        assert "0 findings" in deep(world)
    for i in range(4):
        world.wait_state(f"G{i}", seconds=60)
    assert "0 findings" in deep(world)
    assert world.stat("audit_findings") == 0


def test_a_chunk_that_nobody_has_is_found_on_the_second_look(world):
    """Only where no gateway sweeps: it would feed the chunk before."""
    world.start(members=300, case="receipts none\n", receipts="none", rate=1)
    world.announce(id="L", title="L")
    world.wait_letters("L", "a", 1)
    wait(lambda: world.r.hget(world.key("L"), "planned") == "2", "both chunks")
    world.gateway.kill()
    r = world.r
    r.delete("loa:work:{sms}:normal", "loa:queued:{sms}")
    r.hset(world.key("L"), "created_s", int(time.time()) - 60)
    for field, value in r.hgetall(world.key("L") + ":claims").items():
        if field.count(":") == 1:
            r.hset(world.key("L") + ":claims", field, " ".join([*value.split(" ")[:2], "0"]))
    out = deep(world)
    assert "nobody has chunk 0, and it is not due" in out, out
    assert [f["chunk"] for _, f in r.xrange("loa:work:{sms}:normal")] == ["0", "1"]


def test_a_broadcast_that_moves_meanwhile_is_judged_as_it_was(functions):  # noqa: F811
    """Its letters are counted in a copy; the difference stays what it was, whatever moves."""
    b = Broadcast(functions, 1000)
    b.redis.hset(b.key, mapping={"queued": 990, "accepted": 10})
    first = functions.call("loa_audit", b.key, 0, 2, 1, 1)
    assert first[1] == 2 and first[7:11] == [512, 990, 0, 0]
    claim = functions.call("loa_claim", b.key, 3, "sms", "w1", 60000, 0)
    begun = functions.call("loa_begin", b.key, 3, "sms", "w1", claim[1], 60000, 1, 3)
    assert len(begun[1]) == 3
    rest = functions.call("loa_audit", b.key, 2, 2, 1, 1)
    assert rest[1] == -1 and rest[7] == 488 and rest[9] == 0
    assert functions.call("loa_audit_fix", b.key, 10, 0, 0, 0, -10, 0, 0, 0, 0, 0) == 1
    b.check()
    assert b.letters().count("s") == 3
    assert functions.call("loa_audit_fix", b.key, 10, 0, 0, 0, -10, 0, 0, 0, 0, 0) == 0
    b.check()


def test_counts_are_mended_of_a_large_broadcast_under_way(world):
    """More than one look, and it moves all the time."""
    world.start(members=20_000, case="latency 1ms\nreceipts none\n", receipts="none", window=50,
                rate=400)
    world.announce(id="BIG")
    wait(lambda: world.smsc.submits_n() >= 200, "messages on their way")
    world.r.hincrby(world.key("BIG"), "queued", -100)
    world.r.hincrby(world.key("BIG"), "failed", 100)
    out = deep(world)
    assert "broadcast BIG: the counts were not what its letters say" in out, out
    at = world.smsc.submits_n()
    wait(lambda: world.smsc.submits_n() > at, "that it goes on")
    assert "0 findings" in deep(world)
    assert world.r.hget(world.key("BIG"), "failed") == "0"
    world.loa("cancel", "BIG")


def test_chunks_of_every_route_are_looked_at(world):
    """A chunk that nobody has on the second of two routes."""
    r = two_routes_planned(world)
    out = deep(world)
    assert "broadcast TWO: nobody has chunk 0, and it is not due" in out, out
    assert [f["chunk"] for _, f in r.xrange("loa:work:{zalo}:normal")] == ["0"]
    assert r.xlen("loa:work:{sms}:normal") == 1


def two_routes_planned(world):
    """A broadcast on two routes without a gateway: one stands in its stream, the other nowhere."""
    world.start(members=10)
    assert not world.end_gateway(world.gateway)
    r, key = world.r, world.key("TWO")
    terms = "1 500 4 5000 resend 0 0"
    r.hset(key, mapping={
        "state": "sending", "total": 4, "queued": 4, "chunks": 1, "planned": 1,
        "channels": "sms,zalo", "routes": "s=sms,z=zalo", "route:sms": terms, "route:zalo": terms,
        "priority": "normal",
        "created_s": int(time.time()) - 60, "epoch": 0})
    r.set(key + ":states", "qqqq")
    r.set(key + ":routes", "szsz")
    r.hset(key + ":chunks", "0", "0-3;84900000000,,84900000002,;,u1,,u3")
    r.sadd("loa:active", "TWO")
    r.execute_command("FCALL", "loa_work_feed", 1, "loa:queued:{sms}", "normal", "TWO", 0)
    return r


def test_who_is_gone_for_good_is_forgotten(world):
    """A dead worker's entry, and consumers of dead workers that have nothing pending."""
    world.start(members=1)
    r, now = world.r, int(time.time())
    r.hset("loa:workers", mapping={"old:1": '{"heartbeat":%d}' % (now - 90000),
                                   "late:1": '{"heartbeat":%d}' % (now - 3600)})
    assert "0 findings" in deep(world)
    assert "old:1" not in r.hkeys("loa:workers") and "late:1" in r.hkeys("loa:workers")
    assert len(r.hkeys("loa:workers")) == 2
    r.xgroup_create("loa:elsewhere", "gateway", mkstream=True)
    for name in ("with", "without"):
        r.xgroup_createconsumer("loa:elsewhere", "gateway", name)
    entry = r.xadd("loa:elsewhere", {"id": "X"})
    r.xreadgroup("gateway", "with", {"loa:elsewhere": ">"})
    call = ("FCALL", "loa_work_consumers", 1, "loa:elsewhere")
    assert r.execute_command(*call, 60000) == 0
    wait(lambda: r.execute_command(*call, 20) == 1, "that it is old")
    assert [c["name"] for c in r.xinfo_consumers("loa:elsewhere", "gateway")] == ["with"]
    r.xack("loa:elsewhere", "gateway", entry)
    wait(lambda: r.execute_command(*call, 20) == 1, "that it is old")
    r.delete("loa:elsewhere")
