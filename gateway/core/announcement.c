/* The rules of an announcement's fields. */
// SPDX-License-Identifier: MIT
#include "gateway/core/announcement.h"

#include <string.h>

#include "gateway/core/audience.h"
#include "gateway/core/html.h"
#include "gateway/core/legacy.h"
#include "gateway/core/secrecy.h"
#include "gateway/core/time.h"
#include "gateway/core/unicode.h"

const char *const announcement_field_names[FIELD_N] = {
    [FIELD_TITLE] = "title",
    [FIELD_BODY] = "body",
    [FIELD_URL] = "url",
    [FIELD_ID] = "id",
    [FIELD_PUBLISHED_AT] = "published_at",
    [FIELD_ISSUER] = "issuer",
    [FIELD_KIND] = "kind",
    [FIELD_PRIORITY] = "priority",
    [FIELD_AUDIENCE] = "audience",
    [FIELD_CHANNELS] = "channels",
    [FIELD_TEMPLATE] = "template",
    [FIELD_SUMMARY] = "summary",
    [FIELD_SEND_AT] = "send_at",
    [FIELD_EXPIRES_AT] = "expires_at",
    [FIELD_BY] = "by",
};

static const char *const priority_names[PRIORITY_N] = {
    [PRIORITY_NORMAL] = "normal",
    [PRIORITY_URGENT] = "urgent",
    [PRIORITY_EMERGENCY] = "emergency",
};

/* Bytes that a field may have as it comes in. */
static const size_t most_bytes[FIELD_N] = {
    [FIELD_TITLE] = 1000,   [FIELD_BODY] = 1024UL * 1024, [FIELD_URL] = 2000,
    [FIELD_ID] = 64,        [FIELD_PUBLISHED_AT] = 64,    [FIELD_ISSUER] = 1000,
    [FIELD_KIND] = 100,     [FIELD_PRIORITY] = 32,        [FIELD_AUDIENCE] = 1000,
    [FIELD_CHANNELS] = 200, [FIELD_TEMPLATE] = 100,       [FIELD_SUMMARY] = 8000,
    [FIELD_SEND_AT] = 64,   [FIELD_EXPIRES_AT] = 64,      [FIELD_BY] = 200,
};

const char *
priority_name(enum priority priority)
{
    return priority_names[priority];
}

static int
refuse_field(enum announcement_field field, struct err *err)
{
    return err_prefix(err, "%s: ", announcement_field_names[field]);
}

static int
check_bytes(const struct announcement *a, enum announcement_field field, struct err *err)
{
    struct str value = a->field[field];
    size_t offset = 0;
    if (value.n > most_bytes[field]) {
        return err_set(err, ERR_INPUT, "%s: %zu bytes, at most %zu are taken",
                       announcement_field_names[field], value.n, most_bytes[field]);
    }
    if (!utf8_valid(value, &offset)) {
        return err_set(err, ERR_INPUT, "%s: no UTF-8 at byte %zu", announcement_field_names[field],
                       offset);
    }
    return 0;
}

/* Text in a font's own encoding would go out as nonsense. */
static void
convert_legacy(struct announcement *a, struct arena *arena)
{
    static const enum announcement_field texts[] = {FIELD_TITLE, FIELD_SUMMARY, FIELD_BODY,
                                                    FIELD_ISSUER};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        a->field[texts[i]] = legacy_convert(arena, a->field[texts[i]]);
    }
}

static int
check_title(struct announcement *a, struct err *err)
{
    if (a->field[FIELD_TITLE].n == 0) {
        return err_set(err, ERR_INPUT, "title: missing");
    }
    return 0;
}

/* A stamped paper is refused, whichever field bears the stamp, and however a page writes it. */
static int
check_secrecy(const struct announcement *a, struct arena *arena, struct err *err)
{
    static const enum announcement_field fields[] = {FIELD_TITLE, FIELD_BODY, FIELD_SUMMARY};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct str field = a->field[fields[i]];
        struct str text = html_unescape(arena, field);
        if (text.p != field.p) { /* it had entities; else it is NFC already */
            text = unicode_nfc(arena, text);
        }
        struct str stamp = secrecy_stamp(text);
        if (stamp.n > 0) {
            return err_set(err, ERR_INPUT,
                           "%s: it bears the secrecy stamp '%.*s': such a paper must not be sent "
                           "by SMS or over the Internet",
                           announcement_field_names[fields[i]], (int)stamp.n, stamp.p);
        }
    }
    return 0;
}

static bool
is_id_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
}

static int
check_id(const struct announcement *a, struct err *err)
{
    struct str id = a->field[FIELD_ID];
    for (size_t i = 0; i < id.n; i++) {
        if (!is_id_char(id.p[i])) {
            return err_set(err, ERR_INPUT,
                           "id: '%.*s' is not 1 to 64 letters, digits, '-', '_' or '.'", (int)id.n,
                           id.p);
        }
    }
    return 0;
}

static int
check_priority(struct announcement *a, struct err *err)
{
    struct str value = a->field[FIELD_PRIORITY];
    for (int i = 0; i < PRIORITY_N; i++) {
        if (value.n == 0 || str_equal_z(value, priority_names[i])) {
            a->priority = (enum priority)i;
            a->field[FIELD_PRIORITY] = str_of(priority_names[i]);
            return 0;
        }
    }
    return err_set(err, ERR_INPUT, "priority: '%.*s' is not normal, urgent or emergency",
                   (int)value.n, value.p);
}

