/* Reads one scalar value of the configuration: a row of `types` a type. */
// SPDX-License-Identifier: MIT
#include "gateway/base/conf_read.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/core/str.h"

/* Both give -1 when `text` is not of the type; `value` is where it goes. */
typedef int read_fn(struct conf_reader *r, const struct conf_at *at, const char *text, void *value);

static int
not_right(struct conf_reader *r, const struct conf_at *at, const char *text)
{
    return conf_wrong(r, conf_line(at->node), at->path, "not right: '%.80s'; %s would be right",
                      text, conf_wanted(r, at->key));
}

static int
keep_text(struct conf_reader *r, const char *text, void *value)
{
    const char *copy = arena_strndup(r->conf->arena, text, strlen(text));
    memcpy(value, &copy, sizeof copy);
    return 0;
}

static int
read_text(struct conf_reader *r, const struct conf_at *at, const char *text, void *value)
{
    int64_t n = (int64_t)strlen(text);
    if (n < at->key->least || n > at->key->most) {
        return conf_wrong(r, conf_line(at->node), at->path,
                          "has %lld characters; %lld to %lld would be right", (long long)n,
                          (long long)at->key->least, (long long)at->key->most);
    }
    return keep_text(r, text, value);
}

/* A secret's value is never repeated in a mistake. */
static int
read_secret(struct conf_reader *r, const struct conf_at *at, const char *text, void *value)
{
    return read_text(r, at, text, value);
}

static int
read_sender(struct conf_reader *r, const struct conf_at *at, const char *text, void *value)
{
    enum { BRAND_MAX = 11 };
    size_t n = strlen(text);
    size_t digits_n = strspn(text + (*text == '+'), "0123456789") + (*text == '+');
    bool plain = true;
    for (size_t i = 0; i < n; i++) {
        plain = plain && text[i] >= ' ' && text[i] <= '~';
    }
    if (!plain || n > (size_t)at->key->most || (digits_n < n && n > BRAND_MAX)) {
        return not_right(r, at, text);
    }
    return keep_text(r, text, value);
}

static int
read_int(struct conf_reader *r, const struct conf_at *at, const char *text, void *value)
{
    uint64_t n = 0;
    struct str digits = str_of(text);
    if (digits.n > 1 && digits.p[0] == '-' &&
        str_to_u64((struct str){text + 1, digits.n - 1}, INT32_MAX, &n)) {
        return conf_wrong(r, conf_line(at->node), at->path,
                          "out of range: %.20s; %s would be right", text, conf_wanted(r, at->key));
    }
    if (!str_to_u64(digits, INT64_MAX, &n)) {
        return conf_wrong(r, conf_line(at->node), at->path,
                          "not a whole number: '%.80s'; %s would be right", text,
                          conf_wanted(r, at->key));
    }
    bool preset = text == at->key->preset; /* may stand for something outside: rate 0 is none */
    if (!preset && ((int64_t)n < at->key->least || (int64_t)n > at->key->most)) {
        return conf_wrong(r, conf_line(at->node), at->path,
                          "out of range: %.20s; %s would be right", text, conf_wanted(r, at->key));
    }
    int i = (int)n;
    memcpy(value, &i, sizeof i);
    return 0;
}

/* Digits, a point, at most three digits, as thousandths. */
static bool
read_thousandths(const char *text, uint64_t *out)
{
    struct str behind = str_of(text);
    struct str whole = str_cut(&behind, '.');
    uint64_t n = 0, part = 0;
    if (!str_to_u64(whole, INT32_MAX, &n) ||
        (behind.p && (behind.n > 3 || !str_to_u64(behind, 999, &part)))) {
        return false;
    }
    for (size_t i = behind.p ? behind.n : 3; i < 3; i++) {
        part *= 10;
    }
    *out = n * 1000 + part;
    return true;
}

static int
read_rate(struct conf_reader *r, const struct conf_at *at, const char *text, void *value)
{
    uint64_t n = 0;
    if (!read_thousandths(text, &n)) {
        return conf_wrong(r, conf_line(at->node), at->path,
                          "not a number: '%.80s'; %s would be right", text,
                          conf_wanted(r, at->key));
    }
    bool preset = text == at->key->preset; /* 0 stands for none */
    if (!preset && ((int64_t)n < at->key->least || (int64_t)n > at->key->most)) {
        return conf_wrong(r, conf_line(at->node), at->path,
                          "out of range: %.20s; %s would be right", text, conf_wanted(r, at->key));
    }
    double rate = (double)n / 1000;
    memcpy(value, &rate, sizeof rate);
    return 0;
}

