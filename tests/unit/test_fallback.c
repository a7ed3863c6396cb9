/* When members are passed on because a route's links are away. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "gateway/base/clock.h"
#include "gateway/core/mem.h"
#include "gateway/fallback.h"
#include "gateway/links/kind.h"

/* A link that is nothing but its state. */
struct still {
    struct link link;
    enum link_state state;
};

static enum link_state
still_state(const struct link *link)
{
    return ((const struct still *)link)->state;
}

static const struct link_kind_ops still_ops = {.state = still_state};

static const struct {
    const char *label;
    int64_t own_ms, emergency_ms; /* fallback_after of the channel, and an emergency's */
    enum priority priority;
    int64_t dead_ms; /* since the tick saw no link; -1: it saw one */
    enum link_state first, second;
    bool is_last, is_due;
    const char *entry; /* the chunk; NULL: of no interest */
} cases[] = {
    {"away for long", 0, 1, PRIORITY_EMERGENCY, 1500, LINK_STOPPED, LINK_DOWN, false, true, NULL},
    {"only starting", 0, 1, PRIORITY_EMERGENCY, 300, LINK_CONNECTING, LINK_DOWN, false, false,
     NULL},
    {"back since", 0, 1, PRIORITY_EMERGENCY, 1500, LINK_BOUND, LINK_DOWN, false, false, NULL},
    {"the other is back", 0, 1, PRIORITY_EMERGENCY, 1500, LINK_DOWN, LINK_BOUND, false, false,
     NULL},
    {"throttled is there", 0, 1, PRIORITY_EMERGENCY, 1500, LINK_THROTTLED, LINK_DOWN, false, false,
     NULL},
    {"the tick saw one", 0, 1, PRIORITY_EMERGENCY, -1, LINK_DOWN, LINK_DOWN, false, false, NULL},
    {"no later channel", 0, 1, PRIORITY_EMERGENCY, 1500, LINK_DOWN, LINK_DOWN, true, false, NULL},
    {"no emergency", 0, 1, PRIORITY_NORMAL, 1500, LINK_DOWN, LINK_DOWN, false, false, NULL},
    {"its own time", 60000, 1, PRIORITY_NORMAL, 61000, LINK_DOWN, LINK_DOWN, false, true, NULL},
    {"not yet its own", 60000, 1, PRIORITY_NORMAL, 59000, LINK_DOWN, LINK_DOWN, false, false, NULL},
    {"an emergency's own", 0, 5000, PRIORITY_EMERGENCY, 4000, LINK_DOWN, LINK_DOWN, false, false,
     NULL},
    {"somebody prefers it", 0, 1, PRIORITY_EMERGENCY, 1500, LINK_DOWN, LINK_DOWN, true, true,
     "0-1;z0,;84900000000,84900000001;s,"},
    {"nobody does", 0, 1, PRIORITY_EMERGENCY, 1500, LINK_DOWN, LINK_DOWN, true, false,
     "0-1;z0,;84900000000,84900000001"},
};

static bool
is_due(size_t at)
{
    struct still links[] = {{{.ops = &still_ops}, cases[at].first},
                            {{.ops = &still_ops}, cases[at].second}};
    struct carrier carriers[] = {{.link = &links[0].link}, {.link = &links[1].link}};
    const struct conf conf = {.emergency_fallback_after_ms = cases[at].emergency_ms};
    const struct conf_channel channel = {.fallback_after_ms = cases[at].own_ms};
    const struct route route = {
        .conf = &channel, .carriers = {&carriers[0], &carriers[1]}, .carriers_n = 2};
    char channels[] = "zalo,sms";
    struct broadcast broadcast = {.channels = channels, .channel = cases[at].is_last};
    const struct held held = {.broadcast = &broadcast,
                              .priority = cases[at].priority,
                              .entry_text = str_of(cases[at].entry)};
    struct worker *w = xcalloc(1, sizeof *w);
    w->conf = &conf;
    w->route = &route;
    w->dead_since_us = cases[at].dead_ms < 0 ? 0 : clock_monotonic_us() - cases[at].dead_ms * 1000;
    bool due = fallback_is_due(w, &held);
    free(w);
    return due;
}

static void
test_due(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (is_due(i) != cases[i].is_due) {
            fail_msg("%s", cases[i].label);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_due)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
