"""The rules that other programs judge: clang-format, clang-tidy, shellcheck."""
# SPDX-License-Identifier: MIT
import hashlib
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import rules

PACKAGES = "libevent libcurl libsmpp34 jansson yaml-0.1 libutf8proc libxml-2.0 libsodium"


def call(tree, *argv):
    run = subprocess.run(argv, cwd=tree.root, capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr


def clang_format(tree):
    if tree.c():
        _, out = call(tree, "clang-format", "--dry-run", *tree.c())
        for line in sorted(set(re.findall(r"^[^\s:]+:\d+(?=:\d+: )", out, re.M))):
            yield f"{line}: clang-format would change it"


def shellcheck(tree):
    if tree.scripts():
        code, out = call(tree, "shellcheck", "-x", "-f", "gcc", *tree.scripts())
        yield from out.strip().split("\n") if code else ()


def clang_tidy(tree):
    """One process a file, as many at once as there are cores; a clean file is not looked at again
    until it, a header that it includes or the settings change."""
    flags = subprocess.run(
        ["pkg-config", "--cflags", *PACKAGES.split()], capture_output=True, text=True
    ).stdout.split()
    flags += ["-std=c17", "-D_GNU_SOURCE", "-I.", f"-I{tree.build}"]
    common = hashlib.sha256(repr(flags).encode())
    for path in tree.find("*.clang-tidy"):
        common.update(path.encode() + tree.text(path).encode())
    files = [p for p in tree.c() if p.endswith(".c")]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for findings in pool.map(lambda p: tidy_one(tree, p, flags, common.copy()), files):
            yield from findings


def with_headers(tree, path, seen):
    """The file and every header of ours that it includes, also by way of another."""
    if path not in seen and path in tree.paths:
        seen.append(path)
        for m in rules.OURS.finditer(tree.text(path)):
            beside = os.path.join(os.path.dirname(path), m.group(1))
            for header in (m.group(1), beside):
                with_headers(tree, header, seen)
    return seen


def tidy_one(tree, path, flags, known):
    for part in with_headers(tree, path, []):
        known.update(part.encode() + tree.text(part).encode())
    stamp = tree.at(f"{tree.build}/lint/{known.hexdigest()[:32]}")
    if os.path.exists(stamp):
        return []
    code, out = call(tree, "clang-tidy", "--quiet", path, "--", *flags)
    findings = []
    for m in re.finditer(r"^(\S+?):(\d+):\d+: (?:error|warning): (.*)$", out, re.M):
        where = os.path.relpath(os.path.join(tree.root, m.group(1)), tree.root)
        text = re.sub(r",?-warnings-as-errors", "", m.group(3))
        findings.append(f"{where}:{m.group(2)}: {text}")
    if code and not findings:
        findings.append(f"{path}:1: clang-tidy failed: {out.strip()[-300:]}")
    if not findings:
        os.makedirs(os.path.dirname(stamp), exist_ok=True)
        open(stamp, "w").close()
    return sorted(set(findings))


TOOL_RULES = (
    ("shellcheck", shellcheck),
    ("clang-format", clang_format),
    ("clang-tidy and sizes of functions", clang_tidy),
)
