/* The configuration: what a good file gives, and the exact lines that broken files are told. */
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

#include "gateway/base/conf.h"
#include "gateway/base/conf_key.h"
#include "gateway/base/conf_routing.h"
#include "gateway/core/str.h"

#define REDIS "redis: { url: \"redis://127.0.0.1/0\" }\n"
#define CHANNELS "channels: { sms: { links: [v] } }\n"
#define LINKS "links:\n  - { name: v, kind: smpp, host: h }\n"
#define GOOD REDIS CHANNELS LINKS

static void
gather(void *arg, const char *line)
{
    buf_add_z(arg, line);
    buf_add_char(arg, '\n');
}

/* The lines that `content` is told, in `said`; the configuration, to be freed. */
static struct conf *
parse(const char *content, struct buf *said)
{
    buf_init(said, 1 << 20);
    buf_add_z(said, "");
    return conf_parse(str_of(content), "t", gather, said);
}

static const struct {
    const char *label, *content, *lines;
} broken[] = {
    {"a misspelt key", REDIS "chanels: {}\n" LINKS,
     "t:1: channels: is missing (sms, zalo, telegram)\n"
     "t:2: chanels: unknown key; did you mean 'channels'?\n"},
    {"a misspelt key inside", REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, windw: 4}]\n",
     "t:3: links.v.windw: unknown key; did you mean 'window'?\n"},
    {"the file form of a secret",
     REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, password_fil: x}]\n",
     "t:3: links.v.password_fil: unknown key; did you mean 'password_file'?\n"},
    {"nothing near", GOOD "retry: { zzzzzz: 1 }\n",
     "t:5: retry.zzzzzz: unknown key; attempts, first or max would be right\n"},
    {"a wrong type", GOOD "retry: { attempts: many }\n",
     "t:5: retry.attempts: not a whole number: 'many'; a whole number from 1 to 99 would be "
     "right\n"},
    {"a list for a number", GOOD "retry: { attempts: [5] }\n",
     "t:5: retry.attempts: is a list; a whole number from 1 to 99 would be right\n"},
    {"a section for a text", GOOD "timezone: { a: b }\n",
     "t:5: timezone: is a section; a name such as Asia/Ho_Chi_Minh would be right\n"},
    {"a text for a section", GOOD "http: 8080\n",
     "t:5: http: is no section; keys with values (listen: …) would be right\n"},
    {"nothing for a value", GOOD "timezone:\n",
     "t:5: timezone: is empty; a name such as Asia/Ho_Chi_Minh would be right\n"},
    {"out of range", REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, port: 70000}]\n",
     "t:3: links.v.port: out of range: 70000; a whole number from 1 to 65535 would be right\n"},
    {"below zero", GOOD "retry: { attempts: -1 }\n",
     "t:5: retry.attempts: out of range: -1; a whole number from 1 to 99 would be right\n"},
    {"zero where none is meant",
     REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, window: 0}]\n",
     "t:3: links.v.window: out of range: 0; a whole number from 1 to 10000 would be right\n"},
    {"a rate of nothing is not no rate",
     REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, rate: 0}]\n",
     "t:3: links.v.rate: out of range: 0; a number from 0.001 to 1000000 would be right\n"},
    {"a name for an address",
     REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, bind_address: here}]\n",
     "t:3: links.v.bind_address: not right: 'here'; an address such as 192.0.2.7 would be right\n"},
    {"a parameter that no announcement fills",
     REDIS "channels: { zalo: { links: [o] } }\nlinks:\n  - { name: o, kind: zalo_template, "
           "template_id: 5, app_id: 1, base_url: \"https://h\",\n"
           "      parameters: { a: \"{titel}\" } }\n",
     "t:5: links.o.parameters.a: no such placeholder: {titel} (did you mean {title}?)\n"},
    {"a transceiver of SMPP 3.3",
     REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, interface_version: 3.3}]\n",
     "t:3: links.v.bind: interface_version 3.3 knows no transceiver; transmitter, receiver or pair "
     "would be right\n"},
    {"an optional parameter in SMPP 3.3",
     REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, interface_version: 3.3, bind: pair, "
                    "long_sms: sar}]\n",
     "t:3: links.v.long_sms: interface_version 3.3 has no optional parameters; udh would be "
     "right\n"},
    {"a certificate without its key",
     REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, tls: {certificate_file: "
                    "/etc/hostname}}]\n",
     "t:3: links.v.tls: certificate_file and key_file belong together; both would be right\n"},
    {"an outbind for a transmitter",
     REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, bind: transmitter, outbind_listen: "
                    "\"127.0.0.1:1\"}]\n",
     "t:3: links.v.outbind_listen: asks for a receiver's bind; bind receiver, transceiver or pair "
     "would be right\n"},
    {"an outbind over TLS without a certificate",
     REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, tls: true, outbind_listen: "
                    "\"127.0.0.1:1\"}]\n",
     "t:3: links.v.outbind_listen: with tls whoever connects is shown our certificate; "
     "tls.certificate_file and key_file would be right\n"},
    {"a rate in words", REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, rate: 0.5/s}]\n",
     "t:3: links.v.rate: not a number: '0.5/s'; a number from 0.001 to 1000000 would be right\n"},
    {"a prefix that is none",
     REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, prefixes: [\"98x\"]}]\n",
     "t:3: links.v.prefixes: no beginning of a Vietnamese number: '98x'; digits such as \"098\" or "
     "\"8498\" would be right\n"},
    {"numbers that nobody carries",
     REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, prefixes: [\"03\", \"05\", \"07\", "
                    "\"08\", \"090\", \"091\", \"092\", \"093\", \"094\", \"096\", \"097\", "
                    "\"098\"]}]\n",
     "t:3: channels.sms.links: no link carries numbers that begin with 8499; one without prefixes "
     "would be right\n"},
    {"a number without unit", GOOD "uncertain_wait: 5\n",
     "t:5: uncertain_wait: not a duration: '5'; a duration from 0 to 1h such as 100ms, 30s, 5m, "
     "48h or 90d would be right\n"},
    {"too long a duration", GOOD "uncertain_wait: 2h\n",
     "t:5: uncertain_wait: out of range: 2h; a duration from 0 to 1h such as 100ms, 30s, 5m, 48h "
     "or 90d would be right\n"},
    {"a status that is none",
     REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, statuses: { 0x4g: retry }}]\n",
     "t:3: links.v.statuses: not right: '0x4g: retry'; a status such as 0x400 or 0x400-0x4ff with "
     "retry, retry 5m, throttle, number, link or mistake would be right\n"},
    {"an unknown word", GOOD "on_uncertain: resent\n",
     "t:5: on_uncertain: unknown word 'resent'; resend or hold would be right\n"},
    {"no such hour", GOOD "quiet_hours: { from: \"25:00\", to: \"07:00\" }\n",
     "t:5: quiet_hours.from: not right: '25:00'; a time such as \"21:00\" would be right\n"},
    {"half of the quiet hours", GOOD "quiet_hours: { from: \"21:00\" }\n",
     "t:5: quiet_hours.to: is missing (end)\n"},
    {"no such zone", GOOD "timezone: Asia/Hue\n",
     "t:5: timezone: unknown zone 'Asia/Hue'; a name such as Asia/Ho_Chi_Minh would be right\n"},
    {"a zone that climbs out", GOOD "timezone: ../../../etc/passwd\n",
     "t:5: timezone: unknown zone '../../../etc/passwd'; a name such as Asia/Ho_Chi_Minh would be "
     "right\n"},
    {"no scheme", GOOD "short_links: { base: btl.example.vn/s/ }\n",
     "t:5: short_links.base: not right: 'btl.example.vn/s/'; an address such as https://host/path "
     "would be right\n"},
    {"no port to listen on", GOOD "http: { listen: localhost }\n",
     "t:5: http.listen: not right: 'localhost'; host:port such as \"127.0.0.1:8080\" would be "
     "right\n"},
    {"a link that is not there",
     REDIS "channels: { sms: { links: [v, vinaa] } }\n" LINKS
           "  - { name: vina, kind: smpp, host: h }\n",
     "t:2: channels.sms.links: there is no link 'vinaa'; did you mean 'vina'?\n"},
    {"a link of the wrong kind",
     REDIS "channels: { sms: { links: [b] } }\n"
           "links: [{ name: b, kind: telegram, base_url: \"https://t\" }]\n",
     "t:2: channels.sms.links: the link 'b' is of kind telegram, which does not carry sms\n"},
    {"a channel that is not there", GOOD "default_channels: [zalo]\n",
     "t:5: default_channels: there is no channel 'zalo'; sms would be right\n"},
    {"no such channel at all", REDIS "channels: { smss: { links: [v] } }\n" LINKS,
     "t:2: channels.smss: unknown channel; did you mean 'sms'?\n"},
    {"a name twice", GOOD "  - { name: v, kind: smpp, host: h }\n",
     "t:5: links.v.name: is the name of the link in line 4; another name would be right\n"},
    {"a key twice", GOOD "timezone: UTC\ntimezone: UTC\n",
     "t:6: timezone: stands here twice; once would be right\n"},
    {"a link named twice", REDIS "channels: { sms: { links: [v, v] } }\n" LINKS,
     "t:2: channels.sms.links: names 'v' twice; once would be right\n"},
    {"a secret in both forms",
     REDIS CHANNELS "links: [{ name: v, kind: smpp, host: h, password: a, password_file: b }]\n",
     "t:3: links.v.password_file: is given twice; one of password and password_file would be "
     "right\n"},
    {"a secret that cannot be read",
     REDIS CHANNELS "links: [{ name: v, kind: smpp, host: h, password_file: /nowhere/s }]\n",
     "t:3: links.v.password_file: the file /nowhere/s cannot be read: No such file or directory; a "
     "file that loa may read would be right\n"},
    {"a secret that is a folder",
     REDIS CHANNELS "links: [{ name: v, kind: smpp, host: h, password_file: /tmp }]\n",
     "t:3: links.v.password_file: the file /tmp cannot be read: Invalid argument; a file that loa "
     "may read would be right\n"},
    {"too long a password",
     REDIS CHANNELS "links: [{ name: v, kind: smpp, host: h, password: topsecret }]\n",
     "t:3: links.v.password: has 9 characters; 0 to 8 would be right\n"},
    {"too long a brand name",
     REDIS CHANNELS "links: [{ name: v, kind: smpp, host: h, source: QUANBACTULIEM }]\n",
     "t:3: links.v.source: not right: 'QUANBACTULIEM'; a brand name of at most 11 letters or a "
     "number would be right\n"},
    {"a key of another kind",
     REDIS CHANNELS "links: [{ name: v, kind: smpp, host: h, token: t }]\n",
     "t:3: links.v.token: is no key of a link of kind smpp; leave it out\n"},
    {"a link without its address", REDIS CHANNELS "links: [{ name: v, kind: smpp }]\n",
     "t:3: links.v.host: is missing (the SMSC)\n"},
    {"a link without a kind", REDIS CHANNELS "links: [{ name: v, host: h }]\n",
     "t:3: links.v.kind: is missing (smpp, zalo_template, zalo_oa, telegram, http_sms)\n"},
    {"a link without a name", REDIS CHANNELS LINKS "  - { kind: smpp, host: h }\n",
     "t:5: links[1].name: is missing (as channels name it)\n"},
    {"no Redis", CHANNELS LINKS, "t:1: redis: is missing (where Redis is)\n"},
    {"Redis without an address", "redis: { username: u }\n" CHANNELS LINKS,
     "t:1: redis.url: is missing; redis://127.0.0.1:6379/0 or unix:///run/redis/redis.sock?db=0 "
     "would be right\n"},
    {"Redis twice", "redis: { url: \"redis://h\", cluster: [\"h:1\"] }\n" CHANNELS LINKS,
     "t:1: redis: one of url, sentinel and cluster would be right\n"},
    {"a wrong node", "redis: { cluster: [h] }\n" CHANNELS LINKS,
     "t:1: redis.cluster: not host:port: 'h'; \"10.0.0.1:26379\" would be right\n"},
    {"TLS to Redis", "redis: { url: \"rediss://h\" }\n" CHANNELS LINKS,
     "t:1: redis.url: there is no TLS to Redis: use a unix socket, or stunnel; redis://host:6379/0 "
     "or unix:///run/redis/redis.sock?db=0 would be right\n"},
    {"a first wait beyond the longest", GOOD "retry: { first: 10m, max: 1m }\n",
     "t:5: retry.first: is longer than retry.max\n"},
    {"a tab", "redis:\n\turl: x\n",
     "t:2: not YAML: found character that cannot start any token; there is a tab: blanks would be "
     "right\n"},
    {"a syntax error", REDIS "channels: { sms: { links: [v }\n" LINKS,
     "t:2: not YAML: did not find expected ',' or ']'; 'key: value' lines, indented with blanks, "
     "would be right\n"},
    {"an empty file", "# nothing\n",
     "t:1: the file is empty; redis, channels and links are needed\n"},
    {"a list", "- a\n- b\n", "t:1: is no section; keys with values (redis: …) would be right\n"},
    {"a second document", GOOD "---\na: b\n",
     "t:6: a second document begins; one without '---' would be right\n"},
    {"a line break in a value cannot break a line", GOOD "timezone: \"a\\nb\"\n",
     "t:5: timezone: unknown zone 'a?b'; a name such as Asia/Ho_Chi_Minh would be right\n"},
    {"all mistakes at once, by line",
     "redis: { ulr: x }\nhttp: 1\n" CHANNELS LINKS "retry: { attempts: 0, first: x }\n",
     "t:1: redis.ulr: unknown key; did you mean 'url'?\n"
     "t:2: http: is no section; keys with values (listen: …) would be right\n"
     "t:6: retry.attempts: out of range: 0; a whole number from 1 to 99 would be right\n"
     "t:6: retry.first: not a duration: 'x'; a duration from 1ms to 1d such as 100ms, 30s, 5m, 48h "
     "or 90d would be right\n"},
};

