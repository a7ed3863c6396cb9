"""Long Vietnamese messages come back together byte for byte from a dissector that is not ours."""
# SPDX-License-Identifier: MIT
import os
import random

import pytest

import capture

BROADCASTS, MEMBERS = 50, 10
WORDS = ("kính mời toàn thể nhân dân phường dự họp tổ dân phố số ngừng cấp điện "
         "từ đến tại nhà văn hoá Đề nghị các hộ chằng chống nhà cửa trước bão "
         "khẩn trương thông báo tiêm chủng trẻ em").split()
# Outside the first plane; several code points that are one sign; marks that do not compose.
SIGNS = ("🎉", "🇻🇳", "👩‍👩‍👧", "☔️", "x\u0323\u0301", "q\u031b\u0309", "e\u0302\u0323\u0330", "𝄞")


def sentence(source):
    words = [source.choice(WORDS) for _ in range(source.randint(14, 40))]
    for _ in range(source.randint(3, 12)):
        words.insert(source.randint(0, len(words)), source.choice(SIGNS))
    return " ".join(words) + "."


@pytest.mark.parametrize("long_sms", ["udh"])
def test_long_messages_come_back_from_tshark(world, long_sms):
    pcap = os.path.join(world.folder, "long.pcap")
    source = random.Random(7)
    world.start_redis()
    world.start_smsc("latency 2ms to 9ms\nreorder answers\nreceipts none\n", ["--pcap", pcap])
    world.configure(diacritics="keep", max_parts=8, window=40, binds=2, long_sms=long_sms)
    world.import_members(MEMBERS)
    world.start_gateway()
    world.wait_bound()
    ids = [f"L{i}" for i in range(BROADCASTS)]
    for id_ in ids:
        world.announce(id=id_, title=id_, summary=sentence(source))
    texts = []
    for id_ in ids:
        fields = world.wait_state(id_)
        texts.append(world.r.hget(world.key(id_), "text:sms"))
        assert int(fields["accepted"]) == MEMBERS
    world.gateway.signal(15)
    assert world.gateway.ended() == 0
    world.smsc.stop()
    assert capture.faults(pcap) == []
    numbers = {s.number for s in world.smsc.submits()}
    sent = sorted((n, text.encode("utf-16-be")) for n in numbers for text in texts)
    assert len(sent) == BROADCASTS * MEMBERS
    assert all(any(sign in text for sign in SIGNS) for text in texts)
    assert sorted(capture.messages(pcap)) == sent
    for submit in world.smsc.submits():  # no part begins in the middle of a sign
        assert not 0xDC00 <= ord(submit.text[0]) < 0xE000 and submit.text[0] not in "\u0323\u0301"
