"""The Function library on a private Redis, driven directly: what the gateway's queue/ calls.

A Broadcast is one announcement to `total` members on route sms, all planned.  Every call of it that
changes something checks that the counts say what the letters say.
"""
# SPDX-License-Identifier: MIT
import glob
import os
import subprocess
import tempfile

import pytest
import redis

from harness import LOA, ROOT, LETTERS, Redis

RECORD = 48
LEASE = 60000
NAMES = "qsr?adufkx"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def library():
    """The library's text as the Makefile puts it together."""
    head = os.path.join(ROOT, "queue/loa.lua")
    rest = sorted(set(glob.glob(os.path.join(ROOT, "queue/*.lua"))) - {head})
    return "".join(open(path, encoding="utf-8").read() for path in [head, *rest])


def outcomes():
    """The C table of letter × event: (letter, event, current) → next letter."""
    program = os.path.join(os.path.dirname(LOA), "unit", "print_outcomes")
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    rows = (line.split() for line in lines.splitlines())
    return {(row[0], row[1], row[2] == "1"): row[3] for row in rows}


def base36(n, width):
    text = ""
    while n:
        n, digit = divmod(n, 36)
        text = DIGITS[digit] + text
    return text.rjust(width, "0") if text else " " * width


def record(attempts=1, parts=1, reason="", submitted=1_700_000_000, final=0, id="", link=0):
    """A ledger record as gateway/core/ledger.c packs it."""
    text = (
        f"s{base36(link, 2) if link else '00'}{attempts:02}{parts:02}{reason:5}"
        f"{base36(submitted, 7)}{base36(final, 7)}{id:22}"
    )
    assert len(text) == RECORD
    return text.encode()


class Functions:
    """A Redis with the library."""

    def __init__(self, settings=()):
        self.folder = tempfile.TemporaryDirectory(prefix="loa-functions-")
        self.server = Redis(self.folder.name, settings).start()
        self.redis = redis.Redis(unix_socket_path=self.server.socket, socket_timeout=30)
        self.load()

    def load(self):
        self.redis.execute_command("FUNCTION", "LOAD", "REPLACE", library())

    def call(self, function, *keys_and_args, keys=1):
        return self.redis.execute_command("FCALL", function, keys, *keys_and_args)

    def empty(self):
        self.redis.flushall()

    def close(self):
        self.server.stop()
        self.folder.cleanup()


class Broadcast:
    def __init__(self, functions, total=256, id="A1", **fields):
        self.functions, self.redis, self.total = functions, functions.redis, total
        self.key = f"loa:broadcast:{{{id}}}"
        chunks = (total + 255) // 256
        hash = {
            "state": "sending", "total": total, "queued": total, "chunks": chunks,
            "planned": chunks, "ahead": 4, "routes": "s=sms", "on_uncertain": "resend",
            "uncertain_wait_ms": 5000, "parts_each": 1, "price": 500, "epoch": 0,
            "stat:messages_queued": total, **fields,
        }
        self.redis.hset(self.key, mapping=hash)
        self.redis.set(self.key + ":states", "q" * total)
        self.redis.set(self.key + ":routes", "s" * total)
        for n in range(chunks):
            last = min(total, n * 256 + 256) - 1
            phones = ",".join(f"84{900000000 + i}" for i in range(n * 256, last + 1))
            self.redis.hset(self.key + ":chunks", n, f"{n * 256}-{last};{phones}")
        self.numbers = {}

    # ---- Functions

    def claim(self, worker="w1", chunk=0, lease=LEASE, calm=0):
        answer = self.functions.call("loa_claim", self.key, chunk, "sms", worker, lease, calm)
        self.check()
        return Claim(self, worker, chunk, answer)

    def settle(self, *entries, count=1):
        """An entry: (index, letter, attempt, part, parts, reason, at_s)."""
        args = []
        for index, *rest in entries:
            args += [index, 1, *rest]
        answer = self.functions.call("loa_settle", self.key, count, *args)
        self.check()
        return answer[0]

    # ---- What stands there

    def letters(self):
        return self.redis.get(self.key + ":states").decode()

    def force(self, letters):
        """Sets the letters as if they had come to be; counts follow."""
        assert len(letters) == self.total
        self.redis.set(self.key + ":states", letters)
        counts = {LETTERS[x]: letters.count(x) for x in NAMES}
        self.redis.hset(self.key, mapping=counts)

    def number(self, field):
        return int(self.redis.hget(self.key, field) or 0)

    def state(self):
        return self.redis.hget(self.key, "state").decode()

    def ledger(self, index):
        at = index * RECORD
        return self.redis.getrange(self.key + ":ledger", at, at + RECORD - 1).decode()

    def detail(self, field):
        return self.redis.hget(self.key + ":details", field)

    def claim_field(self, field):
        return self.redis.hget(self.key + ":claims", field)

    def check(self):
        """The counts are the letters', and are of everybody."""
        letters = self.letters()
        counts = {x: self.number(LETTERS[x]) for x in NAMES}
        assert counts == {x: letters.count(x) for x in NAMES}
        assert sum(counts.values()) == len(letters) == self.total
        return letters


class Claim:
    """What a worker has of a chunk."""

    def __init__(self, broadcast, worker, chunk, answer):
        self.b, self.worker, self.chunk = broadcast, worker, chunk
        self.verdict = answer[0].decode()
        self.epoch = answer[1] if len(answer) > 1 else 0
        self.letters = answer[2].decode() if len(answer) > 2 else ""
        self.entry = answer[3].decode() if len(answer) > 3 else ""
        self.number, self.last, self.closed = 0, None, False

    def _args(self, lease):
        return [self.b.key, self.chunk, "sms", self.worker, self.epoch, lease]

    def begin(self, most, number=None, lease=LEASE):
        """Returns (verdict, {place: attempt}, more, due_ms)."""
        if number is None:
            self.number += 1
            number = self.number
        answer = self.b.functions.call("loa_begin", *self._args(lease), number, most)
        self.b.check()
        verdict = answer[0].decode()
        if verdict != "OK":
            return verdict, {}, False, 0
        assert list(answer[1]) == sorted(set(answer[1]))
        return verdict, dict(zip(answer[1], answer[2], strict=True)), bool(answer[3]), answer[4]

    def done_args(self, events, close=False, number=0, throttled=0, details=(), lease=LEASE):
        rows = [(*e, *(record(), 1, 0)[len(e) - 2 :]) for e in events]
        dues = " ".join(str(r[4]) for r in rows) if any(r[4] for r in rows) else ""
        return [
            *self._args(lease), int(close), number, throttled,
            "".join(r[1] for r in rows), bytes(r[0] for r in rows), bytes(r[3] for r in rows),
            b"".join(r[2] for r in rows), dues, *(x for detail in details for x in detail),
        ]

    def done(self, events=(), close=False, number=0, throttled=0, details=(), lease=LEASE):
        """An event: (place, letter[, record[, parts[, due_ms]]]).
        Returns (stale, closed, successor, due_ms)."""
        answer = self.b.functions.call(
            "loa_done", *self.done_args(events, close, number, throttled, details, lease))
        self.b.check()
        return bool(answer[0]), bool(answer[1]), answer[2], answer[3]

    def renew(self, lease=LEASE):
        return bool(self.b.functions.call("loa_renew", *self._args(lease))[0])


@pytest.fixture(scope="module")
def server():
    functions = Functions()
    yield functions
    functions.close()


@pytest.fixture
def functions(server):
    server.empty()
    return server