static void
test_broken_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct buf said;
        struct conf *conf = parse(broken[i].content, &said);
        if (conf || strcmp(said.p, broken[i].lines) != 0) {
            fail_msg("%s:\ngot:\n%snot:\n%s", broken[i].label, said.p, broken[i].lines);
        }
        buf_deinit(&said);
    }
}

static struct conf *
parse_good(const char *content)
{
    struct buf said;
    struct conf *conf = parse(content, &said);
    if (!conf) {
        fail_msg("not taken:\n%s\n%s", content, said.p);
    }
    buf_deinit(&said);
    return conf;
}

static void
test_defaults(void **state)
{
    (void)state;
    struct conf *conf = parse_good(GOOD);
    assert_string_equal(conf->redis.host, "127.0.0.1");
    assert_int_equal(conf->redis.port, 6379);
    assert_null(conf->redis.path);
    assert_null(conf->redis.password);
    assert_string_equal(conf->timezone, "Asia/Ho_Chi_Minh");
    assert_int_equal(conf->quiet_from_min, conf->quiet_to_min);
    assert_null(conf->http_listen);
    assert_null(conf->short_links_base);
    assert_int_equal(conf->default_channels_n, 1);
    assert_string_equal(conf->default_channels[0], "sms");
    assert_int_equal(conf->retry.attempts, 5);
    assert_int_equal(conf->retry.first_ms, 30000);
    assert_int_equal(conf->retry.max_ms, 1800000);
    assert_int_equal(conf->receipts_wait_ms, INT64_C(48) * 3600000);
    assert_int_equal(conf->on_uncertain, UNCERTAIN_RESEND);
    assert_int_equal(conf->uncertain_wait_ms, 5000);
    assert_int_equal(conf->retention_ms, INT64_C(90) * 86400000);
    const struct conf_channel *sms = conf_channel(conf, "sms");
    assert_non_null(sms);
    assert_int_equal(sms->diacritics, DIACRITICS_STRIP);
    assert_int_equal(sms->max_parts, 3);
    assert_int_equal(sms->price_per_part, 0);
    assert_null(conf_channel(conf, "zalo"));
    const struct conf_link *v = conf_link(conf, "v");
    assert_non_null(v);
    assert_int_equal(v->kind, LINK_SMPP);
    assert_int_equal(v->port, 2775);
    assert_false(v->tls);
    assert_string_equal(v->system_id, "");
    assert_string_equal(v->password, "");
    assert_string_equal(v->source, "");
    assert_int_equal(v->bind, BIND_TRANSCEIVER);
    assert_int_equal(v->window, 10);
    assert_true(v->rate == 0);
    assert_int_equal(v->receipts, RECEIPTS_FINAL);
    assert_int_equal(v->long_sms, LONG_SMS_UDH);
    assert_int_equal(v->on_uncertain, UNCERTAIN_RESEND);
    conf_free(&conf);
    assert_null(conf);
}

