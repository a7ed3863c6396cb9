"""Peers that are not ours: SMSCs of Perl's Net::SMPP and of npm's smpp (tests/run fetches it, or
says that it could not); and tshark's reading of what we send."""
# SPDX-License-Identifier: MIT
import collections
import os
import shutil

import pytest

import capture
from harness import Process, phone, wait

LONG = "Kính mời các đồng chí đến dự họp chi bộ thường kỳ tháng 11. "
LINK = "https://btl.example.vn/tb/7"


HERE = os.path.dirname(os.path.abspath(__file__))
NODE_HAS_SMPP = shutil.which("node") and os.path.isdir(os.path.join(HERE, "node_modules/smpp"))
PEERS = [("perl", "peer_smsc.pl"), *([("node", "peer_smsc.js")] if NODE_HAS_SMPP else [])]


class PeerSmsc:
    """A script of this folder, with what it understood."""

    def __init__(self, folder, program, script):
        self.out = os.path.join(folder, "peer.out")
        argv = [program, os.path.join(HERE, script)]
        with open(self.out, "wb") as stdout:
            self.process = Process(argv, self.out + ".err", stdout=stdout)
        self.port = int(wait(lambda: self.lines()[:1], "port of the peer")[0][0])

    def lines(self):
        assert self.process.running, self.process.text()
        with open(self.out, encoding="utf-8") as f:
            return [line.split("\t") for line in f.read().split("\n")[:-1]]

    def of(self, kind):
        return [line[1:] for line in self.lines() if line[0] == kind]


@pytest.fixture(params=PEERS, ids=[p[0] for p in PEERS])
def peer(world, request):
    peer = PeerSmsc(world.folder, *request.param)
    world.closers.append(peer.process.kill)
    return peer


def text_of(hexed, data_coding):
    octets = bytes.fromhex(hexed)
    return octets.decode("utf-16-be" if data_coding == "8" else "ascii")


@pytest.mark.parametrize("diacritics", ["strip", "keep"])
def test_a_broadcast_through_a_peer(world, peer, diacritics):
    world.start_redis()
    world.configure(ports=[peer.port], diacritics=diacritics, window=20)
    world.import_members(200)
    world.start_gateway()
    world.announce(id="PEER", summary=LONG.strip() * (2 if diacritics == "keep" else 4), url=LINK)
    world.wait_state("PEER")
    world.wait_letters("PEER", "du", 200)
    assert peer.of("bind") == [["bind_transceiver", "loa", "52"]]
    coding = "8" if diacritics == "keep" else "0"
    texts = collections.defaultdict(dict)
    for to, _, source, source_ton, ton, npi, esm, dcs, registered, *rest in peer.of("submit"):
        _, total, part, hexed = rest
        assert (source, source_ton, ton, npi, dcs) == ("QUANBTL", "5", "1", "1", coding)
        assert int(esm) == 0x40 and registered in ("1", "17") and total == rest[1]
        texts[to][int(part)] = text_of(hexed, dcs)
    assert set(texts) == {phone(i) for i in range(200)}
    whole = world.look("PEER")[0]["text:sms"]
    assert whole.endswith(LINK)
    for parts in texts.values():
        assert "".join(parts[i] for i in range(1, len(parts) + 1)) == whole
    status = world.settled("PEER", 200)
    assert (status["delivered"], status["undelivered"]) == (180, 20)
    rows = world.report("PEER")
    answered = collections.defaultdict(list)
    for to, message_id, *_ in peer.of("submit"):
        answered[to].append(message_id)
    for row in rows:
        assert row["message_id"].split(";") == answered[row["address"]]
    wait(lambda: len(peer.of("deliver_resp")) == len(peer.of("submit")), "answers to receipts")
    assert {status for [status] in peer.of("deliver_resp")} == {"0"}
    world.gateway.signal(15)
    assert world.gateway.ended() == 0
    assert peer.of("unknown") == [] and len([x for x in peer.lines() if x == ["unbind"]]) == 1


FORMS = [
    ("one part, GSM-7", {}, {}),
    ("parts by UDH, UCS-2", {"diacritics": "keep"}, {"summary": LONG.strip() * 2}),
    ("parts by SAR", {"long_sms": "sar"}, {"summary": LONG.strip() * 3}),
    ("one payload", {"long_sms": "payload"}, {"summary": LONG.strip() * 3}),
]


@pytest.mark.parametrize("label,settings,fields", FORMS, ids=[f[0] for f in FORMS])
def test_tshark_finds_nothing_wrong_with_what_we_send(world, label, settings, fields):
    pcap = os.path.join(world.folder, "all.pcap")
    case = "latency 3ms\nreceipts final after 20ms\nenquire every 1500ms\n"
    case += 'mo "HOI" from 84900000001 after 5\ninject 00000010000001120000000000000063 after 6\n'
    world.start_redis()
    world.start_smsc(case, ["--pcap", pcap])
    world.configure(window=10, enquire="1s", **settings)
    world.import_members(30)
    world.start_gateway()
    world.announce(id="WIRE", url=LINK, **fields)
    world.wait_state("WIRE")
    world.wait_letters("WIRE", "d", 30)
    wait(lambda: world.smsc.summary()["enquiries"] >= 1, "enquire_link of ours")
    world.gateway.signal(15)
    assert world.gateway.ended() == 0
    world.smsc.stop()

    assert capture.faults(pcap) == []
    ours = [fields for mine, fields in capture.pdus(pcap) if mine]
    kinds = collections.Counter(int(f["smpp.command_id"], 16) for f in ours)
    sent = len(world.smsc.submits())
    assert kinds[9] == 1 and kinds[4] == sent and kinds[6] == 1 and kinds[0x15] >= 1, kinds
    assert kinds[0x80000005] == sent + 1 and kinds[0x80000000] == 1, kinds
    bind = next(f for f in ours if int(f["smpp.command_id"], 16) == 9)
    assert (bind["smpp.system_id"], bind["smpp.interface_version"]) == ("loa", "52")
    if "UDH" in label:
        totals = capture.dissect(pcap, "-T", "fields", "-e", "gsm_sms.udh.mm.msg_parts")
        assert set(",".join(totals).replace("\t", "").split(",")) - {""} == {str(sent // 30)}
    check_submits(world, [f for f in ours if int(f["smpp.command_id"], 16) == 4], label)
    sequences = [int(f["smpp.sequence_number"]) for f in ours
                 if not int(f["smpp.command_id"], 16) & 0x80000000]
    assert sequences == sorted(set(sequences)) and sequences[0] == 1


def check_submits(world, submits, label):
    numbers = collections.Counter(f["smpp.destination_addr"] for f in submits)
    assert set(numbers) == {phone(i) for i in range(30)}
    parts = len(submits) // 30
    assert set(numbers.values()) == {parts} and (parts > 1) == ("parts" in label)
    for f in submits:
        assert f["smpp.source_addr"] == "QUANBTL" and f["smpp.source_addr_ton"] == "0x05"
        assert (f["smpp.dest_addr_ton"], f["smpp.dest_addr_npi"]) == ("0x01", "0x01")
        assert f["smpp.data_coding"] == ("0x08" if "UCS-2" in label else "0x00")
        assert ("smpp.message_payload" in f) == ("payload" in label)
        assert ("smpp.sar_total_segments" in f) == ("SAR" in label)
        if "UDH" in label:
            assert f["smpp.esm.submit.features"] == "0x01"
    assert world.status("WIRE")["parts"] == len(submits)
