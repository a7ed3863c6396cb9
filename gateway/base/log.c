/* Logs: logfmt on stderr.  The one place with state of its own, as everybody logs: it holds no
 * more than the level, what was said lately, and the slots of log_value(). */
// SPDX-License-Identifier: MIT
#include "gateway/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/core/hash.h"

enum {
    SAME_MS = 10000,
    LATELY_N = 32,
    LINE_ROOM = 1024,
    SLOTS = 8,
    SLOT_ROOM = 1232,
    VALUE_MAX = 300
};

/* A failure that was written less than ten seconds ago. */
struct lately {
    uint64_t hash; /* of the line; 0: free */
    int64_t at_ms; /* when it was written */
    unsigned repeated;
};

static struct {
    enum log_level least;
    struct lately lately[LATELY_N];
    char slots[SLOTS][SLOT_ROOM];
    unsigned turn;
    log_sink *sink;
    log_clock *clock;
    void *arg;
} state = {.least = LOG_INFO};

void
log_set_level(enum log_level level)
{
    state.least = level;
}

void
log_redirect(log_sink *sink, log_clock *clock, void *arg)
{
    memset(state.lately, 0, sizeof state.lately);
    state.sink = sink;
    state.clock = clock;
    state.arg = arg;
}

/* At most VALUE_MAX bytes, no half character at the end. */
static size_t
value_length(struct str s)
{
    size_t n = s.n < VALUE_MAX ? s.n : VALUE_MAX;
    while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80) {
        n--;
    }
    return n;
}

const char *
log_value(struct str s)
{
    char *out = state.slots[state.turn++ % SLOTS];
    size_t length = value_length(s);
    size_t n = 0;
    bool plain = length > 0;
    for (size_t i = 0; i < length && plain; i++) {
        plain = (unsigned char)s.p[i] > ' ' && s.p[i] != '"' && s.p[i] != '=' && s.p[i] != '\\' &&
                s.p[i] != 127;
    }
    if (!plain) {
        out[n++] = '"';
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\') {
            out[n++] = '\\';
            out[n++] = (char)c;
        } else if (c < ' ' || c == 127) {
            n += (size_t)snprintf(out + n, 5, "\\x%02x", c);
        } else {
            out[n++] = (char)c;
        }
    }
    if (!plain) {
        out[n++] = '"';
    }
    out[n] = '\0';
    return out;
}

/* Never 0. */
static uint64_t
hash_line(enum log_level level, const char *event, const char *line)
{
    uint64_t hash = hash_fnv64(str_of(event)) * 31 + hash_fnv64(str_of(line)) + (uint64_t)level;
    return hash ? hash : 1;
}

/* Its place: where it stands already, else the one that is free or was written longest ago. */
static struct lately *
find_lately(uint64_t hash)
{
    struct lately *oldest = &state.lately[0];
    for (size_t i = 0; i < LATELY_N; i++) {
        struct lately *one = &state.lately[i];
        if (one->hash == hash) {
            return one;
        }
        if (oldest->hash && (!one->hash || one->at_ms < oldest->at_ms)) {
            oldest = one;
        }
    }
    return oldest;
}

/* How often it was swallowed since it was last written; -1: swallow it now, too. */
static long
look_lately(uint64_t hash)
{
    int64_t now = state.clock ? state.clock(state.arg) : clock_monotonic_us() / 1000;
    struct lately *one = find_lately(hash);
    bool same = one->hash == hash;
    if (same && now - one->at_ms < SAME_MS) {
        one->repeated++;
        return -1;
    }
    long repeated = same ? (long)one->repeated : 0;
    *one = (struct lately){hash, now, 0};
    return repeated;
}

void
log_event(enum log_level level, const char *event, const char *format, ...)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    if (level < state.least) {
        return;
    }
    char fields[LINE_ROOM];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(fields, sizeof fields, format, args);
    va_end(args);
    long repeated = level >= LOG_WARNING ? look_lately(hash_line(level, event, fields)) : 0;
    if (repeated < 0) {
        return;
    }
    char line[LINE_ROOM + 128];
    int n = snprintf(line, sizeof line, "level=%s event=%.60s%s%s", names[level], event,
                     *fields ? " " : "", fields);
    if (repeated > 0 && n > 0 && (size_t)n < sizeof line) {
        (void)snprintf(line + n, sizeof line - (size_t)n, " repeated=%ld", repeated);
    }
    if (state.sink) {
        state.sink(state.arg, line);
    } else {
        (void)fprintf(stderr, "%s\n", line);
    }
}
