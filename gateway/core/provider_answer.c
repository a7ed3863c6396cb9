/* What a provider's answers and callbacks mean, by the rules of its file. */
// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/core/mem.h"
#include "gateway/core/nearest.h"
#include "gateway/core/provider.h"

enum { FOUND = 256 };

/* ---- Finds a value in an answer, as text; "" when it is not there. */

static const json_t *
walk(const json_t *root, const char *pointer)
{
    struct str rest = str_of(pointer[0] == '/' ? pointer + 1 : pointer);
    while (rest.p && root) {
        char key[64];
        uint64_t place = 0;
        struct str one = str_cut(&rest, '/');
        (void)snprintf(key, sizeof key, "%.*s", (int)one.n, one.n ? one.p : "");
        bool item = json_is_array(root) && str_to_u64(one, 1000, &place);
        root = item ? json_array_get(root, (size_t)place) : json_object_get(root, key);
    }
    return root;
}

static void
find_json(struct str body, const char *pointer, char out[FOUND])
{
    json_t *root = body.n > 0 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
    const json_t *value = walk(root, pointer);
    if (json_is_string(value)) {
        (void)snprintf(out, FOUND, "%s", json_string_value(value));
    } else if (json_is_integer(value)) {
        (void)snprintf(out, FOUND, "%lld", (long long)json_integer_value(value));
    }
    json_decref(root);
}

static void
put(struct str value, char out[FOUND])
{
    struct str s = str_trim(value);
    (void)snprintf(out, FOUND, "%.*s", s.n < FOUND ? (int)s.n : FOUND - 1, s.n ? s.p : "");
}

/* Whether a tag's inside ("ns:name attribute=…") is of an element of that local name. */
static bool
tag_is(struct str tag, const char *name)
{
    size_t n = strlen(name);
    const char *colon = tag.n > 0 ? memchr(tag.p, ':', tag.n) : NULL;
    struct str local = colon ? str_from(tag, (size_t)(colon + 1 - tag.p)) : tag;
    return local.n >= n && memcmp(local.p, name, n) == 0 && (local.n == n || local.p[n] == ' ');
}

/* The first element of that local name. */
static void
find_xml(struct str body, const char *name, char out[FOUND])
{
    struct str rest = body;
    while (rest.p && rest.n > 0) {
        (void)str_cut(&rest, '<');
        struct str after = rest;
        struct str tag = after.p ? str_cut(&after, '>') : (struct str){"", 0};
        if (after.p && tag_is(tag, name)) {
            put(str_cut(&after, '<'), out);
            return;
        }
    }
}

static int
hex_of(char c)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) % 16 : -1;
}

static void
find_form(struct str body, const char *name, char out[FOUND])
{
    struct str rest = str_trim(body);
    while (rest.p) {
        struct str value = str_cut(&rest, '&'), key = str_cut(&value, '=');
        size_t n = 0;
        if (!str_equal_z(key, name) || !value.p) {
            continue;
        }
        for (size_t i = 0; i < value.n && n + 1 < FOUND; i++) {
            bool coded = value.p[i] == '%' && i + 2 < value.n && hex_of(value.p[i + 1]) >= 0 &&
                         hex_of(value.p[i + 2]) >= 0;
            out[n++] = coded ? (char)(hex_of(value.p[i + 1]) * 16 + hex_of(value.p[i + 2]))
                             : (char)(value.p[i] == '+' ? ' ' : value.p[i]);
            i += coded ? 2 : 0;
        }
        out[n] = '\0';
        return;
    }
}

static void
find_one(enum provider_reply form, struct str body, const char *where, char out[FOUND])
{
    switch (form) {
    case PROVIDER_JSON:
        find_json(body, where, out);
        break;
    case PROVIDER_XML:
        find_xml(body, where, out);
        break;
    case PROVIDER_FORM:
        find_form(body, where, out);
        break;
    case PROVIDER_TEXT:
        put(body, out);
        break;
    }
}

/* `where` may name several places parted by commas: the first that holds something. */
static void
find(enum provider_reply form, struct str body, const char *where, char out[FOUND])
{
    out[0] = '\0';
    for (struct str rest = str_of(where); rest.p && *where && !*out;) {
        char one[FOUND];
        put(str_cut(&rest, ','), one);
        find_one(form, body, one, out);
    }
}

/* ---- Rules. */

static int
class_of(const char *name)
{
    for (int c = 0; c < ANSWER_CLASSES; c++) {
        if (strcmp(name, answer_class_name((enum answer_class)c)) == 0) {
            return c;
        }
    }
    return -1;
}

/* Is `word` one of "a,b,c"? */
static bool
is_in(const char *list, const char *word)
{
    for (struct str rest = str_of(list); rest.p && *word;) {
        if (str_equal_z(str_trim(str_cut(&rest, ',')), word)) {
            return true;
        }
    }
    return false;
}

