"""An emergency that goes by all of its channels at once."""
# SPDX-License-Identifier: MIT
import collections
import json
import os

import platforms
import pytest
from harness import wait
from proxy import Proxy
from test_fallback import PAIR, phones_of

TOP = "emergency_all_channels: true\nemergency_channels: [sms, zalo]\n"
# Of the members 0, 4, 8 … and so on: the phone, which is Zalo's, too; a Zalo id beside it; only a
# Zalo id; only a phone.
HAS = ("phone", "both", "zalo", "phone")


def row(i):
    phone = f"0{900000000 + i}" if HAS[i % 4] != "zalo" else ""
    uid = f"{7000000 + i}" if HAS[i % 4] in ("both", "zalo") else ""
    return f"m{i},Member {i},{phone},{uid},,"


def by_sms(i):
    return HAS[i % 4] != "zalo"


def zalo_address(i):
    return f"{7000000 + i}" if HAS[i % 4] in ("both", "zalo") else f"84{900000000 + i}"


def began(world, *, members=200, case="", gateways=1, top=TOP, **options):
    zalo = platforms.start(world, "zalo", "sms", case=PAIR + case, top=top, **options)
    platforms.authorize(world)
    world.import_members(0, rows=[row(i) for i in range(members)])
    for _ in range(gateways):
        world.start_gateway()
    world.wait_bound()
    return zalo


def announce(world, id_, **fields):
    world.announce(id=id_, title="Bao so 3", priority="emergency", **fields)


def together(world, id_, seconds=30):
    """What `loa status` says when all is over."""
    wait(lambda: world.status(id_)["state"] in ("done", "expired"), f"end of {id_}", seconds)
    return world.status(id_)


def test_each_is_told_by_each_channel_once(world):
    zalo = began(world)
    announce(world, "E1")
    status = together(world, "E1")
    sms, told = phones_of(world), zalo.told()
    assert sms == {f"84{900000000 + i}": 1 for i in range(200) if by_sms(i)}
    assert told == {zalo_address(i): 1 for i in range(200)}
    wait(lambda: world.status("E1")["delivered"] == 150, "receipts of the SMS")
    status = world.status("E1")
    assert (status["total"], status["accepted"], status["skipped"]) == (200, 50, 0)
    assert (status["parts"], status["cost"]) == (350, 150 * 500), "the sum"
    assert status["twins"] == ["E1~zalo"] and world.status("E1~zalo")["total"] == 200
    report = {r["member"]: r for r in world.report("E1")}
    assert len(report) == 200 and report["m1"]["parts"] == "2"
    assert collections.Counter(r["channel"] for r in report.values()) == {
        "sms;zalo": 150, "zalo": 50}
    assert report["m1"]["link"] == "sms;oa" and ";" in report["m1"]["message_id"]
    assert "sms: delivered, zalo: accepted" in world.loa("why", "E1", "m1").stdout
    assert "sms: skipped, zalo: accepted" in world.loa("why", "E1", "m2").stdout
    listed = json.loads(world.loa("list", "--json").stdout)
    assert [b["id"] for b in listed] == ["E1"] and listed[0]["delivered"] == 150
    announce(world, "E1")  # again: nobody is told again
    wait(lambda: world.stat("announcements_repeated") == 1, "known")
    assert phones_of(world) == sms and zalo.told() == told
    assert world.stat("announcements_accepted") == 1
    world.check_stats()


def test_it_is_failed_only_where_all_channels_failed(world):
    """Zalo has not the phones that end in 3 and 7; the SMSC refuses those in 3 and 5."""
    smsc = ("bind ok\nerror 0x0000000b for *3\nerror 0x0000000b for *5\n"
            "receipts final after 50ms\n")
    zalo = began(world, case="error -118 for 84*3\nerror -118 for 84*7\n", smsc=smsc)
    announce(world, "E2", channels="zalo,sms")
    status = together(world, "E2")
    assert status["failed"] == 10 and status["total"] == 200
    report = {int(r["member"][1:]): r for r in world.report("E2")}
    for i, r in report.items():
        on_zalo = i % 10 not in (3, 7) or not zalo_address(i).startswith("84")
        ways = (["zalo"] if on_zalo else []) + (
            ["sms"] if by_sms(i) and i % 10 not in (3, 5) else [])
        assert (r["outcome"] == "failed") == (not ways), r
        assert not ways or r["channel"] == ";".join(ways), r
    assert sum((zalo.told() + phones_of(world)).values()) == sum(
        len(r["channel"].split(";")) for r in report.values() if r["outcome"] != "failed")


