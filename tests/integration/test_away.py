"""Redis or the SMSC is away, the account is refused, the peer is strange: the gateway waits, says
so once, and goes on by itself."""
# SPDX-License-Identifier: MIT
import re
import signal

import pytest

from harness import phone, wait


def said(gateway, event):
    return re.findall(rf"event={event}\b.*", gateway.text())


def test_redis_is_away_at_the_start(world):
    world.start_smsc()
    world.configure()
    world.start_gateway()
    wait(lambda: said(world.gateway, "redis.lost"), "a word about Redis")
    world.start_redis()
    world.import_members(20)
    world.announce(id="LATE")
    world.wait_state("LATE")
    world.wait_letters("LATE", "d", 20)
    assert len(said(world.gateway, "redis.lost")) == 1, "it says so once"


def test_redis_is_away_for_a_while(world):
    world.start(members=600, window=10, case="latency 20ms\nreceipts final after 20ms\n")
    world.announce(id="GAP")
    wait(lambda: world.smsc.submits_n() >= 100, "messages on their way")
    world.redis.stop()
    wait(lambda: said(world.gateway, "redis.lost"), "a word about Redis")
    sent = world.smsc.submits_n()
    assert sent < 600
    # Without Redis nothing is sent: what was begun is answered, then it is quiet.
    wait(lambda: world.smsc.quiet_seconds() > 1, "silence", 10)
    world.redis.start()
    world.wait_state("GAP", seconds=60)
    world.wait_letters("GAP", "d", 600)
    world.settled("GAP", 600, uncertain_most=10)
    assert len(said(world.gateway, "redis.lost")) == 1
    assert world.smsc.submits_n() - 600 <= 10


def test_the_smsc_is_away_at_the_start(world):
    world.start_redis()
    world.start_smsc()
    world.smsc.stop()
    world.configure()
    world.import_members(20)
    world.start_gateway()
    world.announce(id="SOON")
    wait(lambda: said(world.gateway, "link.failed"), "a word about the link")
    wait(lambda: world.r.hget("loa:stats:link:link1", "state") in ("down", "connecting"), "state")
    world.wait_letters("SOON", "q", 20)
    world.smsc.start()
    world.wait_state("SOON", seconds=40)
    world.settled("SOON", 20)
    assert len(said(world.gateway, "link.failed")) == 1, "it says so once"
    wait(lambda: world.r.hget("loa:stats:link:link1", "state") == "bound", "state of the link")


def test_the_smsc_is_away_for_a_while(world):
    world.start(members=300, window=10, case="latency 20ms\nreceipts final after 20ms\n")
    world.announce(id="HOLE")
    wait(lambda: world.smsc.submits_n() >= 60, "messages on their way")
    world.smsc.stop()
    wait(lambda: said(world.gateway, "link.failed"), "a word about the link")
    world.smsc.start()
    world.wait_state("HOLE", seconds=60)
    world.settled("HOLE", 300, uncertain_most=10)


@pytest.mark.parametrize("enquire", ["1s", "30s"])
def test_a_stopped_smsc_answers_late(world, enquire):
    """An answer that never came makes its message uncertain, not lost.  An SMSC that takes up its
    work where it stopped never has more than a window to answer."""
    world.start(members=60, window=10, response="1s", enquire=enquire,
                case="latency 300ms\nwindow 10\nreceipts final after 20ms\n")
    world.smsc.process.signal(signal.SIGSTOP)
    world.announce(id="FROZEN")
    wait(lambda: world.stat("messages_uncertain"), "time-out")
    world.smsc.process.signal(signal.SIGCONT)
    world.wait_state("FROZEN", seconds=60)
    world.settled("FROZEN", 60, uncertain_most=10)


