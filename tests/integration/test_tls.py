"""SMPP over TLS: a front that speaks it before the simulated SMSC, its certificates made here."""
# SPDX-License-Identifier: MIT
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading

import pytest

from harness import wait

NAME = "smsc.example.vn"


class Certificates:
    """A CA, another that nobody trusts, and what they signed; files of PEM in a folder."""

    def __init__(self, folder):
        self.folder = folder
        for ca in ("ca", "stranger"):
            self.run("req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", f"/CN={ca}",
                     "-keyout", self.key(ca), "-out", self.file(ca), "-days", "2")
        self.sign("server", "ca", f"DNS:{NAME}")
        self.sign("address", "ca", "IP:127.0.0.1")
        self.sign("other", "ca", "DNS:other.example.vn")
        self.sign("foreign", "stranger", f"DNS:{NAME}")
        self.sign("expired", "ca", f"DNS:{NAME}", "-days", "0")
        self.sign("loa", "ca", "DNS:loa.example.vn")

    def file(self, name):
        return os.path.join(self.folder, f"{name}.pem")

    def key(self, name):
        return os.path.join(self.folder, f"{name}.key")

    def run(self, *argv):
        subprocess.run(["openssl", *argv], check=True, capture_output=True, timeout=30)

    def sign(self, name, ca, alternative, *days):
        request, extensions = self.file(name) + ".csr", self.file(name) + ".ext"
        with open(extensions, "w", encoding="utf-8") as f:
            f.write(f"subjectAltName={alternative}\n")
        self.run("req", "-newkey", "ed25519", "-nodes", "-subj", f"/CN={name}",
                 "-keyout", self.key(name), "-out", request)
        self.run("x509", "-req", "-in", request, "-CA", self.file(ca), "-CAkey", self.key(ca),
                 "-CAcreateserial", "-extfile", extensions, "-out", self.file(name),
                 *(days or ("-days", "2")))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    yield Certificates(str(folder))
    shutil.rmtree(folder)


class Front:
    """Takes TLS connections and passes what comes out of them on to a port, and back."""

    def __init__(self, certificates, name, port, client_ca=None):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificates.file(name), certificates.key(name))
        if client_ca:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(certificates.file(client_ca))
        self.target, self.octets, self.subjects, self.names = port, 0, [], []
        self.outers = []
        self.context.sni_callback = lambda sock, name, context: self.names.append(name)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self.serve, args=(plain,), daemon=True).start()

    def serve(self, plain):
        try:
            with self.context.wrap_socket(plain, server_side=True) as outer:
                self.subjects.append(outer.getpeercert())
                self.outers.append(outer)
                with socket.create_connection(("127.0.0.1", self.target)) as inner:
                    back = threading.Thread(target=self.pump, args=(inner, outer), daemon=True)
                    back.start()
                    self.pump(outer, inner)
                    back.join()
        except OSError:
            pass  # the handshake failed, or either end went away: what the tests are about

    def pump(self, come, go):
        try:
            while data := come.recv(65536):
                self.octets += len(data)
                go.sendall(data)
            go.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def drop(self):
        """The connections that stand."""
        for outer in self.outers:
            outer.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.close()


def open_front(world, certificates, name, **options):
    world.start_redis()
    world.start_smsc()
    front = Front(certificates, name, world.smsc.port, **options)
    world.closers.append(front.close)
    return front


def test_a_broadcast_over_tls_with_both_certificates(world, certificates):
    front = open_front(world, certificates, "server", client_ca="ca")
    world.configure(
        ports=[front.port], window=50, binds=2,
        tls=f"{{ ca_file: {certificates.file('ca')}, server_name: {NAME}, "
        f"certificate_file: {certificates.file('loa')}, key_file: {certificates.key('loa')} }}",
    )
    world.import_members(300)
    world.start_gateway()
    world.announce(id="TLS")
    world.wait_state("TLS")
    world.wait_letters("TLS", "d", 300)
    world.settled("TLS", 300)
    assert set(front.names) == {NAME} and len(front.subjects) == 2
    assert all("loa" in str(subject["subject"]) for subject in front.subjects)


def test_a_certificate_for_an_address(world, certificates):
    front = open_front(world, certificates, "address")
    world.configure(ports=[front.port], tls=f"{{ ca_file: {certificates.file('ca')} }}")
    assert "bound as loa" in world.loa("check").stdout


