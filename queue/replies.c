/* What members send in.
 *
 *   part → loa_part ─ WAIT, KNOWN ──────────────────────────────────────────▶ answered
 *            └─ WHOLE ─▶ member's id → (stop, start) consent → confirmation → loa_reply ─▶ answered
 *
 * Each step may be repeated: what is answered is what was not interrupted. */
// SPDX-License-Identifier: MIT
#include "queue/replies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "gateway/base/clock.h"
#include "gateway/core/intent.h"
#include "gateway/core/mem.h"
#include "gateway/core/mo.h"
#include "gateway/core/number.h"
#include "gateway/core/time.h"
#include "queue/consent.h"
#include "queue/outbox.h"
#include "queue/redis.h"
#include "queue/retell.h"

enum { TEXT_MAX = 256 * 1024, NAME_SIZE = 80, PARTS_MAX = 255, DAY_S = 86400 };

struct incoming {
    struct queue *queue;
    char *from, *to, *link, *channel;
    char name[NAME_SIZE]; /* of its parts, "" if it had no others */
    struct buf text, hex;
    int data_coding, esm_class;
    enum intent intent;
    char phone[NUMBER_ROOM]; /* "": no mobile */
    char *member;
    char at[TIME_ROOM]; /* when it went into loa:replies */
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
    free(r->member);
    buf_deinit(&r->text);
    buf_deinit(&r->hex);
    free(r);
}

/* ---- Octets to text ---- */

/* The alphabet of a data_coding on a link: its SMSC's own stands in the configuration. */
static enum mo_alphabet
alphabet_of(const struct incoming *r)
{
    static const enum mo_alphabet own[] = {[CODING_GSM7] = MO_GSM7,
                                           [CODING_GSM7_PACKED] = MO_GSM7_PACKED,
                                           [CODING_LATIN1] = MO_LATIN1,
                                           [CODING_UCS2] = MO_GSM7};
    enum mo_alphabet alphabet = mo_alphabet(r->data_coding);
    const struct conf_link *link = conf_link(queue_conf(r->queue), r->link);
    return alphabet != MO_DEFAULT ? alphabet : link ? own[link->data_coding] : MO_GSM7;
}

/* A run of parts without a gap. */
struct run {
    struct buf octets;
    enum mo_alphabet alphabet;
};

static void
end_run(struct incoming *r, struct run *run)
{
    if (run->octets.n > 0) {
        mo_decode(buf_str(&run->octets), run->alphabet, &r->text);
    }
    buf_clear(&run->octets);
}

/* "HEADER_N DATA_CODING HEX LINK": a part as loa_part keeps it. */
static void
add_kept_part(struct incoming *r, struct run *run, struct str value)
{
    uint64_t header_n = 0, data_coding = 0;
    struct str rest = value;
    struct buf octets;
    buf_init(&octets, TEXT_MAX);
    if (str_to_u64(str_cut(&rest, ' '), UINT8_MAX + 1, &header_n) &&
        str_to_u64(str_cut(&rest, ' '), UINT8_MAX, &data_coding)) {
        struct str hex = str_cut(&rest, ' ');
        r->data_coding = (int)data_coding;
        if (!*r->link) {
            free(r->link);
            r->link = xstrndup(rest.p ? rest.p : "", rest.n);
        }
        run->alphabet = alphabet_of(r);
        (void)mo_unhex(hex, &octets);
        const struct mo_part part = {.octets = buf_str(&octets), .header_n = header_n};
        mo_join(&part, run->alphabet, &run->octets);
        buf_add_str(&r->hex, hex);
    }
    buf_deinit(&octets);
}

/* The parts from `reply[first]` on; an empty one is missing. */
static void
decode_parts(struct incoming *r, const struct redisReply *reply, size_t first)
{
    struct run run;
    buf_init(&run.octets, TEXT_MAX);
    run.alphabet = MO_BINARY;
    for (size_t i = first; i < reply_count(reply); i++) {
        struct str value = reply_str_at(reply, i);
        if (value.n > 0) {
            add_kept_part(r, &run, value);
        } else {
            end_run(r, &run);
            buf_add_z(&r->text, "[…]");
        }
    }
    end_run(r, &run);
    buf_deinit(&run.octets);
}

