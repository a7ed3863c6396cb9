"""What platforms post to us: receipts, replies, consent; and what is not theirs."""
# SPDX-License-Identifier: MIT
import http.client
import json
import signal
import socket
import time

import platforms
from harness import wait

PAIR = "access access-0\nrefresh refresh-0\n"


def began(world, *kinds, case="", members=(), settings=None):
    world.port = platforms.free_port()
    hook = f"webhook http://127.0.0.1:{world.port}/webhooks/zalo\n"
    sim = platforms.start(
        world, *kinds, case=PAIR + hook + case, settings=settings,
        top=f'http: {{ listen: "127.0.0.1:{world.port}" }}\n',
    )
    if "zalo" in kinds:
        platforms.authorize(world)
    world.import_members(0, rows=members)
    world.start_gateway()
    wait(lambda: answers(world, "GET", "/healthz") == 200, "HTTP of the gateway")
    wait(lambda: "redis.connected" in world.gateway.text(), "Redis")
    return sim


def post(world, method, path, body="", headers=None):
    c = http.client.HTTPConnection("127.0.0.1", world.port, timeout=10)
    c.request(method, path, body.encode(), headers or {})
    answer = c.getresponse()
    text = answer.read().decode()
    c.close()
    return answer.status, text.strip()


def answers(world, *request):
    try:
        return post(world, *request)[0]
    except OSError:
        return 0


def zalo_event(name, **fields):
    return json.dumps({"app_id": platforms.APP_ID, "event_name": name,
                       "timestamp": str(int(time.time() * 1000)), **fields}, separators=(",", ":"))


def signed(world, body):
    return post(world, "POST", "/webhooks/zalo", body, {"X-ZEvent-Signature": platforms.sign(body)})


def phones(n):
    return [f"m{i},Member {i},0{900000000 + i},,," for i in range(n)]


def replies(world):
    return [fields for _, fields in world.r.xrange("loa:replies")]


def test_receipts_make_delivered_and_settle_the_ambiguous(world):
    case = "receipts after 20ms twice\ncut for *3\nlost for *4\nlatency 1ms\n"
    zalo = began(world, "zalo", case=case, members=phones(60))
    world.announce(id="tb_118.a")
    world.wait_letters("tb_118.a", "d", 54)
    world.wait_state("tb_118.a")
    assert world.look("tb_118.a")[1].count("a") == 6
    assert set(zalo.told().values()) == {1}
    world.wait_stat("messages_delivered", 54)
    wait(lambda: {row[1] for row in zalo.of("webhook")} == {"200"}, "answers")
    wait(lambda: world.stat("receipts") == 108, "each receipt counted")
    wait(lambda: world.r.hget("loa:stats:link:oa", "messages_delivered") == "54", "the link's own")


def test_a_receipt_finds_an_id_that_is_too_long_for_a_tracking_id(world):
    id_ = "phuong-7_0f8fad5b-d9cb-469f-a165-70867728950e"
    zalo = began(world, "zalo", case="receipts after 20ms\ncut for *3\n", members=phones(10))
    world.announce(id=id_)
    world.wait_letters(id_, "d", 10)
    assert all(len(s.tracking) <= 48 for s in zalo.sends())
    assert set(zalo.told().values()) == {1}
    assert world.stat("receipts_unmatched") == 0


def test_a_wrong_signature_is_refused_and_counted(world):
    began(world, "zalo", "telegram", members=phones(1))
    body = zalo_event("user_send_text", sender={"id": "7001"}, message={"text": "a", "msg_id": "1"})
    spaced = body.replace('":', '": ')
    mac = platforms.sign(body)
    for text, header in ((body, None), (body, "mac=00"), (spaced, mac), (body, mac[:-1] + "g")):
        headers = {"X-ZEvent-Signature": header} if header else {}
        assert post(world, "POST", "/webhooks/zalo", text, headers)[0] == 401
    secret = {"X-Telegram-Bot-Api-Secret-Token": "another"}
    assert post(world, "POST", "/webhooks/telegram", '{"update_id":1}', secret)[0] == 401
    world.wait_stat("webhooks_refused", 5)
    assert not replies(world)


