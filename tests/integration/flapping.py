"""A link that comes and goes beside one that stays: how often its share moves, and when it is back.

Two links of one weight, 100 parts a second each; the SMSC of the first is killed and started again
in turn, and stays in the end.  What every SMSC got is taken from its own log.
"""
# SPDX-License-Identifier: MIT
import re
import time

from harness import wait

RATE = 100
BACK_S = 60  # within so long the share must be back, and move at most twice
MOVES = 2


def prepare(world, seconds):
    """Both at work on a broadcast that lasts so long."""
    world.start_redis()
    for _ in range(2):
        world.start_smsc("latency 2ms\n")
    world.configure(receipts="none", window=20, rate=RATE, weight=1)
    world.import_members(int(2 * RATE * seconds))
    world.start_gateway()
    world.wait_bound()
    world.announce(id="FLAP")
    wait(lambda: min(s.submits_n() for s in world.smscs) >= RATE / 2, "both at work")


def moves(world):
    """Where the flapping link's share went, in order."""
    return re.findall(r"event=share\.moved link=link1 .*share=(\w+)", world.gateway.text())


def share_of_first(world, since_us, until_us):
    """Of what both took in that time, the first one's part."""
    took = [sum(since_us <= s.at_us < until_us for s in smsc.submits()) for smsc in world.smscs]
    return took[0] / max(1, sum(took))


def flap(world, times, up_s, down_s, seen_s=4):
    """Flaps so often, then stays up.  Returns the figures."""
    for n in range(times):
        if n > 0:
            time.sleep(up_s)
        world.smscs[0].kill()
        time.sleep(down_s)
        world.smscs[0].start()
    came = time.monotonic()
    wait(lambda: moves(world)[-1:] == ["full"], "its share again", BACK_S)
    back = time.monotonic()
    time.sleep(seen_s)
    since_us = int((back + 0.5) * 1e6)
    other = [s.at_us for s in world.smscs[1].submits()]
    return {
        "flaps": times,
        "moves": moves(world),
        "back_s": back - came,
        "share": share_of_first(world, since_us, int(time.monotonic() * 1e6)),
        "silent_s": max(b - a for a, b in zip(other, other[1:], strict=False)) / 1e6,
    }


def faults(figures, part=1):
    """What was promised and is not so; `part`: of that (see `measured`)."""
    moved, back_s, share = len(figures["moves"]), figures["back_s"], figures["share"]
    checks = [
        (moved <= MOVES, f"its share moved {moved} times"),
        (back_s <= BACK_S, f"its share was back after {back_s:.0f} s"),
        (0.45 * part <= share <= 1 - 0.45 * part, f"it had {share:.0%} then, not half"),
        (figures["silent_s"] <= 2 / part, f"the other stood still {figures['silent_s']:.1f} s"),
    ]
    return [text for right, text in checks if not right]
