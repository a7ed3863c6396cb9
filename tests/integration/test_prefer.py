"""Members who would rather be told by another channel than the announcement names first."""
# SPDX-License-Identifier: MIT
import collections
import json

import platforms
from harness import wait
import test_fallback
from test_fallback import PAIR, phones_of

WANTS = ("sms", "zalo", "", "SMS;zalo")  # of the members 0, 4, 8 …; 1, 5, 9 …; and so on


def phone(i):
    return f"84{900000000 + i}"


def wants_sms(i):
    return i % 4 in (0, 3)


def began(world, *, members=200, **options):
    return test_fallback.began(world, members=members, prefer=lambda i: WANTS[i % 4], **options)


def channels_of(world, id_):
    return {int(row["member"][1:]): row["channel"] for row in world.report(id_)}


def test_each_begins_as_they_prefer(world):
    zalo = began(world)
    world.loa("members", "opt-out", "m4", "--channel", "sms")  # prefers it, and has refused it
    world.announce(id="P1", channels="zalo,sms")
    world.announce(id="P2", channels="zalo", title="Chi Zalo")
    world.announce(id="P3", channels="zalo,sms", title="Bao so 3", priority="emergency")
    for id_ in ("P1", "P2", "P3"):
        world.wait_state(id_)
    by = channels_of(world, "P1")
    assert by == {i: "sms" if wants_sms(i) and i != 4 else "zalo" for i in range(200)}
    assert int(world.look("P1")[0]["cost"]) == 99 * 500
    assert set(channels_of(world, "P2").values()) == {"zalo"}, "no channel is added"
    assert set(channels_of(world, "P3").values()) == {"zalo"}, "an emergency goes by its own order"
    assert phones_of(world) == {phone(i): 1 for i in by if by[i] == "sms"}
    assert len(zalo.told()) == 200 and sum(zalo.told().values()) == 101 + 200 + 200
    status = world.status("P1")
    assert status["total"] == 200 == status["accepted"] + status["delivered"]
    world.check_stats()


def test_they_fall_back_in_their_own_order(world):
    """Zalo has not those that end in 2 and 3; the SMSC refuses those in 3 and 4."""
    smsc = ("bind ok\nerror 0x0000000b for *3\nerror 0x0000000b for *4\n"
            "receipts final after 50ms\n")
    zalo = began(world, case="error -118 for *2\nerror -118 for *3\n", smsc=smsc)
    world.announce(id="P4", channels="zalo,sms")
    world.wait_state("P4")
    zalo_has, sms_has = (lambda i: i % 10 not in (2, 3)), (lambda i: i % 10 not in (3, 4))

    def told_by(i):
        first, then = ("sms", "zalo") if wants_sms(i) else ("zalo", "sms")
        has = {"zalo": zalo_has(i), "sms": sms_has(i)}
        return first if has[first] else then
    by, told = channels_of(world, "P4"), zalo.told() + phones_of(world)
    assert by == {i: told_by(i) for i in range(200)}
    assert told == {phone(i): 1 for i in range(200) if i % 10 != 3}, "each once, by one of them"
    assert world.status("P4")["failed"] == 20, "those whom neither has"
    assert "oa" in world.loa("why", "P4", "m4").stdout, "m4 preferred the SMS"


def test_who_prefers_the_last_channel_waits_there_to_be_confirmed(world):
    """Receipts of the SMS never come: after a second Zalo has its turn, of those who would rather
    have had the SMS; those for whom it was the last hold nothing up."""
    smsc = "bind ok\nreceipts none\n"
    sms = "sms: { links: [sms], fallback_after: 1s, price_per_part: 500 }"
    zalo = began(world, members=40, case="error -118 for *2\n", smsc=smsc, hooks=True,
                 channels={"sms": sms})
    world.announce(id="P5", channels="zalo,sms")
    world.wait_state("P5")
    assert set(phones_of(world)) == {phone(i) for i in range(40) if wants_sms(i) or i % 10 == 2}
    assert set(zalo.told()) == {phone(i) for i in range(40) if i % 10 != 2}
    both = [i for i in range(40) if wants_sms(i) and i % 10 != 2]
    by = channels_of(world, "P5")
    assert all(by[i] == "zalo" for i in both) and by[2] == "sms"
    wait(lambda: world.stat("messages_uncertain") >= len(both), "they may have been told twice")
    assert set((zalo.told() + phones_of(world)).values()) <= {1, 2}


