"""Zalo's other ways: by UID, by a hash of the phone, the OA's own texts; the first consent."""
# SPDX-License-Identifier: MIT
import base64
import hashlib
import os
import re
import subprocess

import platforms
from harness import LOA, wait
from test_platforms import PAIR, outcomes, rows

OA = """\
  - name: oa
    kind: zalo_oa
    base_url: http://127.0.0.1:{port}
    oauth_url: http://127.0.0.1:{port}
    oa_base_url: http://127.0.0.1:{port}
    app_id: "{app_id}"
    app_secret: {app_secret}
    oa_secret: {oa_secret}
    rate: {rate}
"""


def uids(n):
    return [f"u{i},Uyen {i},,{2512523625412500 + i},," for i in range(n)]


def test_by_uid_and_by_a_hash_of_the_phone(world):
    zalo = platforms.start(world, "zalo", case=PAIR, settings={"zalo": ["hash_phone: yes"]})
    platforms.authorize(world)
    world.import_members(0, rows=[*rows(3), *uids(2)])
    world.start_gateway()
    world.announce(id="U1")
    world.wait_state("U1")
    assert {(s.kind, s.address) for s in zalo.sends()} == {
        *(("hash", hashlib.sha256(f"84{900000000 + i}".encode()).hexdigest()) for i in range(3)),
        *(("uid", str(2512523625412500 + i)) for i in range(2)),
    }


def test_the_oas_text_goes_to_who_wrote_within_a_week(world, monkeypatch):
    monkeypatch.setitem(platforms.BLOCKS, "zalo", OA)
    zalo = platforms.start(world, "zalo", case=PAIR + "error -230 for *02\n")
    platforms.authorize(world)
    world.import_members(0, rows=[*uids(4), "p,Phuong,0900000001,,,"])
    world.start_gateway()
    world.announce(id="C1", title="Họp tổ", body="Mời bà con đến dự.", url="https://x.vn/7")
    wait(lambda: not set(world.look("C1")[1] or "q") & set("qs"), "end of C1")
    reasons = {m: (r["outcome"], r["reason"]) for m, r in outcomes(world, "C1").items()}
    assert reasons["u0"][0] == "accepted"
    assert reasons["u2"][0] == "failed" and "230" in reasons["u2"][1], reasons["u2"]
    assert {s.kind for s in zalo.sends()} == {"cs"}
    (text,) = {s.text for s in zalo.sends()}
    assert "Họp tổ" in text and "Mời bà con đến dự." in text and "https://x.vn/7" in text


def test_a_long_id_is_found_back_by_its_tracking_id(world):
    """A UUID is a usual id; Zalo takes 48 signs for it, the member and the try."""
    id_ = "0f8fad5b-d9cb-469f-a165-70867728950e"
    zalo = platforms.start(world, "zalo", case=PAIR)
    platforms.authorize(world)
    world.import_members(0, rows=rows(2))
    world.start_gateway()
    world.announce(id=id_)
    world.wait_state(id_)
    assert all(s.tracking.startswith(id_ + "-") for s in zalo.sends())


def test_the_first_consent_step_by_step(world):
    """The admin opens an address, agrees, and pastes where the browser then stands."""
    zalo = platforms.start(world, "zalo", case="access access-0\nrefresh refresh-0\n")
    world.import_members(0, rows=rows(2))
    world.start_gateway()
    argv = [LOA, "link", "authorize", "oa", "-c", world.config]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "LANG": "C.UTF-8"}) as child:
        out, _ = child.communicate("https://btl.example.vn/cb?code=code-of-the-admin&oa_id=1\n",
                                   timeout=30)
    assert child.returncode == 0, out
    shown = re.search(r"/v4/oa/permission\?app_id=(\d+)&code_challenge=([\w-]{43})", out)
    assert shown and shown.group(1) == platforms.APP_ID
    (grant,) = zalo.of("grant")
    assert grant[1:3] == ["granted", "code-of-the-admin"]
    hashed = base64.urlsafe_b64encode(hashlib.sha256(grant[3].encode()).digest())
    assert hashed.decode().rstrip("=") == shown.group(2), "the verifier is the challenge's"
    world.announce(id="A1")
    world.wait_state("A1")
    assert len(zalo.told()) == 2
    assert "code-of-the-admin" not in world.gateway.text() and grant[3] not in out


def test_a_code_that_is_too_old_gives_no_grant(world):
    platforms.start(world, "zalo", case=PAIR)
    done = subprocess.run([LOA, "link", "authorize", "oa", "-c", world.config], input="old-code\n",
                          capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1 and "-14019" in done.stderr, done.stderr
    assert not world.r.exists("loa:token:{oa}")
