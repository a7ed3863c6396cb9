"""The main job: an announcement in Redis reaches every member once, and the admin sees it."""
# SPDX-License-Identifier: MIT
import collections
import csv
import datetime
import json
import os

import pytest

from harness import LETTERS, phone, wait

HEADER = (
    "member,address,channel,link,outcome,reason,attempts,parts,message_id,submitted_at,final_at"
)
LINK = "https://btl.example.vn/tb/7"


def test_a_thousand_members_get_it_once_with_receipts(world):
    case = "latency 2ms\nreceipts final after 50ms\nwindow 100\n"
    world.start(members=1000, window=100, case=case)
    world.announce(id="HOP7", url=LINK, issuer="UBND phuong")
    world.wait_state("HOP7")
    world.wait_letters("HOP7", "d", 1000)

    told = world.smsc.told()
    assert len(told) == 1000 and set(told.values()) == {1}
    assert {number for number, _ in told} == {phone(i) for i in range(1000)}
    assert {text for _, text in told} == {world.look("HOP7")[0]["text:sms"]}
    text = next(iter(told))[1]
    assert "Thong bao hop chi bo" in text and text.endswith(LINK), text

    status = world.settled("HOP7", 1000)
    assert (status["delivered"], status["parts"], status["cost"]) == (1000, 1000, 500_000)
    assert (status["id"], status["state"], status["audience"]) == ("HOP7", "done", "all")
    world.wait_stat("messages_delivered", 1000)
    for name, n in {
        "announcements_accepted": 1,
        "messages_queued": 1000,
        "messages_accepted": 1000,
        "parts_submitted": 1000,
        "receipts": 1000,
        "receipts_unmatched": 0,
        "messages_uncertain": 0,
    }.items():
        world.wait_stat(name, n)
    summary = world.smsc.summary()
    assert (summary["unique_numbers"], summary["duplicates"]) == (1000, 0)


def test_the_counts_add_up_at_every_moment(world):
    case = "latency 10ms\nerror 0x00000045 for *8 times 1\nerror 0x0000000b for *7\n"
    world.start(members=400, window=10, case=case + "receipts final after 30ms\n")
    world.announce(id="SUM")
    wait(lambda: world.look("SUM")[1], "broadcast")
    states = collections.Counter()
    while states["done"] < 3:
        status = world.status("SUM")
        assert sum(status[name] for name in LETTERS.values()) == status["total"] == 400, status
        assert status["cost"] == status["parts"] * 500
        states[status["state"]] += 1
        assert states["sending"] < 10_000, "it does not end"
    assert states["sending"] >= 3
    world.wait_letters("SUM", "df", 400)
    assert world.settled("SUM", 400)["failed"] == 40


def test_the_report_has_a_line_for_every_member(world):
    world.start(members=50)
    world.announce(id="R1")
    world.wait_letters("R1", "d", 50)
    out = world.loa("report", "R1", "--csv").stdout
    lines = out.split("\n")
    assert lines[0] == HEADER and len(lines) == 52 and lines[-1] == ""
    rows = list(csv.DictReader(out.splitlines()))
    ids = {s.number: s.id for s in world.smsc.submits()}
    for i, row in enumerate(rows):
        number = phone(i)
        assert row["member"] == f"m{i}"
        assert row["address"] == number[:4] + "****" + number[-3:]
        assert (row["channel"], row["link"]) == ("sms", "link1")
        assert (row["outcome"], row["attempts"], row["parts"]) == ("delivered", "1", "1")
        assert row["message_id"] == ids[number]
        assert row["submitted_at"] <= row["final_at"] and "+07:00" in row["final_at"]
    full = world.report("R1")
    assert [row["address"] for row in full] == [phone(i) for i in range(50)]
    excel = world.loa("report", "R1", "--csv", "--excel").stdout
    assert excel.startswith("\ufeff" + HEADER.replace(",", ";"))


def test_the_same_id_again_sends_nothing(world):
    world.start(members=20)
    world.announce(id="A1")
    world.wait_letters("A1", "d", 20)
    world.announce(id="A1")
    world.wait_stat("announcements_repeated", 1)
    world.announce(id="A1", title="Mot thong bao khac")
    wait(world.rejected, "rejection")
    assert "A1" in world.rejected()[0]["error"] and "loa correct" in world.rejected()[0]["error"]
    done = world.loa("send", "-", "--id", "A1", stdin="Thong bao hop chi bo\n\nNoi dung.\n")
    assert done.stdout.strip() == "A1" and done.stderr
    world.announce(id="A2", title="Thong bao sau cung")
    world.wait_letters("A2", "d", 20)
    assert world.smsc.submits_n() == 40
    world.settled("A1", 20)
    world.wait_stat("announcements_accepted", 2)
    world.wait_stat("announcements_rejected", 1)


