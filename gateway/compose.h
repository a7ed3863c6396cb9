/* What a channel says of an announcement, by the kind of its first link. */
#ifndef LOA_GATEWAY_COMPOSE_H
#define LOA_GATEWAY_COMPOSE_H
// SPDX-License-Identifier: MIT

#include "gateway/base/conf.h"
#include "gateway/core/announcement.h"

/* Of what a text is made.  Times come in the process' time zone. */
struct compose_of {
    const struct announcement *announcement; /* checked */
    const struct conf_channel *channel;
    const struct conf_link *link; /* the channel's first */
    int64_t now_s;                /* stands for published_at where there is none */
    struct arena *arena;          /* owns the text */
};

/* As `text:CHANNEL` has it: a template's parameters as "name: value" lines. */
struct composed {
    struct str text;
    int parts;
};

/* -1, ERR_INPUT: the channel cannot say it. */
int compose(const struct compose_of *of, struct composed *out, struct err *err) MUST_CHECK;

#endif
