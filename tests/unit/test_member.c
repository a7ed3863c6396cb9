/* A line of the directory's file: header, rules, and how it is kept. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gateway/core/csv.h"
#include "gateway/core/member.h"

#define HEAD "id,name,phone,zalo_uid,telegram_chat,groups"
#define COUNT(a) (sizeof(a) / sizeof *(a))

static size_t
split(const char *line, struct str cells[MEMBER_CELLS_MAX])
{
    struct str rest = str_of(line);
    size_t n = 0;
    while (rest.p && n < MEMBER_CELLS_MAX) {
        cells[n++] = str_cut(&rest, ',');
    }
    return n;
}

static const struct {
    const char *header, *error;
} headers[] = {
    {HEAD, ""},
    {"groups,phone,id", ""},
    {" id , zalo_uid", ""},
    {"id,telegram_chat", ""},
    {"id,name", "no column with an address: phone, zalo_uid or telegram_chat"},
    {"phone,name", "no column 'id': the first line must be " HEAD},
    {"id,phone,id", "column 'id' stands there twice"},
    {"id,phone,group", "column 'group': did you mean 'groups'?"},
    {"id,phone,birthday",
     "column 'birthday': known are id, name, phone, zalo_uid, telegram_chat, groups, prefer"},
    {"", "column '': known are id, name, phone, zalo_uid, telegram_chat, groups, prefer"},
    {HEAD ",prefer", ""},
    {"Mã,Họ và tên,Số điện thoại,NHÓM,Kênh ưu tiên", ""},
    {"id,phone,prefer,uu tien", "column 'prefer' stands there twice"},
    {"id,phone,prefers", "column 'prefers': did you mean 'prefer'?"},
};

static void
test_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        struct str cells[MEMBER_CELLS_MAX];
        struct member_header header;
        struct err err = {0};
        int result = member_header_read(cells, split(headers[i].header, cells), &header, &err);
        if ((result == 0) != !headers[i].error[0] || strcmp(err.text, headers[i].error) != 0) {
            fail_msg("%s: %s", headers[i].header, err.text);
        }
    }
}

/* What is kept of a line: JSON, the column of phones, the key; or the refusal. */
static const struct {
    const char *line, *json, *phone, *key, *error, *warning;
} rows[] = {
    {"m1, Nguyễn  Văn A ,0900 000 001,z1,t1, b ; a;;b",
     "{\"id\":\"m1\",\"name\":\"Nguyễn Văn A\",\"phone\":\"0900 000 001\",\"zalo_uid\":\"z1\","
     "\"telegram_chat\":\"t1\",\"groups\":\"b;a\"}",
     "84900000001 ", "84900000001", "", ""},
    {"m2,,12,z1,t1,", NULL, "!           ", "z:z1", "",
     "the phone is no valid mobile number: no SMS"},
    {"m3,,,,t1,", NULL, "            ", "t:t1", "", ""},
    {"m4,,,,,", NULL, "            ", "", "", "no phone and no other address: nothing can be sent"},
    {"m5,to\xcc\x82\xcc\x89,,,,to\xcc\x82\xcc\x89-1", /* NFD becomes NFC */
     "{\"id\":\"m5\",\"name\":\"t\xe1\xbb\x95\",\"phone\":\"\",\"zalo_uid\":\"\","
     "\"telegram_chat\":\"\",\"groups\":\"t\xe1\xbb\x95-1\"}",
     "            ", "", "", "no phone and no other address: nothing can be sent"},
    {",,0900000001,,,", NULL, "", "", "no id", ""},
    {"m6,x", NULL, "", "", "2 cells where the first line has 6", ""},
    {"m7,\xc3,,,,", NULL, "", "", "name: byte 1 is not UTF-8", ""},
    {"m9,,,,,a&b", NULL, "", "", "group 'a&b': a name is up to 64 letters, digits, '-', '_', '.'",
     ""},
    {"m9,,,1234567890123456789012345,,", NULL, "", "", "zalo_uid: longer than 24 bytes", ""},
    {"m9,,,,123456789012345678901,", NULL, "", "", "telegram_chat: longer than 20 bytes", ""},
    {"12345678901234567890123456789012345678901234567890123456789012345,,,,,", NULL, "", "",
     "id: longer than 64 bytes", ""},
};

static void
check_kept(size_t i, const struct member_row *row)
{
    struct buf json, key;
    char phone[NUMBER_COLUMN];
    buf_init(&json, 16384);
    buf_init(&key, 100);
    member_row_json(row, &json);
    member_row_key(row, &key);
    member_row_phone(row, phone);
    if (rows[i].json) {
        assert_string_equal(json.p, rows[i].json);
    }
    assert_memory_equal(phone, rows[i].phone, sizeof phone);
    assert_true(str_equal_z(buf_str(&key), rows[i].key));
    assert_string_equal(row->warning ? row->warning : "", rows[i].warning);
    struct arena *arena = arena_new();
    struct str column[MEMBER_COLUMNS];
    assert_true(member_json_read(buf_str(&json), arena, column));
    for (int c = 0; c < MEMBER_COLUMNS; c++) {
        assert_true(str_equal(column[c], row->column[c]));
    }
    arena_free(&arena);
    buf_deinit(&json);
    buf_deinit(&key);
}

static void
test_rows(void **state)
{
    (void)state;
    struct str cells[MEMBER_CELLS_MAX];
    struct member_header header;
    struct err err = {0};
    assert_int_equal(member_header_read(cells, split(HEAD, cells), &header, &err), 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena *arena = arena_new();
        struct member_row row;
        err = (struct err){0};
        size_t n = split(rows[i].line, cells);
        int result = member_row_read(&header, cells, n, arena, &row, &err);
        if (strcmp(err.text, rows[i].error) != 0 || (result == 0) != !rows[i].error[0]) {
            fail_msg("%s: %s", rows[i].line, err.text);
        }
        if (result == 0) {
            check_kept(i, &row);
        }
        arena_free(&arena);
    }
}

static void
test_other_order(void **state)
{
    (void)state;
    struct str cells[MEMBER_CELLS_MAX];
    struct member_header header;
    struct member_row row;
    struct err err;
    struct arena *arena = arena_new();
    assert_int_equal(member_header_read(cells, split("phone,id", cells), &header, &err), 0);
    size_t n = split("0900000001,m1", cells);
    assert_int_equal(member_row_read(&header, cells, n, arena, &row, &err), 0);
    assert_true(str_equal_z(row.column[MEMBER_ID], "m1"));
    assert_string_equal(row.address, "84900000001");
    assert_int_equal(row.column[MEMBER_GROUPS].n, 0);
    assert_int_equal(member_header_read(cells, split("uu tien,phone,id", cells), &header, &err), 0);
    n = split("SMS;zalo,0900000001,m1", cells);
    assert_int_equal(member_row_read(&header, cells, n, arena, &row, &err), 0);
    struct buf json;
    buf_init(&json, 1000);
    member_row_json(&row, &json);
    assert_non_null(strstr(json.p, "\"groups\":\"\",\"prefer\":\"sms,zalo\"}"));
    buf_deinit(&json);
    n = split("viber,0900000001,m1", cells);
    assert_int_equal(member_row_read(&header, cells, n, arena, &row, &err), -1);
    assert_string_equal(err.text, "prefer: 'viber': the channels are sms, zalo, telegram");
    assert_false(member_json_read(STR("[1]"), arena, row.column));
    assert_false(member_json_read(STR("{"), arena, row.column));
    assert_int_equal(row.column[MEMBER_ID].n, 0);
    arena_free(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_other_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
