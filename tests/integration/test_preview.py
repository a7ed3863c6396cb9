"""loa preview: needs neither Redis nor a configuration, and says what would be sent."""
# SPDX-License-Identifier: MIT
import fcntl
import json
import os
import re
import struct
import subprocess
import termios

import pytest

from harness import LOA

SAMPLES = os.path.join(os.path.dirname(__file__), "..", "data", "announcements")
KEYS = ["channel", "text", "encoding", "parts", "characters", "link", "cost"]
MORE = ["template", "named", "kept", "lost"]
OF_SMS = [*KEYS, *MORE, "ucs2_because", "over"]
CONFIG = """
redis: {{ url: "redis://127.0.0.1:1/0" }}
channels:
  sms: {{ links: [v], diacritics: {diacritics}, max_parts: {max_parts}, price_per_part: 500 }}
  zalo: {{ links: [oa] }}
  telegram: {{ links: [bot] }}
links:
  - {{ name: v, kind: smpp, host: 127.0.0.1, system_id: loa, password: x }}
  - name: oa
    kind: zalo_template
    base_url: https://business.openapi.zalo.me
    app_id: "1"
    template_id: "5"
    parameters: {{ title: "{{title}}", time: "{{published_at}}", link_path: "{{link_path}}" }}
  - {{ name: bot, kind: telegram, base_url: "https://api.telegram.org", token: x }}
"""


def samples():
    with open(os.path.join(SAMPLES, "facts.tsv"), encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f][1:]
    return {row[0]: row[6] for row in rows}


def loa(folder, *words, stdin=""):
    env = {k: v for k, v in os.environ.items() if k != "LOA_CONFIG" and not k.startswith("LC_")}
    return subprocess.run([LOA, "preview", *words], cwd=folder, env={**env, "LANG": "C"},
                          input=stdin, capture_output=True, text=True, timeout=20, check=False)


def sample(name):
    return os.path.abspath(os.path.join(SAMPLES, name))


