/* From a link's keys to the form of its texts. */
// SPDX-License-Identifier: MIT
#include "gateway/base/conf_form.h"

#include <string.h>

enum { HEADER_8_BIT = 6, HEADER_16_BIT = 7 };

struct segment_form
conf_form(const struct conf_link *link)
{
    static const enum encoding narrow[] = {[CODING_GSM7] = ENCODING_GSM7,
                                           [CODING_GSM7_PACKED] = ENCODING_GSM7,
                                           [CODING_LATIN1] = ENCODING_LATIN1,
                                           [CODING_UCS2] = ENCODING_UCS2};
    struct segment_form form = {ENCODING_GSM7, HEADER_8_BIT};
    if (link && link->kind == LINK_SMPP) {
        form.narrow = narrow[link->data_coding];
        form.header = link->long_sms == LONG_SMS_UDH16 ? HEADER_16_BIT : HEADER_8_BIT;
    }
    return form;
}

bool
conf_sends(const struct conf_link *link)
{
    return link->kind != LINK_SMPP || link->bind != BIND_RECEIVER;
}

struct fit_rules
conf_rules(const struct conf_channel *channel, const struct conf_link *link)
{
    struct fit_rules rules = {channel->diacritics, channel->max_parts, conf_form(link)};
    if (link && link->diacritics > 0) {
        rules.marks = (enum diacritics)(link->diacritics - 1);
    }
    if (link && link->max_parts > 0) {
        rules.max_parts = link->max_parts;
    }
    return rules;
}

int
conf_price(const struct conf_channel *channel, const struct conf_link *link)
{
    return link && link->price_per_part > 0 ? link->price_per_part : channel->price_per_part;
}

static bool
is_sms(const struct conf_link *link)
{
    return link->kind == LINK_SMPP || link->kind == LINK_HTTP_SMS;
}

bool
conf_is_plain(const struct conf_channel *channel, const struct conf_link *link)
{
    return is_sms(link) && conf_rules(channel, link).marks == DIACRITICS_STRIP;
}

static bool
sms_alike(const struct conf_channel *channel, const struct conf_link *a, const struct conf_link *b)
{
    const struct fit_rules of_a = conf_rules(channel, a), of_b = conf_rules(channel, b);
    return of_a.marks == of_b.marks && of_a.max_parts == of_b.max_parts &&
           of_a.form.narrow == of_b.form.narrow && of_a.form.header == of_b.form.header &&
           strcmp(a->prefix, b->prefix) == 0 && strcmp(a->suffix, b->suffix) == 0 &&
           strcmp(a->refused, b->refused) == 0;
}

/* The same parameters of the same template: its limits are Zalo's. */
static bool
templates_alike(const struct conf_link *a, const struct conf_link *b)
{
    bool alike = strcmp(a->template_id, b->template_id) == 0 && a->parameters_n == b->parameters_n;
    for (size_t i = 0; alike && i < a->parameters_n; i++) {
        alike = strcmp(a->parameters[i].name, b->parameters[i].name) == 0 &&
                strcmp(a->parameters[i].value, b->parameters[i].value) == 0;
    }
    return alike;
}

bool
conf_says_alike(const struct conf_channel *channel, const struct conf_link *a,
                const struct conf_link *b)
{
    if (a == b) {
        return true;
    }
    if (is_sms(a) && is_sms(b)) {
        return sms_alike(channel, a, b);
    }
    return a->kind == b->kind && (a->kind != LINK_ZALO_TEMPLATE || templates_alike(a, b));
}
