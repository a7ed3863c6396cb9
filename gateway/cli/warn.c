/* Warnings about the words of an announcement. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/warn.h"

#include <stdio.h>

#include "gateway/cli/text.h"
#include "gateway/core/proof.h"

void
warn_summary(const struct composer *c)
{
    struct err err = {0};
    struct str summary = c->a->field[FIELD_SUMMARY];
    char why[TEXT_ERROR];
    if (summary.n > 0 && proof_check(c->story, summary, c->arena, &err) != 0) {
        (void)fprintf(stderr, text_of("warning: summary: %s\n"), text_error(err.text, why));
    }
}

void
warn_unsaid(const struct conf_channel *channel, const struct conf_link *link, const struct err *why)
{
    char text[TEXT_ERROR];
    (void)fprintf(stderr, text_of("warning: channel %s: link %s cannot send this: %s\n"),
                  channel->name, link->name, text_error(why->text, text));
}
