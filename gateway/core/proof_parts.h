/* A text as a row of words and facts that can be compared.  Only for proof*.c. */
#ifndef LOA_CORE_PROOF_PARTS_H
#define LOA_CORE_PROOF_PARTS_H
// SPDX-License-Identifier: MIT

#include "gateway/core/facts.h"
#include "gateway/core/plain.h"
#include "gateway/core/stamp.h"
#include "gateway/core/story.h"

enum mark_kind { MARK_WORD, MARK_NUMBER, MARK_DATE, MARK_TIME, MARK_PHONE, MARK_DOCUMENT };

/* A word or a fact. */
struct mark {
    enum mark_kind kind;
    struct str key;      /* folded: "lap", "2,5", "0242137"; as it stands for dates and times */
    struct stamp stamp;  /* of a date or a time */
    size_t from, to;     /* bytes of the text */
    size_t clause;       /* counts up at every sign that parts; */
    size_t line;         /* … at every full stop and line end */
    bool capital, first; /* begins with a capital; first of its sentence */
    bool all_capitals;
    bool maybe;          /* turns round what follows, or looks like it where marks are missing */
    bool negation;       /* turns round what follows in its clause */
    bool stop;           /* … by "ngừng", "trừ": a time or day beside it holds */
    bool negated;        /* something before it in its clause is a negation, or may be one */
    bool after_negation; /* one stands before it in its sentence */
    bool limit;          /* ends a range: "đến hết" stands inside the fact */
    bool stale;          /* the announcement says it only as what was replaced */
};

struct marks {
    size_t n;
    struct mark *mark;
    struct str text;
};

/* All of `text`; it stays borrowed. */
void marks_read(struct arena *arena, struct str text, struct marks *out);

/* The announcement's own, issuer included; what the story never tells is stale. */
void marks_of_story(struct arena *arena, const struct story *story, struct marks *out);

/* Whether both say the same. */
bool mark_same(const struct mark *a, const struct mark *b);
/* Whether it is one of a NULL-ended list of folded words. */
bool mark_one_of(const struct mark *m, const char *const *words);
/* Whether it is a word that does not tell what a text is about: "ngày", "từ", "sáng". */
bool mark_is_filler(const struct mark *m);

/* Rules over a text and its source: 0, or -1 with what is wrong. */
struct proof {
    const struct story *story;
    struct marks source, text;
    struct arena *arena;
    struct err *err;
};
int proof_values(const struct proof *p);    /* numbers, dates, … stand in the source */
int proof_names(const struct proof *p);     /* names do */
int proof_places(const struct proof *p);    /* times and dates are where they belong */
int proof_bonds(const struct proof *p);     /* no date or phone has another's words */
int proof_weekdays(const struct proof *p);  /* each date has its own */
int proof_amounts(const struct proof *p);   /* amounts keep unit, limit and what they are of */
int proof_negations(const struct proof *p); /* nothing is turned round */

/* ERR_INPUT: "'18/12': …" */
int proof_wrong(const struct proof *p, const struct mark *mark, const char *why);

#endif
