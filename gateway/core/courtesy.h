/* What is said to be polite, and tells nobody anything: templates/courtesy.tsv.  Pure. */
#ifndef LOA_CORE_COURTESY_H
#define LOA_CORE_COURTESY_H
// SPDX-License-Identifier: MIT

#include "gateway/core/err.h"
#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* What goes with the words. */
enum courtesy {
    COURTESY_SENTENCE, /* the sentence that they stand in, if it tells nothing else */
    COURTESY_WISH,     /* the same of one that begins with them */
    COURTESY_OPENING,  /* the same; they alone, if it tells more */
    COURTESY_WORDS,    /* they alone */
    COURTESY_ADDRESS,  /* they at the head of a sentence, and who is spoken to */
};

struct courtesy_phrase {
    const char *words; /* small letters, with marks: how plain_word() wants it */
    enum courtesy goes;
};

struct courtesy_table {
    size_t n;
    const struct courtesy_phrase *phrase;
};
enum { COURTESY_ROWS = 512 };

/* The table that is built in. */
extern const struct courtesy_table courtesy_built_in;

/* Reads a table (columns words, goes; `#` begins a comment).  ERR_CONFIG with the line's number for
 * a row that is none. */
int courtesy_table_read(struct str tsv, struct arena *arena, struct courtesy_table *out,
                        struct err *err) MUST_CHECK;

#endif
