"""Breaks each rule of the house once: a rule that cannot go red proves nothing."""
# SPDX-License-Identifier: MIT
import os
import shutil
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)

import rules  # noqa: E402
import tools  # noqa: E402

ALL = dict(rules.TEXT_RULES + tools.TOOL_RULES)
HEAD = "/* A file of this test. */\n// SPDX-License-Identifier: MIT\n"
GOOD = HEAD + (
    '#include "gateway/core/good.h"\n\nint\ngood_add(int a, int b)\n{\n    return a + b;\n}\n'
)
GOOD_H = HEAD + "#pragma once\nint good_add(int a, int b);\n"
LONG_BODY = "".join(f"    x += {n};\n" for n in range(90))


def function(body, head="int\nbad(int x)"):
    return f"{HEAD}int bad(int x);\n\n{head}\n{{\n{body}    return x;\n}}\n"


def include(line):
    return f"{HEAD}{line}\n"


NESTED = function(
    "    while (x > 1) {\n        if (x > 2) {\n            while (x > 3) {\n"
    "                if (x > 4) {\n                    x--;\n                }\n"
    "            }\n        }\n    }\n"
)
MANY = HEAD + (
    "int bad(int a, int b, int c, int d, int e, int f, int g);\n\n"
    "int\nbad(int a, int b, int c, int d, int e, int f, int g)\n{\n"
    "    return a + b + c + d + e + f + g;\n}\n"
)
TANGLED = function("    if (x == 1 || x == 2) {\n        x++;\n    } else if (x == 3 && x) {\n"
                   "        x--;\n    }\n" * 8)
NULL = HEAD + "int bad(void);\n\nint\nbad(void)\n{\n    int *p = 0;\n    return *p;\n}\n"
X, C, L = "gateway/core/bad.c", "clang-tidy and sizes of functions", "libraries in their place"

# Rule, the file that breaks it, its content, a piece of the finding.
BROKEN = [
    ("top level", "notes.txt", "hello\n", "notes.txt: does not belong"),
    ("top level", "src/x.c", HEAD, "src: does not belong"),
    ("file sizes", X, HEAD + "\n" * 600, "602 lines, at most 600"),
    ("file sizes", "gateway/core/bad.h", HEAD + "\n" * 149, "151 lines, at most 150"),
    ("line width", X, HEAD + "/* " + "x" * 98 + " */\n", "104 columns"),
    ("blanks", X, HEAD + "int x; \n", "bad.c:3: blank at the end"),
    ("blanks", X, HEAD + "int x;\r\n", "bad.c:3: blank at the end"),
    ("blanks", X, HEAD + "int x;", "does not end with one newline"),
    ("banned functions", X, function("    strcpy(0, 0);\n"), "strcpy() is banned"),
    ("banned functions", X, function("    vsprintf (0, 0, 0);\n"), "vsprintf() is banned"),
    ("banned functions", "tests/sim/bad.c", function('    system("x");\n'), "system() is banned"),
    ("nothing put off", X, HEAD + "/* TODO: the rest */\n", "bad.c:3: 'TODO'"),
    ("heads of files", X, "/* No licence. */\nint x;\n", "no SPDX"),
    ("heads of files", X, "#include <a.h>\n// SPDX-License-Identifier: MIT\n", "what it is for"),
    ("heads of files", "queue/bad.lua", "-- Nothing.\n", "queue/bad.lua:1: no SPDX"),
    ("who includes whom", X, include('#include "gateway/base/log.h"'), "core must not include"),
    ("who includes whom", "gateway/base/b.c", include('#include "queue/q.h"'), "base must not"),
    ("who includes whom", "gateway/links/smpp/l.c", include('#include "queue/q.h"'), "links must"),
    ("who includes whom", "gateway/serve/s.c", include('#include "gateway/cli/c.h"'), "serve must"),
    ("who includes whom", "queue/q.c", include('#include "gateway/gateway.h"'), "queue must not"),
    ("own header first", "gateway/core/good.c", include("#include <a.h>"), "not included first"),
    (L, "gateway/gw.c", include("#include <hiredis/hiredis.h>"), "hiredis is not for this file"),
    (L, "gateway/links/smpp/link.c", include("#include <smpp34.h>"), "libsmpp34 is not for"),
    (L, "queue/q.c", include("#include <curl/curl.h>"), "libcurl is not for this file"),
    ("core is pure", X, function("    x += (int)time(0);\n", "#include <time.h>\nint\nbad(int x)"),
     "bad.c:1: uses time,"),
    ("core is pure", X, function("    puts(0);\n", "#include <stdio.h>\nint\nbad(int x)"), "puts,"),
    ("shellcheck", "deploy/bad.sh", "#!/bin/sh\nrm $1\n", "SC2086"),
    ("clang-format", X, function("  x++;\n"), "bad.c:7: clang-format"),
    (C, X, function(LONG_BODY), "exceeds recommended size"),
    (C, X, NESTED, "exceeds recommended size"),
    (C, X, MANY, "exceeds recommended size"),
    (C, X, TANGLED, "cognitive complexity"),
    (C, X, NULL, "Dereference of null pointer"),
    (C, X, function("    if (x)\n        x =\n            1 +\n            2;\n"), "braces"),
]


@pytest.fixture
def tree(tmp_path):
    """A small repository that keeps every rule; returns a function that adds a file to it."""
    settings = (".clang-tidy", ".clang-format", "tests/.clang-tidy", "tests/lint/core_symbols.txt")
    for name in settings:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.path.join(ROOT, name), tmp_path / name)

    def build(extra=()):
        files = {"gateway/core/good.c": GOOD, "gateway/core/good.h": GOOD_H, **dict(extra)}
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text, newline="")
        made = rules.Tree(str(tmp_path))
        for source in made.find("gateway/core/*.c"):
            obj = tmp_path / "build" / (source[:-1] + "o")
            obj.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["gcc", "-w", "-I.", "-c", source, "-o", obj], cwd=tmp_path)
        return made

    return build


@pytest.mark.parametrize("name", ALL)
def test_a_good_tree_passes(tree, name):
    assert list(ALL[name](tree())) == []


@pytest.mark.parametrize(
    "rule, path, text, finding", BROKEN, ids=[f"{b[0]}: {b[3]}" for b in BROKEN]
)
def test_a_broken_rule_goes_red(tree, rule, path, text, finding):
    findings = list(ALL[rule](tree([(path, text)])))
    assert any(finding in f for f in findings), findings


def test_every_rule_is_broken_here():
    assert {b[0] for b in BROKEN} == set(ALL)


def test_words_in_comments_and_strings_are_not_calls(tree):
    text = HEAD + '/* sprintf(x) */\nconst char *a = "system (x)"; // atoi(y)\n'
    assert list(ALL["banned functions"](tree([(X, text)]))) == []


def test_unbuilt_core_proves_nothing(tree):
    made = tree()
    shutil.rmtree(made.at("build"))
    assert "nothing is proved" in next(ALL["core is pure"](made))


def test_a_clean_file_is_looked_at_again_when_a_header_changes(tree):
    assert list(ALL[C](tree())) == []
    broken = GOOD_H + MANY.replace(HEAD, "").replace("int bad", "static int bad")
    assert list(ALL[C](tree([("gateway/core/good.h", broken)]))) != []
