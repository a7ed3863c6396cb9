/* What Zalo tells of an approved template. */
// SPDX-License-Identifier: MIT
#include "gateway/core/zalo_template.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "gateway/core/lead.h"
#include "gateway/core/nearest.h"
#include "gateway/core/unicode.h"

enum { LENGTH_MOST = 10000 };

static int64_t
length_of(const json_t *value)
{
    json_int_t n = json_integer_value(value);
    return n > 0 && n < LENGTH_MOST ? n : 0;
}

static void
take_parameter(const json_t *item, struct zalo_template *out)
{
    const char *name = json_string_value(json_object_get(item, "name"));
    if (!name || !*name || strlen(name) >= ZALO_PARAMETER_NAME || out->n == ZALO_PARAMETERS) {
        return;
    }
    struct zalo_parameter *p = &out->at[out->n++];
    *p = (struct zalo_parameter){
        .least = length_of(json_object_get(item, "minLength")),
        .most = length_of(json_object_get(item, "maxLength")),
        .required = json_is_true(json_object_get(item, "require")),
        .may_be_empty = json_is_true(json_object_get(item, "acceptNull")),
    };
    memcpy(p->name, name, strlen(name) + 1);
}

bool
zalo_template_read(const struct answer_reply *reply, struct zalo_template *out)
{
    bool whole = reply->transport == TRANSPORT_ANSWERED && reply->body.n > 0;
    json_t *root = whole ? json_loadb(reply->body.p, reply->body.n, 0, NULL) : NULL;
    const json_t *code = json_object_get(root, "error");
    const json_t *list = json_object_get(json_object_get(root, "data"), "listParams");
    bool told = json_is_integer(code) && json_integer_value(code) == 0 && json_is_array(list);
    *out = (struct zalo_template){.n = 0};
    for (size_t i = 0; told && i < json_array_size(list); i++) {
        take_parameter(json_array_get(list, i), out);
    }
    json_decref(root);
    return told;
}

const struct zalo_parameter *
zalo_template_find(const struct zalo_template *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++) {
        if (strcmp(t->at[i].name, name) == 0) {
            return &t->at[i];
        }
    }
    return NULL;
}

static bool
is_named(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

int
zalo_template_check(const struct zalo_template *t, const char *const *names, size_t n,
                    struct err *err)
{
    const char *known[ZALO_PARAMETERS];
    for (size_t i = 0; i < t->n; i++) {
        known[i] = t->at[i].name;
    }
    for (size_t i = 0; i < n; i++) {
        if (!zalo_template_find(t, names[i])) {
            const char *near = nearest_find(str_of(names[i]), known, t->n);
            return err_set(err, ERR_CONFIG, "the template has no parameter '%.60s'%s%s%s", names[i],
                           near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
        }
    }
    for (size_t i = 0; i < t->n; i++) {
        if (t->at[i].required && !is_named(names, n, t->at[i].name)) {
            return err_set(err, ERR_CONFIG, "the template requires '%s': `parameters` lacks it",
                           t->at[i].name);
        }
    }
    return 0;
}

/* ---- What it takes, as a line. */

void
zalo_limits_write(const struct zalo_template *t, const char *template_id, char out[ZALO_LIMITS])
{
    struct buf line;
    buf_init(&line, ZALO_LIMITS);
    buf_add_format(&line, "%.40s", template_id);
    for (size_t i = 0; i < t->n; i++) {
        const struct zalo_parameter *p = &t->at[i];
        bool plain = !strpbrk(p->name, " =");
        bool room = line.n + strlen(p->name) + 32 < ZALO_LIMITS;
        bool filled = p->required && !p->may_be_empty;
        if (!plain || !room || (p->most == 0 && !filled)) {
            continue;
        }
        buf_add_format(&line, " %s=%lld", p->name, (long long)p->most);
        if (p->least > 0 || filled) {
            buf_add_format(&line, ":%lld%s", (long long)p->least, filled ? "!" : "");
        }
    }
    memcpy(out, line.p, line.n);
    out[line.n] = '\0';
    buf_deinit(&line);
}

/* "30", "30:5", "30:5!". */
static bool
read_limit(struct str value, struct zalo_parameter *out)
{
    uint64_t most = 0, least = 0;
    struct str figure = str_cut(&value, ':');
    bool filled = value.p && value.n > 0 && value.p[value.n - 1] == '!';
    value.n -= filled;
    if (!str_to_u64(figure, LENGTH_MOST, &most) ||
        (value.p && !str_to_u64(value, LENGTH_MOST, &least))) {
        return false;
    }
    out->most = (int64_t)most;
    out->least = (int64_t)least;
    out->required = filled;
    return true;
}

bool
zalo_limits_find(struct str limits, const char *template_id, const char *name,
                 struct zalo_parameter *out)
{
    *out = (struct zalo_parameter){.name = ""};
    if (limits.n == 0 || !str_equal_z(str_cut(&limits, ' '), template_id)) {
        return false;
    }
    while (limits.p && limits.n > 0) {
        struct str value = str_cut(&limits, ' ');
        struct str key = str_cut(&value, '=');
        if (str_equal_z(key, name) && value.p && read_limit(value, out)) {
            (void)snprintf(out->name, sizeof out->name, "%s", name);
            return true;
        }
    }
    return false;
}

/* ---- What goes into it. */

/* The first `most` characters of `value`. */
static struct str
head_of(struct str value, int64_t most)
{
    struct str rest = value;
    for (int64_t n = 0; rest.n > 0 && n < most; n++) {
        (void)utf8_next(&rest);
    }
    return (struct str){value.p, value.n - rest.n};
}

int
zalo_parameter_fit(const struct zalo_parameter *p, struct str value, struct str *out,
                   struct err *err)
{
    struct str head = p->most > 0 ? head_of(value, p->most) : value;
    if (head.n < value.n) {
        struct str cut = lead_cut(value, head.n + 1, false);
        head = cut.n > 0 ? cut : lead_cut(value, head.n + 1, true);
        if (head.n == 0) {
            return err_set(err, ERR_INPUT, "'%s' takes %lld characters: its value has more",
                           p->name, (long long)p->most);
        }
    }
    if (head.n == 0 && p->required && !p->may_be_empty) {
        return err_set(err, ERR_INPUT, "'%s' is empty, and the template requires it", p->name);
    }
    if (head.n > 0 && (int64_t)utf8_count(head) < p->least) {
        return err_set(err, ERR_INPUT, "'%s' takes no less than %lld characters", p->name,
                       (long long)p->least);
    }
    *out = head;
    return 0;
}