static void
test_all_kinds(void **state)
{
    (void)state;
    struct conf *conf = parse_good(
        "redis: { sentinel: { master: loa, nodes: [\"a:1\", \"[::1]:2\"] }, username: u, "
        "password: p }\n"
        "quiet_hours: { from: \"21:00\", to: \"07:30\" }\n"
        "channels: { zalo: { links: [oa, oo] }, sms: { links: [v, e], diacritics: auto }, "
        "telegram: "
        "{links: [bot]} }\n"
        "default_channels: [sms, zalo]\nretry: { max: 5m }\nuncertain_wait: 100ms\n"
        "links:\n"
        "  - { name: v, kind: smpp, host: h, tls: { server_name: s }, on_uncertain: hold }\n"
        "  - { name: oa, kind: zalo_template, base_url: \"https://b\", app_secret: s, oa_secret: "
        "o,\n"
        "      parameters: { title: \"{title}\", n: 3 }, rate: 60 }\n"
        "  - { name: oo, kind: zalo_oa, base_url: \"https://b\" }\n"
        "  - { name: bot, kind: telegram, base_url: \"https://b\", token: t }\n"
        "  - { name: e, kind: http_sms, provider_file: deploy/providers/esms.yaml, "
        "secrets: { key: k, sec: s } }\n");
    assert_string_equal(conf->redis.sentinel_master, "loa");
    assert_int_equal(conf->redis.nodes_n, 2);
    assert_string_equal(conf->redis.nodes[1], "[::1]:2");
    assert_string_equal(conf->redis.password, "p");
    assert_int_equal(conf->quiet_from_min, 21 * 60);
    assert_int_equal(conf->quiet_to_min, 7 * 60 + 30);
    assert_string_equal(conf->channels[0].name, "zalo");
    assert_int_equal(conf->channels[0].links_n, 2);
    assert_string_equal(conf->default_channels[0], "sms");
    assert_int_equal(conf->retry.attempts, 5);
    assert_int_equal(conf->retry.max_ms, 300000);
    assert_int_equal(conf->uncertain_wait_ms, 100);
    assert_true(conf_link(conf, "v")->tls);
    assert_string_equal(conf_link(conf, "v")->tls_server_name, "s");
    assert_int_equal(conf_link(conf, "v")->on_uncertain, UNCERTAIN_HOLD);
    const struct conf_link *oa = conf_link(conf, "oa");
    assert_int_equal(oa->parameters_n, 2);
    assert_string_equal(oa->parameters[1].value, "3");
    assert_int_equal(oa->concurrency, 32);
    assert_int_equal(oa->on_uncertain, UNCERTAIN_HOLD);
    assert_string_equal(conf_link(conf, "bot")->token, "t");
    assert_string_equal(conf_link(conf, "e")->secrets[0].value, "k");
    conf_free(&conf);
}

