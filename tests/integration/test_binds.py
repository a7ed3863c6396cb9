"""The binds of a link: several under load, one killed every second; what their sockets are."""
# SPDX-License-Identifier: MIT
from harness import wait

MEMBERS, RATE, WINDOW, BINDS, KILLS = 8000, 360, 40, 4, 20


def test_one_of_four_binds_is_killed_every_second(world):
    """Nothing is lost; twice is told at most what stood on a killed bind, and all of it was counted
    as uncertain."""
    world.start_redis()
    world.start_smsc("latency 20ms to 60ms\nkill every 1s\nreceipts none\n")
    world.configure(window=WINDOW, rate=RATE, binds=BINDS)
    world.import_members(MEMBERS)
    world.start_gateway()
    world.wait_bound()
    world.announce(id="KILLS")

    def kills():
        return [e for e in world.smsc.events("close") if e.fields[0] == "killed by the case"]

    world.wait_state("KILLS", seconds=90)
    killed = kills()
    assert len(killed) >= KILLS, "the load lasted as long as the kills"
    assert len({e.session for e in killed}) == len(killed)
    lost = sum(int(e.fields[1]) for e in killed)  # stood there without an answer
    status = world.settled("KILLS", MEMBERS, uncertain_most=lost)
    assert status["accepted"] == MEMBERS
    told = world.smsc.told()
    assert len(told) == MEMBERS
    again = sum(told.values()) - MEMBERS
    assert again <= lost <= WINDOW * len(killed)
    assert again <= world.stat("messages_uncertain") <= WINDOW * len(killed)
    assert world.stat("messages_failed") == 0
    wait(lambda: int(world.r.hget("loa:stats:link:link1", "in_flight")) == 0, "empty window", 5)
    in_flight = world.smsc.summary()["max_in_flight"]
    assert in_flight <= WINDOW, "the binds share the window"


def socket_timers(local, port):
    """The timer of each connection from `local` to `port`, and when it is due (s)."""
    address = "".join(f"{int(part):02X}" for part in reversed(local.split(".")))
    with open("/proc/net/tcp", encoding="ascii") as f:
        rows = [line.split() for line in f][1:]
    return [
        (row[5].split(":")[0], int(row[5].split(":")[1], 16) / 100)
        for row in rows
        if row[1].startswith(address) and row[2].endswith(f":{port:04X}") and row[3] == "01"
    ]


def test_our_end_and_the_keep_alive_are_what_the_configuration_says(world):
    keepalive, our_end = "02", "127.0.0.5"
    world.start_redis()
    world.start_smsc()
    world.configure(bind_address=our_end, keepalive="900s", binds=2, enquire="60s")
    world.start_gateway()
    wait(lambda: len(world.smsc.events("bind")) == 2, "two binds")

    def armed():
        timers = socket_timers(our_end, world.smsc.port)
        return len(timers) == 2 and all(t == keepalive and 700 < s <= 900 for t, s in timers)

    wait(armed, "TCP keep-alive of 900 s on both")
