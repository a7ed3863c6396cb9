"""What tshark makes of a capture of the simulated SMSC: a dissector that is not ours."""
# SPDX-License-Identifier: MIT
import subprocess
import xml.etree.ElementTree as tree

PORT = 2775  # the SMSC's in every capture, whichever it listened on
OURS = f"tcp.dstport == {PORT}"


def dissect(pcap, *options, seconds=120):
    argv = ["tshark", "-n", "-r", pcap, "-d", f"tcp.port=={PORT},smpp", *options]
    done = subprocess.run(
        argv, capture_output=True, text=True, errors="replace", timeout=seconds, check=False
    )
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.split("\n") if line]


def faults(pcap):
    """What it finds malformed, or odd, in what we sent: one line each."""
    return dissect(pcap, "-Y", f"{OURS} && smpp && (_ws.malformed || _ws.expert)", "-T", "fields",
                   "-e", "frame.number", "-e", "smpp.command_id", "-e", "_ws.expert.message")


def layers(pcap, *options):
    """Each packet's layers, in their order: name and element; with whether the packet is ours."""
    for packet in tree.fromstring("\n".join(dissect(pcap, *options, "-T", "pdml"))).iter("packet"):
        to = packet.find(".//field[@name='tcp.dstport']").get("show")
        for layer in packet.iter("proto"):
            yield to == str(PORT), layer.get("name"), layer


def pdus(pcap):
    """Every PDU: whether it is ours, and a dict of its fields."""
    return [(ours, {f.get("name"): f.get("show") for f in layer.iter("field")})
            for ours, name, layer in layers(pcap) if name == "smpp"]


def messages(pcap):
    """Every message of several parts that it put together again: number and octets."""
    number = None
    for _, name, layer in layers(pcap, "-Y", OURS):
        if name == "smpp":
            field = layer.find("field[@name='smpp.destination_addr']")
            number = field.get("show") if field is not None else None
        elif layer.find(".//field[@name='gsm_sms_ud.reassembled.length']") is not None:
            body = layer.find("field[@name='gsm_sms_ud.short_msg']")
            yield number, bytes.fromhex(body.get("value"))