REFUSED = [
    ("foreign", NAME, "ca", "certificate is refused: unable to get local issuer certificate"),
    ("other", NAME, "ca", "certificate is refused: hostname mismatch"),
    ("expired", NAME, "ca", "certificate is refused: certificate has expired"),
    ("server", None, "ca", "certificate is refused: IP address mismatch"),
    ("server", NAME, None, "certificate is refused: unable to get local issuer certificate"),
]


@pytest.mark.parametrize("name,server_name,ca,says", REFUSED,
                         ids=["of-another-ca", "of-another-name", "expired", "of-no-address",
                              "not-of-the-system"])
def test_a_wrong_certificate_is_refused(world, certificates, name, server_name, ca, says):
    front = open_front(world, certificates, name)
    keys = [f"ca_file: {certificates.file(ca)}"] if ca else []
    keys += [f"server_name: {server_name}"] if server_name else []
    world.configure(ports=[front.port], tls="{ " + ", ".join(keys) + " }")
    checked = world.loa("check", ok=False)
    assert checked.returncode == 1 and says in checked.stdout, checked.stdout
    assert front.octets == 0 and not world.smsc.events("bind")  # the password stays with us


def test_our_certificate_is_asked_for_and_missing(world, certificates):
    front = open_front(world, certificates, "server", client_ca="ca")
    keys = f"{{ ca_file: {certificates.file('ca')}, server_name: {NAME} }}"
    world.configure(ports=[front.port], tls=keys)
    checked = world.loa("check", ok=False)
    assert checked.returncode == 1 and "TLS: " in checked.stdout, checked.stdout
    assert not world.smsc.events("bind")


def test_certificates_are_read_again(world, certificates, tmp_path):
    """SIGHUP: the next connection trusts what the file says now; a file with nothing in it changes
    nothing, and the connection that stands goes on."""
    front = open_front(world, certificates, "server")
    trusted = tmp_path / "trusted.pem"
    shutil.copy(certificates.file("stranger"), trusted)
    world.configure(ports=[front.port], tls=f"{{ ca_file: {trusted}, server_name: {NAME} }}")
    world.start_gateway()
    wait(lambda: "certificate is refused" in world.gateway.text(), "the refusal")
    shutil.copy(certificates.file("ca"), trusted)
    world.gateway.signal(signal.SIGHUP)
    world.wait_bound()
    trusted.write_text("")
    world.gateway.signal(signal.SIGHUP)
    wait(lambda: "tls.ca_file: " in world.gateway.text(), "a word about the file")
    world.import_members(20)
    world.announce(id="AGAIN")
    world.wait_state("AGAIN")
    front.drop()
    wait(lambda: len(world.smsc.events("bind")) == 2, "the next bind, by what was right last")


def knock(certificates, port, name):
    """The SMSC connects to us and says outbind; what we answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certificates.file("ca"))
    if name:
        context.load_cert_chain(certificates.file(name), certificates.key(name))
    with socket.create_connection(("127.0.0.1", port), 10) as plain:
        with context.wrap_socket(plain, server_hostname="loa.example.vn") as outer:
            outer.sendall(bytes.fromhex("000000190000000b0000000000000001") + b"smsc\0key\0")
            head = outer.recv(16)
            return int.from_bytes(head[4:8], "big") if len(head) == 16 else None


def test_an_outbind_over_tls(world, certificates):
    """Both show a certificate; whose is not the SMSC's gets no bind, and no password."""
    front = open_front(world, certificates, "server", client_ca="ca")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    world.configure(
        ports=[front.port], outbind_listen=f'"127.0.0.1:{port}"', outbind_password="key",
        tls=f"{{ ca_file: {certificates.file('ca')}, server_name: {NAME}, "
        f"certificate_file: {certificates.file('loa')}, key_file: {certificates.key('loa')} }}",
    )
    world.start_gateway()
    world.wait_bound()
    for name in ("foreign", "other", None):
        try:
            assert knock(certificates, port, name) is None
        except OSError:
            pass  # refused already in the handshake
    wait(lambda: world.gateway.text().count("link.failed") >= 1, "a word about it")
    wait(lambda: knocked(certificates, port) == 1, "the bind_receiver")


def knocked(certificates, port):
    try:
        return knock(certificates, port, "server")
    except OSError:
        return None  # the one before is not over yet
