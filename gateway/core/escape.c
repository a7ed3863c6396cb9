/* Texts made safe for where they are put. */
// SPDX-License-Identifier: MIT
#include "gateway/core/escape.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"

void
escape_json(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\') {
            buf_add_char(out, '\\');
            buf_add_char(out, (char)c);
        } else if (c < ' ') {
            buf_add_format(out, "\\u%04x", c);
        } else {
            buf_add_char(out, (char)c);
        }
    }
}

static void
escape_percent(struct buf *out, struct str s, const char *blank)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (c && strchr("-_.~", c));
        if (plain) {
            buf_add_char(out, (char)c);
        } else if (c == ' ') {
            buf_add_z(out, blank);
        } else {
            buf_add_format(out, "%%%02X", c);
        }
    }
}

void
escape_url(struct buf *out, struct str s)
{
    escape_percent(out, s, "%20");
}

void
escape_form(struct buf *out, struct str s)
{
    escape_percent(out, s, "+");
}

void
escape_xml(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&':
            buf_add_z(out, "&amp;");
            break;
        case '<':
            buf_add_z(out, "&lt;");
            break;
        case '>':
            buf_add_z(out, "&gt;");
            break;
        case '"':
            buf_add_z(out, "&quot;");
            break;
        default:
            buf_add_char(out, s.p[i]);
        }
    }
}

void
escape_base64(struct buf *out, struct str s)
{
    size_t room = sodium_base64_encoded_len(s.n, sodium_base64_VARIANT_ORIGINAL);
    char *text = xmalloc(room);
    (void)sodium_bin2base64(text, room, (const unsigned char *)(s.n > 0 ? s.p : ""), s.n,
                            sodium_base64_VARIANT_ORIGINAL);
    buf_add_z(out, text);
    free(text);
}