static const struct {
    const char *unit;
    int64_t ms;
} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};

static int
read_ms(struct conf_reader *r, const struct conf_at *at, const char *text, void *value)
{
    size_t digits_n = strspn(text, "0123456789");
    uint64_t n = 0;
    int64_t ms = strcmp(text, "0") == 0 ? 0 : -1;
    bool number = str_to_u64((struct str){text, digits_n}, UINT64_C(100000000), &n);
    for (size_t i = 0; number && i < sizeof units / sizeof *units; i++) {
        if (strcmp(text + digits_n, units[i].unit) == 0) {
            ms = (int64_t)n * units[i].ms;
        }
    }
    if (ms < 0) {
        return conf_wrong(r, conf_line(at->node), at->path,
                          "not a duration: '%.80s'; %s would be right", text,
                          conf_wanted(r, at->key));
    }
    if (ms < at->key->least || ms > at->key->most) {
        return conf_wrong(r, conf_line(at->node), at->path,
                          "out of range: %.40s; %s would be right", text, conf_wanted(r, at->key));
    }
    memcpy(value, &ms, sizeof ms);
    return 0;
}

static int
read_word(struct conf_reader *r, const struct conf_at *at, const char *text, void *value)
{
    for (int i = 0; at->key->words[i]; i++) {
        if (strcmp(text, at->key->words[i]) == 0) {
            int word = i + at->key->first_word;
            memcpy(value, &word, sizeof word);
            return 0;
        }
    }
    return conf_wrong(r, conf_line(at->node), at->path, "unknown word '%.80s'; %s would be right",
                      text, conf_wanted(r, at->key));
}

static int
read_minute(struct conf_reader *r, const struct conf_at *at, const char *text, void *value)
{
    uint64_t hour = 0;
    uint64_t minute = 0;
    if (strlen(text) != 5 || text[2] != ':' || !str_to_u64((struct str){text, 2}, 23, &hour) ||
        !str_to_u64((struct str){text + 3, 2}, 59, &minute)) {
        return not_right(r, at, text);
    }
    int n = (int)(hour * 60 + minute);
    memcpy(value, &n, sizeof n);
    return 0;
}

/* Only a name that the zone database has, if there is one on this machine. */
static int
read_zone(struct conf_reader *r, const struct conf_at *at, const char *text, void *value)
{
    static const char root[] = "/usr/share/zoneinfo/";
    size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/");
    bool named = n > 0 && n < 64 && !text[n] && *text != '/' && text[n - 1] != '/';
    const char *file = conf_format(r, "%s%.64s", root, text);
    if (!named || (access(root, X_OK) == 0 && access(file, R_OK) != 0)) {
        return conf_wrong(r, conf_line(at->node), at->path,
                          "unknown zone '%.80s'; %s would be right", text, conf_wanted(r, at->key));
    }
    return keep_text(r, text, value);
}

static int
read_url(struct conf_reader *r, const struct conf_at *at, const char *text, void *value)
{
    if (!*text && at->key->preset) {
        return keep_text(r, text, value);
    }
    size_t scheme_n = strncmp(text, "https://", 8) == 0  ? 8
                      : strncmp(text, "http://", 7) == 0 ? 7
                                                         : 0;
    bool plain = scheme_n > 0 && text[scheme_n] && text[scheme_n] != '/';
    for (const char *c = text; *c; c++) {
        plain = plain && *c > ' ' && *c <= '~';
    }
    return plain ? keep_text(r, text, value) : not_right(r, at, text);
}

bool
conf_is_host_port(const char *text)
{
    const char *colon = strrchr(text, ':');
    uint64_t port = 0;
    if (!colon || colon == text || !str_to_u64(str_of(colon + 1), 65535, &port) || port == 0) {
        return false;
    }
    size_t n = (size_t)(colon - text);
    bool bracketed = text[0] == '[' && text[n - 1] == ']' && n > 2;
    for (size_t i = 0; i < n; i++) {
        if (text[i] <= ' ' || text[i] > '~' || (text[i] == ':' && !bracketed)) {
            return false;
        }
    }
    return true;
}

