/* Texts made safe for where they are put: each appends `s` to `out`.  Pure. */
#ifndef LOA_CORE_ESCAPE_H
#define LOA_CORE_ESCAPE_H
// SPDX-License-Identifier: MIT

#include "gateway/core/str.h"

void escape_json(struct buf *out, struct str s); /* inside the quotes of a JSON string */
void escape_url(struct buf *out, struct str s);  /* a part of a path or query: a blank is %20 */
void escape_form(struct buf *out, struct str s); /* a value of a posted form: a blank is + */
void escape_xml(struct buf *out, struct str s);  /* text or a quoted attribute */
void escape_base64(struct buf *out, struct str s);

#endif
