"""loa why: one sentence for each thing that can become of a member's message."""
# SPDX-License-Identifier: MIT
import json
import re

import pytest

from harness import wait

CASE = """receipts final after 20ms
error 0x0000000b for *1
error 0x00000064 for *2 times 9
state UNDELIV for *3
no_answer for *4
"""
TIME = r"\d\d:\d\d \d\d/\d\d/\d{4}"


@pytest.fixture
def why(world):
    def ask(id_, member, ok=True):
        done = world.loa("why", id_, member, ok=ok)
        return done.stdout.strip() if ok else done.stderr
    return ask


def rows():
    people = [f"m{i},M {i},0{900000000 + i},,,g" for i in range(8)]
    return [*people, "twin,Twin,0900000000,,,g", "bad,Bad,12,,,g", "none,None,,,,g",
            "out,Out,0900000007,,,"]


def test_a_sentence_for_every_outcome(world, why):
    world.start_redis()
    world.start_smsc(CASE)
    world.configure(retry_first="1h", attempts=3)
    with open(world.config, encoding="utf-8") as f:
        text = f.read().replace("max: 2s", "max: 2h")
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(text)
    world.import_members(0, rows=rows())
    world.r.setbit("loa:members:{dir}:optout:sms", 7, 1)
    world.start_gateway()
    world.announce(id="W", audience="g")
    wait(lambda: world.look("W")[1] == "dfrusddkkkk", "outcomes")
    assert re.fullmatch(rf"m0: was delivered at {TIME}, by link1 on try 1", why("W", "m0"))
    assert "m0: was delivered" in why("W", "0900 000 000")
    assert why("W", "m1").startswith("m1: was refused by link1 on try 1: invalid-destination")
    assert "'loa retry W' tries again" in why("W", "m1")
    assert re.search(rf"refused for now on try 1 by link1: .*; tried again at {TIME}$",
                     why("W", "m2"))
    assert re.search(rf"m3: left by link1 at {TIME} and did not arrive: undeliverable",
                     why("W", "m3"))
    assert why("W", "m4") == "m4: is with a link now; its answer is awaited"
    assert why("W", "m7").startswith("m7: was left out: opted-out; nothing to do")
    assert "duplicate; an earlier member" in why("W", "twin")
    assert "invalid-address; correct the phone of bad" in why("W", "bad")
    assert "no-address; give none a phone" in why("W", "none")
    assert why("W", "out") == "out: is not in the audience of W (g)"
    answer = json.loads(world.loa("why", "W", "m1", "--json").stdout)
    assert (answer["outcome"], answer["attempts"]) == ("failed", 1)
    assert answer["sentence"] == why("W", "m1")
    assert "there is no member 'nobody'" in why("W", "nobody", ok=False)
    assert "there is no broadcast 'NONE'" in why("NONE", "m0", ok=False)
    world.gateway.kill()  # m4 is with nobody now
    world.r.hset(world.key("W") + ":claims", "0:sms", "gone 1 0")
    world.start_gateway()
    wait(lambda: world.look("W")[1][4] == "?", "takeover")
    assert "may have been told: no answer came to try 1" in why("W", "m4")


def test_why_it_waits(world, why):
    world.start(members=600, case="latency 5ms\nreceipts none\n", window=5, rate=40)
    world.announce(id="P", send_at="2099-01-01T09:00:00+07:00")
    wait(lambda: world.look("P")[0].get("state") == "scheduled", "scheduled broadcast")
    assert why("P", "m5") == "m5: waits for 09:00 01/01/2099, when the broadcast begins"
    world.announce(id="Q", title="Khac")
    world.wait_letters("Q", "a", 1)
    assert why("Q", "m599") == (
        "m599: waits for its turn; 'loa stats' shows the links and their rates")
    world.loa("pause", "Q")
    assert "'loa resume Q' lets it go on" in why("Q", "m599")
    assert re.search(rf"m0: was accepted by link1 at {TIME}; no receipt has come", why("Q", "m0"))
    world.loa("cancel", "Q")
    assert why("Q", "m599") == "m599: was left out: cancelled"
    world.loa("cancel", "P")
