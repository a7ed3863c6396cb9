/* The text of an SMS: what the announcement tells, in the office's words, in the fewest parts that
 * keep it.  Pure. */
#ifndef LOA_CORE_FIT_H
#define LOA_CORE_FIT_H
// SPDX-License-Identifier: MIT

#include "gateway/core/diacritics.h"
#include "gateway/core/gist.h"
#include "gateway/core/segment.h"
#include "gateway/core/wording.h"

/* What a channel allows. */
struct fit_rules {
    enum diacritics marks; /* strip diacritics, keep them, or the cheaper without loss */
    int max_parts;
    struct segment_form form; /* of the link's parts */
};

/* What would be sent. */
struct fit {
    struct str text; /* UTF-8, NFC, in the arena; WORDING_NAME where each member's name goes */
    struct str link; /* what stands in the text, empty if none */
    struct segments segments; /* with the widest name that there can be */
    bool named;
    bool given;       /* the words are not of our choice: what they tell gist_judge() knows */
    struct gist gist; /* of what was chosen: which of story.item it tells */
    struct err doubt; /* a given summary that says what the announcement does not: a sentence */
};

/* The text for each number of parts up to max_parts is formed; of those the one that keeps most is
 * taken, and of equals the shortest: another part is paid only for another fact.  The
 * announcement's own `summary` stands as it is, its link replaced by the one that members get.  An
 * emergency says so first.  What is formed here must pass proof_check().  ERR_LIMIT: title and link
 * do not fit; ERR_INPUT: the given `summary` with what stands around it does not, or no text
 * passes. */
int fit_sms(const struct wording_source *source, const struct wording *wording,
            const struct fit_rules *rules, struct arena *arena, struct fit *out,
            struct err *err) MUST_CHECK;

/* Septets, octets or UTF-16 units that `parts` parts hold. */
int fit_capacity(struct segment_form form, enum encoding encoding, int parts);

#endif
