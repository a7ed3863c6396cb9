"""Falling back: who is not reached by Zalo gets the SMS, and nobody gets both without need."""
# SPDX-License-Identifier: MIT
import collections
import signal
import time

import platforms
from harness import wait

PAIR = "access access-0\nrefresh refresh-0\n"


def rows(n):
    return [f"m{i},Member {i},0{900000000 + i},,," for i in range(n)]


def began(world, *, members=100, case="", gateways=1, hooks=False, prefer=None, **options):
    """With `hooks` the platform's receipts come to the (one) gateway; `prefer` tells what a member
    prefers."""
    if hooks:
        port = platforms.free_port()
        case += f"receipts after 20ms\nwebhook http://127.0.0.1:{port}/webhooks/zalo\n"
        options["top"] = options.get("top", "") + f'http: {{ listen: "127.0.0.1:{port}" }}\n'
    zalo = platforms.start(world, "zalo", "sms", case=PAIR + case, **options)
    platforms.authorize(world)
    if prefer:
        listed = [f"{row},{prefer(i)}" for i, row in enumerate(rows(members))]
        world.import_members(0, more=",prefer", rows=listed)
    else:
        world.import_members(0, rows=rows(members))
    for _ in range(gateways):
        world.start_gateway()
    world.wait_bound()
    return zalo


def phones_of(world):
    """How often each phone got the SMS."""
    return collections.Counter(number for number, _ in world.smsc.told().elements())


def test_who_has_no_zalo_gets_the_sms(world):
    zalo = began(world, case="error -118 for *3\nerror -139 for *4\nlatency 1ms\n")
    world.announce(id="F1", channels="zalo,sms")
    world.wait_state("F1")
    told, sms = zalo.told(), phones_of(world)
    assert len(told) == 80 and len(sms) == 20
    assert set(told.values()) == set(sms.values()) == {1} and not set(told) & set(sms)
    world.wait_letters("F1", "d", 20)
    report = {row["member"]: row for row in world.report("F1")}
    assert report["m13"]["channel"] == "sms" and report["m13"]["link"] == "sms"
    assert report["m12"]["channel"] == "zalo"
    why = world.loa("why", "F1", "m13").stdout
    assert "first by zalo: no-zalo-account (-118); then: was delivered" in why and "by sms" in why
    assert "first by" not in world.loa("why", "F1", "m12").stdout
    assert int(world.look("F1")[0]["cost"]) == 20 * 500


def test_why_names_each_channel_that_did_not_tell_in_order(world):
    case = "error -118 for 84900001003\nerror 403 for 1003\nerror 403 for 1004\n"
    platforms.start(world, "telegram", "zalo", "sms", case=PAIR + case)
    platforms.authorize(world)
    listed = [f"m{i},M {i},0{900000000 + i},8490000{1000 + i},{1000 + i}," for i in range(5)]
    world.import_members(0, rows=listed)
    world.start_gateway()
    world.wait_bound()
    world.announce(id="W3", channels="zalo,telegram,sms")
    world.announce(id="W4", channels="telegram,zalo,sms", title="Tin khac")
    for id_ in ("W3", "W4"):
        world.wait_state(id_)
        world.wait_letters(id_, "d", 1)
    zalo, bot = "zalo: no-zalo-account (-118)", "telegram: telegram-refused (403)"
    why = world.loa("why", "W3", "m3").stdout
    assert why.startswith(f"m3: first by {zalo}; then by {bot}; then: was delivered at "), why
    why = world.loa("why", "W4", "m3").stdout
    assert why.startswith(f"m3: first by {bot}; then by {zalo}; then: was delivered at "), why
    why = world.loa("why", "W4", "m4").stdout
    assert why.startswith(f"m4: first by {bot}; then: was accepted by oa at "), why
    assert world.loa("why", "W3", "m4").stdout.startswith("m4: was accepted by oa at ")


def test_without_a_next_channel_they_are_failed(world):
    zalo = began(world, members=20, case="error -118 for *3\n")
    world.announce(id="F2", channels="zalo")
    world.wait_state("F2")
    assert world.look("F2")[0]["failed"] == "2" and len(zalo.told()) == 18
    assert not phones_of(world)


