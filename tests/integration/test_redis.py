"""Redis as it is met in real life: behind Sentinel, as a cluster, with few rights, as a replica,
without room.  The gateway waits or says so; nothing is lost."""
# SPDX-License-Identifier: MIT
import os
import re
import resource
import time

import pytest
import redis

from harness import ROOT, wait
from redises import HOST, Cluster, Sentinel, Server, free_ports, use_redis

SLOWISH = "latency 20ms\nreceipts final after 30ms\n"


def said(world, event):
    return re.findall(rf"event={event}\b.*", world.gateway.text())


def begin(world, members, redis_text, window=20, case=SLOWISH):
    world.start_smsc(case)
    world.configure(window=window)
    use_redis(world, redis_text)
    world.import_members(members)
    world.start_gateway()
    world.wait_bound()


def ended(world, id_, n, again):
    world.wait_state(id_, seconds=60)
    assert len({number for number, _ in world.smsc.told()}) == n
    return world.settled(id_, n, uncertain_most=again)


# -- ways to reach it -----------------------------------------------------------------------------


def test_tcp_password_and_database_number(world):
    port = free_ports(1)[0]
    world.start_redis("--port", str(port), "--bind", HOST)
    world.r.config_set("requirepass", "geheim")
    world.redis.client = redis.Redis(HOST, port, 3, "geheim", decode_responses=True)
    secret = os.path.join(world.folder, "secret")
    with open(secret, "w", encoding="utf-8") as f:
        f.write("geheim\n")
    begin(world, 20, f'{{ url: "redis://{HOST}:{port}/3", password_file: {secret} }}')
    world.announce(id="TCP")
    ended(world, "TCP", 20, 0)


def acl_line():
    with open(os.path.join(ROOT, "deploy/redis-acl.example"), encoding="utf-8") as f:
        return next(line for line in f if line.startswith("user loa "))


def test_the_example_acl_is_enough_for_a_whole_broadcast(world):
    world.start_redis()
    words = acl_line().split()[1:]
    words[words.index(next(w for w in words if w.startswith(">")))] = ">geheim"
    world.r.execute_command("ACL", "SETUSER", *words)
    socket = world.redis.socket
    begin(world, 40, f'{{ url: "unix://{socket}?db=0", username: loa, password: geheim }}')
    world.announce(id="ACL")
    ended(world, "ACL", 40, 0)
    world.loa("send", "-", "--title", "Hop", "--id", "ACL2", stdin="Hop to dan pho toi nay.")
    world.wait_state("ACL2")
    for argv in (["check"], ["stats"], ["list"], ["pause", "ACL2"], ["retry", "ACL2"],
                 ["replies"], ["members", "list"]):
        world.loa(*argv, ok=False)
    denied = [e for e in world.r.execute_command("ACL", "LOG") if "loa" in str(e)]
    assert not denied, denied


def test_a_user_without_rights_is_said(world):
    world.start_redis()
    world.r.execute_command("ACL", "SETUSER", "loa", "on", ">geheim", "~loa:*", "+client", "+info",
                            "+select")
    world.start_smsc()
    world.configure()
    use_redis(world, f'{{ url: "unix://{world.redis.socket}", username: loa, password: geheim }}')
    done = world.loa("check", ok=False)
    assert done.returncode == 1 and "NOPERM" in done.stdout + done.stderr


# -- replicas and Sentinel ------------------------------------------------------------------------


def test_a_replica_is_waited_for_until_it_is_promoted(world):
    master = Server(world, "master")
    replica = Server(world, "replica", "--replicaof", f"{HOST} {master.port}")
    world.redis = replica
    world.start_smsc(SLOWISH)
    world.configure()
    use_redis(world, f'{{ url: "redis://{HOST}:{replica.port}/0" }}')
    world.start_gateway()
    wait(lambda: "read-only replica of 127.0.0.1" in world.gateway.text(), "a word about it")
    replica.client.execute_command("REPLICAOF", "NO", "ONE")
    world.import_members(20)
    world.announce(id="UP")
    ended(world, "UP", 20, 0)
    replica.client.execute_command("REPLICAOF", HOST, master.port)
    wait(lambda: len(said(world, "redis.lost")) > 1, "a word about the demotion")
    assert world.gateway.running