def configure(folder, diacritics="strip", max_parts=3):
    path = folder / "loa.yaml"
    path.write_text(CONFIG.format(diacritics=diacritics, max_parts=max_parts), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name, link", samples().items())
def test_samples_without_a_configuration(tmp_path, name, link):
    done = loa(tmp_path, "--json", sample(name))
    assert (done.returncode, done.stderr) == (0, "")
    (sms,) = json.loads(done.stdout)
    assert list(sms) == OF_SMS
    assert sms["channel"] == "sms" and sms["encoding"] == "gsm7" and sms["cost"] == 0
    assert sms["link"] == link and sms["text"].endswith(" " + link)
    assert 1 <= sms["parts"] <= 3 and sms["characters"] <= 459 and sms["text"].isascii()


def test_every_channel_of_the_configuration(tmp_path):
    done = loa(tmp_path, "-c", configure(tmp_path, "keep", 2), "--json", sample("12.json"))
    sms, zalo, telegram = json.loads(done.stdout)
    assert (sms["channel"], sms["encoding"], sms["parts"], sms["cost"]) == ("sms", "ucs2", 2, 1000)
    assert list(zalo) == [*KEYS, *MORE, "parameters", "limits"] and zalo["encoding"] == "utf8"
    assert zalo["parameters"]["time"] == "08:00 18/11/2026"
    assert zalo["text"] == "\n".join(f"{k}: {v}" for k, v in zalo["parameters"].items())
    assert zalo["link"] == ""
    assert telegram["text"].startswith("<b>Thư chúc mừng") and telegram["characters"] <= 4096
    assert telegram["text"].endswith(telegram["link"]) and telegram["link"]


def test_facts_kept_and_lost_are_told_of_every_channel(tmp_path):
    one = {"title": "Cắt nước", "url": "https://a.vn/2/12",
           "body": "Từ 22h00 ngày 28/11/2026, cắt nước tại ngõ 2 đường Hoa Ban.\n"
                   "Liên hệ: 0900.100.200. Không dùng nước để nấu ăn."}
    (tmp_path / "a.json").write_text(json.dumps(one), encoding="utf-8")
    done = loa(tmp_path, "-c", configure(tmp_path), "a.json", "--json")
    sms, zalo, telegram = json.loads(done.stdout)
    assert sms["lost"] == telegram["lost"] == [] and "0900.100.200" in telegram["kept"]
    assert {"22h00", "28/11/2026", "0900.100.200"} <= set(zalo["lost"]), zalo
    shown = loa(tmp_path, "-c", configure(tmp_path), "a.json", "--channel", "zalo").stdout
    assert "it leaves out: " in shown and "0900.100.200" in shown.split("it leaves out")[1]


def test_one_channel(tmp_path):
    config = configure(tmp_path)
    (only,) = json.loads(loa(tmp_path, "-c", config, "--json", "--channel", "telegram",
                             sample("01.html")).stdout)
    assert only["channel"] == "telegram"
    done = loa(tmp_path, "-c", config, "--channel", "telegran", sample("01.html"))
    assert done.returncode == 2 and "did you mean 'telegram'?" in done.stderr


def test_facts_and_where_they_stand(tmp_path):
    body = "Thời gian: 19h30 ngày 02/12/2026 (thay cho lịch cũ ngày 01/12/2026).\n"
    body += "Không mang trẻ nhỏ."
    one = {"title": "Họp chi bộ", "body": body, "summary": "Họp 20h00"}
    (tmp_path / "a.json").write_text(json.dumps(one), encoding="utf-8")
    out = loa(tmp_path, "a.json", "--facts", "--json")
    found = json.loads(out.stdout)
    assert found["when"] == "19h30 ngày 02/12/2026", found
    first = {"text": "02/12/2026", "line": 2, "column": 23, "role": "when"}
    assert first.items() <= found["facts"][0].items(), found["facts"]
    assert [r["text"] for r in found["replaced"]] == ["(thay cho lịch cũ ngày 01/12/2026)."]
    assert "summary: '20h00' does not stand in the announcement" in out.stderr
    one["body"] = "Các hộ tổ 3 phải di dời trước 17h00 ngày 07/11/2026."
    (tmp_path / "b.json").write_text(json.dumps(one), encoding="utf-8")
    duty = json.loads(loa(tmp_path, "b.json", "--facts", "--json").stdout)["duties"][0]
    assert duty == {"who": "Các hộ tổ 3", "what": "phải di dời trước 17h00 ngày 07/11/2026",
                    "deadline": "trước 17h00 ngày 07/11/2026", "line": 2, "column": 1}, duty
    assert "phải di dời" in loa(tmp_path, "b.json", "--facts").stdout
    table = loa(tmp_path, "a.json", "--facts").stdout
    assert "02/12/2026" in table and "Không mang trẻ" in table, table


def test_standard_input_and_options(tmp_path):
    done = loa(tmp_path, "-", "--json", "--title", "Họp", "--url", "https://a.vn/x",
               stdin="Mời bà con\n19h30 ngày 2/12.\n")
    (sms,) = json.loads(done.stdout)
    assert sms["text"].startswith("Hop") and sms["text"].endswith(" https://a.vn/x")
    assert "19h30" in sms["text"] and "2/12" in sms["text"] and sms["lost"] == []
    done = loa(tmp_path, "-", stdin="Mời bà con\n19h30 ngày 2/12.\n")
    head, *rest = done.stdout.split("\n")
    assert re.fullmatch(r"sms: 1 part, \d+ characters, GSM-7, 0 VND a member", head)
    assert any("19h30" in line and line.startswith("│ ") for line in rest)


def test_what_makes_it_dear(tmp_path):
    config = configure(tmp_path, "keep", 3)

    def shown(text, *options):
        return loa(tmp_path, "-", "-c", config, "--channel", "sms", *options,
                   stdin=json.dumps({"title": "x", "summary": text})).stdout

    assert "UCS-2 because of 5 different signs, 'ọ' the first" in shown("Họp tổ dân phố ở nhà")
    assert "only 'ọ' makes it UCS-2 (it stands there 2 times)" in shown("Họp, họp")
    long = shown("Họp tổ " + "a" * 150)
    assert "without diacritics: GSM-7, parts: 1, 1,000 VND less a member" in long
    assert "3 ▕" in long and "of 67" in long
    assert "3 characters less would save a part: 500 VND a member" in shown("b" * 163)
    (sms,) = json.loads(shown("b" * 163, "--json"))
    assert sms["over"] == 3 and sms["ucs2_because"] == []


def test_a_part_is_paid_only_for_a_fact(tmp_path):
    """The same facts fit one part: no second one is paid for more words."""
    body = "Họp lúc 19h30 ngày 2/12/2026. " + "Kính mong bà con cô bác xa gần đến dự đông đủ. " * 9
    (sms,) = json.loads(loa(tmp_path, "-", "--json", stdin=json.dumps(
        {"title": "Họp tổ dân phố", "body": body})).stdout)
    assert sms["parts"] == 1 and "19h30" in sms["text"] and "2/12" in sms["text"]


def test_in_vietnamese(tmp_path):
    env = {**os.environ, "LC_ALL": "vi_VN.UTF-8"}
    done = subprocess.run([LOA, "preview", "-"], cwd=tmp_path, env=env, capture_output=True,
                          text=True, input="Họp tổ\n19h30 ngày 2/12.\n", timeout=20, check=True)
    assert "mẫu: default" in done.stdout and "có nêu: " in done.stdout


@pytest.mark.parametrize("stdin, sentence", [
    ("", "-: title: missing"),
    ("{\"tilte\": \"x\"}", "did you mean title?"),
    ("{\"title\": \"x\", \"priority\": \"high\"}", "priority: 'high' is not"),
    ("{\"title\": \"x\", \"url\": \"https://a.vn/" + "x" * 900 + "\"}", "do not fit"),
])
def test_refusals(tmp_path, stdin, sentence):
    done = loa(tmp_path, "-", stdin=stdin)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr


def test_a_page_in_another_encoding_than_it_names(tmp_path):
    page = b'<meta charset="shift_jis"><title>T</title><p>\x9a\x9a \x8f":"'
    (tmp_path / "a.html").write_bytes(page)
    done = loa(tmp_path, "a.html")
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert "is not in the encoding that it names: shift_jis" in done.stderr


def test_a_line_of_thousands_of_dates_does_not_hold_up(tmp_path):
    line = " ".join(f"{i % 28 + 1}/{i % 12 + 1} phố {i % 97}" for i in range(5000))
    done = loa(tmp_path, "--json", "-", stdin=json.dumps({"title": "Lịch phun", "body": line}))
    assert done.returncode == 0 and json.loads(done.stdout)[0]["parts"] > 0, done.stderr


def test_a_configuration_with_a_mistake_is_not_passed_over(tmp_path):
    path = tmp_path / "loa.yaml"
    path.write_text("channel: {}\n", encoding="utf-8")
    done = loa(tmp_path, "-c", str(path), sample("01.html"))
    assert done.returncode == 2 and f"{path}:1:" in done.stderr


def test_a_user_who_may_not_read_the_secrets(tmp_path):
    text = CONFIG.format(diacritics="strip", max_parts=3)
    config = tmp_path / "loa.yaml"
    config.write_text(text.replace("password: x", "password_file: /nowhere/password"))
    answer = loa(tmp_path, "-", "-c", str(config), "--channel", "sms", stdin="Tin")
    assert answer.returncode == 0 and "500 VND" in answer.stdout, answer.stderr


def test_what_is_told_elsewhere_is_not_left_out(tmp_path):
    notice = {"title": "Họp tổ lúc 19h30", "summary": "Họp 19h30 ngày 02/12",
              "body": "Mời bà con họp 19h30 ngày 02/12 tại nhà văn hóa số 5, kỳ 3 của 2026"}
    (sms,) = json.loads(loa(tmp_path, "--json", "-", stdin=json.dumps(notice)).stdout)
    assert {"19h30", "02/12"} <= set(sms["kept"]) and "19h30" not in sms["lost"]
    assert "2026" not in sms["kept"] + sms["lost"]  # a year alone tells nothing
    assert any("nhà văn hóa" in fact for fact in sms["lost"])


def test_a_narrow_terminal_gets_a_narrow_phone(tmp_path):
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 30, 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in ("LOA_CONFIG", "COLUMNS")}
    done = subprocess.run([LOA, "preview", sample("02.txt")], cwd=tmp_path, env=env, check=False,
                          stdin=subprocess.DEVNULL, stdout=theirs, timeout=20)
    os.close(theirs)
    said = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == 0
    framed = [line for line in said.splitlines() if line[:1] in "╭│╰" and line]
    assert framed and all(len(line.rstrip()) == 30 for line in framed), said