static const struct {
    const char *url, *host, *path, *user, *password;
    int port, db;
} urls[] = {
    {"redis://h", "h", NULL, NULL, NULL, 6379, 0},
    {"redis://h/", "h", NULL, NULL, NULL, 6379, 0},
    {"redis://h:1/7", "h", NULL, NULL, NULL, 1, 7},
    {"redis://[::1]:1", "::1", NULL, NULL, NULL, 1, 0},
    {"redis://[::1]", "::1", NULL, NULL, NULL, 6379, 0},
    {"redis://u:p%40%3A@h:1", "h", NULL, "u", "p@:", 1, 0},
    {"redis://:p@h", "h", NULL, NULL, "p", 6379, 0},
    {"unix:///a/b", NULL, "/a/b", NULL, NULL, 0, 0},
    {"unix:///a/b?db=3", NULL, "/a/b", NULL, NULL, 0, 3},
    /* refused */
    {"redis://", NULL, NULL, NULL, NULL, 0, 0},
    {"redis://:1", NULL, NULL, NULL, NULL, 0, 0},
    {"redis://h:0", NULL, NULL, NULL, NULL, 0, 0},
    {"redis://h:x", NULL, NULL, NULL, NULL, 0, 0},
    {"redis://h/16", NULL, NULL, NULL, NULL, 0, 0},
    {"redis://::1", NULL, NULL, NULL, NULL, 0, 0},
    {"redis://u:%4@h", NULL, NULL, NULL, NULL, 0, 0},
    {"redis://u:%00@h", NULL, NULL, NULL, NULL, 0, 0},
    {"unix://a", NULL, NULL, NULL, NULL, 0, 0},
    {"unix:///a?x=1", NULL, NULL, NULL, NULL, 0, 0},
    {"http://h", NULL, NULL, NULL, NULL, 0, 0},
};

