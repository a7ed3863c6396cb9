"""The providers' files in deploy/providers/ against their documented answers, end to end."""
# SPDX-License-Identifier: MIT
import base64
import http.server
import json
import os
import re
import threading
import time
import urllib.parse

import pytest
from harness import ROOT, wait

HEAD = """\
redis: {{ url: "unix://{folder}/redis.sock?db=0" }}
channels: {{ sms: {{ links: [p] }} }}
links:
  - name: p
    kind: http_sms
    provider_file: {folder}/provider.yaml
    source: QUANBTL
    secrets: {secrets}
token_key: a-key-of-the-test
retry: {{ attempts: 3, first: 100ms, max: 300ms }}
uncertain_wait: 200ms
on_uncertain: hold
"""


def esms(code):
    return 200, {"CodeResult": code, "CountRegenerate": 0, "SMSID": "e1" if code == "100" else ""}


def soap(says, result):
    return 200, (
        '<?xml version="1.0"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/">'
        '<S:Body><ns2:wsCpMtResponse xmlns:ns2="http://impl.bulkSms.ws/"><return>'
        f"<message>{says}</message><result>{result}</result>"
        "</return></ns2:wsCpMtResponse></S:Body></S:Envelope>"
    )


FPT_OK = (200, {"MessageId": 1, "Phone": "84900000000", "BrandName": "QUANBTL", "Message": "x",
                "PartnerId": "1", "Telco": "viettel"})
SPEED_OK = (200, {"status": "success", "code": "00",
                  "data": {"tranId": 123456, "totalSMS": 1, "totalPrice": 250}})
SPEED_FAST = (429, {"name": "Too Many Requests", "message": "Rate limit exceeded.", "code": 0,
                    "status": 429})

# provider → its secrets, how a request names phone and text, the answers of m0, m1, … in turn and
# the letter that each comes to.
PROVIDERS = {
    "esms": ("{ key: k, sec: s }", lambda r: (r.json["Phone"], r.json["Content"]), [
        ([esms("100")], "a"), ([esms("124")], "a"), ([esms("99")], "f"), ([esms("108")], "f"),
        ([esms("110")], "f"), ([esms("555")], "?"), ([(502, "<html>")], "?"),
        ([(302, "moved")], "?"), ([(200, "x" * 200_000)], "?"), ([(200, "")], "?"),
    ]),
    "speedsms": ("{ token: dDp4 }", lambda r: (r.json["to"][0], r.json["content"]), [
        ([SPEED_OK], "a"), ([(200, {"status": "error", "code": "105",
                                    "message": "Phone number invalid"})], "f"),
        ([(200, {"status": "error", "code": "113", "message": "sms too long"})], "f"),
        ([(200, {"status": "error", "code": "500", "message": "internal"})], "?"),
    ]),
    "vietguys": ("{ user: u, password: p }", lambda r: (r.form["phone"], r.form["sms"]), [
        ([(200, {"error": 0, "message": "ok", "msgid": "v1", "carrier": "VTE"})], "a"),
        ([(200, {"error": 1, "error_code": -2, "message": "busy"}),
          (200, {"error": 0, "msgid": "v2"})], "a"),
        ([(200, {"error": 1, "error_code": -16, "message": "duplicate"})], "a"),
        ([(200, {"error": 1, "error_code": -10, "message": "phone"})], "f"),
        ([(200, {"error": 1, "error_code": -11, "message": "opt out"})], "f"),
        ([(200, {"error": 1, "error_code": -14, "message": "too long"})], "f"),
    ]),
    "viettel": ("{ user: u, password: p, cpcode: c }",
                lambda r: (r.element("ReceiverID"), r.element("Content")), [
        ([soap("Insert MT_QUEUE: OK", 1)], "a"), ([soap("DUPLICATE MESSAGE", 0)], "a"),
        ([soap("Check template: CONTENT_NOT_MATCH_TEMPLATE", 0)], "f"),
        ([soap("Unable to check telco from input receiver", 0)], "f"),
        ([soap("Check information error", 0)], "?"),
    ]),
    "fpt": ("{ client_id: i, client_secret: s }",
            lambda r: (r.json["Phone"], base64.b64decode(r.json["Message"]).decode()), [
        ([FPT_OK], "a"),
        ([(200, {"error": 1011, "error_description": "invalid access token"}), FPT_OK], "a"),
        ([(200, {"error": 9, "error_description": "who knows"})], "?"),
    ]),
}


