/* What a platform posts to us: is it the platform's, and what does it say.  Pure.
 * Ids and timestamps are kept as text: they stand above 2^53. */
#ifndef LOA_CORE_WEBHOOK_H
#define LOA_CORE_WEBHOOK_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>

#include "gateway/core/mem.h"
#include "gateway/core/str.h"

enum webhook_kind {
    WEBHOOK_OTHER,     /* nothing that we act on */
    WEBHOOK_DELIVERED, /* a template message reached its phone */
    WEBHOOK_TEXT,      /* a member wrote */
    WEBHOOK_START,     /* a member opened the bot by a deep link: `text` is its code */
    WEBHOOK_FOLLOW,
    WEBHOOK_UNFOLLOW, /* left, or blocked us: nothing more may go there */
    WEBHOOK_INFO,     /* a member shares name, phone, address: `text` */
    WEBHOOK_FEEDBACK, /* a rating, `text` its note */
    WEBHOOK_TEMPLATE, /* a template's state changed: `text` is the new one */
    WEBHOOK_QUOTA,    /* the day's quota changed: `text` is the new one */
};

/* One event; the texts live in the arena it was read into, "" where the event has none. */
struct webhook_event {
    enum webhook_kind kind;
    struct str name;        /* the platform's: "user_send_text" */
    struct str from;        /* who: a user's id, a chat, or the phone of a receipt */
    struct str text;        /* what the member wrote */
    struct str id;          /* the message's, or the update's */
    struct str tracking_id; /* ours, in a receipt */
};

/* Reads Zalo's event.  ERR_INPUT: no JSON object with an event_name. */
int webhook_zalo(struct str body, struct arena *arena, struct webhook_event *out,
                 struct err *err) MUST_CHECK;
/* Reads Telegram's update. */
int webhook_telegram(struct str body, struct arena *arena, struct webhook_event *out,
                     struct err *err) MUST_CHECK;

/* Whose key made the signature. */
enum webhook_signer { SIGNER_NONE, SIGNER_OA_SECRET, SIGNER_APP_SECRET };
/* What Zalo signs with: the webhook page's key, or (sources conflict) the app's. */
struct webhook_keys {
    struct str app_id, oa_secret, app_secret;
};
/* `header` is X-ZEvent-Signature: "mac=HEX" of SHA-256 over app id, the body as it came, the body's
 * own timestamp and the key.  Compared in constant time. */
enum webhook_signer webhook_zalo_signer(struct str body, struct str header,
                                        const struct webhook_keys *keys);
/* Equal, in a time that does not tell where they differ.  An empty secret equals nothing. */
bool webhook_secret_equal(struct str given, struct str secret);

#endif
