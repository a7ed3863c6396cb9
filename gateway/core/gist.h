/* The best text about an announcement for a given room.  Pure. */
#ifndef LOA_CORE_GIST_H
#define LOA_CORE_GIST_H
// SPDX-License-Identifier: MIT

#include "gateway/core/story.h"

/* What a character costs. */
enum gist_unit {
    GIST_SEPTETS,    /* GSM-7: an extension character counts two; use it with `strip` */
    GIST_UTF16,      /* UCS-2, Telegram */
    GIST_CHARACTERS, /* Unicode code points: Zalo */
};

/* The place that a text has. */
struct gist_room {
    size_t room; /* units for the text alone: prefix, suffix and link are already subtracted */
    enum gist_unit unit;
    bool strip; /* without diacritics (unicode_strip()) */
    /* What stands beside it, as a Zalo template's title: the text tells what is left.  Empty. */
    struct str beside;
};

struct gist {
    struct str text; /* one line, in the arena; empty when nothing at all fits */
    size_t length;   /* its units, at most `room` */
    double kept; /* of the weight of all items, 0 to 1: another part is worth it if this rises */
    bool has[STORY_ITEMS]; /* which of story.item it, or what stands beside it, tells */
};

/* Empty text: nothing fits, or what would is not proved (proof.h).  Chooses and shortens whole
 * clauses of the announcement so that the weight of the told items is the greatest that fits;
 * nothing that does not stand there, abbreviations of templates/ aside. Never tells what
 * story.stale holds, and no clause without its negation. */
void gist_make(const struct story *story, const struct gist_room *room, struct arena *arena,
               struct gist *out);

/* The same judgement of any other text (a given summary): its items. */
void gist_judge(const struct story *story, struct str text, struct arena *arena, struct gist *out);

#endif
