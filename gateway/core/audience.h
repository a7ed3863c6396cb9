/* Whom an announcement is for: `all`, a group, `a,b` (or), `a&b` (and), `!a` (not), parentheses.
 * Pure: names are not looked up here. */
#ifndef LOA_CORE_AUDIENCE_H
#define LOA_CORE_AUDIENCE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/str.h"

enum { AUDIENCE_TOKENS = 64, AUDIENCE_NAME = 64, AUDIENCE_BYTES = 1000 };

/* ALL and GROUP push a set; NOT replaces the top by all members without it; AND and OR take two
 * sets and push one. */
enum audience_op { AUDIENCE_ALL, AUDIENCE_GROUP, AUDIENCE_NOT, AUDIENCE_AND, AUDIENCE_OR };

/* One step of working out an expression. */
struct audience_token {
    enum audience_op op;
    char name[AUDIENCE_NAME + 1]; /* of a GROUP */
};

/* In reverse Polish order: run it from the first token on, one set is left.  Never more than
 * AUDIENCE_TOKENS sets are on the stack. */
struct audience {
    size_t n;
    struct audience_token token[AUDIENCE_TOKENS];
};

/* `!` binds tighter than `&`, that than `,`.  A name is up to 64 bytes of letters (of any script),
 * digits, `-`, `_` and `.`; blanks between are free.  -1, ERR_INPUT, says what was expected and at
 * which character. */
int audience_parse(struct str text, struct audience *out, struct err *err) MUST_CHECK;

bool audience_name_valid(struct str name);

#endif
