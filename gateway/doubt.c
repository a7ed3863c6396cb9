/* Messages that may have gone out. */
// SPDX-License-Identifier: MIT
#include "gateway/doubt.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "queue/uncertain.h"

static bool
refers(const struct link *link)
{
    const struct conf_link *conf = link_conf(link);
    return conf->kind == LINK_SMPP && conf->user_message_reference &&
           conf->receipts != RECEIPTS_NONE;
}

/* The flush goes on only behind the answer: it is told, not freed, before that. */
struct recording {
    struct flush *flush;
    void (*next)(struct flush *f, const struct err *err);
};

static void
on_recorded(void *arg, int early, const struct err *err)
{
    struct recording *r = arg;
    struct flush *f = r->flush;
    f->early += early;
    f->doubt_done = err == NULL;
    r->next(f, err);
    free(r);
}

bool
doubt_record(struct flush *f, void (*next)(struct flush *f, const struct err *err))
{
    const struct link *link = carrier_of(f->worker, f->link)->link;
    struct uncertain_entry entries[DONE_MAX];
    int n = 0;
    for (int i = 0; i < f->n && link_conf(link)->kind == LINK_SMPP; i++) {
        const struct link_message *m = f->messages[i];
        if (m->result == LINK_UNCERTAIN) {
            entries[n++] = (struct uncertain_entry){
                .id = f->held->id,
                .index = f->held->chunk * CHUNK_MEMBERS + m->place,
                .attempt = f->held->attempts[m->place],
                .parts = m->parts_n,
                .phone = m->address,
            };
        }
    }
    if (n == 0) {
        return false;
    }
    struct recording *r = xmalloc(sizeof *r);
    *r = (struct recording){f, next};
    uncertain_record(f->worker->queue, link_conf(link)->name, entries, n, on_recorded, r);
    return true;
}

/* ---- Left by a former owner ---- */

struct claimed {
    struct queue *queue;
    const char *link;
};

static void
on_claimed_recorded(void *arg, int early, const struct err *err)
{
    struct claimed *c = arg;
    if (!err && early > 0) {
        receipt_sweep(c->queue, c->link, queue_ignore, NULL);
    }
    free(c); /* else the next claim tries again, or it is sent again */
}

static void
record_on(struct worker *w, size_t link, const struct uncertain_entry *entries, int n)
{
    struct claimed *c = xmalloc(sizeof *c);
    *c = (struct claimed){w->queue, link_conf(carrier_of(w, link)->link)->name};
    uncertain_record(w->queue, c->link, entries, n, on_claimed_recorded, c);
}

static int
collect(const struct held *h, const struct claim_answer *answer, int parts,
        char phones[CHUNK_MEMBERS][LINK_ADDRESS_SIZE], struct uncertain_entry *entries)
{
    int n = 0;
    for (uint32_t place = 0; place < h->members_n; place++) {
        if (answer->letters.p[place] != '?' || (size_t)n >= answer->uncertain.n) {
            continue;
        }
        memcpy(phones[n], h->addresses + h->address_at[place], h->address_n[place]);
        phones[n][h->address_n[place]] = '\0';
        entries[n] = (struct uncertain_entry){
            .id = h->id,
            .index = h->chunk * CHUNK_MEMBERS + place,
            .attempt = (uint8_t)answer->uncertain.p[n],
            .parts = (uint8_t)parts,
            .phone = phones[n],
        };
        n++;
    }
    return n;
}

void
doubt_claimed(struct worker *w, struct held *h, const struct claim_answer *answer)
{
    char phones[CHUNK_MEMBERS][LINK_ADDRESS_SIZE];
    struct uncertain_entry entries[CHUNK_MEMBERS];
    for (size_t link = 0; answer->uncertain.n > 0 && link < w->route->carriers_n; link++) {
        int parts = h->broadcast->parts[link];
        int n = refers(carrier_of(w, link)->link) && parts > 0
                    ? collect(h, answer, parts, phones, entries)
                    : 0;
        if (n > 0) {
            record_on(w, link, entries, n);
        }
    }
}
