"""user_message_reference: a receipt whose id nobody was told settles an uncertain message."""
# SPDX-License-Identifier: MIT
import struct

import pytest

from hand_smsc import HandSmsc, tlv
from harness import phone, wait

REFERENCE = 0x0204


def receipt(smsc, submit, state=b"DELIVRD", with_reference=True, bind=-1):
    """The receipt of a message whose answer was lost: its id is news to the gateway."""
    text = b"id:lost-%d sub:001 dlvrd:001 stat:%s err:000 text:" % (submit.sequence, state)
    more = tlv(REFERENCE, submit.tlvs[REFERENCE]) if with_reference else b""
    return smsc.delivered(submit.to, text, to=submit.source, esm_class=4, tlvs=more, bind=bind)


@pytest.fixture
def silent(world):
    """An SMSC that answers nobody but the last of five members."""
    smsc = HandSmsc()
    world.closers.append(smsc.close)

    def answer(submit):
        return (0, f"id-{submit.sequence}") if submit.to == phone(4) else None

    smsc.answer = answer
    world.start_redis()
    return smsc


def test_a_receipt_settles_what_was_not_answered(world, silent):
    world.configure(ports=[silent.port], response="500ms", uncertain_wait="30s", window=10)
    world.import_members(5)
    world.start_gateway()
    silent.wait_binds()
    world.announce(id="LOST", summary="x" * 200)  # two parts
    world.wait_letters("LOST", "?", 4)
    parts = {}
    for s in silent.submits:
        parts.setdefault(s.to, []).append(s)
    assert all(len(p) == 2 for p in parts.values())
    for n in (0, 1, 2):
        first, second = (struct.unpack(">H", s.tlvs[REFERENCE])[0] for s in parts[phone(n)])
        assert second == (first + 1) % 65536
    for s in parts[phone(0)] + parts[phone(2)]:
        assert receipt(silent, s) == 0
    assert receipt(silent, parts[phone(1)][0], b"REJECTD") == 0
    assert receipt(silent, parts[phone(3)][0], with_reference=False) == 0
    wait(lambda: world.look("LOST")[1] == "dud?a", "the receipts' outcomes")
    assert receipt(silent, parts[phone(0)][0]) == 0  # again: its id is known by now
    world.wait_stat("receipts_duplicate", 1)
    world.wait_stat("receipts", 7)
    assert len(silent.submits) == 10, "nothing was sent again"


def test_a_receipt_settles_what_a_crash_left(world, silent):
    """kill -9 with four messages unanswered; one receipt comes before the next gateway has looked,
    one after."""
    world.configure(ports=[silent.port], uncertain_wait="3s", on_uncertain="resend", window=10)
    world.import_members(5)
    first = world.start_gateway()
    silent.wait_binds()
    world.announce(id="KILL", summary="Cat nuoc")
    wait(lambda: len(silent.submits) == 5, "all messages")
    world.wait_letters("KILL", "a", 1)
    lost = {s.to: s for s in silent.submits}
    first.kill()
    world.start_gateway()
    silent.wait_binds(2)
    wait(lambda: "redis.connected" in world.gateway.text(), "Redis")
    assert receipt(silent, lost[phone(0)]) == 0
    wait(lambda: world.look("KILL")[1].count("?") + world.look("KILL")[1].count("d") == 4, "?")
    assert receipt(silent, lost[phone(1)]) == 0
    world.wait_letters("KILL", "d", 2)
    wait(lambda: len(silent.submits) >= 7, "the two others again", 30)
    again = [s.to for s in silent.submits[5:]]
    assert phone(0) not in again and phone(1) not in again


def test_it_can_be_switched_off(world, silent):
    world.configure(ports=[silent.port], user_message_reference="false")
    world.import_members(5)
    world.start_gateway()
    silent.wait_binds()
    world.announce(id="OFF", summary="Cat nuoc")
    wait(lambda: len(silent.submits) == 5, "all messages")
    assert all(REFERENCE not in s.tlvs for s in silent.submits)


def test_an_smsc_that_refuses_it_gets_the_messages_without(world, silent):
    def answer(submit):
        return (0xC1, "") if REFERENCE in submit.tlvs else (0, f"id-{submit.sequence}")

    silent.answer = answer
    world.configure(ports=[silent.port], window=3, attempts=1)
    world.import_members(20)
    world.start_gateway()
    silent.wait_binds()
    world.announce(id="TLV", summary="Cat nuoc")
    world.wait_state("TLV")
    assert world.status("TLV")["accepted"] == 20
    assert sum(REFERENCE in s.tlvs for s in silent.submits) <= 3
    assert "user_message_reference is not sent any more" in world.gateway.text()
