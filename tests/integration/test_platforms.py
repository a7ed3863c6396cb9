"""Links over HTTP: what a platform answers decides what becomes of each message."""
# SPDX-License-Identifier: MIT
import collections
import json

import platforms
from harness import wait

PAIR = "access access-0\nrefresh refresh-0\n"


def rows(n, first=0):
    """Members with a phone alone."""
    return [f"m{i},Member {i},0{900000000 + i},,," for i in range(first, first + n)]


def outcomes(world, id_):
    return {row["member"]: row for row in world.report(id_)}


def test_zalo_template_messages_by_phone(world):
    zalo = platforms.start(world, "zalo", case=PAIR + "latency 2ms\n")
    platforms.authorize(world)
    world.import_members(0, rows=rows(300))
    world.start_gateway()
    world.announce(id="Z1", url="https://btl.example.vn/tb/7", published_at="2026-11-07T09:10:00Z")
    world.wait_state("Z1")
    sends = zalo.sends()
    assert len(sends) == 300 and set(zalo.told().values()) == {1}
    assert {s.kind for s in sends} == {"phone"} and len({s.tracking for s in sends}) == 300
    data = json.loads(sends[0].text)
    assert data == {
        "title": "Thong bao hop chi bo", "time": "16:10 07/11/2026", "link_path": "tb/7"
    }
    assert [r[1] for r in zalo.renewals()] == ["renewed"]
    assert world.look("Z1")[0]["accepted"] == "300"
    row = outcomes(world, "Z1")["m7"]
    assert row["channel"] == "zalo" and row["link"] == "oa" and row["message_id"].startswith("z")


def test_each_answer_has_its_outcome(world):
    case = PAIR + """\
error -118 for *01
error -1121 for *02
error -9999 for *03
status 503 for *04
cut for *05
half for *06
silent for *07
reset for *08
error -133 for *09
error -32 for *10 times 1
"""
    zalo = platforms.start(world, "zalo", case=case, settings={"zalo": ["response: 700ms"]})
    platforms.authorize(world)
    world.import_members(0, rows=rows(12))
    world.start_gateway()
    world.announce(id="Z2")
    wait(lambda: world.look("Z2")[1].count("?") == 6 and world.look("Z2")[1].count("f") == 2
         and world.look("Z2")[1].count("r") == 1, "outcome of each", 90)
    rows_of = outcomes(world, "Z2")
    expected = {
        "m1": ("failed", "no-zalo-account (-118)"),
        "m2": ("failed", "parameter-too-long (-1121)"),
        "m3": ("uncertain", "zalo-refused (-9999)"),
        "m4": ("uncertain", "http-status (503)"),
        "m5": ("uncertain", "response-timeout"),
        "m6": ("uncertain", "response-timeout"),
        "m7": ("uncertain", "response-timeout"),
        "m8": ("uncertain", "response-timeout"),
        "m9": ("retrying", "not-at-night (-133)"),
        "m0": ("accepted", ""),
    }
    for member, (outcome, reason) in expected.items():
        assert (rows_of[member]["outcome"], rows_of[member]["reason"]) == (outcome, reason), member
    wait(lambda: world.look("Z2")[1].count("a") == 3, "those after the pause", 70)
    assert all(n == 1 for n in zalo.told().values())
    assert world.gateway.text().count("answer.unknown") == 1


def test_a_token_that_expires_is_renewed_once_and_nothing_is_lost(world):
    zalo = platforms.start(world, "zalo", case=PAIR + "latency 1ms\n")
    platforms.authorize(world)
    world.import_members(0, rows=rows(200))
    world.start_gateway()
    world.announce(id="A")
    world.wait_state("A")
    zalo.reload(PAIR + "latency 1ms\naccess gone\nrefresh refresh-1\n")
    world.announce(id="B")
    world.wait_state("B")
    assert [r[1] for r in zalo.renewals()] == ["renewed", "renewed"]
    counts = collections.Counter(s.code for s in zalo.sends())
    assert counts["0"] == 400 and set(counts) <= {"0", "-124"}
    assert set(zalo.told().values()) == {2}


def test_a_link_that_is_refused_stops_with_a_sentence(world):
    platforms.start(world, "zalo", case=PAIR + "error -131 for *\n")
    platforms.authorize(world)
    world.import_members(0, rows=rows(5))
    world.start_gateway()
    world.announce(id="Z3")

    def stopped():
        link = world.r.hgetall("loa:stats:link:oa")
        return link.get("state") == "stopped" and link

    link = wait(stopped, "stop of the link")
    assert "-131 template-not-approved" in link["last_error"]
    assert set(world.look("Z3")[1]) <= set("qs")


def test_telegram(world):
    case = "error 403 for 1005\nerror 429 for 1006 times 1\nlatency 1ms\n"
    bot = platforms.start(world, "telegram", case=case)
    world.import_members(0, rows=[f"m{i},Member {i},,,{1000 + i}," for i in range(30)])
    world.start_gateway()
    world.announce(id="T1", title="Hop <7> & 8", url="https://btl.example.vn/tb/7")
    world.wait_state("T1")
    fields, _ = world.look("T1")
    assert (fields["accepted"], fields["failed"]) == ("29", "1")
    assert outcomes(world, "T1")["m5"]["reason"] == "telegram-refused (403)"
    assert set(bot.told().values()) == {1} and len(bot.told()) == 29
    text = bot.sends()[0].text
    assert text.startswith("<b>Hop &lt;7&gt; &amp; 8</b>"), text
    assert int(world.stat("throttled")) == 1


def test_an_sms_provider(world):
    case = "error 104 for 0900000099\nerror 108 for *3\ncut for *4\nerror 555 for *5\nlatency 1ms\n"
    esms = platforms.start(world, "esms", case=case)
    world.import_members(0, rows=rows(20))
    world.start_gateway()
    world.announce(id="E1")
    wait(lambda: not set(world.look("E1")[1] or "q") & set("qsr"), "end of E1")
    rows_of = outcomes(world, "E1")
    assert rows_of["m3"]["outcome"] == rows_of["m13"]["outcome"] == "failed"
    assert rows_of["m3"]["reason"] == "provider-refused (108)"
    assert rows_of["m4"]["outcome"] == "uncertain"
    assert len(esms.sends()) == 20 and {s.address for s in esms.sends()} == {
        f"0{900000000 + i}" for i in range(20)
    }
    assert "Thong bao hop chi bo" in esms.sends()[0].text
    said = world.loa("why", "E1", "m5").stdout
    assert "what esms answered to try 1 leaves it open: provider-refused (555)" in said, said
    assert "no answer came to try 1" in world.loa("why", "E1", "m4").stdout
    world.announce(id="E2", summary="Thong bao. " * 20)
    wait(lambda: not set(world.look("E2")[1] or "q") & set("qsr"), "end of E2")
    two = outcomes(world, "E2")["m1"]
    assert two["parts"] == "2" and two["message_id"] and ";" not in two["message_id"]
