/* What the raw pumps share: one connection, a bind, and submit_sm as fast as the window lets out.
 */
#ifndef LOA_BENCH_PUMP_H
#define LOA_BENCH_PUMP_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stdint.h>

#include <smpp34.h>
#include <smpp34_structs.h>

#include <smpp34_params.h>

#include "gateway/links/smpp/pdu.h"

enum { PUMP_BUFFER = 256 * 1024 };

/* One connection.  lib: libsmpp34 packs each message and unpacks each answer; else the message is
 * packed once and patched, and answers are read by hand. */
struct pump {
    int fd;
    bool lib;
    long window, allowed, sent, answered; /* allowed: how many may be sent by now */
    struct pdu_template template;
    submit_sm_t submit;
    uint8_t out[PUMP_BUFFER], in[PUMP_BUFFER];
    size_t out_at, out_n, in_n;
};

/* Says what failed, with errno, and ends the process. */
_Noreturn void pump_die(const char *what);
/* Connects and binds, blocking.  What goes wrong ends the process, here and below. */
void pump_open(struct pump *pump, const char *host, int port);
/* Writes what window, `allowed` and socket take. */
void pump_fill(struct pump *pump);
/* Reads the answers that are there. */
void pump_take(struct pump *pump);
/* POLLIN, and POLLOUT while something waits to be written. */
short pump_events(const struct pump *pump);
/* CPU of this process, user and system. */
double pump_cpu_seconds(void);

#endif
