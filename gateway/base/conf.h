/* The configuration file (YAML): one table row a key, every mistake told with file, line and key.
 */
#ifndef LOA_BASE_CONF_H
#define LOA_BASE_CONF_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/base/conf_link.h"
#include "gateway/core/diacritics.h"
#include "gateway/core/err.h"
#include "gateway/core/mem.h"
#include "gateway/core/str.h"

/* `channels.NAME`: what an admin chooses, carried by one or more links. */
struct conf_channel {
    const char *name; /* "sms", "zalo", "telegram" */
    const char **links;
    size_t links_n;
    enum diacritics diacritics;
    int max_parts;
    int price_per_part; /* VND */
    /* Without a receipt by then the next channel's turn comes; 0: never. */
    int64_t fallback_after_ms;
};

/* The whole file, read and checked; conf_free() frees it. */
struct conf {
    struct arena *arena; /* owns every string and array below */
    const char *file;
    struct {
        const char *host; /* TCP, or NULL */
        int port;
        const char *path; /* unix socket, or NULL */
        int db;
        const char *username, *password; /* NULL: none */
        /* Instead of host and path: Sentinel (a master's name) or Cluster, with "host:port"s. */
        const char *sentinel_master; /* or NULL */
        const char **nodes;
        size_t nodes_n;
    } redis;
    const char *timezone;
    int quiet_from_min, quiet_to_min;           /* minutes after midnight; equal: none */
    const char *http_listen, *short_links_base; /* NULL: none */
    const char *templates;                      /* a folder; NULL: the installed one, if any */
    const char *summariser;                     /* a command that words the summaries; NULL: none */
    const char *summariser_url;                 /* or an endpoint; NULL: none */
    const char *summariser_token, *summariser_ca_file;
    int64_t summariser_timeout_ms;
    struct conf_channel *channels;
    size_t channels_n;
    const char **default_channels; /* of what names none, by its priority; resolved */
    size_t default_channels_n;
    const char **urgent_channels, **emergency_channels;
    size_t urgent_channels_n, emergency_channels_n;
    int64_t emergency_fallback_after_ms; /* instead of the channels' own; 0: theirs */
    int emergency_all_channels;          /* 1: an emergency goes by all of its channels at once */
    struct conf_link *links;
    size_t links_n;
    struct {
        int attempts;
        int64_t first_ms, max_ms;
    } retry;
    int64_t receipts_wait_ms;
    enum on_uncertain on_uncertain; /* for SMPP links without their own (already put there) */
    int64_t uncertain_wait_ms;
    int64_t retention_ms;
    const char *replies_stop, *replies_start;           /* what a member is told, "": nothing */
    const char *replies_stop_chat, *replies_start_chat; /* the same where one chats */
    const char *token_key; /* seals the tokens in Redis; "": each link's app secret does */
};

/* Reads, checks and resolves `file` (secrets of `…_file` keys included).  Every mistake is given to
 * `say` as one line "FILE:LINE: KEY: what and what would be right".  Gives the configuration, or
 * NULL when there was any mistake. */
typedef void conf_say(void *arg, const char *line);
struct conf *conf_load(const char *file, conf_say *say, void *arg) MUST_CHECK;
/* The same without opening the files of secrets, which may be another user's: for what only needs
 * channels, prices and words. */
struct conf *conf_load_words(const char *file, conf_say *say, void *arg) MUST_CHECK;
/* The same from memory; `file` is its name in what is said, and relative paths begin beside it. */
struct conf *conf_parse(struct str content, const char *file, conf_say *say, void *arg) MUST_CHECK;
void conf_free(struct conf **conf);

const struct conf_channel *conf_channel(const struct conf *conf, const char *name);
/* The link whose grant and rate `link` shares: the first one of the same app; itself where it has
 * none. */
const struct conf_link *conf_grant(const struct conf *conf, const struct conf_link *link);
const struct conf_link *conf_link(const struct conf *conf, const char *name);

#endif
