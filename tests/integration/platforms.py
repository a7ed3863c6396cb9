"""The simulated platforms (Zalo, Telegram, an SMS provider) for integration tests."""
# SPDX-License-Identifier: MIT
import collections
import hashlib
import json
import os
import re
import signal
import socket

from harness import ROOT, SMSC, Process, wait

PLATFORMS = os.path.join(os.path.dirname(SMSC), "platforms")
APP_SECRET, OA_SECRET, APP_ID = "app-secret-of-the-test", "oa-secret-of-the-test", "2074138120372"

SECRETS = re.compile(rf"{APP_SECRET}|{OA_SECRET}|bot-token|hook-secret|(access|refresh)-[0-9]")

Send = collections.namedtuple("Send", "at_us kind address code id tracking how outcome text")

HEAD = """\
redis: {{ url: "unix://{redis}?db=0" }}
channels:
{channels}
links:
{links}
retry: {{ attempts: 5, first: 100ms, max: 500ms }}
uncertain_wait: {doubt}
"""
ZALO = """\
  - name: oa
    kind: zalo_template
    base_url: http://127.0.0.1:{port}
    oauth_url: http://127.0.0.1:{port}
    oa_base_url: http://127.0.0.1:{port}
    app_id: "{app_id}"
    app_secret: {app_secret}
    oa_secret: {oa_secret}
    template_id: "501443"
    rate: {rate}
    parameters: {{ title: "{{title}}", time: "{{published_at}}", link_path: "{{link_path}}" }}
"""
BOT = """\
  - name: bot
    kind: telegram
    base_url: http://127.0.0.1:{port}
    token: "42:bot-token"
    rate: {rate}
    webhook_secret: hook-secret
"""
ESMS = """\
  - name: esms
    kind: http_sms
    provider_file: {folder}/esms.yaml
    source: QUANBTL
    secrets: {{ key: k, sec: s }}
"""
SMPP = """\
  - name: sms
    kind: smpp
    host: 127.0.0.1
    port: {smsc}
    system_id: loa
    password: secret
    source: QUANBTL
    window: 100
"""
BLOCKS = {"zalo": ZALO, "telegram": BOT, "esms": ESMS, "sms": SMPP}
CHANNELS = {"zalo": "zalo: { links: [oa] }", "telegram": "telegram: { links: [bot] }",
            "esms": "sms: { links: [esms] }", "sms": "sms: { links: [sms], price_per_part: 500 }"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Platforms:
    """The simulator's process; `case` is the text of its case file."""

    def __init__(self, world, case=""):
        self.base = os.path.join(world.folder, "platforms")
        self.position, self.rows = 0, []
        self.write_case(case)
        argv = [PLATFORMS, "--case", self.base + ".case", "--log", self.base + ".tsv"]
        with open(self.base + ".port", "wb") as out:
            self.process = Process(argv, self.base + ".err", stdout=out)
        self.port = int(wait(self._port, "port of the platforms"))
        world.closers.append(self.process.kill)

    def _port(self):
        assert self.process.running, self.process.text()
        with open(self.base + ".port", encoding="utf-8") as f:
            text = f.read()
        return text.strip() if text.endswith("\n") else None

    def write_case(self, case):
        head = f"app_secret {APP_SECRET}\noa_secret {OA_SECRET}\napp_id {APP_ID}\n"
        with open(self.base + ".case", "w", encoding="utf-8") as f:
            f.write(head + case)

    def reload(self, case):
        self.write_case(case)
        seen = len(self.of("case"))
        self.process.signal(signal.SIGHUP)
        wait(lambda: len(self.of("case")) > seen, "reading of the case")

    def read(self):
        with open(self.base + ".tsv", encoding="utf-8", newline="\n") as f:
            f.seek(self.position)
            whole, _, _ = f.read().rpartition("\n")
        if whole:
            self.position += len(whole.encode()) + 1
            self.rows += [line.split("\t") for line in whole.split("\n")]
        return self.rows

    def of(self, kind):
        return [row[1:] for row in self.read() if row[0] == kind]

    def sends(self):
        return [Send(int(row[0]), *row[1:]) for row in self.of("send")]

    def told(self):
        """How often each address got something."""
        return collections.Counter(s.address for s in self.sends() if s.outcome == "delivered")

    def renewals(self):
        return self.of("token")


def start(world, *kinds, case="", settings=None, smsc=None, top="", rate=2000,
          channels=None, doubt="200ms"):
    """Redis, the platforms, a configuration with links of these kinds; `settings` adds lines to a
    link, `channels` has others instead, `doubt` is uncertain_wait.  Returns the
    Platforms; the gateway is not started."""
    platforms = Platforms(world, case)
    world.secrets = SECRETS
    world.start_redis()
    if "sms" in kinds:
        world.start_smsc(smsc or "bind ok\nreceipts final after 50ms\n")
    with open(os.path.join(ROOT, "deploy/providers/esms.yaml"), encoding="utf-8") as f:
        text = f.read().replace("https://rest.esms.vn", f"http://127.0.0.1:{platforms.port}/esms")
    with open(os.path.join(world.folder, "esms.yaml"), "w", encoding="utf-8") as f:
        f.write(text)
    names = {"port": platforms.port, "app_id": APP_ID, "app_secret": APP_SECRET,
             "oa_secret": OA_SECRET, "folder": world.folder, "rate": rate,
             "smsc": world.smscs[0].port if world.smscs else 0}
    blocks = "".join(
        BLOCKS[k].format(**names)
        + "".join(f"    {line}\n" for line in (settings or {}).get(k, ()))
        for k in kinds
    )
    with open(world.config, "w", encoding="utf-8") as f:
        f.write(HEAD.format(redis=os.path.join(world.folder, "redis.sock"), links=blocks.rstrip(),
                            doubt=doubt,
                            channels="\n".join("  " + {**CHANNELS, **(channels or {})}[k]
                                                for k in kinds)) + top)
    return platforms


def authorize(world, refresh="refresh-0", name="oa"):
    path = os.path.join(world.folder, "refresh.token")
    with open(path, "w", encoding="utf-8") as f:
        f.write(refresh + "\n")
    return world.loa("link", "authorize", name, "--refresh-token-file", path)


def sign(body):
    """Zalo's signature of a webhook's body."""
    stamp = json.loads(body)["timestamp"]
    return "mac=" + hashlib.sha256(f"{APP_ID}{body}{stamp}{OA_SECRET}".encode()).hexdigest()