static int
check_audience(struct announcement *a, struct err *err)
{
    struct audience audience;
    if (a->field[FIELD_AUDIENCE].n == 0) {
        a->field[FIELD_AUDIENCE] = STR("all");
    }
    if (audience_parse(a->field[FIELD_AUDIENCE], &audience, err) != 0) {
        return refuse_field(FIELD_AUDIENCE, err);
    }
    return 0;
}

static bool
is_listed(struct str list, struct str name)
{
    while (list.p) {
        if (str_equal(str_cut(&list, ','), name)) {
            return true;
        }
    }
    return false;
}

static int
add_channel(struct buf *out, struct str name, struct err *err)
{
    if (name.n == 0) {
        return err_set(err, ERR_INPUT, "channels: a name is missing (zalo,sms)");
    }
    for (size_t i = 0; i < name.n; i++) {
        if (!is_id_char(name.p[i])) {
            return err_set(err, ERR_INPUT, "channels: '%.*s' is not a name (zalo,sms)", (int)name.n,
                           name.p);
        }
    }
    if (out->n > 0 && is_listed(buf_str(out), name)) {
        return err_set(err, ERR_INPUT, "channels: '%.*s' stands there twice", (int)name.n, name.p);
    }
    buf_add_z(out, out->n > 0 ? "," : "");
    buf_add_str(out, name);
    return 0;
}

static int
check_channels(struct announcement *a, struct arena *arena, struct err *err)
{
    struct str rest = a->field[FIELD_CHANNELS];
    struct buf out;
    int answer = 0;
    if (rest.n == 0) {
        return 0;
    }
    buf_init(&out, rest.n);
    while (rest.p && answer == 0) {
        answer = add_channel(&out, str_trim(str_cut(&rest, ',')), err);
    }
    a->field[FIELD_CHANNELS] = (struct str){arena_strndup(arena, buf_str(&out).p, out.n), out.n};
    buf_deinit(&out);
    return answer;
}

/* Bytes up to the host's first, 0 when it is not http(s). */
static size_t
scheme_length(struct str url)
{
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(schemes[i]);
        if (url.n > n && strncasecmp(url.p, schemes[i], n) == 0) {
            return n;
        }
    }
    return 0;
}

static size_t
host_length(struct str rest)
{
    size_t n = 0;
    while (n < rest.n && !strchr("/?#", rest.p[n])) {
        n++;
    }
    return n;
}

/* What would not survive an SMS is percent-encoded: letters with marks, and the backtick. */
static struct str
encode_url(struct arena *arena, struct str url)
{
    struct buf out;
    buf_init(&out, url.n * 3 + 1);
    for (size_t i = 0; i < url.n; i++) {
        unsigned char c = (unsigned char)url.p[i];
        if (c >= 0x80 || strchr("`\"<>", c)) {
            buf_add_format(&out, "%%%02X", c);
        } else {
            buf_add_char(&out, (char)c);
        }
    }
    struct str encoded = {arena_strndup(arena, buf_str(&out).p, out.n), out.n};
    buf_deinit(&out);
    return encoded;
}

static int
check_url(struct announcement *a, struct arena *arena, struct err *err)
{
    struct str url = a->field[FIELD_URL];
    size_t scheme = scheme_length(url);
    if (url.n == 0) {
        return 0;
    }
    size_t host = scheme ? host_length(str_from(url, scheme)) : 0;
    if (host == 0) {
        return err_set(err, ERR_INPUT, "url: '%.*s' is not an http or https address",
                       url.n > 60 ? 60 : (int)url.n, url.p);
    }
    for (size_t i = 0; i < url.n; i++) {
        unsigned char c = (unsigned char)url.p[i];
        if (c <= ' ' || c == 0x7F) {
            return err_set(err, ERR_INPUT, "url: a blank at byte %zu", i);
        }
        if (c >= 0x80 && i < scheme + host) {
            return err_set(err, ERR_INPUT, "url: a host's name is ASCII (xn--…)");
        }
    }
    a->field[FIELD_URL] = encode_url(arena, url);
    return 0;
}

static int
check_times(struct announcement *a, struct err *err)
{
    const struct {
        enum announcement_field field;
        int64_t *unix_s;
    } times[] = {
        {FIELD_PUBLISHED_AT, &a->published_at},
        {FIELD_SEND_AT, &a->send_at},
        {FIELD_EXPIRES_AT, &a->expires_at},
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        *times[i].unix_s = 0;
        if (a->field[times[i].field].n > 0 &&
            time_parse_rfc3339(a->field[times[i].field], times[i].unix_s, err) != 0) {
            return refuse_field(times[i].field, err);
        }
    }
    if (a->send_at != 0 && a->expires_at != 0 && a->expires_at <= a->send_at) {
        return err_set(err, ERR_INPUT, "expires_at: is not after send_at");
    }
    return 0;
}

int
announcement_check(struct announcement *a, struct arena *arena, struct err *err)
{
    convert_legacy(a, arena);
    for (int f = 0; f < FIELD_N; f++) {
        if (check_bytes(a, (enum announcement_field)f, err) != 0) {
            return -1;
        }
        bool lines = f == FIELD_BODY || f == FIELD_SUMMARY;
        a->field[f] = (lines ? unicode_clean : unicode_line)(arena, a->field[f]);
    }
    if (check_title(a, err) != 0 || check_id(a, err) != 0 || check_priority(a, err) != 0 ||
        check_audience(a, err) != 0 || check_channels(a, arena, err) != 0 ||
        check_url(a, arena, err) != 0 || check_secrecy(a, arena, err) != 0) {
        return -1;
    }
    return check_times(a, err);
}
