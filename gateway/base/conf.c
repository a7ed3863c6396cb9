/* The configuration file: loads the YAML document, has it read by the tables, says the mistakes. */
// SPDX-License-Identifier: MIT
#include "gateway/base/conf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/conf_key.h"
#include "gateway/base/conf_read.h"

int
conf_line(const yaml_node_t *node)
{
    return (int)node->start_mark.line + 1;
}

__attribute__((format(printf, 2, 0))) static char *
format_into(struct arena *arena, const char *format, va_list args)
{
    char text[600];
    int n = vsnprintf(text, sizeof text, format, args);
    size_t used = n < 0 ? 0 : (size_t)n;
    if (used >= sizeof text) {
        used = sizeof text - 1;
    }
    for (size_t i = 0; i < used; i++) { /* one mistake, one line, whatever the file holds */
        if ((unsigned char)text[i] < ' ' || text[i] == 127) {
            text[i] = '?';
        }
    }
    return arena_strndup(arena, text, used);
}

const char *
conf_format(struct conf_reader *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = format_into(r->conf->arena, format, args);
    va_end(args);
    return text;
}

int
conf_wrong(struct conf_reader *r, int line, const char *path, const char *format, ...)
{
    if (r->mistakes_n < CONF_MISTAKES_MAX) {
        va_list args;
        va_start(args, format);
        const char *what = format_into(r->conf->arena, format, args);
        va_end(args);
        struct conf_mistake *m = &r->mistakes[r->mistakes_n];
        size_t n = strlen(path) + strlen(what) + 3;
        m->line = line;
        m->text = arena_alloc(r->conf->arena, n);
        (void)snprintf(m->text, n, "%s%s%s", path, *path ? ": " : "", what);
    }
    r->mistakes_n++;
    return -1;
}

static void
syntax_error(struct conf_reader *r, const yaml_parser_t *parser, struct str content)
{
    size_t line = parser->problem_mark.line;
    struct str rest = content;
    struct str text = {"", 0};
    for (size_t i = 0; i <= line && rest.p; i++) {
        text = str_cut(&rest, '\n');
    }
    bool tab = text.n > 0 && memchr(text.p, '\t', text.n) != NULL;
    const char *problem = parser->problem ? parser->problem : "cannot be read";
    if (parser->error == YAML_READER_ERROR) {
        size_t at = parser->problem_offset < content.n ? parser->problem_offset : content.n;
        line = 0;
        for (size_t i = 0; i < at; i++) {
            line += content.p[i] == '\n';
        }
        (void)conf_wrong(r, (int)line + 1, "", "not YAML: %s; plain UTF-8 text would be right",
                         problem);
        return;
    }
    (void)conf_wrong(r, (int)line + 1, "", "not YAML: %s%s", problem,
                     tab ? "; there is a tab: blanks would be right"
                         : "; 'key: value' lines, indented with blanks, would be right");
}

static void
read_document(struct conf_reader *r, struct str content)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        abort(); /* out of memory */
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)content.p, content.n);
    if (!yaml_parser_load(&parser, &r->doc)) {
        syntax_error(r, &parser, content);
        yaml_parser_delete(&parser);
        return;
    }
    yaml_node_t *root = yaml_document_get_root_node(&r->doc);
    if (!root) {
        (void)conf_wrong(r, 1, "", "the file is empty; redis, channels and links are needed");
    } else {
        conf_read_section(r, root, "", conf_top_keys, r->conf);
        conf_check_all(r);
    }
    yaml_document_delete(&r->doc);
    yaml_document_t more;
    if (root && !yaml_parser_load(&parser, &more)) {
        syntax_error(r, &parser, content);
    } else if (root) {
        yaml_node_t *second = yaml_document_get_root_node(&more);
        if (second) {
            (void)conf_wrong(r, conf_line(second), "",
                             "a second document begins; one without '---' would be right");
        }
        yaml_document_delete(&more);
    }
    yaml_parser_delete(&parser);
}

static int
by_line(const void *a, const void *b)
{
    const struct conf_mistake *x = a;
    const struct conf_mistake *y = b;
    return x->line != y->line ? (x->line < y->line ? -1 : 1) : strcmp(x->text, y->text);
}