static int
read_listen(struct conf_reader *r, const struct conf_at *at, const char *text, void *value)
{
    const char *colon = strrchr(text, ':');
    char any[300];
    (void)snprintf(any, sizeof any, "%.*s:1", colon ? (int)(colon - text) : 0, text);
    bool free_port = colon && strcmp(colon, ":0") == 0 && conf_is_host_port(any);
    return free_port || conf_is_host_port(text) ? keep_text(r, text, value)
                                                : not_right(r, at, text);
}

static int
read_ip(struct conf_reader *r, const struct conf_at *at, const char *text, void *value)
{
    struct in6_addr address; /* of either family */
    bool is = inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1;
    return is ? keep_text(r, text, value) : not_right(r, at, text);
}

static int
read_file(struct conf_reader *r, const struct conf_at *at, const char *text, void *value)
{
    const char *file = conf_absolute(r, text);
    if (access(file, R_OK) != 0) {
        return conf_wrong(r, conf_line(at->node), at->path,
                          "the file %.200s cannot be read; a file that loa may read would be right",
                          file);
    }
    memcpy(value, &file, sizeof file);
    return 0;
}

static int
read_redis_url(struct conf_reader *r, const struct conf_at *at, const char *text, void *value)
{
    (void)value;
    return conf_read_redis_url(r, at, text);
}

/* `wanted` is what would be right; NULL: made by conf_wanted(). */
static const struct {
    read_fn *read;
    const char *wanted;
} types[] = {
    [CONF_TEXT] = {read_text, "a text"},
    [CONF_SENDER] = {read_sender, "a brand name of at most 11 letters or a number"},
    [CONF_INT] = {read_int, NULL},
    [CONF_RATE] = {read_rate, NULL},
    [CONF_MS] = {read_ms, NULL},
    [CONF_WORD] = {read_word, NULL},
    [CONF_MINUTE] = {read_minute, "a time such as \"21:00\""},
    [CONF_ZONE] = {read_zone, "a name such as Asia/Ho_Chi_Minh"},
    [CONF_URL] = {read_url, "an address such as https://host/path"},
    [CONF_LISTEN] = {read_listen, "host:port such as \"127.0.0.1:8080\""},
    [CONF_IP] = {read_ip, "an address such as 192.0.2.7"},
    [CONF_FILE] = {read_file, "a file's name"},
    [CONF_SECRET] = {read_secret, "a text"},
    [CONF_REDIS_URL] = {read_redis_url, "redis://host:6379/0 or unix:///run/redis/redis.sock?db=0"},
};

static const char *
duration(struct conf_reader *r, int64_t ms)
{
    size_t i = sizeof units / sizeof *units - 1;
    while (i > 0 && ms % units[i].ms != 0) {
        i--;
    }
    return ms == 0 ? "0" : conf_format(r, "%lld%s", (long long)(ms / units[i].ms), units[i].unit);
}

const char *
conf_wanted(struct conf_reader *r, const struct conf_key *key)
{
    if (key->type == CONF_INT) {
        return conf_format(r, "a whole number from %lld to %lld", (long long)key->least,
                           (long long)key->most);
    }
    if (key->type == CONF_RATE) {
        return conf_format(r, "a number from %g to %lld", (double)key->least / 1000,
                           (long long)key->most / 1000);
    }
    if (key->type == CONF_MS) {
        return conf_format(r, "a duration from %s to %s such as 100ms, 30s, 5m, 48h or 90d",
                           duration(r, key->least), duration(r, key->most));
    }
    if (key->type != CONF_WORD) {
        return types[key->type].wanted;
    }
    const char *all = "";
    for (int i = 0; key->words[i]; i++) {
        const char *between = i == 0 ? "" : key->words[i + 1] ? ", " : " or ";
        all = conf_format(r, "%s%s%s", all, between, key->words[i]);
    }
    return all;
}

int
conf_read_value(struct conf_reader *r, const struct conf_at *at, const char *text)
{
    void *value = (char *)at->base + at->key->where;
    return types[at->key->type].read(r, at, text ? text : at->key->preset, value);
}
