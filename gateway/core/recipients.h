/* Cutting an audience into chunks: which columns of the directory to read, who is skipped and why,
 * and how a chunk is written.  Pure. */
#ifndef LOA_CORE_RECIPIENTS_H
#define LOA_CORE_RECIPIENTS_H
// SPDX-License-Identifier: MIT

#include "gateway/core/bitmap.h"
#include "gateway/core/number.h"
#include "gateway/core/preference.h"
#include "gateway/core/str.h"

/* Ascending numbers as runs, "0-199,201", as a chunk has them. */
void runs_write(const uint32_t *numbers, size_t n, struct buf *out);
/* False when it is no such list, is not ascending, or has more than `max` numbers. */
bool runs_read(struct str runs, uint32_t *numbers, size_t max, size_t *n);

/* Numbers from `low` to `high`, both in it. */
struct span {
    uint32_t low, high;
};
/* Spans that cover the ascending `numbers`, none with a gap of more than `gap` unwanted numbers;
 * `spans` has room for n.  Returns how many. */
size_t spans_cover(const uint32_t *numbers, size_t n, uint32_t gap, struct span *spans);

/* What a member is reached by; one column of the directory each. */
enum address_kind { ADDRESS_PHONE, ADDRESS_ZALO, ADDRESS_CHAT };
enum { ADDRESS_KINDS = 3, CHANNELS_MAX = 3 };

/* A channel of a broadcast. */
struct recipient_channel {
    enum address_kind kind;
    bool or_phone; /* it also reaches a phone, where there is nothing of its kind */
};

/* The directory's columns over some spans: for each span its addresses (as many bytes a number as
 * the kind has), joined; likewise the bytes low/8 … high/8 of each bitmap. */
struct columns {
    const struct span *spans;
    size_t spans_n;
    struct str addresses[ADDRESS_KINDS]; /* a NULL one was not read: nobody has any */
    struct str opted_out[ADDRESS_KINDS];
    struct str sharing;
    struct str prefer; /* PREFERENCE_WIDTH bytes a number; empty: nobody prefers anything */
    const struct recipient_channel *channels; /* in order of preference */
    size_t channels_n;
};
size_t address_width(enum address_kind kind); /* of its column */

enum recipient_skip { SKIP_NOT, SKIP_NO_ADDRESS, SKIP_INVALID, SKIP_OPTED_OUT, SKIP_DUPLICATE };
const char *recipient_reason(enum recipient_skip skip); /* core/reason.h; "" for NOT */

/* A member as a chunk takes them. */
struct recipient {
    uint32_t number;
    /* By the broadcast's channels, borrowed from the columns; "": none that can be used.  Of who
     * has opted out of one too. */
    struct str address[CHANNELS_MAX];
    size_t channel; /* the first by which they may be told */
    /* Letters of the channels that they would rather be told by, borrowed; "": as the broadcast's
     * stand. */
    struct str prefer;
    struct str identity;       /* what members are compared by: the phone, else uid, else chat */
    enum address_kind same_by; /* the identity's */
    bool shares;               /* its identity with a lower number: ask who that is */
    enum recipient_skip skip;
};
/* Reads the recipients of `numbers` (ascending, covered by the spans) out of the columns.  Of
 * several reasons to skip somebody the one of the most willing channel counts: opted out, invalid,
 * no address.  False when the columns are shorter than their spans. */
bool recipients_read(const struct columns *columns, const uint32_t *numbers, size_t n,
                     struct recipient *out);

/* The rule for those that share an address: of `sharers` ("3,17,90") the lowest that is in the
 * audience is told, the others are duplicates. */
bool recipient_is_duplicate(uint32_t number, struct str sharers, const struct bitmap *audience);

/* A chunk as `…:chunks` has it: "RUNS;address,address,…", a list of addresses for each of the
 * channels; then, where somebody prefers another order, a list of what they prefer: "RUNS;…;…;,s,".
 */
void chunk_write(const struct recipient *recipients, size_t n, size_t channels_n, struct buf *out);
/* The addresses of that channel in it; "" if there are none.  Behind the last channel's stands what
 * members prefer. */
struct str chunk_addresses(struct str entry, size_t channel);

#endif
