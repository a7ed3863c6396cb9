/* How a broadcast is shown. */
// SPDX-License-Identifier: MIT
#include "gateway/cli/show.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "gateway/cli/table.h"
#include "gateway/cli/text.h"
#include "gateway/core/mem.h"
#include "gateway/core/outcome.h"
#include "gateway/core/time.h"

enum { BAR_CELLS = 30, LINE_BYTES = 1 << 16, PICTURE_TEXT = 400, PROGRESS_US = 2000000 };

json_t *
show_string(struct str s)
{
    json_t *json = json_stringn(s.p ? s.p : "", s.n);
    if (json) {
        return json;
    }
    char *plain = xstrndup(s.p, s.n);
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)plain[i] > 126) {
            plain[i] = '?';
        }
    }
    json = json_stringn(plain, s.n);
    free(plain);
    return json;
}

void
show_json(json_t *json)
{
    (void)json_dumpf(json, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
    (void)fputc('\n', stdout);
    json_decref(json);
}

static char *
copy_text(const char *text)
{
    return xstrdup(text ? text : "");
}

void
show_copy(struct show_status *to, const struct broadcast_status *from)
{
    *to = (struct show_status){
        .known = true,
        .id = copy_text(from->id),
        .title = copy_text(from->title),
        .state = copy_text(from->state),
        .audience = copy_text(from->audience),
        .priority = copy_text(from->priority),
        .created_at = copy_text(from->created_at),
        .text = copy_text(from->text),
        .error = from->error ? copy_text(from->error) : NULL,
        .twins = copy_text(from->twins),
        .total = from->total,
        .parts = from->parts,
        .cost = from->cost,
        .clicks = from->clicks,
        .start_s = from->start_s,
        .expires_s = from->expires_s,
        .hold = from->on_uncertain && strcmp(from->on_uncertain, "hold") == 0,
    };
    memcpy(to->count, from->count, sizeof to->count);
}

char *
show_status_line(const struct show_status *status)
{
    json_t *json = show_status_json(status);
    char *line = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    return line ? line : xstrdup("");
}

void
show_free(struct show_status *status)
{
    free(status->id);
    free(status->title);
    free(status->state);
    free(status->audience);
    free(status->priority);
    free(status->created_at);
    free(status->text);
    free(status->error);
    free(status->twins);
    *status = (struct show_status){0};
}

json_t *
show_status_json(const struct show_status *status)
{
    json_t *json = json_object();
    (void)json_object_set_new(json, "id", show_string(str_of(status->id)));
    (void)json_object_set_new(json, "title", show_string(str_of(status->title)));
    (void)json_object_set_new(json, "state", show_string(str_of(status->state)));
    (void)json_object_set_new(json, "audience", show_string(str_of(status->audience)));
    (void)json_object_set_new(json, "total", json_integer((json_int_t)status->total));
    for (size_t i = 0; i < OUTCOME_N; i++) {
        (void)json_object_set_new(json, outcome_name(OUTCOME_LETTERS[i]),
                                  json_integer((json_int_t)status->count[i]));
    }
    (void)json_object_set_new(json, "parts", json_integer((json_int_t)status->parts));
    (void)json_object_set_new(json, "cost", json_integer((json_int_t)status->cost));
    if (status->clicks >= 0) {
        (void)json_object_set_new(json, "clicks", json_integer((json_int_t)status->clicks));
    }
    struct str twins = str_of(status->twins);
    json_t *ids = twins.n > 0 ? json_array() : NULL;
    while (twins.n > 0) {
        (void)json_array_append_new(ids, show_string(str_cut(&twins, ',')));
    }
    if (ids) {
        (void)json_object_set_new(json, "twins", ids);
    }
    if (status->error) {
        (void)json_object_set_new(json, "error", show_string(str_of(status->error)));
    }
    return json;
}

bool
show_is_over(const struct show_status *status)
{
    static const char *const ends[] = {"done", "cancelled", "expired", "rejected"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (strcmp(status->state, ends[i]) == 0) {
            return true;
        }
    }
    return false;
}

uint64_t
show_settled(const struct show_status *status)
{
    uint64_t open = 0;
    for (size_t i = 0; i < OUTCOME_N; i++) {
        if (strchr("qsr?", OUTCOME_LETTERS[i])) {
            open += status->count[i];
        }
    }
    return status->total > open ? status->total - open : 0;
}

void
show_number(uint64_t n, char *out, size_t room)
{
    char digits[24];
    int digits_n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    char mark = text_is_vietnamese() ? '.' : ',';
    size_t k = 0;
    for (int i = 0; i < digits_n && k + 2 < room; i++) {
        if (i > 0 && (digits_n - i) % 3 == 0) {
            out[k++] = mark;
        }
        out[k++] = digits[i];
    }
    out[k] = '\0';
}

void
show_rate(double rate, char *out, size_t room)
{
    *out = '\0';
    if (rate > 0) {
        (void)snprintf(out, room, rate < 100 ? "%.3g" : "%.0f", rate);
    }
}

void
show_time(int64_t unix_s, char *out, size_t room)
{
    char text[TIME_ROOM] = "";
    if (unix_s > 0) {
        time_format(unix_s, clock_offset_min(unix_s), text);
    }
    (void)snprintf(out, room, "%s", text);
}

/* The bar's own cells: what is settled is full. */
static void
add_cells(const struct show_status *status, const char *on, const char *off, struct buf *line)
{
    uint64_t settled = show_settled(status);
    size_t full = status->total ? (size_t)(settled * BAR_CELLS / status->total)
                                : (show_is_over(status) ? BAR_CELLS : 0);
    buf_add_char(line, '[');
    buf_add_z(line, on);
    for (size_t i = 0; i < full; i++) {
        buf_add_z(line, "█");
    }
    buf_add_z(line, off);
    for (size_t i = full; i < BAR_CELLS; i++) {
        buf_add_z(line, "░");
    }
    buf_add_char(line, ']');
}

static enum colour
letter_colour(char letter)
{
    return strchr("ad", letter) ? COLOUR_GOOD : strchr("uf", letter) ? COLOUR_BAD : COLOUR_BUSY;
}

/* The line with or without colours. */
static void
add_bar(const struct show_status *status, bool bar, bool wanted, struct buf *line)
{
    const char *off = colour_code(wanted, COLOUR_NONE);
    uint64_t settled = show_settled(status);
    unsigned percent = status->total ? (unsigned)(settled * 100 / status->total) : 0;
    if (!status->total && show_is_over(status)) {
        percent = 100;
    }
    if (bar) {
        add_cells(status, colour_code(wanted, COLOUR_GOOD), off, line);
        buf_add_char(line, ' ');
    }
    buf_add_format(line, text_of("%s %u%% of %llu"), text_of(status->state), percent,
                   (unsigned long long)status->total);
    for (size_t i = 0; i < OUTCOME_N; i++) {
        if (status->count[i] > 0) {
            buf_add_format(line, " · %s%s %llu%s",
                           colour_code(wanted, letter_colour(OUTCOME_LETTERS[i])),
                           text_of(outcome_name(OUTCOME_LETTERS[i])),
                           (unsigned long long)status->count[i], off);
        }
    }
}

/* "[████░░░░] sending 52% of 200 · delivered 100 · failed 4": one line without its end, that fits
 * the terminal; without the bar where `to` is none. */
static void
add_line(const struct show_status *status, FILE *to, struct buf *line)
{
    size_t width = terminal_width(to);
    struct buf plain;
    buf_init(&plain, LINE_BYTES);
    add_bar(status, width > 0, false, &plain);
    if (width > 0 && text_width(buf_str(&plain)) >= width) {
        (void)text_fit(line, buf_str(&plain), width - 1); /* else it could not be drawn over */
    } else {
        add_bar(status, width > 0, colour_wanted(to), line);
    }
    buf_deinit(&plain);
}

static void
print_row(FILE *to, const char *name, struct str value)
{
    struct buf line;
    buf_init(&line, LINE_BYTES);
    size_t width = terminal_width(to);
    const char *word = text_of(name);
    size_t used = text_width(str_of(word));
    buf_add_z(&line, word);
    for (; used < 12; used++) {
        buf_add_char(&line, ' ');
    }
    (void)text_fit(&line, value, width > used + 10 ? width - used : PICTURE_TEXT);
    (void)fprintf(to, "%s\n", line.p);
    buf_deinit(&line);
}

int
show_picture(const struct show_status *status, FILE *to)
{
    int lines = 0;
    struct buf line;
    buf_init(&line, LINE_BYTES);
    print_row(to, "broadcast", str_of(status->id));
    print_row(to, "title", str_of(status->title));
    print_row(to, "audience", str_of(status->audience));
    lines += 3;
    char created[TIME_ROOM] = "";
    int64_t created_s = 0;
    if (time_parse_rfc3339(str_of(status->created_at), &created_s, NULL) == 0) {
        show_time(created_s, created, sizeof created);
        print_row(to, "created", str_of(created));
        lines++;
    }
    if (*status->text) {
        print_row(to, "text", str_of(status->text));
        lines++;
    }
    if (status->error) {
        print_row(to, "refused", str_of(status->error));
        lines++;
    }
    if (*status->twins) {
        print_row(to, "twins", str_of(status->twins));
        lines++;
    }
    add_line(status, to, &line);
    (void)fprintf(to, "%s\n", line.p);
    buf_deinit(&line);
    char parts[32];
    char cost[32];
    show_number(status->parts, parts, sizeof parts);
    show_number(status->cost, cost, sizeof cost);
    (void)fprintf(to, text_of("%s parts submitted, %s VND\n"), parts, cost);
    if (status->clicks >= 0) {
        show_number((uint64_t)status->clicks, parts, sizeof parts);
        (void)fprintf(to, text_of("%s clicks on the short link\n"), parts);
        lines++;
    }
    return lines + 2;
}

void
progress_begin(struct progress *p, FILE *to)
{
    *p = (struct progress){.to = to, .terminal = isatty(fileno(to))};
}

void
progress_show(struct progress *p, const struct show_status *status)
{
    struct buf line;
    buf_init(&line, LINE_BYTES);
    add_line(status, p->to, &line);
    int64_t now = clock_monotonic_us();
    bool due = p->terminal || now >= p->next_us || show_is_over(status);
    if (due && strncmp(line.p, p->last, sizeof p->last - 1) != 0) {
        p->next_us = now + PROGRESS_US;
        (void)snprintf(p->last, sizeof p->last, "%s", line.p);
        (void)fprintf(p->to, p->terminal ? "\r\033[K%s" : "%s\n", line.p);
        (void)fflush(p->to);
        p->drawn = true;
    }
    buf_deinit(&line);
}

void
progress_end(struct progress *p)
{
    if (p->terminal && p->drawn) {
        (void)fputc('\n', p->to);
    }
}
