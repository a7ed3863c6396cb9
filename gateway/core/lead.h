/* A text as the pieces that a short message may take whole: sentences and lines.  Pure. */
#ifndef LOA_CORE_LEAD_H
#define LOA_CORE_LEAD_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

enum { LEAD_PIECES = 64 };

/* The first pieces of a text. */
struct lead {
    size_t n;
    struct str piece[LEAD_PIECES]; /* borrowed from the text */
};

/* Takes the next sentence or line off `*text`, empty at its end. */
struct str lead_next(struct str *text);

/* The first sentences of tidy text, at most LEAD_PIECES.  A full stop behind a number or a short
 * abbreviation ("1.", "P.", "TP.") ends none. */
void lead_split(struct str text, struct lead *out);

/* The longest head of `piece`, shorter than `most` bytes, that ends at a blank where neither a
 * number, a date nor a negation is torn from its neighbour, without trailing punctuation; empty if
 * there is none.  With `anywhere`, any blank will do. */
struct str lead_cut(struct str piece, size_t most, bool anywhere);

/* `cut`, or the head of it that ends a clause (at a comma or semicolon between words) if that keeps
 * two thirds and every number: nicer to read. */
struct str lead_clause(struct str cut);

/* Whether a sentence may follow without a full stop of ours. */
bool lead_ends(struct str piece);

#endif
