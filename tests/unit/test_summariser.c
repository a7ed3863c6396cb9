/* An office's own summariser: what it says, and everything that can go wrong with it. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/summariser.h"

struct heard {
    struct event_base *base;
    char text[256], why[240];
    int answers;
};

static void
on_answer(void *arg, struct str text, const struct err *err)
{
    struct heard *h = arg;
    (void)snprintf(h->text, sizeof h->text, "%.*s", (int)text.n, text.p ? text.p : "");
    (void)snprintf(h->why, sizeof h->why, "%s", err ? err->text : "");
    h->answers++;
    (void)event_base_loopbreak(h->base);
}

static void
ask(const char *command, int64_t timeout_ms, struct heard *h)
{
    struct arena *arena = arena_new();
    struct announcement a = {.field = {[FIELD_TITLE] = STR("Họp \"chi bộ\""),
                                       [FIELD_BODY] = STR("Lúc 19h30 ngày 02/12/2026.")}};
    struct story *story = arena_alloc(arena, sizeof *story);
    *h = (struct heard){.base = event_base_new()};
    assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, NULL), 0);
    const struct summariser_options options = {.command = command, .timeout_ms = timeout_ms};
    struct summariser *s = summariser_new(h->base, &options, NULL);
    assert_non_null(summariser_ask(s, &a, story, 136, on_answer, h));
    (void)event_base_dispatch(h->base);
    summariser_free(&s);
    event_base_free(h->base);
    arena_free(&arena);
}

static void
test_answers(void **state)
{
    static const struct {
        const char *command, *text, *why;
    } cases[] = {
        {"cat >/dev/null; printf 'Họp chi bộ\\n  19h30 02/12\\n'", "Họp chi bộ 19h30 02/12", ""},
        {"printf 'asks nobody'", "asks nobody", ""},
        {"grep -o '\"room\":[0-9]*'", "\"room\":136", ""},
        {"cat >/dev/null; exit 3", "", "failed: exit 3"},
        {"cat >/dev/null", "", "said nothing"},
        {"printf ' \\n'", "", "said nothing"},
        {"printf '\\377'", "", "said what is no UTF-8"},
        {"/no/such/program 2>/dev/null", "", "failed: exit 127"},
        {"kill -9 $$", "", "failed: signal 9"},
        {"yes", "", "said too much"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct heard h;
        ask(cases[i].command, 60000, &h);
        assert_int_equal(h.answers, 1);
        assert_string_equal(h.text, cases[i].text);
        assert_string_equal(h.why, cases[i].why);
    }
}

static void
test_one_that_hangs_is_ended(void **state)
{
    struct heard h;
    (void)state;
    ask("sleep 600 & sleep 600", 50, &h);
    assert_int_equal(h.answers, 1);
    assert_string_equal(h.why, "took too long");
}

static void
test_a_dropped_one_never_answers(void **state)
{
    struct arena *arena = arena_new();
    struct announcement a = {.field = {[FIELD_TITLE] = STR("Họp")}};
    struct story *story = arena_alloc(arena, sizeof *story);
    struct heard h = {.base = event_base_new()};
    (void)state;
    assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, NULL), 0);
    const struct summariser_options options = {.command = "cat", .timeout_ms = 60000};
    struct summariser *s = summariser_new(h.base, &options, NULL);
    struct summariser_run *run = summariser_ask(s, &a, story, 136, on_answer, &h);
    summariser_drop(&run);
    assert_null(run);
    (void)event_base_dispatch(h.base);
    assert_int_equal(h.answers, 0);
    summariser_free(&s);
    event_base_free(h.base);
    arena_free(&arena);
}

int
main(void)
{
    (void)signal(SIGPIPE, SIG_IGN); /* as the gateway does */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_one_that_hangs_is_ended),
        cmocka_unit_test(test_a_dropped_one_never_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