static bool
same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void
test_redis_urls(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        char content[300];
        (void)snprintf(content, sizeof content, "redis: { url: \"%s\" }\n" CHANNELS LINKS,
                       urls[i].url);
        struct buf said;
        struct conf *conf = parse(content, &said);
        bool wanted = urls[i].host || urls[i].path;
        if (wanted != (conf != NULL)) {
            fail_msg("%s: %s", urls[i].url, said.p);
        }
        if (conf &&
            (!same(conf->redis.host, urls[i].host) || !same(conf->redis.path, urls[i].path) ||
             !same(conf->redis.username, urls[i].user) ||
             !same(conf->redis.password, urls[i].password) || conf->redis.port != urls[i].port ||
             conf->redis.db != urls[i].db)) {
            fail_msg("%s: read wrongly", urls[i].url);
        }
        conf_free(&conf);
        buf_deinit(&said);
    }
}

static void
write_file(const char *dir, const char *name, const char *content)
{
    char path[200];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    (void)fputs(content, f);
    (void)fclose(f);
}

static void
test_secret_files(void **state)
{
    (void)state;
    char dir[] = "/tmp/loa-conf-XXXXXX";
    assert_non_null(mkdtemp(dir));
    write_file(dir, "a.secret", "hush\r\n");
    write_file(dir, "empty.secret", "\n");
    write_file(dir, "loa.yaml",
               REDIS CHANNELS "links: [{name: v, kind: smpp, host: h, password_file: a.secret}]\n");
    char path[200];
    (void)snprintf(path, sizeof path, "%s/loa.yaml", dir);
    struct buf said;
    buf_init(&said, 1 << 16);
    struct conf *conf = conf_load(path, gather, &said);
    assert_non_null(conf);
    assert_string_equal(conf->links[0].password, "hush");
    conf_free(&conf);
    /* A systemd credential of that name goes before. */
    char credentials[200];
    (void)snprintf(credentials, sizeof credentials, "%s/credentials", dir);
    assert_int_equal(mkdir(credentials, 0700), 0);
    write_file(credentials, "a.secret", "deep");
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", credentials, 1), 0);
    conf = conf_load(path, gather, &said);
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    assert_non_null(conf);
    assert_string_equal(conf->links[0].password, "deep");
    conf_free(&conf);
    write_file(dir, "loa.yaml",
               REDIS CHANNELS
               "links: [{name: v, kind: smpp, host: h, password_file: empty.secret}]\n");
    assert_null(conf_load(path, gather, &said));
    assert_non_null(strstr(said.p, "empty.secret is empty; the secret would be right"));
    buf_deinit(&said);
    char command[220];
    (void)snprintf(command, sizeof command, "%s/credentials/a.secret", dir);
    (void)unlink(command);
    (void)rmdir(credentials);
    static const char *const names[] = {"a.secret", "empty.secret", "loa.yaml"};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(command, sizeof command, "%s/%s", dir, names[i]);
        (void)unlink(command);
    }
    (void)rmdir(dir);
}

