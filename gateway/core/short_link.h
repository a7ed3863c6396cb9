/* Short links: the code that stands for a broadcast's own link.  Pure. */
#ifndef LOA_CORE_SHORT_LINK_H
#define LOA_CORE_SHORT_LINK_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* 40 bits in 32 small letters and digits: without 0, 1, l and o, which are taken for one another,
 * and without a sign that an operator refuses. */
enum { SHORT_CODE_N = 8, SHORT_CODE_ROOM = SHORT_CODE_N + 1 };
#define SHORT_CODE_ALPHABET "23456789abcdefghijkmnpqrstuvwxyz"

/* The code of a broadcast: the same for the same three, so that an announcement that is taken in
 * again after a crash keeps its code; not to be guessed without them.  `content_hash` is
 * hash_announcement()'s, `entry` the stream's. */
void short_code(struct str id, struct str content_hash, struct str entry,
                char out[SHORT_CODE_ROOM]);

/* In small letters if it could be a code; false if not. */
bool short_code_read(struct str text, char out[SHORT_CODE_ROOM]);

/* "https://base/s/" and a code. */
struct str short_link(struct arena *arena, struct str base, const char *code);

#endif
