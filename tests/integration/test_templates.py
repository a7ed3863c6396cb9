"""Templates, names and short links through the whole gateway: what the phone gets is what preview
shows, made for each member where a name stands in it."""
# SPDX-License-Identifier: MIT
import json
import os
import signal

from harness import phone, wait
from test_web import add_http, ask

NAMES = ["Nguyễn Thị Hoa", "Trần Văn Ánh", "", "Lê Hoàng Công Tằng Tôn Nữ Phương Nguyệt",
         "Vũ (Tổ 7)"]
AS_SENT = ["Nguyen Thi Hoa", "Tran Van Anh", "quy vi", "Cong Tang Ton Nu Phuong Nguyet", "Vu To 7"]


def use_templates(world, **files):
    """A folder of templates for the gateway, each file by its name."""
    folder = os.path.join(world.folder, "templates")
    os.makedirs(os.path.join(folder, "messages"), exist_ok=True)
    for name, text in files.items():
        with open(os.path.join(folder, "messages", name + ".txt"), "w", encoding="utf-8") as f:
            f.write(text)
    with open(world.config, encoding="utf-8") as f:
        config = f.read()
    if "templates:" not in config:
        with open(world.config, "a", encoding="utf-8") as f:
            f.write(f"templates: {folder}\n")


def begin(world, case="bind ok\n", **settings):
    world.start_redis()
    world.start_smsc(case)
    world.configure(**settings)


def go(world, rows):
    world.import_members(0, rows=rows)
    world.start_gateway()
    world.wait_bound()


def texts(world):
    """What each phone got, its parts joined."""
    got = {}
    for s in sorted(world.smsc.submits(), key=lambda s: (s.number, int(s.part))):
        if s.status == "0x00000000":
            got[s.number] = got.get(s.number, "") + s.text
    return got


def test_each_member_is_named(world):
    begin(world, receipts="none", window=3)
    use_templates(world, moi="[sms]\nKính mời {name}: {summary}\n")
    rows = [f"m{i},{name},0{900000000 + i},,,g" for i, name in enumerate(NAMES)]
    go(world, rows)
    world.announce(id="ten", template="moi", summary="họp tổ " + "x" * 120, audience="g")
    world.wait_state("ten")
    body = "hop to " + "x" * 120
    wanted = {phone(i): f"Kinh moi {name}: {body}" for i, name in enumerate(AS_SENT)}
    assert texts(world) == wanted
    parts = [1 if len(text) <= 160 else 2 for text in wanted.values()]
    assert sorted(set(parts)) == [1, 2]
    status = world.status("ten")
    assert status["parts"] == sum(parts) == world.smsc.submits_n()
    assert status["cost"] == 500 * sum(parts) and status["accepted"] == len(NAMES)


def test_a_name_in_the_summary_and_many_chunks(world):
    begin(world, receipts="none", window=50, diacritics="keep")
    go(world, [f"m{i},Bà {i:03d},0{900000000 + i},,,g" for i in range(600)])
    world.announce(id="tt", summary="Chào {name}", audience="g")
    world.wait_state("tt")
    assert texts(world) == {phone(i): f"Chào Bà {i:03d}" for i in range(600)}
    assert world.status("tt")["parts"] == 600


def test_preview_shows_the_longest_name_and_the_price_of_all(world):
    begin(world)
    use_templates(world, moi="[sms]\n{name} oi: {summary}\n")
    world.import_members(0, rows=["a,Bình,0900000000,,,g", "b,Trần Thị Bình,0900000001,,,g"])
    file = os.path.join(world.folder, "tin.json")
    with open(file, "w", encoding="utf-8") as f:
        json.dump({"title": "Họp", "summary": "Mời họp.", "audience": "g"}, f)
    (sms,) = json.loads(world.loa("preview", file, "--template", "moi", "--json").stdout)
    assert sms["text"] == "Tran Thi Binh oi: Moi hop." and sms["named"] is True
    assert sms["characters"] == len(sms["text"])
    assert (sms["members"], sms["cost"], sms["cost_all"]) == (2, 500, 1000)
    shown = world.loa("preview", file, "--template", "moi").stdout
    assert "2 members × 1 × 500 VND = 1,000 VND" in shown and "template: moi" in shown
    with open(file, "w", encoding="utf-8") as f:
        json.dump({"title": "Họp tổ",
                   "body": "Họp lúc 19h30 ngày 02/12/2026 tại nhà văn hóa tổ 3."}, f)
    use_templates(world, noi="[sms]\n{title} tại {where}\n")
    (sms,) = json.loads(world.loa("preview", file, "--template", "noi", "--json").stdout)
    assert sms["text"] == "Hop to tai nha van hoa to 3"
    assert "nhà văn hóa tổ 3" in sms["kept"] and sms["lost"] == ["19h30", "02/12/2026"]
    wrong = world.loa("preview", file, "--template", "no", ok=False)
    assert wrong.returncode == 1 and "did you mean 'noi'?" in wrong.stderr


