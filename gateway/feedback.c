/* What comes back from phones. */
// SPDX-License-Identifier: MIT
#include "gateway/feedback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/core/ledger.h"
#include "gateway/core/mem.h"
#include "gateway/core/number.h"
#include "gateway/letters.h"
#include "queue/receipt.h"
#include "queue/replies.h"
#include "queue/uncertain.h"

enum { BATCH = 512, BATCHES_UNDER_WAY = 4, LATE_TOKEN = 0 }; /* nobody waits for its answer */

/* Receipts of one link on their way to Redis. */
struct batch {
    struct batch *next;
    struct feedback *feedback;
    struct link *link;
    int n;
    struct receipt_entry entries[BATCH];
    char ids[BATCH][LINK_ID_SIZE];
    char references[BATCH][UNCERTAIN_KEY_SIZE];
    uint64_t tokens[BATCH];
};

struct feedback {
    struct queue *queue;
    struct routes *routes;
    void (*on_recorded)(void *arg);
    void *arg;
    struct batch *free_batches;
    struct batch *open[CARRIERS_MAX];
    int under_way[CARRIERS_MAX];
    int replies;
};

struct feedback *
feedback_new(struct queue *queue, struct routes *routes, void (*on_recorded)(void *arg), void *arg)
{
    struct feedback *f = xcalloc(1, sizeof *f);
    f->queue = queue;
    f->routes = routes;
    f->on_recorded = on_recorded;
    f->arg = arg;
    return f;
}

static size_t
place_of(const struct feedback *f, const struct link *link)
{
    return (size_t)(routes_carrier(f->routes, link) - f->routes->carrier);
}

void
feedback_free(struct feedback **feedback)
{
    struct feedback *f = *feedback;
    if (!f) {
        return;
    }
    for (size_t i = 0; i < CARRIERS_MAX; i++) {
        free(f->open[i]);
    }
    while (f->free_batches) {
        struct batch *b = f->free_batches;
        f->free_batches = b->next;
        free(b);
    }
    free(f);
    *feedback = NULL;
}

static void
on_receipts_recorded(void *arg, const struct err *err)
{
    struct batch *b = arg;
    struct feedback *f = b->feedback;
    struct link *link = b->link;
    for (int i = 0; i < b->n; i++) {
        link_answer(b->link, b->tokens[i], err == NULL);
    }
    if (err && err->code != ERR_GONE) {
        log_event(LOG_WARNING, "receipts.refused", "link=%s count=%d why=%s",
                  link_conf(b->link)->name, b->n, log_value(str_of(err->text)));
    }
    f->under_way[place_of(f, link)]--;
    b->next = f->free_batches;
    f->free_batches = b;
    if (!err) {
        f->on_recorded(f->arg);
    }
    feedback_on_turn(f, link);
}

void
feedback_on_turn(struct feedback *f, struct link *link)
{
    size_t i = place_of(f, link);
    struct batch *b = f->open[i];
    if (!b || f->under_way[i] >= BATCHES_UNDER_WAY) {
        return;
    }
    f->open[i] = NULL;
    f->under_way[i]++;
    receipt_record(f->queue, route_ids_name(f->routes, link), b->entries, b->n,
                   on_receipts_recorded, b);
}

static struct batch *
batch_take(struct feedback *f, struct link *link)
{
    struct batch *b = f->free_batches;
    if (b) {
        f->free_batches = b->next;
    } else {
        b = xmalloc(sizeof *b);
    }
    b->next = NULL;
    b->feedback = f;
    b->link = link;
    b->n = 0;
    return b;
}

/* The ledger's code of a receipt's word: "EXPIRED" is "expir", nothing is "undel". */
static void
put_reason(const char *word, char code[LEDGER_REASON + 1])
{
    size_t n = 0;
    for (const char *c = *word ? word : "UNDELIV"; *c && n < LEDGER_REASON; c++) {
        code[n++] = (char)(*c >= 'A' && *c <= 'Z' ? *c + ('a' - 'A') : *c);
    }
    code[n] = '\0';
}

/* A receipt comes from the phone; some SMSCs turn that round. */
static void
put_reference(const struct link_receipt *receipt, char out[UNCERTAIN_KEY_SIZE])
{
    char phone[NUMBER_ROOM];
    out[0] = '\0';
    if (receipt->reference >= 0 && (number_read(str_of(receipt->from), phone) == NUMBER_MOBILE ||
                                    number_read(str_of(receipt->to), phone) == NUMBER_MOBILE)) {
        uncertain_key((uint16_t)receipt->reference, phone, out);
    }
}

