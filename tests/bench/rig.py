"""What the benchmark runs on: one Redis, SMSCs, the gateway, the pumps and Kannel, on free ports.

Every process belongs to the Rig and ends with it.  Costs are CPU time of a process by /proc; rates
are what the SMSC counted or what the broadcast says, never a process' own opinion of itself.
"""
# SPDX-License-Identifier: MIT
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))

CONFIG = """\
redis: {{ url: "unix://{folder}/redis.sock?db=0" }}
channels:
  sms: {{ links: [smsc], diacritics: strip, max_parts: 10 }}
links:
  - name: smsc
    kind: smpp
    host: 127.0.0.1
    port: {port}
    system_id: loa
    password: secret
    source: LOA
    window: {window}
    receipts: {receipts}
"""
KANNEL = """\
group = core
admin-port = {admin}
admin-password = bench
admin-interface = 127.0.0.1
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
log-level = 4
{store}
group = smsbox
bearerbox-host = 127.0.0.1

group = smsc
smsc = smpp
smsc-id = sim
host = 127.0.0.1
port = {port}
transceiver-mode = true
smsc-username = loa
smsc-password = secret
system-type = ""
max-pending-submits = {window}
"""
KANNEL_REDIS = """\
store-type = redis

group = redis-connection
id = store
host = 127.0.0.1
port = {redis}
database = 1
max-connections = 1

group = store-db
id = store
table = kannel
"""


class Redis:
    """As much of a client as a benchmark needs."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rb")

    def __call__(self, *words):
        words = [str(w).encode() for w in words]
        self.socket.sendall(
            b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)
        )
        return self.read()

    def read(self):
        line = self.lines.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            if int(rest) < 0:
                return None
            return self.lines.read(int(rest) + 2)[:-2].decode(errors="replace")
        if kind == b"*":
            return [self.read() for _ in range(int(rest))]
        return rest.decode()


def cpu_seconds(pid):
    """CPU time of all threads, to the nanosecond."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat") as f:
            total += int(f.read().split()[0])
    return total / 1e9


def peak_mib(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1)) / 1024


def wait_for(what, test, seconds=180, every=0.005):
    end = time.monotonic() + seconds
    while True:
        value = test()
        if value:
            return value
        if time.monotonic() > end:
            sys.exit(f"bench: {what} did not come in {seconds} s")
        time.sleep(every)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Smsc:
    """A simulator of the tests; `case` is its behaviour, a setting a line."""

    def __init__(self, rig, name, case, log=False):
        self.rig, self.path = rig, f"{rig.folder}/{name}"
        with open(f"{self.path}.case", "w") as f:
            f.write(case + "\n")
        options = ["--log", f"{self.path}.log"] if log else ["--quiet"]
        self.process = rig.start(
            f"{BUILD}/smsc", "--listen", "127.0.0.1:0", "--case", f"{self.path}.case",
            "--summary", f"{self.path}.json", *options, stdout=subprocess.PIPE,
        )
        self.port = int(self.process.stdout.readline().split()[-1].rsplit(b":")[-1])

    def summary(self):
        if os.path.exists(f"{self.path}.json"):
            os.unlink(f"{self.path}.json")
        self.process.send_signal(signal.SIGUSR1)
        wait_for("a summary", lambda: os.path.exists(f"{self.path}.json"))
        with open(f"{self.path}.json") as f:
            return json.load(f)

    def log(self):
        with open(f"{self.path}.log") as f:
            return [line.rstrip("\n").split("\t") for line in f]


