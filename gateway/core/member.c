/* A line of the directory's CSV file. */
// SPDX-License-Identifier: MIT
#include "gateway/core/member.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "gateway/core/audience.h"
#include "gateway/core/nearest.h"
#include "gateway/core/preference.h"
#include "gateway/core/unicode.h"

static const char *const column_names[MEMBER_COLUMNS] = {
    "id", "name", "phone", "zalo_uid", "telegram_chat", "groups", "prefer"};

/* What they are called in Vietnamese, as unicode_fold() has it. */
static const struct {
    const char *name;
    enum member_column column;
} vietnamese[] = {
    {"ma", MEMBER_ID},
    {"ho ten", MEMBER_NAME},
    {"ho va ten", MEMBER_NAME},
    {"dien thoai", MEMBER_PHONE},
    {"so dien thoai", MEMBER_PHONE},
    {"nhom", MEMBER_GROUPS},
    {"kenh uu tien", MEMBER_PREFER},
    {"uu tien", MEMBER_PREFER},
};

/* Bytes that each column may have. */
static const size_t longest[MEMBER_COLUMNS] = {MEMBER_ID_MAX, 200, 40, 24, 20, 4000, 60};

/* ---- The header ---- */

static int
column_in_vietnamese(struct str name)
{
    int column = -1;
    struct arena *arena = arena_new();
    struct str folded = unicode_fold(arena, name);
    for (size_t i = 0; i < sizeof vietnamese / sizeof *vietnamese; i++) {
        if (str_equal_z(folded, vietnamese[i].name)) {
            column = (int)vietnamese[i].column;
        }
    }
    arena_free(&arena);
    return column;
}

static int
column_of(struct str name, struct err *err)
{
    name = str_trim(name);
    for (int c = 0; c < MEMBER_COLUMNS; c++) {
        if (str_equal_z(name, column_names[c])) {
            return c;
        }
    }
    size_t bad;
    int column = utf8_valid(name, &bad) ? column_in_vietnamese(name) : -1;
    if (column >= 0) {
        return column;
    }
    const char *near = nearest_find(name, column_names, MEMBER_COLUMNS);
    int n = name.n > 40 ? 40 : (int)name.n;
    if (near) {
        return err_set(err, ERR_INPUT, "column '%.*s': did you mean '%s'?", n, name.p, near);
    }
    return err_set(err, ERR_INPUT,
                   "column '%.*s': known are id, name, phone, zalo_uid, telegram_chat, "
                   "groups, prefer",
                   n, name.p ? name.p : "");
}

int
member_header_read(const struct str *cells, size_t n, struct member_header *out, struct err *err)
{
    out->cells = n;
    for (int c = 0; c < MEMBER_COLUMNS; c++) {
        out->at[c] = -1;
    }
    for (size_t i = 0; i < n; i++) {
        int c = column_of(cells[i], err);
        if (c < 0) {
            return -1;
        }
        if (out->at[c] >= 0) {
            return err_set(err, ERR_INPUT, "column '%s' stands there twice", column_names[c]);
        }
        out->at[c] = (int)i;
    }
    if (out->at[MEMBER_ID] < 0) {
        return err_set(err, ERR_INPUT,
                       "no column 'id': the first line must be "
                       "id,name,phone,zalo_uid,telegram_chat,groups");
    }
    if (out->at[MEMBER_PHONE] < 0 && out->at[MEMBER_ZALO_UID] < 0 &&
        out->at[MEMBER_TELEGRAM_CHAT] < 0) {
        return err_set(err, ERR_INPUT,
                       "no column with an address: phone, zalo_uid or "
                       "telegram_chat");
    }
    return 0;
}

/* ---- A row ---- */

/* The groups as "a;b": names checked, blanks and empty ones gone, each once. */
static int
read_groups(struct str given, struct arena *arena, struct str *out, struct err *err)
{
    struct buf joined;
    int result = 0;
    buf_init(&joined, 8000);
    buf_add_char(&joined, ';');
    while (given.p && result == 0) {
        char sought[AUDIENCE_NAME + 3] = ";";
        struct str name = str_trim(str_cut(&given, ';'));
        if (name.n == 0 || str_equal_z(name, "all")) { /* everybody is in `all` */
            continue;
        }
        if (!audience_name_valid(name)) {
            result = err_set(err, ERR_INPUT,
                             "group '%.*s': a name is up to 64 letters, digits, '-', '_', '.'",
                             name.n > 64 ? 64 : (int)name.n, name.p);
            break;
        }
        memcpy(sought + 1, name.p, name.n);
        memcpy(sought + 1 + name.n, ";", 2);
        if (!strstr(joined.p, sought)) {
            buf_add_z(&joined, sought + 1);
        }
    }
    size_t n = joined.n > 1 ? joined.n - 2 : 0; /* without the ';' on both ends */
    *out = (struct str){arena_strndup(arena, joined.p + 1, n), n};
    buf_deinit(&joined);
    return result;
}