def test_a_message_without_an_answer_is_uncertain_and_resent(world):
    world.start(members=30, window=5, case="no_answer for *3\nreceipts none\n", receipts="none",
                response="1s")
    world.announce(id="MUTE")
    wait(lambda: world.stat("messages_uncertain") >= 3, "uncertain messages", 30)
    world.look("MUTE")
    world.smsc.reload("receipts none\n")
    world.wait_state("MUTE", seconds=60)
    told = world.smsc.told()
    again = {number for (number, _), n in told.items() if n > 1}
    assert again <= {phone(3), phone(13), phone(23)}
    assert {number for number, _ in told} == {phone(i) for i in range(30)}
    again = sum(n - 1 for n in told.values())
    wait(lambda: world.stat("messages_uncertain") >= again, "count of the uncertain")


def test_redis_stands_still(world):
    """It answers nothing for longer than a command may take, then goes on."""
    world.start(members=400, window=10, case="latency 20ms\nreceipts final after 20ms\n")
    world.announce(id="ICE")
    wait(lambda: world.smsc.submits_n() >= 100, "messages on their way")
    world.redis.process.signal(signal.SIGSTOP)
    wait(lambda: said(world.gateway, "redis.lost"), "a word about Redis", 15)
    assert world.smsc.submits_n() < 400 and world.smsc.quiet_seconds() > 1
    world.redis.process.signal(signal.SIGCONT)
    world.wait_state("ICE", seconds=60)
    world.settled("ICE", 400, uncertain_most=10)


def test_redis_forgets_the_function_library(world):
    world.start(members=400, window=10, case="latency 20ms\nreceipts final after 20ms\n")
    world.announce(id="FLUSH")
    wait(lambda: world.smsc.submits_n() >= 100, "messages on their way")
    world.r.execute_command("FUNCTION", "FLUSH")
    world.wait_letters("FLUSH", "d", 400)
    world.settled("FLUSH", 400)


def test_entries_that_are_none_of_ours_stop_nothing(world):
    world.start(members=5)
    world.r.xadd("loa:work:{sms}:normal", {"id": "no-such", "chunk": "0"})
    world.r.xadd("loa:work:{sms}:normal", {"id": "", "chunk": "x"})
    world.r.xadd("loa:work:{sms}:normal", {"colour": "red"})
    world.announce(id="OURS")
    world.wait_letters("OURS", "d", 5)
    wait(lambda: world.r.xlen("loa:work:{sms}:normal") == 0, "empty stream")


def test_a_key_of_another_type_is_said_and_waited_for(world):
    world.start_redis()
    world.start_smsc()
    world.configure()
    world.import_members(5)
    world.r.set("loa:announcements", "no stream")
    world.start_gateway()
    wait(lambda: said(world.gateway, "stream.refused"), "a word about the stream")
    assert "WRONGTYPE" in said(world.gateway, "stream.refused")[0]
    world.r.delete("loa:announcements")
    world.announce(id="NOW")
    world.wait_letters("NOW", "d", 5)
    assert len(said(world.gateway, "stream.refused")) == 1


# -- binding --------------------------------------------------------------------------------------

BINDS = [
    ("refused twice", "bind 0x0000000d times 2\n"),
    ("closed after the bind twice", "close_after_bind times 2\n"),
    ("no answer to the first bind", "bind never times 1\n"),
]


@pytest.mark.parametrize("label,case", BINDS, ids=[b[0] for b in BINDS])
def test_binds_until_it_is_let_in(world, label, case):
    world.start_redis()
    world.start_smsc(case + "receipts final after 10ms\n")
    world.configure(response="1s")
    world.import_members(10)
    world.start_gateway()
    world.announce(id="BIND")
    world.wait_state("BIND", seconds=60)
    world.settled("BIND", 10, uncertain_most=10 if "closed" in label else 0)


def test_a_wrong_password_is_said_once_and_not_hammered(world):
    world.start_redis()
    world.start_smsc("system_id loa\npassword other\n")
    world.configure()
    world.start_gateway()
    wait(lambda: world.smsc.events("bind_refused"), "refused bind")
    wait(lambda: "password" in (world.r.hget("loa:stats:link:link1", "last_error") or ""), "it")
    assert len(said(world.gateway, "link.failed")) == 1
    assert "password" in said(world.gateway, "link.failed")[0]
    assert len(world.smsc.events("connect")) == 1