def test_without_the_key_and_without_an_emergency_it_falls_back(world):
    zalo = began(world, members=20)
    world.announce(id="N1", channels="zalo,sms")
    world.wait_state("N1")
    assert len(zalo.told()) == 20 and not phones_of(world)
    assert not world.r.exists("loa:broadcast:{N1~sms}")


def test_commands_go_to_all_of_them(world):
    zalo = began(world, members=40)
    world.loa("pause", "--all")
    announce(world, "E3")
    wait(lambda: world.r.exists("loa:broadcast:{E3~zalo}"), "the twin")
    assert world.status("E3")["state"] == "paused"
    world.loa("resume", "--all")
    together(world, "E3")
    assert sum(zalo.told().values()) == 40 and len(phones_of(world)) == 30
    world.loa("link", "stop", "sms")
    world.loa("link", "stop", "oa")
    for name in ("sms", "oa"):
        wait(lambda n=name: world.r.hget(f"loa:stats:link:{n}", "state") == "stopped", name)
    announce(world, "E4", body="Noi khac.")
    wait(lambda: world.r.exists("loa:broadcast:{E4~zalo}"), "the twin")
    wait(lambda: world.look("E4~zalo")[0]["planned"] == "1", "its chunk")
    world.loa("members", "opt-out", "m0", "--channel", "sms")
    assert (world.look("E4")[1][0], world.look("E4~zalo")[1][0]) == ("k", "q"), "Zalo alone"
    assert "members left out: 40" in world.loa("cancel", "E4").stdout
    assert world.status("E4")["state"] == "cancelled" and world.status("E4")["skipped"] == 40


def test_one_channel_is_away_and_a_gateway_is_killed_in_the_middle(world):
    """The SMSC does not answer binds; one gateway dies while Zalo is under way."""
    case = "latency 5ms\nreceipts none\n"
    zalo = began(world, case=case, gateways=2, settings={"zalo": ["concurrency: 4"]})
    world.smscs[0].kill()
    announce(world, "E5")
    wait(lambda: sum(zalo.told().values()) > 40, "Zalo under way")
    world.gateways[0].kill()

    def told():
        return not set(world.look("E5~zalo")[1] or "q") & set("qsr")
    wait(told, "all by Zalo", 60)
    times = zalo.told()
    assert set(times.values()) == {1}, "each once by Zalo"
    uncertain = world.look("E5~zalo")[1].count("?")
    assert len(times) >= 200 - uncertain and uncertain <= 4
    status = world.status("E5")
    assert (status["total"], status["accepted"]) == (200, 200 - uncertain), "told by one of them"
    assert status["state"] == "sending", "the SMS still go when their link is back"
    world.smscs[0].start()
    status = together(world, "E5", 60)
    assert set(phones_of(world).values()) == {1} and len(phones_of(world)) == 150
    assert zalo.told() == times, "nobody again by Zalo"
    assert status["total"] == 200 == status["accepted"] + status["delivered"] + status["uncertain"]
    world.check_stats()




@pytest.mark.parametrize(("nth", "moment"), [(1, "reply"), (2, "call"), (2, "reply"), (1, "ack")])
def test_killed_before_the_twin_is_there_it_is_made_later(world, nth, moment):
    """The gateway dies before Redis hears of the nth creation, or after, before it learns so."""
    zalo = platforms.start(world, "zalo", "sms", case=PAIR, top=TOP)
    door = Proxy(os.path.join(world.folder, "door.sock"), world.redis.socket)
    world.closers.append(door.close)
    with open(world.config, encoding="utf-8") as f:
        text = f.read().replace(world.redis.socket, door.path)
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(text)
    platforms.authorize(world)
    world.import_members(0, rows=[row(i) for i in range(30)])
    world.start_gateway()
    world.wait_bound()
    heard = []

    def kill(name):
        heard.append(name)
        if heard.count("loa_ack" if moment == "ack" else "loa_create") == nth:
            world.gateway.kill()
            return False
        return True

    if moment == "reply":
        door.on_reply = lambda names: all([kill(name) for name in names])
    else:
        door.on_call = kill
    announce(world, "E6")
    wait(lambda: not world.gateway.running, "death of the gateway")
    door.on_reply = door.on_call = None
    if (nth, moment) == (1, "reply"):  # who comes meanwhile is told by none of them
        world.import_members(0, rows=[row(31)])
    world.start_gateway()
    together(world, "E6")
    uncertain = int(world.look("E6~zalo")[0]["uncertain"])  # begun, when it died
    assert len(zalo.told()) + uncertain >= 30 and len(phones_of(world)) == 23
    assert set(zalo.told().values()) == {1}
    assert [world.status(i)["total"] for i in ("E6", "E6~zalo")] == [30, 30]
