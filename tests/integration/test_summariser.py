"""An office's own summariser: its words are sent where they are proved, else ours."""
# SPDX-License-Identifier: MIT
import os

BODY = (
    "1. Thời gian: 19h30, thứ Tư, ngày 02/12/2026.\n"
    "2. Địa điểm: Nhà văn hóa tổ dân phố số 7.\n"
    "Không mang theo trẻ nhỏ."
)


def with_summariser(world, script, timeout="10s"):
    world.start_redis()
    world.start_smsc()
    world.configure()
    path = os.path.join(world.folder, "summarise.sh")
    with open(path, "w", encoding="utf-8") as f:
        f.write("cat > " + os.path.join(world.folder, "asked.json") + "\n" + script + "\n")
    with open(world.config, "a", encoding="utf-8") as f:
        f.write(f'summariser: {{ command: "sh {path}", timeout: {timeout} }}\n')
    world.import_members(3)
    world.start_gateway()
    world.wait_bound()


def said(world, id_, **fields):
    world.announce(id=id_, **{"title": "Họp chi bộ tháng 12", "body": BODY, **fields})
    world.wait_state(id_)
    return world.look(id_)[0]["text:sms"]


def test_its_words_are_sent_where_they_are_true(world):
    with_summariser(world, "echo 'Mời họp chi bộ 19h30 02/12/2026 tại NVH TDP số 7'")
    assert said(world, "S1") == "Moi hop chi bo 19h30 02/12/2026 tai NVH TDP so 7"
    with open(os.path.join(world.folder, "asked.json"), encoding="utf-8") as f:
        asked = f.read()
    assert '"title":"Họp chi bộ tháng 12"' in asked and "19h30" in asked, asked
    own = said(world, "S2", summary="Hop luc 20h00")  # an admin's word is law, with a warning
    assert own == "Hop luc 20h00"
    assert "event=summary.unproved" in world.gateway.text()


def test_what_is_not_true_gives_way_to_our_own(world):
    with_summariser(world, "echo 'Họp chi bộ 19h30 03/12/2026 tại NVH TDP số 7'")
    text = said(world, "S1")
    assert "02/12" in text and "03/12" not in text, text
    assert "event=summary.unproved" in world.gateway.text()


def test_one_that_hangs_holds_nothing_up(world):
    with_summariser(world, "sleep 600", timeout="300ms")
    assert "02/12" in said(world, "S1")
    assert "event=summariser.failed" in world.gateway.text()
