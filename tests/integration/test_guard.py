"""What a message costs, in counts that no clock touches: instructions, allocations, system calls.

The gateway runs under callgrind, once with few members and once with more.  What the second took
beyond the first, by the members that it had more, is the cost of a message: whatever work is done
once a start, a broadcast or a timer falls out.
"""
# SPDX-License-Identifier: MIT
import os
import re
import signal

import harness
import pytest

BUILD = os.path.join(harness.ROOT, os.environ.get("BUILD", "build"))
FEW, MANY = 1_280, 6_400
ALLOCATIONS = {"malloc", "calloc", "realloc", "reallocarray", "aligned_alloc", "posix_memalign"}
SYSTEM_CALLS = {"write", "writev", "send", "sendmsg", "read", "readv", "recv", "recvmsg",
                "epoll_wait", "epoll_ctl", "ioctl", "gettimeofday"}


def profile(text):
    """Of a callgrind file: all instructions, and how often each function was called."""
    names, calls, callee = {}, {}, None
    for line in text.splitlines():
        found = re.match(r"c?fn=\((\d+)\)(?: (.*))?$", line)
        if found:
            key, name = found.groups()
            if name:
                names[key] = re.sub(r"'\d+$|@.*", "", name)
            callee = key if line.startswith("c") else callee
        elif line.startswith("calls="):
            calls[callee] = calls.get(callee, 0) + int(line[6:].split()[0])
    counted = {}
    for key, n in calls.items():
        counted[names[key]] = counted.get(names[key], 0) + n
    total = re.search(r"^(?:totals|summary): (\d+)", text, re.M)
    return int(total.group(1)), counted


def run(members):
    world = harness.World()
    out = os.path.join(world.folder, "callgrind.out")
    try:
        world.start_redis()
        world.start_smsc("bind ok\n")
        world.configure(window=1000, receipts="final")
        world.import_members(members)
        gateway = harness.Process(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
             os.path.join(BUILD, "loa"), "gateway"],
            os.path.join(world.folder, "gateway-1.log"),
            {"LOA_CONFIG": world.config, "RUNTIME_DIRECTORY": world.folder},
        )
        world.gateways.append(gateway)
        world.wait_bound(60)
        world.announce(id="G", summary="Hop chi bo 19h30 ngay 02/12 tai nha van hoa.")
        world.wait_state("G", seconds=120)
        gateway.signal(signal.SIGTERM)
        gateway.ended(60)
        with open(out, encoding="utf-8") as f:
            return profile(f.read())
    finally:
        world.close()


@pytest.fixture(scope="module")
def cost():
    few, many = run(FEW), run(MANY)
    more = MANY - FEW

    def of(names):
        return sum(many[1].get(n, 0) - few[1].get(n, 0) for n in names) / more

    return {"instructions": (many[0] - few[0]) / more, "allocations": of(ALLOCATIONS),
            "system calls": of(SYSTEM_CALLS)}


def test_a_message_costs_no_more_instructions(cost):
    """Ids kept for receipts included.  About 5,500, and more timers where the machine is busy;
    packing each message would add about five thousand."""
    assert cost["instructions"] < 9_000, cost


def test_nothing_is_allocated_a_message(cost):
    """A chunk of 256 takes some two hundred; one more a message would pass this."""
    assert cost["allocations"] < 1, cost


def test_system_calls_are_of_many_messages(cost):
    assert cost["system calls"] < 0.2, cost
