/* What a link over HTTP asks beside sending. */
// SPDX-License-Identifier: MIT
#include "gateway/links/http/ask.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "gateway/core/mem.h"
#include "gateway/links/http/pace.h"

enum { QUESTIONS_MOST = 1000 };

/* What became of a message? */
struct http_question {
    struct http_question *next, **self;
    struct http_link *l;
    bool sent;
    char id[LINK_ID_SIZE];
};

static void
question_free(struct http_question *q)
{
    *q->self = q->next;
    if (q->next) {
        q->next->self = q->self;
    }
    free(q);
}

void
http_link_ask(struct link *link, const char *message_id)
{
    struct http_link *l = (struct http_link *)link;
    if (l->state != LINK_BOUND || l->questions_n == QUESTIONS_MOST) {
        return;
    }
    struct http_question *q = xcalloc(1, sizeof *q);
    (void)snprintf(q->id, sizeof q->id, "%s", message_id);
    q->l = l;
    q->next = l->questions;
    q->self = &l->questions;
    if (q->next) {
        q->next->self = &q->next;
    }
    l->questions = q;
    l->questions_n++;
    event_active(l->pump, EV_TIMEOUT, 0);
}

static void
on_told(void *arg, const struct answer_reply *reply)
{
    struct http_question *q = arg;
    struct http_link *l = q->l;
    const struct link_receipt receipt = {
        .id = str_of(q->id), .state = l->kind->told(l, reply), .error = -1, .reference = -1};
    l->in_flight--;
    l->asking_n--;
    if (receipt.state != RECEIPT_INTERMEDIATE) {
        l->events.on_receipt(l->events.ctx, &l->link, &receipt, 0);
        event_active(l->turn, EV_TIMEOUT, 0);
    }
    question_free(q);
    event_active(l->pump, EV_TIMEOUT, 0);
}

static void
send_question(struct http_link *l, struct http_question *q)
{
    struct http_draft draft;
    http_draft_init(&draft, METHOD_GET);
    q->sent = true;
    l->questions_n--;
    if (l->kind->ask(l, q->id, &draft, NULL) == 0) {
        l->in_flight++;
        l->asking_n++;
        http_link_send(l, &draft, l->link.conf->response_ms, on_told, q);
    } else {
        question_free(q);
    }
    http_draft_free(&draft);
}

bool
http_ask_may(const struct http_link *l)
{
    return l->questions_n > 0 && (!l->first || l->asking_n == 0);
}

void
http_ask_waiting(struct http_link *l, int64_t now_us)
{
    for (struct http_question *q = l->questions, *next; q; q = next) {
        next = q->next;
        if (q->sent) {
            continue;
        }
        if (!http_ask_may(l) || l->in_flight >= l->link.conf->concurrency ||
            !http_pace_takes(l, now_us)) {
            return;
        }
        send_question(l, q);
    }
}

void
http_ask_end(struct http_link *l)
{
    for (struct http_question *q = l->questions, *next; q; q = next) {
        next = q->next;
        question_free(q);
    }
}

void
http_link_send(struct http_link *l, const struct http_draft *draft, int64_t wait_ms,
               http_done_fn *fn, void *arg)
{
    struct http_ask request = {
        .method = draft->method, .url = draft->url.p, .body = buf_str(&draft->body)};
    request.wait_ms = wait_ms;
    request.fresh = draft->fresh;
    for (size_t i = 0; i < draft->headers_n; i++) {
        request.headers[i] = draft->headers[i].p;
    }
    http_send(l->client, &request, fn, arg);
}
