"""What an integration test stands on: a private Redis, simulated SMSCs, the gateway, and waiting.

A World owns a directory and every process that it started, on free ports and unix sockets, so that
tests run side by side.  Nothing here sleeps for a time: wait() looks until a condition holds or its
deadline is over.  Closing a World ends its processes by their own handles, and fails the test when
a gateway did not end cleanly or a sanitizer spoke.
"""
# SPDX-License-Identifier: MIT
import collections
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

import redis

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LOA = os.path.abspath(os.environ.get("LOA_BIN", os.path.join(ROOT, "build/loa")))
SMSC = os.path.abspath(os.environ.get("SMSC_BIN", os.path.join(ROOT, "build/smsc")))

SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|UndefinedBehavior")
LETTERS = {
    "q": "queued",
    "s": "sending",
    "r": "retrying",
    "?": "uncertain",
    "a": "accepted",
    "d": "delivered",
    "u": "undelivered",
    "f": "failed",
    "k": "skipped",
    "x": "expired",
}
ENDED = ("done", "cancelled", "expired", "rejected")

SUBMIT_FIELDS = (
    "sequence number status id esm_class data_coding ref total part answered sender registered text"
).split()
Submit = collections.namedtuple("Submit", ["at_us", "session", *SUBMIT_FIELDS])
Event = collections.namedtuple("Event", "event at_us session fields")

# One moment of a broadcast; a script that only reads is let through when memory is full.
LOOK = """#!lua flags=no-writes
return {redis.call('HGETALL', KEYS[1]), redis.call('GET', KEYS[2])}"""

CONFIG = """\
redis: {{ url: "unix://{redis}?db=0" }}
channels:
  sms: {{ links: [{links}], diacritics: {diacritics}, max_parts: {max_parts}, price_per_part: 500 }}
default_channels: [sms]
links:
{link_blocks}
retry: {{ attempts: {attempts}, first: {retry_first}, max: 2s }}
uncertain_wait: {uncertain_wait}
on_uncertain: {on_uncertain}
"""
LINK = """\
  - name: {name}
    kind: smpp
    host: 127.0.0.1
    port: {port}
    system_id: loa
    password: secret
    source: QUANBTL
"""


def wait(condition, what, seconds=20):
    """Returns the first truthy value of condition(); fails when there is none in time."""
    end = time.monotonic() + seconds
    pause = 0.005
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"in {seconds} s there was no {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def phone(n):
    """The n-th made-up number, as an SMSC sees it."""
    return f"84{900000000 + n}"