def test_when_the_quota_is_gone_the_rest_gets_the_sms(world):
    zalo = began(world, case="quota 30\nlatency 1ms\n")
    world.announce(id="F3", channels="zalo,sms")
    world.wait_state("F3")
    assert sum(zalo.told().values()) == 30 and len(phones_of(world)) == 70
    assert not set(zalo.told()) & set(phones_of(world))


def test_an_ambiguous_message_waits_and_gets_no_sms(world):
    zalo = began(world, members=50, case="cut for *3\nerror -118 for *4\n")
    world.announce(id="F4", channels="zalo,sms")
    wait(lambda: not set(world.look("F4")[1] or "q") & set("qsr"), "end of F4")
    assert world.look("F4")[1].count("?") == 5
    assert len(phones_of(world)) == 5 and not set(zalo.told()) & set(phones_of(world))


def test_one_gateway_of_two_is_killed_in_the_middle(world):
    case = "latency 5ms\nerror -118 for *3\ncut every 50\nstatus 503 for *77\n"
    zalo = began(world, members=600, case=case, gateways=2, settings={"zalo": ["concurrency: 8"]})
    world.announce(id="F5", channels="zalo,sms")
    wait(lambda: len(zalo.told()) > 150, "the middle")
    world.gateways[0].kill()
    wait(lambda: not set(world.look("F5")[1] or "q") & set("qsr"), "end of F5", 60)
    letters = world.look("F5")[1]
    told, sms = zalo.told(), phones_of(world)
    assert set(told.values()) == {1}, "nobody twice by Zalo"
    assert not set(told) & set(sms), "nobody by both"
    twice = sum(sms.values()) - len(sms)  # what stood on the killed one's bind
    assert twice <= world.stat("messages_uncertain"), sms.most_common(3)
    untold = 600 - len(told) - len(sms)
    assert untold <= letters.count("?") and letters.count("f") == 0
    assert letters.count("?") <= 600 // 50 + 6 + 8


# Zalo is not asked what became of a message: nobody knows of those without a receipt.
UNASKED = {"zalo": ["ask_after: 0"]}


def after(seconds):
    """The channel zalo with `fallback_after`."""
    return {"zalo": f"zalo: {{ links: [oa], fallback_after: {seconds}s }}"}


def test_who_is_not_confirmed_in_time_gets_the_sms(world):
    case = "lost for *4\ncut for *3\nhalf for *33\nerror -118 for *6\nlatency 1ms\n"
    zalo = began(world, case=case, hooks=True, channels=after(3), settings=UNASKED)
    world.announce(id="F6", channels="zalo,sms")
    world.wait_state("F6")
    world.wait_letters("F6", "d", 100)
    sms = phones_of(world)
    assert sorted(sms) == sorted(f"84{900000000 + i}" for i in range(100) if i % 10 in (4, 6))
    assert set(sms.values()) == set(zalo.told().values()) == {1}
    both = set(zalo.told()) & set(sms)
    assert len(both) == 10
    wait(lambda: world.stat("messages_uncertain") >= 10, "each of them counted")
    report = {row["member"]: row for row in world.report("F6")}
    assert report["m14"]["channel"] == "sms" and report["m13"]["channel"] == "zalo"
    assert {row["outcome"] for row in report.values()} == {"delivered"}


def test_zalo_is_asked_before_the_sms_goes(world):
    zalo = began(world, members=20, case="lost for *4\nlatency 1ms\n", hooks=True,
                 channels=after(8))
    world.announce(id="F9", channels="zalo,sms")
    world.wait_state("F9")
    world.wait_letters("F9", "d", 20)
    assert len(zalo.of("status")) >= 2 and not phones_of(world)


def test_who_has_nothing_else_or_wants_nothing_else_stays_as_told(world):
    began(world, members=20, case="lost for *\nlatency 1ms\n", hooks=True, channels=after(2),
          settings=UNASKED)
    world.loa("members", "opt-out", "m3", "--channel", "sms")
    world.announce(id="F7", channels="zalo,sms")
    world.wait_state("F7")
    world.wait_letters("F7", "d", 19)
    assert world.look("F7")[1][3] == "a" and len(phones_of(world)) == 19
    assert "accepted by oa" in world.loa("why", "F7", "m3").stdout


