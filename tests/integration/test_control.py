"""loa pause, resume, cancel, retry, whoever holds the chunks; start and end by the clock."""
# SPDX-License-Identifier: MIT
import datetime
import json
import os
import signal
import time

from harness import LOA, Process, phone, wait

SLOW = "latency 5ms\nreceipts final after 30ms\n"


def at(seconds):
    """The RFC 3339 time so many whole seconds from now."""
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def under_way(world, id_, n=50, **fields):
    world.announce(id=id_, **fields)
    wait(lambda: world.smsc.submits_n() >= n, "messages on their way")


def quiet(world, seconds=1.0):
    """Nothing left for so long."""
    wait(lambda: world.smsc.quiet_seconds() >= seconds, "quiet", 10)


def test_pause_and_resume_on_two_gateways(world):
    world.start(members=3000, case=SLOW, window=10, rate=400)
    world.start_gateway()
    wait(lambda: len(world.smsc.events("bind")) == 2, "bind of the second gateway")
    under_way(world, "P1")
    assert world.loa("pause", "P1").stdout == "P1 is paused\n"
    paused = time.monotonic()
    quiet(world)
    last = world.smsc.submits()[-1].at_us / 1e6
    assert last - paused < 1, last - paused
    assert world.loa("pause", "P1").returncode == 0
    status = world.status("P1")
    assert status["state"] == "paused" and status["sending"] == 0 < status["queued"]
    before = world.smsc.submits_n()
    answer = json.loads(world.loa("resume", "P1", "--json").stdout)
    resumed = time.monotonic()
    assert answer == {"id": "P1", "state": "sending", "members": 1}
    wait(lambda: world.smsc.submits_n() > before, "messages again")
    assert time.monotonic() - resumed < 1.5
    world.wait_state("P1")
    world.wait_letters("P1", "d", 3000)
    world.settled("P1", 3000)


def test_cancel_leaves_out_whoever_was_not_sent_to(world):
    world.start(members=3000, case=SLOW, window=10, rate=400)
    under_way(world, "C1")
    out = world.loa("cancel", "C1").stdout
    assert out.startswith("C1 is cancelled; members left out: 2,"), out
    world.wait_state("C1", "cancelled", seconds=3)
    quiet(world)
    sent = world.smsc.submits_n()
    assert sent < 1000
    world.wait_letters("C1", "d", sent)
    status = world.settled("C1", 3000)
    assert (status["delivered"], status["skipped"]) == (sent, 3000 - sent)
    reasons = {row["reason"] for row in world.report("C1") if row["outcome"] == "skipped"}
    assert reasons == {"cancelled"}
    for command in ("pause", "resume", "retry"):
        done = world.loa(command, "C1", ok=False)
        assert done.returncode == 1 and "is cancelled: that cannot be done" in done.stderr
    assert world.loa("cancel", "C1").returncode == 0


def test_retry_sends_the_failed_again(world):
    case = "error 0x0000000b for *7\nreceipts final after 20ms\n"
    world.start(members=400, case=case)
    world.announce(id="F1")
    world.wait_state("F1")
    world.wait_letters("F1", "d", 360)
    # out of the sweep's hands: what has ended is not looked at any more
    wait(lambda: not world.r.sismember("loa:active", "F1"), "end of the sweeping", 10)
    world.smsc.reload("receipts final after 20ms\n")
    assert world.loa("retry", "F1").stdout == "F1 is sent again; members: 40\n"
    world.wait_letters("F1", "d", 400, seconds=3)
    world.wait_state("F1")
    status = world.settled("F1", 400)
    assert (status["failed"], status["delivered"], status["parts"]) == (0, 400, 440)
    attempts = [row["attempts"] for row in world.report("F1")]
    assert attempts == ["2" if i % 10 == 7 else "1" for i in range(400)]
    assert world.loa("retry", "F1").stdout == "F1 is sent again; members: 0\n"
    assert world.status("F1")["state"] == "done"


def test_all_at_once(world):
    world.start(members=2000, case=SLOW, window=10, rate=300)
    under_way(world, "A1")
    under_way(world, "A2", title="Mot thong bao khac", send_at=at(3600))
    wait(lambda: world.look("A2")[0].get("state") == "scheduled", "scheduled broadcast")
    assert world.loa("pause", "--all").stdout.splitlines() == ["A2 is paused", "A1 is paused"] or (
        world.status("A1")["state"] == world.status("A2")["state"] == "paused"
    )
    assert world.loa("pause", "--all", "--json").stdout == "[]\n"
    world.announce(id="A3", title="Con mot thong bao")
    wait(lambda: world.look("A3")[0].get("state") == "paused", "A3, paused from the beginning")
    world.r.xadd("loa:announcements", {"title": "Khan", "id": "A4", "priority": "emergency"})
    wait(lambda: world.look("A4")[0].get("state") == "paused", "A4, paused from the beginning")
    assert "Khan" not in {s.text[:4] for s in world.smsc.submits()}
    answers = json.loads(world.loa("resume", "--all", "--json").stdout)
    assert {a["id"]: a["state"] for a in answers} == {
        "A1": "sending", "A2": "scheduled", "A3": "sending", "A4": "sending"}
    for id_ in ("A1", "A2", "A3"):
        world.loa("cancel", id_)
        world.wait_state(id_, "cancelled")
    world.wait_state("A4", seconds=60)
    world.announce(id="A5", audience="all", title="Sau cung")
    wait(lambda: world.look("A5")[0].get("state") == "sending", "A5, on its way")
    world.loa("cancel", "A5")