static void
check_documented(const char *text, const struct conf_key *keys)
{
    for (; keys->name; keys++) {
        char word[80];
        (void)snprintf(word, sizeof word, "%s:", keys->name);
        const char *found = strstr(text, word);
        while (found && found > text && strchr(" {#\n-", found[-1]) == NULL) {
            found = strstr(found + 1, word);
        }
        (void)snprintf(word, sizeof word, "%s_file:", keys->name);
        if (!found && !(keys->type == CONF_SECRET && strstr(text, word))) {
            fail_msg("%s is not in deploy/loa.yaml.example", keys->name);
        }
        if (keys->keys) {
            check_documented(text, keys->keys);
        }
    }
}

static void
test_smpp_33_has_no_optional_parameters(void **state)
{
    (void)state;
    struct conf *conf =
        parse_good(REDIS CHANNELS
                   "links: [{name: v, kind: smpp, host: h, interface_version: 3.3, bind: pair}]\n");
    assert_int_equal(conf->links[0].user_message_reference, 0);
    conf_free(&conf);
    conf = parse_good(REDIS CHANNELS "links: [{name: v, kind: smpp, host: h}]\n");
    assert_int_equal(conf->links[0].user_message_reference, 1);
    conf_free(&conf);
}

/* Links by prefix, price and name: which routes they make, and the order on each. */
static void
test_routes(void **state)
{
    (void)state;
    static const char text[] =
        "redis: {url: \"redis://h\"}\n"
        "channels: {sms: {links: [v, w, x, y], price_per_part: 500}}\n"
        "links:\n"
        "- {name: v, kind: smpp, host: h, prefixes: [\"098\", \"+8497\"]}\n"
        "- {name: w, kind: smpp, host: h}\n"
        "- {name: x, kind: smpp, host: h, prefixes: [\"0981\"], price_per_part: 400}\n"
        "- {name: y, kind: smpp, host: h, price_per_part: 450}\n";
    static const struct {
        const char *number, *route;
        int order[4];
    } cases[] = {
        {"84900000001", "sms", {-1, 1, -1, 0}},
        {"84980000001", "sms.v", {0, 2, -1, 1}},
        {"84970000001", "sms.v", {0, 2, -1, 1}},
        {"84981000001", "sms.x", {1, 3, 0, 2}},
    };
    struct buf said;
    struct conf *conf = parse(text, &said);
    struct routing routing;
    assert_non_null(conf);
    (void)conf_routing(conf, &routing);
    assert_int_equal(routing.n, 3);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct routing_route *route = routing_find(&routing, "sms", str_of(cases[i].number));
        assert_non_null(route);
        assert_string_equal(route->name, cases[i].route);
        for (size_t k = 0; k < 4; k++) {
            if (conf_route_order(conf, route, &conf->links[k]) != cases[i].order[k]) {
                fail_msg("%s: link %zu", cases[i].number, k);
            }
        }
    }
    buf_deinit(&said);
    assert_null(routing_find(&routing, "zalo", STR("84900000001")));
    assert_int_equal(routing_letter(STR("s=sms,B=sms.v"), "sms.v"), 'B');
    assert_int_equal(routing_letter(STR("s=sms,B=sms.v"), "sms.x"), 0);
    conf_free(&conf);
}

