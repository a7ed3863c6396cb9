"""Links of one channel that word their texts otherwise: each sends its own, is counted by its own
parts and price, and preview shows every one of them."""
# SPDX-License-Identifier: MIT
import json
import os

import platforms
from harness import wait
from test_platforms import PAIR, rows
from test_routes import start

FIELDS = {
    "title": "Cắt nước đêm 28/11 tại tổ 4",
    "url": "https://a.example.vn/28-11",
    "body": "Từ 22h00 ngày 28/11/2026 đến 05h00 ngày 29/11/2026, cắt nước tại các tổ dân phố số 4 "
            "& 5 để sửa ống. Đề nghị người dân tích trữ nước. Liên hệ: 024.1000.4518. Các hộ có "
            "người già, trẻ nhỏ đăng ký nhận nước tại nhà văn hóa tổ 4 trước 17h00 ngày 28/11.",
}
CHEAP = {"suffix": "'TC gui 8188'", "price_per_part": 300, "rate": 40}
DEAR = {"prefix": "'[P.Mai Hoa]'", "refused": "'&#%'", "diacritics": "keep", "max_parts": 4,
        "price_per_part": 700}


def preview(world, **fields):
    file = os.path.join(world.folder, "tin.json")
    with open(file, "w", encoding="utf-8") as f:
        json.dump({**FIELDS, **fields}, f)
    shown = world.loa("preview", file).stdout
    return json.loads(world.loa("preview", file, "--json").stdout), shown


def whole(smsc, since=0):
    """The texts that left by this link, whoever got them: parts joined, and how many parts."""
    got = {}
    for s in sorted(smsc.submits()[since:], key=lambda s: (s.number, int(s.part))):
        text, n = got.get(s.number, ("", 0))
        got[s.number] = (text + s.text, n + 1)
    return set(got.values())


def lose(world, smsc):
    smsc.kill()
    wait(lambda: "share=none" in world.gateway.text(), "the loss of the link")


def test_each_link_sends_its_own_text_and_is_counted_by_it(world):
    start(world, CHEAP, DEAR, members=40)
    (cheap, dear), shown = preview(world)
    assert (cheap["link_names"], dear["link_names"]) == (["link1"], ["link2"])
    assert cheap["text"].endswith(" TC gui 8188") and cheap["encoding"] == "gsm7"
    assert dear["text"].startswith("[P.Mai Hoa] ") and dear["encoding"] == "ucs2"
    assert "&" not in dear["text"] and dear["text"].endswith(FIELDS["url"])
    assert cheap["parts"] < dear["parts"]
    assert cheap["cost"] == 300 * cheap["parts"] and dear["cost"] == 700 * dear["parts"]
    assert "sms by link1: " in shown and "sms by link2: " in shown
    world.announce(id="A", **FIELDS)
    world.wait_state("A")
    fields = world.r.hgetall(world.key("A"))
    assert fields["text:sms"] == cheap["text"] and fields["text:sms:link2"] == dear["text"]
    assert "text:sms:link1" not in fields
    assert whole(world.smscs[0]) == {(cheap["text"], cheap["parts"])}
    assert not world.smscs[1].submits()
    status = world.status("A")
    assert (status["parts"], status["cost"]) == (40 * cheap["parts"], 40 * cheap["cost"])
    lose(world, world.smscs[0])
    world.announce(id="B", **FIELDS)
    world.wait_state("B")
    assert whole(world.smscs[1]) == {(dear["text"], dear["parts"])}
    status = world.status("B")
    assert (status["parts"], status["cost"]) == (40 * dear["parts"], 40 * dear["cost"])


def test_a_link_that_dies_hands_over_to_the_other_s_text(world):
    """In the middle of a broadcast: whoever is told by the other link reads that one's words."""
    start(world, CHEAP, DEAR, members=120)
    (cheap, dear), _ = preview(world)
    world.announce(id="M", **FIELDS)
    wait(lambda: world.smscs[0].submits_n() > 60, "the first half")
    world.smscs[0].kill()
    world.wait_state("M")
    assert whole(world.smscs[1]) == {(dear["text"], dear["parts"])}
    told = {s.number for smsc in world.smscs for s in smsc.submits()}
    assert len(told) == 120
    for row in world.report("M"):
        if row["attempts"] == "1":
            mine = cheap if row["link"] == "link1" else dear
            assert row["parts"] == str(mine["parts"]), row
    assert {row["link"] for row in world.report("M")} == {"link1", "link2"}


def test_another_gateway_goes_on_with_each_link_s_text(world):
    """kill -9 of gateway and link: what each link says is in Redis."""
    start(world, CHEAP, DEAR, members=60)
    (_, dear), _ = preview(world)
    world.announce(id="K", **FIELDS)
    wait(lambda: world.smscs[0].submits_n() > 20, "the beginning")
    world.gateway.kill()
    world.smscs[0].kill()
    world.start_gateway()
    world.wait_state("K", seconds=60)
    assert whole(world.smscs[1]) == {(dear["text"], dear["parts"])}
    assert len({s.number for smsc in world.smscs for s in smsc.submits()}) == 60


