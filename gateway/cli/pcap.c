/* PDUs as a capture file (pcap 2.4, LINKTYPE_RAW: IPv4 packets). */
// SPDX-License-Identifier: MIT
#include "gateway/cli/pcap.h"

#include <string.h>

enum { IP = 20, TCP = 20, RAW = 101, LONGEST = 65535, PUSH_ACK = 0x18, OUR_PORT = 40000 };

static void
put16(uint8_t *p, unsigned value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static void
put32(uint8_t *p, uint32_t value)
{
    put16(p, value >> 16);
    put16(p + 2, value & 0xffff);
}

/* The file's own numbers stand as this machine writes them: the magic says which way. */
static void
write_own(FILE *to, const uint32_t *values, size_t n)
{
    (void)fwrite(values, sizeof *values, n, to);
}

void
pcap_begin(FILE *to)
{
    static const uint32_t magic = 0xa1b2c3d4;
    static const uint16_t version[2] = {2, 4};
    static const uint32_t rest[4] = {0, 0, LONGEST, RAW};
    write_own(to, &magic, 1);
    (void)fwrite(version, sizeof version[0], 2, to);
    write_own(to, rest, 4);
}

/* The internet checksum of an IP header. */
static unsigned
checksum(const uint8_t *p, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < n; i += 2) {
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return ~sum & 0xffff;
}

void
pcap_add(FILE *to, struct pcap_stream *stream, int port, bool out, int64_t at_us, struct str octets)
{
    uint8_t head[IP + TCP] = {0x45};
    size_t n = octets.n < LONGEST - sizeof head ? octets.n : LONGEST - sizeof head;
    const uint8_t ours[4] = {10, 0, 0, 1}, theirs[4] = {10, 0, 0, 2};
    unsigned our_port = (unsigned)(OUR_PORT + stream->number);
    put16(head + 2, (unsigned)(sizeof head + n));
    head[8] = 64; /* time to live */
    head[9] = 6;  /* TCP */
    memcpy(head + 12, out ? ours : theirs, 4);
    memcpy(head + 16, out ? theirs : ours, 4);
    put16(head + 10, checksum(head, IP));
    uint8_t *tcp = head + IP;
    put16(tcp, out ? our_port : (unsigned)port);
    put16(tcp + 2, out ? (unsigned)port : our_port);
    put32(tcp + 4, 1 + stream->sent[out]);
    put32(tcp + 8, 1 + stream->sent[!out]);
    tcp[12] = TCP / 4 << 4;
    tcp[13] = PUSH_ACK;
    put16(tcp + 14, LONGEST);
    stream->sent[out] += (uint32_t)n;
    const uint32_t record[4] = {(uint32_t)(at_us / 1000000), (uint32_t)(at_us % 1000000),
                                (uint32_t)(sizeof head + n), (uint32_t)(sizeof head + n)};
    write_own(to, record, 4);
    (void)fwrite(head, 1, sizeof head, to);
    (void)fwrite(octets.p, 1, n, to);
}
