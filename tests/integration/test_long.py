"""Long messages: only what was refused goes again, under references that do not come round."""
# SPDX-License-Identifier: MIT
import collections
import datetime

import pytest

from hand_smsc import office, tlv
from harness import phone, wait

LONG = "Moi cac dong chi den du hop chi bo thuong ky. " * 9  # three parts


def part_of(submit):
    return submit.message[5], submit.message[4], submit.message[3]  # number, total, reference


@pytest.mark.parametrize("kill", [False, True], ids=["one gateway", "another one goes on"])
def test_only_refused_parts_go_again(world, kill):
    """The second part of each message is refused twice, of one member the first and the third."""
    refused = collections.Counter()

    def answer(submit):
        number, _, _ = part_of(submit)
        again = number != 2 if submit.to == phone(1) else number == 2
        if again and refused[submit.to, number] < 2:
            refused[submit.to, number] += 1
            return 0x45, ""
        return 0, f"{submit.to[-1]}-{number}"

    [smsc] = office(world, answer, members=6, window=30, retry_first="1s")
    world.announce(id="LONG", summary=LONG)
    if kill:
        wait(lambda: refused[phone(5), 2] == 1 and world.look("LONG")[1] == "r" * 6, "retries")
        world.gateway.kill()
        world.start_gateway()
    world.wait_state("LONG")
    sent = collections.Counter((s.to, part_of(s)[0]) for s in smsc.submits)
    for i in (0, 2, 3, 4, 5):
        assert [sent[phone(i), n] for n in (1, 2, 3)] == [1, 3, 1], i
    # Of the one whose first part was refused the others had not to go at all.
    assert sent[phone(1), 2] == 1 and sent[phone(1), 1] == 3
    assert {part_of(s)[1:] for s in smsc.submits} == {part_of(smsc.submits[0])[1:]}
    assert world.status("LONG")["parts"] == len(smsc.submits)
    rows = world.report("LONG")
    assert rows[0]["message_id"] == "0-1;0-2;0-3" and rows[0]["attempts"] == "3"
    # Receipts of all parts make one outcome, whichever try they went with.
    for i in range(6):
        for n in (1, 2, 3):
            state = b"REJECTD" if (i, n) == (2, 1) else b"DELIVRD"
            text = b"id:%d-%d sub:001 dlvrd:001 stat:%s err:000" % (i, n, state)
            assert smsc.delivered(phone(i), text, esm_class=4) == 0
    wait(lambda: world.look("LONG")[1] == "ddu" + "d" * 3, "the outcomes")


def test_another_link_sends_the_whole_message(world):
    """Parts of one message never go by two links: what one has begun the other sends anew."""
    binds = []

    def answer(submit):
        number, _, _ = part_of(submit)
        if submit.bind not in binds:
            binds.append(submit.bind)
        first_link = submit.bind is binds[0]
        return (0x0A, "") if first_link and number > 1 else (0, f"{submit.to}-{number}")

    smscs = office(world, answer, answer, members=1, window=30)
    world.announce(id="TWO", summary=LONG)
    world.wait_state("TWO")
    sent = [[part_of(s)[0] for s in smsc.submits] for smsc in smscs]
    assert sent == [[1, 2, 3], [1, 2, 3]]


def test_references_differ_from_broadcast_to_broadcast(world):
    [smsc] = office(world, None, members=1)
    for i in range(5):
        world.announce(id=f"B{i}", summary=f"{i} {LONG}")
        world.wait_state(f"B{i}")
    references = [part_of(s)[2] for s in smsc.submits[::3]]
    assert len(set(references)) == 5
    assert all((b - a) % 256 == 1 for a, b in zip(references, references[1:]))


