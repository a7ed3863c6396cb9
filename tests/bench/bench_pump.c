/* A raw pump of submit_sm, the measure for the gateway: bench_pump lib|template HOST PORT WINDOW N
 *
 * lib: libsmpp34 packs each message and unpacks each answer.  template: packed once and patched,
 * answers read by hand.  Nothing is durable; writes and reads are of many PDUs in both. */
// SPDX-License-Identifier: MIT
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/base/clock.h"
#include "tests/bench/pump.h"

int
main(int argc, char **argv)
{
    static struct pump p;
    if (argc != 6 || (strcmp(argv[1], "lib") != 0 && strcmp(argv[1], "template") != 0)) {
        (void)fputs("usage: bench_pump lib|template HOST PORT WINDOW N\n", stderr);
        return 2;
    }
    p.lib = strcmp(argv[1], "lib") == 0;
    p.window = strtol(argv[4], NULL, 10);
    p.allowed = strtol(argv[5], NULL, 10);
    pump_open(&p, argv[2], (int)strtol(argv[3], NULL, 10));
    double cpu = pump_cpu_seconds();
    int64_t began_us = clock_monotonic_us();
    while (p.answered < p.allowed) {
        pump_fill(&p);
        struct pollfd fd = {.fd = p.fd, .events = pump_events(&p)};
        (void)poll(&fd, 1, 1000);
        if ((fd.revents & (POLLIN | POLLHUP)) != 0) {
            pump_take(&p);
        }
    }
    double seconds = (double)(clock_monotonic_us() - began_us) / 1e6;
    cpu = pump_cpu_seconds() - cpu;
    printf("{\"messages_per_second\": %.0f, \"cpu_us_per_message\": %.3f}\n",
           (double)p.answered / seconds, cpu * 1e6 / (double)p.answered);
    (void)close(p.fd);
    return 0;
}