def test_what_members_write_becomes_replies_once_and_consent(world):
    began(world, "zalo", members=["a,An,0900000001,7001,,", "b,Binh,,7002,,"])
    text = zalo_event("user_send_text", sender={"id": "7001"},
                      message={"text": "Cảm ơn\nloa", "msg_id": "m1"})
    for _ in range(3):
        assert signed(world, text)[0] == 200
    assert signed(world, zalo_event("unfollow", follower={"id": "7002"}))[0] == 200
    got = replies(world)
    names = ("from", "member", "channel", "link", "text", "intent")
    assert [tuple(r[name] for name in names) for r in got] == [
        ("7001", "a", "zalo", "oa", "Cảm ơn\nloa", ""), ("7002", "b", "zalo", "oa", "", "stop"),
    ]
    world.announce(id="C1", channels="zalo")
    world.wait_state("C1")
    assert world.look("C1")[1] == "ak"
    assert signed(world, zalo_event("follow", follower={"id": "7002"}))[0] == 200
    world.announce(id="C2", channels="zalo")
    world.wait_state("C2")
    assert world.look("C2")[1] == "aa"


def chat(world, n, text, address=1001):
    body = json.dumps({"update_id": n, "message": {"chat": {"id": address}, "text": text}})
    secret = {"X-Telegram-Bot-Api-Secret-Token": "hook-secret"}
    return post(world, "POST", "/webhooks/telegram", body, secret)[0]


def test_a_stop_word_opts_out_there_is_confirmed_once_and_acts_under_way(world):
    bot = began(world, "telegram", "zalo", members=["a,An,0900000001,7001,1001,"],
                case="latency 1ms\nerror 429 for 1001 times 1\n")
    world.announce(id="S1", channels="telegram", send_at="2100-01-01T00:00:00Z")
    assert chat(world, 1, " Từ chối! ") == 200
    assert chat(world, 1, " Từ chối! ") == 200, "told again"
    assert chat(world, 2, "TC") == 200, "said again"
    wait(lambda: len(bot.told()) == 1, "the confirmation")
    assert "ĐK để nhận lại" in [s.text for s in bot.sends() if s.outcome == "delivered"][0]
    for n, channels in enumerate(("telegram", "telegram,zalo")):
        world.announce(id=f"S{n + 2}", channels=channels)
        world.wait_state(f"S{n + 2}")
    assert (world.look("S2")[1], world.look("S3")[1]) == ("k", "a"), "on that channel alone"
    assert chat(world, 3, "đăng ký") == 200
    assert chat(world, 2, "TC") == 200, "what comes again undoes nothing"
    world.announce(id="S4", channels="telegram")
    world.wait_state("S4")
    assert world.look("S4")[1] == "a"
    assert [r["intent"] for r in replies(world)] == ["stop", "stop", "start"]
    wait(lambda: bot.told()["1001"] == 3, "both confirmations and S4")


def test_nothing_is_acknowledged_before_it_is_in_redis(world):
    """Redis is stopped, then gone: within two seconds Zalo is told so, and posts it again."""
    began(world, "zalo", members=["a,An,0900000001,7001,,"])
    text = zalo_event("user_send_text", sender={"id": "7001"},
                      message={"text": "xin chao", "msg_id": "m1"})
    world.redis.process.signal(signal.SIGSTOP)
    at = time.monotonic()
    assert signed(world, text)[0] == 503
    assert time.monotonic() - at < 5, "1.5 s where nothing else runs, not what Redis is given"
    world.redis.process.signal(signal.SIGCONT)
    wait(lambda: signed(world, text)[0] == 200, "taken, once Redis goes on", 20)
    assert [r["text"] for r in replies(world)] == ["xin chao"], "once"
    world.redis.kill()
    wait(lambda: signed(world, text)[0] == 503, "refused without Redis")


def test_other_words_and_ratings_are_replies_and_nothing_else(world):
    began(world, "zalo", members=["a,An,0900000001,7001,,"])
    for n, text in enumerate(("XN 12", "Dừng xe ở đâu ạ?", "GY đường hỏng")):
        assert signed(world, zalo_event("user_send_text", sender={"id": "7001"},
                                        message={"text": text, "msg_id": f"m{n}"}))[0] == 200
    assert signed(world, zalo_event("user_feedback", sender={"id": "7001"},
                                    message={"note": "tốt", "rate": 5, "msg_id": "m9"}))[0] == 200
    assert [(r["text"], r["intent"]) for r in replies(world)] == [
        ("XN 12", "yes"), ("Dừng xe ở đâu ạ?", ""), ("GY đường hỏng", "report"), ("tốt", "report"),
    ]
    world.announce(id="O1", channels="zalo")
    world.wait_state("O1")
    assert world.look("O1")[1] == "a"