static bool
by_http(const struct provider *p, int status, int *class)
{
    char exact[8], hundreds[8];
    (void)snprintf(exact, sizeof exact, "%d", status % 1000);
    (void)snprintf(hundreds, sizeof hundreds, "%dxx", status / 100 % 10);
    for (size_t i = 0; i < p->http.n; i++) {
        if (is_in(p->http.at[i].name, exact) || is_in(p->http.at[i].name, hundreds)) {
            *class = class_of(p->http.at[i].value);
            return *class >= 0;
        }
    }
    return false;
}

static int
by_content(const struct provider *p, const char *code, const char *says, const char *id)
{
    if (is_in(p->ok, code) || (p->ok_with_id && !*code && *id)) {
        return ANSWER_OK;
    }
    for (size_t i = 0; i < p->map.n; i++) {
        if (is_in(p->map.at[i].name, code)) {
            return class_of(p->map.at[i].value);
        }
    }
    for (size_t i = 0; i < p->match.n; i++) {
        if (strcasestr(says, p->match.at[i].name)) {
            return class_of(p->match.at[i].value);
        }
    }
    return -1;
}

static void
put_code(const char *code, struct answer *out)
{
    (void)snprintf(out->code, sizeof out->code, "%.11s", code);
    if (*code && out->class != ANSWER_OK) {
        (void)snprintf(out->reason, sizeof out->reason, "p%.4s", code);
        for (char *c = out->reason; *c; c++) { /* the ledger's record is printable, no blanks */
            *c = (char)(*c > ' ' && *c < 0x7f ? *c : '_');
        }
    }
}

void
provider_answer(const struct provider *p, const struct answer_reply *reply, struct answer *out)
{
    char code[FOUND], says[FOUND], id[FOUND];
    int class = -1;
    bool decided = answer_by_transport(reply, out);
    if (reply->transport != TRANSPORT_ANSWERED) {
        return;
    }
    if (by_http(p, reply->status, &class)) {
        out->class = (enum answer_class) class;
        out->until = out->class == ANSWER_THROTTLE ? UNTIL_MINUTE : UNTIL_BACKOFF;
        return;
    }
    if (decided || reply->status == 429) {
        return;
    }
    find(p->reply, reply->body, p->code, code);
    find(p->reply, reply->body, p->message, says);
    find(p->reply, reply->body, p->id, id);
    class = by_content(p, code, says, id);
    out->unknown = class < 0;
    class = class < 0 ? class_of(p->default_class) : class;
    out->class = class < 0 ? ANSWER_AMBIGUOUS : (enum answer_class) class;
    out->until = out->class == ANSWER_QUOTA      ? UNTIL_MIDNIGHT
                 : out->class == ANSWER_THROTTLE ? UNTIL_MINUTE
                                                 : UNTIL_BACKOFF;
    put_code(code, out);
    if (out->class == ANSWER_OK || out->class == ANSWER_OK_ALREADY) {
        (void)snprintf(out->id, sizeof out->id, "%.64s", id);
        out->reason[0] = '\0';
    }
}

bool
provider_has_grant(const struct provider *p)
{
    return p && *p->token_refresh_at;
}

static struct str
keep(struct arena *arena, const json_t *value)
{
    const char *text = json_string_value(value);
    size_t n = text ? strlen(text) : 0;
    return (struct str){arena_strndup(arena, text ? text : "", n), n};
}

/* Seconds, or the moment in Unix seconds or milliseconds; an hour when it is not told. */
static int64_t
life_s(const char *told, int64_t now_s)
{
    enum { HOUR_S = 3600, YEAR_S = 366 * 24 * HOUR_S };
    uint64_t n = 0;
    if (!str_to_u64(str_of(told), INT64_MAX, &n)) {
        return HOUR_S;
    }
    int64_t s = (int64_t)(n > 1000000000000 ? n / 1000 : n);
    s -= s > YEAR_S ? now_s : 0;
    return s > 0 && s <= YEAR_S ? s : HOUR_S;
}

void
provider_token(const struct provider *p, const struct answer_reply *reply, int64_t now_s,
               struct arena *arena, struct answer_token *out)
{
    char text[FOUND];
    *out = (struct answer_token){.class = ANSWER_AMBIGUOUS};
    if (reply->transport != TRANSPORT_ANSWERED) {
        out->class = reply->transport == TRANSPORT_NOT_SENT ? ANSWER_RETRY_LATER : ANSWER_AMBIGUOUS;
        return;
    }
    json_t *root = reply->body.n > 0 ? json_loadb(reply->body.p, reply->body.n, 0, NULL) : NULL;
    if (reply->status == 200 && root) {
        out->access = keep(arena, walk(root, p->token_at));
        out->refresh = keep(arena, walk(root, p->token_refresh_at));
        find(PROVIDER_JSON, reply->body, p->token_expires_at, text);
        out->expires_s = life_s(text, now_s);
        find(PROVIDER_JSON, reply->body, p->code, text);
        (void)snprintf(out->code, sizeof out->code, "%.11s", text);
    }
    bool refused = root && out->access.n == 0;
    out->class = refused ? ANSWER_CONFIG : out->access.n > 0 ? ANSWER_OK : ANSWER_AMBIGUOUS;
    json_decref(root);
}

