"""The command line: what it prints, where, and with which exit code."""
# SPDX-License-Identifier: MIT
import json
import os
import pty
import re
import subprocess

import pytest

from harness import LETTERS, LOA, wait

COMMANDS = (
    "gateway check send preview list status pause resume cancel retry approve reject correct "
    "withdraw why report stats replies reply audit"
).split()
TWO_WORDS = [
    *(f"members {x}" for x in "import list show opt-out opt-in invite erase".split()),
    *(f"link {x}" for x in "list stop start trace authorize".split()),
    "audit verify",
]
LATER = (
    "approve X|reject X --why no|correct X f|withdraw X|"
    "members erase m1|audit|audit verify"
).split("|")
STATUS_KEYS = (
    "id title state audience total queued sending retrying uncertain accepted delivered "
    "undelivered failed skipped expired parts cost"
).split()


def write(world, name, text):
    path = os.path.join(world.folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


@pytest.fixture
def office(world):
    """Redis, a simulated SMSC and three members; no gateway yet."""
    world.start_redis()
    world.start_smsc()
    world.configure()
    world.import_members(0, rows=[
        "m1,Nguyễn An,0900000001,,,chibo-3;youth",
        "m2,Trần Bình,0900000002,,,chibo-7",
        "m3,Lê Cúc,12,,,chibo-3",
    ])
    return world


@pytest.mark.parametrize("words", [*COMMANDS, *TWO_WORDS])
def test_each_command_has_help(world, words):
    done = world.loa(*words.split(), "--help")
    assert done.stdout.startswith(f"loa {words}: ") and "--config FILE" in done.stdout
    assert done.stderr == ""


def test_help_lists_every_command(world):
    out = world.loa("--help").stdout
    for words in [*COMMANDS, *TWO_WORDS]:
        assert re.search(rf"^  {words} +\S", out, re.M), words
    assert world.loa("help", "send").stdout == world.loa("send", "--help").stdout


@pytest.mark.parametrize("line", LATER)
def test_what_is_not_there_yet_says_so(world, line):
    done = world.loa(*line.split(), ok=False)
    assert done.returncode == 1 and done.stdout == ""
    assert re.fullmatch(r"loa [a-z -]+: this command comes with a later release of loa\n",
                        done.stderr)


def test_wrong_usage_is_told_with_the_nearest_word(world):
    for argv, said in (
        ([], "Usage: loa COMMAND"),
        (["chek"], "Did you mean 'loa check'?"),
        (["members", "imprt", "f"], "members import"),
        (["members", "imprt", "f"], "there is no command 'members imprt'"),
        (["xyzzy"], "there is no command 'xyzzy'"),
        (["send", "--titel", "x", "f"], "Did you mean --title?"),
        (["send", "--id"], "the option '--id' needs a value"),
        (["send"], "something is missing"),
        (["send", "a", "b"], "that is too much"),
        (["status", "-x", "A"], "unknown option '-x'"),
    ):
        done = world.loa(*argv, ok=False)
        assert done.returncode == 2 and done.stdout == "", argv
        assert said in done.stderr, (argv, done.stderr)


def test_version_names_the_libraries(world):
    out = world.loa("--version").stdout
    assert re.match(r"loa \d+\.\d+\.\d+\n", out)
    for name in ("libcurl", "libsmpp34", "hiredis", "libevent"):
        assert re.search(rf"^{name} \d+\.\d+", out, re.M), out


def test_every_mistake_of_the_configuration_is_told(world):
    world.config = write(world, "loa.yaml", "redis: { ulr: x }\nlinks:\n  - kind: smp\n")
    done = world.loa("check", ok=False)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.splitlines() == [
        f"{world.config}:1: channels: is missing (sms, zalo, telegram)",
        f"{world.config}:1: redis.ulr: unknown key; did you mean 'url'?",
        f"{world.config}:3: links[0].kind: unknown word 'smp'; smpp, zalo_template, zalo_oa, "
        "telegram or http_sms would be right",
        f"{world.config}:3: links[0].name: is missing (as channels name it)",
    ]
    for command in ("list", "status X", "report X", "stats", "gateway", "members list"):
        assert world.loa(*command.split(), ok=False).returncode == 2, command
    done = world.loa("list", "-c", "/nowhere/loa.yaml", ok=False)
    assert done.returncode == 2 and "/nowhere/loa.yaml: cannot be read" in done.stderr


def test_check_tries_every_connection(office):
    out = office.loa("check").stdout
    assert re.search(r"^ok +redis +Redis 7\.", out, re.M), out
    assert re.search(r"^ok +links\.link1 +127\.0\.0\.1:\d+, bound as loa", out, re.M), out
    assert all(x["ok"] for x in json.loads(office.loa("check", "--json").stdout))
    assert not office.r.keys("loa:stats*")  # a look, no more
    office.smsc.reload("bind 0x0000000e\n")
    done = office.loa("check", ok=False)
    assert done.returncode == 1 and re.search(r"^FAILED links\.link1 ", done.stdout, re.M)
    office.smsc.stop()
    office.redis.stop()
    done = office.loa("check", ok=False)
    assert done.returncode == 1
    assert len(re.findall(r"^FAILED (redis|links)", done.stdout, re.M)) == 2, done.stdout


def test_check_tries_the_address_that_a_provider_file_names(office):
    provider = write(office, "esms.yaml", (
        'url: "http://127.0.0.1:1/send?to=${to|url}"\nbody: "${text.ascii|url}"\nok: "100"\n'
    ))
    with open(office.config, encoding="utf-8") as f:
        text = f.read()
    text = text.replace(
        "\nlinks:\n",
        f"\nlinks:\n  - {{ name: esms, kind: http_sms, provider_file: {provider} }}\n",
    )
    write(office, "loa.yaml", text)
    out = office.loa("check", ok=False).stdout
    assert re.search(r"^FAILED +links\.esms +http://127\.0\.0\.1:1: .*connect", out, re.M), out


def test_an_announcement_waits_for_a_gateway(office):
    path = write(office, "a.txt", "Họp chi bộ\nTối nay 19h tại nhà văn hoá.\n")
    done = office.loa("send", path)
    id_ = done.stdout.strip()
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{9}\n", done.stdout) and done.stderr == ""
    status = office.status(id_)
    assert list(status) == STATUS_KEYS and status["state"] == "announced"
    assert (status["title"], status["total"]) == ("Họp chi bộ", 0)
    entry = office.r.xrange("loa:announcements")[0][1]
    assert entry["title"] == "Họp chi bộ" and entry["id"] == id_ and entry["by"]
    done = office.loa("report", id_, "--csv", ok=False)
    assert done.returncode == 1 and done.stdout == "" and "loa gateway" in done.stderr
    again = office.loa("send", path, "--id", id_, "--title", "Khác")
    assert again.stdout == f"{id_}\n" and "not sent again" in again.stderr
    assert office.r.xlen("loa:announcements") == 1


def test_options_win_over_the_file(office):
    path = write(office, "a.json", json.dumps({
        "title": "T", "body": "B", "url": "https://a.vn/1", "priority": "urgent",
        "audience": "chibo-3", "id": "J1"}))
    office.loa("send", path)
    office.loa("send", path, "--id", "J2", "--to", "chibo-3&!youth", "--priority", "emergency",
               "--title", "T2", "--url", "https://a.vn/2", "--channels", "sms", "--by", "An",
               "--at", "2030-01-02 03:04", "--expires", "2030-01-03T00:00:00Z")
    first, second = (fields for _, fields in office.r.xrange("loa:announcements"))
    assert (first["id"], first["priority"], first["audience"]) == ("J1", "urgent", "chibo-3")
    assert {k: second[k] for k in second if k != "body"} == {
        "title": "T2", "url": "https://a.vn/2", "id": "J2", "priority": "emergency",
        "audience": "chibo-3&!youth", "channels": "sms", "by": "An",
        "send_at": "2030-01-02T03:04:00+07:00", "expires_at": "2030-01-03T07:00:00+07:00"}


@pytest.mark.parametrize("argv, said", [
    (["--to", "chibo-4"], "did you mean 'chibo-"),
    (["--to", "a,,b"], "audience"),
    (["--priority", "high"], "priority: 'high' is not normal, urgent or emergency"),
    (["--channels", "zalo"], "channels: there is no channel 'zalo'"),
    (["--id", "a b"], "id: 'a b' is not"),
    (["--url", "ftp://x"], "url"),
    (["--at", "yesterday"], "--at: "),
    (["--title", ""], "title"),
])
def test_send_refuses_what_the_gateway_would(office, argv, said):
    path = write(office, "a.json", '{"title": "T", "body": "B"}')
    done = office.loa("send", path, *argv, ok=False)
    assert done.returncode == 1 and done.stdout == "" and said in done.stderr, done.stderr
    assert not office.r.exists("loa:announcements")


def test_send_says_what_is_wrong_with_a_file(office):
    for name, text, said in (
        ("a.json", '{"title": "T", "boby": "B"}', "boby"),
        ("b.json", "{", "b.json"),
        ("c.txt", "", "title: missing"),
    ):
        done = office.loa("send", write(office, name, text), ok=False)
        assert done.returncode == 1 and said in done.stderr, done.stderr
    done = office.loa("send", "/nowhere/x.html", ok=False)
    assert done.returncode == 1 and "/nowhere/x.html cannot be read" in done.stderr


def test_wait_shows_progress_and_ends_with_the_outcome(office):
    office.start_gateway()
    office.wait_bound()
    done = office.loa("send", "-", "--id", "W1", "--wait", stdin="Họp\nTối nay.\n")
    assert done.stdout == "W1\n"
    assert re.search(r"^done 100% of 3 · .*skipped 1$", done.stderr, re.M), done.stderr
    assert "\r" not in done.stderr and "\x1b" not in done.stderr
    status = office.status("W1")
    assert list(status) == STATUS_KEYS and sum(status[x] for x in LETTERS.values()) == 3
    office.smsc.reload("bind ok\nerror 0x0000000b for 84*\n")
    done = office.loa("send", "-", "--id", "W2", "--wait", stdin="Họp\nTối nay.\n", ok=False)
    assert done.returncode == 1 and "members not reached: 2" in done.stderr, done.stderr
    rows = office.loa("report", "W2", "--csv").stdout.splitlines()
    assert rows[1].startswith("m1,8490****001,sms,link1,failed,invalid-destination (0x0000000b),1")
    assert [x["id"] for x in json.loads(office.loa("list", "--json").stdout)] == ["W2", "W1"]
    wait(lambda: office.stat("messages_failed") == 2, "counted failures")
    stats = json.loads(office.loa("stats", "--json").stdout)
    assert stats["totals"]["messages_failed"] == 2
    assert stats["links"]["link1"]["state"] == "bound"
    assert len(stats["workers"]) == 1


def test_a_refused_announcement_is_told_by_wait(office):
    office.start_gateway()
    office.wait_bound()
    office.announce(id="BAD", audience="nobody-here")
    wait(lambda: office.rejected(), "refusal")
    status = office.status("BAD")
    assert status["state"] == "rejected" and "nobody-here" in status["error"]
    done = office.loa("report", "BAD", ok=False)
    assert done.returncode == 1 and "nobody-here" in done.stderr


def test_an_unknown_id_says_what_to_do(office):
    for command in ("status", "report"):
        done = office.loa(command, "nope", ok=False)
        assert done.returncode == 1 and done.stdout == ""
        assert done.stderr == (
            f"loa {command}: there is no broadcast 'nope'; 'loa list' shows those there are\n")


def on_a_terminal(world, *argv, columns=60):
    """What a command shows on a terminal of that width."""
    child, parent = pty.openpty()
    env = {**os.environ, "LOA_CONFIG": world.config, "COLUMNS": str(columns), "TERM": "xterm",
           "LANG": "vi_VN.UTF-8", "LC_ALL": ""}
    env.pop("NO_COLOR", None)
    with subprocess.Popen([LOA, *argv], stdin=subprocess.DEVNULL, stdout=parent, stderr=parent,
                          env=env) as process:
        os.close(parent)
        seen = b""
        while True:
            try:
                piece = os.read(child, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
    os.close(child)
    return process.returncode, seen.decode()


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)


def test_a_terminal_gets_a_bar_in_place_colours_and_vietnamese(office):
    office.start_gateway()
    office.wait_bound()
    path = write(office, "a.txt", "Họp chi bộ\nTối nay.\n")
    code, seen = on_a_terminal(office, "send", path, "--id", "P1", "--wait", columns=100)
    assert code == 0 and "\r\x1b[K" in seen and "\x1b[32m" in seen and "bỏ qua 1" in seen
    for columns in (40, 60, 80, 200):
        for argv in (["list"], ["report", "P1"], ["status", "P1"], ["members", "list"]):
            code, seen = on_a_terminal(office, *argv, columns=columns)
            assert code == 0
            if columns >= 80 and argv[0] in ("status", "members"):
                assert max(len(x) for x in plain(seen).splitlines()) <= columns, seen


def test_nothing_from_outside_reaches_the_terminal_raw(office):
    office.announce(id="EVIL", title="a\x1b]0;x\x07b\nc")
    for argv in (["list"], ["status", "EVIL"]):
        out = office.loa(*argv).stdout
        assert "\x1b" not in out and "\x07" not in out


def test_the_directory(office):
    out = office.loa("members", "list").stdout.splitlines()
    assert len(out) == 4 and "8490****001" in out[1] and "0900000001" not in "".join(out)
    rows = json.loads(office.loa("members", "list", "chibo-3&!youth", "--json", "--full").stdout)
    assert [x["id"] for x in rows] == ["m3"] and rows[0]["phone"] == "12"
    one = json.loads(office.loa("members", "show", "+84 900 000 002", "--json").stdout)
    assert (one["id"], one["groups"], one["opted_out"]) == ("m2", ["chibo-7"], False)
    office.import_members(0, rows=["t1,Tele,,,777,", "t2,Both,12,,778,"])
    state = lambda who: json.loads(office.loa("members", "show", who, "--json").stdout)["state"]
    assert (state("t1"), state("t2")) == ("ok", "ok")
    assert office.loa("members", "opt-out", "t1").stdout == "t1 gets no messages any more\n"
    one = json.loads(office.loa("members", "show", "t1", "--json").stdout)
    assert one["opted_out_of"] == ["sms", "zalo", "telegram"] and one["state"] == "opted-out"
    office.loa("members", "opt-in", "t1", "--channel", "telegram")
    office.loa("members", "opt-out", "t2", "--channel", "telegram")
    one = json.loads(office.loa("members", "show", "t2", "--json").stdout)
    assert (one["opted_out"], one["opted_out_of"], one["state"]) == (
        False, ["telegram"], "opted-out")
    assert office.loa("members", "opt-out", "t1", "--channel", "fax", ok=False).returncode == 2
    done = office.loa("members", "show", "nobody", ok=False)
    assert done.returncode == 1 and "'loa members list'" in done.stderr
    done = office.loa("members", "list", "chibo-4", ok=False)
    assert done.returncode == 1 and "did you mean 'chibo-" in done.stderr
    path = write(office, "m.csv", "id,name,phone,zalo_uid,telegram_chat,groups\n"
                                  ",X,0900000009,,,\nm9,Y,0900000009,,,new\n")
    done = office.loa("members", "import", path, "--dry-run", ok=False)
    assert done.returncode == 1 and f"{path}:2: left out: " in done.stderr
    assert office.loa("members", "show", "m9", ok=False).returncode == 1
    twice = write(office, "t.csv", "id,name,phone,zalo_uid,telegram_chat,groups\n"
                                   "d1,X,0900000077,,,\nd2,Y,+84900000077,,,\nd3,Z,0900000078,,,\n")
    dry, wet = (json.loads(office.loa("members", "import", twice, "--json", *o).stdout)
                for o in (["--dry-run"], []))
    assert dry["sharing"] == wet["sharing"] > 0 and dry["added"] == wet["added"] == 3
    counts = json.loads(office.loa("members", "import", path, "--json", ok=False).stdout)
    assert (counts["lines"], counts["added"], counts["invalid"]) == (2, 1, 1)
    assert office.loa("members", "show", "m9").returncode == 0
