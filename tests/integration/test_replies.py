"""What members send in: parts put together, stop words obeyed and confirmed once."""
# SPDX-License-Identifier: MIT
import json
import struct

import pytest

from hand_smsc import HandSmsc, ready, tlv
from harness import LOA, Process, phone, wait

STOPPED = (
    "Da dung gui thong bao den so nay. Nhan DK gui 8049 de nhan lai. "
    "Thong bao khan cap ve thien tai van co the duoc gui."
)
JOINED = "Da dang ky nhan thong bao. Nhan TC gui 8049 de dung."


@pytest.fixture
def office(world):
    """A gateway with its SMSC in our hand; the settings of the link are the test's."""

    def start(members=10, links=1, **settings):
        world.start_redis()
        smsc = HandSmsc()
        world.closers.append(smsc.close)
        world.configure(ports=[smsc.port] * links, **settings)
        world.import_members(members)
        world.start_gateway()
        ready(world, smsc, links)
        return smsc

    return start


def replies(world, n):
    wait(lambda: world.r.xlen("loa:replies") >= n, f"{n} replies")
    return [fields for _, fields in world.r.xrange("loa:replies")]


def udh(reference, total, number, text):
    return bytes([5, 0, 3, reference, total, number]) + text


def sar(reference, total, number):
    return (
        tlv(0x020C, struct.pack(">H", reference)) + tlv(0x020E, bytes([total]))
        + tlv(0x020F, bytes([number]))
    )


TEXTS = [
    ("GSM-7", 0, "Toi se du @ 19h {ok}".encode("ascii").replace(b"@", b"\0")
     .replace(b"{", b"\x1b\x28").replace(b"}", b"\x1b\x29"), "Toi se du @ 19h {ok}", {}),
    ("UCS-2", 8, "Tôi sẽ dự 👍".encode("utf-16-be"), "Tôi sẽ dự 👍", {}),
    ("Latin-1", 3, "à é".encode("latin-1"), "à é", {}),
    ("octets", 4, b"\x00\xff", "00ff", {}),
    ("packed septets", 0, bytes.fromhex("e8329bfd06"), "hello", {"data_coding": "gsm7_packed"}),
    ("an alphabet of Latin-1", 0, b"\xe0", "à", {"data_coding": "latin1"}),
]


@pytest.mark.parametrize("label,coding,octets,text,settings", TEXTS, ids=[t[0] for t in TEXTS])
def test_texts_are_decoded(world, office, label, coding, octets, text, settings):
    smsc = office(**settings)
    assert smsc.delivered(phone(3), octets, data_coding=coding) == 0
    [reply] = replies(world, 1)
    assert (reply["text"], reply["member"], reply["intent"]) == (text, "m3", "")


def test_parts_meet_across_binds_and_restarts(world, office):
    smsc = office(links=2)
    text = "Đề nghị sửa đèn đường ngõ 7 😀 cảm ơn".encode("utf-16-be")
    first, second, third = text[:20], text[20:55], text[55:]  # the second ends within a letter
    part = {"esm_class": 0x40, "data_coding": 8}
    assert smsc.delivered(phone(1), udh(9, 3, 2, second), bind=0, **part) == 0
    assert smsc.delivered(phone(1), udh(9, 3, 1, first), bind=1, **part) == 0
    # Another member's, and another reference, are other messages.
    assert smsc.delivered(phone(2), udh(9, 3, 3, b"\0x"), **part) == 0
    assert smsc.delivered(phone(1), udh(8, 3, 3, b"\0y"), **part) == 0
    world.gateway.kill()
    world.start_gateway()
    ready(world, smsc, 4)
    assert world.r.xlen("loa:replies") == 0
    assert smsc.delivered(phone(1), udh(9, 3, 3, third), **part) == 0
    [reply] = replies(world, 1)
    assert (reply["text"], reply["member"]) == (text.decode("utf-16-be"), "m1")
    # The answer was lost, say: the same part again is no other message.
    assert smsc.delivered(phone(1), udh(9, 3, 3, third), **part) == 0
    assert world.r.xlen("loa:replies") == 1
    # The reference comes round again.
    for number, octets in enumerate((b"\0a", b"\0b", b"\0c"), start=1):
        assert smsc.delivered(phone(1), udh(9, 3, number, octets), **part) == 0
    assert [r["text"] for r in replies(world, 2)][1] == "abc"
    world.wait_stat("replies", 2)