/* The batch that gathers; NULL: Redis is away, or behind. */
static struct batch *
open_batch(struct feedback *f, struct link *link)
{
    size_t i = place_of(f, link);
    if (!queue_is_up(f->queue) || (f->open[i] && f->open[i]->n == BATCH)) {
        return NULL;
    }
    if (!f->open[i]) {
        f->open[i] = batch_take(f, link);
    }
    return f->open[i];
}

static void
close_entry(struct feedback *f, struct batch *b, uint64_t token)
{
    b->tokens[b->n++] = token;
    if (b->n == BATCH) {
        feedback_on_turn(f, b->link);
    }
}

void
feedback_on_late(struct feedback *f, struct link *link, const struct link_late *late)
{
    struct batch *b = late->owner == LETTERS_OWNER ? NULL : open_batch(f, link);
    if (!b) {
        return;
    }
    const struct conf_link *conf = link_conf(link);
    bool final = conf->receipts == RECEIPTS_NONE && late->whole;
    uncertain_key(late->reference, late->address, b->references[b->n]);
    if (late->id.n > 0) {
        message_id_common(late->id, conf->receipt_ids, false, b->ids[b->n]);
    } else {
        b->ids[b->n][0] = RECEIPT_NO_ID;
        memcpy(b->ids[b->n] + 1, b->references[b->n], UNCERTAIN_KEY_SIZE);
    }
    b->entries[b->n] = (struct receipt_entry){
        .message_id = b->ids[b->n],
        .reference = b->references[b->n],
        .at_s = final ? clock_unix_ms() / 1000 : 0,
        .late = late->whole ? RECEIPT_LATE_WHOLE : RECEIPT_LATE_PART,
    };
    close_entry(f, b, LATE_TOKEN);
}

void
feedback_on_receipt(struct feedback *f, struct link *link, const struct link_receipt *receipt,
                    uint64_t token)
{
    if (receipt->state == RECEIPT_INTERMEDIATE) {
        link_answer(link, token, true);
        return;
    }
    struct batch *b = open_batch(f, link);
    if (!b) {
        link_answer(link, token, false); /* no room: the peer keeps it and sends it again */
        return;
    }
    struct receipt_entry *entry = &b->entries[b->n];
    message_id_common(receipt->id, link_conf(link)->receipt_ids, true, b->ids[b->n]);
    put_reference(receipt, b->references[b->n]);
    *entry = (struct receipt_entry){
        .message_id = b->ids[b->n],
        .reference = b->references[b->n],
        .delivered = receipt->state == RECEIPT_DELIVERED,
        .at_s = clock_unix_ms() / 1000,
    };
    if (!entry->delivered) {
        put_reason(receipt->reason, entry->reason);
    }
    close_entry(f, b, token);
}

/* A reply under way. */
struct replying {
    struct feedback *feedback;
    struct link *link;
    uint64_t token;
};

static void
on_reply_recorded(void *arg, const struct err *err)
{
    struct replying *r = arg;
    r->feedback->replies--;
    link_answer(r->link, r->token, err == NULL);
    if (!err) {
        r->feedback->on_recorded(r->feedback->arg);
    } else if (err->code != ERR_GONE) {
        log_event(LOG_WARNING, "reply.refused", "link=%s why=%s", link_conf(r->link)->name,
                  log_value(str_of(err->text)));
    }
    free(r);
}

void
feedback_on_reply(struct feedback *f, struct link *link, const struct link_reply *reply,
                  uint64_t token)
{
    if (!queue_is_up(f->queue)) {
        link_answer(link, token, false);
        return;
    }
    struct reply_entry entry = {
        .from = reply->from,
        .to = reply->to,
        .link = link_conf(link)->name,
        .channel = routes_carrier(f->routes, link)->channel,
        .data_coding = reply->data_coding,
        .esm_class = reply->esm_class,
        .sar_reference = reply->sar_reference,
        .sar_total = reply->sar_total,
        .sar_number = reply->sar_number,
        .octets = reply->octets,
    };
    struct replying *r = xmalloc(sizeof *r);
    *r = (struct replying){f, link, token};
    f->replies++;
    reply_record(f->queue, &entry, on_reply_recorded, r);
}

bool
feedback_is_idle(const struct feedback *f)
{
    for (size_t i = 0; i < f->routes->carriers_n; i++) {
        if (f->under_way[i] > 0) {
            return false;
        }
    }
    return f->replies == 0;
}
