"""Several Redis servers: one behind Sentinel, a cluster of masters and replicas."""
# SPDX-License-Identifier: MIT
import os
import re
import socket

import redis
from redis.backoff import ConstantBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.retry import Retry

from harness import Process, wait

HOST = "127.0.0.1"


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for s in sockets:
        s.bind((HOST, 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def use_redis(world, text, path=None):
    """Another `redis:` in the configuration."""
    with open(world.config, encoding="utf-8") as f:
        whole = f.read()
    with open(path or world.config, "w", encoding="utf-8") as f:
        f.write(re.sub(r"^redis: .*$", lambda _: f"redis: {text}", whole, flags=re.M))


class Server:
    """A redis-server on a TCP port of its own."""

    def __init__(self, world, name, *settings, port=None):
        self.port = port or free_ports(1)[0]
        self.folder = os.path.join(world.folder, name)
        os.makedirs(self.folder, exist_ok=True)
        self.settings = settings
        world.closers.append(self.kill)
        self.start()

    def start(self):
        argv = ["redis-server", "--port", str(self.port), "--dir", self.folder, "--save", ""]
        argv += ["--bind", HOST, "--appendonly", "yes", "--repl-diskless-sync-delay", "0"]
        argv += self.settings
        self.process = Process(argv, os.path.join(self.folder, "log"))
        # A promotion closes every connection.
        self.client = redis.Redis(
            HOST, self.port, decode_responses=True, socket_timeout=30,
            retry=Retry(ConstantBackoff(0.1), 3), retry_on_error=[redis.ConnectionError],
        )
        wait(self._answers, "answer of Redis")

    def _answers(self):
        assert self.process.running, self.process.text()
        try:
            return self.client.ping()
        except redis.BusyLoadingError:
            return True
        except redis.RedisError:
            return False

    def wait_in_step(self):
        """Of a replica: it has its master's data."""
        wait(lambda: self.client.info().get("master_link_status") == "up", "replica in step", 30)

    def kill(self):
        self.process.kill()


class Sentinel:
    """One Sentinel that watches `master` under the name loa."""

    def __init__(self, world, master):
        self.port = free_ports(1)[0]
        path = os.path.join(world.folder, "sentinel.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"port {self.port}\nbind {HOST}\ndir {world.folder}\n"
                    f"sentinel monitor loa {HOST} {master.port} 1\n"
                    "sentinel down-after-milliseconds loa 700\n"
                    "sentinel failover-timeout loa 3000\n")
        self.process = Process(["redis-server", path, "--sentinel"], path + ".log")
        self.client = redis.Redis(HOST, self.port, decode_responses=True)
        world.closers.append(self.process.kill)
        wait(self._knows_a_replica, "replica that Sentinel knows")

    def _knows_a_replica(self):
        try:
            return len(self.client.execute_command("SENTINEL", "REPLICAS", "loa")) > 0
        except redis.RedisError:
            return False


class Cluster:
    """Masters with a replica each; stands in for World.redis."""

    SETTINGS = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1200",
                "--cluster-replica-validity-factor", "0")
    process = None

    def __init__(self, world, masters=3):
        ports = free_ports(4 * masters)
        nodes = [
            Server(world, f"node{i}", *self.SETTINGS, "--cluster-port", str(ports[2 * i + 1]),
                   port=ports[2 * i])
            for i in range(2 * masters)
        ]
        self.nodes = nodes
        first, bus = nodes[0], ports[1]
        for node in nodes[1:]:
            node.client.execute_command("CLUSTER", "MEET", HOST, first.port, bus)
        each = 16384 // masters
        for i, node in enumerate(nodes[:masters]):
            last = 16383 if i == masters - 1 else (i + 1) * each - 1
            node.client.execute_command("CLUSTER", "ADDSLOTSRANGE", i * each, last)
        known = f"cluster_known_nodes:{len(nodes)}"
        wait(lambda: all(known in self.info(n) for n in nodes), "nodes that know each other")
        for i, node in enumerate(nodes[masters:]):
            node.client.execute_command("CLUSTER", "REPLICATE", self.id_of(nodes[i]))
        wait(lambda: all("cluster_state:ok" in self.info(n) for n in nodes), "whole cluster", 30)
        for node in nodes[masters:]:
            node.wait_in_step()
        self.connect()

    def connect(self):
        alive = [ClusterNode(HOST, n.port) for n in self.nodes if n.process.running]
        self.client = RedisCluster(startup_nodes=alive, decode_responses=True)
        return self.client

    @staticmethod
    def info(node):
        text = node.client.execute_command("CLUSTER", "INFO")
        return "\n".join(f"{k}:{v}" for k, v in text.items()) if isinstance(text, dict) else text

    @staticmethod
    def id_of(node):
        return node.client.execute_command("CLUSTER", "MYID")

    def slot(self, key):
        return self.client.keyslot(key)

    def owner(self, slot):
        """The node that is the slot's master, by what the cluster says now."""
        port = self.connect().nodes_manager.slots_cache[slot][0].port
        return next(n for n in self.nodes if n.port == port)

    def move(self, slot, target, pause=lambda: None):
        """Reshards one slot as redis-cli does; `pause` is called when some keys have gone."""
        source = self.owner(slot)
        ids = {n: self.id_of(n) for n in (source, target)}
        target.client.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source])
        source.client.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target])
        for n in range(1_000_000):
            keys = source.client.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 2)
            if not keys:
                break
            source.client.execute_command("MIGRATE", HOST, target.port, "", 0, 5000, "KEYS", *keys)
            if n == 0:
                pause()
        for node in (target, source):
            node.client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", ids[target])
        return n