def clock_of(world, minutes):
    """HH:MM so many minutes from now, in the configuration's zone."""
    zone = datetime.timezone(datetime.timedelta(hours=7))
    when = datetime.datetime.now(zone) + datetime.timedelta(minutes=minutes)
    return when.strftime("%H:%M")


def reread(world, quiet):
    """SIGHUP with other quiet hours."""
    with open(world.config, encoding="utf-8") as f:
        lines = [line for line in f if not line.startswith("quiet_hours")]
    with open(world.config, "w", encoding="utf-8") as f:
        f.write("".join([*lines, f"quiet_hours: {quiet}\n"]))
    for gateway in world.gateways:
        seen = gateway.text().count("configuration.reread")
        gateway.signal(signal.SIGHUP)
        wait(lambda g=gateway, n=seen: g.text().count("configuration.reread") > n, "new hours")


def test_quiet_hours_keep_the_normal_and_nothing_else(world):
    """In the office's own time zone; what is on its way is not begun any more."""
    world.start(members=600, case=SLOW, window=10, rate=300)
    under_way(world, "Q1", n=40)
    now = f'{{ from: "{clock_of(world, -60)}", to: "{clock_of(world, 60)}" }}'
    reread(world, now)
    quiet(world)
    sent = world.smsc.submits_n()
    fields, letters = world.look("Q1")
    assert fields["state"] == "sending" and "s" not in letters and sent < 600
    assert "quiet hours: it goes on at" in world.loa("status", "Q1").stdout
    world.start_gateway()  # one that begins at night keeps them, too
    wait(lambda: len(world.smsc.events("bind")) == 2, "bind of the second gateway")
    for priority in ("urgent", "emergency"):
        world.announce(id=priority, title=priority, priority=priority)
        world.wait_state(priority, seconds=60)
        assert "quiet" not in world.loa("status", priority).stdout
    assert world.look("Q1")[1].count("q") == 600 - sent
    elsewhere = f'{{ from: "{clock_of(world, 120)}", to: "{clock_of(world, 180)}" }}'
    reread(world, elsewhere)
    world.wait_state("Q1", seconds=60)
    for id_ in ("Q1", "urgent", "emergency"):
        world.settled(id_, 600)
    assert world.stat("messages_uncertain") == 0


def test_wrong_ids_and_usage(world):
    world.start(members=1)
    for command in ("pause", "resume", "cancel", "retry"):
        done = world.loa(command, "NONE", ok=False)
        assert done.returncode == 1 and "there is no broadcast 'NONE'" in done.stderr
        assert world.loa(command, ok=False).returncode == 2
    assert world.loa("pause", "X", "--all", ok=False).returncode == 2


def test_a_scheduled_one_begins_within_a_second_of_its_time(world):
    world.start(members=5)
    when = int(time.time()) + 3
    world.announce(id="T1", send_at=at(3))
    wait(lambda: world.look("T1")[0].get("state") == "scheduled", "scheduled broadcast")
    world.wait_letters("T1", "d", 5)
    started = int(world.look("T1")[0]["start_s"])
    assert abs(started - when) <= 1
    latest = max(s.at_us for s in world.smsc.submits()) / 1e6
    now_us = time.monotonic()
    assert 0 <= (time.time() - now_us + latest) - started < 1.5


def test_past_its_time_nobody_is_sent_to(world):
    world.start(members=2000, case=SLOW, window=10, rate=200)
    end = int(time.time()) + 3
    world.announce(id="E1", expires_at=at(3))
    world.wait_state("E1", "expired", seconds=10)
    assert time.time() - end < 3
    latest = max(s.at_us for s in world.smsc.submits()) / 1e6
    assert time.time() - time.monotonic() + latest <= end + 1.1
    sent = world.smsc.submits_n()
    assert 0 < sent < 1000
    world.wait_letters("E1", "d", sent)
    status = world.settled("E1", 2000)
    assert (status["delivered"], status["expired"]) == (sent, 2000 - sent)
    assert world.loa("retry", "E1", ok=False).returncode == 1


def test_announced_after_its_end_it_is_expired_at_once(world):
    world.start(members=1000)
    world.announce(id="E2", expires_at=at(-60))
    world.wait_state("E2", "expired", seconds=3)
    assert world.settled("E2", 1000)["expired"] == 1000
    assert world.smsc.submits_n() == 0


def test_a_gateway_dies_while_it_is_cancelled(world):
    world.start(members=2000, case=SLOW, window=10, rate=400)
    under_way(world, "D1")
    world.gateway.kill()
    world.loa("cancel", "D1")
    world.start_gateway()
    fields = world.wait_state("D1", "cancelled", seconds=20)
    assert int(fields["queued"]) == 0
    assert {s.number for s in world.smsc.submits()} <= {phone(i) for i in range(2000)}


def test_send_waits_for_a_redis_that_is_away(world):
    world.start_redis("--appendfsync", "always")
    world.start_smsc(SLOW)
    world.configure(rate=200)
    world.import_members(400)
    world.start_gateway()
    page = os.path.join(world.folder, "page.txt")
    with open(page, "w", encoding="utf-8") as f:
        f.write("Hop to dan pho\n\nToi nay 19 gio, nha van hoa.\n")
    log = os.path.join(world.folder, "send.log")
    sending = Process([LOA, "send", page, "--id", "WAIT", "--wait"], log,
                      {"LOA_CONFIG": world.config})
    wait(lambda: world.smsc.submits_n() >= 40, "messages on their way")
    world.redis.kill()
    wait(lambda: "Redis is away" in sending.text(), "word of it", 20)
    assert sending.running
    world.redis.start()
    assert sending.ended(60) == 0, sending.text()
    world.wait_state("WAIT")
    world.settled("WAIT", 400, uncertain_most=10)
