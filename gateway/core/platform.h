/* What the messaging platforms get of an announcement: Telegram, Zalo OA messages, and the
 * parameters of a Zalo template.  Pure. */
#ifndef LOA_CORE_PLATFORM_H
#define LOA_CORE_PLATFORM_H
// SPDX-License-Identifier: MIT

#include "gateway/core/wording.h"

enum { TELEGRAM_UNITS = 4096, ZALO_OA_UNITS = 2000, ZALO_PARAMETER = 200 };

/* What a platform would be sent; WORDING_NAME stands where a member's name goes. */
struct platform_text {
    struct str text; /* UTF-8, NFC, in the arena */
    struct str link; /* what stands in the text, empty if none */
};

/* For parse_mode HTML: the template, its {summary} the announcement's own or as many paragraphs and
 * sentences of the body as fit whole; what the announcement brings is escaped.  At most
 * TELEGRAM_UNITS UTF-16 units as shown. */
int platform_telegram(const struct wording_source *source, const struct wording *wording,
                      struct arena *arena, struct platform_text *out, struct err *err) MUST_CHECK;

/* The same without formatting, at most ZALO_OA_UNITS. */
int platform_zalo_oa(const struct wording_source *source, const struct wording *wording,
                     struct arena *arena, struct platform_text *out, struct err *err) MUST_CHECK;

/* A parameter of a template: its name and its pattern ("{title}", "{if where}…{end}"), or its
 * value. */
struct platform_pair {
    struct str name, value;
    /* Characters that the platform lets it have; 0: not told, then what a parameter for such a
     * value has at its creation (a name, a code, a contact, a date), else ZALO_PARAMETER. */
    size_t most;
};

struct platform_template {
    const struct platform_pair *patterns;
    size_t n;
};

/* Fills `values`, as many as there are patterns.  Dates come as hh:mm dd/mm/yyyy; a value is one
 * line of at most `most` characters, {summary} what tells most in the room that is left; what is
 * still too long is cut at a word, but never inside the link.  ERR_INPUT: a pattern is wrong
 * (template.h). */
int platform_zalo_template(const struct wording_source *source, const struct wording *wording,
                           const struct platform_template *template, struct arena *arena,
                           struct platform_pair *values, struct err *err) MUST_CHECK;

#endif
