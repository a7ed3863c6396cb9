/* What a member's message wants, when the whole of it is a keyword (and a code): STOP, XN, GY …
 * Pure. */
#ifndef LOA_CORE_INTENT_H
#define LOA_CORE_INTENT_H
// SPDX-License-Identifier: MIT

#include "gateway/core/str.h"

enum intent {
    INTENT_NONE, /* free text: a person reads it */
    INTENT_STOP,
    INTENT_START,
    INTENT_YES,
    INTENT_NO,
    INTENT_REPORT,
    INTENT_HELP,
};

/* Case, accents, blanks and punctuation at both ends do not count; a code may stand behind a yes
 * or no, a text behind a report.  "DỪNG", and "dung" without any accent, are stop; "Đúng" is not,
 * nor is "Dung", which is how one signs.  `text` is UTF-8. */
enum intent intent_of(struct str text);
const char *intent_name(enum intent intent); /* "stop"; "" for none */

#endif
