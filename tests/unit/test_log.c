/* Log lines: values escaped in one place, the same failure counted and not repeated. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/base/log.h"

struct desk {
    struct buf said;
    int64_t now_ms;
};

static void
take(void *arg, const char *line)
{
    struct desk *desk = arg;
    buf_add_z(&desk->said, line);
    buf_add_char(&desk->said, '\n');
}

static int64_t
now(void *arg)
{
    const struct desk *desk = arg;
    return desk->now_ms;
}

static void
begin(struct desk *desk)
{
    *desk = (struct desk){.now_ms = 1000};
    buf_init(&desk->said, 1 << 20);
    buf_add_z(&desk->said, "");
    log_redirect(take, now, desk);
}

static void
end(struct desk *desk)
{
    log_redirect(NULL, NULL, NULL);
    log_set_level(LOG_INFO);
    buf_deinit(&desk->said);
}

static const struct {
    const char *value, *wanted;
} values[] = {
    {"plain", "plain"},
    {"", "\"\""},
    {"two words", "\"two words\""},
    {"a=b", "\"a=b\""},
    {"a\"b", "\"a\\\"b\""},
    {"a\\b", "\"a\\\\b\""},
    {"a\nlevel=error", "\"a\\x0alevel=error\""},
    {"\x7f", "\"\\x7f\""},
    {"Thông báo", "\"Thông báo\""},
    {"điện", "điện"},
};

static void
test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const char *got = log_value(str_of(values[i].value));
        if (strcmp(got, values[i].wanted) != 0) {
            fail_msg("%s: got %s", values[i].value, got);
        }
    }
    /* Cut before a character that does not fit whole; all escapes fit a slot. */
    char longer[601];
    memset(longer, 'a', 299);
    memcpy(longer + 299, "đđ", 5);
    assert_int_equal(strlen(log_value(str_of(longer))), 299);
    memset(longer, 1, 600);
    assert_int_equal(strlen(log_value((struct str){longer, 600})), 300 * 4 + 2);
}

static void
test_levels(void **state)
{
    (void)state;
    struct desk desk;
    begin(&desk);
    log_event(LOG_DEBUG, "pdu.sent", "n=%d", 1);
    log_event(LOG_INFO, "link.bound", "link=%s", "v");
    log_event(LOG_INFO, "link.bound", "link=%s", "v");
    log_event(LOG_INFO, "gateway.stopped", "%s", "");
    log_set_level(LOG_ERROR);
    log_event(LOG_WARNING, "link.lost", "link=%s", "v");
    assert_string_equal(desk.said.p, "level=info event=link.bound link=v\n"
                                     "level=info event=link.bound link=v\n"
                                     "level=info event=gateway.stopped\n");
    end(&desk);
}

static void
test_the_same_failure_is_counted(void **state)
{
    (void)state;
    struct desk desk;
    begin(&desk);
    for (int i = 0; i < 100; i++) {
        log_event(LOG_WARNING, "link.lost", "link=%s", "v");
        log_event(LOG_WARNING, "link.lost", "link=%s", "w");
        desk.now_ms += 99;
    }
    assert_string_equal(desk.said.p, "level=warning event=link.lost link=v\n"
                                     "level=warning event=link.lost link=w\n");
    desk.now_ms += 100;
    log_event(LOG_WARNING, "link.lost", "link=%s", "v");
    assert_non_null(strstr(desk.said.p, "link=v repeated=99\n"));
    desk.now_ms += 10000;
    log_event(LOG_WARNING, "link.lost", "link=%s", "v");
    assert_string_equal(strrchr(desk.said.p, 'v'), "v\n");
    end(&desk);
}

static void
test_many_failures_forget_the_oldest(void **state)
{
    (void)state;
    struct desk desk;
    begin(&desk);
    for (int i = 0; i < 100; i++) {
        log_event(LOG_ERROR, "a.failed", "n=%d", i);
        desk.now_ms++;
    }
    buf_clear(&desk.said);
    log_event(LOG_ERROR, "a.failed", "n=%d", 99);
    assert_int_equal(desk.said.n, 0);
    log_event(LOG_ERROR, "a.failed", "n=%d", 0);
    assert_string_equal(desk.said.p, "level=error event=a.failed n=0\n");
    end(&desk);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_the_same_failure_is_counted),
        cmocka_unit_test(test_many_failures_forget_the_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
