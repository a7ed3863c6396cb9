"""queue/SCHEMA.md says what is so: keys, their types, the commands shown, letters, Functions."""
# SPDX-License-Identifier: MIT
import os
import re
import shlex

from functions import outcomes
from harness import ROOT, wait

with open(os.path.join(ROOT, "queue/SCHEMA.md"), encoding="utf-8") as page:
    SCHEMA = page.read()

TYPES = {"sorted set": "zset"}
VARIABLE = {
    "ID": r"[A-Za-z0-9._-]{1,64}",
    "HASH": r"[0-9a-f]{64}",
    "CHAT": r"[0-9a-f]{16}",
    "CODE": r"[2-9a-kmnp-z]{8}",
    "ROUTE": r"[a-z]+",
    "NAME": r"[a-z0-9]+",
    "GROUP": r".+",
    "YYYYMMDDHHMM": r"\d{12}",
    "YYYYMMDD": r"\d{8}",
}


def rows(*cells):
    """The table rows of the page whose first cell is code, with that many cells."""
    for line in SCHEMA.splitlines():
        row = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| `") and len(row) in cells:
            yield row


def keys():
    """Each documented key as (pattern, type)."""
    for row in rows(3, 4, 5):
        if not row[0].startswith("`loa:") or row[1].startswith("`"):
            continue
        for name in re.findall(r"`([^`]+)`", row[0]):
            pattern = re.escape(name)
            for word, values in VARIABLE.items():
                pattern = re.sub(rf"\b{word}\b", lambda _, v=values: v, pattern)
            yield re.compile(pattern + r"\Z"), TYPES.get(row[1], row[1])


def run_everything(world):
    """A broadcast with every kind of outcome, a refused announcement, a retry, groups, sharers."""
    world.start_redis()
    world.start_smsc("receipts final after 20ms\nthrottle 400/s\n")
    world.configure()
    rows_ = [f"m{i},,0{900000000 + i},,,all-of-us;g{i % 3}" for i in range(600)]
    rows_ += ["twin,,0900000007,,,g1;chibo-3", "zalo,,,uid7,,g1", "chat,,,,123,g1", "bad,,12,,,g1"]
    world.import_members(0, rows=rows_)
    world.r.setbit("loa:members:{dir}:optout:sms", 5, 1)
    world.start_gateway()
    world.wait_bound()
    world.announce(id="7K2M", audience="all-of-us,g1")
    world.announce(title="Khong co ai", audience="nobody-here")
    world.announce(body="Khong co id")
    world.wait_state("7K2M")
    world.wait_stat("announcements_rejected", 1)


def test_every_key_is_on_the_page(world):
    run_everything(world)
    known = list(keys())
    assert len(known) > 40
    seen = set()
    for key in world.r.scan_iter(count=1000):
        kind = world.r.type(key)
        types = [t for pattern, t in known if pattern.match(key)]
        assert types or kind == "none", f"{key} ({kind}) does not stand on the page"
        assert kind in (*types, "none"), f"{key} is a {kind}, the page says {types}"
        seen.add(key)
    for name in ("loa:stats", "loa:broadcast:{7K2M}:ledger", "loa:members:{dir}:sharers"):
        assert name in seen


def test_the_fields_of_a_broadcast_are_on_the_page(world):
    run_everything(world)
    words = set(re.findall(r"[a-z_]+", SCHEMA))
    for field in world.r.hkeys("loa:broadcast:{7K2M}"):
        name = field.split(":")[-1]
        assert name in words, f"{field} does not stand on the page"


def test_the_commands_of_the_page_work(world):
    run_everything(world)
    commands = re.findall(r"^ {4}redis-cli (.*)$", SCHEMA, re.M)
    assert len(commands) > 30
    for line in commands:
        argv = shlex.split(line.split("   #")[0])
        world.r.execute_command(*argv)  # an error raises
    # And they show something.
    assert world.r.hget("loa:members:{dir}:numbers", "m1") == "1"
    assert len(world.r.getrange("loa:broadcast:{7K2M}:ledger", 480, 527)) == 48
    wait(lambda: world.stat("announcements_accepted") >= 3, "the announcement of the page")


def test_the_letters_of_the_page_are_those_of_the_code():
    table = outcomes()
    letters = "qsr?adufkx"
    seen = {}
    facts = set()
    for line in SCHEMA.splitlines():
        row = [cell.strip() for cell in line.split("|")]
        if re.match(r"\| `[A-Z]` \|", line) and len(row) == 15:
            event = row[1].strip("`")
            facts |= {event} if row[3] == "yes" else set()
            for letter, after in zip(letters, row[4:14]):
                if after:
                    seen[letter, event, True] = after
                    if row[3] == "yes":
                        seen[letter, event, False] = after
    assert facts == {"A", "D"}
    assert seen == table


def test_the_functions_of_the_page_are_those_of_the_library(world):
    world.start(members=1)
    library = world.r.execute_command("FUNCTION", "LIST", "LIBRARYNAME", "loa_*")
    listed = dict(zip(library[0][::2], library[0][1::2]))["functions"]
    have = {}
    for one in listed:
        one = dict(zip(one[::2], one[1::2]))
        flags = set(one["flags"])
        have[one["name"]] = (
            "read" if "no-writes" in flags else "yes" if "allow-oom" in flags else ""
        )
    have["loa_version"] = ""
    page = {}
    for line in SCHEMA.splitlines():
        found = re.match(r"\| `(loa_\w+)` \|.*\| *(\w*) *\|$", line)
        if found:
            page[found[1]] = found[2]
    assert page == have