static void
decode_alone(struct incoming *r, const struct mo_part *part)
{
    struct run run;
    buf_init(&run.octets, TEXT_MAX);
    run.alphabet = alphabet_of(r);
    mo_join(part, run.alphabet, &run.octets);
    end_run(r, &run);
    buf_deinit(&run.octets);
}

/* ---- Into loa:replies ---- */

/* What both Functions are told: link, parts' name, fields and values. */
static void
add_args(struct args *a, const struct incoming *r)
{
    const struct {
        const char *name;
        struct str value;
    } fields[] = {
        {"from", str_of(r->from)},       {"member", str_of(r->member)},
        {"channel", str_of(r->channel)}, {"link", str_of(r->link)},
        {"text", buf_str(&r->text)},     {"intent", str_of(intent_name(r->intent))},
        {"at", str_of(r->at)},           {"to", str_of(r->to)},
        {"octets", buf_str(&r->hex)},
    };
    args_z(a, r->link);
    args_z(a, r->name);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        args_z(a, fields[i].name);
        args_str(a, fields[i].value);
    }
    args_z(a, "data_coding");
    args_int(a, r->data_coding);
    args_z(a, "esm_class");
    args_int(a, r->esm_class);
}

/* Its entry's ID is how it is known again. */
static void
on_added(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct incoming *r = arg;
    struct str entry = reply_str(reply);
    if (!err && entry.n > 0) {
        struct args a;
        args_fcall2(&a, "loa_reply_again", "loa:replies", "loa:totals:{loa:replies}");
        args_str(&a, entry);
        add_args(&a, r);
        retell_keep(r->queue, &a);
    }
    incoming_end(r, err);
}

static void
add(struct incoming *r)
{
    struct args a;
    time_format(clock_unix_ms() / 1000, 0, r->at);
    args_fcall2(&a, "loa_reply", "loa:replies", "loa:totals:{loa:replies}");
    add_args(&a, r);
    queue_send(r->queue, &a, on_added, r);
}

/* ---- Stop and start ---- */

static void
on_confirmed(void *arg, const struct err *err)
{
    if (err) {
        incoming_end(arg, err);
    } else {
        add(arg);
    }
}

/* `text` with the number that was written to in place of {number}. */
static void
put_number(struct buf *out, struct str text, const char *number)
{
    static const char place[] = "{number}";
    for (size_t i = 0; i < text.n;) {
        if (str_starts(str_from(text, i), str_of(place))) {
            buf_add_z(out, number);
            i += sizeof place - 1;
        } else {
            buf_add_char(out, text.p[i++]);
        }
    }
}

/* Told once: the id is that of the wish since it first was made.  What is older than a day was told
 * then. */
static void
on_consent(void *arg, const struct consent_answer *answer, const struct err *err)
{
    struct incoming *r = arg;
    const struct conf *conf = queue_conf(r->queue);
    bool out = r->intent == INTENT_STOP;
    struct str words = str_of(out ? conf->replies_stop : conf->replies_start);
    if (err) {
        incoming_end(r, err);
        return;
    }
    if (words.n == 0 || answer->since_s == 0 || answer->now_s - answer->since_s > DAY_S) {
        add(r);
        return;
    }
    char id[OUTBOX_ID_SIZE];
    struct buf text;
    buf_init(&text, TEXT_MAX);
    put_number(&text, words, r->to);
    (void)snprintf(id, sizeof id, "%s:%s:%lld", intent_name(r->intent), r->phone,
                   (long long)answer->since_s);
    const struct outbox_entry entry = {id, r->phone, text.p, r->link, intent_name(r->intent)};
    outbox_add(r->queue, &entry, on_confirmed, r);
    buf_deinit(&text);
}

static void
act(struct incoming *r)
{
    bool wish = r->intent == INTENT_STOP || r->intent == INTENT_START;
    if (!wish || !r->phone[0] || strcmp(r->channel, "sms") != 0) {
        add(r);
        return;
    }
    const struct consent_wish consent = {r->channel, r->phone, r->intent == INTENT_STOP};
    consent_set(r->queue, &consent, on_consent, r);
}

/* ---- Whose it is ---- */

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
    r->member = xstrdup(id ? id : "");
    json_decref(record);
    act(r);
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
        r->member = xstrdup("");
        act(r);
        return;
    }
    struct args a;
    args_init(&a, "HGET");
    args_z(&a, QUEUE_DIRECTORY "records");
    args_str(&a, reply_str(reply));
    queue_send(r->queue, &a, on_member, r);
}

