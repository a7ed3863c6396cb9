/* The abbreviations of templates/abbreviations.tsv: what a short text may write for long words.
 * Pure. */
#ifndef LOA_CORE_DICTIONARY_H
#define LOA_CORE_DICTIONARY_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/plain.h"

enum dictionary_when {
    DICTIONARY_ALWAYS = 1, /* in every SMS */
    DICTIONARY_TIGHT,      /* only where the room would not do else */
};

struct dictionary_entry {
    struct str words; /* the long form, small letters: how plain_word() wants it */
    struct str brief;
    enum dictionary_when when;
    bool name;  /* the long form begins with a capital: an office, a kind of document */
    char first; /* the plain sign that it begins with, a small letter */
};

enum { DICTIONARY_MOST = 1024 };

struct dictionary {
    size_t n;
    struct dictionary_entry *entry; /* the longest first */
};

/* Reads a table (columns long, short, when; `#` begins a comment); it borrows `tsv`.  ERR_CONFIG
 * with the line's number for a row that is none. */
int dictionary_read(struct str tsv, struct arena *arena, struct dictionary *out,
                    struct err *err) MUST_CHECK;

/* In small letters; a NUL stands behind it. */
struct str dictionary_small(struct arena *arena, struct str text);

/* The table that was built in. */
void dictionary_built_in(struct arena *arena, struct dictionary *out);

/* The entry whose long form stands at character `i` and may be used at `when`; `*n` is how many
 * characters it takes.  A short form that ends with a full stop ("P.") needs a name behind it. */
const struct dictionary_entry *dictionary_find(const struct dictionary *d, const struct plain *p,
                                               size_t i, enum dictionary_when when, size_t *n);

#endif
