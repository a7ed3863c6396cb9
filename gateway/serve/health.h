/* /healthz and /readyz: is the process alive, can it send. */
#ifndef LOA_SERVE_HEALTH_H
#define LOA_SERVE_HEALTH_H
// SPDX-License-Identifier: MIT

#include "gateway/serve/http.h"

/* Whether the gateway can send now; if not, `why` gets the sentence that says what is missing. */
typedef bool health_ready_fn(void *arg, struct err *why);
struct health {
    health_ready_fn *ready;
    void *arg;
};

/* Adds GET /healthz (200 as long as the loop turns) and GET /readyz (200, else 503 with the
 * sentence).  `health` must outlive `http`. */
void health_add(struct http *http, struct health *health);

#endif
