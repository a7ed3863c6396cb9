/* Collecting the items of a text.  Only for story_*.c. */
#ifndef LOA_CORE_STORY_ITEMS_H
#define LOA_CORE_STORY_ITEMS_H
// SPDX-License-Identifier: MIT

#include "gateway/core/story_parts.h"

/* A fact by its tokens [from, to) and its characters [first, last). */
struct items_fact {
    enum fact_kind kind;
    size_t from, to, first, last;
};

/* Where the collecting is, and how many of each it has met. */
struct items {
    struct story *story;
    struct story_detail *detail;
    struct arena *arena;
    const struct story_unit *unit; /* the one that is being read */
    size_t unit_index, facts_n;
    struct items_fact *fact; /* of the whole text */
    int year;                /* the one that most dates name */
    bool warning;            /* of swindlers or dangers */
    bool moved;              /* the title says that the place is another one */
    size_t contents;         /* how many of a document's enumerated contents were met */
    size_t content_line;     /* the line of the last */
    size_t dates, times, phones, documents, amounts, places, negations;
};

/* Adds an item or finds it by its key, and notes that tokens [from, to) tell it; its index, or
 * STORY_ITEMS when that is stale or there is no room. */
size_t items_add(struct items *s, enum story_role role, const char *key, double weight, size_t from,
                 size_t to);
/* Whether it only says when a document is from: "số 54-KL/TW, ngày 09/5/2023". */
bool items_dates_document(const struct items *s, const struct items_fact *f);
/* A fact of `kind` within a few words of tokens [from, to), in the same unit. */
bool items_has_near(const struct items *s, enum fact_kind kind, size_t from, size_t to);
void items_of_fact(struct items *s, const struct items_fact *f);
void items_of_words(struct items *s); /* of the unit: its negations, what to do, names, areas */
void items_of_title(struct items *s);
void items_of_duties(struct items *s); /* of the unit: who must do what; last of all */
/* Tokens of what is to be done ("mang theo", "đăng ký") at token `i`; 0: none. */
size_t items_action_at(const struct story_detail *d, size_t i);

/* Whether the unit's label ("Thời gian:") is one of these; whether one of `words` ends within a few
 * words before token `i`, not before `least`. */
bool items_label_is(const struct story_detail *d, const struct story_unit *u,
                    const char *const *labels);
bool items_before(const struct story_detail *d, size_t i, size_t least, const char *const *words);

#endif
