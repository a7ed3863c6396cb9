"""The simulator itself: a fault that it would not see would prove nothing about the gateway."""
# SPDX-License-Identifier: MIT
import os
import socket
import struct

import pytest

from harness import wait

BIND = b"loa\0secret\0\0\x34\0\0\0"


class Esme:
    """A peer that may do everything wrong."""

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), 5)
        self.sequence, self.rest = 0, b""

    def send(self, command, body=b"", sequence=None, length=None, status=0):
        self.sequence = self.sequence + 1 if sequence is None else sequence
        length = 16 + len(body) if length is None else length
        self.sock.sendall(struct.pack(">IIII", length, command, status, self.sequence) + body)

    def receive(self):
        while len(self.rest) < 16 or len(self.rest) < struct.unpack(">I", self.rest[:4])[0]:
            octets = self.sock.recv(65536)
            if not octets:
                return None
            self.rest += octets
        length, command, status, sequence = struct.unpack(">IIII", self.rest[:16])
        body, self.rest = self.rest[16:length], self.rest[length:]
        return command, status, sequence, body

    def ask(self, command, body=b"", **options):
        self.send(command, body, **options)
        return self.receive()

    def bind(self, command=9):
        assert self.ask(command, BIND)[:2] == (command | 0x80000000, 0)
        return self


def submit_body(to=b"84900000001", text=b"hello", esm=0, dcs=0, source=b"QUANBTL", **other):
    registered = other.get("registered", 0)
    return (
        other.get("service", b"") + b"\0\x05\0" + source + b"\0\x01\x01" + to + b"\0"
        + bytes([esm, 0, 0]) + b"\0\0" + bytes([registered, 0, dcs, 0])
        + bytes([other.get("sm_length", len(text))]) + text + other.get("tlv", b"")
    )


@pytest.fixture
def esme(world, monkeypatch):
    monkeypatch.delenv("LOA_CAPTURE", raising=False)  # it sends what no gateway of ours would

    def connect(case="", **options):
        smsc = world.start_smsc(case, **options)
        return Esme(smsc.port)

    return connect


def check_and_forget(world, word):
    """The one error in the log; forgotten, so that closing finds none."""
    wait(lambda: world.smsc.errors(), "error line")
    errors = world.smsc.errors()
    assert len(errors) == 1 and word in errors[0], errors
    world.smsc.lines = [line for line in world.smsc.lines if line[0] != "error"]


FAULTS = [
    ("an address without its end", submit_body(to=b"8" * 21), 0x02, "destination_addr"),
    ("a long service type", submit_body(service=b"123456"), 0x02, "service_type"),
    ("more text than the PDU", submit_body(sm_length=50), 0x01, "sm_length"),
    ("octets after the text", submit_body(sm_length=3), 0xC0, "TLV"),
    ("a TLV over the end", submit_body(tlv=b"\x14\x01\0\x05ab"), 0xC0, "TLV"),
    ("a UDH over the end", submit_body(esm=0x40, text=b"\x05\0\x03"), 0xC0, "UDH"),
    ("a header alone", b"", 0x02, "service_type"),
    ("a local number", submit_body(to=b"+84900000001"), 0, "destination"),
    ("161 septets", submit_body(text=b"a" * 161), 0, "does not fit"),
    ("141 octets of UCS-2", submit_body(text=b"\0a" * 71, dcs=8), 0, "does not fit"),
    ("half a character", submit_body(text=b"\0a\0", dcs=8), 0, "odd length"),
    ("part 3 of 2", submit_body(esm=0x40, text=b"\x05\0\x03\x07\x02\x03hi"), 0, "part"),
    ("a sender too long", submit_body(source=b"ABCDEFGHIJKL"), 0, "11 characters"),
    ("no text", submit_body(text=b""), 0, "empty"),
]


@pytest.mark.parametrize("label,body,status,word", FAULTS, ids=[f[0] for f in FAULTS])
def test_a_fault_of_a_submit_is_reported(world, esme, label, body, status, word):
    peer = esme().bind()
    answer = peer.ask(4, body)
    assert answer[:2] == (0x80000004, status), label
    check_and_forget(world, word)


