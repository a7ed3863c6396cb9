/* `loa why ID MEMBER`: one sentence on what became of a member's message, and the next step. */
// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/cli/status.h"
#include "gateway/cli/text.h"
#include "gateway/core/mem.h"
#include "gateway/core/reason.h"
#include "gateway/core/time.h"
#include "queue/members.h"
#include "queue/report.h"

enum { SENTENCE_ROOM = 600 };

/* The question, and what was found. */
struct why {
    struct session s;
    const char *id, *asked; /* the member as it was asked for */
    bool known_member, known, found;
    uint32_t number;
    struct show_status status;
    /* Copied from the row. */
    char letter;
    struct ledger ledger;
    int64_t due_ms;
    char link[64], reason[128], member[80];
    size_t passed_n; /* channels before */
    struct {
        char by, why[128];
    } passed[REPORT_PASSED];
    size_t by_n;
    char channel[REPORT_BY], outcome[REPORT_BY]; /* by all channels at once */
    char sentence[SENTENCE_ROOM];
};

static void
on_member(void *arg, const struct member *member, const struct err *err)
{
    struct why *why = arg;
    if (member && !err) {
        why->known_member = true;
        why->number = member->number;
        (void)snprintf(why->member, sizeof why->member, "%.*s", (int)member->id.n, member->id.p);
    }
    session_answer(&why->s, err);
}

static bool
on_row(void *arg, const struct report_row *row)
{
    struct why *why = arg;
    why->found = true;
    why->letter = row->letter;
    why->ledger = row->ledger;
    why->due_ms = row->due_ms;
    why->by_n = row->by_n;
    for (size_t i = 0; i < row->by_n; i++) {
        why->channel[i] = row->by[i].channel;
        why->outcome[i] = row->by[i].letter;
    }
    (void)snprintf(why->link, sizeof why->link, "%.*s", (int)row->link.n, row->link.p);
    why->passed_n = row->passed_n;
    for (size_t i = 0; i < row->passed_n; i++) {
        why->passed[i].by = row->passed[i].by;
        reason_words(str_trim(str_of(row->passed[i].why)), text_is_vietnamese(), why->passed[i].why,
                     sizeof why->passed[i].why);
    }
    reason_words(row->reason, text_is_vietnamese(), why->reason, sizeof why->reason);
    return true;
}

static void
on_read(void *arg, bool known, const struct err *err)
{
    struct why *why = arg;
    why->known = known;
    session_answer(&why->s, err);
}

/* ---- The sentence */

/* Behind "m-17: ". */
static void say(struct why *why, const char *format, ...) PRINTF_LIKE(2, 3);
static void
say(struct why *why, const char *format, ...)
{
    size_t n = strlen(why->sentence);
    va_list ap;
    va_start(ap, format);
    (void)vsnprintf(why->sentence + n, sizeof why->sentence - n, format, ap);
    va_end(ap);
}

/* Times as people read them, each in a room of its own. */
struct when {
    char text[TIME_ROOM];
};

static struct when
when(int64_t unix_s)
{
    struct when w = {"?"};
    if (unix_s > 0) {
        time_format_short(unix_s, clock_offset_min(unix_s), w.text);
    }
    return w;
}

static void
say_queued(struct why *why)
{
    const struct show_status *status = &why->status;
    int64_t quiet_s = status_quiet_until(why->s.conf, status);
    if (why->ledger.attempts > 0 && why->reason[0]) {
        say(why, text_of("was not reached on try %d by %s: %s; "), why->ledger.attempts, why->link,
            why->reason);
    }
    if (strcmp(status->state, "scheduled") == 0) {
        say(why, text_of("waits for %s, when the broadcast begins"), when(status->start_s).text);
    } else if (strcmp(status->state, "paused") == 0) {
        say(why, text_of("waits, as the broadcast is paused; 'loa resume %s' lets it go on"),
            why->id);
    } else if (quiet_s > 0) {
        say(why, text_of("waits for the end of the quiet hours at %s"), when(quiet_s).text);
    } else {
        say(why, text_of("waits for its turn; 'loa stats' shows the links and their rates"));
    }
}

static bool
is_for(const struct why *why, enum reason reason)
{
    return strcmp(why->ledger.reason, reason_code(reason)) == 0;
}

static void
say_uncertain(struct why *why)
{
    if (why->reason[0] && !is_for(why, REASON_RESPONSE) && !is_for(why, REASON_NO_WAY)) {
        say(why, text_of("may have been told: what %s answered to try %d leaves it open: %s; "),
            why->link, why->ledger.attempts, why->reason);
    } else {
        say(why, text_of("may have been told: no answer came to try %d; "), why->ledger.attempts);
    }
    if (why->status.hold) {
        say(why, text_of("a receipt settles it, or 'loa retry %s' sends it again"), why->id);
    } else {
        say(why, text_of("it is sent again unless a receipt settles it first"));
    }
}