def test_a_kill_while_they_wait_loses_nobody(world):
    case = "lost for *\nlatency 1ms\n"
    began(world, members=300, case=case, gateways=1, hooks=True, channels=after(4),
          settings=UNASKED)
    world.announce(id="F8", channels="zalo,sms")
    world.wait_letters("F8", "a", 300)
    world.gateways[0].kill()
    world.start_gateway()
    world.wait_state("F8")
    world.wait_letters("F8", "d", 300)
    sms = phones_of(world)
    assert len(sms) == 300 and set(sms.values()) == {1}


def test_kills_between_zalo_its_receipts_and_the_sms(world):
    """Cut after the request, receipts late or never, some refused at once; of two gateways one is
    killed while Zalo is under way, one while they wait, one when the first of these has his SMS."""
    port = platforms.free_port()
    case = (f"webhook http://127.0.0.1:{port}/webhooks/zalo\nreceipts after 500ms twice\n"
            "cut for *3\nlost for *4\nerror -118 for *6\nlatency 5ms to 20ms\n")
    zalo = began(world, members=300, case=case, gateways=2, channels=after(4),
                 settings={"zalo": ["ask_after: 0", "concurrency: 8"]},
                 top=f'http: {{ listen: "127.0.0.1:{port}" }}\n')
    world.announce(id="K1", channels="zalo,sms")
    wait(lambda: len(zalo.told()) > 50, "Zalo under way")
    world.gateways[0].kill()
    world.start_gateway()
    wait(lambda: len(zalo.told()) >= 260, "nearly all by Zalo", 30)
    world.gateways[1].kill()
    world.start_gateway()
    wait(lambda: any(phone.endswith("4") for phone in phones_of(world)), "who waited", 30)
    world.gateways[2].kill()
    world.wait_state("K1", seconds=60)
    world.wait_letters("K1", "d", 300)
    told, sms = zalo.told(), phones_of(world)
    assert set(told) | set(sms) == {f"84{900000000 + i}" for i in range(300)}, "nobody untold"
    assert set(told.values()) == {1}, "nobody twice by Zalo"
    assert not any(phone.endswith("6") for phone in told)
    again = sum((told + sms).values()) - 300
    assert again >= 30 - 2 * 8, "who had no receipt; of those begun at a kill some never left"
    wait(lambda: world.stat("messages_uncertain") >= again, "each of them counted")
    status = world.status("K1")
    assert status["total"] == 300 == status["delivered"]
    world.check_stats()


def test_an_emergency_has_its_own_order_and_waits_less(world):
    top = "emergency_channels: [zalo, sms]\ndefault_channels: [sms]\nemergency_fallback_after: 1s\n"
    case = "lost for *4\nlatency 1ms\n"
    zalo = began(world, members=20, case=case, hooks=True, top=top, channels=after(600))
    world.announce(id="N1")
    world.announce(id="E1", priority="emergency", title="Bao so 3")
    world.wait_state("N1")
    world.wait_state("E1")
    world.wait_letters("E1", "d", 20)
    assert len(zalo.told()) == 20 and len(phones_of(world)) == 20
    by = collections.Counter(row["channel"] for row in world.report("E1"))
    assert by == {"zalo": 18, "sms": 2}
    assert {row["channel"] for row in world.report("N1")} == {"sms"}


def test_an_emergency_does_not_pass_over_a_channel_that_starts(world):
    zalo = began(world, members=20, case="lost for *4\nlatency 1ms\n",
                 top="emergency_fallback_after: 1ms\n")
    world.announce(id="J1", channels="zalo,sms", priority="emergency", title="Bao so 3")
    world.wait_letters("J1", "ad", 20)
    assert len(zalo.told()) == 20, "Zalo is there a moment after the SMSC"