class Process:
    """A child with its output in a file; ended by its own handle only."""

    def __init__(self, argv, log, env=None, stdout=None):
        self.log = log
        with open(log, "wb") as err:
            self.child = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=stdout or err, stderr=err,
                env={**os.environ, **(env or {})},
            )

    @property
    def running(self):
        return self.child.poll() is None

    def signal(self, number):
        if self.running:
            self.child.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.child.wait()

    def ended(self, seconds=20):
        """Waits for the end by itself; returns the exit code."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.child.args[0]} did not end in {seconds} s") from None

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()


class Redis:
    """A private redis-server on a unix socket, with AOF, in its own directory."""

    def __init__(self, folder, settings=(), ignoring=None):
        self.folder, self.settings = os.path.join(folder, "redis"), list(settings)
        self.before = ["env", f"--ignore-signal={ignoring}"] if ignoring else []
        self.socket = os.path.join(folder, "redis.sock")
        self.process = None
        os.mkdir(self.folder)

    def start(self):
        argv = [*self.before, "redis-server"]
        argv += ["--port", "0", "--unixsocket", self.socket, "--dir", self.folder]
        argv += ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]
        self.process = Process([*argv, *self.settings], os.path.join(self.folder, "log"))
        self.client = redis.Redis(
            unix_socket_path=self.socket, decode_responses=True, socket_timeout=30
        )
        wait(self._answers, "answer of Redis")
        return self

    def _answers(self):
        assert self.process.running, self.process.text()
        try:
            return self.client.ping()
        except redis.RedisError:
            return False

    def stop(self):
        """A clean end; everything is in the AOF."""
        if self.process and self.process.running:
            self.process.signal(signal.SIGTERM)
            self.process.ended()

    def kill(self):
        self.process.kill()


class Smsc:
    """A simulated SMSC; `case` is the text of its case file."""

    def __init__(self, folder, name, case, options=()):
        self.base = os.path.join(folder, name)
        self.options, self.port, self.runs = list(options), 0, 0
        self.capture = os.environ.get("LOA_CAPTURE") if "--pcap" not in options else None
        self.process, self.position, self.lines = None, 0, []
        self.write_case(case)

    def write_case(self, case):
        with open(self.base + ".case", "w", encoding="utf-8") as f:
            f.write(case)

    def start(self):
        """Starts (again: on the same port)."""
        self.runs += 1
        self.read()
        self.position = 0
        self.log = f"{self.base}-{self.runs}.tsv"
        self.summary_file = f"{self.base}-{self.runs}.json"
        argv = [SMSC, "--listen", f"127.0.0.1:{self.port}", "--case", self.base + ".case"]
        argv += ["--log", self.log, "--summary", self.summary_file, *self.options]
        if self.capture:  # a folder: what tests/run shows to tshark when all is over
            folder, name = os.path.split(f"{self.base}-{self.runs}.pcap")
            argv += ["--pcap", os.path.join(self.capture, f"{os.path.basename(folder)}-{name}")]
        out = self.base + ".port"
        with open(out, "wb") as stdout:
            self.process = Process(argv, f"{self.base}-{self.runs}.err", stdout=stdout)
        self.port = int(wait(lambda: self._port(out), "port of the simulator"))
        return self

    def _port(self, out):
        assert self.process.running, self.process.text()
        with open(out, encoding="utf-8") as f:
            text = f.read()
        return text.strip() if text.endswith("\n") else None

    def reload(self, case):
        """Another behaviour from now on."""
        self.write_case(case)
        seen = len(self.events("case"))
        self.process.signal(signal.SIGHUP)
        wait(lambda: len(self.events("case")) > seen, "reading of the case")

    def stop(self):
        self.process.signal(signal.SIGTERM)
        self.process.ended()

    def kill(self):
        self.process.kill()

    def read(self):
        """All whole log lines so far, of every run."""
        if not self.process or not os.path.exists(self.log):
            return self.lines
        with open(self.log, encoding="utf-8", newline="\n") as f:
            f.seek(self.position)
            text = f.read()
        whole, _, _ = text.rpartition("\n")
        if whole:
            self.position += len(whole.encode()) + 1
            self.lines += [line.split("\t") for line in whole.split("\n")]
        return self.lines

    def events(self, *kinds):
        return [
            Event(line[0], int(line[1]), int(line[3]), line[4:])
            for line in self.read()
            if line[0] in kinds
        ]

    def submits(self):
        return [
            Submit(int(line[1]), int(line[3]), *line[4:])
            for line in self.read()
            if line[0] == "submit"
        ]

    def submits_n(self):
        return sum(1 for line in self.read() if line[0] == "submit")

    def quiet_seconds(self):
        """Since the last submit."""
        return time.monotonic() - self.submits()[-1].at_us / 1e6

    def told(self):
        """How often each phone got the text, part 1 of it where there are several."""
        told = collections.Counter()
        for s in self.submits():
            if s.status == "0x00000000" and int(s.part) <= 1:
                told[s.number, s.text] += 1
        return told

    def errors(self):
        return [" ".join(e.fields) for e in self.events("error")]

    def summary(self):
        """The counts at this moment."""
        if self.process.running:
            if os.path.exists(self.summary_file):
                os.unlink(self.summary_file)
            self.process.signal(signal.SIGUSR1)
            wait(lambda: os.path.exists(self.summary_file), "summary of the simulator")
        with open(self.summary_file, encoding="utf-8") as f:
            return json.load(f)


def times(world):
    """When the SMSC read each submit, by its own clock (µs)."""
    return [s.at_us for s in world.smsc.submits()]


# The second in which no more than the rate may come; on a starved machine (see `measured`) the
# SMSC reads late, and much at once.
SECOND_US = {1: 1_000_000, 0.6: 900_000}


def most_in(at, window_us=1_000_000):
    """The most that came in any window of that length."""
    most = first = 0
    for last, t in enumerate(at):
        while at[first] <= t - window_us:
            first += 1
        most = max(most, last - first + 1)
    return most


def rate_of(at):
    return (len(at) - 1) / ((at[-1] - at[0]) / 1e6)


class World:
    """One test's processes and files."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="loa-")
        self.redis, self.smscs, self.gateways, self.closers = None, [], [], []
        self.secrets = None  # a pattern that no log may have
        self.config = os.path.join(self.folder, "loa.yaml")
        self.settings = {
            "diacritics": "strip",
            "max_parts": 3,
            "attempts": 5,
            "retry_first": "200ms",
            "uncertain_wait": "300ms",
            "on_uncertain": "resend",
        }

    # -- parts ---------------------------------------------------------------------------------

    def start_redis(self, *settings, ignoring=None):
        self.redis = Redis(self.folder, settings, ignoring).start()
        return self.redis

    @property
    def r(self):
        return self.redis.client

    def start_smsc(self, case="bind ok\nreceipts final after 50ms\n", options=()):
        smsc = Smsc(self.folder, f"smsc{len(self.smscs) + 1}", case, options)
        self.smscs.append(smsc)
        return smsc.start()

    @property
    def smsc(self):
        return self.smscs[0]

    def configure(self, redis_socket=None, ports=None, senders=None, **settings):
        """Writes loa.yaml; what is no setting of World is a key of every link.  The channel has the
        first `senders` links, or all."""
        own = {k: settings.pop(k) for k in list(settings) if k in self.settings}
        self.settings.update(own)
        extra = "".join(f"    {key}: {value}\n" for key, value in settings.items())
        ports = ports or [s.port for s in self.smscs]
        blocks = [LINK.format(name=f"link{i + 1}", port=p) + extra for i, p in enumerate(ports)]
        names = ", ".join(f"link{i + 1}" for i in range(senders or len(ports)))
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(
                CONFIG.format(
                    redis=redis_socket or os.path.join(self.folder, "redis.sock"),
                    links=names, link_blocks="".join(blocks), **self.settings,
                )
            )

    def start_gateway(self, *options, config=None):
        log = os.path.join(self.folder, f"gateway-{len(self.gateways) + 1}.log")
        env = {"LOA_CONFIG": config or self.config, "RUNTIME_DIRECTORY": self.folder}
        gateway = Process([LOA, "gateway", *options], log, env)
        self.gateways.append(gateway)
        return gateway

    @property
    def gateway(self):
        return self.gateways[-1]

    def wait_bound(self, seconds=20):
        def bound():
            assert self.gateway.running, self.gateway.text()
            return all(s.events("bind") for s in self.smscs)

        wait(bound, "bind of the gateway", seconds)

    def start(self, members=0, case=None, **settings):
        """The usual beginning: Redis, one SMSC, members, the gateway bound."""
        self.start_redis()
        self.start_smsc(*([case] if case is not None else []))
        self.configure(**settings)
        if members:
            self.import_members(members)
        self.start_gateway()
        self.wait_bound()
        return self

    # -- the command line ----------------------------------------------------------------------

    def loa(self, *argv, stdin=None, ok=True, seconds=60):
        """Runs a subcommand; with `ok` it must exit 0."""
        done = subprocess.run(
            [LOA, *argv], input=stdin, capture_output=True, text=True, timeout=seconds,
            env={**os.environ, "LOA_CONFIG": self.config}, check=False,
        )
        assert not SANITIZER.search(done.stderr), done.stderr
        if ok:
            assert done.returncode == 0, f"loa {' '.join(argv)}: {done.stderr}{done.stdout}"
        return done

    def status(self, id_):
        return json.loads(self.loa("status", id_, "--json").stdout)

    def import_members(self, n, first=0, groups="", rows=None, more=""):
        """The members first … first+n-1 of the made-up numbers, or rows of the CSV, which may have
        `more` columns (",prefer")."""
        path = os.path.join(self.folder, "members.csv")
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"id,name,phone,zalo_uid,telegram_chat,groups{more}\n")
            for i in range(first, first + n) if rows is None else ():
                f.write(f"m{i},Member {i},0{900000000 + i},,,{groups}\n")
            for row in rows or ():
                f.write(row + "\n")
        return self.loa("members", "import", path)

    def announce(self, **fields):
        """XADD as a portal does it; returns the stream entry."""
        fields = {"title": "Thong bao hop chi bo", "body": "Moi cac dong chi den du.", **fields}
        return self.r.xadd("loa:announcements", {k: v for k, v in fields.items() if v is not None})

    # -- what became of it ---------------------------------------------------------------------

    def key(self, id_):
        return f"loa:broadcast:{{{id_}}}"

    def look(self, id_):
        """The broadcast's hash and letters of one moment; asserts that they agree."""
        key = self.key(id_)
        flat, letters = self.r.eval(LOOK, 2, key, key + ":states")
        fields = dict(zip(flat[::2], flat[1::2]))
        if fields:
            agree(fields, letters or "")
        return fields, letters or ""

    def wait_state(self, id_, state="done", seconds=40):
        """Waits for the broadcast's state, checking its counts at every look."""

        def reached():
            assert self.gateway.running, self.gateway.text()[-3000:]
            fields, _ = self.look(id_)
            return fields if fields.get("state") == state else None

        return wait(reached, f"state {state} of {id_}", seconds)

    def wait_letters(self, id_, letters, n, seconds=40):
        """Waits until n members have one of these letters."""

        def reached():
            assert self.gateway.running, self.gateway.text()[-3000:]
            _, have = self.look(id_)
            return sum(have.count(x) for x in letters) >= n and have

        return wait(reached, f"{n} × {letters} of {id_}", seconds)

    def stat(self, name):
        return int(self.r.hget("loa:stats", name) or 0)

    def wait_stat(self, name, n, seconds=10):
        try:
            wait(lambda: self.stat(name) == n, name, seconds)
        except AssertionError:
            raise AssertionError(f"loa:stats {name} is {self.stat(name)}, not {n}") from None

    def rejected(self):
        return [fields for _, fields in self.r.xrange("loa:announcements:rejected")]

    def settled(self, id_, total, uncertain_most=0):
        """The promises about a broadcast that has ended; `uncertain_most` is the window."""
        letters, status, report = wait(lambda: self._still(id_), "moment without a receipt")
        assert status["total"] == total == len(letters) == len(report)
        assert not set(letters) & set("qsr"), collections.Counter(letters)
        for letter, name in LETTERS.items():
            assert status[name] == letters.count(letter), (name, status)
        assert sum(status[name] for name in LETTERS.values()) == total
        outcomes = collections.Counter(row["outcome"] for row in report)
        assert outcomes == collections.Counter(LETTERS[x] for x in letters)
        self.check_told(uncertain_most)
        self.check_stats()
        return status

    def _still(self, id_):
        """Letters, status and report of a moment in which no receipt came between them."""
        _, letters = self.look(id_)
        status, report = self.status(id_), self.report(id_)
        return (letters, status, report) if self.look(id_)[1] == letters else None

    def check_told(self, uncertain_most=0):
        """Nobody twice but those who were uncertain, and of these at most the window."""
        told = collections.Counter()
        for smsc in self.smscs:
            told.update(smsc.told())
        again = sum(n - 1 for n in told.values())
        assert again <= uncertain_most, f"{again} told again, {uncertain_most} at most"
        wait(lambda: self.stat("messages_uncertain") >= again, "each of them uncertain", 5)
        return again

    def check_stats(self):
        """loa:stats is the sum of what the broadcasts count."""
        names = [f"messages_{name}" for name in LETTERS.values() if name != "sending"]
        names[names.index("messages_retrying")] = "messages_retried"

        def wrong():
            sums = collections.Counter()
            for id_ in self.r.zrange("loa:broadcasts", 0, -1):
                fields = self.r.hgetall(self.key(id_))
                sums.update({n: int(fields.get(f"stat:{n}", 0)) for n in names})
            return [f"{n} {self.stat(n)} ≠ {sums[n]}" for n in names if self.stat(n) != sums[n]]

        last = []
        try:
            wait(lambda: last.append(wrong()) or not last[-1], "agreement of loa:stats", 10)
        except AssertionError:
            raise AssertionError(f"loa:stats: {last[-1]}") from None

    def report(self, id_):
        import csv

        out = self.loa("report", id_, "--csv", "--full").stdout
        return list(csv.DictReader(out.splitlines()))

    # -- the end -------------------------------------------------------------------------------

    def trace(self):
        """What to show of a test that failed."""
        for gateway in self.gateways:
            yield os.path.basename(gateway.log), gateway.text()[-4000:]
        for smsc in self.smscs:
            yield os.path.basename(smsc.base), "\n".join(smsc.errors()[-20:])

    def close(self, check=True):
        """Ends everything; with `check` the gateways must end cleanly and nobody at fault."""
        faults = []
        try:
            for gateway in self.gateways:
                faults += self.end_gateway(gateway) if check else []
            for smsc in self.smscs if check else ():
                faults += [f"{os.path.basename(smsc.base)}: {e}" for e in smsc.errors()]
            for process in [*self.gateways, *(s.process for s in self.smscs)]:
                if SANITIZER.search(process.text()):
                    faults.append(process.text()[-6000:])
                if check and self.secrets and self.secrets.search(process.text()):
                    faults.append(f"{process.log}: {self.secrets.search(process.text())}")
        finally:
            for process in [*self.gateways, *(s.process for s in self.smscs if s.process)]:
                process.signal(signal.SIGCONT)
                process.kill()
            if self.redis and self.redis.process:
                self.redis.process.kill()
            for closer in self.closers:
                closer()
            shutil.rmtree(self.folder, ignore_errors=True)
        assert not faults, "\n".join(faults)

    def waited_for_cores_s(self):
        """How long a gateway or SMSC was ready to run and had no core: who had to wait most."""
        waited = [0]
        for process in [*self.gateways, *(s.process for s in self.smscs if s.process)]:
            try:
                with open(f"/proc/{process.child.pid}/schedstat", encoding="ascii") as f:
                    waited.append(int(f.read().split()[1]) / 1e9)
            except OSError:
                continue  # it has ended, or the kernel does not count that
        return max(waited)

    def end_gateway(self, gateway):
        if not gateway.running:
            return []
        gateway.signal(signal.SIGTERM)
        code = gateway.ended(20)
        return [] if code == 0 else [f"the gateway ended with {code}"]


def agree(fields, letters):
    """The counts of a broadcast always equal what its letters say."""
    for letter, name in LETTERS.items():
        count = int(fields.get(name) or 0)
        assert count == letters.count(letter), (
            f"{name} is counted {count}, there are {letters.count(letter)} letters"
        )
    assert int(fields["total"]) == len(letters), fields["total"]
