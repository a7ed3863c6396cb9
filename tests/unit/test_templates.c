/* Templates of a folder, in the place of those built in and beside them. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/share.h"
#include "gateway/base/templates.h"

struct folder {
    char path[64], messages[80];
};

static void
gather(void *arg, const char *line)
{
    buf_add_z(arg, line);
    buf_add_char(arg, '\n');
}

static void
write_file(const struct folder *folder, const char *name, const char *content)
{
    char path[200];
    (void)snprintf(path, sizeof path, "%s/%s", folder->messages, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    (void)fputs(content, f);
    assert_int_equal(fclose(f), 0);
}

static int
set_up(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    (void)snprintf(folder->path, sizeof folder->path, "/tmp/loa-templates-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    (void)snprintf(folder->messages, sizeof folder->messages, "%s/messages", folder->path);
    assert_int_equal(mkdir(folder->messages, 0700), 0);
    *state = folder;
    return 0;
}

static int
tear_down(void **state)
{
    struct folder *folder = *state;
    static const char *const names[] = {"default.txt", "own.txt", ".hidden.txt", "note.md"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[200];
        (void)snprintf(path, sizeof path, "%s/%s", folder->messages, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder->messages);
    (void)rmdir(folder->path);
    free(folder);
    return 0;
}

static const struct template_choice sms = {.channel = TEMPLATE_SMS};

/* Each channel and language has a text in "default", and every file that is built in is right. */
static void
test_built_in(void **state)
{
    (void)state;
    struct buf said;
    buf_init(&said, 65536);
    struct template_set *set = templates_load(NULL, gather, &said);
    if (!set) {
        fail_msg("%s", said.p);
    }
    for (int c = 0; c < TEMPLATE_CHANNELS; c++) {
        for (int l = 0; l < TEMPLATE_LANGUAGES; l++) {
            struct template_choice choice = {.channel = (enum template_channel)c,
                                             .language = (enum template_language)l};
            assert_non_null(template_set_choose(set, &choice, NULL, NULL));
        }
    }
    template_set_free(&set);
    buf_deinit(&said);
}

static void
test_folder(void **state)
{
    const struct folder *folder = *state;
    struct buf said;
    buf_init(&said, 65536);
    write_file(folder, "default.txt", "[sms]\nx {summary}\n");
    write_file(folder, "own.txt", "kinds: y\n[sms]\n{title}\n");
    write_file(folder, ".hidden.txt", "{");
    write_file(folder, "note.md", "{");
    struct template_set *set = templates_load(folder->path, gather, &said);
    assert_non_null(set);
    struct template_choice choice = sms;
    struct str name;
    choice.kind = STR("y");
    assert_non_null(template_set_choose(set, &choice, &name, NULL));
    assert_true(str_equal_z(name, "own"));
    struct buf out;
    const struct str values[WORDS] = {{NULL, 0}};
    buf_init(&out, 100);
    template_render(template_set_choose(set, &sms, NULL, NULL), values, &out);
    assert_string_equal(out.p, "x ");
    buf_deinit(&out);
    template_set_free(&set);
    buf_deinit(&said);
}

static void
test_mistakes(void **state)
{
    const struct folder *folder = *state;
    struct buf said;
    char expected[200];
    buf_init(&said, 65536);
    write_file(folder, "own.txt", "[sms]\n\n{tilte}\n");
    assert_null(templates_load(folder->path, gather, &said));
    (void)snprintf(expected, sizeof expected,
                   "%s/own.txt:3: no such placeholder: {tilte} (did you mean {title}?)\n",
                   folder->messages);
    assert_string_equal(said.p, expected);
    buf_clear(&said);
    assert_null(templates_load("/nowhere/templates", gather, &said));
    assert_non_null(strstr(buf_str(&said).p, "there is no folder '/nowhere/templates'"));
    buf_deinit(&said);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_built_in),
        cmocka_unit_test_setup_teardown(test_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_mistakes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