def test_a_link_that_binds_while_they_are_passed_on_keeps_its_window(world):
    """Redis answers nothing while the link comes back: the begin that was to pass all of the chunk
    on is answered when it is bound."""
    platforms.start(world, "sms", "zalo", case=PAIR,
                    channels={"sms": "sms: { links: [sms], fallback_after: 2s }"},
                    smsc="bind ok\nlatency 500ms\nreceipts final after 50ms\n")
    world.import_members(0, rows=rows(250))
    world.smsc.process.signal(signal.SIGSTOP)
    world.start_gateway()
    world.announce(id="A2", channels="sms,zalo")
    wait(lambda: world.r.hexists("loa:broadcast:{A2}:claims", "0:sms"), "claim")
    time.sleep(0.3)  # it is open by then, and the link away for less than two seconds
    world.r.execute_command("CLIENT", "PAUSE", 3500, "ALL")
    time.sleep(2.4)
    world.smsc.process.signal(signal.SIGCONT)
    wait(world.smsc.submits_n, "the first of them")
    time.sleep(0.2)
    assert world.look("A2")[1].count("s") <= 100, "its window"
    world.wait_letters("A2", "d", 250)


def test_a_channel_that_is_away_for_too_long_holds_nobody(world):
    zalo = platforms.start(world, "zalo", "sms", case=PAIR, channels=after(1))
    world.import_members(0, rows=[*rows(600), "z,Zung,,7001,,"])
    world.start_gateway()  # without a grant for Zalo
    wait(lambda: world.r.hget("loa:stats:link:sms", "state") == "bound", "SMS")
    world.announce(id="A1", channels="zalo,sms")
    world.wait_letters("A1", "d", 600)
    assert len(phones_of(world)) == 600 and set(phones_of(world).values()) == {1}
    wait(lambda: world.look("A1")[1][600] == "r", "who has nothing else waits for it")
    assert "no-connection" in world.loa("why", "A1", "z").stdout
    report = {row["member"]: row for row in world.report("A1")}
    assert (report["m1"]["channel"], report["m1"]["attempts"]) == ("sms", "1")
    assert not zalo.sends()


def undelivering(world, members, seconds, **options):
    """SMS first, for whose numbers that end in 4 the network says that it could not deliver."""
    case = "latency 1ms\n" + options.pop("case", "")
    return began(world, members=members, case=case, hooks=True,
                 smsc="bind ok\nreceipts final after 50ms\nstate UNDELIV for *4\n",
                 channels={"sms": f"sms: {{ links: [sms], fallback_after: {seconds}s }}"},
                 **options)


def test_who_was_not_delivered_to_is_told_by_the_next_channel_at_once(world):
    zalo = undelivering(world, 40, 600, case="error -118 for *14\n")
    world.announce(id="U1", channels="sms,zalo")
    world.wait_state("U1")
    world.wait_letters("U1", "df", 40)
    assert sorted(zalo.told()) == ["84900000004", "84900000024", "84900000034"]
    letters = world.look("U1")[1]
    assert letters[14] == "f" and letters.count("d") == 39
    report = {row["member"]: row for row in world.report("U1")}
    assert report["m4"]["channel"] == "zalo" and report["m5"]["channel"] == "sms"
    status = world.status("U1")
    assert (status["delivered"], status["failed"], status["undelivered"]) == (39, 1, 0)
    assert world.stat("messages_uncertain") == 0, "nobody may have been told by both"
    why = world.loa("why", "U1", "m4").stdout
    assert "first by sms: undeliverable; then: was delivered" in why and "by oa on try 2" in why
    world.check_stats()


def test_undelivered_stays_where_nothing_follows(world):
    undelivering(world, 20, 600)
    world.loa("members", "opt-out", "m14", "--channel", "zalo")
    world.announce(id="U2", channels="sms")
    world.announce(id="U3", channels="sms,zalo")
    for one, left in (("U2", 2), ("U3", 1)):
        world.wait_state(one)
        world.wait_letters(one, "du", 20)
        assert world.look(one)[1].count("u") == left
    assert world.look("U3")[1][14] == "u"


def test_a_kill_while_undelivered_receipts_come_loses_nobody(world):
    zalo = undelivering(world, 600, 3, gateways=1)
    world.announce(id="U4", channels="sms,zalo")
    wait(lambda: world.look("U4")[1].count("d") > 200, "the middle")
    world.gateways[0].kill()
    world.start_gateway()
    world.wait_state("U4", seconds=60)
    world.wait_letters("U4", "d", 600)
    assert set(zalo.told().values()) == {1} and len(zalo.told()) >= 60 - 10
