/* What a kind of link brings: the calls of link.h behind one table.  For gateway/links only. */
#ifndef LOA_LINKS_KIND_H
#define LOA_LINKS_KIND_H
// SPDX-License-Identifier: MIT

#include "gateway/links/share.h"

/* Each does what link.h says of the call of its name. */
struct link_kind_ops {
    struct link *(*open)(struct event_base *base, const struct conf_link *conf,
                         const struct link_events *events, struct err *err);
    void (*free)(struct link *link);
    void (*start)(struct link *link);
    void (*drain)(struct link *link, int64_t wait_ms);
    enum link_state (*state)(const struct link *link);
    void (*stats)(const struct link *link, struct link_stats *out);
    void (*set_rate)(struct link *link, double rate);
    int (*reread)(struct link *link, struct err *err); /* NULL: it has no certificates */
    int (*room)(const struct link *link, int parts);
    double (*rate)(const struct link *link);
    /* Of a shared rate; NULL: the kind keeps its rate alone. */
    void (*share)(struct link *link);
    int (*wants)(const struct link *link);
    void (*grant)(struct link *link, const struct lease *lease); /* NULL lease: none any more */
    void (*set_limit)(struct link *link, int limit, int others);
    /* Of a shared quota; NULL: the kind has none. */
    bool (*quota_report)(struct link *link, struct quota_report *report);
    void (*quota_answer)(struct link *link, const struct quota_report *report,
                         const struct quota_answer *answer, int64_t told_us);
    /* Of shared chats; NULL: the kind has none. */
    bool (*chats_asked)(struct link *link, struct chat_asks *asks);
    void (*chats_answer)(struct link *link, const struct chat_asks *asks);
    void (*trace)(struct link *link, enum link_trace trace); /* NULL: it has no PDUs */
    struct link_text *(*text_new)(struct link *link, const struct link_content *content,
                                  struct err *err);
    void (*text_free)(struct link_text *text);
    void (*submit)(struct link *link, struct link_message *message);
    void (*answer)(struct link *link, uint64_t token, bool stored);
    void (*ask)(struct link *link, const char *message_id); /* NULL: receipts come by themselves */
    struct str (*limits)(const struct link *link);          /* NULL: has none */
    void (*set_token)(struct link *link, const char *token, const char *why); /* NULL: needs none */
};

/* The head of every kind's link and text. */
struct link {
    const struct link_kind_ops *ops;
    const struct conf_link *conf;
};

struct link_text {
    const struct link_kind_ops *ops;
    int parts;
};

extern const struct link_kind_ops smpp_ops, zalo_ops, telegram_ops, http_sms_ops;

#endif