def test_parts_by_sar_and_by_wide_references(world, office):
    smsc = office()
    assert smsc.delivered(phone(4), b"sau", tlvs=sar(700, 2, 2)) == 0
    assert smsc.delivered(phone(4), b"truoc ", tlvs=sar(700, 2, 1)) == 0
    wide = bytes([6, 8, 4, 2, 188])  # 700 again, in a header of 16 bits
    assert smsc.delivered(phone(5), wide + b"\2\1mot ", esm_class=0x40) == 0
    assert smsc.delivered(phone(5), wide + b"\2\2hai", esm_class=0x40) == 0
    assert [r["text"] for r in replies(world, 2)] == ["truoc sau", "mot hai"]


def test_parts_by_sar_and_by_udh_on_several_binds(world, office):
    """Three binds of two links; every part comes on another one, the last ones first."""
    smsc = office(links=2, binds=2)
    smsc.wait_binds(4)
    for number in (3, 1, 2):
        assert smsc.delivered(phone(6), bytes([96 + number]) * 2, tlvs=sar(77, 3, number),
                              bind=number) == 0
        part = udh(77, 3, number, bytes([64 + number]) * 2)
        assert smsc.delivered(phone(7), part, esm_class=0x40, bind=3 - number) == 0
    assert sorted(r["text"] for r in replies(world, 2)) == ["AABBCC", "aabbcc"]


def test_parts_that_are_never_whole_do_not_pile_up(world, office):
    smsc = office()
    for reference in range(1, 12):
        part = udh(reference, 2, 1, b"%d " % reference)
        assert smsc.delivered(phone(4), part, esm_class=0x40) == 0
    assert [r["text"] for r in replies(world, 3)] == [f"{n} […]" for n in (1, 2, 3)]
    assert world.r.zcard("loa:parts:{loa:replies}") == 8
    # The oldest of another number is not touched; too many in all are refused for now.
    world.r.zadd("loa:parts:{loa:replies}", {f"x{n}": 9e9 for n in range(10_000 - 8)})
    assert smsc.delivered(phone(5), udh(1, 2, 1, b"a"), esm_class=0x40) == 0x64
    assert smsc.delivered(phone(4), udh(11, 2, 2, b"b"), esm_class=0x40) == 0
    assert [r["text"] for r in replies(world, 4)][3] == "11 b"
    assert smsc.delivered(phone(5), udh(1, 2, 1, b"a"), esm_class=0x40) == 0


def test_parts_whose_others_never_come_are_shown_all_the_same(world, office):
    smsc = office()
    assert smsc.delivered(phone(4), udh(1, 3, 1, b"mot "), esm_class=0x40) == 0
    assert smsc.delivered(phone(4), udh(1, 3, 3, b" ba"), esm_class=0x40) == 0
    [(name, _)] = world.r.zrange("loa:parts:{loa:replies}", 0, -1, withscores=True)
    world.r.zadd("loa:parts:{loa:replies}", {name: 1})
    [reply] = replies(world, 1)
    assert (reply["text"], reply["member"], reply["link"]) == ("mot […] ba", "m4", "link1")
    assert world.r.zcard("loa:parts:{loa:replies}") == 0


def test_a_reply_is_answered_only_once_it_is_kept(world, office):
    smsc = office()
    world.r.config_set("maxmemory-policy", "noeviction")
    world.redis.kill()
    assert smsc.delivered(phone(3), b"HOI") != 0
    world.redis.start()
    wait(lambda: smsc.delivered(phone(3), b"HOI") == 0, "the reply being taken")
    assert replies(world, 1)[-1]["text"] == "HOI"