/* A way for numbers that has no room is told, not merged with another. */
static void
test_too_many_routes(void **state)
{
    (void)state;
    for (int n = 15; n <= 16; n++) { /* and the route of the link that carries all */
        struct buf text, said;
        buf_init(&text, 8192);
        buf_add_z(&text, "redis: {url: \"redis://h\"}\nchannels: {sms: {links: [all");
        for (int i = 0; i < n; i++) {
            buf_add_format(&text, ", l%d", i);
        }
        buf_add_z(&text, "]}}\nlinks:\n- {name: all, kind: smpp, host: h}\n");
        for (int i = 0; i < n; i++) {
            buf_add_format(&text, "- {name: l%d, kind: smpp, host: h, prefixes: [\"090%02d\"]}\n",
                           i, i);
        }
        struct conf *conf = parse(text.p, &said);
        assert_int_equal(conf != NULL, n == 15);
        if (!conf) {
            assert_non_null(strstr(said.p, ":20: links.l15.prefixes: too many: 16 different"));
        }
        conf_free(&conf);
        buf_deinit(&said);
        buf_deinit(&text);
    }
}

/* Every key stands in the example, and the example is taken. */
static void
test_example(void **state)
{
    (void)state;
    FILE *f = fopen("deploy/loa.yaml.example", "re");
    assert_non_null(f);
    char *text = calloc(1, 1 << 16);
    assert_true(fread(text, 1, (1 << 16) - 1, f) > 0);
    (void)fclose(f);
    check_documented(text, conf_top_keys);
    struct conf *conf = parse_good(text);
    assert_string_equal(conf->links[0].source, "QUANBTL");
    conf_free(&conf);
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_broken_files),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_all_kinds),
        cmocka_unit_test(test_redis_urls),
        cmocka_unit_test(test_secret_files),
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_smpp_33_has_no_optional_parameters),
        cmocka_unit_test(test_too_many_routes),
        cmocka_unit_test(test_routes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
