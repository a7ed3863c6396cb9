/* The file that describes an SMS provider's API: its keys, and how it is read beside the
 * configuration.  Its mistakes are told like the configuration's own. */
// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/conf_read.h"

#define PROVIDER(field) offsetof(struct provider, field)

enum { TEXT_MOST = 8192, SHORT_MOST = 256 };

static const char *const method_words[] = {"GET", "POST", "PUT", NULL};
static const char *const reply_words[] = {"json", "xml", "form", "text", NULL};
static const char *const no_yes[] = {"no", "yes", NULL};
static const char *const phone_words[] = {"0", "84", "+84", NULL};

const struct conf_key conf_provider_keys[] = {
    {.name = "method",
     .preset = "POST",
     .help = "GET, POST, PUT",
     .type = CONF_WORD,
     .where = PROVIDER(method),
     .words = method_words},
    {.name = "url",
     .help = "where a message is posted; may hold ${…}",
     .type = CONF_TEXT,
     .required = true,
     .where = PROVIDER(url),
     .least = 8,
     .most = TEXT_MOST},
    {.name = "body",
     .preset = "",
     .help = "what is posted, ${name|filter} filled in",
     .type = CONF_TEXT,
     .where = PROVIDER(body),
     .most = TEXT_MOST},
    {.name = "headers",
     .help = "of the request; may hold ${…}",
     .type = CONF_MAP,
     .where = PROVIDER(headers.at),
     .count = PROVIDER(headers.n)},
    {.name = "phone",
     .preset = "84",
     .help = "how a number begins: 0, 84, +84",
     .type = CONF_WORD,
     .where = PROVIDER(phone),
     .words = phone_words},
    {.name = "reply",
     .preset = "json",
     .help = "the answer's form: json, xml, form, text",
     .type = CONF_WORD,
     .where = PROVIDER(reply),
     .words = reply_words},
    {.name = "code",
     .preset = "",
     .help = "where the answer's code stands; several: the first that is there",
     .type = CONF_TEXT,
     .where = PROVIDER(code),
     .most = SHORT_MOST},
    {.name = "id",
     .preset = "",
     .help = "where the message's id stands",
     .type = CONF_TEXT,
     .where = PROVIDER(id),
     .most = SHORT_MOST},
    {.name = "message",
     .preset = "",
     .help = "where the answer's words stand",
     .type = CONF_TEXT,
     .where = PROVIDER(message),
     .most = SHORT_MOST},
    {.name = "ok",
     .preset = "",
     .help = "codes that mean: taken",
     .type = CONF_TEXT,
     .where = PROVIDER(ok),
     .most = SHORT_MOST},
    {.name = "ok_with_id",
     .preset = "no",
     .help = "yes: an id without a code means: taken",
     .type = CONF_WORD,
     .where = PROVIDER(ok_with_id),
     .words = no_yes},
    {.name = "map",
     .help = "codes → class",
     .type = CONF_MAP,
     .where = PROVIDER(map.at),
     .count = PROVIDER(map.n)},
    {.name = "match",
     .help = "words of the answer → class",
     .type = CONF_MAP,
     .where = PROVIDER(match.at),
     .count = PROVIDER(match.n)},
    {.name = "http",
     .help = "HTTP status → class",
     .type = CONF_MAP,
     .where = PROVIDER(http.at),
     .count = PROVIDER(http.n)},
    {.name = "default",
     .preset = "ambiguous",
     .help = "the class of what no rule names",
     .type = CONF_TEXT,
     .where = PROVIDER(default_class),
     .least = 2,
     .most = 20},
    {.name = "receipt_id",
     .preset = "",
     .help = "the callback's field with the message's id",
     .type = CONF_TEXT,
     .where = PROVIDER(receipt_id),
     .most = SHORT_MOST},
    {.name = "receipt_state",
     .preset = "",
     .help = "the callback's field with the state",
     .type = CONF_TEXT,
     .where = PROVIDER(receipt_state),
     .most = SHORT_MOST},
    {.name = "receipt_ok",
     .preset = "",
     .help = "states that mean: delivered",
     .type = CONF_TEXT,
     .where = PROVIDER(receipt_ok),
     .most = SHORT_MOST},
    {.name = "receipt_failed",
     .preset = "",
     .help = "states that mean: not delivered",
     .type = CONF_TEXT,
     .where = PROVIDER(receipt_failed),
     .most = SHORT_MOST},
    {.name = "receipt_answer",
     .preset = "",
     .help = "what the callback is answered",
     .type = CONF_TEXT,
     .where = PROVIDER(receipt_answer),
     .most = SHORT_MOST},
    {.name = "poll",
     .preset = "",
     .help = "the address that tells a message's state",
     .type = CONF_TEXT,
     .where = PROVIDER(poll),
     .most = TEXT_MOST},
    {.name = "token_url",
     .preset = "",
     .help = "where an access token is got (client credentials, or a refresh token)",
     .type = CONF_TEXT,
     .where = PROVIDER(token_url),
     .most = TEXT_MOST},
    {.name = "token_body",
     .preset = "",
     .help = "what is posted there, as JSON",
     .type = CONF_TEXT,
     .where = PROVIDER(token_body),
     .most = TEXT_MOST},
    {.name = "token_at",
     .preset = "",
     .help = "where the token stands in that answer",
     .type = CONF_TEXT,
     .where = PROVIDER(token_at),
     .most = SHORT_MOST},
    {.name = "token_expires_at",
     .preset = "",
     .help = "where its seconds to live stand, or the Unix time of its end",
     .type = CONF_TEXT,
     .where = PROVIDER(token_expires_at),
     .most = SHORT_MOST},
    {.name = "token_headers",
     .help = "of that request, beside its JSON; may hold ${refresh|raw}",
     .type = CONF_MAP,
     .where = PROVIDER(token_headers.at),
     .count = PROVIDER(token_headers.n)},
    {.name = "token_refresh_at",
     .preset = "",
     .help = "where the next refresh token stands; then loa link authorize brings the first",
     .type = CONF_TEXT,
     .where = PROVIDER(token_refresh_at),
     .most = SHORT_MOST},
    END,
};

