"""Kills at random, and a model of every accepted message.

Two gateways, one Redis, one SMSC, and a portal that keeps announcing.  Each stroke kills or stops
one of them or two, at a random time or at a step of the path: when a gateway calls a Function, or
when Redis answers it.  In the end every member of every broadcast must have been told, whoever was
told twice must stand in a stroke's window and be counted as uncertain, and all counts must agree.
"""
# SPDX-License-Identifier: MIT
import collections
import glob
import os
import random
import signal
import sys
import threading
import time

import redis

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/integration"))

from harness import LETTERS, SANITIZER, agree, phone, wait  # noqa: E402
from proxy import Proxy  # noqa: E402

WINDOW, GATEWAYS = 8, 2
CASE = "latency 20ms to 60ms\nreceipts final after 50ms\n"
STEPS = ["loa_create", "loa_plan", "loa_work_feed", "loa_ack", "loa_claim", "loa_begin", "loa_ids",
         "loa_done", "loa_done_begin", "loa_work_finish", "loa_receipts", "loa_settle",
         "loa_stats_post", "loa_renew", "loa_sweep"]
BY_AN_ANNOUNCEMENT = {"loa_create", "loa_plan", "loa_work_feed", "loa_ack"}
ONE = [("gateway",), ("redis",), ("smsc",)]
TWO = [("gateway", "gateway"), ("gateway", "redis"), ("gateway", "smsc"), ("redis", "smsc")]

# Whom, how, where: what a stroke was.  `began` and `over` are CLOCK_MONOTONIC seconds.
Stroke = collections.namedtuple("Stroke", "victims how where began over")


# What a run stands on.  `cut_s`: so much is cut off the end of the AOF whenever Redis was killed;
# `victims`: who may be struck; `pauses`: seconds until what was struck comes back.
Setting = collections.namedtuple("Setting", "fsync cut_s victims members pauses")
ALWAYS = Setting("always", 0, ONE * 2 + TWO, 240, [0, 0, 0.2, 1, 3, 7])
SHORT = ALWAYS._replace(members=150, pauses=[0, 0, 0.2, 1])
CUT = Setting("everysec", 2, [("redis",)], 3000, [0, 0.2, 1])
CUT_TWO = CUT._replace(victims=[("redis", "gateway")])


