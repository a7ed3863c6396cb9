"""An office's own summariser: its words are sent where they are proved, else ours."""
# SPDX-License-Identifier: MIT
import http.server
import json
import os
import threading
import time

import pytest

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


class Endpoint(http.server.BaseHTTPRequestHandler):
    """Says what the server's `says` says, and keeps what it was asked."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, dict(self.headers), json.loads(body)))
        time.sleep(self.server.delay)
        self.send_response(self.server.code)
        self.end_headers()
        self.wfile.write(self.server.says.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def endpoint():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    server.asked, server.code, server.says, server.delay = [], 200, "", 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_an_endpoint_words_the_summary(world, endpoint):
    world.start_redis()
    world.start_smsc()
    world.configure()
    url = f"http://127.0.0.1:{endpoint.server_address[1]}/summarise?v=1"
    with open(world.config, "a", encoding="utf-8") as f:
        f.write(f'summariser: {{ url: "{url}", token: bi-mat, timeout: 700ms }}\n')
    world.import_members(3)
    world.start_gateway()
    world.wait_bound()
    endpoint.says = "Mời họp chi bộ 19h30 02/12/2026 tại NVH TDP số 7\n"
    assert said(world, "S1") == "Moi hop chi bo 19h30 02/12/2026 tai NVH TDP so 7"
    path, headers, asked = endpoint.asked[0]
    assert path == "/summarise?v=1" and headers["Authorization"] == "Bearer bi-mat"
    assert asked["title"] == "Họp chi bộ tháng 12" and "19h30" in asked["text"]
    endpoint.says = json.dumps({"text": "Họp 19h30 02/12/2026, không mang theo trẻ nhỏ"})
    assert said(world, "S2") == "Hop 19h30 02/12/2026, khong mang theo tre nho"
    ours = []
    for says, code, delay in [("Họp 19h30 03/12/2026", 200, 0), ("Họp 19h30 02/12/2026", 500, 0),
                              ("{}", 200, 0), ("Họp 19h30 02/12/2026", 200, 2)]:
        endpoint.says, endpoint.code, endpoint.delay = says, code, delay
        ours.append(said(world, f"T{len(ours)}", body=BODY + f"\nLần {len(ours)}."))
    assert all("02/12" in text and "03/12" not in text for text in ours), ours
    assert len(endpoint.asked) == 6
    log = world.gateway.text()
    for why in ("HTTP 500", "said nothing", "no whole answer in time"):
        assert why in log, why
    assert "bi-mat" not in log
    endpoint.shutdown()
    endpoint.server_close()  # nobody is there any more
    assert "02/12" in said(world, "U1", body=BODY + "\nCuối.")
    assert "could not be reached" in world.gateway.text()