static int
read_cell(enum member_column c, struct str cell, struct arena *arena, struct str *out,
          struct err *err)
{
    size_t bad;
    if (!utf8_valid(cell, &bad)) {
        return err_set(err, ERR_INPUT, "%s: byte %zu is not UTF-8", column_names[c], bad + 1);
    }
    *out = unicode_line(arena, cell);
    if (out->n > longest[c]) {
        return err_set(err, ERR_INPUT, "%s: longer than %zu bytes", column_names[c], longest[c]);
    }
    return 0;
}

static void
judge_phone(struct member_row *row)
{
    row->phone = number_read(row->column[MEMBER_PHONE], row->address);
    bool other = row->column[MEMBER_ZALO_UID].n > 0 || row->column[MEMBER_TELEGRAM_CHAT].n > 0;
    row->warning = NULL;
    if (row->phone == NUMBER_INVALID) {
        row->warning = "the phone is no valid mobile number: no SMS";
    } else if (row->phone == NUMBER_NONE && !other) {
        row->warning = "no phone and no other address: nothing can be sent";
    }
}

int
member_row_read(const struct member_header *header, const struct str *cells, size_t n,
                struct arena *arena, struct member_row *out, struct err *err)
{
    *out = (struct member_row){.phone = NUMBER_NONE};
    if (n != header->cells) {
        return err_set(err, ERR_INPUT, "%zu cells where the first line has %zu", n, header->cells);
    }
    for (int c = 0; c < MEMBER_COLUMNS; c++) {
        struct str cell = header->at[c] < 0 ? STR("") : cells[header->at[c]];
        if (read_cell((enum member_column)c, cell, arena, &out->column[c], err) != 0) {
            return -1;
        }
    }
    if (out->column[MEMBER_ID].n == 0) {
        return err_set(err, ERR_INPUT, "no id");
    }
    if (read_groups(out->column[MEMBER_GROUPS], arena, &out->column[MEMBER_GROUPS], err) != 0) {
        return -1;
    }
    struct str *prefer = &out->column[MEMBER_PREFER];
    if (preference_read(*prefer, arena, prefer, err) != 0) {
        return -1;
    }
    judge_phone(out);
    return 0;
}

/* ---- How it is kept ---- */

void
member_row_json(const struct member_row *row, struct buf *out)
{
    json_t *object = json_object();
    for (int c = 0; c < MEMBER_COLUMNS; c++) {
        struct str s = row->column[c];
        if (c == MEMBER_PREFER && s.n == 0) {
            continue; /* as those are kept who were taken in before there was such a column */
        }
        (void)json_object_set_new(object, column_names[c], json_stringn(s.p ? s.p : "", s.n));
    }
    char *text = json_dumps(object, JSON_COMPACT);
    buf_add_z(out, text ? text : "{}");
    free(text);
    json_decref(object);
}

void
member_row_phone(const struct member_row *row, char out[NUMBER_COLUMN])
{
    memset(out, ' ', NUMBER_COLUMN);
    if (row->phone == NUMBER_MOBILE) {
        memcpy(out, row->address, strnlen(row->address, NUMBER_COLUMN));
    } else if (row->phone == NUMBER_INVALID) {
        out[0] = '!';
    }
}

void
member_row_key(const struct member_row *row, struct buf *out)
{
    if (row->phone == NUMBER_MOBILE) {
        buf_add_z(out, row->address);
    } else if (row->column[MEMBER_ZALO_UID].n > 0) {
        buf_add_z(out, "z:");
        buf_add_str(out, row->column[MEMBER_ZALO_UID]);
    } else if (row->column[MEMBER_TELEGRAM_CHAT].n > 0) {
        buf_add_z(out, "t:");
        buf_add_str(out, row->column[MEMBER_TELEGRAM_CHAT]);
    }
}

bool
member_json_read(struct str json, struct arena *arena, struct str column[MEMBER_COLUMNS])
{
    json_t *object = json_loadb(json.p ? json.p : "", json.n, JSON_REJECT_DUPLICATES, NULL);
    for (int c = 0; c < MEMBER_COLUMNS; c++) {
        const json_t *value = json_object_get(object, column_names[c]);
        const char *text = json_string_value(value);
        size_t n = text ? json_string_length(value) : 0;
        column[c] = (struct str){arena_strndup(arena, text ? text : "", n), n};
    }
    bool known = json_is_object(object);
    json_decref(object);
    return known;
}

struct str
member_json_name(struct str json, struct arena *arena)
{
    static const struct str key = {"\"name\":\"", 8}; /* in a value its quotes were escaped */
    const char *at = json.n > 0 ? memmem(json.p, json.n, key.p, key.n) : NULL;
    struct str rest = at ? str_from(json, (size_t)(at - json.p) + key.n) : (struct str){NULL, 0};
    const char *end = at ? memchr(rest.p, '"', rest.n) : NULL;
    struct str column[MEMBER_COLUMNS];
    if (end && !memchr(rest.p, '\\', (size_t)(end - rest.p))) {
        return (struct str){rest.p, (size_t)(end - rest.p)};
    }
    return member_json_read(json, arena, column) ? column[MEMBER_NAME] : (struct str){"", 0};
}