def test_telegram_updates(world):
    began(world, "telegram", members=["a,An,,,1001,"])
    secret = {"X-Telegram-Bot-Api-Secret-Token": "hook-secret"}
    for text in ("/start code-1", "Cảm ơn", "/stop"):
        body = json.dumps({"update_id": hash(text) % 10**6,
                           "message": {"chat": {"id": 1001}, "text": text}})
        assert post(world, "POST", "/webhooks/telegram", body, secret)[0] == 200
    assert [(r["member"], r["text"], r["intent"]) for r in replies(world)] == [
        ("a", "code-1", "start"), ("a", "Cảm ơn", ""), ("a", "/stop", "stop"),
    ]
    world.announce(id="T1", channels="telegram")
    world.wait_state("T1")
    assert world.look("T1")[1] == "k"


def test_a_providers_callback(world):
    hook = {"esms": ["webhook_secret: path-secret"]}
    esms = began(world, "esms", members=phones(2), settings=hook)
    world.announce(id="E1")
    world.wait_letters("E1", "a", 2)
    ids = {s.address: s.id for s in esms.sends()}
    done = "SendFailed=0&SendStatus=5&SendSuccess=1&TotalSent=1"
    failed = "SendFailed=1&SendStatus=5&SendSuccess=0"
    path = "/webhooks/sms/esms/path-secret?SMSID="
    wrong = f"/webhooks/sms/esms/wrong?SMSID={ids['0900000000']}&{done}"
    assert post(world, "GET", wrong)[0] == 404
    assert post(world, "GET", f"{path}{ids['0900000000']}&{done}") == (200, "ok")
    assert post(world, "GET", f"{path}{ids['0900000001']}&{failed}") == (200, "ok")
    world.wait_letters("E1", "du", 2)
    assert world.look("E1")[1] == "du"


def test_a_slow_crowd_beside_a_flood_stops_neither_posts_nor_sending(world):
    zalo = began(world, "zalo", case="latency 1ms\n", members=phones(300))
    crowd = [socket.create_connection(("127.0.0.1", world.port)) for _ in range(100)]
    for s in crowd:
        s.sendall(b"POST /webhooks/zalo HTTP/1.1\r\nContent-Length: 100\r\n")
    world.announce(id="W1")
    for i in range(200):
        body = zalo_event("user_send_text", sender={"id": "7001"},
                          message={"text": f"t{i}", "msg_id": f"m{i}"})
        mac = platforms.sign(body) if i % 10 else "mac=" + "0" * 64
        status = post(world, "POST", "/webhooks/zalo", body, {"X-ZEvent-Signature": mac})[0]
        assert status == (200 if i % 10 else 401)
    world.wait_state("W1")
    assert len(replies(world)) == 180 and len(zalo.told()) == 300
    world.wait_stat("webhooks_refused", 20)
    for s in crowd:
        s.close()


def test_check_says_when_nobody_listens_for_what_is_configured(world):
    platforms.start(world, "zalo", "telegram", "esms")
    platforms.authorize(world)
    lines = {x["what"]: x["text"] for x in json.loads(world.loa("check", "--json").stdout)
             if "nobody listens" in x["text"]}
    text = open(world.config, encoding="utf-8").read().split("\n")
    for link, key in (("oa", "oa_secret"), ("bot", "webhook_secret"), ("esms", "provider_file")):
        at = next(i for i, line in enumerate(text, 1) if line.strip() == f"- name: {link}")
        assert f"loa.yaml:{at}: links.{link}.{key}: nobody listens" in lines[f"links.{link}"]
    with open(world.config, "a", encoding="utf-8") as f:
        f.write(f'http: {{ listen: "127.0.0.1:{platforms.free_port()}" }}\n')
    assert "nobody listens" not in world.loa("check").stdout
