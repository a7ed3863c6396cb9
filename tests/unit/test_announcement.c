/* Which announcements are taken, and what the refusal says. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/announcement.h"

#define STAMPED(field, stamp)                                                                      \
    "!" field ": it bears the secrecy stamp '" stamp                                               \
    "': such a paper must not be sent by SMS or over the Internet"

static void
test_one_field_at_a_time(void **state)
{
    (void)state;
    static const struct {
        enum announcement_field field;
        const char *value;
        const char *out; /* the value after the check, or the error after "!" */
    } cases[] = {
        {FIELD_TITLE, "Họp", "Họp"},
        {FIELD_TITLE, "  Ho\xcc\xa3p\n chi  bộ\xc2\xa0 ", "Họp chi bộ"},
        {FIELD_TITLE, "", "!title: missing"},
        {FIELD_TITLE, " \n\xe2\x80\x8b", "!title: missing"},
        {FIELD_TITLE, "ab\xff", "!title: no UTF-8 at byte 2"},
        {FIELD_BODY,
         "a\r\nb\xc2\xa0"
         "c",
         "a\nb c"},
        {FIELD_BODY, "Đ\xe1\xba", "!body: no UTF-8 at byte 2"},
        {FIELD_TITLE, "BẢO MẬT THÔNG TIN, MẬT KHẨU", "BẢO MẬT THÔNG TIN, MẬT KHẨU"},
        {FIELD_TITLE, "Bí mật nhà nước", "Bí mật nhà nước"},
        {FIELD_TITLE, "Công văn MẬT số 3", STAMPED("title", "MẬT")},
        {FIELD_TITLE, "CÔNG VĂN TỐI MẬT", STAMPED("title", "TỐI MẬT")},
        {FIELD_TITLE, "MẬT", STAMPED("title", "MẬT")},
        {FIELD_TITLE, "SMẬT MẬTS", "SMẬT MẬTS"},
        {FIELD_BODY, "BẢO MẬT\nMẬT\nKẾ HOẠCH", STAMPED("body", "MẬT")},
        {FIELD_BODY, "<td>TUY&#7878;T M&#7852;T</td>", STAMPED("body", "TUYỆT MẬT")},
        {FIELD_SUMMARY, "Họp M\xc3\x82\xcc\xa3T.", STAMPED("summary", "MẬT")},
        {FIELD_ID, "tcm-2026_11.20", "tcm-2026_11.20"},
        {FIELD_ID, "a b", "!id: 'a b' is not 1 to 64 letters, digits, '-', '_' or '.'"},
        {FIELD_ID, "thông-báo", "!id: 'thông-báo' is not 1 to 64 letters, digits, '-', '_' or '.'"},
        {FIELD_PRIORITY, "urgent", "urgent"},
        {FIELD_PRIORITY, "", "normal"},
        {FIELD_PRIORITY, "high", "!priority: 'high' is not normal, urgent or emergency"},
        {FIELD_PRIORITY, "Urgent", "!priority: 'Urgent' is not normal, urgent or emergency"},
        {FIELD_AUDIENCE, "", "all"},
        {FIELD_AUDIENCE, "tổ-1&!tổ-2", "tổ-1&!tổ-2"},
        {FIELD_AUDIENCE, "a,,b", "!audience: at character 3: expected the name of a group"},
        {FIELD_CHANNELS, " zalo , sms ", "zalo,sms"},
        {FIELD_CHANNELS, "zalo,", "!channels: a name is missing (zalo,sms)"},
        {FIELD_CHANNELS, "zalo sms", "!channels: 'zalo sms' is not a name (zalo,sms)"},
        {FIELD_CHANNELS, "sms,zalo,sms", "!channels: 'sms' stands there twice"},
        {FIELD_URL, "https://a.vn/b?c=d&e#f", "https://a.vn/b?c=d&e#f"},
        {FIELD_URL, "HTTP://a.vn", "HTTP://a.vn"},
        {FIELD_URL, "https://a.vn/tổ`7", "https://a.vn/t%E1%BB%95%607"},
        {FIELD_URL, "a.vn", "!url: 'a.vn' is not an http or https address"},
        {FIELD_URL, "https://", "!url: 'https://' is not an http or https address"},
        {FIELD_URL, "https:///x", "!url: 'https:///x' is not an http or https address"},
        {FIELD_URL, "javascript:alert(1)",
         "!url: 'javascript:alert(1)' is not an http or https address"},
        {FIELD_URL, "https://a.vn/b c", "!url: a blank at byte 14"},
        {FIELD_URL, "https://đảng.vn/", "!url: a host's name is ASCII (xn--…)"},
        {FIELD_SEND_AT, "2026-11-07T09:10:00+07:00", "2026-11-07T09:10:00+07:00"},
        {FIELD_SEND_AT, "tomorrow",
         "!send_at: not a time: 'tomorrow' (RFC 3339, as 2026-11-07T09:10:00+07:00)"},
        {FIELD_EXPIRES_AT, "2026-11-07",
         "!expires_at: not a time: '2026-11-07' (RFC 3339, as 2026-11-07T09:10:00+07:00)"},
        {FIELD_PUBLISHED_AT, "hôm nay",
         "!published_at: not a time: 'hôm nay' (RFC 3339, as 2026-11-07T09:10:00+07:00)"},
        {FIELD_SUMMARY, "Một dòng\nhai dòng", "Một dòng\nhai dòng"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct announcement a = {.field = {[FIELD_TITLE] = STR("x")}};
        struct err err = {.text = "!"};
        a.field[cases[i].field] = str_of(cases[i].value);
        int answer = announcement_check(&a, arena, &err);
        struct str got = answer == 0 ? a.field[cases[i].field] : str_of(err.text);
        struct str want = str_of(cases[i].out + (answer != 0));
        if (!str_equal(got, want) || (answer != 0) != (cases[i].out[0] == '!') ||
            (answer != 0 && err.code != ERR_INPUT)) {
            fail_msg("'%s': %.*s", cases[i].value, (int)got.n, got.p);
        }
        arena_free(&arena);
    }
}

