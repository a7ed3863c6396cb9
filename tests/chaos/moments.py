#!/usr/bin/python3
"""pause, resume, retry, cancel and kill -9 at random moments of one broadcast on two gateways.

    tests/chaos/moments.py [SEED]        20,000 members, 50 moments

The model: while it is paused nothing leaves; who is refused for good is tried once, and once more
for each retry that found him failed; everybody else is told once, and more often only when he was
counted uncertain; after cancel nothing leaves, and who was not told is skipped.
"""
# SPDX-License-Identifier: MIT
import collections
import json
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../integration"))

from harness import World, agree, phone, wait  # noqa: E402

CASE = "latency 5ms\nreceipts none\nerror 0x0000000b for *7\n"
WINDOW = 20
ID = "MOMENTS"


class Moments:
    def __init__(self, world, members, moments, seed):
        self.world, self.members, self.random = world, members, random.Random(seed)
        self.moments = moments
        self.kills = self.again = 0
        self.paused = False

    def submits(self):
        return sum(line[0] == "submit" for line in self.world.smsc.read())

    def start(self, rate):
        self.world.start(members=self.members, case=CASE, window=WINDOW, rate=rate,
                         receipts="none", uncertain_wait="100ms")
        self.world.start_gateway()
        wait(lambda: len(self.world.smsc.events("bind")) == 2, "bind of the second")
        self.world.announce(id=ID)

    def command(self, name):
        return json.loads(self.world.loa(name, ID, "--json").stdout)

    def is_quiet(self):
        """Nobody is on the wire, and nothing leaves."""
        wait(lambda: "s" not in self.world.look(ID)[1], "end of what was on its way", 30)
        before = self.submits()
        time.sleep(0.1)
        assert self.submits() == before, f"{self.submits() - before} left while all stood still"

    def pause(self):
        self.command("pause")
        self.is_quiet()
        if self.random.random() < 0.3:
            self.kill()
            self.is_quiet()
        if self.world.look(ID)[0]["state"] == "paused":  # else the last were on their way
            self.command("resume")

    def retry(self):
        self.again += self.command("retry")["members"]

    def kill(self):
        gateway = self.random.choice([g for g in self.world.gateways if g.running])
        gateway.kill()
        self.kills += 1
        self.world.start_gateway()

    def run(self):
        marks = sorted(self.random.sample(range(50, self.members - 50), self.moments - 1))
        for mark in marks:
            wait(lambda m=mark: self.submits() >= m, f"{mark} messages", 120)
            if self.world.look(ID)[0]["state"] == "done":
                break  # the machine stood still for so long
            agree(*self.world.look(ID))
            self.random.choices((self.pause, self.retry, self.kill), (5, 3, 1))[0]()
        if self.random.random() < 0.5 and self.cancel():
            self.is_quiet()
            self.world.wait_state(ID, "cancelled", seconds=30)
        else:
            self.world.wait_state(ID, seconds=300)
        return self.judge()

    def cancel(self):
        """False when its last message was the faster one."""
        try:
            self.command("cancel")
        except AssertionError:
            assert self.world.look(ID)[0]["state"] == "done"
            return False
        return True

    def judge(self):
        """What the model says of every member; answers the figures."""
        fields, letters = self.world.look(ID)
        agree(fields, letters)
        tries, told = collections.Counter(), collections.Counter()
        for s in self.world.smsc.submits():
            tries[s.number] += 1
            told[s.number] += s.status == "0x00000000"
        uncertain, twice = self.world.stat("messages_uncertain"), 0
        for i, letter in enumerate(letters):
            n = phone(i)
            if n.endswith("7"):
                assert letter in "fk?" and told[n] == 0, (n, letter)
            elif letter == "a":
                assert told[n] >= 1, f"{n} was lost"
                twice += told[n] - 1
            else:
                assert letter == "?" or (letter == "k" and told[n] <= 1), (n, letter, told[n])
        refused = sum(n for number, n in tries.items() if number.endswith("7"))
        reached = sum(number.endswith("7") for number in tries)
        assert refused <= reached + self.again + uncertain, (refused, reached, self.again)
        if fields["state"] == "done":
            assert refused >= reached + self.again and set(letters) == {"a", "f"}
        assert twice <= uncertain <= 2 * WINDOW * self.kills, (twice, uncertain, self.kills)
        return {"state": fields["state"], "kills": self.kills, "retried": self.again,
                "twice": twice, "uncertain": uncertain}


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else int(time.time())
    world = World()
    try:
        moments = Moments(world, 20_000, 50, seed)
        moments.start(rate=300)
        print(f"seed {seed}: {moments.run()}")
    finally:
        world.close(check=False)


if __name__ == "__main__":
    main()
