"""An SMSC in the test's own hand: it answers what it is asked, and sends what the test wants, octet
by octet.  It shares no code with the gateway nor with the simulator."""
# SPDX-License-Identifier: MIT
import collections
import itertools
import socket
import struct
import threading

from harness import wait

BINDS = {1: "receiver", 2: "transmitter", 9: "transceiver"}
Submit = collections.namedtuple(
    "Submit",
    "at bind sequence source source_ton source_npi to to_ton to_npi esm_class schedule validity"
    " registered replace data_coding message tlvs",
)


def cstring(body, at):
    end = body.index(b"\0", at)
    return body[at:end].decode("latin-1"), end + 1


def tlv(tag, value):
    return struct.pack(">HH", tag, len(value)) + value


def read_tlvs(body, at):
    found = {}
    while at + 4 <= len(body):
        tag, n = struct.unpack_from(">HH", body, at)
        found[tag] = body[at + 4 : at + 4 + n]
        at += 4 + n
    return found


def read_submit(body, sequence, bind, at):
    _, pos = cstring(body, 0)
    source_ton, source_npi = body[pos : pos + 2]
    source, pos = cstring(body, pos + 2)
    to_ton, to_npi = body[pos : pos + 2]
    to, pos = cstring(body, pos + 2)
    esm_class, pos = body[pos], pos + 3
    schedule, pos = cstring(body, pos)
    validity, pos = cstring(body, pos)
    registered, replace, data_coding, _, n = body[pos : pos + 5]
    message = body[pos + 5 : pos + 5 + n]
    tlvs = read_tlvs(body, pos + 5 + n)
    return Submit(at, bind, sequence, source, source_ton, source_npi, to, to_ton, to_npi, esm_class,
                  schedule, validity, registered, replace, data_coding, message, tlvs)


class HandSmsc:
    """`answer(submit)` gives (status, message id) or None for no answer."""

    def __init__(self, answer=None):
        self.answer = answer or self.accept
        self.numbers = itertools.count(1)
        self.ids = itertools.count(1)
        self.submits, self.binds, self.answers = [], [], {}
        self.raw = []  # every PDU of the gateway, as it came
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.take, daemon=True).start()

    def accept(self, submit):
        return 0, f"id-{next(self.ids)}"

    def take(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def close(self):
        self.listener.close()
        for sock, _ in self.binds:
            sock.close()

    def serve(self, sock):
        data = b""
        try:
            while True:
                while len(data) < 4 or len(data) < struct.unpack(">I", data[:4])[0]:
                    more = sock.recv(65536)
                    if not more:
                        return
                    data += more
                n = struct.unpack(">I", data[:4])[0]
                pdu, data = data[:n], data[n:]
                self.raw.append(pdu)
                self.on_pdu(sock, pdu)
        except OSError:
            return

    def send(self, sock, command, status, sequence, body=b""):
        sock.sendall(struct.pack(">IIII", 16 + len(body), command, status, sequence) + body)

    def on_pdu(self, sock, pdu):
        _, command, status, sequence = struct.unpack(">IIII", pdu[:16])
        if command in BINDS:
            self.send(sock, command | 0x80000000, 0, sequence, b"hand\0")
            self.binds.append((sock, BINDS[command]))
        elif command == 4:
            submit = read_submit(pdu[16:], sequence, sock, len(self.submits))
            answer = self.answer(submit)
            self.submits.append(submit)
            if answer:
                status, message_id = answer
                body = message_id.encode() + b"\0" if status == 0 else b""
                self.send(sock, 0x80000004, status, sequence, body)
        elif command in (0x15, 6):
            self.send(sock, command | 0x80000000, 0, sequence)
        elif command & 0x80000000:
            self.answers[sequence] = status

    def wait_binds(self, n=1):
        wait(lambda: len(self.binds) >= n, f"{n} binds")

    def deliver(self, source, message, to="8049", esm_class=0, data_coding=0, tlvs=b"", bind=-1):
        """Sends a deliver_sm and returns its sequence number."""
        sequence = next(self.numbers)
        body = b"\0\1\1" + source.encode() + b"\0\0\0" + to.encode() + b"\0"
        body += bytes([esm_class, 0, 0]) + b"\0\0" + bytes([0, 0, data_coding, 0, len(message)])
        self.send(self.binds[bind][0], 5, 0, sequence, body + message + tlvs)
        return sequence

    def delivered(self, *args, **options):
        """The same, and waits for the answer's status."""
        sequence = self.deliver(*args, **options)
        wait(lambda: sequence in self.answers, f"answer to deliver_sm {sequence}")
        return self.answers[sequence]

    def told(self, to):
        """The texts of one part that went to this number."""
        return [s.message.decode("latin-1") for s in self.submits if s.to == to]


def ready(world, smsc, binds):
    """Waits for that many binds so far, and for the latest gateway's Redis."""
    smsc.wait_binds(binds)
    wait(lambda: "redis.connected" in world.gateway.text(), "Redis")


def office(world, *answers, members=10, **settings):
    """A gateway with an SMSC for each function that answers its submits; None: all are accepted."""
    world.start_redis()
    smscs = [HandSmsc(answer) for answer in answers]
    for smsc in smscs:
        world.closers.append(smsc.close)
    world.configure(ports=[s.port for s in smscs], **settings)
    world.import_members(members)
    world.start_gateway()
    for smsc in smscs:
        ready(world, smsc, 1)
    return smscs
