"""Zalo's tokens: a refresh token is good for one use, whatever happens."""
# SPDX-License-Identifier: MIT
import concurrent.futures
import json
import os
import re
import threading

import platforms
import pytest
import redis
from harness import wait
from proxy import Proxy

PAIR = "access access-0\nrefresh refresh-0\n"
KEY = "loa:token:{oa}"


def members(world, n=20):
    world.import_members(0, rows=[f"m{i},Member {i},0{900000000 + i},,," for i in range(n)])


def link_of(world):
    return world.r.hgetall("loa:stats:link:oa")


def through_a_door(world):
    """Whatever gateways say to Redis passes it."""
    door = Proxy(os.path.join(world.folder, "door.sock"), world.redis.socket)
    world.closers.append(door.close)
    with open(world.config, encoding="utf-8") as f:
        text = f.read().replace(world.redis.socket, door.path)
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(text)
    return door


def test_fifty_at_once_are_one_renewal(world):
    platforms.start(world, "zalo", case=PAIR)
    platforms.authorize(world)

    def take(i):
        client = redis.Redis(unix_socket_path=world.redis.socket)
        return client.fcall("loa_token_take", 1, KEY, f"worker-{i}", 60000, 1, 0, 0)[0]

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(take, range(50)))
    assert answers.count(b"TAKEN") == 1 and answers.count(b"HELD") == 49


GATEWAYS = int(os.environ.get("GATEWAYS", "4"))


def test_gateways_at_once_renew_once(world):
    zalo = platforms.start(world, "zalo", case=PAIR + "oauth_latency 300ms\n")
    members(world)
    gateways = [world.start_gateway() for _ in range(GATEWAYS)]
    wait(lambda: all("run 'loa link authorize oa'" in g.text() for g in gateways), "sentences")
    wait(lambda: link_of(world).get("state") == "stopped", "stop")
    platforms.authorize(world)
    wait(lambda: all("token.taken-over" in g.text() for g in gateways), "the token everywhere", 30)
    world.announce(id="T")
    world.wait_state("T")
    assert [r[1:] for r in zalo.renewals()] == [["renewed", "refresh-0"]]


def test_it_is_renewed_ahead_of_time(world):
    zalo = platforms.start(world, "zalo", case=PAIR + "expires 3\n")
    platforms.authorize(world)
    world.start_gateway()
    wait(lambda: len(zalo.renewals()) >= 3, "third renewal", 20)
    assert {r[1] for r in zalo.renewals()} == {"renewed"}
    assert len({r[2] for r in zalo.renewals()}) == len(zalo.renewals())


def test_check_says_that_a_grant_is_missing(world):
    platforms.start(world, "zalo", case=PAIR)
    missing = world.loa("check", ok=False)
    assert missing.returncode == 1
    assert "this link has no grant yet: run 'loa link authorize oa'" in missing.stdout
    platforms.authorize(world)
    there = world.loa("check")
    assert re.search(r"ok +links\.oa\.grant +there is one", there.stdout), there.stdout


def test_tokens_are_sealed_and_never_logged(world):
    platforms.start(world, "zalo", case=PAIR)
    done = platforms.authorize(world, "refresh-0")
    world.start_gateway("--log", "debug")
    wait(lambda: "token.renewed" in world.gateway.text(), "renewal")
    record = json.dumps(world.r.hgetall(KEY))
    for text in (record, world.gateway.text(), done.stdout, done.stderr):
        assert "refresh-0" not in text and "access-1" not in text and "refresh-1" not in text


def test_a_burnt_token_stops_the_link_with_a_sentence_and_a_new_grant_mends_it(world):
    zalo = platforms.start(world, "zalo", case=PAIR)
    platforms.authorize(world, "refresh-of-another-day")
    members(world)
    world.start_gateway()
    wait(lambda: link_of(world).get("state") == "stopped", "stop")
    assert "run 'loa link authorize oa'" in link_of(world)["last_error"]
    world.announce(id="T")
    wait(lambda: world.look("T")[1], "broadcast")
    assert len(zalo.renewals()) == 1
    platforms.authorize(world)
    world.wait_state("T")
    assert set(zalo.told().values()) == {1} and len(zalo.told()) == 20
    assert [r[1] for r in zalo.renewals()] == ["burnt", "renewed"]
    wait(lambda: link_of(world)["last_error"] == "", "what was wrong is no longer said")
    shown = json.loads(world.loa("stats", "--json").stdout)["links"]["oa"]["rate_now"]
    assert shown == float(link_of(world)["rate_now"])


def test_an_answer_that_is_lost_is_not_asked_for_twice(world):
    zalo = platforms.start(world, "zalo", case=PAIR + "oauth_cut 1\n")
    platforms.authorize(world)
    world.start_gateway()
    wait(lambda: link_of(world).get("state") == "stopped", "stop")
    assert "run 'loa link authorize oa'" in link_of(world)["last_error"]
    assert [r[1] for r in zalo.renewals()] == ["renewed"]
    assert world.r.hget(KEY, "state") == "cut"


# Where a gateway dies: at a call (it never arrives) or an answer (it is lost) of these Functions,
# or while Zalo has the request; and whether the grant survives that.
STEPS = {
    "the renewal is not taken": ("call", "loa_token_take", True),
    "the renewal is taken, nothing is posted": ("reply", "loa_token_take", False),
    "Zalo has the request": ("post", "", False),
    "the new pair is there, and not stored": ("call", "loa_token_store", False),
    "the new pair is stored, not used": ("reply", "loa_token_store", True),
}


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_each_step_of_a_renewal(world, step):
    """The grant survives, or the link says that it is lost; no refresh token is used twice."""
    where, name, survives = STEPS[step]
    latency = "oauth_latency 500ms\n" if where == "post" else ""
    zalo = platforms.start(world, "zalo", case=PAIR + latency)
    members(world)
    platforms.authorize(world)
    door = through_a_door(world)
    died, asked = threading.Event(), []

    def dies(names):
        asked.extend(one for one in names if one == name)
        looks = 1 if name == "loa_token_take" else 0  # the first one only looks
        if len(asked) > looks and not died.is_set():
            died.set()
            world.gateway.kill()
            return False
        return True

    if where == "call":
        door.on_call = lambda called: dies([called])
    elif where == "reply":
        door.on_reply = dies
    world.start_gateway()
    if where == "post":
        wait(zalo.renewals, "request")
        world.gateway.kill()
    else:
        assert died.wait(20), "the gateway's death"
    door.on_call = door.on_reply = None
    world.start_gateway()
    if not survives:
        wait(lambda: link_of(world).get("state") == "stopped", "stop")
        assert "run 'loa link authorize oa'" in link_of(world)["last_error"]
        platforms.authorize(world, f"refresh-{len(zalo.renewals())}")
    world.announce(id="T")
    world.wait_state("T")
    used = [r[2] for r in zalo.renewals()]
    assert len(set(used)) == len(used) and {r[1] for r in zalo.renewals()} == {"renewed"}
