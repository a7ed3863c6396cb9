"""Links over HTTPS: HTTP/2 by another's server, its certificate, a pinned key, a proxy."""
# SPDX-License-Identifier: MIT
import base64
import hashlib
import os
import shutil
import socket
import subprocess
import threading

import platforms
import pytest
from harness import Process, wait
from test_platforms import PAIR, rows
from test_tls import certificates  # noqa: F401

pytestmark = pytest.mark.skipif(not shutil.which("nghttpx"), reason="without nghttpx")


class Front:
    """nghttpx before the platforms: TLS and HTTP/2 outside, HTTP/1.1 behind."""

    def __init__(self, world, certificate, backend):
        self.port = platforms.free_port()
        self.log = os.path.join(world.folder, "front.log")
        self.argv = [
            "nghttpx", f"--frontend=127.0.0.1,{self.port}", f"--backend=127.0.0.1,{backend}",
            "--workers=1", "--no-ocsp", "--conf=/dev/null", f"--accesslog-file={self.log}",
            "--accesslog-format=$alpn $remote_port $status", "--errorlog-file=/dev/null",
            "--single-process", certificate.key("address"), certificate.file("address"),
        ]
        self.err = os.path.join(world.folder, "front.err")
        self.process = None
        self.start()
        world.closers.append(lambda: self.process.kill())

    def start(self):
        self.process = Process(self.argv, self.err)
        wait(self.listens, "listening of nghttpx")

    def listens(self):
        assert self.process.running, self.process.text()
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def requests(self):
        with open(self.log, encoding="utf-8") as f:
            return [line.split() for line in f.read().splitlines()]


def pin_of(path):
    """As curl wants it: the hash of the certificate's public key."""
    key = subprocess.run(["openssl", "x509", "-in", path, "-pubkey", "-noout"], check=True,
                         capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=key, check=True,
                         capture_output=True).stdout
    return "sha256//" + base64.b64encode(hashlib.sha256(der).digest()).decode()


def begin(world, certificate, case="", members=30, settings=()):
    sim = platforms.start(world, "zalo", case=PAIR + case, settings={"zalo": list(settings)})
    front = Front(world, certificate, sim.port)
    with open(world.config, encoding="utf-8") as f:
        text = f.read().replace(f"http://127.0.0.1:{sim.port}", f"https://127.0.0.1:{front.port}")
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(text)
    platforms.authorize(world)
    world.import_members(0, rows=rows(members))
    return sim, front


def ca(certificate):
    return f"ca_file: {certificate.file('ca')}"


def test_http_2_by_a_ca_and_a_pinned_key(world, certificates):  # noqa: F811
    pin = pin_of(certificates.file("address"))
    sim, front = begin(world, certificates, "latency 5ms\n",
                       settings=[ca(certificates), f"pinned_key: {pin}"])
    world.start_gateway()
    world.announce(id="H1")
    world.wait_state("H1")
    assert set(sim.told().values()) == {1} and len(sim.told()) == 30
    asked = front.requests()
    assert {alpn for alpn, _, _ in asked} == {"h2"}
    assert len({port for _, port, _ in asked}) < len(asked) / 2, "connections are kept"
    assert [r[1] for r in sim.renewals()] == ["renewed"], "the token's endpoint is trusted alike"


@pytest.mark.parametrize("trusted, pin", [("ca", "sha256//" + "A" * 43 + "="), ("stranger", "")])
def test_who_proves_nothing_gets_nothing(world, certificates, trusted, pin):  # noqa: F811
    sim, _ = begin(world, certificates, settings=[
        f"ca_file: {certificates.file(trusted)}", *([f"pinned_key: {pin}"] if pin else [])])
    world.start_gateway()
    world.announce(id="H2")
    wait(lambda: "token.not-renewed" in world.gateway.text(), "refusal by the token's keeper")
    wait(lambda: world.look("H2")[1], "broadcast")
    assert not sim.sends() and not sim.renewals()
    assert world.r.hget("loa:token:{oa}", "state") == "good", "nothing of the grant is used up"


def test_what_was_under_way_is_not_sent_again_by_itself(world, certificates):  # noqa: F811
    """HTTP/2 connections die with requests on them: libcurl must not repeat one of them."""
    sim, front = begin(world, certificates, "silent for *\n", members=10,
                       settings=[ca(certificates), "response: 20s", "on_uncertain: hold"])
    world.start_gateway()
    world.announce(id="H3")
    wait(lambda: len(sim.sends()) == 10, "requests")
    front.process.kill()
    front.start()
    wait(lambda: world.look("H3")[1] == "?" * 10, "all uncertain", 30)
    assert len(sim.sends()) == 10 and set(sim.told().values()) == {1}


class Proxy(threading.Thread):
    """CONNECT, and bytes both ways."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.asked = []
        self.start()

    def run(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        self.asked.append(head.split(b"\r\n")[0].decode())
        host, _, port = self.asked[-1].split()[1].rpartition(":")
        server = socket.create_connection((host, int(port)))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=self.copy, args=(server, client), daemon=True)
        back.start()
        self.copy(client, server)

    @staticmethod
    def copy(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def test_through_a_proxy(world, certificates):  # noqa: F811
    proxy = Proxy()
    sim, front = begin(world, certificates,
                       settings=[ca(certificates), f"proxy: http://127.0.0.1:{proxy.port}"])
    world.start_gateway()
    world.announce(id="H4")
    world.wait_state("H4")
    assert len(sim.told()) == 30
    assert set(proxy.asked) == {f"CONNECT 127.0.0.1:{front.port} HTTP/1.1"}
    through = {port for _, port, _ in front.requests()}
    assert len(through) <= len(proxy.asked), "nothing goes around it"