@pytest.mark.parametrize("mode", ["transmitter", "transceiver"])
def test_each_kind_of_bind(world, mode):
    codes = {"transmitter": "0x02", "transceiver": "0x09"}
    world.start(members=10, bind=mode, case="system_id loa\npassword secret\nreceipts final\n")
    assert world.smsc.events("bind")[0].fields == [codes[mode], "loa"]
    world.announce(id="MODE")
    world.wait_state("MODE")
    world.wait_letters("MODE", "d" if mode == "transceiver" else "a", 10)


def test_transmitter_and_receiver_beside_each_other(world):
    """Receipts come in on the other bind, before the answer too (sequence 8)."""
    world.start_redis()
    world.start_smsc("receipt before answer\nreceipts final elsewhere\nlatency 5ms\n")
    port = world.smsc.port
    world.configure(ports=[port, port], senders=1)
    text = open(world.config, encoding="utf-8").read()
    first, second = text.index("  - name: link1"), text.index("  - name: link2")
    text = text[:second] + text[second:].replace("source:", "bind: receiver\n    source:", 1)
    text = text[:first] + text[first:].replace("source:", "bind: transmitter\n    source:", 1)
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(text)
    world.import_members(200)
    world.start_gateway()
    wait(lambda: len(world.smsc.events("bind")) == 2, "both binds")
    world.announce(id="PAIR")
    world.wait_letters("PAIR", "d", 200)
    world.settled("PAIR", 200)
    assert {e.session for e in world.smsc.events("receipt")}.isdisjoint(
        {s.session for s in world.smsc.submits()}
    )


STRANGE = [
    ("a receipt before its answer", "receipt before answer\nlatency 20ms\n"),
    ("every receipt twice", "receipts final after 10ms twice\n"),
    ("receipts in TLVs only", "receipts final after 10ms\ntlv_receipt only\n"),
    ("receipts in the text only", "receipts final after 10ms\ntlv_receipt none\n"),
    ("ids as UUIDs", "receipts final after 10ms\nids uuid\n"),
    ("answers without a body", "ids none\nreceipts none\n"),
    ("decimal ids", "receipts final after 10ms\nids decimal\n"),
    ("answers in any order", "latency 1ms to 30ms\nreorder answers\nreceipts final\n"),
    ("the SMSC asks whether we live", "enquire every 1s\nlatency 100ms\nreceipts final\n"),
    ("it unbinds in the middle", "unbind after 50\nlatency 5ms\nreceipts final\n"),
]


@pytest.mark.parametrize("label,case", STRANGE, ids=[s[0] for s in STRANGE])
def test_strange_but_allowed(world, label, case):
    world.start(members=200, window=20, case=case)
    world.announce(id="ODD")
    world.wait_state("ODD")
    uncertain = 20 if "unbinds" in label else 0
    world.wait_letters("ODD", "a" if "body" in label else "d", 200 - uncertain)
    world.settled("ODD", 200, uncertain_most=uncertain)
    if "twice" in label:
        world.wait_stat("receipts_duplicate", 200)
        world.wait_stat("receipts", 400)
    if "UUID" in label:
        rows = world.report("ODD")
        assert {len(row["message_id"]) for row in rows} == {36}


def test_replies_are_kept_before_they_are_answered(world):
    world.start(members=30, case='mo "STOP" from 84900000003 after 10\nreceipts none\n')
    world.announce(id="ASK")
    world.wait_state("ASK")
    wait(lambda: world.r.xlen("loa:replies"), "reply")
    [(_, reply)] = world.r.xrange("loa:replies")
    assert (reply["from"], reply["link"], reply["channel"]) == ("84900000003", "link1", "sms")
    wait(lambda: world.smsc.events("deliver_resp"), "answer to the reply")
    assert world.smsc.events("deliver_resp")[0].fields[1] == "0x00000000"
    world.wait_stat("replies", 1)


