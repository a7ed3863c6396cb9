"""`loa link trace`: what goes over a link, as tshark reads it."""
# SPDX-License-Identifier: MIT
import itertools
import os
import shutil
import subprocess

import pytest

from harness import LOA, wait

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="there is no tshark")


def trace(world, *options):
    path = os.path.join(world.folder, "trace.pcap")
    env = {**os.environ, "LOA_CONFIG": world.config}
    with open(path, "wb") as f:
        child = subprocess.Popen(
            [LOA, "link", "trace", "link1", "--seconds", "3", *options], stdout=f,
            stderr=subprocess.PIPE, env=env)
    wait(lambda: world.r.exists("loa:link:{link1}:trace"), "the wish")
    seen = itertools.count()

    def traced():  # something passes while the gateway finds the wish
        n = next(seen)
        world.announce(id=f"W{n}", title=f"Hop lan {n}")
        world.wait_state(f"W{n}")
        return world.r.exists("loa:link:{link1}:pdus")

    wait(traced, "a traced PDU")
    world.announce(id="T", summary="Hop luc 19 gio tai nha van hoa")
    world.wait_state("T")
    assert child.wait(30) == 0, child.stderr.read()
    return path


def tshark(path, fields):
    command = ["tshark", "-r", path, "-d", "tcp.port==1024-65535,smpp", "-T", "fields"]
    command += [part for field in fields for part in ("-e", field)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [line.split("\t") for line in out.splitlines()]


@pytest.mark.parametrize("options, shown", [((), False), (("--full",), True)])
def test_tshark_reads_the_trace(world, options, shown):
    world.start(members=5, receipts="final")
    path = trace(world, *options)
    with open(path, "rb") as f:
        assert (b"Hop luc 19 gio" in f.read()) == shown
    rows = tshark(path, ["smpp.command_id", "smpp.destination_addr", "smpp.message_id"])
    ids = [row[0] for row in rows]
    assert ids.count("0x00000004") >= 5 and ids.count("0x80000004") >= 5
    assert ids.count("0x00000005") >= 5  # receipts
    assert {row[1] for row in rows if row[0] == "0x00000004"} == {
        f"84{900000000 + i}" for i in range(5)}
    bad = subprocess.run(["tshark", "-r", path, "-Y", "_ws.malformed"], capture_output=True,
                         text=True, check=True)
    assert bad.stdout == ""
    assert not world.r.exists("loa:link:{link1}:pdus")
    assert not world.r.exists("loa:link:{link1}:trace")


def test_what_cannot_be_traced(world):
    world.start(members=1)
    for argv, says in ((("link1",), "--seconds"), (("link1", "--seconds", "0"), "--seconds"),
                       (("linc1", "--seconds", "2"), "did you mean 'link1'")):
        bad = world.loa("link", "trace", *argv, ok=False)
        assert bad.returncode in (1, 2) and says in bad.stderr, bad.stderr
