/* Cutting an audience into chunks. */
// SPDX-License-Identifier: MIT
#include "gateway/core/recipients.h"

#include <stdlib.h>

#include "gateway/core/mem.h"
#include "gateway/core/reason.h"

const char *
recipient_reason(enum recipient_skip skip)
{
    switch (skip) {
    case SKIP_NOT:
        return "";
    case SKIP_NO_ADDRESS:
        return reason_code(REASON_NO_ADDRESS);
    case SKIP_INVALID:
        return reason_code(REASON_INVALID_ADDRESS);
    case SKIP_OPTED_OUT:
        return reason_code(REASON_OPTED_OUT);
    case SKIP_DUPLICATE:
        return reason_code(REASON_DUPLICATE);
    }
    return "";
}

void
runs_write(const uint32_t *numbers, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n;) {
        size_t last = i;
        while (last + 1 < n && numbers[last + 1] == numbers[last] + 1) {
            last++;
        }
        buf_add_format(out, "%s%u", i > 0 ? "," : "", numbers[i]);
        if (last > i) {
            buf_add_format(out, "-%u", numbers[last]);
        }
        i = last + 1;
    }
}

/* One run of the list: "7" or "7-9". */
static bool
run_read(struct str run, uint64_t *low, uint64_t *high)
{
    struct str second = run;
    struct str first = str_cut(&second, '-');
    if (!str_to_u64(first, UINT32_MAX - 1, low)) {
        return false;
    }
    *high = *low;
    return !second.p || (str_to_u64(second, UINT32_MAX - 1, high) && *high > *low);
}

bool
runs_read(struct str runs, uint32_t *numbers, size_t max, size_t *n)
{
    uint64_t least = 0;
    *n = 0;
    if (runs.n == 0) {
        return true;
    }
    while (runs.p) {
        uint64_t low, high;
        if (!run_read(str_cut(&runs, ','), &low, &high) || low < least || high - low >= max - *n) {
            return false;
        }
        for (uint64_t number = low; number <= high; number++) {
            numbers[(*n)++] = (uint32_t)number;
        }
        least = high + 1;
    }
    return true;
}

size_t
spans_cover(const uint32_t *numbers, size_t n, uint32_t gap, struct span *spans)
{
    size_t spans_n = 0;
    for (size_t i = 0; i < n; i++) {
        if (spans_n > 0 && numbers[i] - spans[spans_n - 1].high <= gap + 1) {
            spans[spans_n - 1].high = numbers[i];
        } else {
            spans[spans_n++] = (struct span){numbers[i], numbers[i]};
        }
    }
    return spans_n;
}

/* Where the columns of the spans begin, as one walks through them. */
struct place {
    size_t span, phones, bits;
};

static bool
walk_to(const struct columns *c, struct place *at, uint32_t number)
{
    while (at->span < c->spans_n && number > c->spans[at->span].high) {
        const struct span *s = &c->spans[at->span++];
        at->phones += (size_t)(s->high - s->low + 1) * NUMBER_COLUMN;
        at->bits += s->high / 8 - s->low / 8 + 1;
    }
    return at->span < c->spans_n && number >= c->spans[at->span].low;
}

static bool
bit_of(struct str bytes, size_t at, uint32_t number)
{
    return (uint8_t)bytes.p[at] & (0x80U >> number % 8);
}

static void
read_phone(const char *phone, struct recipient *out)
{
    size_t n = 0;
    while (n < NUMBER_COLUMN && phone[n] >= '0' && phone[n] <= '9') {
        n++;
    }
    out->address = (struct str){phone, n};
    if (n == 0) {
        out->skip = phone[0] == '!' ? SKIP_INVALID : SKIP_NO_ADDRESS;
    }
}

bool
recipients_read(const struct columns *c, const uint32_t *numbers, size_t n, struct recipient *out)
{
    struct place at = {0, 0, 0};
    for (size_t i = 0; i < n; i++) {
        struct recipient r = {.number = numbers[i]};
        if (!walk_to(c, &at, r.number)) {
            return false;
        }
        uint32_t low = c->spans[at.span].low;
        size_t phone = at.phones + (size_t)(r.number - low) * NUMBER_COLUMN;
        size_t byte = at.bits + (r.number / 8 - low / 8);
        if (phone + NUMBER_COLUMN > c->phones.n || byte >= c->opted_out.n || byte >= c->sharing.n) {
            return false;
        }
        read_phone(c->phones.p + phone, &r);
        if (r.skip == SKIP_NOT && bit_of(c->opted_out, byte, r.number)) {
            r.skip = SKIP_OPTED_OUT;
        }
        r.shares = r.skip == SKIP_NOT && bit_of(c->sharing, byte, r.number);
        out[i] = r;
    }
    return true;
}

bool
recipient_is_duplicate(uint32_t number, struct str sharers, const struct bitmap *audience)
{
    while (sharers.p && sharers.n > 0) {
        uint64_t other;
        if (str_to_u64(str_cut(&sharers, ','), UINT32_MAX, &other) && other < number &&
            bitmap_has(audience, (uint32_t)other)) {
            return true;
        }
    }
    return false;
}

void
chunk_write(const struct recipient *recipients, size_t n, struct buf *out)
{
    uint32_t *numbers = xmalloc(n * sizeof *numbers);
    for (size_t i = 0; i < n; i++) {
        numbers[i] = recipients[i].number;
    }
    runs_write(numbers, n, out);
    free(numbers);
    for (size_t i = 0; i < n; i++) {
        buf_add_char(out, i ? ',' : ';');
        buf_add_str(out, recipients[i].address);
    }
}
