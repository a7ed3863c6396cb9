/* One link's configuration: the values of `links[]`. */
#ifndef LOA_BASE_CONF_LINK_H
#define LOA_BASE_CONF_LINK_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/core/message_id.h"
#include "gateway/core/provider.h"
#include "gateway/core/status.h"

/* Kinds of `links[].kind`. */
enum link_kind { LINK_SMPP, LINK_ZALO_TEMPLATE, LINK_ZALO_OA, LINK_TELEGRAM, LINK_HTTP_SMS };
/* BIND_PAIR: a transmitter and a receiver that are one link. */
enum bind_mode { BIND_TRANSMITTER, BIND_RECEIVER, BIND_TRANSCEIVER, BIND_PAIR };
enum interface_version { INTERFACE_34, INTERFACE_33, INTERFACE_50 };
enum receipts_mode { RECEIPTS_NONE, RECEIPTS_FAILED, RECEIPTS_FINAL };
enum long_sms { LONG_SMS_UDH, LONG_SMS_SAR, LONG_SMS_PAYLOAD, LONG_SMS_UDH16 };
/* The SMSC's default alphabet, and with it how texts go out. */
enum data_coding { CODING_GSM7, CODING_GSM7_PACKED, CODING_LATIN1, CODING_UCS2 };
enum flash { FLASH_NEVER, FLASH_EMERGENCY, FLASH_ALWAYS };
enum validity { VALIDITY_ABSOLUTE, VALIDITY_RELATIVE, VALIDITY_NONE };
enum schedule { SCHEDULE_NONE, SCHEDULE_ABSOLUTE, SCHEDULE_RELATIVE };
/* AUTO: by the kind of address.  The others in the order of SMPP 3.4 §5.2.5 and §5.2.6. */
enum conf_ton { TON_AUTO, TON_UNKNOWN };
enum conf_npi { NPI_AUTO };
enum on_uncertain { UNCERTAIN_UNSET, UNCERTAIN_RESEND, UNCERTAIN_HOLD };

/* Text keys that are left out are "" here, and NULL only where it says so. */
struct conf_link {
    const char *name;
    enum link_kind kind;
    const char *host;
    int port;
    bool tls;
    const char *tls_ca_file, *tls_server_name;       /* NULL: the system's, `host` */
    const char *tls_certificate_file, *tls_key_file; /* ours, if the SMSC asks; NULL: none */
    const char *bind_address;                        /* our end of the connection; NULL: any */
    int64_t keepalive_ms;                            /* idle time before TCP asks */
    int64_t inactivity_ms; /* without a message for so long: bound anew; 0: never */
    const char *outbind_listen, *outbind_password; /* NULL: no outbind; "": any password */
    const char *system_id, *password, *system_type;
    enum bind_mode bind;
    int binds; /* connections at once, which share window and rate */
    enum interface_version interface_version;
    const char *address_range; /* of the numbers whose messages a receiver wants */
    int address_ton, address_npi;
    const char *source;
    int window;
    const char **prefixes; /* of the numbers that it carries: "8498"; none: all */
    size_t prefixes_n;
    int weight;         /* 0: none */
    int price_per_part; /* VND; 0: the channel's */
    int diacritics;     /* 1 + enum diacritics; 0: the channel's */
    int max_parts;      /* 0: the channel's */
    double rate;        /* parts a second, 0: as fast as the link takes them */
    enum receipts_mode receipts;
    enum message_id_form receipt_ids;
    enum long_sms long_sms;
    enum data_coding data_coding;
    enum flash flash;
    int user_message_reference;         /* 0, 1 */
    int replace_if_present;             /* 0, 1 */
    enum validity validity;             /* how the SMSC is told of expires_at */
    enum schedule schedule;             /* … and of send_at: then messages leave before it, */
    int64_t schedule_ahead_ms;          /* by so much at most */
    const struct status_rule *statuses; /* what its SMSC means by some, the first match counts */
    size_t statuses_n;
    enum conf_ton source_ton, dest_ton;
    enum conf_npi source_npi, dest_npi;
    int64_t enquire_ms;             /* idle time before enquire_link */
    int64_t response_ms;            /* wait for an answer before the message is uncertain */
    const char *prefix, *suffix;    /* stand around every text; "" if none */
    const char *refused;            /* signs that are not to stand in a text; "" if none */
    enum on_uncertain on_uncertain; /* resolved: never UNCERTAIN_UNSET after loading */
    /* The HTTP kinds. */
    const char *base_url, *oauth_url, *oa_base_url, *app_id, *template_id, *provider_file;
    const char *bot;                                             /* its name, as t.me/NAME has it */
    const char *app_secret, *oa_secret, *token, *webhook_secret; /* read from their files */
    const struct str_pair *parameters, *secrets;
    size_t parameters_n, secrets_n;
    const struct provider *provider; /* what provider_file says; NULL for the other kinds */
    int concurrency;
    const char *ca_file, *pinned_key, *proxy; /* "": the system's, any, none */
    int appsecret_proof, hash_phone;          /* 1: yes */
    int64_t ask_after_ms;                     /* without a receipt for so long; 0: never */
    int night_from_min, night_to_min;         /* no template by phone meanwhile; equal: none */
    const char *receipt_url;                  /* where the provider posts receipts */
    int line;                                 /* of the file */
};

#endif
