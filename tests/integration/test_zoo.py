"""The zoo: every way of an SMSC that is a file in tests/sim/cases/zoo, with what must come of it.

A case is read by the simulator; its lines that begin with `#!` are for this test:

    #! members N                 how many are told (10)
    #! link KEY: VALUE           a key of the link
    #! set KEY VALUE             a setting of the harness (attempts, uncertain_wait, …)
    #! summary TEXT              what is sent
    #! outcome WORD N …          exactly these outcomes, and no other
    #! smsc COUNT = N            the simulator's count
    #! stat COUNTER = N          loa:stats
    #! answered STATUS = N       our answers to deliver_sm
    #! events EVENT = N          lines of the simulator's log
    #! says TEXT                 stands in the gateway's log

Whatever happens, nobody is told twice who was not uncertain, and nothing that we send is at fault.
"""
# SPDX-License-Identifier: MIT
import glob
import operator
import os
import re

import pytest

from harness import LETTERS, ROOT, wait

CASES = sorted(glob.glob(os.path.join(ROOT, "tests/sim/cases/zoo/*.case")))
COMPARE = {"=": operator.eq, "<=": operator.le, ">=": operator.ge}
COUNTED = ("smsc", "stat", "answered", "events")


class Zoo:
    """One case: what it configures, and what it expects."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            self.case = f.read()
        self.members, self.link, self.settings, self.fields = 10, {}, {}, {}
        self.outcome, self.counts, self.says = {}, [], []
        for word, rest in re.findall(r"^#! (\w+) (.*)$", self.case, re.M):
            self.read(word, rest)

    def read(self, word, rest):
        if word == "members":
            self.members = int(rest)
        elif word == "link":
            key, value = rest.split(": ", 1)
            self.link[key] = value
        elif word == "set":
            key, value = rest.split(" ", 1)
            self.settings[key] = value
        elif word == "summary":
            self.fields["summary"] = rest
        elif word == "outcome":
            words = rest.split()
            self.outcome = dict(zip(words[::2], map(int, words[1::2])))
        elif word == "says":
            self.says.append(rest)
        else:
            assert word in COUNTED, word
            name, sign, number = rest.split()
            self.counts.append((word, name, sign, int(number)))

    def wrong(self, world):
        """What is not (yet) as it must be."""
        _, letters = world.look("ZOO")
        outcome = {LETTERS[x]: letters.count(x) for x in set(letters)}
        wrong = [] if outcome == self.outcome else [f"outcome {outcome}, not {self.outcome}"]
        summary = world.smsc.summary()
        for kind, name, sign, number in self.counts:
            have = self.count(world, summary, kind, name)
            if not COMPARE[sign](have, number):
                wrong.append(f"{kind} {name} is {have}, not {sign} {number}")
        log = world.gateway.text()
        return wrong + [f"it does not say: {text}" for text in self.says if text not in log]

    @staticmethod
    def count(world, summary, kind, name):
        if kind == "smsc":
            return summary[name]
        if kind == "stat":
            return world.stat(name)
        if kind == "events":
            return len(world.smsc.events(name))
        return sum(e.fields[1] == name for e in world.smsc.events("deliver_resp"))


def come_true(world, zoo):
    last = []

    def right():
        assert world.gateway.running, world.gateway.text()[-3000:]
        last[:] = zoo.wrong(world)
        return not last

    try:
        wait(right, "", 25)
    except AssertionError as e:
        raise AssertionError("; ".join(last) or str(e)) from None


@pytest.mark.parametrize("path", CASES, ids=[os.path.basename(p)[:-5] for p in CASES])
def test_zoo(world, path):
    zoo = Zoo(path)
    assert zoo.outcome and sum(zoo.outcome.values()) == zoo.members, "a case tells its outcomes"
    world.start_redis()
    world.start_smsc(zoo.case)
    world.configure(**zoo.settings, **zoo.link)
    world.import_members(zoo.members)
    world.start_gateway()
    wait(lambda: world.smsc.events("connect"), "connection to the SMSC")
    world.announce(id="ZOO", **zoo.fields)
    wait(lambda: world.look("ZOO")[1], "broadcast")
    come_true(world, zoo)
    world.gateway.signal(15)
    assert world.gateway.ended() == 0
    assert zoo.wrong(world) == [], "it was right, and then no more"
    world.check_told(world.smsc.summary()["duplicates"])


def test_the_zoo_is_large():
    assert len(CASES) >= 30
