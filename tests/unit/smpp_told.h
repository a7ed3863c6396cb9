/* What the link under test told, remembered. */
#ifndef LOA_TESTS_SMPP_TOLD_H
#define LOA_TESTS_SMPP_TOLD_H
// SPDX-License-Identifier: MIT

#include "smpp_peer.h"

#include "gateway/base/log.h"
#include "gateway/links/link.h"

enum { BIND_TRX = 9, SUBMIT = 4, SUBMIT_RESP = (int)0x80000004, ENQUIRE = 0x15, MESSAGES = 20000 };
#define RESP 0x80000000u

static struct peer peer;
static struct {
    struct link *link;
    struct conf_link conf;
    struct link_text *text;
    struct link_message messages[MESSAGES], *told[MESSAGES];
    int submitted, told_n, turns, states_n, downs;
    enum link_state states[64];
    struct link_receipt receipt;
    struct link_reply reply;
    char id[80], octets[64];
    uint64_t token;
    int receipts, replies, lates, wholes;
    char late_address[LINK_ADDRESS_SIZE];
    uint16_t late_reference;
} t;

static inline void
on_outcome(void *ctx, struct link *link, struct link_message *message)
{
    (void)ctx;
    (void)link;
    t.told[t.told_n++] = message;
}

static inline void
on_receipt(void *ctx, struct link *link, const struct link_receipt *r, uint64_t token)
{
    (void)ctx;
    (void)link;
    t.receipt = *r;
    memcpy(t.id, r->id.p, r->id.n);
    t.id[r->id.n] = '\0';
    t.token = token;
    t.receipts++;
}

static inline void
on_reply(void *ctx, struct link *link, const struct link_reply *r, uint64_t token)
{
    (void)ctx;
    (void)link;
    t.reply = *r;
    memcpy(t.octets, r->octets.p, r->octets.n);
    t.token = token;
    t.replies++;
}

static inline void
on_late(void *ctx, struct link *link, const struct link_late *late)
{
    (void)ctx;
    (void)link;
    memcpy(t.id, late->id.p, late->id.n);
    t.id[late->id.n] = '\0';
    memcpy(t.late_address, late->address, sizeof t.late_address);
    t.late_reference = late->reference;
    t.lates++;
    t.wholes += late->whole;
}

static inline void
on_state(void *ctx, struct link *link, enum link_state state, const char *why)
{
    (void)ctx;
    (void)link;
    (void)why;
    t.states[t.states_n++ % 64] = state;
    t.downs += state == LINK_DOWN;
}

static inline void
on_turn(void *ctx, struct link *link)
{
    (void)ctx;
    (void)link;
    t.turns++;
}

static const struct link_events events = {.on_outcome = on_outcome,
                                          .on_receipt = on_receipt,
                                          .on_reply = on_reply,
                                          .on_late = on_late,
                                          .on_state = on_state,
                                          .on_turn = on_turn};

#endif