def test_sentinel_names_another_master_under_load(world):
    master = Server(world, "master")
    replica = Server(world, "replica", "--replicaof", f"{HOST} {master.port}")
    replica.wait_in_step()
    sentinel = Sentinel(world, master)
    world.redis = master
    dead = free_ports(1)[0]
    nodes = f'["{HOST}:{dead}", "{HOST}:{sentinel.port}"]'
    begin(world, 600, f"{{ sentinel: {{ master: loa, nodes: {nodes} }} }}")
    assert "appendonly yes" in world.loa("check").stdout
    world.announce(id="SEN")
    wait(lambda: world.smsc.submits_n() >= 150, "messages on their way")
    master.kill()
    killed = time.monotonic()
    world.redis = replica
    before = world.smsc.submits_n()
    wait(lambda: replica.client.info()["role"] == "master", "failover", 30)
    wait(lambda: world.smsc.submits_n() > before + 40, "more messages", 30)
    assert before < 600
    waited_s = time.monotonic() - killed
    ended(world, "SEN", 600, 40)
    print(f"sends again {waited_s:.1f} s after the master was killed: told again "
          f"{world.smsc.submits_n() - 600}, counted {world.stat('messages_uncertain')}")
    assert said(world, "sentinel.failed"), "the first of the nodes is dead"
    assert len(said(world, "sentinel.named")) == 2
    old = Server(world, "master", port=master.port)  # comes back, and is made a replica
    wait(lambda: old.client.info()["role"] == "slave", "demotion", 30)
    world.announce(id="SEN2", title="Thong bao khac")
    ended(world, "SEN2", 600, 40)


# -- a cluster ------------------------------------------------------------------------------------


def test_a_broadcast_on_a_cluster_with_resharding_and_failover(world):
    cluster = world.redis = Cluster(world)
    nodes = ", ".join(f'"{HOST}:{n.port}"' for n in cluster.nodes[:2])
    slow = "latency 80ms\nreceipts final after 30ms\n"
    begin(world, 1500, f"{{ cluster: [{nodes}] }}", window=10, case=slow)
    assert "appendonly yes" in world.loa("check").stdout
    world.announce(id="CLU")
    wait(lambda: world.smsc.submits_n() >= 50, "messages on their way")
    key = world.key("CLU")
    for moved in (key, "loa:queued:{sms}", "loa:announcements"):
        slot = cluster.slot(moved)
        source = cluster.owner(slot)
        target = next(n for n in cluster.nodes[:3] if n is not source)

        def some_time():
            sent = world.smsc.submits_n()
            wait(lambda: world.smsc.submits_n() > sent + 15 or world.smsc.quiet_seconds() > 0.4, "")

        cluster.move(slot, target, some_time)
        sent = world.smsc.submits_n()
        wait(lambda s=sent: world.smsc.submits_n() > s + 15, f"messages after {moved} went")
    assert world.stat("messages_uncertain") == 0
    master = cluster.owner(cluster.slot(key))
    master.kill()
    sent = world.smsc.submits_n()
    assert sent < 1500
    wait(lambda: world.smsc.submits_n() > sent + 20, "messages after the failover", 30)
    cluster.connect()
    ended(world, "CLU", 1500, 40)
    every_master_is_audited(world, cluster)


def every_master_is_audited(world, cluster):
    """A finding on each of them."""
    strays, n = {}, 0
    while len(strays) < 3:
        key = f"loa:broadcast:{{STRAY{n}}}:states"
        strays.setdefault(cluster.owner(cluster.slot(key)), key)
        n += 1
    for key in strays.values():
        world.r.set(key, "q")
    out = world.loa("check", "--deep", ok=False).stdout
    assert all(f"{key} belongs to no broadcast" in out for key in strays.values()), out
    world.r.delete(*strays.values())


# -- no room --------------------------------------------------------------------------------------


