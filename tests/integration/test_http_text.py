"""Each member's own name in what goes out over HTTP, and how many parts that makes."""
# SPDX-License-Identifier: MIT
import json

import platforms
from test_templates import use_templates

PAIR = "access access-0\nrefresh refresh-0\n"
NAMES = ["Bình", "Đỗ Thị Ngọc-Ánh", "O'Hà", 'A"b\\c<d>&e', ""]


def members(world, phones=True):
    world.import_members(0, rows=[
        f"m{i},\"{name.replace(chr(34), chr(34) * 2)}\",{f'0{900000000 + i}' if phones else ''},,"
        f"{'' if phones else 1000 + i}," for i, name in enumerate(NAMES)
    ])


def told(platform, first=900000000):
    return {int(s.address[-9:]) - first: s.text for s in platform.sends()}


def test_zalo_parameters_name_their_member(world):
    zalo = platforms.start(world, "zalo", case=PAIR)
    with open(world.config, encoding="utf-8") as f:
        text = f.read().replace('title: "{title}"', 'title: "{title}", customer: "Kính gửi {name}"')
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(text)
    platforms.authorize(world)
    members(world)
    world.start_gateway()
    world.announce(id="N1")
    world.wait_state("N1")
    data = {i: json.loads(text)["customer"] for i, text in told(zalo).items()}
    assert data == {0: "Kính gửi Bình", 1: "Kính gửi Đỗ Thị Ngọc-Ánh", 2: "Kính gửi O'Hà",
                    3: data[3], 4: "Kính gửi quý vị"}
    assert data[3].startswith("Kính gửi A") and not set(data[3]) & set('"\\<>&')


def test_telegram_names_its_member(world):
    bot = platforms.start(world, "telegram")
    use_templates(world, ten="[telegram]\nKính mời {name}: <b>{title}</b>\n")
    members(world, phones=False)
    world.start_gateway()
    world.announce(id="N2", template="ten", title="Họp <tổ> & dân")
    world.wait_state("N2")
    texts = told(bot, 1000)
    assert texts[1] == "Kính mời Đỗ Thị Ngọc-Ánh: <b>Họp &lt;tổ&gt; &amp; dân</b>"
    assert texts[4] == "Kính mời quý vị: <b>Họp &lt;tổ&gt; &amp; dân</b>"


def test_an_sms_provider_is_paid_by_the_parts_with_the_name(world):
    """One name more letters makes a second part: what is sent, reported and counted agrees."""
    esms = platforms.start(world, "esms")
    use_templates(world, ten="[sms]\nMoi {name}: {summary}\n")
    members(world)
    world.start_gateway()
    world.announce(id="N3", template="ten", summary="hop to " + "x" * 138)
    world.wait_state("N3")
    texts = told(esms)
    assert texts[0].startswith("Moi Binh: hop to xxx")
    assert texts[1].startswith("Moi Do Thi Ngoc-Anh: hop")
    parts = {int(r["member"][1:]): int(r["parts"]) for r in world.report("N3")}
    assert parts == {i: 1 if len(text) <= 160 else 2 for i, text in texts.items()}
    assert set(parts.values()) == {1, 2}
    fields, _ = world.look("N3")
    assert int(fields["parts"]) == sum(parts.values())
