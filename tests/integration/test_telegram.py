"""Telegram: what a chat takes, chats that move, and members that bring theirs."""
# SPDX-License-Identifier: MIT
import json

import pytest
import redis

from harness import wait
from test_webhooks import began, post

SECRET = {"X-Telegram-Bot-Api-Secret-Token": "hook-secret"}


def chat_of(world, id_):
    number = world.r.hget("loa:members:{dir}:numbers", id_)
    return json.loads(world.r.hget("loa:members:{dir}:records", number))["telegram_chat"]


def said(world, chat, text, update):
    body = json.dumps({"update_id": update, "message": {"chat": {"id": chat}, "text": text}})
    assert post(world, "POST", "/webhooks/telegram", body, SECRET)[0] == 200


def test_a_chat_gets_one_message_a_second(world):
    bot = began(world, "telegram", members=["a,An,,,1001,", "b,Ba,,,1002,"])
    for n in range(3):
        world.announce(id=f"T{n}", title=f"Tin {n}")
    for n in range(3):
        world.wait_state(f"T{n}")
    for chat in ("1001", "1002"):
        at = [s.at_us for s in bot.sends() if s.address == chat]
        assert len(at) == 3
        assert all(b - a >= 900_000 for a, b in zip(at, at[1:], strict=False)), at


def test_a_chat_that_moved_is_found_again(world):
    bot = began(world, "telegram", case="error 400 for -500 wait 7\n",
                members=["g,To dan pho 7,,,-500,", "b,Ba,,,1002,"])
    world.announce(id="M1")
    world.wait_state("M1")
    assert bot.told() == {"-1007": 1, "1002": 1}
    wait(lambda: chat_of(world, "g") == "-1007", "the directory's new number")
    world.announce(id="M2")
    world.wait_state("M2")
    assert [s.address for s in bot.sends()].count("-500") == 1, "the old one is asked once"


def test_a_member_brings_their_chat_by_an_invitation(world):
    bot = began(world, "telegram", members=["a,An,0900000001,,,", "b,Ba,,,1002,"],
                settings={"telegram": ["bot: BtlBot"]})
    link = world.loa("members", "invite", "a").stdout.strip()
    assert link.startswith("https://t.me/BtlBot?start=") and len(link.rpartition("=")[2]) == 22
    code = json.loads(world.loa("members", "invite", "0900000001", "--json").stdout)["code"]
    assert code not in link
    said(world, 5005, f"/start {code}", 1)
    assert chat_of(world, "a") == "5005"
    said(world, 6006, f"/start {code}", 2)  # whoever finds it later
    said(world, 6007, "/start nobody-knows-it", 3)
    assert chat_of(world, "a") == "5005"
    world.announce(id="I1")
    world.wait_state("I1")
    told = [s.address for s in bot.sends() if "hop chi bo" in s.text]
    assert sorted(told) == ["1002", "5005"]
    # the office's file knows no chats: what the member brought stays
    world.import_members(0, rows=["a,An Binh,0900000001,,,", "b,Ba,,,1002,"])
    assert chat_of(world, "a") == "5005"
    assert world.loa("members", "invite", "nobody", ok=False).returncode == 1


def test_without_the_share_a_gateway_keeps_a_chats_rate_by_itself(world):
    bot = began(world, "telegram", members=["a,An,,,1001,", "b,Ba,,,1002,"])
    but_chats = ("~loa:[^l]*", "~loa:l[^i]*", "~loa:link:*:[^c]*", "~loa:link:{*}")
    world.r.execute_command("ACL", "SETUSER", "default", "resetkeys", *but_chats)
    with pytest.raises(redis.exceptions.NoPermissionError):
        world.r.fcall("loa_chat", 1, "loa:link:{bot}:chat")
    for n in range(2):
        world.announce(id=f"L{n}", title=f"Tin {n}")
    for n in range(2):
        world.wait_state(f"L{n}")
    for chat in ("1001", "1002"):
        first, second = (s.at_us for s in bot.sends() if s.address == chat)
        assert second - first >= 900_000


def test_several_gateways_tell_a_chat_in_turns(world):
    """A chat's turns are of all gateways: Telegram refuses next to nothing, though two have four
    broadcasts for the same chats at once, and everybody is told everything once."""
    bot = began(world, "telegram", case="chat_rate 1\nlatency 5ms\n",
                members=[f"m{i},Member {i},,,{1000 + i}," for i in range(20)])
    with open(world.config, encoding="utf-8") as f:
        text = f.read()
    with open(world.config, "w", encoding="utf-8") as f:
        f.write("\n".join(line for line in text.split("\n") if not line.startswith("http:")))
    world.start_gateway()
    wait(lambda: world.r.hlen("loa:workers") == 2, "both gateways")
    for n in range(4):
        world.announce(id=f"S{n}", title=f"Tin {n}")
    for n in range(4):
        world.wait_state(f"S{n}", seconds=60)
    taken = [s for s in bot.sends() if s.code == "0"]
    assert len(taken) == 80 and len({(s.address, s.text) for s in taken}) == 80
    refused = [s for s in bot.sends() if s.code == "429"]
    assert world.stat("throttled") == len(refused) <= 2