@pytest.mark.parametrize("fsync", ["everysec", "always"])
def test_a_full_disk(world, fsync):
    """A file may not grow any more: everysec answers MISCONF, under always Redis ends itself."""
    world.start_redis("--appendfsync", fsync, ignoring="XFSZ")
    world.start_smsc(SLOWISH)
    world.configure(window=10)
    world.import_members(600)
    world.start_gateway()
    world.wait_bound()
    world.announce(id="FULL")
    wait(lambda: world.smsc.submits_n() >= 100, "messages on their way")
    server = world.redis.process
    pid = server.child.pid
    size = sum(os.path.getsize(os.path.join(path, name))
               for path, _, names in os.walk(world.redis.folder) for name in names
               if name.endswith(".aof"))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size + 2000, resource.RLIM_INFINITY))
    if fsync == "everysec":
        wait(lambda: "MISCONF" in world.gateway.text(), "a word about it")
    else:
        wait(lambda: not server.running, "end of Redis")
        wait(lambda: said(world, "redis.lost"), "a word about it")
    wait(lambda: world.smsc.quiet_seconds() > 1, "silence", 10)
    sent = world.smsc.submits_n()
    assert sent < 600
    if fsync == "everysec":
        resource.prlimit(pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    else:
        world.redis.start()
    world.wait_state("FULL", seconds=60)
    assert len(world.smsc.told()) == 600
    world.settled("FULL", 600, uncertain_most=10)


def test_no_memory_is_said(world):
    world.start(members=300, window=10, case=SLOWISH)
    world.announce(id="MEM")
    wait(lambda: world.smsc.submits_n() >= 50, "messages on their way")
    world.r.config_set("maxmemory", "1mb")
    wait(lambda: "OOM" in world.gateway.text(), "a word about it")
    wait(lambda: world.smsc.quiet_seconds() > 1, "silence", 10)
    assert world.smsc.submits_n() < 300
    world.r.config_set("maxmemory", "0")
    ended(world, "MEM", 300, 0)


# -- it begins anew -------------------------------------------------------------------------------


def test_loading_is_waited_for(world):
    world.start(members=200, window=10, case=SLOWISH)
    world.announce(id="LOAD")
    wait(lambda: world.smsc.submits_n() >= 50, "messages on their way")
    world.redis.settings += ["--key-load-delay", "30000"]  # µs a key
    world.redis.kill()
    world.redis.start()
    ended(world, "LOAD", 200, 10)


def test_a_newer_library_beside_ours_ends_the_gateway_with_a_sentence(world):
    world.start(members=200, window=10, case=SLOWISH)
    world.announce(id="NEW")
    wait(lambda: world.smsc.submits_n() >= 50, "messages on their way")
    library = "#!lua name=loa_2\nredis.register_function{function_name='loa_version', "
    library += "callback=function() return 2 end, flags={'no-writes'}}"
    with world.r.pipeline(transaction=True) as both:
        both.execute_command("FUNCTION", "DELETE", "loa_1")
        both.execute_command("FUNCTION", "LOAD", library)
        both.execute()
    assert world.gateway.ended(15) != 0
    assert "newer" in world.gateway.text()
    assert world.r.fcall("loa_version", 0) == 2, "the newer one stands"
    world.r.execute_command("FUNCTION", "DELETE", "loa_2")
    world.start_gateway()
    ended(world, "NEW", 200, 10)


def test_killed_in_the_middle_of_a_function(world):
    """Redis dies while Functions run; what they had done is all there afterwards, or nothing."""
    world.start_redis("--appendfsync", "always")
    world.start_smsc(SLOWISH)
    world.configure(window=10)
    world.import_members(700)
    world.start_gateway()
    world.wait_bound()
    world.announce(id="MID")
    for goal in (100, 250, 400):
        wait(lambda g=goal: world.smsc.submits_n() >= g, "messages on their way", 30)
        world.redis.kill()
        world.redis.start()
        world.look("MID")  # counts and letters agree at every moment
    ended(world, "MID", 700, 30)
