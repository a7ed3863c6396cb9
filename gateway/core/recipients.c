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

size_t
address_width(enum address_kind kind)
{
    static const size_t widths[ADDRESS_KINDS] = {NUMBER_COLUMN, 24, 20};
    return widths[kind];
}

/* Where the columns of the spans begin, as one walks through them: `numbers` before the span. */
struct place {
    size_t span, numbers, bits;
};

static bool
walk_to(const struct columns *c, struct place *at, uint32_t number)
{
    while (at->span < c->spans_n && number > c->spans[at->span].high) {
        const struct span *s = &c->spans[at->span++];
        at->numbers += s->high - s->low + 1;
        at->bits += s->high / 8 - s->low / 8 + 1;
    }
    return at->span < c->spans_n && number >= c->spans[at->span].low;
}

static bool
bit_of(struct str bytes, size_t at, uint32_t number)
{
    return (uint8_t)bytes.p[at] & (0x80U >> number % 8);
}

/* One cell of a column: `invalid` when something stands there that cannot be used ('!', or what
 * would part the addresses of a chunk). */
static struct str
cell(const struct columns *c, enum address_kind kind, size_t at, bool *invalid)
{
    size_t width = address_width(kind), n = 0;
    if (!c->addresses[kind].p) {
        return (struct str){"", 0};
    }
    const char *p = c->addresses[kind].p + at * width;
    while (n < width && p[n] != ' ' && p[n] != '\0' && p[n] != '!' && p[n] != ',' && p[n] != ';') {
        n++;
    }
    bool whole = n == width || p[n] == ' ' || p[n] == '\0';
    *invalid = *invalid || !whole;
    return (struct str){p, whole ? n : 0};
}

/* The address on one channel, and why there is none. */
static enum recipient_skip
read_address(const struct columns *c, size_t channel, size_t at, size_t byte, struct recipient *r)
{
    const struct recipient_channel *want = &c->channels[channel];
    bool invalid = false;
    struct str address = cell(c, want->kind, at, &invalid);
    if (address.n == 0 && want->or_phone) {
        address = cell(c, ADDRESS_PHONE, at, &invalid);
    }
    if (address.n == 0) {
        return invalid ? SKIP_INVALID : SKIP_NO_ADDRESS;
    }
    r->address[channel] = address;
    return bit_of(c->opted_out[want->kind], byte, r->number) ? SKIP_OPTED_OUT : SKIP_NOT;
}

/* In which order they are told: as the channels stand, or as they prefer. */
static void
read_order(const struct columns *c, size_t at, struct recipient *r, uint8_t order[CHANNELS_MAX])
{
    static const char letters[ADDRESS_KINDS] = {'s', 'z', 't'};
    char channels[CHANNELS_MAX];
    struct str prefer = {c->prefer.p + at * PREFERENCE_WIDTH, 0};
    while (prefer.n < PREFERENCE_WIDTH && prefer.p[prefer.n] > ' ' && prefer.p[prefer.n] != ',' &&
           prefer.p[prefer.n] != ';') {
        prefer.n++;
    }
    for (size_t i = 0; i < c->channels_n; i++) {
        channels[i] = letters[c->channels[i].kind];
    }
    if (preference_order((struct str){channels, c->channels_n}, prefer, order)) {
        r->prefer = prefer;
    }
}

static void
read_channels(const struct columns *c, size_t at, size_t byte, struct recipient *r)
{
    bool found = false;
    uint8_t order[CHANNELS_MAX] = {0, 1, 2};
    if (c->prefer.n > 0) {
        read_order(c, at, r, order);
    }
    r->skip = SKIP_NO_ADDRESS;
    for (size_t i = 0; i < c->channels_n; i++) {
        enum recipient_skip skip = read_address(c, order[i], at, byte, r);
        if (skip == SKIP_NOT && !found) {
            found = true;
            r->channel = order[i];
        } else if (skip > r->skip) {
            r->skip = skip;
        }
    }
    r->skip = found ? SKIP_NOT : r->skip;
}

static void
read_identity(const struct columns *c, size_t at, size_t byte, struct recipient *r)
{
    bool invalid = false;
    for (int kind = 0; kind < ADDRESS_KINDS && r->identity.n == 0; kind++) {
        r->identity = cell(c, (enum address_kind)kind, at, &invalid);
        r->same_by = (enum address_kind)kind;
    }
    r->shares = r->skip == SKIP_NOT && bit_of(c->sharing, byte, r->number);
}

/* Whether every column that was read reaches as far as this member. */
static bool
reaches(const struct columns *c, size_t at, size_t byte)
{
    bool whole =
        byte < c->sharing.n && (c->prefer.n == 0 || (at + 1) * PREFERENCE_WIDTH <= c->prefer.n);
    for (int kind = 0; kind < ADDRESS_KINDS && whole; kind++) {
        size_t width = address_width((enum address_kind)kind);
        whole = !c->addresses[kind].p ||
                ((at + 1) * width <= c->addresses[kind].n && byte < c->opted_out[kind].n);
    }
    return whole;
}

bool
recipients_read(const struct columns *c, const uint32_t *numbers, size_t n, struct recipient *out)
{
    struct place place = {0, 0, 0};
    for (size_t i = 0; i < n; i++) {
        struct recipient r = {.number = numbers[i]};
        if (!walk_to(c, &place, r.number)) {
            return false;
        }
        uint32_t low = c->spans[place.span].low;
        size_t at = place.numbers + (r.number - low);
        size_t byte = place.bits + (r.number / 8 - low / 8);
        if (!reaches(c, at, byte)) {
            return false;
        }
        read_channels(c, at, byte, &r);
        read_identity(c, at, byte, &r);
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
chunk_write(const struct recipient *recipients, size_t n, size_t channels_n, struct buf *out)
{
    uint32_t *numbers = xmalloc(n * sizeof *numbers);
    for (size_t i = 0; i < n; i++) {
        numbers[i] = recipients[i].number;
    }
    runs_write(numbers, n, out);
    free(numbers);
    for (size_t channel = 0; channel < channels_n; channel++) {
        for (size_t i = 0; i < n; i++) {
            buf_add_char(out, i ? ',' : ';');
            buf_add_str(out, recipients[i].address[channel]);
        }
    }
    bool preferring = false;
    for (size_t i = 0; i < n && !preferring; i++) {
        preferring = recipients[i].prefer.n > 0;
    }
    for (size_t i = 0; i < n && preferring; i++) {
        buf_add_char(out, i ? ',' : ';');
        buf_add_str(out, recipients[i].prefer);
    }
}

struct str
chunk_addresses(struct str entry, size_t channel)
{
    (void)str_cut(&entry, ';');
    for (size_t i = 0; i < channel && entry.p; i++) {
        (void)str_cut(&entry, ';');
    }
    return entry.p ? str_cut(&entry, ';') : STR("");
}
