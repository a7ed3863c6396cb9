"""The rules of the house that no compiler knows.

A rule is a function that takes a Tree and yields findings, each a line `path:line: what is wrong`.
test_lint.py breaks each of them once.
"""
# SPDX-License-Identifier: MIT
import fnmatch
import os
import re
import subprocess

TOP = {"Makefile", "README.md", "LICENSE", "gateway", "templates", "queue", "tests", "deploy"}
FILE_LINES, HEADER_LINES, LINE_COLUMNS = 600, 150, 100

BANNED = re.compile(
    r"\b(strcpy|strcat|strncpy|v?sprintf|strtok|atoi|sscanf|alloca|system|localtime|gmtime)\s*\("
)
LITERAL = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|\bnot implemented\b")
OURS = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.M)
THEIRS = re.compile(r"^[ \t]*#[ \t]*include[ \t]+<([^>]+)>", re.M)

# Who may include whom: cli, daemon -> links, serve, queue -> base -> core.
MAY_INCLUDE = {
    "gateway/core": {"gateway/core"},
    "gateway/base": {"gateway/base", "gateway/core"},
    "gateway/links": {"gateway/links", "gateway/base", "gateway/core"},
    "queue": {"queue", "gateway/base", "gateway/core"},
    "gateway/serve": {"gateway/serve", "queue", "gateway/base", "gateway/core"},
}
# A library, by its headers: the only files that may include them.
ONLY_IN = (
    ("hiredis", r"hiredis/", r"queue/|tests/unit/redis_|tests/bench/"),
    ("libsmpp34", r"(def_frame|smpp34)", r"gateway/links/smpp/pdu\.c$|tests/bench/"),
    ("libcurl", r"curl/", r"gateway/links/|gateway/cli/(check|version)\.c$"),
)


class Tree:
    """The files of the repository at root: what git knows of, or would, without ignored ones."""

    def __init__(self, root, build="build"):
        self.root, self.build, self.cache = root, build, {}
        self.paths = sorted(p for p in self.list() if os.path.isfile(self.at(p)))

    def list(self):
        git = ["git", "-C", self.root, "ls-files", "-co", "--exclude-standard"]
        if os.path.exists(self.at(".git")):
            run = subprocess.run(git, check=True, capture_output=True, text=True)
            return run.stdout.split("\n")
        return self.walk()

    def walk(self):
        for folder, subs, names in os.walk(self.root):
            subs[:] = [s for s in subs if s not in ("build", "__pycache__") and s[:6] != "build-"]
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), self.root)

    def at(self, path):
        return os.path.join(self.root, path)

    def find(self, *patterns):
        """The paths that match; a * crosses folders."""
        return [p for p in self.paths if any(fnmatch.fnmatchcase(p, x) for x in patterns)]

    def text(self, path):
        if path not in self.cache:
            with open(self.at(path), encoding="utf-8", newline="") as f:
                self.cache[path] = f.read()
        return self.cache[path]

    def c(self):
        return self.find("gateway/*.[ch]", "queue/*.[ch]", "tests/*.[ch]")

    def scripts(self):
        """Shell scripts, by their first line."""
        names = self.find("*.sh", "deploy/*", "tests/*", ".ci/*")
        return [p for p in names if re.match(r"#!/bin/(ba)?sh|#!/usr/bin/env bash", self.head(p))]

    def pythons(self):
        names = self.find("deploy/*", "tests/*")
        return [p for p in names if p.endswith(".py") or "python3" in self.head(p)]

    def sources(self):
        return sorted({*self.c(), *self.find("queue/*.lua"), *self.scripts(), *self.pythons()})

    def head(self, path):
        with open(self.at(path), "rb") as f:
            return f.read(200).split(b"\n")[0].decode("utf-8", "replace")


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def code_of(text):
    """The text with comments and literals blanked, lines kept."""
    return LITERAL.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def top_level(tree):
    for name in sorted({p.split("/")[0] for p in tree.paths}):
        if name not in TOP and not name.startswith("."):
            yield f"{name}: does not belong to the top level"


def sizes(tree):
    for path in tree.sources():
        lines, most = tree.text(path).count("\n"), FILE_LINES
        if path.endswith(".h"):
            most = HEADER_LINES
        if lines > most:
            yield f"{path}:{lines}: {lines} lines, at most {most}"