class Request:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def form(self):
        return dict(urllib.parse.parse_qsl(self.body))

    def element(self, name):
        return re.search(f"<{name}>(.*?)</{name}>", self.body).group(1)


class Provider(http.server.ThreadingHTTPServer):
    """Answers each member's requests with its own answers, in turn; the last one again."""

    daemon_threads = True

    def __init__(self, read, answers):
        super().__init__(("127.0.0.1", 0), Handler)
        self.read, self.answers = read, {i: list(a) for i, (a, _) in enumerate(answers)}
        self.requests, self.tokens, self.lock = [], 0, threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def answer(self, request):
        with self.lock:
            self.requests.append(request)
            if "oauth2/token" in request.path:
                self.tokens += 1
                return 200, {"access_token": f"t{self.tokens}", "expires_in": 3600}
            left = self.answers[int(self.read(request)[0][-2:])]
            return left.pop(0) if len(left) > 1 else left[0]

    def messages(self):
        with self.lock:
            return [r for r in self.requests if "oauth2/token" not in r.path]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):  # noqa: N802
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status, answer = self.server.answer(Request(self.path, self.headers, body))
        text = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        if status == 302:  # nobody goes there: it would be a second message
            self.send_header("Location", self.path)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def begin(world, name, answers):
    secrets, read, _ = PROVIDERS[name]
    server = Provider(read, answers)
    world.closers.append(server.shutdown)
    world.start_redis()
    configure(world, name, secrets, server)
    world.import_members(len(answers))
    world.start_gateway()
    return server


def configure(world, name, secrets, server):
    """The provider's own file, its addresses led to `server`."""
    with open(os.path.join(ROOT, f"deploy/providers/{name}.yaml"), encoding="utf-8") as f:
        text = re.sub(r"https?://[a-z0-9.-]+(:\d+)?/", f"http://127.0.0.1:{server.server_port}/",
                      re.sub(r'(xmlns:\w+=")http', r"\1hTTP", f.read()))
    with open(os.path.join(world.folder, "provider.yaml"), "w", encoding="utf-8") as f:
        f.write(text.replace("hTTP", "http"))
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(HEAD.format(folder=world.folder, secrets=secrets))


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_each_documented_answer_has_its_outcome(world, name):
    _, read, answers = PROVIDERS[name]
    server = begin(world, name, answers)
    world.announce(id="P", summary='Họp "tổ" <7> & 8 \\ 9')
    wanted = "".join(letter for _, letter in answers)
    wait(lambda: world.look("P")[1] == wanted, f"{wanted}, not {world.look('P')[1]}", 30)
    texts = {read(r)[1] for r in server.messages()}
    if name == "viettel":  # their Content must not hold a bare &
        texts = {t.replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">")
                 .replace("&amp;", "&") for t in texts}
    assert texts == {'Hop "to" <7> & 8 \\ 9'}, texts
    assert len(server.messages()) == sum(len(a) for a, _ in answers), "nothing is asked twice"


def test_who_is_too_fast_goes_on_in_the_next_minute(world):
    """SpeedSMS says 429: the link waits for the minute, and everybody is told once."""
    server = begin(world, "speedsms", [([SPEED_FAST, SPEED_OK], "a")])
    world.announce(id="F", summary="x")
    wait(lambda: world.r.hget("loa:stats:link:p", "state") == "throttled", "pause", 30)
    assert world.look("F")[1] in ("q", "s") and len(server.messages()) == 1


@pytest.mark.parametrize("name, answer", [
    ("esms", esms("104")), ("vietguys", (200, {"error": 1, "error_code": -7})),
    ("viettel", soap("IP_INVALID", 0)),
    ("speedsms", (200, {"status": "error", "code": "007", "message": "access token"})),
])
def test_a_provider_that_refuses_the_link_stops_it(world, name, answer):
    server = begin(world, name, [([answer], "q")])
    world.announce(id="S", summary="x")
    wait(lambda: world.r.hget("loa:stats:link:p", "state") == "stopped", "stop", 30)
    assert "loa link start p" in world.r.hget("loa:stats:link:p", "last_error")
    assert world.look("S")[1] in ("q", "s") and len(server.messages()) == 1