@pytest.mark.parametrize("binds", [2, 1], ids=["another bind", "another process"])
def test_a_receipt_before_its_answer(world, binds):
    """Every receipt comes before the answer that tells its id, by turns on the one bind and on
    another; nothing goes a step backwards."""
    early = []

    def answer(submit):
        message_id = f"{submit.to}-{part_of(submit)[0]}"
        text = f"id:{message_id} sub:001 dlvrd:001 stat:DELIVRD err:000".encode()
        early.append(smscs[0].deliver(submit.to, text, esm_class=4, bind=len(early) % 2))
        return 0, message_id

    smscs = office(world, answer, members=6, binds=binds, window=30)
    if binds == 1:
        world.start_gateway()
    smscs[0].wait_binds(2)
    wait(lambda: "redis.connected" in world.gateway.text(), "Redis")
    world.announce(id="EARLY", summary=LONG)
    world.wait_state("EARLY")
    world.wait_letters("EARLY", "d", 6)
    wait(lambda: all(n in smscs[0].answers for n in early), "answers to the receipts")
    # Intermediate notifications, and bad news that comes late, change nothing.
    for state, esm in ((b"ENROUTE", 0x20), (b"EXPIRED", 4), (b"ACCEPTD", 4)):
        text = b"id:%s-1 stat:%s" % (phone(1).encode(), state)
        assert smscs[0].delivered(phone(1), text, esm_class=esm) == 0
    assert smscs[0].delivered(phone(1), b"", esm_class=4, tlvs=tlv(0x1E, b"nobody\0")
                              + tlv(0x427, b"\2")) == 0  # unknown: parked
    world.wait_stat("receipts", 18 + 2)
    assert world.look("EARLY")[1] == "d" * 6


def test_expiry_and_emergency_reach_the_smsc(world):
    [smsc] = office(
        world, None, members=1, flash="emergency", source_npi="unknown", dest_npi="national",
        replace_if_present="true", long_sms="udh16",
    )
    world.announce(id="EXP", summary="Tránh bão", expires_at="2099-11-24T19:00:00+07:00",
                   priority="emergency")
    world.announce(id="PLAIN", summary=LONG)
    for id_ in ("EXP", "PLAIN"):
        world.wait_state(id_)
    [flash] = [s for s in smsc.submits if s.validity]
    assert flash.validity == "991124120000000+"
    assert (flash.data_coding, flash.replace, flash.source_ton, flash.source_npi) == (0x10, 1, 5, 0)
    assert (flash.to_ton, flash.to_npi) == (1, 8)
    parts = [s for s in smsc.submits if not s.validity]
    assert {(s.data_coding, s.replace, s.message[:3]) for s in parts} == {(0, 0, b"\6\x08\4")}
    assert "".join(s.message[7:].decode() for s in parts) == LONG.strip()


@pytest.mark.parametrize("form", ["absolute", "relative"])
def test_the_smsc_keeps_what_is_sent_before_its_time(world, form):
    """All of it is with the SMSC long before; each says when it is to be delivered."""
    [smsc] = office(world, None, members=20, schedule=form, schedule_ahead="1h", diacritics="keep")
    now = datetime.datetime.now(datetime.timezone.utc)
    at = now + datetime.timedelta(minutes=50)
    world.announce(id="SOON", summary=LONG, send_at=at.isoformat(timespec="seconds"),
                   expires_at=(at + datetime.timedelta(hours=2)).isoformat(timespec="seconds"))
    world.announce(id="NOW", summary="Ngay bay gio")
    world.announce(id="LATER", send_at=(at + datetime.timedelta(hours=1)).isoformat())
    for id_ in ("SOON", "NOW"):
        world.wait_state(id_)
    assert world.look("LATER")[0]["state"] == "scheduled"
    kept = [s for s in smsc.submits if s.schedule]
    assert {s.to for s in kept} == {phone(i) for i in range(20)}
    assert len(kept) == world.status("SOON")["parts"]
    for s in kept:
        assert abs((due(s.schedule, now) - at).total_seconds()) < 30, s.schedule
        assert len(s.validity) == 16 and s.tlvs[0x204] and s.message[:3] == b"\5\0\3"
    assert {s.schedule for s in smsc.submits if s.message == b"Ngay bay gio"} == {""}


def due(text, now):
    """SMPP 3.4 7.1.1, read by itself."""
    assert len(text) == 16, text
    numbers = [int(text[i : i + 2]) for i in range(0, 12, 2)]
    if text[15] == "R":
        years, months, days, hours, minutes, seconds = numbers
        assert (years, months, text[12:15]) == (0, 0, "000")
        return now + datetime.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    quarters = int(text[13:15]) * (1 if text[15] == "+" else -1)
    zone = datetime.timezone(datetime.timedelta(minutes=15 * quarters))
    return datetime.datetime(2000 + numbers[0], *numbers[1:], tzinfo=zone)