def test_short_links(world):
    begin(world, receipts="none")
    add_http(world)
    with open(world.config, "a", encoding="utf-8") as f:
        f.write('short_links: { base: "https://loa.example.vn/s/" }\n')
    go(world, ["m0,A,0900000000,,,g"])
    url = "https://phuong.example.vn/tin?id=7&x=%C3%A0#doan-2"
    world.announce(id="lk", summary="Xem tin", url=url, audience="g")
    world.wait_state("lk")
    wait(lambda: ask(world, "/healthz")[0] == 200, "HTTP server")
    code = world.r.hget(world.key("lk"), "code")
    assert texts(world)[phone(0)] == f"Xem tin https://loa.example.vn/s/{code}"
    assert world.r.get(f"loa:short:{code}") == f"lk {url}"
    assert world.r.ttl(f"loa:short:{code}") > 300 * 86400
    for path in (code, code.upper()):
        status, head = ask(world, f"/s/{path}", "-i")
        assert status == 302 and f"\nLocation: {url}\n" in head.replace("\r", ""), head
    wait(lambda: world.r.hget(world.key("lk"), "clicks") == "2", "two clicks")
    assert world.status("lk")["clicks"] == 2
    for path in ("/s/", "/s/zzzzzzzz", "/s/1", f"/s/{code}x", "/s/..%2f"):
        assert ask(world, path)[0] == 404, path
    # A code outlives its broadcast, and then nothing is counted anywhere.
    world.r.delete(world.key("lk"))
    assert ask(world, f"/s/{code}")[0] == 302
    assert not world.r.exists(world.key("lk"))


def test_templates_are_read_again(world):
    begin(world, receipts="none")
    use_templates(world, default="[sms]\ncũ {summary}\n[zalo]\nx\n[telegram]\nx\n")
    go(world, ["m0,A,0900000000,,,g"])
    world.announce(id="a1", summary="mot", audience="g")
    world.wait_state("a1")

    def reread(text, n):
        use_templates(world, default=text)
        world.gateway.signal(signal.SIGHUP)
        wait(lambda: world.gateway.text().count("event=configuration.reread") == n, "reading")

    reread("[sms]\nmới {summary}\n[zalo]\nx\n[telegram]\nx\n", 1)
    world.announce(id="a2", summary="hai", audience="g")
    world.wait_state("a2")
    reread("[sms]\n\n{sumary}\n", 2)
    assert "default.txt:3: no such placeholder: {sumary}" in world.gateway.text()
    world.announce(id="a3", summary="ba", audience="g")
    world.wait_state("a3")
    assert [s.text for s in world.smsc.submits()] == ["cu mot", "moi hai", "moi ba"]
    checked = world.loa("check", ok=False)
    assert checked.returncode == 1 and "default.txt:3: no such placeholder" in checked.stdout


def test_what_is_sent_is_what_preview_shows(world):
    begin(world, receipts="none", prefix="'[UBND]'", suffix="'TC gui 8188'", refused="'&%'")
    go(world, ["m0,A,0900000000,,,g"])
    fields = {"title": "Cắt nước 28/11", "url": "https://a.example.vn/28-11", "audience": "g",
              "body": "Từ 22h00 ngày 28/11 đến 05h00 ngày 29/11, cắt nước tại tổ 4 & 5.",
              "priority": "emergency"}
    file = os.path.join(world.folder, "tin.json")
    with open(file, "w", encoding="utf-8") as f:
        json.dump(fields, f)
    (sms,) = json.loads(world.loa("preview", file, "--json").stdout)
    world.announce(id="pv", **fields)
    world.wait_state("pv")
    assert texts(world)[phone(0)] == sms["text"] == world.r.hget(world.key("pv"), "text:sms")
    assert sms["text"].startswith("[UBND] KHAN: ") and "&" not in sms["text"]
    assert sms["text"].endswith("https://a.example.vn/28-11 TC gui 8188")


def test_tables_of_words_are_the_office_s(world):
    """A new portal's furniture and an office's own abbreviation: rows in a folder, no code."""
    begin(world, receipts="none")
    use_templates(world)
    folder = os.path.join(world.folder, "templates")
    go(world, ["m0,A,0900000000,,,g"])

    def tell(ident, furniture, short, n):
        with open(os.path.join(folder, "furniture.tsv"), "w", encoding="utf-8") as f:
            f.write(f"begins\tfollows\tgoes\n{furniture}\n")
        with open(os.path.join(folder, "abbreviations.tsv"), "w", encoding="utf-8") as f:
            f.write(f"long\tshort\twhen\nvăn hóa xã hội\t{short}\talways\n")
        with open(os.path.join(folder, "courtesy.tsv"), "w", encoding="utf-8") as f:
            f.write("words\tgoes\nxóm ơi\taddress\n")
        world.gateway.signal(signal.SIGHUP)
        wait(lambda: world.gateway.text().count("event=configuration.reread") == n, "reading")
        body = f"Xóm ơi, Ban văn hóa xã hội họp 19h00 ngày 2/12/{2025 + n}."
        body += "\nLời nhắn: gọi 0900.100.200."
        world.announce(id=ident, title=f"Mời họp {n}", body=body, audience="g")
        world.wait_state(ident)
        return world.smsc.submits()[-1].text

    first = tell("a1", "Lời nhắn\tany\tdrop", "VHXH", 1)
    assert "Ban VHXH hop" in first and "0900.100.200" not in first and "Xom oi" not in first
    second = tell("a2", "Khác\tany\tdrop", "vh-xh", 2)
    assert "Ban vh-xh hop" in second and "0900.100.200" in second
    third = tell("a3", "Lời nhắn\tanny\tdrop", "vh-xh", 3)
    assert "0900.100.200" in third  # what cannot be read leaves what was there
    assert "furniture.tsv:2: 'anny': any would be right" in world.gateway.text()
    checked = world.loa("check", ok=False)
    assert checked.returncode == 1 and "furniture.tsv:2: 'anny'" in checked.stdout
