"""HTTP in: /metrics, /healthz, /readyz, asked with curl, and a server that a slow, greedy or rude
peer cannot hold up."""
# SPDX-License-Identifier: MIT
import json
import re
import signal
import socket
import subprocess
import time

from harness import wait

COUNTERS = """announcements_accepted announcements_rejected messages_queued parts_submitted
messages_accepted messages_delivered messages_undelivered messages_failed messages_skipped
messages_expired messages_retried messages_uncertain throttled receipts receipts_unmatched
receipts_duplicate replies webhooks_refused audit_findings audit_repaired
announcements_repeated""".split()
SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\]|\\.)*",?)+)\})? (-?[0-9.]+)')


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def add_http(world):
    world.port = free_port()
    with open(world.config, "a", encoding="utf-8") as f:
        f.write(f'http: {{ listen: "127.0.0.1:{world.port}" }}\n')


def start(world, **settings):
    """The usual beginning, with http."""
    world.start_redis()
    world.start_smsc()
    world.configure(**settings)
    add_http(world)
    world.start_gateway()
    world.wait_bound()
    wait(lambda: ask(world, "/healthz")[0] == 200, "HTTP server")


def ask(world, path, *options):
    """Status and body, by curl."""
    argv = ["curl", "-s", "-m", "10", "-w", "\n%{http_code}", *options]
    done = subprocess.run(
        [*argv, f"http://127.0.0.1:{world.port}{path}"], capture_output=True, text=True, check=False
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def dial(world):
    s = socket.create_connection(("127.0.0.1", world.port), timeout=20)
    return s


def samples(text):
    """The page as Prometheus reads it: each line understood, each family typed before it and in one
    piece."""
    found, typed, current = {}, {}, None
    for line in text.rstrip("\n").split("\n"):
        if line.startswith("# HELP "):
            continue
        if line.startswith("# TYPE "):
            current, kind = line.split()[2:]
            assert current not in typed, f"{current} stands twice"
            typed[current] = kind
            continue
        name, labels, value = SAMPLE.fullmatch(line).groups()
        assert name == current, f"{name} stands under {current}"
        assert (name, labels) not in found, line
        found[name, labels] = float(value)
        assert typed[name] == ("counter" if name.endswith("_total") else "gauge"), line
    return found


def metrics(world):
    status, text = ask(world, "/metrics")
    assert status == 200
    return samples(text)


def test_every_counter_is_shown_and_agrees_with_redis(world):
    start(world)
    world.import_members(20)
    world.announce(id="a")
    world.wait_letters("a", "d", 20)
    world.wait_stat("messages_delivered", 20)

    def shown():
        got = metrics(world)
        return got if got["loa_link_messages_delivered_total", 'link="link1"'] == 20 else None

    got = wait(shown, "the link's deliveries")
    for name in COUNTERS:
        assert got[f"loa_{name}_total", None] == world.stat(name), name
    assert got["loa_redis_up", None] == 1
    assert got["loa_workers", None] == 1
    assert got["loa_link_state", 'link="link1",state="bound"'] == 1
    assert got["loa_link_state", 'link="link1",state="down"'] == 0
    assert got["loa_link_parts_submitted_total", 'link="link1"'] == 20
    assert got["loa_work", 'queue="sms:normal"'] == 0


def test_the_figures_are_kept_for_a_second(world):
    start(world)
    metrics(world)
    before = int(world.r.info("commandstats")["cmdstat_xlen"]["calls"])
    for _ in range(20):
        metrics(world)
    asked = int(world.r.info("commandstats")["cmdstat_xlen"]["calls"]) - before
    assert asked <= 3 * 8, "20 pages in a row read Redis each time"


def test_ready_says_what_is_missing(world):
    world.start_redis()
    world.start_smsc()
    world.smsc.stop()
    world.configure()
    add_http(world)
    world.start_gateway()
    wait(lambda: ask(world, "/healthz", "-f")[0] == 200, "HTTP server")
    wait(lambda: "no link is bound" in ask(world, "/readyz")[1], "sentence about the link")
    assert ask(world, "/readyz")[0] == 503
    world.smsc.start()
    wait(lambda: ask(world, "/readyz") == (200, "ready\n"), "readiness")
    world.redis.kill()
    wait(lambda: ask(world, "/readyz")[0] == 503, "loss of Redis")
    assert "Redis at" in ask(world, "/readyz")[1]
    assert ask(world, "/healthz")[0] == 200
    assert metrics(world)["loa_redis_up", None] == 0
    world.redis.start()
    wait(lambda: ask(world, "/readyz")[0] == 200, "readiness again")
    assert metrics(world)["loa_redis_up", None] == 1


def test_what_is_not_there_and_other_methods_are_refused(world):
    start(world)
    assert ask(world, "/nothing")[0] == 404
    assert ask(world, "/metrics/")[0] == 404
    assert ask(world, "/healthz", "-d", "x")[0] == 405
    assert ask(world, "/healthz", "-X", "DELETE")[0] == 501
    status, text = ask(world, "/healthz", "-I")
    assert status == 200 and "alive" not in text and "nosniff" in text
    assert ask(world, "/healthz?x=1")[0] == 200


def test_too_much_is_refused(world):
    start(world)
    big = f"{world.folder}/big"
    with open(big, "wb") as f:
        f.write(b"x" * ((1 << 20) + 1))
    assert ask(world, "/healthz", "--data-binary", f"@{big}", "-H", "Expect:")[0] in (0, 413)
    assert ask(world, "/healthz", "-H", "X: " + "y" * 20000)[0] in (0, 400, 413)
    assert ask(world, "/healthz")[0] == 200


def test_a_slow_request_is_ended_and_holds_up_nobody(world):
    start(world)
    slow = dial(world)
    began = time.monotonic()
    slow.sendall(b"GET /healthz HTTP/1.1\r\n")
    ended = None
    while time.monotonic() - began < 25 and ended is None:
        try:
            slow.sendall(b"X: y\r\n")  # a byte now and then keeps no connection
            slow.settimeout(0.2)
            if slow.recv(100) == b"":
                ended = time.monotonic() - began
        except TimeoutError:
            pass
        except OSError:
            ended = time.monotonic() - began
        assert ask(world, "/healthz")[0] == 200
    assert ended is not None and ended > 5


def test_more_connections_than_allowed_do_not_keep_others_out(world):
    start(world)
    idle = [dial(world) for _ in range(200)]
    assert ask(world, "/healthz")[0] == 200
    files = f"/proc/{world.gateway.child.pid}/fd"
    wait(lambda: len(subprocess.check_output(["ls", files]).split()) < 170, "fewer connections")
    assert ask(world, "/healthz")[0] == 200
    for s in idle:
        s.close()
    wait(lambda: len(subprocess.check_output(["ls", files]).split()) < 40, "closed connections")


def test_several_requests_on_one_connection(world):
    start(world)
    s = dial(world)
    with s, s.makefile("rb") as f:
        for path, status in (("/healthz", 200), ("/metrics", 200), ("/x", 404), ("/readyz", 200)):
            s.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert int(f.readline().split()[1]) == status
            length = 0
            while (line := f.readline().strip()) != b"":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            assert len(f.read(length)) == length > 0


def test_rude_peers(world):
    start(world)
    for octets in (b"\x00\xff\x16\x03\x01", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                   b"GET http://[::/ HTTP/1.1\r\n\r\n", b"POST /healthz HTTP/1.1\r\n"
                   b"Content-Length: -5\r\n\r\n", b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"):
        with dial(world) as s:
            s.sendall(octets)  # and away, before the answer
    with dial(world) as s:
        s.sendall(b"POST /healthz HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n")
    wait(lambda: ask(world, "/healthz")[0] == 200, "answer afterwards")


def test_two_gateways_share_the_port_and_one_may_end(world):
    start(world)
    world.start_gateway()
    wait(lambda: metrics(world).get(("loa_workers", None)) == 2, "two workers")
    first = world.gateways[0]
    first.signal(signal.SIGTERM)
    assert first.ended() == 0
    wait(lambda: ask(world, "/readyz")[0] == 200, "the other one's answer")
    wait(lambda: metrics(world).get(("loa_workers", None)) == 1, "one worker")
    assert json.loads(world.loa("stats", "--json").stdout)