def test_stop_is_obeyed_before_the_next_message_leaves(world, office):
    """The chunk is claimed long before: one member a second leaves, the last one stops."""
    smsc = office(members=8, rate=2, window=1)
    world.announce(id="SLOW", summary="Cat nuoc")
    wait(lambda: smsc.submits, "the first message")
    late = [phone(i) for i in (5, 6, 7)]
    assert not {s.to for s in smsc.submits} & set(late)
    for number in late[:2]:
        assert smsc.delivered(number, b"Tu choi") == 0
    assert smsc.delivered(late[2], b"\xff\0", data_coding=4) == 0  # this one says something else
    world.wait_state("SLOW")
    status = world.status("SLOW")
    assert (status["accepted"], status["skipped"]) == (6, 2)
    for number in late[:2]:
        wait(lambda n=number: smsc.told(n) == [STOPPED], "one confirmation, and nothing else")
    assert smsc.told(late[2]) == ["Cat nuoc"]
    reasons = {row["member"]: row["reason"] for row in world.report("SLOW")}
    assert reasons["m5"] == reasons["m6"] == "opted-out"
    # What begins later leaves them out too.
    world.announce(id="NEXT", summary="Co nuoc")
    world.wait_state("NEXT")
    assert world.status("NEXT")["skipped"] == 2


def test_stop_is_confirmed_once_and_start_brings_back(world, office):
    smsc = office(members=3)
    for _ in range(3):
        assert smsc.delivered(phone(1), "DỪNG".encode("utf-16-be"), data_coding=8) == 0
    wait(lambda: smsc.told(phone(1)) == [STOPPED], "the confirmation")
    assert smsc.submits[0].registered == 0, "nobody waits for its receipt"
    assert json.loads(world.loa("members", "show", "m1", "--json").stdout)["opted_out"] is True
    assert smsc.delivered(phone(1), b"DK") == 0
    wait(lambda: smsc.told(phone(1)) == [STOPPED, JOINED], "the other confirmation")
    world.wait_stat("outbox_accepted", 2)
    parts = world.stat("parts_submitted")
    assert parts == len(smsc.submits) == 2
    assert json.loads(world.loa("members", "show", "m1", "--json").stdout)["opted_out"] is False
    assert smsc.delivered("84900777777", b"DK") == 0  # nobody knows this number
    assert smsc.delivered(phone(2), "Đúng".encode("utf-16-be"), data_coding=8) == 0
    assert [r["intent"] for r in replies(world, 6)] == ["stop"] * 3 + ["start"] * 2 + [""]
    world.announce(id="ALL", summary="Chao")
    world.wait_state("ALL")
    assert world.status("ALL")["accepted"] == 3 and smsc.told("84900777777") == []


def test_a_stop_outlives_the_directory(world, office):
    """Who stopped under a number that nobody had stays out when an import brings it."""
    smsc = office(members=1)
    assert smsc.delivered(phone(50), b"STOP") == 0
    wait(lambda: smsc.told(phone(50)) == [STOPPED], "the confirmation")
    world.import_members(1, first=50)
    world.announce(id="NEW", summary="Chao")
    world.wait_state("NEW")
    assert (world.status("NEW")["accepted"], world.status("NEW")["skipped"]) == (1, 1)


def test_a_confirmation_waits_for_the_link(world, office):
    """kill -9 between the wish and its confirmation: told once, by the next gateway."""
    smsc = office(members=2)
    refused = []

    def no(submit):
        refused.append(submit)
        return 0x08, ""

    smsc.answer = no
    assert smsc.delivered(phone(1), b"STOP") == 0
    wait(lambda: refused, "a try")
    world.gateway.kill()
    smsc.answer = smsc.accept
    world.start_gateway()
    ready(world, smsc, 2)
    n = len(refused)
    wait(lambda: len(smsc.submits) > n, "the confirmation", 90)
    assert smsc.told(phone(1))[n:] == [STOPPED]


