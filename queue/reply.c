/* Arguments of a command, and replies read without trusting their shape. */
// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "queue/handle.h"
#include "queue/reader.h"

void
args_init(struct args *a, const char *command)
{
    a->n = 0;
    a->used = 0;
    a->overflow = false;
    a->near = NULL;
    a->master = 0;
    args_z(a, command);
}

void
args_bytes(struct args *a, const void *bytes, size_t n)
{
    if (a->n == ARGS_MAX) {
        a->overflow = true;
        return;
    }
    a->v[a->n] = n ? bytes : "";
    a->len[a->n] = n;
    a->n++;
}

void
args_str(struct args *a, struct str s)
{
    args_bytes(a, s.p, s.n);
}

void
args_z(struct args *a, const char *z)
{
    args_bytes(a, z, strlen(z));
}

static void
args_format_list(struct args *a, const char *format, va_list list)
{
    char *at = a->scratch + a->used;
    size_t room = sizeof a->scratch - a->used;
    int n = vsnprintf(at, room, format, list);
    if (n < 0 || (size_t)n >= room) {
        a->overflow = true;
        return;
    }
    a->used += (size_t)n + 1;
    args_bytes(a, at, (size_t)n);
}

void
args_format(struct args *a, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    args_format_list(a, format, list);
    va_end(list);
}

/* Decimal digits at the end of `room`; returns where they begin. */
static char *
digits(char room[20], uint64_t value)
{
    char *at = room + 20;
    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return at;
}

void
args_int(struct args *a, int64_t value)
{
    args_format(a, "%lld", (long long)value);
}

void
args_joined(struct args *a, struct str head, const uint32_t *numbers, int n)
{
    char room[20], *begin = a->scratch + a->used, *end = a->scratch + sizeof a->scratch;
    char *at = begin;
    if (head.n > (size_t)(end - at)) {
        a->overflow = true;
        return;
    }
    memcpy(at, head.p, head.n);
    at += head.n;
    for (int i = 0; i < n; i++) {
        const char *number = digits(room, numbers[i]);
        size_t digits_n = (size_t)(room + sizeof room - number);
        if (digits_n + 1 > (size_t)(end - at)) {
            a->overflow = true;
            return;
        }
        *at++ = ':';
        memcpy(at, number, digits_n);
        at += digits_n;
    }
    a->used += (size_t)(at - begin);
    args_bytes(a, begin, (size_t)(at - begin));
}

void
args_fcall(struct args *a, const char *function, const char *key_format, ...)
{
    args_init(a, "FCALL");
    args_z(a, function);
    args_z(a, "1");
    va_list list;
    va_start(list, key_format);
    args_format_list(a, key_format, list);
    va_end(list);
}

void
args_function(struct args *a, const char *function)
{
    enum { FUNCTION = 1 };
    a->v[FUNCTION] = function;
    a->len[FUNCTION] = strlen(function);
}

void
args_fcall2(struct args *a, const char *function, const char *key, const char *other)
{
    args_init(a, "FCALL");
    args_z(a, function);
    args_z(a, "2");
    args_z(a, key);
    args_z(a, other);
}

size_t
reply_count(const redisReply *r)
{
    return r && r->type == REDIS_REPLY_ARRAY ? r->elements : 0;
}

const redisReply *
reply_at(const redisReply *r, size_t i)
{
    return i < reply_count(r) ? r->element[i] : NULL;
}

bool
reply_is_nil(const redisReply *r)
{
    return !r || r->type == REDIS_REPLY_NIL;
}

struct str
reply_str(const redisReply *r)
{
    if (r && (r->type == REDIS_REPLY_STRING || r->type == REDIS_REPLY_STATUS)) {
        return (struct str){r->str, r->len};
    }
    return (struct str){"", 0};
}

struct str
reply_str_at(const redisReply *r, size_t i)
{
    return reply_str(reply_at(r, i));
}

int64_t
reply_int(const redisReply *r, int64_t otherwise)
{
    if (r && r->type == REDIS_REPLY_INTEGER) {
        return r->integer;
    }
    struct str s = reply_str(r);
    bool negative = s.n > 1 && s.p[0] == '-';
    uint64_t value;
    if (negative) {
        s.p++;
        s.n--;
    }
    if (!str_to_u64(s, INT64_MAX, &value)) {
        return otherwise;
    }
    return negative ? -(int64_t)value : (int64_t)value;
}

int64_t
reply_int_at(const redisReply *r, size_t i, int64_t otherwise)
{
    return reply_int(reply_at(r, i), otherwise);
}

const redisReply *
reply_value(const redisReply *r, const char *name)
{
    for (size_t i = 0; i + 1 < reply_count(r); i += 2) {
        if (str_equal_z(reply_str_at(r, i), name)) {
            return reply_at(r, i + 1);
        }
    }
    return NULL;
}

struct str
reply_field(const redisReply *r, const char *name)
{
    return reply_str(reply_value(r, name));
}

enum priority
queue_priority(struct str name)
{
    for (int p = 0; p < PRIORITY_N; p++) {
        if (str_equal_z(name, priority_name((enum priority)p))) {
            return (enum priority)p;
        }
    }
    return PRIORITY_NORMAL;
}

bool
queue_has_ended(struct str state)
{
    static const char *const ends[] = {"done", "cancelled", "expired", "rejected", "gone"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (str_equal_z(state, ends[i])) {
            return true;
        }
    }
    return false;
}

/* What Redis says when it cannot do it now; nothing was done. */
static bool
is_passing(struct str text)
{
    static const char *const words[] = {
        "OOM",      "LOADING",     "READONLY", "MASTERDOWN", "BUSY",      "MISCONF", "NOREPLICAS",
        "TRYAGAIN", "CLUSTERDOWN", "NOAUTH",   "NOPERM",     "UNBLOCKED", "MOVED",   "ASK"};
    if (str_starts(text, STR("ERR max number of clients")) ||
        str_starts(text, STR("ERR Function not found"))) {
        return true;
    }
    struct str word = str_cut(&text, ' ');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_equal_z(word, words[i])) {
            return true;
        }
    }
    return false;
}

void
reply_error(struct str text, struct err *err)
{
    int n = text.n > 200 ? 200 : (int)text.n;
    if (str_starts(text, STR("LOA "))) {
        (void)err_set(err, ERR_INPUT, "%.*s", n - 4, text.p + 4);
    } else if (is_passing(text)) {
        (void)err_set(err, ERR_AGAIN, "Redis: %.*s", n, text.p);
    } else {
        (void)err_set(err, ERR_INPUT, "Redis: %.*s", n, text.p);
    }
}
