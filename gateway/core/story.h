/* What an announcement tells: its text, and in it what a member must know, found once and used for
 * every text that is made of it.  Pure. */
#ifndef LOA_CORE_STORY_H
#define LOA_CORE_STORY_H
// SPDX-License-Identifier: MIT

#include "gateway/core/announcement.h"
#include "gateway/core/facts.h"
#include "gateway/core/phrases.h"

/* What an item is to its reader. */
enum story_role {
    ROLE_SUBJECT,    /* words of the title that say what it is about */
    ROLE_WHEN,       /* the date or time of what is announced */
    ROLE_WHERE,      /* its place */
    ROLE_DEADLINE,   /* until when something must be done */
    ROLE_ACTION,     /* what to do: "mang theo thẻ đảng viên" */
    ROLE_NEGATION,   /* what not to do, what does not take place */
    ROLE_CORRECTION, /* it replaces, moves or cancels something */
    ROLE_CONTACT,    /* a number to ring */
    ROLE_DOCUMENT,   /* the number of the document that is announced */
    ROLE_AREA,       /* whose: "phường Tân Lập" */
    ROLE_AMOUNT,     /* money, ages, limits */
    ROLE_DUTY,       /* who must do what */
    ROLE_OTHER,      /* a fact of less weight */
};
enum { ROLES = 13, STORY_ITEMS = 256 };

/* "subject", "when", … */
const char *story_role_name(enum story_role role);

/* One thing worth telling; the same date or number said twice is one item. */
struct story_item {
    enum story_role role;
    size_t from, to; /* bytes of story.text, where it is said first */
    struct str key;  /* how it is compared: "d02/12", "t19:30", "tan lap" */
    double weight;
};

/* A span of the text that is never told: an old date that a correction replaces. */
struct story_span {
    size_t from, to;
};
enum { STORY_STALE = 64 };

/* Who must do what, and by when, as it stands in the text: "phụ huynh có con sinh 2019", "nộp hồ sơ
 * …", "trước ngày 30/4"; `deadline` is empty when none is said. */
struct story_duty {
    struct str who, what, deadline;
};
enum { STORY_DUTIES = 24 };

struct story_detail;

struct story {
    struct str text; /* the title, a line end, the body without furniture; tidy UTF-8 in NFC */
    size_t title_n;  /* bytes of the title */
    struct str issuer, kind; /* kind: "giay-moi", "cat-nuoc", …; empty when unknown */
    bool urgent;             /* an emergency: what to do comes before all else */
    bool alarms;             /* by its priority: KHẨN stands before every text of it */
    struct facts facts;      /* of `text` */
    size_t items_n, stale_n;
    struct story_item item[STORY_ITEMS];
    struct story_span stale[STORY_STALE];
    size_t duties_n;
    struct story_duty duty[STORY_DUTIES];
    struct story_detail *detail; /* for gist_make() */
    /* For templates, as they stand in the text; empty when there is none. */
    struct str when, where, deadline, contact, document, area, action;
};

/* Reads an announcement that announcement_check() passed; borrows it and the phrases, all else is
 * in `arena`.  ERR_INPUT for a body that cannot be read. */
int story_read(const struct announcement *a, const struct phrases *phrases, struct arena *arena,
               struct story *out, struct err *err) MUST_CHECK;

/* The title calls off what was announced: when and where that was to be is not when and where. */
bool story_calls_off(const struct story *story);

/* The body for a text without limits: its lines, without what was replaced and without courtesy. */
struct str story_body(const struct story *story, struct arena *arena);

#endif