def test_without_an_id_the_same_content_is_the_same(world):
    world.start(members=5)
    world.announce()
    wait(lambda: world.r.zcard("loa:broadcasts"), "broadcast")
    world.announce()
    world.wait_stat("announcements_repeated", 1)
    world.announce(body="Noi dung khac.")
    wait(lambda: world.r.zcard("loa:broadcasts") == 2, "second broadcast")
    for id_ in world.r.zrange("loa:broadcasts", 0, -1):
        world.wait_letters(id_, "d", 5)
    assert world.smsc.submits_n() == 10


REFUSED = [
    ("no title", {"title": None}, "title"),
    ("an empty title", {"title": "  "}, "title"),
    ("an unknown priority", {"priority": "hot"}, "priority"),
    ("a malformed audience", {"audience": "chibo-3,&"}, "audience"),
    ("an unknown group", {"audience": "chib0-3"}, "chibo-3"),
    ("invalid UTF-8", {"body": b"h\xe1\xbb p"}, "UTF-8"),
    ("a body of 5 MB", {"body": "x" * 5_000_000}, "body"),
    ("an id with a blank", {"id": "a b"}, "id"),
    ("a link that is none", {"url": "javascript:alert(1)"}, "url"),
    ("a time that is none", {"send_at": "tomorrow"}, "send_at"),
    ("an unknown channel", {"channels": "pigeon"}, "pigeon"),
]


def test_bad_announcements_are_refused_with_a_sentence_and_the_next_goes_out(world):
    world.start(members=10)
    world.import_members(10, groups="chibo-3")
    sources = [world.announce(**fields) for _, fields, _ in REFUSED]
    world.announce(id="GOOD", audience="chibo-3")
    world.wait_letters("GOOD", "d", 10)
    wait(lambda: len(raw_rejected(world)) == len(REFUSED), "rejection of all")
    entries = {entry[b"source_id"].decode(): entry for entry in raw_rejected(world)}
    for source, (label, fields, word) in zip(sources, REFUSED):
        entry = entries[source]
        error = entry[b"error"].decode()
        assert word in error and len(error) < 400, f"{label}: {error}"
        for name, value in fields.items():
            if value is not None:
                value = value if isinstance(value, bytes) else value.encode()
                assert entry[name.encode()] == value, f"{label}: {name} is not as it came"
    world.wait_stat("announcements_rejected", len(REFUSED))
    world.wait_stat("announcements_accepted", 1)
    assert world.smsc.submits_n() == 10
    assert world.r.xlen("loa:announcements") == 0


def raw_rejected(world):
    """As bytes: what came may be no UTF-8."""
    connection = world.r.connection_pool.get_connection("_")
    try:
        connection.send_command("XRANGE", "loa:announcements:rejected", "-", "+")
        entries = connection.read_response(disable_decoding=True)
    finally:
        world.r.connection_pool.release(connection)
    return [dict(zip(pairs[::2], pairs[1::2])) for _, pairs in entries]


MEMBERS = [
    # id,name,phone,zalo,telegram,groups           what becomes of it in `all`
    ("m1,An,0900000001,,,chibo-3;youth", "delivered", ""),
    ("m2,Binh,+84 900 000 002,,,chibo-3", "delivered", ""),
    ("m3,Cuc,0900.000.001,,,chibo-7", "skipped", "duplicate"),
    ("m4,Dung,,,,chibo-7", "skipped", "no-address"),
    ("m5,Em,0210000005,,,chibo-7", "skipped", "invalid-address"),
    ("m6,Giang,0950000006,,,youth", "skipped", "invalid-address"),
    ("m7,Hoa,84900000007,,,chibo-7;youth", "delivered", ""),
]


def test_the_right_people_once(world):
    world.start_redis()
    world.start_smsc()
    world.configure()
    world.import_members(0, rows=[row for row, _, _ in MEMBERS])
    world.start_gateway()
    world.announce(id="ALL")
    world.wait_state("ALL")
    world.wait_letters("ALL", "d", 3)
    world.settled("ALL", 7)
    rows = world.report("ALL")
    for row, (member, outcome, reason) in zip(rows, MEMBERS):
        assert (row["outcome"], row["reason"]) == (outcome, reason), member


AUDIENCES = [
    ("chibo-3", {1, 2}),
    ("chibo-3,youth", {1, 2, 7}),
    ("chibo-7&youth", {7}),
    ("all&!youth", {2, 1}),  # m3 shares its phone with m1, who is not in it
    ("(chibo-3,chibo-7)&youth", {1, 7}),
]


