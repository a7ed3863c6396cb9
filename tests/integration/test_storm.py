"""Half of the members have Zalo, which answers with every error and cuts connections after the
request, and one of two gateways is killed in the middle: everybody is told, nobody twice uncounted.

STORM=10000 makes it ten times as large (some minutes)."""
# SPDX-License-Identifier: MIT
import collections
import os

import platforms
from harness import wait
from test_fallback import PAIR, after, rows

MEMBERS = int(os.environ.get("STORM", "1000"))
LARGE = MEMBERS > 5000
# By the last digits of the number: those without Zalo are the odd ones.
REFUSED = {"02": -108, "12": -110, "22": -114, "32": -119, "42": -139, "52": -140, "62": -141,
           "72": -1471, "82": -1472, "92": -134, "04": -1121, "14": -116}
CASE = "".join(f"error {code} for *{digits}\n" for digits, code in REFUSED.items()) + """\
error -118 for *[13579]
error -9999 for *24
error -100 for *34
cut every 50
half every 89
reset every 97
status 502 every 101
status 503 every 103
silent every 499
lost every 31
latency 2ms to 8ms
receipts after 50ms twice
"""
SMSC = """\
bind ok
latency 1ms to 5ms
error 0x00000008 for *28 times 1
drop every 400
receipts final after 50ms
user_message_reference echoed
"""
# A minute's pause each.
SLOW = "error -32 for *0006 times 1\n"


def begin(world):
    port = platforms.free_port()
    hook = f"webhook http://127.0.0.1:{port}/webhooks/zalo\n"
    zalo = platforms.start(
        world, "zalo", "sms", case=PAIR + hook + (SLOW if LARGE else "") + CASE, smsc=SMSC,
        channels=after(30 if LARGE else 4), settings={"zalo": ["response: 2s"]}, doubt="5s",
        top=f'http: {{ listen: "127.0.0.1:{port}" }}\n')
    platforms.authorize(world)
    world.import_members(0, rows=rows(MEMBERS))
    for _ in range(2):
        world.start_gateway()
    world.wait_bound()
    return zalo


def test_everybody_is_told_and_who_is_told_twice_is_counted(world):
    zalo = begin(world)
    world.announce(id="ST", channels="zalo,sms")
    wait(lambda: len(zalo.told()) > MEMBERS // 8, "the middle", 120)
    world.gateways[0].kill()
    world.wait_state("ST", seconds=600 if LARGE else 90)
    letters = world.look("ST")[1]
    wait(lambda: not set(world.look("ST")[1]) - set("du"), "receipts of the last", 30)
    told = zalo.told()
    sms = collections.Counter(number for number, _ in world.smsc.told().elements())
    everybody = {f"84{900000000 + i}" for i in range(MEMBERS)}
    assert set(told) | set(sms) == everybody, (letters, sorted(everybody - set(told) - set(sms)))
    again = sum((told + sms).values()) - MEMBERS
    wait(lambda: world.stat("messages_uncertain") >= again, "each of them counted", 5)
    assert again <= 100, "what stood in the window of the killed one"
    assert world.stat("messages_uncertain") < 3 * 100 + MEMBERS // 8, "windows, and what was cut"
    status = world.status("ST")
    assert status["total"] == MEMBERS == status["delivered"]
    world.check_stats()
    for row in world.report("ST"):
        assert row["address"] in (told if row["channel"] == "zalo" else sms), row
        assert row["outcome"] == "delivered" and row["final_at"], row
    print(f"{MEMBERS} members: {len(told)} by zalo, {len(sms)} by sms, {again} told twice, "
          f"{world.stat('messages_uncertain')} counted as uncertain")
