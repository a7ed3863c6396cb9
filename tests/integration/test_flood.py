"""A flood of webhooks, one in ten signed wrongly, and a crowd that trickles its requests in:
right ones are all stored, wrong ones refused, and what is sent meanwhile is not slowed down.

FLOOD=2000 is the whole of it, twice ten seconds with 500 in the crowd, and looks at the clock."""
# SPDX-License-Identifier: MIT
import contextlib
import json
import multiprocessing
import os
import socket
import threading
import time

import platforms
from harness import wait
from test_fallback import PAIR, rows

FLOOD = int(os.environ.get("FLOOD", "200"))
LARGE = FLOOD >= 1000
SECONDS, CROWD, RATE, POSTERS, ROUNDS = (10, 500, 400, 8, 2) if LARGE else (2, 100, 100, 1, 1)
MEMBERS = RATE * SECONDS


def event(n):
    return json.dumps({
        "app_id": platforms.APP_ID, "event_name": "user_send_text", "sender": {"id": "7001"},
        "message": {"text": f"t{n}", "msg_id": f"m{n}"}, "timestamp": str(int(time.time() * 1000)),
    })


def request(n):
    body = event(n)
    mac = platforms.sign(body) if n % 10 else "mac=" + "0" * 64
    return (f"POST /webhooks/zalo HTTP/1.1\r\nHost: a\r\nX-ZEvent-Signature: {mac}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


def answer(s):
    """The status of one answer, whose body is read too."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += s.recv(4096) or (_ for _ in ()).throw(OSError())
    head, _, body = got.partition(b"\r\n\r\n")
    size = int(head.lower().partition(b"content-length:")[2].split()[0])
    while len(body) < size:
        body += s.recv(4096)
    return int(head.split()[1])


def post(port, requests, rate, begin, out):
    """Posts each at its time, again on another connection when one breaks, as Zalo does."""
    begin.wait()
    s, began, statuses, waits = None, time.monotonic(), {}, []
    for i, (n, octets) in enumerate(requests):
        time.sleep(max(0, began + i / rate - time.monotonic()))
        asked = time.monotonic()
        while n not in statuses:
            try:
                s = s or socket.create_connection(("127.0.0.1", port), timeout=10)
                s.sendall(octets)
                statuses[n] = answer(s)
            except OSError:
                s = None
        waits.append(time.monotonic() - asked)
    out.put((statuses, waits, time.monotonic() - began))


def trickle(crowd, port, stop):
    """Each of them a header's octet a second, and anew when it was ended."""
    while not stop.wait(1):
        for i, s in enumerate(crowd):
            try:
                s.sendall(b"x")
            except OSError:
                s.close()
                crowd[i] = slow(port)


def slow(port):
    s = socket.create_connection(("127.0.0.1", port))
    s.sendall(b"POST /webhooks/zalo HTTP/1.1\r\nX-Header: ")
    return s


def send(world, id_):
    """How long the SMSC saw it take."""
    seen = world.smsc.submits_n()
    world.announce(id=id_, channels="sms")
    world.wait_state(id_, seconds=60)
    at = [s.at_us for s in world.smsc.submits()[seen:]]
    assert len(at) == MEMBERS
    return (max(at) - min(at)) / 1e6


def flood(port, numbers, while_posting):
    """Posts these events from POSTERS connections, all of it prepared before; what `while_posting`
    gives, each status, how long each waited, and posts a second."""
    begin, out = multiprocessing.Event(), multiprocessing.Queue()
    every = [(n, request(n)) for n in numbers]
    posters = [multiprocessing.Process(
        target=post, args=(port, every[i::POSTERS], FLOOD / POSTERS, begin, out))
        for i in range(POSTERS)]
    for p in posters:
        p.start()
    begin.set()
    try:
        given = while_posting()
        results = [out.get(timeout=120) for _ in posters]
    finally:
        for p in posters:
            p.join()
    return (given, {n: status for one, _, _ in results for n, status in one.items()},
            [w for _, some, _ in results for w in some],
            len(every) / max(took for _, _, took in results))


@contextlib.contextmanager
def crowd_at(port):
    stop = threading.Event()
    trickling = threading.Thread(
        target=trickle, args=([slow(port) for _ in range(CROWD)], port, stop))
    trickling.start()
    try:
        yield
    finally:
        stop.set()
        trickling.join()


def test_right_ones_are_stored_wrong_ones_refused_and_sending_goes_on(world):
    port = platforms.free_port()
    platforms.start(world, "zalo", "sms", case=PAIR, settings={"sms": [f"rate: {RATE}"]},
                    top=f'http: {{ listen: "127.0.0.1:{port}" }}\n')
    platforms.authorize(world)
    world.import_members(0, rows=rows(MEMBERS))
    world.start_gateway()
    world.wait_bound()
    alone, beside, statuses, waits, speeds = [], [], {}, [], []
    total = FLOOD * SECONDS
    for r in range(ROUNDS):  # in turn: what else the machine does is in both
        alone.append(send(world, f"W{2 * r}"))
        with crowd_at(port):
            took, some, waited, speed = flood(
                port, range(r * total, (r + 1) * total),
                lambda id_=f"W{2 * r + 1}": send(world, id_))
        beside.append(took)
        statuses.update(some)
        waits += waited
        speeds.append(speed)
    total *= ROUNDS
    assert statuses == {n: 200 if n % 10 else 401 for n in range(total)}
    stored = [fields["text"] for _, fields in world.r.xrange("loa:replies")]
    assert sorted(stored) == sorted(f"t{n}" for n in range(total) if n % 10), "each once"
    wait(lambda: world.stat("webhooks_refused") >= total // 10, "the refused, counted")
    waits.sort()
    print(f"{min(speeds):.0f} posts a second, answered in "
          f"{waits[len(waits) // 2] * 1e3:.1f} ms (99 %: "
          f"{waits[len(waits) * 99 // 100] * 1e3:.1f}, worst {waits[-1] * 1e3:.1f}); "
          f"{MEMBERS} messages in {alone} s alone, {beside} beside")
    if LARGE:
        assert min(speeds) > 0.95 * FLOOD
        assert waits[-1] < 2, "answered within two seconds"
        assert sum(beside) < 1.1 * sum(alone), "sending is slowed by less than a tenth"
