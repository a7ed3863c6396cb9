/* What the messaging platforms get of an announcement: Telegram, Zalo OA messages, and the
 * parameters of a Zalo template.  Pure. */
#ifndef LOA_CORE_PLATFORM_H
#define LOA_CORE_PLATFORM_H
// SPDX-License-Identifier: MIT

#include "gateway/core/announcement.h"

enum { TELEGRAM_UNITS = 4096, ZALO_OA_UNITS = 2000, ZALO_PARAMETER = 200 };

/* What a platform would be sent. */
struct platform_text {
    struct str text; /* UTF-8, NFC, in the arena */
    struct str link; /* what stands in the text, empty if none */
};

/* For parse_mode HTML: the title bold, the announcement's `summary` or as many paragraphs and
 * sentences of the body as fit whole, the link.  At most TELEGRAM_UNITS UTF-16 units as shown. */
int platform_telegram(const struct announcement *a, struct arena *arena, struct platform_text *out,
                      struct err *err) MUST_CHECK;

/* The same without formatting, at most ZALO_OA_UNITS. */
int platform_zalo_oa(const struct announcement *a, struct arena *arena, struct platform_text *out,
                     struct err *err) MUST_CHECK;

/* A parameter of a template: its name and its pattern ("{title}", "{published_at}"), or its value.
 */
struct platform_pair {
    struct str name, value;
};
/* What a template's parameters are filled by. */
struct platform_template {
    const struct platform_pair *patterns;
    size_t n;
    int64_t now_s;  /* stands for published_at where there is none */
    int offset_min; /* of the time zone */
};

/* Fills `values` (as many as there are patterns).  Dates come as hh:mm dd/mm/yyyy; {link_path} is
 * the link behind scheme and host; a value is one line of at most ZALO_PARAMETER characters, cut at
 * a word, but never inside the link.  ERR_INPUT: an unknown {name}, with the nearest one. */
int platform_zalo_template(const struct announcement *a, const struct platform_template *template,
                           struct arena *arena, struct platform_pair *values,
                           struct err *err) MUST_CHECK;

#endif