def test_fpt_renews_its_token_and_repeats_the_message_once(world):
    server = begin(world, "fpt", PROVIDERS["fpt"][2][1:2])
    world.announce(id="T", summary="x")
    world.wait_letters("T", "a", 1)
    assert [r.json["access_token"] for r in server.messages()] == ["t1", "t2"]


class VietGuys(Provider):
    """Its access tokens end after `good` messages; a refresh token is good once."""

    def __init__(self, good):
        super().__init__(None, [])
        self.good, self.left, self.refresh, self.burnt = good, 0, "rt-0", 0

    def answer(self, request):
        with self.lock:
            self.requests.append(request)
            if request.path == "/token/v1/refresh":
                return 200, self.renew(request)
            form = dict(urllib.parse.parse_qsl(request.body))
            if form["pwd"] != f"at-{self.tokens}" or self.left == 0:
                return 200, {"error": 1, "error_code": -5, "message": "Thong tin xac thuc"}
            self.left -= 1
            return 200, {"error": 0, "message": "ok", "msgid": f"v{len(self.requests)}"}

    def renew(self, request):
        assert request.json == {"username": "u", "type": "refresh_token"}
        if request.headers["Refresh-Token"] != self.refresh:
            self.burnt += 1
            return {"error": 1, "message": "refresh token"}
        self.tokens, self.left = self.tokens + 1, self.good
        self.refresh = f"rt-{self.tokens}"
        return {"error": 0, "data": {"access_token": f"at-{self.tokens}", "refresh_token":
                                     self.refresh, "expired_at": int(time.time()) + 3600}}


def vietguys(world, good):
    server = VietGuys(good)
    world.closers.append(server.shutdown)
    world.secrets = re.compile(r"[ar]t-[0-9]|a-key-of-the-test")
    world.start_redis()
    configure(world, "vietguys-token", "{ user: u }", server)
    return server


def test_vietguys_renews_its_token_once_for_all_gateways(world):
    server = vietguys(world, good=5)
    asked = world.loa("link", "authorize", "p", stdin="rt-0\n").stdout
    assert "refresh token" in asked and "p has a grant" in asked
    world.import_members(8)
    for _ in range(2):
        world.start_gateway()
    world.announce(id="V", summary="x")
    wait(lambda: set(world.look("V")[1] or "q") <= set("aq") and server.tokens == 2, "renewal", 30)
    world.wait_letters("V", "a", 8)
    assert server.burnt == 0, "no refresh token was used twice"
    sealed = world.r.hgetall("loa:token:{p}")
    assert sealed["generation"] == "3" and not any("t-" in v for v in sealed.values())
    assert "there is one" in next(x["text"] for x in json.loads(world.loa("check", "--json").stdout)
                                  if x["what"] == "links.p.grant")


def test_a_refresh_token_that_vietguys_does_not_take_says_what_to_do(world):
    server = vietguys(world, good=5)
    world.loa("link", "authorize", "p", stdin="rt-7\n")
    world.import_members(1)
    world.start_gateway()
    wait(lambda: "loa link authorize p" in (world.r.hget("loa:stats:link:p", "last_error") or ""),
         "the sentence", 30)
    assert server.burnt == 1
    world.loa("link", "authorize", "p", stdin="rt-0\n")
    world.announce(id="W", summary="x")
    world.wait_letters("W", "a", 1)


def test_a_grant_without_a_key_to_seal_it_is_a_mistake(world):
    configure(world, "vietguys-token", "{ user: u }", vietguys(world, good=5))
    with open(world.config, encoding="utf-8") as f:
        text = f.read().replace("token_key: a-key-of-the-test\n", "")
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(text)
    said = world.loa("check", ok=False).stderr
    assert "token_key: is missing: it seals the refresh token of link p" in said