static void
tell_mistakes(struct conf_reader *r, const struct conf_reader *inner, const char *file,
              const struct conf_link *link, const char *path)
{
    size_t kept = inner->mistakes_n < CONF_MISTAKES_MAX ? inner->mistakes_n : CONF_MISTAKES_MAX;
    for (size_t i = 0; i < kept; i++) {
        (void)conf_wrong(r, link->line, path, "%.200s:%d: %s", file, inner->mistakes[i].line,
                         inner->mistakes[i].text);
    }
}

static void
read_file(struct conf_reader *inner, FILE *f, struct provider *provider)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        abort(); /* out of memory */
    }
    yaml_parser_set_input_file(&parser, f);
    if (!yaml_parser_load(&parser, &inner->doc)) {
        (void)conf_wrong(inner, (int)parser.problem_mark.line + 1, "", "not YAML: %s",
                         parser.problem ? parser.problem : "cannot be read");
        yaml_parser_delete(&parser);
        return;
    }
    yaml_node_t *root = yaml_document_get_root_node(&inner->doc);
    if (root) {
        conf_read_section(inner, root, "", conf_provider_keys, provider);
    } else {
        (void)conf_wrong(inner, 1, "", "the file is empty; url, body and ok are needed");
    }
    yaml_document_delete(&inner->doc);
    yaml_parser_delete(&parser);
}

void
conf_read_provider(struct conf_reader *r, struct conf_link *link, const char *path)
{
    struct provider *provider = arena_alloc(r->conf->arena, sizeof *provider);
    struct conf_reader *inner = xcalloc(1, sizeof *inner);
    const char *where = conf_format(r, "%s.provider_file", path);
    struct err err = {0};
    inner->conf = r->conf;
    inner->dir = r->dir;
    inner->kinds = KIND_ANY;
    inner->refs_end = &inner->refs;
    FILE *f = fopen(link->provider_file, "re");
    if (!f) {
        (void)conf_wrong(r, link->line, where, "%.200s: %s", link->provider_file, strerror(errno));
    } else {
        read_file(inner, f, provider);
        (void)fclose(f);
        tell_mistakes(r, inner, link->provider_file, link, where);
    }
    const struct provider_pairs secrets = {link->secrets, link->secrets_n};
    if (f && inner->mistakes_n == 0 && provider_check(provider, secrets, &err) != 0) {
        (void)conf_wrong(r, link->line, where, "%.200s: %s", link->provider_file, err.text);
    }
    link->provider = provider;
    free(inner);
}
