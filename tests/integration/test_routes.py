"""Several links for a channel: by prefix, weight and price; shares that move and come back; the red
switch."""
# SPDX-License-Identifier: MIT
import json
import signal

import flapping

from harness import wait

FAST = "latency 2ms\n"


def start(world, *links, members=0, cases=None):
    """One SMSC a link; `links` are their own keys."""
    world.start_redis()
    for i in range(len(links)):
        world.start_smsc(case=(cases or [FAST] * len(links))[i])
    world.configure(receipts="none", window=20)
    with open(world.config, encoding="utf-8") as f:
        text = f.read()
    for i, keys in enumerate(links):
        own = "".join(f"    {key}: {value}\n" for key, value in keys.items())
        text = text.replace(f"  - name: link{i + 1}\n", f"  - name: link{i + 1}\n{own}")
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(text)
    if members:
        world.import_members(members)
    world.start_gateway()
    world.wait_bound()


def sent(world):
    return [len(s.submits()) for s in world.smscs]


def test_numbers_go_by_the_link_of_their_prefix(world):
    """Members 0-99 have a link of their own, 90-99 a closer one; one link carries the rest."""
    start(world, {"prefixes": '["09000000"]'}, {}, {"prefixes": '["090000009"]'}, members=130)
    world.announce(id="P")
    world.wait_state("P")
    numbers = [{s.number for s in smsc.submits()} for smsc in world.smscs]
    assert numbers[0] == {f"84{900000000 + i}" for i in range(90)}
    assert numbers[1] == {f"84{900000000 + i}" for i in range(100, 130)}
    assert numbers[2] == {f"84{900000000 + i}" for i in range(90, 100)}
    routes = world.r.hget("loa:broadcast:{P}", "routes")
    assert routes == "s=sms,B=sms.link1,C=sms.link3"


def test_the_others_help_when_the_link_of_a_prefix_is_gone(world):
    start(world, {"prefixes": '["09000000"]'}, {}, members=60)
    world.smscs[0].kill()
    wait(lambda: "link.lost" in world.gateway.text() or "share=none" in world.gateway.text(),
         "the loss of the link")
    world.announce(id="H")
    world.wait_state("H")
    assert len(world.smscs[1].submits()) == 60


def test_weights(world):
    start(world, {"weight": 3}, {"weight": 1}, members=1600)
    world.announce(id="W")
    world.wait_state("W")
    a, b = sent(world)
    assert a + b == 1600 and 1050 <= a <= 1350, (a, b)


def test_the_cheapest_goes_first_and_its_price_counts(world):
    start(world, {"price_per_part": 500}, {"price_per_part": 300}, members=300)
    world.announce(id="C")
    world.wait_state("C")
    assert sent(world) == [0, 300]
    assert world.status("C")["cost"] == 300 * 300
    world.smscs[1].kill()
    wait(lambda: "share=none" in world.gateway.text(), "the move of the share")
    world.announce(id="D")
    world.wait_state("D")
    assert sent(world)[0] == 300
    assert world.status("D")["cost"] == 300 * 500


def test_a_route_that_is_dropped_is_adopted_by_what_remains(world):
    """Half of the members wait on the way of a link that the next configuration has no more."""
    prefixes = '["090000000", "090000001", "090000002"]'
    start(world, {"prefixes": prefixes, "rate": 5}, {"rate": 5}, members=60)
    world.announce(id="OLD")
    wait(lambda: min(sent(world)) >= 5, "both ways at work")
    world.gateway.signal(signal.SIGTERM)
    assert world.gateway.ended() == 0
    with open(world.config, encoding="utf-8") as f:
        text = f.read()
    assert "links: [link1, link2]" in text
    text = text.replace("links: [link1, link2]", "links: [link2]").replace("    rate: 5\n", "")
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(text)
    at = sent(world)[0]
    world.start_gateway()
    world.wait_state("OLD", seconds=60)
    assert sent(world) == [at, 60 - at]
    assert world.settled("OLD", 60)["accepted"] == 60
    assert "event=route.adopted route=sms.link1 link=link2" in world.gateway.text()
    world.announce(id="NEW")
    world.wait_state("NEW")
    assert world.r.hget("loa:broadcast:{NEW}", "routes") == "s=sms"


def test_an_emergency_takes_the_dearer_link_too(world):
    start(world, {"price_per_part": 500, "rate": 100}, {"price_per_part": 300, "rate": 100},
          members=200)
    world.announce(id="N")
    world.wait_state("N")
    assert sent(world) == [0, 200]
    world.announce(id="E", priority="emergency")
    world.wait_state("E")
    dear, cheap = sent(world)
    assert dear + cheap == 400 and 60 <= dear <= 140, (dear, cheap)
    assert world.status("E")["cost"] == dear * 500 + (200 - dear) * 300


def test_a_link_that_flaps_moves_its_share_once(measured):
    """The short one of tests/chaos/flap."""

    def run(world, part):
        flapping.prepare(world, 40)
        figures = flapping.flap(world, times=3, up_s=1, down_s=1)
        assert flapping.faults(figures, part) == [], figures
        assert figures["moves"] == ["none", "full"]

    measured(run)


def test_the_red_switch(world):
    start(world, {}, {}, members=2000, cases=["latency 50ms\n"] * 2)
    world.announce(id="S")
    wait(lambda: min(sent(world)) >= 20, "both at work")
    wait(lambda: world.r.hget("loa:stats:link:link1", "state") == "bound", "its state")
    out = json.loads(world.loa("link", "stop", "link1", "--json").stdout)
    assert out == {"link": "link1", "switched_off": True, "changed": True}
    wait(lambda: world.r.hget("loa:stats:link:link1", "state") == "stopped", "the state", 10)
    at = sent(world)[0]
    listed = {link["name"]: link for link in json.loads(world.loa("link", "list", "--json").stdout)}
    assert (listed["link1"]["state"], listed["link1"]["switched_off"]) == ("stopped", True)
    assert listed["link2"]["state"] in ("bound", "throttled")
    assert listed["link2"]["channels"] == "sms" and listed["link2"]["kind"] == "smpp"
    world.wait_state("S", seconds=60)
    assert sent(world)[0] == at
    assert world.status("S")["uncertain"] == 0
    assert "stopped" in world.loa("link", "list").stdout
    wait(lambda: world.r.hget("loa:stats:link:link2", "state") == "bound", "the other one")
    world.gateway.signal(signal.SIGTERM)
    world.gateway.ended()
    world.start_gateway()  # it survives a restart
    wait(lambda: "event=link.switched_off" in world.gateway.text(), "the switch")
    assert "link=link1" not in "".join(
        line for line in world.gateway.text().splitlines() if "link.bound" in line)
    world.loa("link", "start", "link1")
    wait(lambda: world.r.hget("loa:stats:link:link1", "state") == "bound", "the link again", 10)
    bad = world.loa("link", "stop", "linc1", ok=False)
    assert bad.returncode == 1 and "did you mean 'link1'" in bad.stderr
