"""A door between the gateway and Redis that can be shut at any point of their talk.

It passes bytes both ways and understands just enough of them to see which Functions are called.
Rules run at a call or at a reply; a rule that answers False cuts: what it was asked about is not
passed on, and every connection through the door is closed.
"""
# SPDX-License-Identifier: MIT
import os
import re
import selectors
import socket
import struct
import threading

CALL = re.compile(rb"\r\nFCALL(?:_RO)?\r\n\$\d+\r\n(loa_\w+)\r\n", re.I)
PID = struct.Struct("i8x")  # of struct ucred
TAIL = 64  # a call's head may be cut in two by a read


class Side:
    def __init__(self, sock):
        self.sock, self.peer, self.out, self.tail = sock, None, b"", b""
        self.asked = []  # of the gateway's side: calls without an answer since the last reply


class Proxy:
    """Listens on a unix socket, passes on to another; closed until opened."""

    def __init__(self, path, target):
        self.path, self.target = path, target
        self.on_call = self.on_reply = None
        self.calls = []
        self.caller = None  # while a rule runs: the process that called, or is answered
        self.open = True
        self.listener = None
        self.poll = selectors.DefaultSelector()
        self.sides = set()
        self.wake_in, self.wake_out = os.pipe()
        self.poll.register(self.wake_in, selectors.EVENT_READ, self._on_wake)
        self._listen()
        self.ending = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def shut(self):
        """Nobody gets through, as if Redis were away."""
        self.open = False
        os.write(self.wake_out, b"s")

    def reopen(self):
        self.open = True

    def close(self):
        self.ending = True
        os.write(self.wake_out, b"e")
        self.thread.join()
        self.listener.close()

    def _listen(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        self.poll.register(self.listener, selectors.EVENT_READ, self._on_connect)

    def _run(self):
        while not self.ending:
            for key, _ in self.poll.select(1):
                if isinstance(key.data, Side):
                    if key.data in self.sides:
                        self._on_bytes(key.data)
                else:
                    key.data()
        self._cut()

    def _on_wake(self):
        os.read(self.wake_in, 16)
        if not self.open:
            self._cut()

    def _on_connect(self):
        near = Side(self.listener.accept()[0])
        far = Side(socket.socket(socket.AF_UNIX))
        try:
            if not self.open:
                raise OSError("shut")
            far.sock.connect(self.target)
        except OSError:
            near.sock.close()
            far.sock.close()
            return
        near.peer, far.peer, far.near = far, near, False
        near.near = True
        near.pid = near.sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PID.size)
        near.pid = far.pid = PID.unpack(near.pid)[0]
        for side in (near, far):
            self.sides.add(side)
            self.poll.register(side.sock, selectors.EVENT_READ, side)

    def _cut(self):
        for side in list(self.sides):
            self._drop(side)

    def _drop(self, side):
        for one in (side, side.peer):
            if one in self.sides:
                self.sides.discard(one)
                self.poll.unregister(one.sock)
                one.sock.close()

    def _on_bytes(self, side):
        try:
            octets = side.sock.recv(1 << 18)
        except OSError:
            octets = b""
        if not octets:
            self._drop(side)
            return
        self.caller = side.pid
        if not (self._is_call_passed(side, octets) if side.near else self._is_reply_passed(side)):
            self._cut()
            return
        try:
            side.peer.sock.sendall(octets)
        except OSError:
            self._drop(side)

    def _is_call_passed(self, side, octets):
        seen = side.tail + octets
        passed = True
        for found in CALL.finditer(seen):
            if found.end() > len(side.tail):
                name = found.group(1).decode()
                self.calls.append(name)
                side.asked.append(name)
                if self.on_call and self.on_call(name) is False:
                    passed = False
        side.tail = seen[-TAIL:]
        return passed

    def _is_reply_passed(self, side):
        asked, side.peer.asked = side.peer.asked, []
        return not self.on_reply or not asked or self.on_reply(asked) is not False
