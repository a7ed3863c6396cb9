"""A day's quota of a platform, shared by all gateways: none is refused, none is wasted."""
# SPDX-License-Identifier: MIT
import json

import platforms
from harness import wait
from test_fallback import began, phones_of
from test_web import metrics

QUOTA = 150
SOON = {"zalo": ["concurrency: 16"]}


def shared(world):
    return world.r.hgetall("loa:link:{oa}:quota")


def kept(world):
    """Units that each gateway has in hand, or with the platform."""
    return {name: int(value.split()[2]) for name, value in shared(world).items()
            if name.startswith("slice:")}


def check(world, zalo, id_, least):
    told, sms = zalo.told(), phones_of(world)
    assert set(told.values()) == set(sms.values()) == {1} and not set(told) & set(sms)
    assert len(told) + len(sms) == world.status(id_)["total"]
    assert {s.code for s in zalo.sends()} == {"0"}, "nobody tried what the quota does not give"
    assert least <= len(told) <= QUOTA, len(told)


def test_three_gateways_use_it_up_and_no_more(world):
    zalo = began(world, members=400, gateways=3, case=f"quota {QUOTA}\nlatency 20ms to 60ms\n",
                 settings=SOON)
    world.announce(id="Q1", channels="zalo,sms")
    world.wait_state("Q1", seconds=60)
    check(world, zalo, "Q1", QUOTA - 3)
    wait(lambda: world.r.hget("loa:stats:link:oa", "quota_left") == "0", "the figure")
    assert world.r.hget("loa:stats:link:oa", "quota_day") == str(QUOTA)


def test_what_a_dead_gateway_kept_comes_back(world):
    zalo = began(world, members=400, gateways=3, case=f"quota {QUOTA}\nlatency 20ms to 60ms\n",
                 settings=SOON)
    world.announce(id="Q2", channels="zalo,sms")
    wait(lambda: len(zalo.told()) > 20, "the middle")
    victim = max(kept(world), key=kept(world).get)
    assert kept(world)[victim] > 3
    name = victim.split(":")[1]
    next(g for g in world.gateways if f"worker={name}\n" in g.text()).kill()
    # who was with Zalo when it died may have been told: that one waits, and gets no SMS
    wait(lambda: not set(world.look("Q2")[1] or "q") & set("qsr"), "end of Q2", 60)
    told, sms = zalo.told(), phones_of(world)
    assert {s.code for s in zalo.sends()} == {"0"}
    assert set(told.values()) == {1} and QUOTA - 3 <= len(told) <= QUOTA, len(told)
    twice = sum(sms.values()) - len(sms) + len(set(told) & set(sms))
    assert twice <= world.stat("messages_uncertain")


def test_what_is_left_is_shown_everywhere(world):
    world.port = platforms.free_port()
    began(world, members=20, case="quota 50\nerror -118 for *3\n",
          top=f'http: {{ listen: "127.0.0.1:{world.port}" }}\n')
    world.announce(id="Q3", channels="zalo,sms")
    world.wait_state("Q3")
    wait(lambda: world.r.hget("loa:stats:link:oa", "quota_left") == "32", "the figure")
    oa, sms = json.loads(world.loa("link", "list", "--json").stdout)
    assert (oa["quota_left"], oa["quota_day"]) == (32, 50) and "quota_left" not in sms
    assert "32/50" in world.loa("link", "list").stdout
    got = wait(lambda: (lambda m: m if m["loa_link_quota_left", 'link="oa"'] == 32 else None)
               (metrics(world)), "the gauge")
    assert got["loa_link_quota_day", 'link="oa"'] == 50
    assert ("loa_link_quota_left", 'link="sms"') not in got


def test_the_next_day_there_is_quota_again(world):
    case = "quota 10\nlatency 5ms\n"
    zalo = began(world, members=16, gateways=2, case=case)
    world.announce(id="D1", channels="zalo,sms")
    world.wait_state("D1")
    assert len(zalo.told()) == 10 and len(phones_of(world)) == 6
    zalo.reload(case)
    world.r.hset("loa:link:{oa}:quota", "day", "1")  # as if it had been another day's
    wait(lambda: shared(world).get("day") != "1" and shared(world).get("base") == "10"
         and len(kept(world)) == 2, "the new day's figure")
    world.announce(id="D2", title="Ngay moi", channels="zalo,sms")
    world.wait_state("D2")
    assert sum(zalo.told().values()) == 20 and {s.code for s in zalo.sends()} == {"0"}
    assert sum(phones_of(world).values()) == 12