/* ---- Callbacks. */

/* "5", ">0", ">=64", "1-63", several parted by commas. */
static bool
state_fits(const char *rule, const char *state)
{
    char *end = NULL;
    long value = strtol(state, &end, 10);
    bool number = *state && !*end;
    for (struct str rest = str_of(rule); rest.p && *rule;) {
        char one[32];
        struct str piece = str_trim(str_cut(&rest, ','));
        (void)snprintf(one, sizeof one, "%.*s", piece.n < 31 ? (int)piece.n : 31,
                       piece.n ? piece.p : "");
        bool more = number && one[0] == '>' && one[1] != '=' && value > strtol(one + 1, NULL, 10);
        bool least = number && strncmp(one, ">=", 2) == 0 && value >= strtol(one + 2, NULL, 10);
        if (more || least || (*one && strcmp(one, state) == 0)) {
            return true;
        }
    }
    return false;
}

/* "SendSuccess:>0" → the field's name and the rule; without a colon the field is receipt_state. */
static bool
rule_fits(const struct provider *p, const char *rule, enum provider_reply form, struct str content)
{
    char field[64], state[FOUND];
    const char *colon = strchr(rule, ':');
    if (!*rule) {
        return false;
    }
    (void)snprintf(field, sizeof field, "%.*s", colon ? (int)(colon - rule) : 0, rule);
    find(form, content, colon ? field : p->receipt_state, state);
    return state_fits(colon ? colon + 1 : rule, state);
}

bool
provider_receipt(const struct provider *p, enum provider_reply form, struct str content,
                 struct provider_receipt *out)
{
    char id[FOUND];
    find(form, content, p->receipt_id, id);
    (void)snprintf(out->id, sizeof out->id, "%.64s", id);
    out->state = rule_fits(p, p->receipt_ok, form, content)       ? STATE_DELIVERED
                 : rule_fits(p, p->receipt_failed, form, content) ? STATE_FAILED
                                                                  : STATE_PENDING;
    return id[0] != '\0';
}

/* ---- Is the file right? */

static int
check_classes(const struct provider_pairs *pairs, const char *key, struct err *err)
{
    const char *names[ANSWER_CLASSES];
    for (int c = 0; c < ANSWER_CLASSES; c++) {
        names[c] = answer_class_name((enum answer_class)c);
    }
    for (size_t i = 0; i < pairs->n; i++) {
        if (class_of(pairs->at[i].value) < 0) {
            const char *near = nearest_find(str_of(pairs->at[i].value), names, ANSWER_CLASSES);
            return err_set(err, ERR_CONFIG, "%s: %.40s: no class of answers: '%.40s'%s%s%s", key,
                           pairs->at[i].name, pairs->at[i].value, near ? "; did you mean '" : "",
                           near ? near : "", near ? "'?" : "");
        }
    }
    return 0;
}

static int
check_headers(const struct provider *p, const struct provider_pairs *headers,
              const struct provider_values *values, struct err *err)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    int rc = 0;
    for (size_t i = 0; i < headers->n && rc == 0; i++) {
        rc = provider_fill(p, headers->at[i].value, values, &out, err);
        rc = rc == 0 ? 0 : err_prefix(err, "headers: %.40s: ", headers->at[i].name);
    }
    buf_deinit(&out);
    return rc;
}

static int
check_patterns(const struct provider *p, const struct provider_values *values, struct err *err)
{
    const struct str_pair patterns[] = {{"url", p->url},
                                        {"body", p->body},
                                        {"poll", p->poll},
                                        {"token_url", p->token_url},
                                        {"token_body", p->token_body}};
    struct buf out;
    buf_init(&out, 1 << 20);
    int rc = 0;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns && rc == 0; i++) {
        rc = provider_fill(p, patterns[i].value, values, &out, err);
        rc = rc == 0 ? 0 : err_prefix(err, "%s: ", patterns[i].name);
    }
    rc = rc == 0 ? check_headers(p, &p->headers, values, err) : rc;
    buf_deinit(&out);
    return rc == 0 ? check_headers(p, &p->token_headers, values, err) : rc;
}

int
provider_check(const struct provider *p, struct provider_pairs secrets, struct err *err)
{
    const struct provider_values values = {.secrets = secrets};
    const struct str_pair fallback = {"default", p->default_class};
    const struct provider_pairs other = {&fallback, 1};
    if (check_classes(&p->map, "map", err) != 0 || check_classes(&p->match, "match", err) != 0 ||
        check_classes(&p->http, "http", err) != 0 || check_classes(&other, "default", err) != 0) {
        return -1;
    }
    return check_patterns(p, &values, err);
}
