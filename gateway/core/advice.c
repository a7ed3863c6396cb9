/* Finds what makes an SMS dear. */
// SPDX-License-Identifier: MIT
#include "gateway/core/advice.h"

#include "gateway/core/fit.h"
#include "gateway/core/gsm7.h"
#include "gateway/core/unicode.h"

static void
count(struct advice_signs *out, struct str sign, bool *is_new)
{
    for (int i = 0; i < out->n; i++) {
        if (str_equal(out->sign[i], sign)) {
            out->times[i]++;
            *is_new = false;
            return;
        }
    }
    *is_new = true;
    if (out->n < ADVICE_SIGNS) {
        out->sign[out->n] = sign;
        out->times[out->n++] = 1;
    }
}

/* Whether `sign` stands in `before`, the text up to it. */
static bool
stood_before(struct str before, struct str sign)
{
    while (before.n > 0) {
        struct str one = before;
        (void)utf8_next(&before);
        one.n -= before.n;
        if (str_equal(one, sign)) {
            return true;
        }
    }
    return false;
}

void
advice_signs(struct str text, struct advice_signs *out)
{
    struct str rest = text;
    *out = (struct advice_signs){0};
    while (rest.n > 0) {
        struct str sign = rest;
        int32_t c = utf8_next(&rest);
        sign.n -= rest.n;
        bool is_new = false;
        if (gsm7_code(c) >= 0) {
            continue;
        }
        count(out, sign, &is_new);
        struct str before = {text.p, (size_t)(sign.p - text.p)};
        out->distinct += is_new && !stood_before(before, sign);
    }
}

int
advice_over(const struct segments *segments, struct segment_form form)
{
    int fewer = segments->n - 1;
    return fewer > 0 ? segments->characters - fit_capacity(form, segments->encoding, fewer) : 0;
}

struct str
advice_part(const struct segments *segments, int part, struct arena *arena)
{
    const struct segment *segment = &segments->part[part];
    struct buf out;
    buf_init(&out, sizeof segment->octets * 4);
    switch (segments->encoding) {
    case ENCODING_GSM7:
        gsm7_decode(segment->octets, segment->n, &out);
        break;
    case ENCODING_LATIN1:
        latin1_decode(segment->octets, segment->n, &out);
        break;
    case ENCODING_UCS2:
        ucs2_decode(segment->octets, segment->n, &out);
        break;
    }
    struct str text = {arena_strndup(arena, out.p ? out.p : "", out.n), out.n};
    buf_deinit(&out);
    return text;
}