def test_faults_of_the_dialogue_are_reported(world, esme):
    peer = esme()
    assert peer.ask(4, submit_body())[1] == 0x04
    check_and_forget(world, "bind state")
    peer.bind()
    assert peer.ask(9, BIND)[1] == 0x05
    check_and_forget(world, "bound already")
    peer.ask(4, submit_body(), sequence=2)
    check_and_forget(world, "sequence_number 2 after 3")
    peer.ask(4, submit_body(), sequence=0)
    check_and_forget(world, "sequence_number 0")
    assert peer.ask(0x112, sequence=10)[:3] == (0x80000000, 0x03, 10)
    check_and_forget(world, "0x00000112")
    assert peer.ask(0x15, b"\0", sequence=11)[0] == 0x80000015
    check_and_forget(world, "has a body")
    peer.send(0x80000005, b"\0", sequence=99)
    check_and_forget(world, "answers nothing")
    peer.send(0x15, length=15)
    assert peer.receive() is None
    check_and_forget(world, "command_length 15")


def test_more_than_the_window_is_reported(world, esme):
    peer = esme("window 2\nlatency 50ms\n").bind()
    for i in range(3):
        peer.send(4, submit_body(to=b"8490000000%d" % i))
    assert [peer.receive()[1] for _ in range(3)] == [0, 0, 0]
    check_and_forget(world, "window overflow: 3")
    assert world.smsc.summary()["max_in_flight"] == 3


def test_throttle_is_a_sliding_second(world, esme):
    peer = esme("throttle 5/s\n").bind()
    statuses = [peer.ask(4, submit_body(to=b"8490000000%d" % i))[1] for i in range(8)]
    assert statuses == [0] * 5 + [0x58] * 3
    summary = world.smsc.summary()
    assert (summary["throttled"], summary["max_accepted_per_second"]) == (3, 5)


def test_duplicates_are_whole_messages_told_again(world, esme):
    peer = esme().bind()
    for to, text in ((b"84900000001", b"one"), (b"84900000001", b"two"), (b"84900000001", b"one")):
        peer.ask(4, submit_body(to=to, text=text))
    summary = world.smsc.summary()
    assert (summary["duplicates"], summary["unique_numbers"]) == (1, 1)
    assert world.smsc.told()["84900000001", "one"] == 2


def test_a_receipt_says_what_the_answer_said(world, esme):
    peer = esme("receipts final\nids uuid\nstate UNDELIV for *2\n").bind()
    id_ = peer.ask(4, submit_body(to=b"84900000002", registered=1))[3].rstrip(b"\0")
    command, _, sequence, body = peer.receive()
    assert command == 5 and b"id:" + id_ + b" " in body and b"stat:UNDELIV" in body
    tlv = b"\0\x1e" + struct.pack(">H", len(id_) + 1) + id_ + b"\0"
    assert body.endswith(tlv + b"\x04\x27\0\x01\x05")
    peer.send(0x80000005, b"\0", sequence=sequence)
    wait(lambda: world.smsc.summary()["receipts_answered"] == 1, "answered receipt")


def test_a_receipt_without_an_answer_comes_again(world, esme):
    peer = esme("receipts final\n").bind()
    peer.ask(4, submit_body(registered=1))
    first = peer.receive()
    peer.sock.close()
    again = Esme(world.smsc.port).bind().receive()
    assert again[0] == 5 and first[3][:40] == again[3][:40]


def test_drops_and_silence(world, esme):
    peer = esme("drop after 3\nno_answer for *9\n").bind()
    assert peer.ask(4, submit_body())[1] == 0
    peer.send(4, submit_body(to=b"84900000009"))
    assert peer.ask(4, submit_body()) is None
    assert [s.answered for s in world.smsc.submits()] == ["yes", "never", "never"]


def test_phones_show_parts_in_order(world, esme):
    phones = os.path.join(world.folder, "phones")
    peer = esme("", options=["--phones", phones]).bind()
    for part, text in ((2, b"\x1e1\ni"), (1, b"\x1bet")):
        udh = b"\x05\0\x03\x2a\x02" + bytes([part])
        peer.ask(4, submit_body(esm=0x40, text=udh + text))
    world.smsc.summary()
    with open(phones, encoding="utf-8") as f:
        assert f.read() == "84900000001\tQUANBTL\t2\tgsm7\t€tß1\\ni\n"


def test_a_bad_case_is_refused_with_its_line(world):
    smsc = world.start_smsc()
    smsc.stop()
    smsc.write_case("bind ok\nlatency 20 minutes\n")
    with pytest.raises(AssertionError, match=r"case:2: not understood: latency 20 minutes"):
        smsc.start()