def test_audiences_are_expressions_over_groups(world):
    world.start_redis()
    world.start_smsc()
    world.configure()
    world.import_members(0, rows=[row for row, _, _ in MEMBERS])
    world.start_gateway()
    for i, (audience, _) in enumerate(AUDIENCES):
        world.announce(id=f"G{i}", title=f"Thong bao {i}", audience=audience)
    for i, (audience, people) in enumerate(AUDIENCES):
        world.wait_state(f"G{i}")
        told = {s.number for s in world.smsc.submits() if f"bao {i}" in s.text}
        assert told == {phone(n) for n in people}, audience


def test_an_audience_that_is_empty_after_filtering_is_done(world):
    world.start_redis()
    world.start_smsc()
    world.configure()
    world.import_members(0, rows=[row for row, _, _ in MEMBERS])
    world.start_gateway()
    world.announce(id="NONE", audience="chibo-7&!youth&!chibo-3")
    world.announce(id="EMPTY", audience="chibo-3&chibo-7", title="Khong ai")
    world.wait_state("NONE")
    world.wait_state("EMPTY")
    assert world.status("EMPTY")["total"] == 0
    assert world.settled("NONE", 3)["skipped"] == 2


def test_refusals_retries_and_receipts_each_end_in_their_outcome(world):
    case = """
        error 0x0000000b for *7
        error 0x00000045 for *8 times 2
        error 0x00000008 for *9 times 1
        error 0x00000064 for *6
        nack 0x00000008 for *3 times 1
        error 0x00000400 for *2
        state UNDELIV for *5
        state REJECTD for *4
        receipts final after 20ms
    """
    world.start(members=100, case=case, attempts=3)
    world.announce(id="MIX")
    world.wait_letters("MIX", "duf", 100)
    world.wait_state("MIX")
    status = world.settled("MIX", 100)
    assert (status["delivered"], status["undelivered"], status["failed"]) == (50, 20, 30)
    rows = {row["member"][-1]: row for row in world.report("MIX")}
    assert rows["7"]["outcome"] == "failed" and rows["7"]["reason"], rows["7"]
    assert rows["8"]["attempts"] == "3" and rows["9"]["attempts"] == "2"
    assert rows["3"]["outcome"] == "delivered" and rows["3"]["attempts"] == "2"
    assert rows["2"]["outcome"] == "failed", "a status of a vendor"
    assert rows["6"]["outcome"] == "failed" and rows["6"]["attempts"] == "3"
    assert rows["5"]["outcome"] == "undelivered" and rows["5"]["reason"]
    tries = collections.Counter(s.number[-1] for s in world.smsc.submits())
    assert tries == {**{d: 10 for d in "01457"}, "2": 30, "3": 20, "6": 30, "8": 30, "9": 20}
    world.wait_stat("messages_retried", 80)
    world.wait_stat("parts_submitted", 180)


def test_long_texts_arrive_whole(world):
    phones = os.path.join(world.folder, "phones.tsv")
    world.start_redis()
    world.start_smsc("receipts final after 20ms\n", ["--phones", phones])
    world.configure(diacritics="keep")
    world.import_members(10)
    world.start_gateway()
    summary = "Kính mời các đồng chí đến dự họp chi bộ thường kỳ tháng 11 tại nhà văn hóa. " * 2
    world.announce(id="LONG", summary=summary.strip(), url=LINK)
    world.wait_letters("LONG", "d", 10)
    with open(phones, encoding="utf-8") as f:
        lines = [line.rstrip("\n").split("\t") for line in f]
    assert len(lines) == 10
    for number, sender, parts, alphabet, text in lines:
        assert (sender, parts, alphabet) == ("QUANBTL", "3", "ucs2")
        assert text == f"{summary.strip()} {LINK}" and number.startswith("849")
    status = world.settled("LONG", 10)
    assert status["parts"] == 30 and status["cost"] == 15_000
    row = world.report("LONG")[0]
    assert row["parts"] == "3" and row["message_id"].count(";") == 2


@pytest.mark.parametrize("form", ["udh", "sar", "payload"])
def test_each_form_of_a_long_text(world, form):
    text = ("Hop to dan pho luc 19 gio 30. " * 10).strip()
    world.start(members=3, long_sms=form)
    world.announce(id="L", summary=text)
    world.wait_letters("L", "d", 3)
    parts = collections.defaultdict(list)
    for s in world.smsc.submits():
        parts[s.number].append((int(s.part), int(s.total), s.text))
    for pieces in parts.values():
        assert [p[0] for p in pieces] == ([0] if form == "payload" else [1, 2])
        assert "".join(p[2] for p in pieces) == text


