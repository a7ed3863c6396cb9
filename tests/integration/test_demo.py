"""`make demo` shows a broadcast from the announcement to the phones, and leaves nothing behind."""
# SPDX-License-Identifier: MIT
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LINK = "https://maihoa.example.vn/thong-bao/tiem-phong-dai-dot-2"


def start(**env):
    """The demo of the release build: what a visitor sees, at the speed that they see it."""
    build = os.environ.get("BUILD", "build")
    return subprocess.Popen(
        [os.path.join(ROOT, "deploy/demo/run")], cwd=ROOT, text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "BUILD": build, "FILE": "", "URL": "", **env},
    )


def finish(demo):
    """Its output, with its words joined over the lines of boxes."""
    out, _ = demo.communicate(timeout=60)
    assert demo.returncode == 0, out
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.pid, 0)
    return out


@pytest.fixture
def folder():
    """Where demos make theirs; a short name, because a unix socket's may have 108 bytes."""
    path = tempfile.mkdtemp(prefix="loa-", dir="/tmp")
    yield path
    shutil.rmtree(path)


def test_two_at_once_each_tell_their_members_and_leave_nothing(folder):
    began = time.monotonic()
    demos = [start(TMPDIR=folder), start(TMPDIR=folder)]
    for out in [finish(d) for d in demos]:
        assert "Tiem phong dai" in out
        assert LINK in re.sub(r"[\s│]+", "", out)
        assert re.search(r"delivered +1[89]\d", out), out
        assert re.search(r"by zalo +100 ", out) and re.search(r"by sms +8\d ", out), out
        assert "│ MAIHOA" in out and "│ title: Tiêm phòng dại" in out, "a phone of each"
    assert time.monotonic() - began < 50
    assert os.listdir(folder) == []


FILES = {
    "html": "<html><head><title>Họp tổ dân phố 7</title></head><body><main><h1>Họp tổ dân phố 7"
    "</h1><p>Mời các hộ dự họp lúc 19h30 tại nhà văn hóa.</p></main></body></html>",
    "txt": "Họp tổ dân phố 7\n\nMời các hộ dự họp lúc 19h30.\nhttps://to7.example.vn/hop\n",
    "json": json.dumps({
        "title": "Họp tổ dân phố 7", "body": "Mời các hộ dự họp.", "audience": "to-7&youth",
        "channels": "zalo", "send_at": "2020-01-01T00:00:00Z", "expires_at": "2020-01-02T00:00:00Z",
        "url": "https://to7.example.vn/hop",
    }),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_ones_own_goes_to_everybody(tmp_path, kind):
    page = tmp_path / f"page.{kind}"
    page.write_text(FILES[kind])
    out = finish(start(FILE=str(page), URL="https://own.example.vn/a"))
    assert re.search(r"Hop (to dan pho|TDP) 7", out) and "set aside" in out
    assert "https://own.example.vn/a" in out


def test_a_file_that_is_not_there_is_refused():
    demo = start(FILE="/nonexistent.html")
    out, _ = demo.communicate(timeout=60)
    assert demo.returncode != 0 and "cannot read" in out


def test_an_interrupted_demo_leaves_nothing(folder):
    demo = start(TMPDIR=folder)
    while "All four run" not in demo.stdout.readline():
        assert demo.poll() is None
    os.kill(demo.pid, 15)
    demo.communicate(timeout=60)
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.pid, 0)
    assert os.listdir(folder) == []