static void
say_mistakes(struct conf_reader *r, conf_say *say, void *arg)
{
    size_t kept = r->mistakes_n < CONF_MISTAKES_MAX ? r->mistakes_n : CONF_MISTAKES_MAX;
    qsort(r->mistakes, kept, sizeof *r->mistakes, by_line);
    for (size_t i = 0; i < kept; i++) {
        struct buf line;
        buf_init(&line, 8192);
        buf_add_format(&line, "%s:%d: %s", r->conf->file, r->mistakes[i].line, r->mistakes[i].text);
        say(arg, line.p);
        buf_deinit(&line);
    }
    if (kept < r->mistakes_n) {
        say(arg, conf_format(r, "%s: and %zu mistakes more", r->conf->file, r->mistakes_n - kept));
    }
}

static struct conf *
parse(struct str content, const char *file, bool words_only, conf_say *say, void *arg)
{
    struct conf_reader *r = xcalloc(1, sizeof *r);
    r->words_only = words_only;
    r->conf = xcalloc(1, sizeof *r->conf);
    r->conf->arena = arena_new();
    r->conf->file = arena_strndup(r->conf->arena, file, strlen(file));
    const char *slash = strrchr(file, '/');
    r->dir = arena_strndup(r->conf->arena, file, slash ? (size_t)(slash - file) + 1 : 0);
    r->kinds = KIND_ANY;
    r->refs_end = &r->refs;
    read_document(r, content);
    struct conf *conf = r->conf;
    if (r->mistakes_n > 0) {
        say_mistakes(r, say, arg);
        conf_free(&conf);
    }
    free(r);
    return conf;
}

struct conf *
conf_parse(struct str content, const char *file, conf_say *say, void *arg)
{
    return parse(content, file, false, say, arg);
}

static struct conf *
load(const char *file, bool words_only, conf_say *say, void *arg)
{
    char line[600];
    FILE *f = fopen(file, "re");
    if (!f) {
        (void)snprintf(line, sizeof line,
                       "%s: cannot be read: %s; 'loa -c FILE' or $LOA_CONFIG names another", file,
                       strerror(errno));
        say(arg, line);
        return NULL;
    }
    char *bytes = xmalloc(CONF_SIZE_MAX + 1);
    size_t n = fread(bytes, 1, CONF_SIZE_MAX + 1, f);
    struct conf *conf = NULL;
    if (ferror(f)) {
        (void)snprintf(line, sizeof line, "%s: cannot be read: %s", file, strerror(errno));
        say(arg, line);
    } else if (n > CONF_SIZE_MAX) {
        (void)snprintf(line, sizeof line, "%s: is larger than 1 MiB", file);
        say(arg, line);
    } else {
        conf = parse((struct str){bytes, n}, file, words_only, say, arg);
    }
    (void)fclose(f);
    explicit_bzero(bytes, n); /* passwords may stand there */
    free(bytes);
    return conf;
}

struct conf *
conf_load(const char *file, conf_say *say, void *arg)
{
    return load(file, false, say, arg);
}

struct conf *
conf_load_words(const char *file, conf_say *say, void *arg)
{
    return load(file, true, say, arg);
}

void
conf_free(struct conf **conf)
{
    if (*conf) {
        arena_free(&(*conf)->arena);
        free(*conf);
        *conf = NULL;
    }
}

const struct conf_channel *
conf_channel(const struct conf *conf, const char *name)
{
    for (size_t i = 0; i < conf->channels_n; i++) {
        if (strcmp(conf->channels[i].name, name) == 0) {
            return &conf->channels[i];
        }
    }
    return NULL;
}

const struct conf_link *
conf_link(const struct conf *conf, const char *name)
{
    for (size_t i = 0; i < conf->links_n; i++) {
        if (strcmp(conf->links[i].name, name) == 0) {
            return &conf->links[i];
        }
    }
    return NULL;
}

const struct conf_link *
conf_grant(const struct conf *conf, const struct conf_link *link)
{
    for (size_t i = 0; link->app_id && *link->app_id && i < conf->links_n; i++) {
        const struct conf_link *other = &conf->links[i];
        if (other->app_id && strcmp(other->app_id, link->app_id) == 0) {
            return other;
        }
    }
    return link;
}
