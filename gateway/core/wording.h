/* How an office words its messages on one link, and what stands for a template's placeholders.
 * Pure. */
#ifndef LOA_CORE_WORDING_H
#define LOA_CORE_WORDING_H
// SPDX-License-Identifier: MIT

#include "gateway/core/story.h"
#include "gateway/core/template_set.h"

/* A member's {name} has at most so many characters; of a longer one its last words stand. */
enum { WORDING_NAME_MAX = 30 };
#define WORDING_NAME "{name}" /* stands in a text where each member's name goes */

/* Everything that forms a text beside the announcement; borrowed. */
struct wording {
    const struct template *template; /* for the channel */
    enum template_language language;
    struct str prefix, suffix; /* what the link puts around every text; may be empty */
    struct str refused;        /* signs that its operator refuses */
    struct str short_base;     /* of short links; empty: the announcement's own link */
    const char *code;          /* the short link's; NULL: a stand-in of the right length */
    int64_t now_s;             /* stands for published_at where there is none */
    int offset_min;            /* of the time zone */
};

/* The link that members get: short, or the announcement's own with nothing in it that is refused;
 * empty if there is none. */
struct str wording_link(const struct announcement *a, const struct wording *w, struct arena *arena);

/* An announcement and what was found in it. */
struct wording_source {
    const struct announcement *a;
    const struct story *story; /* of `a` */
};

/* Fills the values of every placeholder but {summary}, {link}'s being `link`. */
void wording_values(const struct wording_source *source, const struct wording *w, struct str link,
                    struct arena *arena, struct str values[WORDS]);

/* "KHẨN" (English: "URGENT") where the announcement is an emergency and `text` does not begin so,
 * else empty.  What says the same with other words before it ("CẢNH BÁO KHẨN: …") is taken off
 * `*text`. */
struct str wording_emergency(const struct announcement *a, const struct wording *w,
                             struct arena *arena, struct str *text);

/* The text with `name` wherever WORDING_NAME stands. */
struct str wording_with_name(struct arena *arena, struct str text, struct str name);
bool wording_is_named(struct str text);
/* A name as it is put in: letters, digits, blanks and .-', on one line, at most WORDING_NAME_MAX
 * characters: each takes one unit in every encoding. */
struct str wording_name(struct arena *arena, struct str name); /* may be `name` itself */
/* The same without diacritics. */
struct str wording_plain_name(struct arena *arena, struct str name);
/* Stands for the widest name that there can be: WORDING_NAME_MAX characters, with marks or without.
 */
struct str wording_widest_name(bool marks);

#endif
