/* PDUs as a capture file: each a TCP segment of a connection that is made up around it. */
#ifndef LOA_CLI_PCAP_H
#define LOA_CLI_PCAP_H
// SPDX-License-Identifier: MIT

#include <stdio.h>

#include "gateway/core/str.h"

/* One connection: the octets that went either way so far. */
struct pcap_stream {
    int number;       /* of the connection, from 0: its addresses are made of it */
    uint32_t sent[2]; /* in, out */
};

void pcap_begin(FILE *to);
/* `port`: the peer's, by which dissectors know the protocol. */
void pcap_add(FILE *to, struct pcap_stream *stream, int port, bool out, int64_t at_us,
              struct str octets);

#endif
