/* Inside the configuration reader: where it stands, and how mistakes are gathered. */
#ifndef LOA_BASE_CONF_READ_H
#define LOA_BASE_CONF_READ_H
// SPDX-License-Identifier: MIT

#include <yaml.h>

#include "gateway/base/conf.h"
#include "gateway/base/conf_key.h"

enum { CONF_LINKS_MAX = 256, CONF_PAIRS_MAX = 256 };
enum { CONF_MISTAKES_MAX = 200, CONF_SIZE_MAX = 1 << 20, CONF_SECRET_MAX = 64 * 1024 };

/* What is wrong, and in which line; in the configuration's arena. */
struct conf_mistake {
    int line;
    char *text;
};

/* A name that must stand elsewhere in the file; looked up when everything is read. */
struct conf_ref {
    int line;
    const char *path, *name;
    const struct conf_channel *channel; /* that names a link; NULL: default_channels */
    struct conf_ref *next;
};

/* A file being read, and what was found wrong so far. */
struct conf_reader {
    yaml_document_t doc;
    struct conf *conf;
    const char *dir; /* relative paths begin here; ends with '/' or is empty */
    unsigned kinds;  /* the kind of the link being read, as a bit; KIND_ANY outside */
    bool kind_known;
    bool words_only; /* secrets are not read: their files may be another user's */
    const struct conf_channel *channel; /* being read, NULL outside */
    struct conf_ref *refs, **refs_end;
    struct conf_mistake mistakes[CONF_MISTAKES_MAX];
    size_t mistakes_n; /* may be larger than what is kept */
};

/* One value with all that a mistake needs. */
struct conf_at {
    const struct conf_key *key;
    yaml_node_t *node;
    const char *path; /* dotted */
    void *base;       /* the struct that `key->where` is of */
};

/* Notes "LINE: PATH: text".  Returns -1. */
int conf_wrong(struct conf_reader *r, int line, const char *path, const char *format, ...)
    PRINTF_LIKE(4, 5);
int conf_line(const yaml_node_t *node);
/* A formatted string in the configuration's arena. */
const char *conf_format(struct conf_reader *r, const char *format, ...) PRINTF_LIKE(2, 3);
/* "; did you mean 'x'?", else what there is. Names end with NULL. */
const char *conf_nearest(struct conf_reader *r, const char *word, const char *const *names);

/* Reads the keys of a mapping into `base`, then puts the defaults of those left out. */
void conf_read_section(struct conf_reader *r, yaml_node_t *node, const char *path,
                       const struct conf_key *keys, void *base);
/* A scalar's text without NUL, or NULL after a mistake ("wanted" says what would be right). */
const char *conf_scalar(struct conf_reader *r, yaml_node_t *node, const char *path,
                        const char *wanted);
/* What would be right for this key: "a whole number from 1 to 65535". */
const char *conf_wanted(struct conf_reader *r, const struct conf_key *key);
/* A value that is one scalar, its text already taken; NULL: the key's default. */
int conf_read_value(struct conf_reader *r, const struct conf_at *at, const char *text);
/* The content of a secret's file, its last newline dropped; NULL after a mistake. */
const char *conf_read_secret(struct conf_reader *r, int line, const char *path, const char *file);
const char *conf_absolute(struct conf_reader *r, const char *file);
/* "redis://user:password@host:port/db" or "unix:///path?db=0", into the configuration. */
int conf_read_redis_url(struct conf_reader *r, const struct conf_at *at, const char *text);
/* "host:port" or "[v6]:port" with a port; false: it is none. */
bool conf_is_host_port(const char *text);

/* The file that link->provider_file names, into link->provider. */
void conf_read_provider(struct conf_reader *r, struct conf_link *link, const char *path);

void conf_read_channels(struct conf_reader *r, const struct conf_at *at);
void conf_read_links(struct conf_reader *r, const struct conf_at *at);

/* What can only be seen once all is read. */
void conf_check_all(struct conf_reader *r);

#endif
