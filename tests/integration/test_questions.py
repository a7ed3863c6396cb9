"""What a gateway asks a platform beside sending: what a template takes, the quota, what became of
messages that nobody told of."""
# SPDX-License-Identifier: MIT
import datetime
import json
import signal

import platforms
from harness import wait
from test_platforms import PAIR, rows
from test_webhooks import began, phones

TEMPLATE = "parameter title 20 5 required\nparameter time 20 0\nparameter link_path 200 0\n"
# without a word to cut at, and too long for the template
LONG_WORD = "Kh" + "o" * 40


def go(world, case="", members=4, **settings):
    zalo = platforms.start(world, "zalo", case=PAIR + case, settings={"zalo": settings.get("zalo")
                                                                      or []})
    platforms.authorize(world)
    world.import_members(0, rows=rows(members))
    world.start_gateway()
    return zalo


def link_of(world, name="oa"):
    return world.r.hgetall(f"loa:stats:link:{name}")


def test_values_are_as_long_as_the_template_takes(world):
    zalo = go(world, TEMPLATE)
    wait(lambda: link_of(world).get("state") == "bound", "link")
    world.announce(id="P1", title="Thông báo lịch cắt điện toàn phường", url="https://x.vn/7")
    world.announce(id="P2", title=LONG_WORD, url="https://x.vn/8")
    world.wait_state("P1")
    titles = {json.loads(s.text)["title"] for s in zalo.sends() if "P1" in s.tracking}
    assert titles == {"Thông báo lịch cắt"}
    assert world.look("P1")[0]["accepted"] == "4"
    world.wait_state("P2")
    assert all(len(json.loads(s.text)["title"]) <= 20 for s in zalo.sends())


def test_preview_knows_what_the_template_takes(world):
    """As the gateway was told; what was not asked yet, or is of another template, is not known."""
    go(world, TEMPLATE)
    wait(lambda: link_of(world).get("template"), "the template's line")
    assert link_of(world)["template"] == "501443 title=20:5! time=20 link_path=200"
    text = "Thông báo lịch cắt điện toàn phường\nhttps://x.vn/7\n"

    def shown(*options):
        return world.loa("preview", "-", "--channel", "zalo", *options, stdin=text).stdout

    (zalo,) = json.loads(shown("--json"))
    assert zalo["parameters"]["title"] == "Thông báo lịch cắt"
    assert zalo["limits"] == {"title": 20, "time": 20, "link_path": 200}
    assert "  title: 18 of 20 characters\n" in shown()
    said = platforms.authorize(world, "refresh-9").stdout
    assert "template 501443 takes, in characters: title 20, time 20, link_path 200\n" in said
    world.gateway.signal(signal.SIGTERM)
    assert world.gateway.ended() == 0
    world.r.hset("loa:stats:link:oa", "template", "501442 title=5")
    (zalo,) = json.loads(shown("--json"))
    assert zalo["parameters"]["title"] == "Thông báo lịch cắt điện toàn phường"


def test_what_the_template_would_refuse_is_refused_before_it_is_sent(world):
    """A value that is too short, or empty where something is required: known at its acceptance."""
    zalo = go(world, TEMPLATE.replace("link_path 200 0", "link_path 200 0 required"))
    wait(lambda: link_of(world).get("template"), "the template's line")
    world.announce(id="P3", title="Họp", url="https://x.vn/7")
    world.announce(id="P4", title="Họp tổ 7")
    wait(lambda: len(world.rejected()) == 2, "rejection")
    errors = {r["source_id"]: r["error"] for r in world.rejected()}
    said = " ".join(sorted(errors.values()))
    assert "'title' takes no less than 5 characters" in said
    assert "'link_path' is empty, and the template requires it" in said
    assert not zalo.sends()
    shown = world.loa("preview", "-", "--channel", "zalo", stdin="Họp\nhttps://x.vn/7\n", ok=False)
    assert "'title' takes no less than 5 characters" in shown.stdout + shown.stderr


def test_a_parameter_that_the_template_lacks_stops_the_link(world):
    zalo = go(world, "parameter title 20 5 required\nparameter timee 20 0\n")
    link = wait(lambda: link_of(world).get("state") == "stopped" and link_of(world), "stop")
    assert "template 501443: the template has no parameter 'time'; did you mean 'timee'?" in (
        link["last_error"]
    )
    assert not zalo.sends()


def test_the_quota_is_shown_and_not_passed(world):
    zalo = go(world, "quota 10\nlatency 20ms\n", members=16)
    wait(lambda: link_of(world).get("quota_left") == "10", "quota of the link")
    assert link_of(world)["quota_day"] == "10"
    world.announce(id="Q1")
    wait(lambda: link_of(world).get("quota_left") == "0", "end of the quota")
    wait(lambda: world.look("Q1")[1].count("a") == 10, "ten of them")
    assert "used up" in wait(lambda: link_of(world)["last_error"], "its sentence")
    assert {s.code for s in zalo.sends()} == {"0"}, "it stopped before the platform said so"
    shown = json.loads(world.loa("stats", "--json").stdout)["links"]["oa"]
    assert int(shown["quota_left"]) == 0


def test_whom_no_webhook_told_of_is_asked_for(world):
    zalo = began(world, "zalo", case="receipts after 50ms\nlost for *2\nlost for *5\n",
                 members=phones(8), settings={"zalo": ["ask_after: 1s"]})
    world.announce(id="S1")
    world.wait_letters("S1", "d", 8)
    asked = {row[1] for row in zalo.of("status")}
    lost = {s.id for s in zalo.sends() if s.address[-1] in "25"}
    assert asked == lost, "only who was not told of is asked for"
    world.wait_stat("messages_delivered", 8)
    wait(lambda: world.r.zcard("loa:link:{oa}:unheard") <= 8, "the rest is forgotten")


def test_a_provider_is_asked_as_its_file_says(world):
    esms = began(world, "esms", members=phones(4), settings={"esms": ["ask_after: 300ms"]})
    world.announce(id="S2", summary="x" * 170)  # two parts, one id
    world.wait_letters("S2", "du", 4)
    ids = {s.id: int(s.address[-1]) for s in esms.sends()}
    letters = world.look("S2")[1]
    assert {letters[i] for id_, i in ids.items() if id_.endswith("3")} == {"u"}
    assert letters.count("d") == 3 and len(esms.of("status")) >= 4


def test_at_night_a_template_waits_for_the_morning(world):
    """Night by the configuration: all but a minute of the day."""
    now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7)))
    begin = now - datetime.timedelta(hours=1)
    end = now + datetime.timedelta(hours=2)
    night = f'night: {{ from: "{begin:%H:%M}", to: "{end:%H:%M}" }}'
    zalo = go(world, zalo=[night])
    world.announce(id="N1")
    wait(lambda: world.look("N1")[1] == "rrrr", "waiting for the morning")
    due = float(world.r.hget(world.key("N1") + ":details", "due:0")) / 1000
    assert 0 <= due - end.timestamp() <= 1500 + 60
    assert not zalo.sends()
    assert "not-at-night; tried again at" in world.loa("why", "N1", "m0").stdout
