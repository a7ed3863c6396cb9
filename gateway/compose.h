/* What a channel says of an announcement by one of its links: the same for the gateway that sends
 * it, for `loa send` that checks it and for `loa preview` that shows it. */
#ifndef LOA_GATEWAY_COMPOSE_H
#define LOA_GATEWAY_COMPOSE_H
// SPDX-License-Identifier: MIT

#include "gateway/base/conf.h"
#include "gateway/core/fit.h"
#include "gateway/core/platform.h"

/* An announcement read once for all its texts. */
struct composer {
    const struct conf *conf;              /* NULL: none, the defaults */
    const struct template_set *templates; /* borrowed */
    const struct announcement *a;         /* checked; borrowed */
    const char *code;                     /* of its short link; NULL: a stand-in */
    int64_t now_s;                        /* stands for published_at where there is none */
    struct arena *arena;                  /* owns the texts */
    struct str limits;                    /* what the template of the link that is composed for
                                             takes (core/zalo_template.h); empty: not known */
    const struct story *story;            /* NULL: composer_init() reads it */
    enum template_language language;      /* set by composer_init() */
};
/* The fields above `language` are set.  ERR_INPUT: the body cannot be read. */
int composer_init(struct composer *c, struct err *err) MUST_CHECK;

/* A text as `text:CHANNEL` has it. */
struct composed {
    struct str text;                        /* a template's parameters as "name: value" lines */
    struct str link;                        /* what stands in it, empty if none */
    struct str template_name;               /* which template it is made by; empty for parameters */
    int parts;                              /* with the widest name */
    bool named;                             /* WORDING_NAME stands in it: made for each member */
    const struct fit *fit;                  /* of an SMS, else NULL */
    const struct platform_pair *parameters; /* of a Zalo template, else NULL */
    size_t parameters_n;
};
/* `link` NULL: an SMPP link of no particular wording.  ERR_INPUT, ERR_LIMIT: it cannot be said. */
int compose(const struct composer *c, const struct conf_channel *channel,
            const struct conf_link *link, struct composed *out, struct err *err) MUST_CHECK;

/* Looks which of the story's items a text of given words tells: for who shows it. */
void compose_judge(const struct composer *c, struct composed *out);

/* Whether the announcement names the channel, or none at all. */
bool compose_wants(const struct announcement *a, const char *channel);

#endif
