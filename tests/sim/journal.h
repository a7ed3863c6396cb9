/* What the simulator leaves behind: the log (TSV), the packets (pcap), the phones' texts. */
#ifndef LOA_SIM_JOURNAL_H
#define LOA_SIM_JOURNAL_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/sim/wire.h"

/* Any file may be NULL: then nothing is written there. */
struct journal {
    FILE *log, *phones, *pcap;
    uint32_t gateway; /* its address in the capture: 10.something, another one each time */
    struct phone_message *pending[1024];
};

/* Opens what has a name.  Returns -1 (errno says why). */
int journal_open(struct journal *j, const char *log, const char *phones, const char *pcap);
void journal_close(struct journal *j);
/* Everything written so far reaches the files. */
void journal_flush(struct journal *j);

/* One line "EVENT \t MONOTONIC_US \t WALL_US \t SESSION \t …". */
void journal_event(struct journal *j, const char *event, uint32_t session, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* submit: sequence, number, status (hex), message id, esm_class, data_coding, ref, total, part,
 * answered (yes, never), sender, registered_delivery, text (\t \n \\ escaped). */
struct journal_submit {
    uint32_t session, sequence, status;
    const char *id;
    bool answered;
    const struct wire_submit *s;
};
void journal_submit(struct journal *j, const struct journal_submit *entry);

/* A part that a phone got; once its message is whole, a line "NUMBER \t SENDER \t PARTS \t
 * gsm7|ucs2 \t TEXT" goes to the phones' file. */
void journal_phone(struct journal *j, const struct wire_submit *s);

/* Octets as they passed, in an IPv4 and TCP frame of their own; `stream` numbers them on. */
struct journal_stream {
    uint16_t client_port;
    uint32_t sent[2]; /* octets so far: to the SMSC, from it */
};
void journal_packet(struct journal *j, struct journal_stream *stream, bool from_smsc,
                    const uint8_t *octets, size_t n);

int64_t journal_now_us(void);  /* CLOCK_MONOTONIC */
int64_t journal_wall_us(void); /* CLOCK_REALTIME */

#endif
