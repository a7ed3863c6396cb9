"""Connections that die with a request on them: libcurl would send it again by itself on a new one
when the old one was kept from an earlier request, or when HTTP/2 says that it was not looked at.
What the platform has read may have been told: each request comes once, and is uncertain."""
# SPDX-License-Identifier: MIT
import collections
import json
import socket
import ssl
import struct
import threading

import platforms
import pytest
from harness import wait
from test_tls import certificates  # noqa: F401

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, ACK, END_HEADERS = 1, 1, 4
STATUS_200, REFUSED_STREAM = b"\x88", 7
OTHERS = {SETTINGS, PING}


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


class Peer(threading.Thread):
    """A Telegram that answers the first request of each connection and ends the second as `dies`
    says.  `asked`: how often each chat's message was read to its end; `connections`: those that
    had a request."""

    def __init__(self, dies, context=None):
        super().__init__(daemon=True)
        self.dies, self.context = dies, context
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.asked, self.connections = collections.Counter(), 0
        self.start()

    def run(self):
        while True:
            s, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(s,), daemon=True).start()

    def serve(self, s):
        try:
            if self.context:
                s = self.context.wrap_socket(s, server_side=True)
                self.talk_2(s, s.makefile("rb"))
            else:
                self.talk_1(s, s.makefile("rb"))
        except (OSError, EOFError):
            pass
        s.close()

    def read(self, body, first):
        self.connections += first
        chat = json.loads(body)["chat_id"]
        self.asked[str(chat)] += 1
        return json.dumps({"ok": True, "result": {"message_id": self.asked.total()}}).encode()

    def talk_1(self, s, f):
        for n in range(2):
            size = 0
            while (line := f.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    size = int(line.split(b":")[1])
            if not size:
                return
            answer = self.read(f.read(size), n == 0)
            if n == 0:
                s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"
                          % (len(answer), answer))
        if self.dies == "reset":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        f.close()  # it holds the socket open

    def talk_2(self, s, f):
        assert f.read(len(PREFACE)) == PREFACE
        s.sendall(frame(SETTINGS))
        bodies, answered = collections.defaultdict(bytes), 0
        while len(head := f.read(9)) == 9:
            size = int.from_bytes(head[:3], "big")
            kind, flags, stream = struct.unpack(">BBI", head[3:])
            payload = f.read(size)
            if kind in OTHERS and not flags & ACK:
                s.sendall(frame(kind, ACK, 0, payload if kind == PING else b""))
            if kind != DATA:
                continue
            bodies[stream] += payload
            if not flags & END_STREAM:
                continue
            answer = self.read(bodies.pop(stream), answered == 0)
            if answered % 2 == 0:
                s.sendall(frame(HEADERS, END_HEADERS, stream, STATUS_200)
                          + frame(DATA, END_STREAM, stream, answer))
            elif self.dies == "refused stream":
                s.sendall(frame(RST, 0, stream, struct.pack(">I", REFUSED_STREAM)))
            elif self.dies == "goaway":
                s.sendall(frame(GOAWAY, 0, 0, struct.pack(">II", stream - 2, 0)))
            else:
                return
            answered += 1


def tell(world, peer, url, settings=()):
    platforms.start(world, "telegram", settings={
        "telegram": ["concurrency: 1", "response: 20s", "on_uncertain: hold", *settings]})
    with open(world.config, encoding="utf-8") as f:
        lines = [f"    base_url: {url}\n" if "base_url:" in line else line for line in f]
    with open(world.config, "w", encoding="utf-8") as f:
        f.writelines(lines)
    world.import_members(0, rows=[f"m{i},Member {i},,,{1000 + i}," for i in range(10)])
    world.start_gateway()
    world.announce(id="R1")
    wait(lambda: max(peer.asked.values(), default=0) > 1
         or not set(world.look("R1")[1] or "q") & set("qsr"), "an end of each", 30)
    assert peer.asked == {str(1000 + i): 1 for i in range(10)}, "each came once"
    assert collections.Counter(world.look("R1")[1]) == {"a": 5, "?": 5}
    assert peer.connections == 5, "the second request of each went over a kept one"


@pytest.mark.parametrize("dies", ["close", "reset"])
def test_a_kept_connection_that_dies_with_a_request(world, dies):
    peer = Peer(dies)
    tell(world, peer, f"http://127.0.0.1:{peer.port}")


@pytest.mark.parametrize("dies", ["close", "goaway", "refused stream"])
def test_an_http_2_connection_that_dies_with_a_request(world, certificates, dies):  # noqa: F811
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.file("address"), certificates.key("address"))
    context.set_alpn_protocols(["h2"])
    peer = Peer(dies, context)
    tell(world, peer, f"https://127.0.0.1:{peer.port}", [f"ca_file: {certificates.file('ca')}"])
