/* The text of an announcement's body, whatever it came as.  Pure. */
#ifndef LOA_CORE_BODY_H
#define LOA_CORE_BODY_H
// SPDX-License-Identifier: MIT

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* Paragraphs parted by line ends, without furniture; `body` is HTML or text.  Gives it in `arena`.
 * ERR_INPUT for HTML that cannot be read. */
int body_text(struct str body, struct arena *arena, struct str *text, struct err *err) MUST_CHECK;

#endif
