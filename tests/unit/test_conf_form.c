/* Which links of a channel say an announcement in the same words, by what rules each does, and what
 * their parameters may hold. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/base/conf.h"
#include "gateway/base/conf_form.h"

#define SMPP "kind: smpp, host: h"
#define OA                                                                                         \
    "app_id: '1', app_secret: s, base_url: 'https://h', oauth_url: 'https://h', "                  \
    "oa_base_url: 'https://h'"
#define ZALO "kind: zalo_template, template_id: '5', " OA

static void
fails(void *arg, const char *line)
{
    (void)arg;
    fail_msg("%s", line);
}

static void
counts(void *arg, const char *line)
{
    *(int *)arg += strstr(line, "{more} stands once, beside one other parameter") ? 1 : 100;
}

/* {more} goes on where the {summary} of another parameter ended. */
static void
test_more(void **state)
{
    (void)state;
    static const struct {
        const char *parameters;
        int mistakes;
    } cases[] = {
        {"a: '{summary}', b: '{if more}{more}{else}-{end}'", 0},
        {"a: '{title}', b: '{more}'", 1},
        {"a: '{summary} {more}'", 1},
        {"a: '{summary}', b: '{more}', c: '{more}'", 1},
        {"a: '{summary}', b: '{summary}', c: '{more}'", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf text;
        int mistakes = 0;
        buf_init(&text, 4096);
        buf_add_format(&text,
                       "redis: { url: 'redis://127.0.0.1' }\nchannels: { zalo: { links: [a] } }\n"
                       "links:\n  - { name: a, " ZALO ", parameters: { %s } }\n",
                       cases[i].parameters);
        struct conf *conf = conf_parse(buf_str(&text), "t", counts, &mistakes);
        if (mistakes != cases[i].mistakes || (conf != NULL) != (mistakes == 0)) {
            fail_msg("%s: %d", cases[i].parameters, mistakes);
        }
        conf_free(&conf);
        buf_deinit(&text);
    }
}

static struct conf *
two_links(const char *channel, const char *a, const char *b)
{
    struct buf text;
    buf_init(&text, 4096);
    buf_add_format(&text,
                   "redis: { url: 'redis://127.0.0.1' }\n"
                   "channels: { %s: { links: [a, b], max_parts: 2, price_per_part: 500 } }\n"
                   "links:\n  - { name: a, %s }\n  - { name: b, %s }\n",
                   channel, a, b);
    struct conf *conf = conf_parse(buf_str(&text), "t", fails, NULL);
    buf_deinit(&text);
    return conf;
}

static const struct {
    const char *label, *channel, *a, *b;
    bool alike;
} pairs[] = {
    {"nothing said", "sms", SMPP, SMPP, true},
    {"other hosts, prices and rates", "sms", SMPP ", rate: 5", SMPP ", price_per_part: 400", true},
    {"a suffix", "sms", SMPP, SMPP ", suffix: x", false},
    {"a prefix", "sms", SMPP ", prefix: x", SMPP ", prefix: y", false},
    {"refused signs", "sms", SMPP, SMPP ", refused: '&'", false},
    {"diacritics of one", "sms", SMPP, SMPP ", diacritics: keep", false},
    {"diacritics as the channel's", "sms", SMPP, SMPP ", diacritics: strip", true},
    {"more parts", "sms", SMPP, SMPP ", max_parts: 3", false},
    {"as many parts as the channel", "sms", SMPP, SMPP ", max_parts: 2", true},
    {"another alphabet", "sms", SMPP, SMPP ", data_coding: latin1", false},
    {"packed or not", "sms", SMPP, SMPP ", data_coding: gsm7_packed", true},
    {"a header of seven octets", "sms", SMPP, SMPP ", long_sms: udh16", false},
    {"the same parameters", "zalo", ZALO ", parameters: { t: '{title}' }",
     ZALO ", parameters: { t: '{title}' }", true},
    {"other parameters", "zalo", ZALO ", parameters: { t: '{title}' }",
     ZALO ", parameters: { t: '{summary}' }", false},
    {"one parameter more", "zalo", ZALO ", parameters: { t: '{title}' }",
     ZALO ", parameters: { t: '{title}', u: x }", false},
    {"another kind", "zalo", ZALO ", parameters: { t: '{title}' }", "kind: zalo_oa, " OA, false},
};

static void
test_alike(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct conf *conf = two_links(pairs[i].channel, pairs[i].a, pairs[i].b);
        const struct conf_channel *channel = &conf->channels[0];
        const struct conf_link *a = conf_link(conf, "a"), *b = conf_link(conf, "b");
        if (conf_says_alike(channel, a, b) != pairs[i].alike ||
            conf_says_alike(channel, b, a) != pairs[i].alike || !conf_says_alike(channel, a, a)) {
            fail_msg("%s: wanted %d", pairs[i].label, pairs[i].alike);
        }
        conf_free(&conf);
    }
}

static void
test_own_rules(void **state)
{
    (void)state;
    struct conf *conf = two_links(
        "sms", SMPP, SMPP ", diacritics: auto, max_parts: 4, price_per_part: 300, bind: receiver");
    const struct conf_channel *channel = &conf->channels[0];
    const struct conf_link *a = conf_link(conf, "a"), *b = conf_link(conf, "b");
    struct fit_rules of_a = conf_rules(channel, a), of_b = conf_rules(channel, b);
    assert_int_equal(of_a.marks, DIACRITICS_STRIP);
    assert_int_equal(of_a.max_parts, 2);
    assert_int_equal(of_b.marks, DIACRITICS_AUTO);
    assert_int_equal(of_b.max_parts, 4);
    assert_int_equal(conf_price(channel, a), 500);
    assert_int_equal(conf_price(channel, b), 300);
    assert_true(conf_is_plain(channel, a) && !conf_is_plain(channel, b));
    assert_true(conf_sends(a) && !conf_sends(b));
    conf_free(&conf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more),
        cmocka_unit_test(test_alike),
        cmocka_unit_test(test_own_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
