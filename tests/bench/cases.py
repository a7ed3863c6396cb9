"""What is measured: each case takes a Bench and returns a row; run() takes them in turn."""
# SPDX-License-Identifier: MIT
import time

from rig import Front, Smsc, peak_mib, wait_for

TEXT = ("Hop to dan pho so 7 luc 19h30 thu Tu ngay 02/12 tai nha van hoa. "
        "Moi cac ho dan den dung gio, dong du.")
LONG = " ".join([TEXT] * 4)[:400]  # three parts of at most 153
NAMED = "{name}: " + TEXT  # made for each member
LATE = "latency 20ms"


class Bench:
    """The rig with its SMSCs, and how much of everything."""

    def __init__(self, rig, quick):
        self.rig, self.quick = rig, quick
        share = 4 if quick else 1
        self.directory = 1_000_000 // share
        self.sizes = {"many": 200_000 // share, "late": 96_000 // share, "some": 48_000 // share,
                      "few": 8_000 // share, "least": 1_024, "duty": 10}
        self.kannel_messages = 30_000 // share
        self.smscs = {}

    def smsc(self, case="bind ok"):
        """One SMSC a behaviour, kept."""
        if case not in self.smscs:
            self.smscs[case] = Smsc(self.rig, f"smsc-{len(self.smscs)}", case)
        return self.smscs[case]

    def import_members(self):
        path = f"{self.rig.folder}/members.csv"
        with open(path, "w") as f:
            f.write("id,name,phone,zalo_uid,telegram_chat,groups\n")
            for i in range(self.directory):
                groups = ";".join(g for g, n in self.sizes.items() if i < n)
                f.write(f"m{i},Nguyễn Thị Hoa {i % 1000},09{i:08d},,,{groups}\n")
        self.rig.configure(self.smsc())
        began = time.monotonic()
        self.rig.loa("members", "import", path)
        return time.monotonic() - began

    def loa(self, group="many", case="bind ok", window=1000, receipts="none", n=1, text=TEXT,
            extra=""):
        self.rig.configure(self.smsc(case), window, receipts, extra)
        return self.rig.broadcast(self.sizes[group], group, text, n)

    def tls(self):
        """Over TLS; the SMSC is the one in the clear, its front takes a core of its own."""
        front = Front(self.rig, self.smsc())
        self.rig.configure(front, extra=front.keys())
        row = self.rig.broadcast(self.sizes["many"], "many", TEXT)
        self.rig.end(front.process)
        return row

    def pump(self, mode, group="many", case="bind ok", window=1000):
        return self.rig.pump(mode, self.smsc(case), window, self.sizes[group])

    def kannel(self, store, case="bind ok"):
        smsc = Smsc(self.rig, f"kannel-{time.monotonic_ns()}", case)
        row = self.rig.kannel(smsc, store, 1000, self.kannel_messages, TEXT)
        self.rig.end(smsc.process)
        return row

    def always(self, **options):
        self.rig.redis("CONFIG", "SET", "appendfsync", "always")
        row = self.loa(**options)
        self.rig.redis("CONFIG", "SET", "appendfsync", "everysec")
        return row


# Name → what to call.  In the order of the table; taken in turn, one round after the other.
IN_TURN = {
    "pump, libsmpp34": lambda b: b.pump("lib"),
    "pump, template": lambda b: b.pump("template"),
    "Redis alone, the same letters": lambda b: b.rig.durapump(b.sizes["many"]),
    "durapump: letters and template": lambda b: b.rig.durapump(b.sizes["many"], b.smsc()),
    "Loa": lambda b: b.loa(),
    "Loa, message ids kept": lambda b: b.loa(receipts="final"),
    "Loa, receipts flowing": lambda b: b.loa("some", "receipts final", receipts="final"),
    "Loa, three parts": lambda b: b.loa("late", text=LONG),
    "Loa, each by name": lambda b: b.loa(text=NAMED),
    "Loa, appendfsync always": lambda b: b.always(),
    "Loa, TLS": lambda b: b.tls(),
    "Loa, 2 gateways": lambda b: b.loa(n=2),
    "Loa, 4 gateways": lambda b: b.loa(n=4),
    "Loa, window 100": lambda b: b.loa("late", window=100),
    "Loa, window 10": lambda b: b.loa("some", window=10),
    "pump, template, window 100": lambda b: b.pump("template", "late", window=100),
    "pump, template, window 10": lambda b: b.pump("template", "some", window=10),
    "20 ms: Loa, window 1000": lambda b: b.loa("late", LATE),
    "20 ms: pump, window 1000": lambda b: b.pump("template", "late", LATE),
    "20 ms: Loa, window 100": lambda b: b.loa("few", LATE, 100),
    "20 ms: pump, window 100": lambda b: b.pump("template", "few", LATE, 100),
    "20 ms: Loa, window 10": lambda b: b.loa("least", LATE, 10),
    "20 ms: pump, window 10": lambda b: b.pump("template", "least", LATE, 10),
    "Kannel, no store": lambda b: b.kannel(False),
    "Kannel, Redis": lambda b: b.kannel(True),
    "20 ms: Kannel, no store": lambda b: b.kannel(False, LATE),
    "20 ms: Kannel, Redis": lambda b: b.kannel(True, LATE),
}


def run(bench, rounds, say):
    """Every case once a round; returns name → rows."""
    rows = {name: [] for name in IN_TURN}
    for i in range(rounds):
        for name, case in IN_TURN.items():
            row = case(bench)
            rows[name].append(row)
            say(f"  round {i + 1} of {rounds}: {name}: {row['rate']:,.0f}/s")
    return rows


# ---- Once: memory, latency, rates.


def million(bench):
    """Redis and gateway with a broadcast to the whole directory under way, at full speed."""
    rig = bench.rig
    rig.configure(bench.smsc())
    before = used_memory(rig.redis)
    gateway, = rig.gateways()
    name, _ = rig.announce("all", TEXT)
    rig.wait_done(name)
    result = {"members": bench.directory, "rss_mib": peak_mib(gateway.pid),
              "redis_mib": (used_memory(rig.redis) - before) / 2**20}
    rig.end(gateway)
    rig.forget()
    return result


def used_memory(redis):
    lines = redis("INFO", "memory").splitlines()
    return int(next(line for line in lines if line.startswith("used_memory:")).split(":")[1])


def planning(bench):
    """Seconds until the whole directory is planned while the link lets nothing through."""
    rig = bench.rig
    rig.configure(bench.smsc(), extra="    rate: 1\n")
    gateway, = rig.gateways()
    began = time.monotonic()
    name, _ = rig.announce("all", TEXT)
    wait_for("the plan", lambda: int(rig.field(name, "planned") or 0) > 0 and
             rig.field(name, "planned") == rig.field(name, "chunks"))
    seconds = time.monotonic() - began
    rig.loa("cancel", name)
    rig.end(gateway)
    rig.forget()
    return seconds


def first_submit(bench, group, times):
    """Milliseconds from the XADD to the first submit_sm at the SMSC, idle: sorted."""
    rig = bench.rig
    smsc = Smsc(rig, f"latency-{group}", "bind ok", log=True)
    rig.configure(smsc)
    gateway, = rig.gateways()
    asked = []
    for _ in range(times):
        name, at_us = rig.announce(group, TEXT)
        rig.wait_done(name)
        asked.append(at_us)
    rig.end(gateway, smsc.process)
    rig.forget()
    submits = [int(line[1]) for line in smsc.log() if line[0] == "submit"]
    first, at, waits = 0, 0, []
    for at in asked:
        while submits[first] < at:
            first += 1
        waits.append((submits[first] - at) / 1000)
    return sorted(waits)


def emergency(bench, times):
    """The same of an emergency to ten members while a broadcast fills the link: sorted."""
    rig = bench.rig
    smsc = Smsc(rig, "emergency", LATE, log=True)
    rig.configure(smsc, window=100)
    gateway, = rig.gateways()
    name, _ = rig.announce("late", TEXT)
    wait_for("the first", lambda: int(rig.field(name, "accepted") or 0) > 0)
    asked = []
    for _ in range(times):
        urgent, at_us = rig.announce("duty", "KHAN: " + TEXT, priority="emergency")
        rig.wait_done(urgent)
        asked.append(at_us)
    if rig.field(name, "state") != "sending":
        raise SystemExit("bench: the broadcast beside the emergencies ended too early")
    rig.loa("cancel", name)
    rig.end(gateway, smsc.process)
    rig.forget()
    submits = [int(x[1]) for x in smsc.log() if x[0] == "submit" and "KHAN" in x[-1]]
    return sorted((next(s for s in submits if s >= at) - at) / 1000 for at in asked)


def allowed(bench, configured, gateways=1, seconds=10):
    """An SMSC that allows 200/s: what got through of that, what was refused, the most a second."""
    rig = bench.rig
    smsc = Smsc(rig, f"allowed-{configured}-{gateways}", "throttle 200/s", log=True)
    rig.configure(smsc, window=100, extra=f"    rate: {configured}\n")
    started = rig.gateways(gateways)
    name, _ = rig.announce("few", TEXT)
    wait_for("the first", lambda: int(rig.field(name, "accepted") or 0) > 0)
    time.sleep(seconds + 2)
    rig.loa("cancel", name)
    rig.end(*started, smsc.process)
    rig.forget()
    submits = [(int(x[1]), int(x[6], 0)) for x in smsc.log() if x[0] == "submit"]
    begin = submits[0][0] + 1_000_000  # the first second finds the rate
    inside = [s for s in submits if begin <= s[0] < begin + seconds * 1_000_000]
    good = [at for at, status in inside if status == 0]
    return {"used": len(good) / (200 * seconds), "refused": 1 - len(good) / len(inside),
            "most": most_in_a_second([at for at, _ in submits]),
            "gap_ms": max(b - a for a, b in zip(good, good[1:])) / 1000}


def most_in_a_second(times):
    most, low = 0, 0
    for high, at in enumerate(times):
        while at - times[low] >= 1_000_000:
            low += 1
        most = max(most, high - low + 1)
    return most
