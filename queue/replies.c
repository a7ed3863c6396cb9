/* What members send in: decoded as far as it can be, and kept in loa:replies. */
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "gateway/base/clock.h"
#include "gateway/core/gsm7.h"
#include "gateway/core/mem.h"
#include "gateway/core/number.h"
#include "gateway/core/time.h"
#include "queue/receipt.h"
#include "queue/redis.h"

enum { TEXT_MAX = 256 * 1024, ESM_UDHI = 0x40 };

struct incoming {
    struct queue *queue;
    char *from, *to, *link, *channel;
    struct buf text, hex;
    int data_coding, esm_class;
    queue_done *fn;
    void *arg;
};

static void
incoming_end(struct incoming *r, const struct err *err)
{
    r->fn(r->arg, err);
    free(r->from);
    free(r->to);
    free(r->link);
    free(r->channel);
    buf_deinit(&r->text);
    buf_deinit(&r->hex);
    free(r);
}

/* The text's octets behind the user data header, if there is one. */
static struct str
without_header(struct str octets, int esm_class)
{
    size_t header = octets.n ? (size_t)(uint8_t)octets.p[0] + 1 : 0;
    if (!(esm_class & ESM_UDHI) || header > octets.n) {
        return octets;
    }
    return str_from(octets, header);
}

/* Data codings whose alphabet is known; what is none of them stays hexadecimal. */
static void
decode(struct incoming *r, struct str octets)
{
    struct str text = without_header(octets, r->esm_class);
    const uint8_t *bytes = (const uint8_t *)text.p;
    switch (r->data_coding) {
    case 0x00:
        gsm7_decode(bytes, text.n, &r->text);
        return;
    case 0x08:
        ucs2_decode(bytes, text.n, &r->text);
        return;
    case 0x01: /* IA5: the lower half of Latin-1 */
    case 0x03:
        latin1_decode(bytes, text.n, &r->text);
        return;
    default:
        buf_add_str(&r->text, buf_str(&r->hex));
    }
}

static void
on_added(void *arg, const struct err *err)
{
    incoming_end(arg, err);
}

static void
add(struct incoming *r, const char *member)
{
    char at[TIME_ROOM];
    time_format(clock_unix_ms() / 1000, 0, at);
    const struct {
        const char *name;
        struct str value;
    } fields[] = {
        {"from", str_of(r->from)}, {"member", str_of(member)},  {"channel", str_of(r->channel)},
        {"link", str_of(r->link)}, {"text", buf_str(&r->text)}, {"intent", STR("")},
        {"at", str_of(at)},        {"to", str_of(r->to)},       {"octets", buf_str(&r->hex)},
    };
    struct args a;
    args_fcall2(&a, "loa_reply", "loa:replies", "loa:totals:{loa:replies}");
    args_z(&a, r->link);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        args_z(&a, fields[i].name);
        args_str(&a, fields[i].value);
    }
    args_z(&a, "data_coding");
    args_int(&a, r->data_coding);
    args_z(&a, "esm_class");
    args_int(&a, r->esm_class);
    queue_send_plain(r->queue, &a, on_added, r);
}

/* `reply`: the member's record, JSON with its id. */
static void
on_member(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct incoming *r = arg;
    if (err) {
        incoming_end(r, err);
        return;
    }
    struct str text = reply_str(reply);
    json_t *record = json_loadb(text.p, text.n, 0, NULL);
    const char *id = json_string_value(json_object_get(record, "id"));
    add(r, id ? id : "");
    json_decref(record);
}

static void
on_number(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct incoming *r = arg;
    if (err) {
        incoming_end(r, err);
        return;
    }
    if (reply_is_nil(reply)) {
        add(r, "");
        return;
    }
    struct args a;
    args_init(&a, "HGET");
    args_z(&a, QUEUE_DIRECTORY "records");
    args_str(&a, reply_str(reply));
    queue_send(r->queue, &a, on_member, r);
}

void
reply_record(struct queue *queue, const struct reply_entry *reply, queue_done *fn, void *arg)
{
    struct incoming *r = xcalloc(1, sizeof *r);
    r->queue = queue;
    r->from = xstrdup(reply->from);
    r->to = xstrdup(reply->to);
    r->link = xstrdup(reply->link);
    r->channel = xstrdup(reply->channel);
    r->data_coding = reply->data_coding;
    r->esm_class = reply->esm_class;
    r->fn = fn;
    r->arg = arg;
    buf_init(&r->text, TEXT_MAX);
    buf_init(&r->hex, TEXT_MAX);
    for (size_t i = 0; i < reply->octets.n; i++) {
        buf_add_format(&r->hex, "%02x", (unsigned)(uint8_t)reply->octets.p[i]);
    }
    decode(r, reply->octets);

    char phone[NUMBER_ROOM];
    bool known = number_read(str_of(reply->from), phone) == NUMBER_MOBILE;
    struct args a;
    args_init(&a, "HGET");
    args_z(&a, QUEUE_DIRECTORY "by-phone");
    args_z(&a, known ? phone : reply->from);
    queue_send(queue, &a, on_number, r);
}
