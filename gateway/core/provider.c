/* Fills a provider's patterns: ${name|filter|filter}. */
// SPDX-License-Identifier: MIT
#include "gateway/core/provider.h"

#include <string.h>

#include "gateway/core/escape.h"
#include "gateway/core/mem.h"
#include "gateway/core/nearest.h"
#include "gateway/core/unicode.h"

enum { VALUE_CEILING = 64 * 1024 };

/* ---- Values. */

enum value_name {
    V_TEXT_UTF8,
    V_TEXT_ASCII,
    V_TO,
    V_BRAND,
    V_ATTEMPT_ID,
    V_RECEIPT_URL,
    V_MESSAGE_ID,
    V_TOKEN,
    V_REFRESH,
    V_UNICODE,
    V_N
};
static const char *const value_names[V_N] = {
    [V_TEXT_UTF8] = "text.utf8",     [V_TEXT_ASCII] = "text.ascii", [V_TO] = "to",
    [V_REFRESH] = "refresh",         [V_BRAND] = "brand",           [V_ATTEMPT_ID] = "attempt_id",
    [V_RECEIPT_URL] = "receipt_url", [V_MESSAGE_ID] = "message_id", [V_TOKEN] = "token",
    [V_UNICODE] = "unicode",
};

/* What one fill needs. */
struct filling {
    const struct provider *provider;
    const struct provider_values *values;
    struct arena *arena;
};

static struct str
put_phone(const struct filling *f)
{
    struct str to = f->values->to;
    bool vietnamese = to.n > 2 && memcmp(to.p, "84", 2) == 0;
    const char *before = f->provider->phone == PHONE_PLUS ? "+" : "";
    if (f->provider->phone == PHONE_LOCAL && vietnamese) {
        before = "0";
        to = str_from(to, 2);
    }
    char *out = arena_alloc(f->arena, to.n + 2);
    size_t n = strlen(before);
    memcpy(out, before, n);
    if (to.n > 0) {
        memcpy(out + n, to.p, to.n);
    }
    return (struct str){out, n + to.n};
}

static struct str
value_of(const struct filling *f, enum value_name name)
{
    const struct provider_values *v = f->values;
    switch (name) {
    case V_TEXT_UTF8:
        return v->text;
    case V_TEXT_ASCII:
        return unicode_strip(f->arena, v->text);
    case V_TO:
        return put_phone(f);
    case V_BRAND:
        return v->brand;
    case V_ATTEMPT_ID:
        return v->attempt_id;
    case V_RECEIPT_URL:
        return v->receipt_url;
    case V_MESSAGE_ID:
        return v->message_id;
    case V_TOKEN:
        return v->token;
    case V_REFRESH:
        return v->refresh;
    case V_UNICODE:
        return v->unicode ? STR("1") : STR("0");
    case V_N:
        break;
    }
    return (struct str){"", 0};
}

static int
find_value(const struct filling *f, struct str name, struct str *out, struct err *err)
{
    static const struct str secret = {"secret.", 7};
    for (int i = 0; i < V_N; i++) {
        if (str_equal_z(name, value_names[i])) {
            *out = value_of(f, (enum value_name)i);
            return 0;
        }
    }
    const struct provider_pairs *secrets = &f->values->secrets;
    for (size_t i = 0; str_starts(name, secret) && i < secrets->n; i++) {
        if (str_equal_z(str_from(name, secret.n), secrets->at[i].name)) {
            *out = str_of(secrets->at[i].value);
            return 0;
        }
    }
    if (str_starts(name, secret)) {
        return err_set(err, ERR_CONFIG, "${%.*s}: the link's `secrets` hold no '%.*s'", (int)name.n,
                       name.p, (int)(name.n - secret.n), name.p + secret.n);
    }
    const char *near = nearest_find(name, value_names, V_N);
    return err_set(err, ERR_CONFIG, "${%.*s}: no such value%s%s%s", name.n > 40 ? 40 : (int)name.n,
                   name.p, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* ---- Filters. */

static const struct {
    const char *name;
    void (*apply)(struct buf *out, struct str s);
} filters[] = {
    {"json", escape_json},     {"url", escape_url},   {"xml", escape_xml},
    {"base64", escape_base64}, {"form", escape_form}, {"raw", buf_add_str},
};

static int
apply_filter(const struct filling *f, struct str name, struct str *value, struct err *err)
{
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        if (str_equal_z(name, filters[i].name)) {
            struct buf out;
            buf_init(&out, VALUE_CEILING);
            filters[i].apply(&out, *value);
            *value = (struct str){arena_strndup(f->arena, out.n ? out.p : "", out.n), out.n};
            buf_deinit(&out);
            return 0;
        }
    }
    return err_set(err, ERR_CONFIG, "|%.*s: no such filter; json, url, xml, base64, form, raw",
                   name.n > 40 ? 40 : (int)name.n, name.n ? name.p : "");
}

static int
fill_one(const struct filling *f, struct str inside, struct buf *out, struct err *err)
{
    struct str rest = inside, name = str_cut(&rest, '|'), value;
    if (find_value(f, name, &value, err) != 0) {
        return -1;
    }
    if (!rest.p) {
        return err_set(err, ERR_CONFIG, "${%.*s}: no filter escapes it; ${%.*s|json}, |url, |xml…",
                       (int)name.n, name.p, (int)name.n, name.p);
    }
    while (rest.p) {
        if (apply_filter(f, str_cut(&rest, '|'), &value, err) != 0) {
            return -1;
        }
    }
    buf_add_str(out, value);
    return 0;
}

int
provider_fill(const struct provider *p, const char *pattern, const struct provider_values *v,
              struct buf *out, struct err *err)
{
    struct filling f = {p, v, arena_new()};
    int rc = 0;
    for (const char *c = pattern; *c && rc == 0;) {
        const char *end = strncmp(c, "${", 2) == 0 ? strchr(c, '}') : NULL;
        if (end) {
            rc = fill_one(&f, (struct str){c + 2, (size_t)(end - c - 2)}, out, err);
            c = end + 1;
        } else {
            buf_add_char(out, *c++);
        }
    }
    arena_free(&f.arena);
    return rc;
}

bool
provider_keeps_accents(const struct provider *p)
{
    return strstr(p->url, "${text.utf8") || strstr(p->body, "${text.utf8");
}
