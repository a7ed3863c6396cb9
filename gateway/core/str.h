/* Borrowed text (`struct str`) and a growing buffer that has a ceiling from birth (`struct buf`).
 */
#ifndef LOA_CORE_STR_H
#define LOA_CORE_STR_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/core/err.h"

/* Borrowed bytes; not NUL-terminated unless said. */
struct str {
    const char *p;
    size_t n;
};

/* A name with what stands for it; both are C strings. */
struct str_pair {
    const char *name, *value;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
struct str str_of(const char *s); /* NULL becomes empty */
bool str_equal(struct str a, struct str b);
bool str_equal_z(struct str a, const char *z);
bool str_starts(struct str s, struct str prefix);
struct str str_from(struct str s, size_t n); /* what stands behind its first n bytes; n <= s.n */
struct str str_trim(struct str s);           /* ASCII white space on both ends */
/* Cuts `*rest` at the first `sep`: returns what stands before it; `*rest` becomes what follows
 * (empty with p == NULL when there was no separator left). */
struct str str_cut(struct str *rest, char sep);
/* Decimal without sign or blanks, at most `max`.  False when it is anything else. */
bool str_to_u64(struct str s, uint64_t max, uint64_t *value);

/* Owns `p`, always NUL-terminated after the first append.  Past `ceiling` bytes an append sets
 * `overflow` and adds nothing more: check it once at the end. */
struct buf {
    char *p;
    size_t n, room, ceiling;
    bool overflow;
};

void buf_init(struct buf *b, size_t ceiling);
void buf_deinit(struct buf *b);
void buf_clear(struct buf *b);
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_add_str(struct buf *b, struct str s);
void buf_add_z(struct buf *b, const char *z);
void buf_add_char(struct buf *b, char c);
void buf_add_format(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
struct str buf_str(const struct buf *b); /* borrowed until the next append */

#endif
