/* `loa report ID`: every member's outcome, streamed. */
// SPDX-License-Identifier: MIT
#include "queue/report.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/cli/cli.h"
#include "gateway/cli/session.h"
#include "gateway/cli/show.h"
#include "gateway/cli/status.h"
#include "gateway/cli/table.h"
#include "gateway/cli/text.h"
#include "gateway/core/csv.h"
#include "gateway/core/number.h"
#include "gateway/core/outcome.h"
#include "gateway/core/reason.h"
#include "gateway/core/time.h"

/* The columns of the contract. */
enum {
    COL_MEMBER,
    COL_ADDRESS,
    COL_CHANNEL,
    COL_LINK,
    COL_OUTCOME,
    COL_REASON,
    COL_ATTEMPTS,
    COL_PARTS,
    COL_MESSAGE_ID,
    COL_SUBMITTED_AT,
    COL_FINAL_AT,
    COL_N
};
static const char *const columns[COL_N] = {
    "member",   "address", "channel",    "link",         "outcome",  "reason",
    "attempts", "parts",   "message_id", "submitted_at", "final_at",
};

enum { PIECE = 64 * 1024, ROW_MAX = 16 * 1024, TABLE_MOST = 100000 };

struct report {
    struct session *session;
    const struct report_options *options;
    struct csv_style style;
    struct buf out;      /* CSV not yet written */
    struct table *table; /* NULL for CSV and JSON */
    uint64_t rows_n;
    bool known, first;
};

/* What stands in a cell; `room` holds what had to be made. */
struct cells {
    struct str cell[COL_N];
    char address[64], reason[128], attempts[8], parts[8], submitted[TIME_ROOM], final[TIME_ROOM];
    char channels[64], links[256], ids[1024]; /* by all channels at once */
};

/* One more behind a ';'. */
static void
join(char *room, size_t size, struct str one)
{
    size_t n = strlen(room);
    while (one.n > 0 && one.p[one.n - 1] == ';') {
        one.n--;
    }
    if (one.n > 0 && n + 1 + one.n < size) {
        (void)snprintf(room + n, size - n, "%s%.*s", n > 0 ? ";" : "", (int)one.n, one.p);
    }
}

/* By all channels at once: those that told the member; else those that were tried. */
static void
fill_channels(const struct report_row *row, struct cells *c)
{
    const char *alike = strchr("ad", row->letter) ? "ad" : row->letter == '?' ? "?" : "qsruf";
    *c->channels = *c->links = *c->ids = '\0';
    for (size_t i = 0; i < row->by_n; i++) {
        const struct report_by *by = &row->by[i];
        if (strchr(alike, by->letter)) {
            join(c->channels, sizeof c->channels, str_of(ledger_channel_name(by->channel)));
            join(c->links, sizeof c->links, by->link);
            join(c->ids, sizeof c->ids, by->ids);
        }
    }
    c->cell[COL_CHANNEL] = str_of(c->channels);
    c->cell[COL_LINK] = str_of(c->links);
    c->cell[COL_MESSAGE_ID] = str_of(c->ids);
}

static void
fill_cells(const struct report *report, const struct report_row *row, struct cells *c)
{
    const struct ledger *ledger = &row->ledger;
    bool sent = ledger->attempts > 0;
    (void)snprintf(c->attempts, sizeof c->attempts, "%d", ledger->attempts);
    (void)snprintf(c->parts, sizeof c->parts, "%d", ledger->parts);
    show_time(ledger->submitted_s, c->submitted, sizeof c->submitted);
    show_time(ledger->final_s, c->final, sizeof c->final);
    reason_words(row->reason, report->table && text_is_vietnamese(), c->reason, sizeof c->reason);
    struct str address = row->address;
    if (!report->options->full && address.n > 0) {
        number_mask(address, c->address, sizeof c->address);
        address = str_of(c->address);
    }
    c->cell[COL_MEMBER] = row->member;
    c->cell[COL_ADDRESS] = address;
    c->cell[COL_CHANNEL] = str_of(ledger_channel_name(ledger->channel));
    c->cell[COL_LINK] = row->link;
    c->cell[COL_OUTCOME] = str_of(outcome_name(row->letter));
    c->cell[COL_REASON] = str_of(c->reason);
    c->cell[COL_ATTEMPTS] = str_of(c->attempts);
    c->cell[COL_PARTS] = str_of(sent || ledger->parts > 0 ? c->parts : "0");
    c->cell[COL_MESSAGE_ID] = row->ids;
    while (c->cell[COL_MESSAGE_ID].n > 0 && /* one id for all parts, as HTTP providers have it */
           c->cell[COL_MESSAGE_ID].p[c->cell[COL_MESSAGE_ID].n - 1] == ';') {
        c->cell[COL_MESSAGE_ID].n--;
    }
    if (row->by_n > 0) {
        fill_channels(row, c);
    }
    c->cell[COL_SUBMITTED_AT] = str_of(c->submitted);
    c->cell[COL_FINAL_AT] = str_of(c->final);
}

