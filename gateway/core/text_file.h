/* An announcement written as plain text: which line is its title, which address its link.  Pure. */
#ifndef LOA_CORE_TEXT_FILE_H
#define LOA_CORE_TEXT_FILE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* What was found in a text. */
struct text_file {
    struct str title, link, body; /* in the arena; empty if there is none */
};

/* The title is the first line that is neither furniture nor letterhead (else the first that is no
 * furniture); a line that only names the kind of document takes the next one with it.  The link is
 * the last http(s) URL, which leaves the body with the label before it ("Xem chi tiết:"). */
void text_file_read(struct str text, struct arena *arena, struct text_file *out);

#endif
