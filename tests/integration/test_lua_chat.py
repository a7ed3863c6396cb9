"""Turns of chats: the Function by itself."""
# SPDX-License-Identifier: MIT
from functions import functions, server  # noqa: F401
from harness import wait

KEY = "loa:link:{v}:chat"
AN, BA, GROUP = "00000000000000aa", "00000000000000bb", "00000000000000cc"


def turns(functions, *asked, key=KEY):
    return [int(w) for w in functions.call("loa_chat", key, *(v for ask in asked for v in ask))]


def test_each_chat_has_a_turn_at_a_time(functions):
    assert turns(functions, (AN, 60000), (BA, 60000)) == [0, 0]
    an, group, ba = turns(functions, (AN, 60000), (GROUP, 180000), (BA, 60000))
    assert group == 0 and 0 < an <= 60000 and 0 < ba <= 60000
    assert 60000 < turns(functions, (GROUP, 60000))[0] <= 180000, "as long as who has it said"


def test_of_two_questions_in_a_batch_one_is_granted(functions):
    first, second = turns(functions, (AN, 60000), (AN, 60000))
    assert first == 0 < second


def test_the_next_turn_is_when_the_answer_said(functions):
    assert turns(functions, (AN, 200)) == [0]
    before_ms = functions.redis.pttl(f"{KEY}:{AN}")
    told_ms, = turns(functions, (AN, 60000))
    assert 0 < told_ms <= before_ms <= 200, "asking takes nothing and makes it no longer"
    wait(lambda: not functions.redis.keys(f"{KEY}*"), "its end")
    assert turns(functions, (AN, 60000)) == [0]


def test_links_have_turns_of_their_own(functions):
    assert turns(functions, (AN, 60000)) == turns(functions, (AN, 60000), key="loa:link:{w}:chat")
    assert turns(functions) == []