static bool
write_out(struct report *report)
{
    struct str bytes = buf_str(&report->out);
    bool ok = bytes.n == 0 || fwrite(bytes.p, 1, bytes.n, stdout) == bytes.n;
    buf_clear(&report->out);
    return ok;
}

static void
add_json(struct report *report, const struct cells *c, const struct report_row *row)
{
    json_t *json = json_object();
    for (size_t i = 0; i < COL_N; i++) {
        json_t *value = i == COL_ATTEMPTS ? json_integer(row->ledger.attempts)
                        : i == COL_PARTS  ? json_integer(row->ledger.parts)
                                          : show_string(c->cell[i]);
        (void)json_object_set_new(json, columns[i], value);
    }
    char *text = json_dumps(json, JSON_COMPACT);
    (void)printf("%s%s", report->first ? "[" : ",\n", text ? text : "{}");
    report->first = false;
    free(text);
    json_decref(json);
}

static bool
on_row(void *arg, const struct report_row *row)
{
    struct report *report = arg;
    struct cells c;
    if (++report->rows_n > TABLE_MOST && report->table) {
        return false;
    }
    fill_cells(report, row, &c);
    if (report->session->call->json) {
        add_json(report, &c, row);
        return !ferror(stdout);
    }
    if (report->table) {
        bool bad = strchr("uf", row->letter) != NULL;
        bool good = strchr("ad", row->letter) != NULL;
        for (size_t i = 0; i < COL_N; i++) {
            enum colour colour = i != COL_OUTCOME ? COLOUR_NONE
                                 : bad            ? COLOUR_BAD
                                 : good           ? COLOUR_GOOD
                                                  : COLOUR_BUSY;
            bool words = i == COL_OUTCOME;
            table_add(report->table, words ? str_of(text_of(c.cell[i].p)) : c.cell[i], colour);
        }
        return true;
    }
    csv_add_row(&report->out, &report->style, c.cell, COL_N);
    return report->out.n < PIECE || write_out(report);
}

static void
on_end(void *arg, bool known, const struct err *err)
{
    struct report *report = arg;
    report->known = known;
    session_answer(report->session, err);
}

/* The head is written only when there is such a broadcast: the first row comes
 * after it. */
static void
begin_csv(struct report *report)
{
    struct str head[COL_N];
    for (size_t i = 0; i < COL_N; i++) {
        head[i] = str_of(columns[i]);
    }
    report->style = report->options->excel ? csv_excel : csv_plain;
    csv_begin(&report->out, &report->style);
    csv_add_row(&report->out, &report->style, head, COL_N);
}

static struct table *
new_table(void)
{
    struct table_column c[COL_N];
    for (size_t i = 0; i < COL_N; i++) {
        bool shrinks = i == COL_MESSAGE_ID || i == COL_MEMBER || i == COL_REASON || i == COL_LINK ||
                       i == COL_SUBMITTED_AT || i == COL_FINAL_AT;
        c[i] = (struct table_column){columns[i], i == COL_ATTEMPTS || i == COL_PARTS, shrinks};
    }
    return table_new(c, COL_N);
}

int
cmd_report(const struct cli_call *call)
{
    const struct report_options *options = call->options;
    struct session s;
    int code = session_open(&s, call);
    if (code != CLI_DONE) {
        return code;
    }
    struct report report = {.session = &s, .options = options, .first = true};
    buf_init(&report.out, PIECE + ROW_MAX);
    bool csv = options->csv || options->excel;
    if (csv) {
        begin_csv(&report);
    } else if (!call->json) {
        report.table = new_table();
    }
    session_begin(&s);
    report_read(s.queue, call->operands[0], on_row, on_end, &report);
    if (session_wait_for(&s, SESSION_LONG_MS) != 0) {
        code = CLI_FAILED;
    } else if (!report.known) {
        code = status_not_taken_in(&s, call->operands[0]);
    } else if (call->json) {
        (void)fputs(report.first ? "[]\n" : "]\n", stdout);
    } else if (csv) {
        code = write_out(&report) ? CLI_DONE : CLI_FAILED;
    } else {
        table_print(report.table, stdout);
        if (report.rows_n > TABLE_MOST) {
            (void)cli_fail(call, 0, text_of("these are the first %d; --csv has them all"),
                           TABLE_MOST);
        }
    }
    buf_deinit(&report.out);
    table_free(&report.table);
    session_close(&s);
    return code;
}
