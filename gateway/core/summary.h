/* Forms the short text with its link that a member gets.  The interface that stays; pure. */
#ifndef LOA_CORE_SUMMARY_H
#define LOA_CORE_SUMMARY_H
// SPDX-License-Identifier: MIT

#include "gateway/core/announcement.h"
#include "gateway/core/segment.h"

enum summary_marks { SUMMARY_STRIP, SUMMARY_KEEP, SUMMARY_AUTO };

/* What a channel allows. */
struct summary_rules {
    enum summary_marks marks; /* SMS: strip diacritics, keep them, or the cheaper without loss */
    int max_parts;
};

/* What a channel would send.  `text` is owned by the caller's arena. */
struct summary {
    struct str text; /* UTF-8, NFC */
    struct str link; /* what stands in the text, empty if none */
    struct segments segments;
};

/* The text of an SMS: the announcement's own `summary` if it has one, else title and as much of the
 * body's lead as fits into max_parts without cutting a word; the link whole and last.  The body may
 * be HTML or text.  ERR_LIMIT when title and link alone do not fit even when the title is
 * shortened at a word; ERR_INPUT when a given `summary` with its link does not fit. */
int summary_sms(const struct announcement *a, const struct summary_rules *rules,
                struct arena *arena, struct summary *out, struct err *err) MUST_CHECK;

#endif
