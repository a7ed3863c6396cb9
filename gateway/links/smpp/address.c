/* Who a message is from and to. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/address.h"

#include <string.h>

enum { TON_INTERNATIONAL = 1, TON_NETWORK = 3, TON_ALPHANUMERIC = 5, NPI_ISDN = 1 };
enum { ALPHANUMERIC_MAX = 11, SHORT_CODE_MAX = 8, NUMBER_MAX = 15 };

static bool
all_digits(const char *s)
{
    return *s != '\0' && strspn(s, "0123456789") == strlen(s);
}

int
address_check_source(const char *source, struct err *err)
{
    if (!source || !*source) {
        return 0; /* the SMSC puts its own */
    }
    const char *digits = *source == '+' ? source + 1 : source;
    if (all_digits(digits)) {
        return strlen(digits) <= NUMBER_MAX
                   ? 0
                   : err_set(err, ERR_CONFIG, "source: a number has at most 15 digits, not '%s'",
                             source);
    }
    if (strlen(source) > ALPHANUMERIC_MAX) {
        return err_set(err, ERR_CONFIG, "source: a name has at most 11 characters, not '%s'",
                       source);
    }
    for (const char *c = source; *c; c++) {
        if (*c < ' ' || *c > '~') {
            return err_set(err, ERR_CONFIG, "source: a name is plain ASCII, not '%s'", source);
        }
    }
    return 0;
}

/* A name, a short code, or a number in international form. */
static void
set_source(struct pdu *pdu, const char *source)
{
    if (!source || !*source) {
        return;
    }
    const char *digits = *source == '+' ? source + 1 : source;
    if (!all_digits(digits)) {
        pdu->source_ton = TON_ALPHANUMERIC;
        digits = source;
    } else if (strlen(digits) <= SHORT_CODE_MAX) {
        pdu->source_ton = TON_NETWORK;
    } else {
        pdu->source_ton = TON_INTERNATIONAL;
        pdu->source_npi = NPI_ISDN;
    }
    memcpy(pdu->source, digits, strlen(digits) + 1);
}

/* By enum conf_npi (SMPP 3.4 §5.2.6). */
static const uint8_t npis[] = {0, 0, 1, 3, 4, 6, 8, 9, 10, 14, 18};

static void
override(uint8_t *ton, uint8_t *npi, enum conf_ton own_ton, enum conf_npi own_npi)
{
    if (own_ton != TON_AUTO) {
        *ton = (uint8_t)(own_ton - TON_UNKNOWN);
    }
    if (own_npi != NPI_AUTO) {
        *npi = npis[own_npi];
    }
}

void
address_set(struct pdu *pdu, const struct conf_link *conf)
{
    set_source(pdu, conf->source);
    pdu->dest_ton = TON_INTERNATIONAL;
    pdu->dest_npi = NPI_ISDN;
    override(&pdu->source_ton, &pdu->source_npi, conf->source_ton, conf->source_npi);
    override(&pdu->dest_ton, &pdu->dest_npi, conf->dest_ton, conf->dest_npi);
}
