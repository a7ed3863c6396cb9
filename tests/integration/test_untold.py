"""Who leaves a channel, or refuses us there, is told by the next."""
# SPDX-License-Identifier: MIT
import platforms
from harness import wait
from test_fallback import PAIR, after, began, phones_of
from test_webhooks import replies, signed, zalo_event


def follow(n):
    """Members with a phone and Zalo's user id."""
    return [f"m{i},Member {i},0{900000000 + i},{7000 + i},," for i in range(n)]


def hooked(world, *kinds, case="", members=(), **options):
    """The gateway with its webhooks, and a grant for Zalo."""
    world.port = platforms.free_port()
    options["top"] = f'http: {{ listen: "127.0.0.1:{world.port}" }}\n' + options.get("top", "")
    case += f"receipts after 20ms\nwebhook http://127.0.0.1:{world.port}/webhooks/zalo\n"
    zalo = platforms.start(world, *kinds, case=PAIR + case, **options)
    platforms.authorize(world)
    world.import_members(0, rows=members)
    world.start_gateway()
    world.wait_bound()
    wait(lambda: world.r.hget("loa:stats:link:oa", "state") == "bound", "Zalo")
    return zalo


def test_who_unfollows_in_the_middle_gets_the_sms(world):
    zalo = hooked(world, "zalo", "sms", case="latency 1ms\n", members=follow(60), rate=10)
    world.loa("members", "opt-out", "m57", "--channel", "sms")
    world.announce(id="O1", channels="zalo,sms")
    wait(zalo.told, "the first by Zalo")
    for i in (55, 56, 57):
        assert signed(world, zalo_event("unfollow", follower={"id": str(7000 + i)}))[0] == 200
    world.wait_state("O1")
    assert sorted(phones_of(world)) == ["84900000055", "84900000056"]
    assert len(zalo.told()) == 57 and not {"7055", "7056", "7057"} & set(zalo.told())
    assert world.look("O1")[1][57] == "k", "he wants neither"
    assert "opted-out" in world.loa("why", "O1", "m57").stdout
    why = world.loa("why", "O1", "m56").stdout
    assert "first by zalo: opted-out; then: " in why and "by sms" in why
    world.wait_letters("O1", "d", 59)
    world.wait_stat("messages_skipped", 1)
    world.check_stats()


def test_whom_zalo_says_to_refuse_us_has_opted_out_there(world):
    zalo = began(world, members=20, case="error -141 for *4\nerror -139 for *6\nlatency 1ms\n",
                 channels=after(60), hooks=True)
    world.announce(id="O2", channels="zalo,sms")
    world.wait_state("O2")
    assert sorted(phones_of(world)) == [f"849000000{i:02}" for i in (4, 6, 14, 16)]
    wait(lambda: len(replies(world)) == 2, "their wish")
    reply = min(replies(world), key=lambda r: r["from"])
    assert (reply["member"], reply["channel"], reply["link"], reply["intent"]) == (
        "m4", "zalo", "oa", "stop")
    assert reply["text"] == "refuses-this-oa (-141)" and reply["at"]
    wait(lambda: world.r.getbit("loa:members:{dir}:optout:zalo", 14), "consent")
    assert [world.r.getbit("loa:members:{dir}:optout:zalo", i) for i in (4, 6, 13, 16)] == [
        1, 0, 0, 0], "who refuses this content alone has not opted out"
    tried = len(zalo.sends())
    world.announce(id="O3", channels="zalo,sms", title="Bao mot viec khac")
    world.wait_state("O3")
    assert len(zalo.sends()) == tried + 18, "4 and 14 are not asked again"
    world.wait_letters("O3", "d", 20)


def test_what_a_user_shares_is_a_reply(world):
    hooked(world, "zalo", case="", members=follow(2))
    body = zalo_event("user_submit_info", sender={"id": "7001"},
                      info={"name": "Member 1", "phone": 84900000001, "address": "To 3"})
    assert signed(world, body)[0] == 200 and signed(world, body)[0] == 200
    assert [(r["member"], r["text"], r["intent"]) for r in replies(world)] == [
        ("m1", "name: Member 1; phone: 84900000001; address: To 3", "")]
    assert not world.r.exists("loa:members:{dir}:optout:zalo")
