/* `loa preview --facts`: what was found in an announcement, and where. */
#ifndef LOA_CLI_PREVIEW_FACTS_H
#define LOA_CLI_PREVIEW_FACTS_H
// SPDX-License-Identifier: MIT

#include "gateway/cli/cli.h"
#include "gateway/core/story.h"

/* A table on stdout, or with --json one object: kind, issuer, what templates ask for (when, where,
 * …), facts, duties (who must do what, by when), and what is never told because it was replaced;
 * places are lines and columns of the text, the title being line 1. */
void preview_facts(const struct cli_call *call, const struct story *story);

#endif
