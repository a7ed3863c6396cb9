/* What members send in: kept in loa:replies, long ones put together, stop words obeyed.
 * queue/SCHEMA.md, "Replies". */
#ifndef LOA_QUEUE_REPLIES_H
#define LOA_QUEUE_REPLIES_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

/* A message, or a part of one, as it came. */
struct reply_entry {
    const char *from, *to, *link, *channel;
    int data_coding, esm_class;
    /* The part that SAR parameters name; total 0: none. */
    uint16_t sar_reference;
    uint8_t sar_total, sar_number;
    struct str octets;
};
/* Answers once it is in Redis: then the sender's side may be told so.  A part waits there for the
 * others, whoever takes them; the last one brings the whole message into loa:replies.  Who asks to
 * stop is out before this answers, and is told so once; likewise who joins again.  May be repeated.
 */
void reply_record(struct queue *queue, const struct reply_entry *reply, queue_done *fn, void *arg);

/* Puts the parts of one message whose others did not come within an hour into loa:replies, with
 * "[…]" for what is missing.  Every second. */
void reply_sweep(struct queue *queue, queue_done *fn, void *arg);

/* A message that stands in loa:replies; borrowed during the callback. */
struct reply_row {
    struct str entry, from, to, member, channel, link, text, intent, at;
};
typedef void reply_row_fn(void *arg, const struct reply_row *row);
/* Reads at most `most` entries behind `after` ("-": from the first; "": the latest ones), in the
 * order in which they came. */
void reply_read(struct queue *queue, const char *after, int most, reply_row_fn *row, queue_done *fn,
                void *arg);
/* The one with this ID; `row` is not called when there is none. */
void reply_find(struct queue *queue, const char *entry, reply_row_fn *row, queue_done *fn,
                void *arg);

#endif