def test_one_wording_is_one_text(world):
    """What differs between the links changes nothing here, or is the price alone."""
    start(world, {"refused": "'&#%'", "price_per_part": 300}, {"price_per_part": 400}, members=1)
    entries, shown = preview(world, body="Cắt nước từ 22h00 ngày 28/11/2026 tại tổ 4.")
    assert len(entries) == 1 and "link_names" not in entries[0]
    assert f"by link2: {400 * entries[0]['parts']} VND a member" in shown
    world.announce(id="O", title="Cắt nước", body="Cắt nước từ 22h00 ngày 28/11/2026 tại tổ 4.")
    world.wait_state("O")
    assert [f for f in world.r.hkeys(world.key("O")) if f.startswith("text:")] == ["text:sms"]
    checked = json.loads(world.loa("check", "--json").stdout)
    (said,) = [line for line in checked if line["what"] == "channels.sms"]
    assert said["ok"] and "2 ways" in json.dumps(said)


def test_two_templates_of_one_channel(world):
    """Each Zalo link fills the parameters of its own template."""
    zalo = platforms.start(world, "zalo", case=PAIR, settings={"zalo": ["weight: 1"]},
                           channels={"zalo": "zalo: { links: [oa, oa2] }"})
    with open(world.config, encoding="utf-8") as f:
        text = f.read()
    first = text[text.index("  - name: oa\n"):text.index("retry:")]
    given = first[first.index("    parameters:"):first.index("    weight:")]
    second = first.replace("name: oa\n", "name: oa2\n").replace(
        given, '    parameters: { tieu_de: "{title}", lien_ket: "{link}" }\n')
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(text.replace("retry:", second + "retry:"))
    platforms.authorize(world)
    world.import_members(0, rows=rows(300))
    world.start_gateway()
    world.announce(id="T", title="Họp", url="https://a.vn/7")
    world.wait_state("T")
    told = [json.loads(s.text) for s in zalo.sends()]
    one = [data for data in told if set(data) == {"title", "time", "link_path"}]
    other = [data for data in told if data == {"tieu_de": "Họp", "lien_ket": "https://a.vn/7"}]
    assert one and other and len(one) + len(other) == 300
    assert world.r.hget(world.key("T"), "text:zalo:oa2") == "tieu_de: Họp\nlien_ket: https://a.vn/7"


def test_a_link_that_cannot_say_it_leaves_it_to_the_others(world):
    start(world, {"max_parts": 1, "price_per_part": 300}, {"price_per_part": 700}, members=20)
    long = {"summary": FIELDS["body"][:230]}
    file = os.path.join(world.folder, "dai.json")
    (only,), _ = preview(world, **long)
    assert only["parts"] == 2 and only["cost"] == 1400
    with open(file, "w", encoding="utf-8") as f:
        json.dump({**FIELDS, **long}, f)
    told = world.loa("preview", file, "--json").stderr
    assert "channel sms: link link1 cannot send this: " in told and "1 SMS part" in told
    sent = world.loa("send", file, "--to", "all", "--id", "A")
    assert sent.stdout == "A\n" and "link link1 cannot send this" in sent.stderr
    world.wait_state("A")
    assert world.r.hget(world.key("A"), "text:sms:link1") == ""
    assert whole(world.smscs[1]) == {(only["text"], 2)} and not world.smscs[0].submits()
    assert world.status("A")["cost"] == 20 * 1400
    assert "event=announcement.unsaid" in world.gateway.text()
    world.announce(id="B", **{**FIELDS, "summary": "dài " * 300})
    wait(world.rejected, "rejection")
    assert "SMS part" in world.rejected()[0]["error"]


def test_a_name_keeps_its_marks_where_the_text_does(world):
    start(world, {"price_per_part": 300}, {"diacritics": "keep", "price_per_part": 700})
    world.import_members(0, rows=["a,Trần Văn Ánh,0900000000,,,"])
    (plain, marked), _ = preview(world, summary="Chào {name}, mời họp.")
    assert plain["text"].startswith("Chao Tran Van Anh, moi hop.")
    assert marked["text"].startswith("Chào Trần Văn Ánh, mời họp.")
    world.announce(id="A", **{**FIELDS, "summary": "Chào {name}, mời họp."})
    world.wait_state("A")
    assert whole(world.smscs[0]) == {(plain["text"], plain["parts"])}
    lose(world, world.smscs[0])
    world.announce(id="B", **{**FIELDS, "summary": "Chào {name}, mời họp nhé."})
    world.wait_state("B")
    ((text, _),) = whole(world.smscs[1])
    assert text.startswith("Chào Trần Văn Ánh, mời họp nhé.")


def test_send_warns_of_a_summary_that_contradicts(world):
    start(world, {}, members=2)
    file = os.path.join(world.folder, "sai.json")
    with open(file, "w", encoding="utf-8") as f:
        json.dump({**FIELDS, "summary": "Cắt nước tổ 4 từ 21h00 28/11"}, f)
    sent = world.loa("send", file, "--to", "all", "--id", "A")
    assert (sent.returncode, sent.stdout) == (0, "A\n")
    assert "warning: summary: '21h00' does not stand in the announcement" in sent.stderr
    world.wait_state("A")
    again = world.loa("send", file, "--to", "all", "--id", "A").stderr
    assert "'A' was announced before; it is not sent again" in again
    other = world.loa("send", file, "--to", "all", "--id", "A", "--title", "Cắt điện")
    assert (other.returncode, other.stdout) == (0, "A\n") and "other content" in other.stderr
