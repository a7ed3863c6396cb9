/* What a text is on a link, by the configuration: its words, its parts, their price. */
#ifndef LOA_BASE_CONF_FORM_H
#define LOA_BASE_CONF_FORM_H
// SPDX-License-Identifier: MIT

#include "gateway/base/conf.h"
#include "gateway/core/fit.h"

/* Whether messages go by it: all but an SMPP receiver. */
bool conf_sends(const struct conf_link *link);
/* How it cuts its texts.  NULL: an SMPP link with the defaults. */
struct segment_form conf_form(const struct conf_link *link);
/* What an SMS may be there: the link's own keys, else the channel's. */
struct fit_rules conf_rules(const struct conf_channel *channel, const struct conf_link *link);
/* Whether texts go without diacritics there: an SMS can, what goes over a platform never does. */
bool conf_is_plain(const struct conf_channel *channel, const struct conf_link *link);
/* VND a part. */
int conf_price(const struct conf_channel *channel, const struct conf_link *link);
/* Whether both say an announcement in the same words: one text then serves the two of them. */
bool conf_says_alike(const struct conf_channel *channel, const struct conf_link *a,
                     const struct conf_link *b);

#endif