class Front:
    """stunnel before an SMSC: what reaches it over TLS, reaches the SMSC in the clear."""

    def __init__(self, rig, smsc, name="smsc.example.vn"):
        self.name, self.path, self.port = name, f"{rig.folder}/front", free_port()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", f"/CN={name}",
             "-addext", f"subjectAltName=DNS:{name}",
             "-keyout", f"{self.path}.key", "-out", f"{self.path}.pem"],
            check=True, capture_output=True)
        with open(f"{self.path}.conf", "w") as f:
            f.write(f"foreground = yes\npid =\ndebug = 3\n[smpp]\naccept = 127.0.0.1:{self.port}\n"
                    f"connect = 127.0.0.1:{smsc.port}\ncert = {self.path}.pem\n"
                    f"key = {self.path}.key\n")
        self.process = rig.start("stunnel", f"{self.path}.conf")
        wait_for("stunnel", lambda: listens(self.port))

    def keys(self):
        """The link's keys that trust it."""
        return f"    tls: {{ ca_file: {self.path}.pem, server_name: {self.name} }}\n"


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class Rig:
    def __init__(self, folder, fsync="everysec"):
        self.folder, self.children, self.broadcasts = folder, [], 0
        self.redis_port = free_port()
        self.redis_server = self.start(
            "redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1",
            "--unixsocket", f"{folder}/redis.sock", "--dir", folder,
            "--appendonly", "yes", "--appendfsync", fsync, "--save", "",
            "--auto-aof-rewrite-percentage", "0",  # it would be charged to the row it falls in
        )
        wait_for("redis", lambda: os.path.exists(f"{folder}/redis.sock"))
        self.redis = Redis(f"{folder}/redis.sock")

    def start(self, *argv, stdout=None, cwd=None):
        if stdout is None:
            stdout = open(f"{self.folder}/{os.path.basename(argv[0])}.log", "a")
        child = subprocess.Popen(argv, stdout=stdout, stderr=subprocess.STDOUT, cwd=cwd)
        self.children.append(child)
        return child

    def end(self, *children):
        for child in children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in children:
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def close(self):
        self.end(*reversed(self.children))

    # ---- Loa.

    def configure(self, smsc, window=1000, receipts="none", extra=""):
        """Writes the configuration of the gateways that start from now on."""
        self.config = f"{self.folder}/loa.yaml"
        with open(self.config, "w") as f:
            f.write(CONFIG.format(folder=self.folder, port=smsc.port, window=window,
                                  receipts=receipts) + extra)

    def loa(self, *argv):
        run = subprocess.run([f"{BUILD}/loa", *argv, "-c", self.config],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if run.returncode:
            sys.exit(f"bench: loa {' '.join(argv)}: {run.stderr.strip()}")

    def gateways(self, n=1):
        """Starts n gateways and waits until all are bound."""
        self.redis("DEL", "loa:stats:link:smsc")
        started = [self.start(f"{BUILD}/loa", "gateway", "-c", self.config) for _ in range(n)]
        wait_for("the bind", lambda: self.redis("HGET", "loa:stats:link:smsc", "state") == "bound")
        wait_for("the workers", lambda: int(self.redis("HLEN", "loa:workers") or 0) >= n)
        return started

    def announce(self, audience, text, **fields):
        """XADD: the broadcast's ID and CLOCK_MONOTONIC microseconds from before it."""
        self.broadcasts += 1
        name = f"bench-{self.broadcasts}"
        pairs = {"id": name, "title": text, "summary": text, "audience": audience, **fields}
        at_us = time.monotonic_ns() // 1000
        self.redis("XADD", "loa:announcements", "*", *(w for p in pairs.items() for w in p))
        return name, at_us

    def field(self, name, field):
        return self.redis("HGET", f"loa:broadcast:{{{name}}}", field)

    def wait_done(self, name):
        wait_for("the end", lambda: self.field(name, "state") == "done")

    def forget(self):
        """An empty Redis but for the directory, so that no run pays for the ones before."""
        for pattern in ("loa:broadcast*", "loa:link:*", "loa:posted*", "loa:work:*", "loa:due:*"):
            for key in self.redis("KEYS", pattern):
                self.redis("UNLINK", key)

    def broadcast(self, members, audience, text, n=1):
        """One broadcast by n gateways started for it: messages a second and what each cost."""
        started = self.gateways(n)
        pids = [g.pid for g in started]
        cpu = sum(cpu_seconds(p) for p in pids)
        redis_cpu = cpu_seconds(self.redis_server.pid)
        began = time.monotonic()
        name, _ = self.announce(audience, text)
        self.wait_done(name)
        seconds = time.monotonic() - began
        told = int(self.field(name, "accepted")) + int(self.field(name, "delivered"))
        if told != members:
            sys.exit(f"bench: {told} of {members} told")
        row = {
            "rate": members / seconds,
            "cpu_us": (sum(cpu_seconds(p) for p in pids) - cpu) * 1e6 / members,
            "redis_us": (cpu_seconds(self.redis_server.pid) - redis_cpu) * 1e6 / members,
            "rss_mib": max(peak_mib(p) for p in pids),
        }
        self.end(*started)
        self.forget()
        return row

    # ---- The pumps.

    def pump(self, mode, smsc, window, messages):
        return self.program("bench_pump", mode, "127.0.0.1", smsc.port, window, messages)

    def durapump(self, messages, smsc=None, window=1000, ahead=16):
        where = ["127.0.0.1", smsc.port, window] if smsc else []
        cpu = cpu_seconds(self.redis_server.pid)
        row = self.program("bench_durapump", f"{self.folder}/redis.sock", messages, ahead, *where)
        row["redis_us"] = (cpu_seconds(self.redis_server.pid) - cpu) * 1e6 / messages
        return row

    def program(self, name, *argv):
        run = subprocess.run([f"{BUILD}/bench/{name}", *map(str, argv)], check=True,
                             stdout=subprocess.PIPE, text=True)
        row = json.loads(run.stdout)
        return {"rate": row["messages_per_second"], "cpu_us": row["cpu_us_per_message"]}

    # ---- Kannel.

    def kannel(self, smsc, store, window, messages, text):
        """bearerbox fed by its own mtbatch; its rate is from the first to the last submit_sm."""
        boxes, path = free_port(), f"{self.folder}/kannel"
        with open(f"{path}.conf", "w") as f:
            f.write(KANNEL.format(
                admin=free_port(), boxes=boxes, port=smsc.port, window=window,
                store=KANNEL_REDIS.format(redis=self.redis_port) if store else "",
            ))
        with open(f"{path}.text", "w") as f:
            f.write(text)
        with open(f"{path}.numbers", "w") as f:
            f.writelines(f"849{i:08d}\n" for i in range(messages))
        bearerbox = self.start("bearerbox", "-v", "4", f"{path}.conf", cwd=self.folder)
        wait_for("Kannel's bind", lambda: smsc.summary()["binds"] > 0, every=0.2)
        cpu, redis_cpu = cpu_seconds(bearerbox.pid), cpu_seconds(self.redis_server.pid)
        feeder = self.start("mtbatch", "-v", "4", "-p", str(boxes), "-f", "LOA",
                            f"{path}.text", f"{path}.numbers")
        last = wait_for("Kannel's end", lambda: done(smsc.summary(), messages), every=0.2)
        row = {
            "rate": messages * 1e6 / (last["last_us"] - last["first_us"]),
            "cpu_us": (cpu_seconds(bearerbox.pid) - cpu) * 1e6 / messages,
            "redis_us": (cpu_seconds(self.redis_server.pid) - redis_cpu) * 1e6 / messages,
            "rss_mib": peak_mib(bearerbox.pid),
        }
        self.end(feeder, bearerbox)
        return row


def done(summary, messages):
    return summary if summary["submits"] >= messages else None


def median(rows, field):
    return statistics.median(row.get(field, 0) for row in rows)
