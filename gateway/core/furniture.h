/* What portals and letterheads put round a text, and nobody needs in a message.  Pure. */
#ifndef LOA_CORE_FURNITURE_H
#define LOA_CORE_FURNITURE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/err.h"
#include "gateway/core/mem.h"
#include "gateway/core/str.h"

enum furniture {
    FURNITURE_NONE, /* content */
    FURNITURE_DROP, /* this line goes: "Lượt xem: 12", "Kính gửi: …", "KT. CHỦ TỊCH" */
    FURNITURE_STOP, /* this line and all after it: "Tin liên quan", "Nơi nhận:" */
};

/* What must follow a phrase for it to count. */
enum furniture_follow {
    FURNITURE_ANY,    /* anything */
    FURNITURE_END,    /* nothing but punctuation, or a colon and anything */
    FURNITURE_NUMBER, /* a colon or a digit */
    FURNITURE_BRIEF,  /* anything, in a short line */
    FURNITURE_NAMES,  /* anything that tells no date and no time, in one sentence */
};

/* How a line of furniture begins, folded: a row of templates/furniture.tsv. */
struct furniture_phrase {
    const char *folded;
    enum furniture_follow follow;
    enum furniture verdict;
};

/* An office's own rows, beside those that are built in. */
struct furniture_table {
    size_t n;
    const struct furniture_phrase *phrase;
};
enum { FURNITURE_ROWS = 1024 };

/* Reads a table (columns begins, follows, goes; `#` begins a comment) and keeps what is not built
 * in; phrases may be written with marks and capitals.  ERR_CONFIG with the line's number for a row
 * that is none. */
int furniture_table_read(struct str tsv, struct arena *arena, struct furniture_table *out,
                         struct err *err) MUST_CHECK;

/* Whether that row is built in. */
bool furniture_is_built_in(const struct furniture_phrase *phrase);

/* Judges one line (unicode_line() was applied) by its words. */
enum furniture furniture_judge(struct arena *arena, struct str line);

/* Content, but no title: the sender's name in capitals, a document's number, a place with a date, a
 * category that is said twice. */
bool furniture_is_letterhead(struct arena *arena, struct str line);

/* Two columns that blanks set side by side, of which one is a letterhead's or furniture (the sender
 * beside the motto), as lines one below the other; `text` is as it came, before unicode_tidy(). */
struct str furniture_split_columns(struct arena *arena, struct str text);

/* Nothing but a date, a weekday and a time beside it: when a page was published. */
bool furniture_is_published(struct arena *arena, struct str line);

/* "25 tháng 11 lúc 19:30 · …", "5 giờ trước · 2 phút đọc": when it was posted, in a network's own
 * words; an hour without the point behind it may be the appointment. */
bool furniture_is_posted(struct arena *arena, struct str line);

/* Names only the kind of document ("GIẤY MỜI"): the line behind it says what it is about. */
bool furniture_is_kind(struct arena *arena, struct str line);

/* The lines of `text` without furniture, from its head to the first that stops; what the head's
 * date line, "(Cổng TTĐT) - " and the author's name at the end say goes too. */
struct str furniture_remove(struct arena *arena, struct str text);

/* The lines that remain by an office's own table as well; `text` went through furniture_remove().
 */
struct str furniture_remove_by(const struct furniture_table *table, struct arena *arena,
                               struct str text);

#endif
