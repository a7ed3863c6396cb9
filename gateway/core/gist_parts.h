/* The steps of making a gist: how each word is written, which pieces of a unit can stand, the best
 * choice of them.  Only for gist*.c. */
#ifndef LOA_CORE_GIST_PARTS_H
#define LOA_CORE_GIST_PARTS_H
// SPDX-License-Identifier: MIT

#include "gateway/core/gist.h"
#include "gateway/core/story_parts.h"

enum gist_level {
    GIST_WHOLE, /* words as they stand */
    GIST_BRIEF, /* the usual abbreviations, dates and times in figures */
    GIST_TIGHT, /* all abbreviations, no year that goes without saying */
    GIST_LEVELS
};

/* How a token is written.  A group ("Ủy ban nhân dân" → "UBND") is written by its first one. */
struct gist_word {
    struct str text; /* with its signs; empty: nothing of it is written */
    size_t cost;
    bool glued;  /* no blank before it */
    bool inside; /* of a group, not its first: no piece begins here */
};

/* Writes every token of the story for a level; `word` has as many places as there are tokens. */
void gist_write(const struct story *story, const struct gist_room *room, enum gist_level level,
                struct arena *arena, struct gist_word *word);

/* A place where a piece may begin or end, and what that costs in reading. */
struct gist_edge {
    size_t at;
    double penalty;
};
enum { GIST_EDGES = 12 };
struct gist_edges {
    size_t n;
    struct gist_edge edge[GIST_EDGES];
};

/* Where a piece of the unit may begin, and where it may end; add to what is there. */
void gist_beginnings(const struct story *story, const struct story_unit *u, struct gist_edges *e);
void gist_ends(const struct story *story, const struct story_unit *u, struct gist_edges *e);

/* For both: notes an edge, its least penalty if it is there already; the sign behind token `i`. */
void gist_add_edge(struct gist_edges *e, size_t at, double penalty);
char gist_sign(const struct story_detail *d, size_t i);
/* Tokens looked at from one place at most, however long a line is. */
enum { GIST_REACH = 200 };
/* Whether a word of the clause before token `at`, not before `from`, turns round what follows. */
bool gist_negated_before(const struct story_detail *d, size_t from, size_t at);
/* Whether token `i` makes a sentence of a row of nouns; whether before token `at` only nouns stand
 * and what they do comes behind it. */
bool gist_is_predicate(const struct story_detail *d, size_t i);
bool gist_lacks_predicate(const struct story_detail *d, const struct story_unit *u, size_t at);

/* Whether tokens [from, to) narrow what was said before them ("trừ", "nếu"): without them it would
 * say more than is true. */
bool gist_narrows(const struct story_detail *d, size_t from, size_t to);
/* Whether the unit is told aside ("riêng …"): a part of it alone would seem to be told of all. */
bool gist_is_aside(const struct story_detail *d, const struct story_unit *u);

/* A piece of a unit: its tokens [from, to), with or without what stands in brackets. */
struct gist_piece {
    size_t from, to;
    bool bare;          /* without brackets */
    bool opens;         /* ends with a colon: what follows belongs to it */
    bool rings;         /* begins with a number to ring, and needs a word for that before it */
    size_t gap, gap_to; /* tokens between that are left out; none when both are 0 */
    double headless;    /* what a text loses that begins with it */
    double penalty;     /* of reading less well than the whole */
    size_t cost;
    uint64_t items[STORY_ITEMS / 64];
};
enum { PIECES_MOST = 24 };

/* Everything that the search needs. */
struct gist_search {
    const struct story *story;
    const struct gist_word *word;
    size_t room;
    struct arena *arena;
    uint64_t beside[STORY_ITEMS / 64]; /* items that are told already */
    struct gist_state *state;          /* for gist_choose(): kept from one call to the next */
    struct gist_piece *piece;
};

/* The pieces of a unit that read as a sentence, at most PIECES_MOST; how many. */
size_t gist_pieces(const struct gist_search *s, const struct story_unit *unit,
                   struct gist_piece *out);

/* Whose it is, before all else: "phường Tân Lập:"; false when the text has no such name that can
 * stand alone. */
bool gist_head(const struct gist_search *s, struct gist_piece *out);

/* The best choice: the pieces in the text's order, at most UNITS_MOST; how many, and their value.
 */
size_t gist_choose(struct gist_search *s, struct gist_piece *out, double *value);

/* What is written before a number to ring. */
struct str gist_ring_word(const struct story_detail *d, size_t token);

/* Whether token `i` of a piece is written. */
bool gist_is_written(const struct gist_search *s, const struct gist_piece *piece, size_t i);

#endif
