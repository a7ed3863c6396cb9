"""What refusals do: to one number, to a link, in a vendor's own range, by generic_nack."""
# SPDX-License-Identifier: MIT
import collections
import struct

from hand_smsc import office
from harness import phone, wait

NACK = 0x80000000


def test_a_link_that_refuses_everything_pauses_and_the_others_carry_it(world):
    """Its sender's name is not registered: nobody fails by that."""
    refusing, taking = office(
        world, lambda submit: (0x0A, ""), None, members=200, window=10, attempts=2
    )
    world.announce(id="NAME", summary="Cat nuoc")
    world.wait_state("NAME")
    status = world.status("NAME")
    assert (status["accepted"], status["failed"]) == (200, 0)
    assert len(refusing.submits) <= 10, "no more than the window that was under way"
    assert {s.to for s in taking.submits} == {phone(i) for i in range(200)}
    link = wait(lambda: world.r.hget("loa:stats:link:link1", "state") == "throttled"
                and world.r.hgetall("loa:stats:link:link1"), "state of the link")
    assert link["last_error"] == (
        "the SMSC refuses what this link sends: invalid-source (0x0000000a); it pauses"
    )


def test_what_only_one_message_meets_does_not_stop_the_link(world):
    def answer(submit):
        return (0x0A, "") if submit.to == phone(3) else (0, f"id-{submit.sequence}")

    [smsc] = office(world, answer, attempts=2, window=1)
    world.announce(id="ONE", summary="Cat nuoc")
    world.wait_letters("ONE", "a", 3)
    world.wait_state("ONE")
    status = world.status("ONE")
    assert (status["accepted"], status["failed"]) == (9, 1)
    assert world.report("ONE")[3]["reason"] == "invalid-source (0x0000000a)"


def test_a_vendors_statuses_mean_what_the_link_says(world):
    seen = collections.Counter()
    statuses = {phone(1): 0x400, phone(2): 0x401, phone(3): 0x402, phone(4): 0x0B, phone(5): 0x4FF}

    def answer(submit):
        seen[submit.to] += 1
        status = statuses.get(submit.to, 0)
        once = status in (0x401, 0x402, 0x0B) and seen[submit.to] > 1
        return (0, f"id-{submit.sequence}") if not status or once else (status, "")

    [smsc] = office(
        world, answer, attempts=2,
        statuses="{ 0x400: number, 0x401: retry 1s, 0x402: throttle, 0xb: retry, "
        "0x403-0x4ff: mistake }",
    )
    world.announce(id="OWN", summary="Cat nuoc")
    world.wait_state("OWN")
    rows = world.report("OWN")
    outcomes = [(r["outcome"], r["attempts"]) for r in rows[1:6]]
    assert outcomes == [("failed", "1"), ("accepted", "2"), ("accepted", "1"), ("accepted", "2"),
                        ("failed", "1")]
    assert rows[1]["reason"] == "smpp-error (0x00000400)"
    assert seen[phone(3)] == 2, "throttled, then sent again by the link itself"
    assert world.stat("throttled") == 1
    assert "event=message.mistaken" in world.gateway.text()


def test_generic_nack_with_and_without_a_number(world):
    """One that names a message refuses it; one that names none is only told of: the message is
    uncertain once its answer is late."""
    nacked = []

    def answer(submit):
        if submit.to == phone(1) and not nacked:
            nacked.append(submit)
            submit.bind.sendall(struct.pack(">IIII", 16, NACK, 0x08, submit.sequence))
            return None
        if submit.to == phone(2) and len(nacked) == 1:
            nacked.append(submit)
            submit.bind.sendall(struct.pack(">IIII", 16, NACK, 0x02, 0))
            return None
        return 0, f"id-{submit.sequence}"

    office(world, answer, response="700ms", receipts="none")
    world.announce(id="NACK", summary="Cat nuoc")
    world.wait_state("NACK")
    rows = world.report("NACK")
    assert [r["outcome"] for r in rows] == ["accepted"] * 10
    assert (rows[1]["attempts"], rows[2]["attempts"]) == ("2", "2")
    assert (world.stat("messages_retried"), world.stat("messages_uncertain")) == (1, 1)
    assert world.gateway.text().count("event=pdu.refused") == 2