def test_an_admin_opts_members_out_and_in(world, office):
    smsc = office(members=4, rate=2, window=1)
    world.announce(id="SLOW", summary="Cat nuoc")
    wait(lambda: smsc.submits, "the first message")
    said = json.loads(world.loa("members", "opt-out", "m3", "--json").stdout)
    assert said == {"id": "m3", "opted_out": True, "members": 1, "skipped": 1}
    world.wait_state("SLOW")
    assert world.status("SLOW")["skipped"] == 1 and smsc.told(phone(3)) == []
    assert world.loa("members", "opt-in", "0900000003").stdout == "m3 gets messages again\n"
    world.announce(id="NEXT", summary="Co nuoc")
    world.wait_state("NEXT")
    wait(lambda: smsc.told(phone(3)) == ["Co nuoc"], "the message")
    missing = world.loa("members", "opt-out", "nobody", ok=False)
    assert missing.returncode == 1 and "there is no member 'nobody'" in missing.stderr


def test_replies_are_read_and_answered(world, office):
    smsc = office(members=3)
    assert smsc.delivered(phone(2), b"Toi se du") == 0
    assert smsc.delivered(phone(1), b"XN 7") == 0
    shown = json.loads(world.loa("replies", "--json").stdout)
    assert [(r["member"], r["intent"], r["text"]) for r in shown] == [
        ("m2", "", "Toi se du"), ("m1", "yes", "XN 7")
    ]
    assert shown[0]["from"] == "8490****002"
    row = world.loa("replies").stdout.splitlines()[1]
    assert "Toi se du" in row and "+07:00" in row and " sms " in row
    world.loa("reply", shown[0]["id"], "Cam on dong chi.")
    wait(lambda: smsc.told(phone(2)) == ["Cam on dong chi."], "the answer")
    missing = world.loa("reply", "1-1", "x", ok=False)
    assert missing.returncode == 1 and "there is no reply '1-1'" in missing.stderr


def test_an_answer_is_held_to_what_its_link_takes(world, office):
    smsc = office(members=1, refused="'&'")
    assert smsc.delivered(phone(0), b"HOI") == 0
    shown = wait(lambda: json.loads(world.loa("replies", "--json").stdout), "the reply")
    world.loa("reply", shown[0]["id"], "Cảm ơn đ/c & gia đình.")
    wait(lambda: smsc.told(phone(0)) == ["Cam on d/c va gia dinh."], "the answer")


def test_replies_can_be_followed(world, office):
    smsc = office(members=2)
    assert smsc.delivered(phone(0), b"mot") == 0
    out = world.folder + "/follow"
    with open(out, "wb") as stdout:
        follower = Process(
            [LOA, "replies", "--follow", "--json", "--full"], out + ".err",
            {"LOA_CONFIG": world.config}, stdout,
        )
    world.closers.append(follower.kill)

    def lines():
        with open(out, encoding="utf-8") as f:
            return [json.loads(line) for line in f.read().split("\n")[:-1]]

    wait(lambda: len(lines()) == 1, "what was there")
    assert smsc.delivered(phone(1), b"hai") == 0
    wait(lambda: len(lines()) == 2, "what came in")
    assert [(r["from"], r["text"]) for r in lines()] == [(phone(0), "mot"), (phone(1), "hai")]


def test_a_stop_by_a_receiver_is_confirmed_by_its_sender(world):
    """Two links to one SMSC: one only hears, and stands in no channel; the other only sends."""
    world.start_redis()
    smsc = HandSmsc()
    world.closers.append(smsc.close)
    world.configure(ports=[smsc.port] * 2, senders=1)
    with open(world.config, encoding="utf-8") as f:
        head, first, second = f.read().split("  - name: ")
    first += "    bind: transmitter\n"
    second = second.replace("    source: QUANBTL\n", "    source: QUANBTL\n    bind: receiver\n")
    with open(world.config, "w", encoding="utf-8") as f:
        f.write("  - name: ".join([head, first, second]))
    world.import_members(2)
    world.start_gateway()
    ready(world, smsc, 2)
    kinds = [kind for _, kind in smsc.binds]
    assert sorted(kinds) == ["receiver", "transmitter"]
    assert smsc.delivered(phone(1), b"STOP", bind=kinds.index("receiver")) == 0
    wait(lambda: smsc.told(phone(1)) == [STOPPED], "the confirmation")
    assert smsc.submits[0].bind is smsc.binds[kinds.index("transmitter")][0]
    assert replies(world, 1)[0]["link"] == "link2"
