"""The rate of links over HTTP: of all gateways together, kept while a platform slows them down."""
# SPDX-License-Identifier: MIT
import platforms
from harness import wait
from test_platforms import PAIR, rows
from test_shared_rate import most_in, rate_of

GATEWAYS = 2


def go(world, members, n):
    world.import_members(0, rows=rows(members))
    for _ in range(GATEWAYS):
        world.start_gateway()
    for i in range(n):
        world.announce(id=f"R{i}")
    for i in range(n):
        world.wait_state(f"R{i}", seconds=60)


def test_two_gateways_keep_600_a_minute(world):
    zalo = platforms.start(world, "zalo", case=PAIR + "latency 5ms\n", rate=10)
    platforms.authorize(world)
    go(world, 30, 4)
    at = sorted(s.at_us for s in zalo.sends())
    assert len(at) == 120
    assert most_in(at, 6_000_000) <= 61, most_in(at, 6_000_000)
    assert rate_of(at) >= 7, rate_of(at)


def test_two_links_of_one_app_keep_its_rate(world, monkeypatch):
    """Zalo counts what an app asks, by whichever of its links."""
    again = platforms.ZALO.replace("name: oa", "name: ob")
    monkeypatch.setitem(platforms.BLOCKS, "zalo", platforms.ZALO + "    weight: 1\n" + again)
    monkeypatch.setitem(platforms.CHANNELS, "zalo", "zalo: { links: [oa, ob] }")
    zalo = platforms.start(world, "zalo", case=PAIR + "latency 5ms\n", rate=20,
                           settings={"zalo": ["weight: 1"]})
    platforms.authorize(world, name="ob")  # one grant for both
    world.import_members(0, rows=rows(80))
    world.start_gateway()
    world.announce(id="W")
    world.wait_state("W")
    at = sorted(s.at_us for s in zalo.sends())
    assert len(at) == 80 and most_in(at, 2_000_000) <= 42, most_in(at, 2_000_000)
    links = {r["link"] for r in world.report("W")}
    assert links == {"oa", "ob"}, "both had their share"
    assert [r[1] for r in zalo.renewals()] == ["renewed"]


def test_a_platform_that_says_too_fast_slows_them_down_and_loses_nothing(world):
    """30 a second are asked for, the bot takes 10: who is refused is told later, once."""
    bot = platforms.start(world, "telegram", case="rate 10\n", rate=30)
    world.import_members(0, rows=[f"m{i},Member {i},,,{1000 + i}," for i in range(40)])
    for _ in range(GATEWAYS):
        world.start_gateway()
    world.announce(id="T1")
    world.wait_state("T1", seconds=60)
    assert set(bot.told().values()) == {1} and len(bot.told()) == 40
    refused = [s for s in bot.sends() if s.code == "429"]
    assert refused and world.stat("throttled") == len(refused)


def test_the_rate_is_the_platforms_where_none_is_configured(world):
    platforms.start(world, "telegram", "zalo", case=PAIR)
    with open(world.config, encoding="utf-8") as f:
        text = f.read().replace("    rate: 2000\n", "")
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(text)
    platforms.authorize(world)
    world.start_gateway()

    def rates():
        found = [world.r.hget(f"loa:stats:link:{n}", "rate_now") for n in ("bot", "oa")]
        return all(found) and [round(float(x)) for x in found]

    assert wait(rates, "rates of the links") == [30, 67]