static void
test_sizes(void **state)
{
    (void)state;
    static const struct {
        enum announcement_field field;
        size_t most;
    } cases[] = {{FIELD_TITLE, 1000}, {FIELD_BODY, 1 << 20}, {FIELD_ID, 64}};
    char *text = malloc(6 << 20);
    memset(text, 'x', 6 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct err err = {0};
        struct announcement a = {.field = {[FIELD_TITLE] = STR("x")}};
        a.field[cases[i].field] = (struct str){text, cases[i].most};
        assert_int_equal(announcement_check(&a, arena, &err), 0);
        a.field[cases[i].field] = (struct str){text, cases[i].most + 1};
        assert_int_equal(announcement_check(&a, arena, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        arena_free(&arena);
    }
    struct arena *arena = arena_new();
    struct err err = {0};
    struct announcement a = {.field = {[FIELD_TITLE] = STR("x"), [FIELD_BODY] = {text, 5 << 20}}};
    assert_int_equal(announcement_check(&a, arena, &err), -1);
    assert_string_equal(err.text, "body: 5242880 bytes, at most 1048576 are taken");
    arena_free(&arena);
    free(text);
}

static void
test_what_is_worked_out(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct err err = {0};
    struct announcement a = {.field = {[FIELD_TITLE] = STR("x"),
                                       [FIELD_PRIORITY] = STR("emergency"),
                                       [FIELD_SEND_AT] = STR("2026-11-07T02:10:00Z"),
                                       [FIELD_EXPIRES_AT] = STR("2026-11-07T02:10:01Z")}};
    assert_int_equal(announcement_check(&a, arena, &err), 0);
    assert_int_equal(a.priority, PRIORITY_EMERGENCY);
    assert_string_equal(priority_name(a.priority), "emergency");
    assert_int_equal(a.send_at, 1794017400);
    assert_int_equal(a.expires_at, 1794017401);
    assert_int_equal(a.published_at, 0);
    a.field[FIELD_EXPIRES_AT] = a.field[FIELD_SEND_AT];
    assert_int_equal(announcement_check(&a, arena, &err), -1);
    assert_string_equal(err.text, "expires_at: is not after send_at");
    arena_free(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_field_at_a_time),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_what_is_worked_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