def columns(tree):
    for path in tree.sources() + tree.find("Makefile"):
        for n, line in enumerate(tree.text(path).split("\n"), 1):
            if len(line.replace("\t", " " * 8)) > LINE_COLUMNS:
                yield f"{path}:{n}: {len(line)} columns, at most {LINE_COLUMNS}"


def blanks(tree):
    for path in tree.sources() + tree.find("*.md", "*.yaml", "Makefile"):
        text = tree.text(path)
        if not text.endswith("\n") or text.endswith("\n\n"):
            yield f"{path}:{line_of(text, len(text))}: the file does not end with one newline"
        for m in re.finditer(r"[ \t]+$|\r", text, re.M):
            yield f"{path}:{line_of(text, m.start())}: blank at the end of the line"


def banned(tree):
    for path in tree.c():
        code = code_of(tree.text(path))
        for m in BANNED.finditer(code):
            yield f"{path}:{line_of(code, m.start())}: {m.group(1)}() is banned"


def unfinished(tree):
    for path in tree.sources():
        if path.startswith("tests/lint/"):
            continue
        for m in UNFINISHED.finditer(tree.text(path)):
            yield f"{path}:{line_of(tree.text(path), m.start())}: '{m.group()}' puts something off"


def heads(tree):
    for path in tree.sources():
        text = tree.text(path)
        if "SPDX-License-Identifier: MIT" not in text[:1200]:
            yield f"{path}:1: no SPDX-License-Identifier"
        if path.endswith((".c", ".h")) and not text.startswith(("/* ", "// ")):
            yield f"{path}:1: does not begin by saying what it is for"


def includes(tree):
    for path in tree.c():
        text, folder = tree.text(path), folder_of(path)
        for m in OURS.finditer(text):
            if folder_of(m.group(1)) not in MAY_INCLUDE.get(folder, {folder_of(m.group(1))}):
                yield f"{path}:{line_of(text, m.start())}: {folder} must not include {m.group(1)}"


def folder_of(path):
    parts = path.split("/")
    return parts[0] if parts[0] != "gateway" or len(parts) < 3 else "/".join(parts[:2])


def own_header(tree):
    for path in tree.find("gateway/*.c", "queue/*.c"):
        own, text = path[:-1] + "h", tree.text(path)
        first = re.search(r"^[ \t]*#[ \t]*include[ \t]+[<\"]([^>\"]+)[>\"]", text, re.M)
        if own in tree.paths and (first is None or first.group(1) != own):
            yield f"{path}:1: its own header {own} is not included first"


def libraries(tree):
    for path in tree.c():
        text = tree.text(path)
        for m in THEIRS.finditer(text):
            for name, headers, places in ONLY_IN:
                if re.match(headers, m.group(1)) and not re.match(places, path):
                    yield f"{path}:{line_of(text, m.start())}: {name} is not for this file"


def purity(tree):
    """No object of core/ needs a symbol that is neither core's nor on the list."""
    allowed = tree.text("tests/lint/core_symbols.txt").split("\n")
    allowed = [a for a in allowed if a and not a.startswith("#")]
    objects = [f"{tree.build}/{p[:-1]}o" for p in tree.find("gateway/core/*.c")]
    absent = [o for o in objects if not os.path.exists(tree.at(o))]
    if absent or not objects:
        yield f"gateway/core: not built, so nothing is proved: {' '.join(absent) or 'no objects'}"
        return
    needed, defined = set(), set()
    for obj in objects:
        for line in nm(tree, obj):
            kind, name = line.split()[-2:]
            (needed if kind == "U" else defined).add((name, obj) if kind == "U" else name)
    for name, obj in sorted(needed):
        if name not in defined and not any(fnmatch.fnmatchcase(name, a) for a in allowed):
            source = obj[len(tree.build) + 1 : -1] + "c"
            yield f"{source}:1: uses {name}, which is not on the list of pure functions"


def nm(tree, obj):
    run = subprocess.run(["nm", tree.at(obj)], check=True, capture_output=True, text=True)
    return [line for line in run.stdout.split("\n") if line]


TEXT_RULES = (
    ("top level", top_level),
    ("file sizes", sizes),
    ("line width", columns),
    ("blanks", blanks),
    ("banned functions", banned),
    ("nothing put off", unfinished),
    ("heads of files", heads),
    ("who includes whom", includes),
    ("own header first", own_header),
    ("libraries in their place", libraries),
    ("core is pure", purity),
)
