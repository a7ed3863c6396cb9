/* The table of configuration keys: one row a key.  The reader, the defaults, the bounds and the
 * test that compares with deploy/loa.yaml.example all read it. */
#ifndef LOA_BASE_CONF_KEY_H
#define LOA_BASE_CONF_KEY_H
// SPDX-License-Identifier: MIT

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum conf_type {
    CONF_TEXT,     /* const char *; least and most: its length */
    CONF_SENDER,   /* const char *: a brand name or a number */
    CONF_INT,      /* int */
    CONF_RATE,     /* double, with at most three digits behind the point; bounds in thousandths */
    CONF_MS,       /* int64_t; bounds in ms */
    CONF_WORD,     /* int (an enum), the place in `words` plus `first_word` */
    CONF_MINUTE,   /* int, minutes after midnight, of "HH:MM" */
    CONF_ZONE,     /* const char *, a name of the zone database */
    CONF_URL,      /* const char *, http(s) */
    CONF_LISTEN,   /* const char *, host:port */
    CONF_IP,       /* const char *, a numeric address */
    CONF_FILE,     /* const char *, made absolute */
    CONF_SECRET,   /* const char *; also the key NAME_file */
    CONF_NODES,    /* const char ** and size_t after it: host:port each */
    CONF_PREFIXES, /* the same, of numbers: kept as "8498" */
    CONF_MAP,      /* struct str_pair * (and *_n at `count`) */
    CONF_PATTERNS, /* the same, each value a template's text */
    CONF_SECRETS,  /* the same, each value a secret or NAME_file */
    CONF_STATUSES, /* struct status_rule * (and *_n at `count`) */
    CONF_SECTION,  /* keys of its own in the same struct */
    CONF_REDIS_URL,
    CONF_TLS,       /* false, true or a section; bool */
    CONF_LINK_REFS, /* names of links: const char ** and size_t at `count` */
    CONF_CHANNEL_REFS,
    CONF_CHANNELS, /* a section a channel */
    CONF_LINKS,    /* a list of sections */
};

enum { KIND_ANY = 0xff };

/* Ends a table of keys. */
#define END                                                                                        \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* Bounds of CONF_MS. */
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* One key: its parser, default, bounds, and where its value goes. */
struct conf_key {
    const char *name;
    const char *preset; /* the default as it would be written; NULL: none */
    const char *help;
    enum conf_type type;
    bool required;
    size_t where, count;
    int64_t least, most;
    const char *const *words; /* CONF_WORD: ends with NULL */
    int first_word;
    const struct conf_key *keys; /* of a section: ends with a row without a name */
    unsigned kinds;              /* of a link: bit 1 << enum link_kind; 0: all */
};

extern const struct conf_key conf_top_keys[];
extern const struct conf_key conf_tls_keys[];
extern const struct conf_key conf_channel_keys[];
extern const struct conf_key conf_link_keys[];
extern const struct conf_key conf_provider_keys[]; /* of a provider's own file */
extern const char *const conf_channel_names[];     /* ends with NULL */
extern const char *const conf_kind_names[];        /* by enum link_kind */
extern const char *const conf_uncertain_words[];
extern const char *const conf_switch_words[]; /* false, true */
extern const char *const conf_diacritics_words[];

#endif