class Chaos:
    """One run of `strokes`."""

    def __init__(self, world, strokes, seed, setting=ALWAYS, say=lambda text: None):
        self.n, self.random, self.say, self.setting = strokes, random.Random(seed), say, setting
        self.cut_s = setting.cut_s
        self.world, self.strokes, self.texts = world, [], {}
        self.last_announced = 0.0
        self.sizes, self.sampling = [], False
        self.settings = ["--appendfsync", setting.fsync, "--auto-aof-rewrite-percentage", "0"]

    # -- the parts -----------------------------------------------------------------------------

    def start(self):
        w = self.world
        w.start_redis(*self.settings)
        w.start_smsc(CASE)
        self.door = Proxy(os.path.join(w.folder, "door.sock"), w.redis.socket)
        w.closers.append(self.door.close)
        w.configure(redis_socket=self.door.path, window=WINDOW, response="5s", enquire="1s",
                    retry_first="100ms")
        w.import_members(self.setting.members)
        self.gateways = [w.start_gateway() for _ in range(GATEWAYS)]
        wait(lambda: len(w.smsc.events("bind")) == GATEWAYS, "binds")
        if self.cut_s:
            self.sampling = True
            threading.Thread(target=self._sample, daemon=True).start()

    def _sample(self):
        """How long the AOF was when."""
        while self.sampling:
            now = time.monotonic()
            self.sizes = [x for x in self.sizes if x[0] > now - 60] + [(now, self._aof()[1])]
            time.sleep(0.02)

    def _aof(self):
        [path] = glob.glob(os.path.join(self.world.redis.folder, "appendonlydir/*.incr.aof"))
        return path, os.path.getsize(path)

    def _cut(self, killed_at):
        """What a power cut may take with it."""
        path, size = self._aof()
        kept = [n for at, n in self.sizes if at >= killed_at - self.cut_s]
        os.truncate(path, min(size, *kept[:1]))

    def announce(self, over=lambda: False):
        """A new broadcast; with an id, so that it can be told again when the answer was lost, or
        by the next call when Redis was hit and it is `over` (who waits here cannot start it)."""
        n = len(self.texts)
        fields = {"id": f"C{n}", "title": f"Thong bao so {n}", "body": "Moi ca nha den du."}
        end = time.monotonic() + 30
        while True:
            try:
                self.world.r.xadd("loa:announcements", fields)
                break
            except redis.RedisError:
                if over():
                    return
                assert time.monotonic() < end, "Redis does not come back"
                time.sleep(0.05)
        self.texts[f"C{n}"] = fields["title"]
        self.last_announced = time.monotonic()

    def unfinished(self):
        states = {i: self.world.r.hget(self.world.key(i), "state") for i in self.texts}
        return [i for i, state in states.items() if state not in ("done", "expired")]

    def taken_n(self):
        return len(self.world.smsc.read())

    # -- strokes -------------------------------------------------------------------------------

    def choose(self):
        rng = self.random
        victims = rng.choice(self.setting.victims)
        how = rng.choice(["kill", "kill", "stop"]) if not self.cut_s else "kill"
        where = rng.choice(["any", *(f"{m} {s}" for m in ("call", "reply") for s in STEPS)] +
                           ["any"] * 10)
        return victims, how, where

    def pids(self, victims, caller):
        """Processes to hit: of the gateways the caller first."""
        gateways = sorted(self.gateways, key=lambda g: g.child.pid != caller)
        for victim in victims:
            if victim == "gateway":
                yield gateways.pop(0)
            else:
                yield self.world.redis.process if victim == "redis" else self.world.smsc.process

    def hit(self, victims, how, caller):
        """The second falls up to 300 ms after the first."""
        hit = []
        for process in self.pids(victims, caller):
            if hit:
                time.sleep(self.random.random() * 0.3)
            process.signal(signal.SIGKILL if how == "kill" else signal.SIGSTOP)
            hit.append((process, time.monotonic()))
        return hit

    def strike(self):
        victims, how, where = self.choose()
        needs_one = where.split()[-1] in BY_AN_ANNOUNCEMENT and not self.cut_s
        if needs_one or not self.unfinished():
            self.announce()
        while self.cut_s and time.monotonic() - self.last_announced < self.cut_s + 1:
            time.sleep(0.05)
        before, hit, over = self.taken_n(), [], threading.Event()
        began = time.monotonic()
        if where == "any":
            goal = before + self.random.randrange(1, 200)
            self.until(lambda: self.taken_n() >= goal, 3)
            hit = self.hit(victims, how, None)
        else:
            moment, step = where.split()

            def rule(names):
                if step in names and not over.is_set():
                    over.set()
                    hit.extend(self.hit(victims, how, self.door.caller))
                    return how != "kill"
                return True

            self.door.on_call = (lambda name: rule([name])) if moment == "call" else None
            self.door.on_reply = rule if moment == "reply" else None
            self.until(over.is_set, 5)
            self.until(lambda: len(hit) == len(victims) or not over.is_set(), 2)
            self.door.on_call = self.door.on_reply = None
            if not over.is_set():
                over.set()
                where, hit = "any", self.hit(victims, how, None)
        self.recover(hit, how)
        began = min(at for _, at in hit) if hit else began
        self.strokes.append(Stroke("+".join(victims), how, where, began, time.monotonic()))

    def until(self, condition, seconds):
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            if len(self.unfinished_quick()) < 1:
                self.announce(condition)
            time.sleep(0.005)

    def unfinished_quick(self):
        """Of the latest broadcast only, and never a reason to wait."""
        try:
            latest = f"C{len(self.texts) - 1}"
            state = self.world.r.hget(self.world.key(latest), "state")
            return [] if state == "done" and not self.cut_s else [latest]
        except redis.RedisError:
            return ["unknown"]

    def recover(self, hit, how):
        rng = self.random
        if how == "stop":
            time.sleep(0.1 + rng.choice(self.setting.pauses))
            for process, _ in hit:
                process.signal(signal.SIGCONT)
            return
        for process, _ in hit:
            process.child.wait()
        time.sleep(rng.choice(self.setting.pauses))
        for process, at in hit:
            self.restart(process, at)

    def restart(self, process, killed_at):
        w = self.world
        if process is w.redis.process:
            if self.cut_s:
                self._cut(killed_at)
            w.redis.start()
        elif process is w.smsc.process:
            w.smsc.start()
        else:
            place = self.gateways.index(process)
            self.faults_of(process)
            w.gateways.remove(process)
            self.gateways[place] = w.start_gateway()

    def faults_of(self, gateway):
        text = gateway.text()
        assert not SANITIZER.search(text), text[-4000:]

    # -- the model -----------------------------------------------------------------------------

    def run(self):
        """All strokes, then the end of all broadcasts; returns the figures."""
        self.start()
        began = time.monotonic()
        while len(self.strokes) < self.n:
            self.strike()
            for gateway in self.gateways:
                assert gateway.running, gateway.text()[-4000:]
            s = self.strokes[-1]
            self.say(f"{len(self.strokes)}: {s.victims} {s.how} at {s.where}, "
                     f"{self.taken_n()} lines, {len(self.texts)} broadcasts")
        wait(lambda: not self.unfinished(), "end of all broadcasts", 120)
        return self.figures(time.monotonic() - began)

    def takes(self):
        """(number, text) → when the SMSC took it."""
        takes = collections.defaultdict(list)
        for s in self.world.smsc.submits():
            if s.status == "0x00000000":
                takes[s.number, s.text].append(s.at_us / 1e6)
        return takes

    def figures(self, seconds):
        w = self.world
        takes = self.takes()
        lost = [key for key in self.expected() if key not in takes]
        strangers = [key for key in takes if key not in set(self.expected())]
        again = collections.Counter()
        orphans = []
        for key, at in takes.items():
            at, stroke = sorted(at), None
            for first, last in zip(at, at[1:]):  # told three times: each time by its own stroke,
                again_by = self.stroke_of(first, last)  # or one whose mending took longer
                stroke = stroke if again_by is None else again_by
                (orphans.append(key) if stroke is None else again.update([stroke]))
        self.check_broadcasts()
        w.check_stats()
        return {
            "strokes": self.strokes, "messages": len(self.expected()), "lost": lost,
            "strangers": strangers, "again": again, "orphans": orphans, "seconds": seconds,
            "uncertain": w.stat("messages_uncertain"), "faults": w.smsc.errors(),
            "uncounted": self.uncounted(takes),
        }

    def expected(self):
        if not hasattr(self, "_expected"):
            texts = {i: self.world.r.hget(self.world.key(i), "text:sms") for i in self.texts}
            members = [phone(m) for m in range(self.setting.members)]
            self._expected = [(number, texts[i]) for i in self.texts for number in members]
        return self._expected

    def stroke_of(self, first, last):
        """The first one that can have made a message uncertain that was taken first then; if none
        can, one that was over a moment before: out of the socket of an SMSC that stood still."""
        for moment_s in (0, 1):
            for n, stroke in enumerate(self.strokes):
                if stroke.over + moment_s >= first and stroke.began <= last:
                    return n
        return None

    def uncounted(self, takes):
        """Told again without having been counted as uncertain, over all broadcasts."""
        total = 0
        by_text = collections.Counter()
        for (_, text), at in takes.items():
            by_text[text] += len(at) - 1
        for i in self.texts:
            fields = self.world.r.hgetall(self.world.key(i))
            again = by_text[fields["text:sms"]]
            total += max(0, again - int(fields.get("stat:messages_uncertain", 0)))
        return total

    def check_broadcasts(self):
        """What the gateway says of each: every member is final, all counts agree."""
        for i in self.texts:
            fields, letters = self.world.look(i)
            agree(fields, letters)
            assert len(letters) == self.setting.members, (i, len(letters))
            assert not set(letters) - set("ad"), (i, letters)
            wait(lambda: self.told_alike(i), f"agreement on {i}")

    def told_alike(self, i):
        """Whether three looks agree: a receipt that comes between two of them is no fault."""
        status, report = self.world.status(i), self.world.report(i)
        outcomes = collections.Counter(row["outcome"] for row in report)
        letters = self.world.look(i)[1]
        return all(status[name] == letters.count(letter) == outcomes[name]
                   for letter, name in LETTERS.items())

    def faults(self, figures):
        """What must not be, as sentences."""
        if figures["lost"]:
            yield f"{len(figures['lost'])} lost: {figures['lost'][:5]}"
        if figures["strangers"]:
            yield f"{len(figures['strangers'])} taken that nobody announced"
        if figures["faults"]:
            yield f"the SMSC found faults: {figures['faults'][:5]}"
        if self.setting.fsync != "always":
            return
        if figures["orphans"]:
            yield f"without a stroke told again: {figures['orphans'][:5]}"
        if figures["uncounted"]:
            yield f"{figures['uncounted']} told again without being counted as uncertain"
        for n, again in figures["again"].items():
            stroke = figures["strokes"][n]
            most = WINDOW * GATEWAYS * (1 + stroke.victims.count("+"))
            if again > most:
                yield f"stroke {n}, {stroke.victims} {stroke.how}: {again} again, {most} at most"

    def close(self):
        self.sampling = False
