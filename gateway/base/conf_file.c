/* Files that the configuration names, secrets above all, and the address of Redis. */
// SPDX-License-Identifier: MIT
#include "gateway/base/conf_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/core/str.h"

/* Beside the configuration file; a systemd credential of that name goes before. */
const char *
conf_absolute(struct conf_reader *r, const char *file)
{
    if (*file == '/') {
        return arena_strndup(r->conf->arena, file, strlen(file));
    }
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    if (credentials && *credentials) {
        const char *path = conf_format(r, "%s/%s", credentials, file);
        if (access(path, R_OK) == 0) {
            return path;
        }
    }
    return conf_format(r, "%s%s", r->dir, file);
}

/* At most `room` bytes of a regular file; -1 with errno. */
static ssize_t
read_small_file(const char *path, char *bytes, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return -1;
    }
    struct stat st;
    ssize_t n = -1;
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
        errno = EINVAL;
    } else {
        n = read(fd, bytes, room);
    }
    int why = errno;
    (void)close(fd);
    errno = why;
    return n;
}

const char *
conf_read_secret(struct conf_reader *r, int line, const char *path, const char *file)
{
    if (r->words_only) {
        return "unread";
    }
    const char *whole = conf_absolute(r, file);
    char *bytes = xmalloc(CONF_SECRET_MAX);
    ssize_t n = read_small_file(whole, bytes, CONF_SECRET_MAX);
    const char *text = NULL;
    if (n < 0) {
        (void)conf_wrong(
            r, line, path,
            "the file %.200s cannot be read: %s; a file that loa may read would be right", whole,
            strerror(errno));
    } else if (n == CONF_SECRET_MAX || memchr(bytes, '\0', (size_t)n)) {
        (void)conf_wrong(r, line, path, "the file %.200s is no secret; one line would be right",
                         whole);
    } else {
        if (n > 0 && bytes[n - 1] == '\n') {
            n--;
            n -= n > 0 && bytes[n - 1] == '\r';
        }
        if (n == 0) {
            (void)conf_wrong(r, line, path, "the file %.200s is empty; the secret would be right",
                             whole);
        } else {
            text = arena_strndup(r->conf->arena, bytes, (size_t)n);
        }
    }
    explicit_bzero(bytes, CONF_SECRET_MAX);
    free(bytes);
    return text;
}

static int
hex_value(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c | 0x20) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* The byte that the "%41" at s.p[i] stands for; 0: it is no such. */
static char
escaped(struct str s, size_t i)
{
    if (i + 2 >= s.n) {
        return 0;
    }
    int high = hex_value(s.p[i + 1]);
    int low = hex_value(s.p[i + 2]);
    return high < 0 || low < 0 ? 0 : (char)(high * 16 + low);
}

/* Undoes %41; borrowed from the arena.  NULL when a % is no such. */
static const char *
unescape(struct conf_reader *r, struct str s)
{
    char *out = arena_strndup(r->conf->arena, s.p, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool escape = s.p[i] == '%';
        char c = escape ? escaped(s, i) : s.p[i];
        if (!c) {
            return NULL;
        }
        i += escape ? 2 : 0;
        out[n++] = c;
    }
    out[n] = '\0';
    return out;
}

static int
wrong_url(struct conf_reader *r, const struct conf_at *at, const char *what)
{
    return conf_wrong(r, conf_line(at->node), at->path, "%s; %s would be right", what,
                      conf_wanted(r, at->key));
}

static int
read_db(struct conf_reader *r, const struct conf_at *at, struct str text)
{
    uint64_t db = 0;
    if (text.n > 0 && !str_to_u64(text, 15, &db)) {
        return wrong_url(r, at, "not a database from 0 to 15");
    }
    r->conf->redis.db = (int)db;
    return 0;
}

static int
read_unix(struct conf_reader *r, const struct conf_at *at, struct str rest)
{
    struct str path = str_cut(&rest, '?');
    if (path.n < 2 || path.p[0] != '/' || path.n > 107) {
        return wrong_url(r, at, "not the whole path of a socket");
    }
    r->conf->redis.path = arena_strndup(r->conf->arena, path.p, path.n);
    if (rest.n > 0 && !str_starts(rest, STR("db="))) {
        return wrong_url(r, at, "only ?db=N may follow the path");
    }
    return read_db(r, at, rest.n > 0 ? str_from(rest, 3) : rest);
}

/* "user:password@" before the host. */
static int
read_user(struct conf_reader *r, const struct conf_at *at, struct str user)
{
    struct str password = user;
    struct str name = str_cut(&password, ':');
    const char *n = unescape(r, name);
    const char *p = password.p ? unescape(r, password) : "";
    if (!n || !p) {
        return wrong_url(r, at, "a % that is no %41");
    }
    if (*n) {
        r->conf->redis.username = n;
    }
    if (*p) {
        r->conf->redis.password = p;
    }
    return 0;
}

static int
read_host(struct conf_reader *r, const struct conf_at *at, struct str host)
{
    r->conf->redis.port = 6379;
    const char *last = memrchr(host.p, ':', host.n);
    bool bracketed = host.n > 0 && host.p[0] == '[';
    if (last && (!bracketed || (last > host.p && last[-1] == ']'))) {
        uint64_t port = 0;
        struct str digits = {last + 1, (size_t)(host.p + host.n - last) - 1};
        if (!str_to_u64(digits, 65535, &port) || port == 0) {
            return wrong_url(r, at, "not a port from 1 to 65535");
        }
        r->conf->redis.port = (int)port;
        host.n = (size_t)(last - host.p);
    }
    if (bracketed && host.n > 2 && host.p[host.n - 1] == ']') {
        host = (struct str){host.p + 1, host.n - 2};
    } else if (memchr(host.p, ':', host.n)) {
        return wrong_url(r, at, "an IPv6 address without brackets");
    }
    if (host.n == 0) {
        return wrong_url(r, at, "no host");
    }
    r->conf->redis.host = arena_strndup(r->conf->arena, host.p, host.n);
    return 0;
}

int
conf_read_redis_url(struct conf_reader *r, const struct conf_at *at, const char *text)
{
    struct str rest = str_of(text);
    if (str_starts(rest, STR("rediss://"))) {
        return wrong_url(r, at, "there is no TLS to Redis: use a unix socket, or stunnel");
    }
    if (str_starts(rest, STR("unix://"))) {
        return read_unix(r, at, str_from(rest, 7));
    }
    if (!str_starts(rest, STR("redis://"))) {
        return wrong_url(r, at, "not the address of a Redis");
    }
    rest = str_from(rest, 8);
    struct str db = rest;
    struct str host = str_cut(&db, '/');
    const char *sign = memrchr(host.p, '@', host.n);
    if (sign) {
        struct str user = {host.p, (size_t)(sign - host.p)};
        host = (struct str){sign + 1, host.n - user.n - 1};
        if (read_user(r, at, user) != 0) {
            return -1;
        }
    }
    if (read_host(r, at, host) != 0) {
        return -1;
    }
    return read_db(r, at, db);
}
