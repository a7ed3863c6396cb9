/* Recursive descent over an audience expression, bounded in length, depth and tokens. */
// SPDX-License-Identifier: MIT
#include "gateway/core/audience.h"

#include <string.h>

#include <utf8proc.h>

enum { DEPTH_MAX = 16 };

struct parser {
    struct str text;
    size_t at;
    int depth;
    struct audience *out;
    struct err *err;
};

static bool
is_name_char(int32_t c)
{
    if (c < 0x80) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_' || c == '.';
    }
    utf8proc_category_t category = utf8proc_category(c);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_ND);
}

/* Bytes of the name at the head of `s`, 0 if there is none. */
static size_t
name_length(struct str s)
{
    size_t n = 0;
    while (n < s.n) {
        utf8proc_int32_t c = 0;
        utf8proc_ssize_t used =
            utf8proc_iterate((const utf8proc_uint8_t *)s.p + n, (utf8proc_ssize_t)(s.n - n), &c);
        if (used < 1 || !is_name_char(c)) {
            break;
        }
        n += (size_t)used;
    }
    return n;
}

bool
audience_name_valid(struct str name)
{
    return name.n > 0 && name.n <= AUDIENCE_NAME && name_length(name) == name.n;
}

/* Positions are told in characters, from 1. */
static int
fail(struct parser *p, const char *what)
{
    size_t position = 1;
    for (size_t i = 0; i < p->at; i++) {
        position += ((unsigned char)p->text.p[i] & 0xC0) != 0x80;
    }
    return err_set(p->err, ERR_INPUT, "at character %zu: %s", position, what);
}

static char
peek(struct parser *p)
{
    while (p->at < p->text.n && memchr(" \t\r\n", p->text.p[p->at], 4)) {
        p->at++;
    }
    return p->at < p->text.n ? p->text.p[p->at] : '\0';
}

static int
push(struct parser *p, enum audience_op op, struct str name)
{
    if (p->out->n == AUDIENCE_TOKENS) {
        return fail(p, "too long an expression");
    }
    struct audience_token *t = &p->out->token[p->out->n++];
    *t = (struct audience_token){.op = op};
    if (name.n > 0) {
        memcpy(t->name, name.p, name.n);
    }
    return 0;
}

static int parse_either(struct parser *p);

static int
parse_name(struct parser *p)
{
    struct str rest = {p->text.p + p->at, p->text.n - p->at};
    struct str name = {rest.p, name_length(rest)};
    if (name.n == 0) {
        return fail(p, rest.n > 0 ? "expected the name of a group" : "a group's name is missing");
    }
    if (name.n > AUDIENCE_NAME) {
        return fail(p, "a group's name has at most 64 bytes");
    }
    p->at += name.n;
    bool all = str_equal_z(name, "all");
    return push(p, all ? AUDIENCE_ALL : AUDIENCE_GROUP, all ? (struct str){NULL, 0} : name);
}

static int
parse_parentheses(struct parser *p)
{
    if (p->depth == DEPTH_MAX) {
        return fail(p, "parentheses nested too deeply");
    }
    p->depth++;
    p->at++;
    if (parse_either(p) != 0) {
        return -1;
    }
    if (peek(p) != ')') {
        return fail(p, "expected ')'");
    }
    p->at++;
    p->depth--;
    return 0;
}

static int
parse_one(struct parser *p)
{
    int nots = 0;
    while (peek(p) == '!') {
        nots++;
        p->at++;
    }
    int answer = peek(p) == '(' ? parse_parentheses(p) : parse_name(p);
    if (answer == 0 && nots % 2 == 1) {
        answer = push(p, AUDIENCE_NOT, (struct str){NULL, 0});
    }
    return answer;
}

static int
parse_both(struct parser *p)
{
    if (parse_one(p) != 0) {
        return -1;
    }
    while (peek(p) == '&') {
        p->at++;
        if (parse_one(p) != 0 || push(p, AUDIENCE_AND, (struct str){NULL, 0}) != 0) {
            return -1;
        }
    }
    return 0;
}

static int
parse_either(struct parser *p)
{
    if (parse_both(p) != 0) {
        return -1;
    }
    while (peek(p) == ',') {
        p->at++;
        if (parse_both(p) != 0 || push(p, AUDIENCE_OR, (struct str){NULL, 0}) != 0) {
            return -1;
        }
    }
    return 0;
}

int
audience_parse(struct str text, struct audience *out, struct err *err)
{
    struct parser p = {.text = text, .out = out, .err = err};
    out->n = 0;
    if (text.n > AUDIENCE_BYTES) {
        return err_set(err, ERR_INPUT, "longer than %d bytes", AUDIENCE_BYTES);
    }
    if (parse_either(&p) != 0) {
        return -1;
    }
    if (peek(&p) == '\0' && p.at == text.n) {
        return 0;
    }
    return fail(&p, peek(&p) == ')' ? "a ')' too many" : "expected ',' or '&' or the end");
}
