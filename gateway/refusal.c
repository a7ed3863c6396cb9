/* Members who, as the platform answers, want nothing of this sender. */
// SPDX-License-Identifier: MIT
#include "gateway/refusal.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/base/log.h"
#include "gateway/core/reason.h"
#include "queue/webhook.h"

static void
on_heard(void *arg, const struct err *err)
{
    (void)arg;
    if (err && err->code != ERR_GONE) {
        log_event(LOG_WARNING, "refusal.lost", "why=%s", log_value(str_of(err->text)));
    }
}

void
refusal_record(struct worker *w, const struct flush *f)
{
    const struct held *h = f->held;
    for (int i = 0; i < f->n; i++) {
        const struct link_message *m = f->messages[i];
        if (m->result != LINK_ELSEWHERE || !m->opted_out) {
            continue;
        }
        char id[128], text[64];
        (void)snprintf(id, sizeof id, "refused:%s:%u:%u", h->id, m->index, m->attempt);
        reason_words(str_of(m->reason), false, text, sizeof text);
        const struct webhook_reply reply = {.id = id,
                                            .channel = w->route->conf->name,
                                            .link = link_conf(carrier_of(w, f->link)->link)->name,
                                            .from = m->address,
                                            .text = str_of(text),
                                            .intent = "stop",
                                            .consent = CONSENT_OUT};
        webhook_heard(w->queue, &reply, on_heard, NULL);
    }
}
