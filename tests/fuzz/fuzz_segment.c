/* Any text: the parts put together are the text, no part is too long, and no mark is torn off. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "gateway/core/gsm7.h"
#include "gateway/core/segment.h"
#include "gateway/core/unicode.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

static void
check_parts(const struct segments *s, struct str text)
{
    struct buf back;
    size_t most = s->encoding == ENCODING_GSM7 ? (s->n > 1 ? 153 : 160) : (s->n > 1 ? 134 : 140);
    buf_init(&back, 1 << 20);
    for (int i = 0; i < s->n; i++) {
        const struct segment *part = &s->part[i];
        if (part->n > most) {
            abort();
        }
        (s->encoding == ENCODING_GSM7 ? gsm7_decode : ucs2_decode)(part->octets, part->n, &back);
    }
    if (!str_equal(buf_str(&back), text)) {
        abort();
    }
    buf_deinit(&back);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    struct str text = {(const char *)data, n};
    struct segments segments;
    struct arena *arena = arena_new();
    if (segment_split(text, SEGMENT_MAX, &segments, NULL) == 0) {
        check_parts(&segments, text);
    }
    struct str stripped = unicode_strip(arena, text);
    if (gsm7_length(stripped) < 0) {
        abort();
    }
    if (segment_split(stripped, SEGMENT_MAX, &segments, NULL) == 0) {
        check_parts(&segments, stripped);
    }
    struct str cleaned = unicode_clean(arena, text);
    if (!str_equal(unicode_clean(arena, cleaned), cleaned)) {
        abort();
    }
    struct buf out;
    buf_init(&out, n * 3 + 1);
    gsm7_decode(data, n, &out);
    ucs2_decode(data, n, &out);
    latin1_decode(data, n, &out);
    buf_deinit(&out);
    arena_free(&arena);
    return 0;
}