def test_a_channel_preferred_that_is_away_is_passed_over(world):
    """Nobody listens where the SMSC should be."""
    zalo = platforms.start(world, "zalo", "sms", case=PAIR, channels={
        "sms": "sms: { links: [sms], fallback_after: 1s }"})
    platforms.authorize(world)
    world.smscs[0].kill()
    world.import_members(0, more=",prefer", rows=[
        "a,A,0900000001,,,,sms", "b,B,0900000002,,,,", "c,C,0900000003,,,,sms"])
    world.start_gateway()
    world.announce(id="P6", channels="zalo,sms")
    world.wait_letters("P6", "ad", 3)
    assert set(zalo.told().values()) == {1} and len(zalo.told()) == 3


def test_a_gateway_is_killed_in_the_middle(world):
    case = "latency 5ms\nerror -118 for *3\nstatus 503 for *77 times 1\n"
    smsc = ("bind ok\nlatency 5ms\nthrottle 300/s\nerror 0x0000000b for *4\n"
            "receipts final after 50ms\n")
    zalo = began(world, members=800, case=case, gateways=2, smsc=smsc,
                 settings={"zalo": ["concurrency: 8"]})
    world.announce(id="P7", channels="zalo,sms")
    wait(lambda: len(zalo.told()) > 100 and len(phones_of(world)) > 100, "the middle of both")
    world.gateways[0].kill()
    wait(lambda: not set(world.look("P7")[1] or "q") & set("qsr"), "end of P7", 60)
    told, sms, letters = zalo.told(), phones_of(world), world.look("P7")[1]
    assert set(told.values()) == {1}, "nobody twice by Zalo"
    assert not set(told) & set(sms), "nobody by both"
    twice = sum(sms.values()) - len(sms)  # what stood on the killed one's bind
    assert twice <= world.stat("messages_uncertain"), sms.most_common(3)
    reachable = {phone(i) for i in range(800)}
    untold = reachable - set(told) - set(sms)
    assert len(untold) <= letters.count("?") <= 8 + 8, "503 leaves it open, so did the killed one"
    assert "f" not in letters
    begun = collections.Counter(wants_sms(int(number[2:]) - 900000000) for number in sms)
    assert begun[True] >= 300 and begun[False] >= 30, "both kinds had the SMS"


def test_the_wish_is_kept_shown_and_taken_back(world):
    platforms.start(world, "sms")
    world.import_members(2)
    record = world.r.hget("loa:members:{dir}:records", 0)
    assert not world.r.exists("loa:members:{dir}:prefer") and "prefer" not in record
    world.import_members(0, more=",kênh ưu tiên", rows=["m1,Member 1,0900000001,,,,SMS; zalo"])
    assert world.r.get("loa:members:{dir}:prefer")[3:6] == "sz "
    one = json.loads(world.loa("members", "show", "m1", "--json").stdout)
    assert one["prefer"] == ["sms", "zalo"]
    assert "sms,zalo" in world.loa("members", "list").stdout.splitlines()[2]
    path = world.folder + "/members.csv"
    with open(path, "w", encoding="utf-8") as f:
        f.write("id,phone,prefer\nm0,0900000000,zlao\nm1,0900000001,\n")
    done = world.loa("members", "import", path, ok=False)
    assert done.returncode == 1
    assert f"{path}:2: left out: m0: prefer: 'zlao': did you mean 'zalo'?" in done.stderr
    assert world.r.get("loa:members:{dir}:prefer")[3:6] == "   "
    assert json.loads(world.loa("members", "show", "m1", "--json").stdout)["prefer"] == []
