/* The steps of understanding a text: its words, its units, which of them tells which item.  Only
 * for story*.c, gist*.c and their tests. */
#ifndef LOA_CORE_STORY_PARTS_H
#define LOA_CORE_STORY_PARTS_H
// SPDX-License-Identifier: MIT

#include "gateway/core/plain.h"
#include "gateway/core/story.h"

/* A word with the signs that cling to it; all places are characters of `plain`. */
struct story_token {
    size_t from, to;
    size_t core, core_to; /* without signs at its ends */
    bool capital, digit;  /* begins with a capital; holds a digit */
    bool ends_line, ends_sentence;
    bool stale;       /* told by no text */
    bool needless;    /* every short text leaves it out */
    bool polite;      /* courtesy, a cited paper's date: no text tells it */
    bool bracketed;   /* inside (…) */
    bool bound;       /* belongs to what follows: no piece ends with it */
    uint8_t negation; /* tokens of what turns round what follows, 0: it is no such word */
};

/* UNIT_SUBTITLE: a line at the text's head without a full stop; UNIT_HEADING: "như sau:". */
enum unit_kind { UNIT_TITLE, UNIT_SUBTITLE, UNIT_SENTENCE, UNIT_ROW, UNIT_HEADING };

/* What can stand alone: a sentence, a part of one behind a semicolon, an item of a list, a labelled
 * line, a row of a table.  Tokens [from, to). */
struct story_unit {
    enum unit_kind kind;
    size_t from, to;
    size_t label_to; /* behind "Thời gian:"; `from` when there is no label */
    size_t line;
    size_t told, told_to; /* which of `told` begin in it */
    bool listed;          /* begins an item of a list */
    bool negative;        /* holds a word that turns it round */
    bool long_only;       /* a numbered heading, a ground: told where there is room for all */
    bool wary;            /* tells what swindlers do: no part of it may sound like an advice */
};

/* Tokens [from, to) of one unit tell an item. */
struct story_told {
    size_t item, from, to;
    double weight;
};

struct marks;

enum { UNITS_MOST = 160, TOLD_MOST = 1024 };

struct story_detail {
    struct plain plain;
    size_t tokens_n, units_n, told_n;
    struct story_token *token;
    struct story_unit *unit; /* in the text's order, the title first */
    struct story_told *told; /* by `from` */
    struct marks *source;    /* all that the checker compares with */
    int year;                /* the one that most dates name, 0 if none does */
    bool place_moved;        /* a correction names another place */
    bool time_kept;          /* and says that the time holds on */
    const struct phrases *phrases;
};

/* Sets what templates ask for (story.when and those behind it). */
void story_fields(struct story *story, struct arena *arena);
/* The announcement's own kind, or the one that its words name; empty: none does. */
struct str story_kind(const struct announcement *a, const struct story *story, struct arena *arena);

/* Tokens that `phrase` (small letters, words parted by blanks) takes at token `i`; 0: none. */
size_t story_phrase(const struct story_detail *d, size_t i, const char *phrase);
/* The same for the first of a NULL-ended list that stands there. */
size_t story_one_of(const struct story_detail *d, size_t i, const char *const *phrases);
/* Whether tokens `i` and `k` are one word. */
bool story_is_same(const struct story_detail *d, size_t i, size_t k);
/* The character behind the core of token `i` ('\0' if none), and before it. */
char story_sign_behind(const struct story_detail *d, size_t i);
/* Whether token `i` turns round what follows; how many tokens it has. */
size_t story_negation(const struct story_detail *d, size_t i);

/* The token that holds byte `at` of the text. */
size_t story_token_at(const struct story_detail *d, size_t at);
bool story_holds_digit(const struct story_detail *d, size_t from, size_t to);
/* A building behind its preposition at token `i` ("đến Trường Tiểu học A"): the token behind its
 * name, 0 if none stands there; `*from` is where the name begins. */
size_t story_building(const struct story_detail *d, const struct story_unit *u, size_t i,
                      size_t *from);
/* For story_mark(): what a correction replaces, in all units; whether words say that it was so
 * before ("đã thông báo"); marks tokens as never told. */
void story_stale(struct story *story, struct arena *arena);
bool story_tells_old(const struct story_detail *d, size_t from, size_t to);
void story_set_stale(struct story *story, size_t from, size_t to);

/* For story_mark(): what of a unit is courtesy; whether all of it is. */
bool story_mark_courtesy(struct story_detail *d, const struct story_unit *u);
/* "Căn cứ Luật …;": whether a unit tells nothing else; what of it no text tells. */
bool story_is_ground(const struct story_detail *d, const struct story_unit *u);
void story_mark_grounds(struct story *story, const struct story_unit *u);

/* Fill the detail, in this order. */
void story_split(struct story *story, struct arena *arena);
void story_mark(struct story *story, struct arena *arena);    /* stale, needless, bracketed */
void story_collect(struct story *story, struct arena *arena); /* items and who tells them */

/* The folded words of tokens [from, to), parted by a blank. */
struct str story_folded(const struct story_detail *d, struct arena *arena, size_t from, size_t to);

#endif
