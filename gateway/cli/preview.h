/* `loa preview`: what was formed of one channel, and how it is shown. */
#ifndef LOA_CLI_PREVIEW_H
#define LOA_CLI_PREVIEW_H
// SPDX-License-Identifier: MIT

#include <jansson.h>

#include "gateway/cli/session.h"
#include "gateway/compose.h"

/* The audience, where Redis is there. */
struct preview_audience {
    bool known;
    uint64_t members;
    char *longest_name; /* NULL: not asked for; owned */
};

/* One channel's text with all that is said about it. */
struct preview_shown {
    const struct composer *composer;
    const struct conf_channel *channel;
    const struct conf_link *link; /* NULL: none is configured */
    const struct conf_link **by;  /* all that it goes by; the first is `link` */
    size_t by_n;
    bool several; /* the channel's other links have other texts */
    const struct preview_audience *audience;
    struct composed composed;
    struct str name;         /* the longest, which stands for every member's */
    struct str text;         /* with that name in it */
    const struct gist *gist; /* which of the announcement's items it tells */
    const char *encoding;    /* "gsm7", "ucs2", "utf8" */
    size_t characters;
    int price;    /* VND a part, by `link` */
    int64_t cost; /* of one member */
};

/* What {name} is shown as: the longest name that is known, else the widest there can be. */
struct str preview_name(const struct preview_audience *audience, bool marks, struct arena *arena);

/* A text with {name} in it is fitted for the widest one; `text`, the same with the longest of the
 * audience, tells what the dearest of its members costs.  Else nothing changes. */
void preview_measure(struct str text, const struct conf_link *link, struct arena *arena,
                     struct composed *composed);

/* The text as a phone shows it: without Telegram's tags. */
struct str preview_as_read(const struct preview_shown *shown);
/* The object of --json.  Gives it. */
json_t *preview_json(const struct preview_shown *shown);
/* The picture on stdout; `first` is false when one stands above it. */
void preview_print(const struct preview_shown *shown, bool first);

/* Connects to Redis for what is asked in passing; where it is not there nothing is said, and the
 * session has no queue.  session_close() it. */
void preview_open(const struct cli_call *call, struct session *s);
/* How many members the expression names, and with `names` the longest of their names. */
void preview_ask_audience(struct session *s, struct str expression, bool names,
                          struct preview_audience *out);

#endif