def test_window_two_and_three_parts_make_three_thousand_submits(world):
    world.start(members=1000, window=2, case="receipts final after 10ms\nwindow 2\n")
    world.announce(id="W2", summary="Hop to dan pho luc 19 gio 30 tai nha van hoa. " * 9)
    world.wait_state("W2", seconds=60)
    world.wait_letters("W2", "d", 1000)
    submits = world.smsc.submits()
    assert len(submits) == 3000 and {s.total for s in submits} == {"3"}
    for i in range(0, 3000, 3):
        assert [s.part for s in submits[i : i + 3]] == ["1", "2", "3"]
        assert len({(s.number, s.ref) for s in submits[i : i + 3]}) == 1
    world.settled("W2", 1000)


def test_a_throttling_smsc_slows_us_and_loses_nothing(world):
    world.start(members=300, window=50, case="latency 5ms\nthrottle 100/s\n", receipts="none")
    world.announce(id="THR")
    world.wait_state("THR", seconds=60)
    world.settled("THR", 300)
    summary = world.smsc.summary()
    assert summary["throttled"] > 0 and summary["max_accepted_per_second"] <= 100
    world.wait_stat("throttled", summary["throttled"])
    assert summary["last_us"] - summary["first_us"] < 12e6, "it came to a stop"


def test_two_links_share_a_broadcast(world):
    world.start_redis()
    world.start_smsc("latency 5ms\nreceipts final after 20ms\n")
    world.start_smsc("latency 5ms\nreceipts final after 20ms\n")
    world.configure(window=5)
    world.import_members(600)
    world.start_gateway()
    world.wait_bound()
    world.announce(id="TWO")
    world.wait_state("TWO")
    world.wait_letters("TWO", "d", 600)
    world.settled("TWO", 600)
    counts = [s.submits_n() for s in world.smscs]
    assert sum(counts) == 600 and min(counts) > 0, counts


def test_send_wait_says_how_it_ended(world):
    world.start(members=10, case="error 0x0000000b for *3\nreceipts final after 20ms\n")
    path = os.path.join(world.folder, "page.html")
    with open(path, "w", encoding="utf-8") as f:
        f.write(
            "<html><head><meta property='og:title' content='Cúp nước ngày 12/11'>"
            f"<link rel='canonical' href='{LINK}'></head><body><main><h1>Cúp nước</h1>"
            "<p>Cúp nước từ 8 giờ đến 17 giờ.</p></main></body></html>"
        )
    done = world.loa("send", path, "--wait", ok=False)
    assert done.returncode == 1, "one member failed"
    id_ = done.stdout.strip()
    assert world.status(id_)["failed"] == 1
    text = world.smsc.submits()[0].text
    assert "Cup nuoc ngay 12/11" in text and text.endswith(LINK)
    listed = json.loads(world.loa("list", "--json").stdout)
    assert [b["id"] for b in listed] == [id_]
    assert sum(listed[0][name] for name in LETTERS.values()) == listed[0]["total"] == 10
    assert world.loa("status", "no-such", ok=False).returncode == 1


def test_an_emergency_overtakes(world):
    world.start(members=600, window=4, rate=150, receipts="none", case="latency 5ms\n")
    world.announce(id="SLOW", title="Thong bao thuong")
    wait(lambda: world.smsc.submits_n() > 20, "first messages")
    world.announce(id="NOW", title="Bao khan cap", priority="emergency", audience="all")
    wait(lambda: [s for s in world.smsc.submits() if "khan" in s.text], "the emergency", 3)
    first = next(i for i, s in enumerate(world.smsc.submits()) if "khan" in s.text)
    assert first < 400, f"{first} messages went before the emergency"
    later = [s.text for s in world.smsc.submits()[first : first + 50]]
    assert sum("khan" in text for text in later) >= 0.8 * len(later)


def test_it_waits_for_its_time(world):
    world.start(members=5)
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
    world.announce(id="AT", send_at=at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    wait(lambda: world.look("AT")[0].get("state") == "scheduled", "schedule")
    world.wait_state("AT")
    assert datetime.datetime.now(datetime.timezone.utc) >= at.replace(microsecond=0)
    world.settled("AT", 5)


def test_expired_before_it_was_sent(world):
    world.start(members=5)
    world.announce(id="OLD", expires_at="2020-01-01T00:00:00Z")
    world.announce(id="NEW", title="Con han")
    world.wait_letters("NEW", "d", 5)
    assert {s.number for s in world.smsc.submits()} == {phone(i) for i in range(5)}
    assert world.smsc.submits_n() == 5
    world.wait_state("OLD", "expired")
    world.wait_letters("OLD", "x", 5)
