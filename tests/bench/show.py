"""The benchmark's figures as tables and as a plot."""
# SPDX-License-Identifier: MIT
import subprocess

from rig import median

PUMP = "pump, libsmpp34"


def rate(rows, name):
    return median(rows[name], "rate")


def table(rows):
    print(f"\n{'':31}{'msg/s':>11}{'min':>11}{'max':>11}{'/ pump':>8}{'CPU us':>8}{'Redis us':>9}"
          f"{'RSS MiB':>8}")
    for name, runs in rows.items():
        rates = [row["rate"] for row in runs]
        print(f"{name:31}{rate(rows, name):11,.0f}{min(rates):11,.0f}{max(rates):11,.0f}"
              f"{rate(rows, name) / rate(rows, PUMP):8.2f}{cell(runs, 'cpu_us', 8, 2)}"
              f"{cell(runs, 'redis_us', 9, 2)}{cell(runs, 'rss_mib', 8, 1)}")


def cell(runs, field, width, digits):
    if field not in runs[0]:
        return " " * width
    return f"{median(runs, field):{width}.{digits}f}"


def at(waits, share):
    return waits[min(len(waits) - 1, int(len(waits) * share))]


def once(seen):
    million = seen["million"]
    print(f"\n{seen['members']:,} members: imported in {seen['import_s']:.1f} s, planned in "
          f"{seen['planning_s']:.1f} s; a broadcast to all of them: gateway "
          f"{million['rss_mib']:.1f} MiB, Redis {million['redis_mib']:.0f} MiB more")
    for name, what in (("first_1k_ms", "XADD to first submit_sm, 1,000 members"),
                       ("first_100k_ms", "the same, the large audience"),
                       ("emergency_ms", "the same, an emergency over a full link")):
        waits = seen[name]
        print(f"{what}: median {at(waits, 0.5):.1f} ms, p99 {at(waits, 0.99):.1f} ms, "
              f"{len(waits)} tries")
    for name, what in (("told_200", "200/s allowed, 200 set"),
                       ("told_400", "200/s allowed, 400 set"),
                       ("two_share", "200/s allowed, 200 set, two gateways")):
        got = seen[name]
        print(f"{what}: used {got['used']:.3f}, refused {got['refused']:.3f}, at most "
              f"{got['most']} in a second, longest silence {got['gap_ms']:.0f} ms")


def goals(rows, seen):
    """Each goal: the ratio seen, what it must be, and what we aim for."""
    print(f"\n{'goal':61}{'seen':>9}{'must':>9}{'aim':>9}")
    for text, value, must, aim in wanted(rows, seen):
        least = must[0] == ">"
        bound = float(must[2:])
        ok = value >= bound if least else value <= bound
        print(f"{text:61}{value:9.2f}{must:>9}{aim:>9}{'' if ok else '   missed'}")


def wanted(rows, seen):
    loa, ids = rate(rows, "Loa"), rate(rows, "Loa, message ids kept")
    pump = rate(rows, PUMP)
    kannel = max(rate(rows, n) for n in rows if n.endswith("Kannel, Redis"))
    memory = max(rate(rows, n) for n in rows if n.endswith("Kannel, no store"))
    late = {w: rate(rows, f"20 ms: Loa, window {w}") / rate(rows, f"20 ms: pump, window {w}")
            for w in (10, 100, 1000)}
    yield "Loa with ids / Kannel with its Redis store, its best case", ids / kannel, ">=25", "60"
    yield "Loa with ids / Kannel in memory, its best case", ids / memory, ">=6", "15"
    yield "Loa / libsmpp34 pump", loa / pump, ">=0.45", "1.1"
    yield "Loa with ids / libsmpp34 pump", ids / pump, ">=0.30", "0.8"
    yield ("Loa / durapump", loa / rate(rows, "durapump: letters and template"), ">=0.15", "0.3")
    yield "20 ms, window 10: Loa / template pump", late[10], ">=0.95", "0.98"
    yield "20 ms, window 100: Loa / template pump", late[100], ">=0.95", "0.98"
    yield "20 ms, window 1000: Loa / template pump", late[1000], ">=0.9", "0.98"
    yield ("always / everysec", rate(rows, "Loa, appendfsync always") / loa, ">=0.35", "0.65")
    yield ("receipts flowing / libsmpp34 pump", rate(rows, "Loa, receipts flowing") / pump,
           ">=0.15", "0.4")
    yield "gateway CPU a message, us", median(rows["Loa"], "cpu_us"), "<=4", "1.5"
    yield "Redis CPU a message, us", median(rows["Loa"], "redis_us"), "<=2.5", "0.8"
    yield ("p99 XADD to first submit_sm, 1,000 members, ms", at(seen["first_1k_ms"], 0.99),
           "<=5", "2")
    yield ("the same, 100,000 members, ms", at(seen["first_100k_ms"], 0.99), "<=25", "10")
    yield "emergency over a full link, ms", at(seen["emergency_ms"], 0.99), "<=50", "20"
    yield "200/s allowed, 200 set: used", seen["told_200"]["used"], ">=0.95", "0.99"
    yield "200/s allowed, 200 set: refused", seen["told_200"]["refused"], "<=0.01", "0"
    yield "200/s allowed, 400 set: used", seen["told_400"]["used"], ">=0.90", "0.97"
    yield "200/s allowed, 400 set: refused", seen["told_400"]["refused"], "<=0.05", "0.02"
    yield "two gateways on 200/s: most in any second", seen["two_share"]["most"], "<=204", "200"
    yield "RSS, a broadcast to 1,000,000 under way, MiB", seen["million"]["rss_mib"], "<=40", "20"
    yield "Redis, a broadcast to 1,000,000, MiB", seen["million"]["redis_mib"], "<=120", "70"


PLOT = """\
set terminal svg size 1000,{height} font 'sans,13' background '#ffffff'
set output '{path}'
set title 'Messages a second, medians of one run (logarithmic)' font 'sans,15'
set style fill solid 0.9
set logscale x
set xrange [100:{most}]
set yrange [-0.7:{rows}-0.3]
set format x '%.0s%c'
set grid x lc '#dddddd'
set border 2
set ytics nomirror
unset key
$data << EOD
{data}
EOD
plot $data using (100):0:(100):2:($0-0.35):($0+0.35):4:ytic(1) with boxxyerror lc rgb variable, \\
     $data using 2:0:3 with labels left offset 0.6,0 font 'sans,11'
"""
COLOURS = (("Loa", 0x1B7F5B), ("Kannel", 0xC0562F), ("", 0x8A94A0))


def plot(rows, path):
    data = []
    for name in reversed(rows):
        colour = next(c for word, c in COLOURS if word in name)
        data.append(f'"{name}" {rate(rows, name):.0f} "{rate(rows, name):,.0f}" {colour}')
    script = PLOT.format(path=path, data="\n".join(data), rows=len(rows),
                         height=60 + 26 * len(rows),
                         most=10 * max(rate(rows, name) for name in rows))
    subprocess.run(["gnuplot"], input=script, text=True, check=True)
