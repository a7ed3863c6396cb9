"""The front door: bootstrap asks for what is missing, no more; install copies all there is."""
# SPDX-License-Identifier: MIT
import os
import re
import shutil
import subprocess
import time

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BOOTSTRAP = os.path.join(ROOT, "deploy", "bootstrap")


def run(*argv, **more):
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120, **more)


@pytest.fixture
def bare(tmp_path):
    """A PATH where dpkg knows no package and the user is nobody in particular."""
    for tool in ("sh", "sed", "grep", "dirname"):
        os.symlink(shutil.which(tool), tmp_path / tool)
    fake(tmp_path, "dpkg-query", "exit 1")
    fake(tmp_path, "id", "echo 1000")
    return tmp_path


def fake(folder, name, body):
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def test_bootstrap_is_silent_and_instant_when_nothing_is_missing():
    began = time.monotonic()
    done = run(BOOTSTRAP, "run", "test")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - began < 2


def test_neither_root_nor_sudo_gets_the_line_to_run_as_root(bare):
    done = run(BOOTSTRAP, "run", env={"PATH": str(bare)})
    assert done.returncode == 2
    last = done.stderr.strip().split("\n")[-1]
    assert last == f"As root, run: {BOOTSTRAP} run"
    assert "redis-server" in done.stderr and "tshark" not in done.stderr


def test_sudo_is_asked_only_when_something_is_missing(bare):
    fake(bare, "sudo", 'echo "sudo: $*"')
    done = run(BOOTSTRAP, "run", "test", env={"PATH": str(bare)})
    assert (done.returncode, done.stdout) == (0, f"sudo: {BOOTSTRAP} run test\n")
    fake(bare, "dpkg-query", 'for p; do echo "installed $p"; done')
    done = run(BOOTSTRAP, "run", "test", env={"PATH": str(bare)})
    assert (done.returncode, done.stdout) == (0, "")


def test_an_unknown_group_of_packages_is_refused():
    assert run(BOOTSTRAP, "everything").returncode == 2


def test_install_copies_all_that_running_needs(tmp_path):
    done = run("make", "install", f"DESTDIR={tmp_path}", "PREFIX=/usr")
    assert done.returncode == 0, done.stderr
    for name in (
        "bin/loa",
        "share/doc/loa/README.md",
        "share/doc/loa/SCHEMA.md",
        "share/doc/loa/loa.yaml.example",
        "share/doc/loa/redis-acl.example",
        "lib/systemd/system/loa.service",
        "lib/systemd/system/loa@.service",
    ):
        assert (tmp_path / "usr" / name).is_file(), name
    copied = os.listdir(tmp_path / "usr/share/loa/templates")
    assert sorted(copied) == sorted(os.listdir(os.path.join(ROOT, "templates")))
    unit = (tmp_path / "usr/lib/systemd/system/loa.service").read_text()
    assert "ExecStart=/usr/bin/loa gateway" in unit and "@PREFIX@" not in unit
    several = (tmp_path / "usr/lib/systemd/system/loa@.service").read_text()
    assert "RuntimeDirectory=loa\n" in unit and "RuntimeDirectory=loa-%i\n" in several


def test_systemd_takes_the_unit_and_finds_it_hardened(tmp_path):
    """Where systemd is installed, by its own judgement: 10 is unsafe, below 2 is its best word."""
    analyze = shutil.which("systemd-analyze")
    here = f"DESTDIR={tmp_path}"
    assert run("make", "install", here, "PREFIX=/usr").returncode == 0
    unit = tmp_path / "usr/lib/systemd/system/loa.service"
    text = unit.read_text().replace("/usr/bin/loa", f"{tmp_path}/usr/bin/loa")
    unit.write_text(re.sub("^Documentation=.*\n", "", text, flags=re.M))
    for keys in ("DynamicUser=yes", "CapabilityBoundingSet=\n", "SystemCallFilter=@system-service"):
        assert keys in text
    if analyze:
        done = run(analyze, "verify", str(unit))
        assert "loa.service" not in done.stderr, done.stderr
        judged = run(analyze, "security", "--offline=true", str(unit)).stdout
        exposure = re.search(r"exposure level for loa.service: ([0-9.]+)", judged)
        assert float(exposure.group(1)) < 2, judged


def test_version_names_the_libraries_it_runs_with():
    done = run(os.environ.get("LOA_BIN", os.path.join(ROOT, "build/loa")), "--version")
    assert done.returncode == 0
    for name in ("libcurl", "libsmpp34", "hiredis", "libevent"):
        assert name in done.stdout