static void
say_left_out(struct why *why)
{
    say(why, text_of("was left out: %s"), why->reason);
    if (is_for(why, REASON_OPTED_OUT)) {
        say(why, text_of("; nothing to do: 'loa members show %s' has the consent"), why->member);
    } else if (is_for(why, REASON_DUPLICATE)) {
        say(why, text_of("; an earlier member with the same address is told instead of %s"),
            why->member);
    } else if (is_for(why, REASON_INVALID_ADDRESS)) {
        say(why, text_of("; correct the phone of %s in the list and import that"), why->member);
    } else if (is_for(why, REASON_NO_ADDRESS)) {
        say(why, text_of("; give %s a phone in the list and import that"), why->member);
    }
}

/* What has been sent: where it left, and what came of it. */
static void
say_sent(struct why *why)
{
    const struct ledger *l = &why->ledger;
    switch (why->letter) {
    case 's':
        say(why, text_of("is with a link now; its answer is awaited"));
        break;
    case 'r':
        say(why, text_of("was refused for now on try %d by %s: %s; tried again at %s"), l->attempts,
            why->link, why->reason, when(why->due_ms / 1000).text);
        break;
    case 'a':
        say(why,
            text_of("was accepted by %s at %s; no receipt has come: the phone may be off, or "
                    "the operator sends none"),
            why->link, when(l->submitted_s).text);
        break;
    case 'd':
        say(why, text_of("was delivered at %s, by %s on try %d"), when(l->final_s).text, why->link,
            l->attempts);
        break;
    case 'u':
        say(why,
            text_of("left by %s at %s and did not arrive: %s; the number may be off or out "
                    "of use"),
            why->link, when(l->submitted_s).text, why->reason);
        break;
    case 'f':
        say(why, text_of("was refused by %s on try %d: %s; 'loa retry %s' tries again"), why->link,
            l->attempts, why->reason, why->id);
        break;
    default:
        break;
    }
}

/* The channels that did not tell the member, in their order. */
static void
say_passed(struct why *why)
{
    bool any = false;
    for (size_t i = 0; i < why->passed_n; i++) {
        if (why->passed[i].by != why->ledger.channel) {
            say(why, any ? text_of("then by %s: %s; ") : text_of("first by %s: %s; "),
                ledger_channel_name(why->passed[i].by), why->passed[i].why);
            any = true;
        }
    }
    if (any) {
        say(why, "%s", text_of("then: "));
    }
}

static void
make_sentence(struct why *why)
{
    say(why, "%s: ", why->member);
    if (!why->found) {
        say(why, text_of("is not in the audience of %s (%s)"), why->id, why->status.audience);
        return;
    }
    say_passed(why);
    switch (why->letter) {
    case 'q':
        say_queued(why);
        break;
    case '?':
        say_uncertain(why);
        break;
    case 'k':
        say_left_out(why);
        break;
    case 'x':
        say(why, text_of("was not told before the announcement expired at %s"),
            when(why->status.expires_s).text);
        break;
    default:
        say_sent(why);
        break;
    }
}

/* What became of it on each channel, where it went by all at once. */
static void
say_channels(struct why *why)
{
    for (size_t i = 0; i < why->by_n; i++) {
        say(why, "%s%s: %s", i > 0 ? ", " : text_of("; by all channels at once: "),
            ledger_channel_name(why->channel[i]), text_of(outcome_name(why->outcome[i])));
    }
}

static void
print_why(struct why *why)
{
    make_sentence(why);
    say_channels(why);
    if (!why->s.call->json) {
        (void)printf("%s\n", why->sentence);
        return;
    }
    const char *outcome = why->found ? outcome_name(why->letter) : "";
    show_json(json_pack("{s:s, s:s, s:s, s:s, s:i, s:o}", "id", why->id, "member", why->member,
                        "outcome", outcome, "reason", why->reason, "attempts", why->ledger.attempts,
                        "sentence", show_string(str_of(why->sentence))));
}

static int
find_out(struct why *why)
{
    session_begin(&why->s);
    members_show(why->s.queue, why->asked, on_member, why);
    if (session_wait(&why->s) != 0 || status_ask(&why->s, why->id, &why->status) != 0) {
        return CLI_FAILED;
    }
    if (!why->status.known || why->status.error) {
        return status_not_taken_in(&why->s, why->id);
    }
    if (!why->known_member) {
        return cli_fail(
            why->s.call, CLI_FAILED,
            text_of("there is no member '%s'; 'loa members list' shows those there are"),
            why->asked);
    }
    session_begin(&why->s);
    report_one(why->s.queue, why->id, why->number, on_row, on_read, why);
    if (session_wait(&why->s) != 0) {
        return CLI_FAILED;
    }
    if (!why->known) {
        return status_not_taken_in(&why->s, why->id);
    }
    print_why(why);
    return CLI_DONE;
}

int
cmd_why(const struct cli_call *call)
{
    struct why why = {.id = call->operands[0], .asked = call->operands[1]};
    int code = session_open(&why.s, call);
    if (code != CLI_DONE) {
        return code;
    }
    code = find_out(&why);
    show_free(&why.status);
    session_close(&why.s);
    return code;
}
