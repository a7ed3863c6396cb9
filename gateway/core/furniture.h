/* What portals and letterheads put round a text, and nobody needs in a message.  Pure. */
#ifndef LOA_CORE_FURNITURE_H
#define LOA_CORE_FURNITURE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

enum furniture {
    FURNITURE_NONE, /* content */
    FURNITURE_DROP, /* this line goes: "Lượt xem: 12", "Kính gửi: …", "KT. CHỦ TỊCH" */
    FURNITURE_STOP, /* this line and all after it: "Tin liên quan", "Nơi nhận:" */
};

/* Judges one line (unicode_line() was applied) by its words. */
enum furniture furniture_judge(struct arena *arena, struct str line);

/* Content, but no title: the sender's name in capitals, a document's number, a place with a date, a
 * category that is said twice. */
bool furniture_is_letterhead(struct arena *arena, struct str line);

/* Names only the kind of document ("GIẤY MỜI"): the line behind it says what it is about. */
bool furniture_is_kind(struct arena *arena, struct str line);

/* The lines of `text` without furniture, from its head to the first that stops; what the head's
 * date line, "(Cổng TTĐT) - " and the author's name at the end say goes too. */
struct str furniture_remove(struct arena *arena, struct str text);

#endif
