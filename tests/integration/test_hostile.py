"""A peer that floods: memory stays where it was, and a peer that does not read is left."""
# SPDX-License-Identifier: MIT
import re
import socket
import struct
import threading

import pytest

from harness import wait

FLOOD_OCTETS = 6 << 20
STALL_SECONDS = 5  # two full sockets can stand still in the kernel: then once more, over a new one
GROWTH_KIB = 3 << 10  # buffers, and what the allocator keeps; a leak would be as large as the flood


def pdu(command, sequence, body=b"", status=0):
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


class Flood:
    """Takes binds, then sends one block again and again, reading the answers or not."""

    def __init__(self, block, reads):
        self.block, self.reads, self.sent, self.binds, self.taken = block, reads, 0, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return  # closed
            try:
                self.serve(peer)
            except OSError:
                pass  # the link has left us: what it should do
            peer.close()

    def serve(self, peer):
        bind = peer.recv(4096)
        if len(bind) < 16:
            return
        peer.sendall(pdu(0x80000009, struct.unpack(">I", bind[12:16])[0], b"smsc\0"))
        self.binds += 1
        if not self.reads:
            peer.settimeout(STALL_SECONDS)
        reader = threading.Thread(target=self.read, args=(peer,), daemon=True)
        if self.reads:
            reader.start()
        while not self.reads or self.sent < FLOOD_OCTETS:  # else: until it is left
            peer.sendall(self.block)
            self.sent += len(self.block)
        reader.join()

    def read(self, peer):
        try:
            while data := peer.recv(1 << 16):
                self.taken += len(data)
        except OSError:
            pass


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1))


def start(world, flood, monkeypatch):
    world.closers.append(flood.listener.close)
    monkeypatch.setenv("ASAN_OPTIONS", "quarantine_size_mb=1:thread_local_quarantine_size_kb=64")
    world.start_redis()
    world.configure(ports=[flood.port], enquire="60s")
    world.start_gateway()
    wait(lambda: flood.binds and flood.sent > FLOOD_OCTETS / 8, "flood")
    return resident_kib(world.gateway.child.pid)


UNKNOWN = pdu(0x80000004, 77777, b"nobody\0")
ALERT = pdu(0x102, 5, b"\1\1" + b"84900000001\0" + b"\1\1" + b"1900\0")
MALFORMED = pdu(0x80000103, 9, b"\0" + b"\x04\x24\xff\xff")  # an answer: only said
BLOCK = (UNKNOWN + ALERT + pdu(0x15, 6) + pdu(0x80000015, 8)) * 200


def test_a_flood_leaves_memory_flat(world, monkeypatch):
    flood = Flood(BLOCK, reads=True)
    before = start(world, flood, monkeypatch)
    wait(lambda: flood.sent >= FLOOD_OCTETS, "end of the flood", 60)
    enquiries = flood.sent // len(BLOCK) * 200
    wait(lambda: flood.taken >= enquiries * 16, "answer to every enquire_link", 60)
    assert flood.binds == 1, "it was not at fault, only busy"
    assert resident_kib(world.gateway.child.pid) - before < GROWTH_KIB


SENTENCE = "the peer does not read"


def test_a_peer_that_does_not_read_is_left(world, monkeypatch):
    flood = Flood(pdu(0x15, 6) * 1000, reads=False)
    before = start(world, flood, monkeypatch)
    wait(lambda: SENTENCE in world.gateway.text(), "sentence", 60)
    wait(lambda: "link.bound" in world.gateway.text().split(SENTENCE)[1], "bind again", 30)
    assert resident_kib(world.gateway.child.pid) - before < GROWTH_KIB


@pytest.mark.parametrize("what", [MALFORMED], ids=["answers-that-cannot-be-read"])
def test_what_cannot_be_read_is_left_and_tried_again(world, monkeypatch, what):
    flood = Flood(what * 1000, reads=True)
    world.closers.append(flood.listener.close)
    world.start_redis()
    world.configure(ports=[flood.port])
    world.start_gateway()
    wait(lambda: flood.binds >= 3, "third bind", 30)
    assert "too many PDUs came that cannot be read" in world.gateway.text()
    lines = world.gateway.text().count("\n")
    assert lines < 200, f"{lines} lines of log"
