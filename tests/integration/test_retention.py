"""What has ended long ago leaves its counts and nothing else; nothing grows without bound."""
# SPDX-License-Identifier: MIT
import time

from functions import Broadcast, functions, server  # noqa: F401
from harness import wait

PARTS = ("audience", "states", "routes", "chunks", "claims", "ledger", "details")


def again(world):
    """The rounds of the first seconds once more."""
    assert not world.end_gateway(world.gateway)
    world.start_gateway()
    world.wait_bound()


def of_it(world, id_):
    return sorted(key for key in world.r.keys("loa:*") if "{%s}" % id_ in key)


def test_an_old_one_leaves_its_counts(world):
    world.start(members=300, case="receipts final after 20ms\nerror 0x0b for *7\n")
    world.announce(id="OLD", body="Noi dung")
    world.announce(id="NEW", title="Moi")
    for id_ in ("OLD", "NEW"):
        world.wait_letters(id_, "df", 300)
        wait(lambda i=id_: world.r.zscore("loa:finished", i), f"end of {id_}", 10)
    world.check_stats()
    before, stats = world.status("OLD"), world.r.hgetall("loa:stats")
    world.r.hset(world.key("OLD"), "finished_s", 1000)
    world.r.zadd("loa:finished", {"OLD": 1000})
    for stream in ("loa:replies", "loa:announcements:rejected"):
        world.r.xadd(stream, {"text": "old"}, id="1000-0")
    again(world)
    wait(lambda: of_it(world, "OLD") == [world.key("OLD")], "archive", 15)
    assert len(of_it(world, "NEW")) >= 6
    assert world.status("OLD") == before
    done = world.loa("report", "OLD", ok=False)
    assert done.returncode == 1 and "archived" in done.stderr
    assert "archived" in world.loa("retry", "OLD", ok=False).stderr
    assert world.loa("report", "NEW").returncode == 0
    wait(lambda: world.r.xlen("loa:replies") == 0, "trimming of the replies", 10)
    assert world.r.xlen("loa:announcements:rejected") == 0
    # Nobody counts it again, neither while its entry stands nor when that is gone.
    assert world.r.hexists("loa:posted:{loa:stats}", "broadcast:OLD")
    world.r.hset(world.key("OLD"), "archived_s", int(time.time()) - 61)
    again(world)
    wait(lambda: not world.r.hexists("loa:posted:{loa:stats}", "broadcast:OLD"), "end", 15)
    wait(lambda: not world.r.zscore("loa:finished", "OLD"), "end of its index")
    assert world.r.hgetall("loa:stats") == stats
    # The same announcement is still known, and another one under its name refused.
    world.announce(id="OLD", body="Noi dung")
    world.wait_stat("announcements_repeated", 1)
    world.announce(id="OLD", body="Anders")
    wait(world.rejected, "refusal")
    assert world.smsc.submits_n() == 600


def test_only_what_is_over_for_so_long_is_archived(functions):  # noqa: F811
    b = Broadcast(functions, 300)
    archive = lambda: functions.call("loa_archive", b.key, now).decode()  # noqa: E731
    now = int(time.time())
    assert functions.call("loa_archive", "loa:broadcast:{NONE}", now) == b"GONE"
    assert archive() == "KEPT"
    b.force("d" * 299 + "a")
    b.redis.hset(b.key, mapping={"state": "done", "finished_s": now})
    assert archive() == "KEPT"
    b.redis.hset(b.key, mapping={"finished_s": now - 1, "stat:messages_accepted": 300})
    assert archive() == "ARCHIVED"
    assert b.redis.keys("loa:*") == [b.key.encode()]
    assert b.number("delivered") == 299 and b.number("accepted") == 1
    assert not b.redis.hexists(b.key, "stat:messages_accepted")
    assert archive() == "SOON"
    assert functions.call("loa_settle", b.key, 1, 299, 1, "D", 1, 1, 1, "-", now) == -1
    assert b.redis.keys("loa:*") == [b.key.encode()]
    b.redis.hset(b.key, "archived_s", now - 60)
    assert archive() == "BEFORE"
