/* An announcement as it comes in: its fields, their rules, and how it is read from a file.  Pure.
 */
#ifndef LOA_CORE_ANNOUNCEMENT_H
#define LOA_CORE_ANNOUNCEMENT_H
// SPDX-License-Identifier: MIT

#include <stdint.h>

#include "gateway/core/err.h"
#include "gateway/core/mem.h"
#include "gateway/core/str.h"

enum priority { PRIORITY_NORMAL, PRIORITY_URGENT, PRIORITY_EMERGENCY };
enum { PRIORITY_N = 3 };
const char *priority_name(enum priority priority);

/* The stream's fields as text, in this order; an absent one is empty ({NULL, 0}). */
enum announcement_field {
    FIELD_TITLE,
    FIELD_BODY,
    FIELD_URL,
    FIELD_ID,
    FIELD_PUBLISHED_AT,
    FIELD_ISSUER,
    FIELD_KIND,
    FIELD_PRIORITY,
    FIELD_AUDIENCE,
    FIELD_CHANNELS,
    FIELD_TEMPLATE,
    FIELD_SUMMARY,
    FIELD_SEND_AT,
    FIELD_EXPIRES_AT,
    FIELD_BY,
    FIELD_N
};
extern const char *const announcement_field_names[FIELD_N];

/* Text is UTF-8; after announcement_check() it is NFC. */
struct announcement {
    struct str field[FIELD_N];
    /* Set by announcement_check(): */
    enum priority priority;
    int64_t send_at, expires_at, published_at; /* Unix seconds, 0 if none */
    /* Set by announcement_read(): the title is a line of the text, taken out of the body. */
    bool title_from_body;
};

/* Validates and normalises: title present and at most 1,000 bytes, body at most 1 MiB (so that 5 MB
 * is refused), valid UTF-8, id 1–64 of [A-Za-z0-9._-], priority, times (RFC 3339), a well-formed
 * audience, channels a comma list of names, url http(s) without blanks, expires_at after send_at,
 * no secrecy stamp (secrecy.h); text in TCVN3 or VNI is read as such.  Text becomes NFC, in
 * `arena`; an absent priority becomes "normal", an absent audience "all". Returns -1, ERR_INPUT,
 * with a sentence that names the field. */
int announcement_check(struct announcement *a, struct arena *arena, struct err *err) MUST_CHECK;

/* Reads a file's content: `.json` (the stream's fields as strings; unknown ones are an error),
 * `.html`/`.htm`, anything else as text; title and link as html.h and text_file.h find them. `name`
 * is the file's name ("-" is sniffed).  The fields point into `arena`. */
int announcement_read(struct announcement *a, struct arena *arena, const char *name,
                      struct str content, struct err *err) MUST_CHECK;

/* The title instead of the file's: the line of a text that was taken for it goes back to the head
 * of the body.  `title` must live as long as `arena`. */
void announcement_retitle(struct announcement *a, struct arena *arena, struct str title);

#endif