HOSTILE = [
    ("an unknown request", "00000010000001120000000000000063"),
    ("an enquire_link with a body", "0000001100000015000000000000006300"),
    ("an answer to nothing", "00000011800000040000000000ffffff00"),
    ("a generic_nack", "00000010800000000000000300000000"),
    ("a deliver_sm that ends in its middle", "0000001400000005000000000000006300000000"),
    ("a length of 15", "0000000f000000150000000000000001"),
    ("a length of two gigabytes", "7fffffff000000150000000000000001"),
]


@pytest.mark.parametrize("label,octets", HOSTILE, ids=[h[0] for h in HOSTILE])
def test_hostile_pdus_stop_nothing(world, label, octets):
    case = f"latency 2ms\ninject {octets} after 40\nreceipts final\n"
    world.start(members=100, window=10, case=case)
    world.announce(id="BAD")
    world.wait_state("BAD")
    closes = "length of" in label
    world.settled("BAD", 100, uncertain_most=10 if closes else 0)
    if "deliver_sm" in label:
        world.smsc.lines = [line for line in world.smsc.lines if line[0] != "error"]
    if "unknown request" in label:
        assert world.smsc.events("nack")[0].fields == ["99", "0x00000003"]


# -- the end --------------------------------------------------------------------------------------


def test_sigterm_awaits_the_answers(world):
    world.start(members=120, window=20, case="latency 400ms\nreceipts none\n", receipts="none")
    world.announce(id="TERM")
    wait(lambda: world.smsc.submits_n() >= 20, "messages on their way")
    world.gateway.signal(signal.SIGTERM)
    assert world.gateway.ended(15) == 0
    sent = world.smsc.submits_n()
    fields, letters = world.look("TERM")
    assert sent < 120 and letters.count("a") == sent, "every answer was awaited and recorded"
    assert letters.count("s") == letters.count("?") == 0 and fields["state"] == "sending"
    unbind = world.smsc.events("unbind")
    assert unbind and unbind[0].fields == ["0"], "unbound with nothing unanswered"
    assert not world.r.hgetall("loa:workers")
    world.start_gateway()
    world.wait_state("TERM", seconds=60)
    assert sorted(world.smsc.told().values()) == [1] * 120
    world.settled("TERM", 120)


@pytest.mark.parametrize("away", ["redis", "smsc"])
def test_sigterm_while_something_is_away(world, away):
    world.start_redis()
    world.start_smsc()
    (world.redis if away == "redis" else world.smsc).stop()
    world.configure()
    world.start_gateway()
    event = "redis.lost" if away == "redis" else "link.failed"
    wait(lambda: said(world.gateway, event), "its word")
    world.gateway.signal(signal.SIGTERM)
    assert world.gateway.ended(12) == 0


def test_sigterm_gives_up_on_answers_after_ten_seconds(world):
    world.start(members=20, window=5, case="no_answer for *\n", receipts="none", response="60s")
    world.announce(id="NEVER")
    wait(lambda: world.smsc.submits_n() >= 5, "messages on their way")
    world.gateway.signal(signal.SIGTERM)
    assert world.gateway.ended(14) == 0
    fields, letters = world.look("NEVER")
    assert fields["state"] == "sending" and letters.count("q") == 15
    world.smsc.reload("receipts none\n")
    world.start_gateway()
    world.wait_state("NEVER", seconds=30)
    world.settled("NEVER", 20, uncertain_most=5)


def test_a_newer_schema_is_refused_with_a_sentence(world):
    world.start_redis()
    world.start_smsc()
    world.configure()
    library = "#!lua name=loa_1\nredis.register_function{function_name='loa_version', "
    library += "callback=function() return 99 end, flags={'no-writes'}}"
    world.r.execute_command("FUNCTION", "LOAD", library)
    world.start_gateway()
    assert world.gateway.ended(10) != 0
    assert "newer" in world.gateway.text()