/* The whole message is there. */
static void
take_whole(struct incoming *r)
{
    r->intent = intent_of(buf_str(&r->text));
    if (number_read(str_of(r->from), r->phone) != NUMBER_MOBILE) {
        r->phone[0] = '\0';
    }
    struct args a;
    args_init(&a, "HGET");
    args_z(&a, QUEUE_DIRECTORY "by-phone");
    args_z(&a, r->phone[0] ? r->phone : r->from);
    queue_send(r->queue, &a, on_number, r);
}

/* ---- Parts ---- */

static void
on_part(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct incoming *r = arg;
    struct err full = {.code = ERR_LIMIT, .text = "too many messages wait for their other parts"};
    if (!err && str_equal_z(reply_str_at(reply, 0), "FULL")) {
        err = &full;
    }
    if (err || !str_equal_z(reply_str_at(reply, 0), "WHOLE")) {
        incoming_end(r, err);
        return;
    }
    buf_clear(&r->hex);
    decode_parts(r, reply, 1);
    take_whole(r);
}

static void
keep_part(struct incoming *r, const struct mo_part *part)
{
    (void)snprintf(r->name, sizeof r->name, "%s:%s:%s%u:%u", r->from, r->to, part->wide ? "w" : "",
                   (unsigned)part->reference, (unsigned)part->total);
    struct buf value;
    buf_init(&value, TEXT_MAX);
    buf_add_format(&value, "%zu %d ", part->header_n, r->data_coding);
    mo_hex(part->octets, &value);
    buf_add_format(&value, " %s", r->link);
    struct args a;
    args_fcall(&a, "loa_part", "loa:parts:{loa:replies}:%s", r->name);
    args_z(&a, r->name);
    args_int(&a, part->number);
    args_int(&a, part->total);
    args_str(&a, buf_str(&value));
    queue_send(r->queue, &a, on_part, r);
    buf_deinit(&value);
}

static struct incoming *
incoming_new(struct queue *queue, const struct reply_entry *reply, queue_done *fn, void *arg)
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
    return r;
}

void
reply_record(struct queue *queue, const struct reply_entry *reply, queue_done *fn, void *arg)
{
    struct incoming *r = incoming_new(queue, reply, fn, arg);
    struct mo_part part;
    mo_part_read(reply->octets, reply->esm_class, &part);
    if (part.total == 0 && reply->sar_number > 0 && reply->sar_number <= reply->sar_total) {
        part.reference = reply->sar_reference;
        part.wide = true;
        part.total = reply->sar_total;
        part.number = reply->sar_number;
    }
    if (part.total > 1) {
        keep_part(r, &part);
        return;
    }
    mo_hex(reply->octets, &r->hex);
    decode_alone(r, &part);
    take_whole(r);
}

/* ---- Parts whose others did not come ---- */

struct sweep {
    struct queue *queue;
    queue_done *fn;
    void *arg;
};

static void
on_incomplete(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct sweep *s = arg;
    struct str name = reply_str_at(reply, 0), rest = name;
    if (err || reply_count(reply) < 3) {
        s->fn(s->arg, err);
        free(s);
        return;
    }
    struct str from = str_cut(&rest, ':'), to = str_cut(&rest, ':');
    const struct reply_entry none = {.from = "", .to = "", .link = "", .channel = "sms"};
    struct incoming *r = incoming_new(s->queue, &none, s->fn, s->arg);
    free(r->from);
    free(r->to);
    r->from = xstrndup(from.p, from.n);
    r->to = xstrndup(to.p ? to.p : "", to.n);
    (void)snprintf(r->name, sizeof r->name, "%.*s", (int)name.n, name.p);
    decode_parts(r, reply, 2);
    free(s);
    take_whole(r);
}

void
reply_sweep(struct queue *queue, queue_done *fn, void *arg)
{
    struct sweep *s = xmalloc(sizeof *s);
    struct args a;
    *s = (struct sweep){queue, fn, arg};
    args_fcall(&a, "loa_parts_incomplete", "loa:parts:{loa:replies}");
    queue_send(queue, &a, on_incomplete, s);
}
