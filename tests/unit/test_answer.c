/* What platforms answer: the vectors and every code of their tables, as data. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/base/conf.h"
#include "gateway/core/answer.h"
#include "gateway/core/webhook.h"

enum { COLUMNS = 6, LINE = 2048 };

static struct conf *conf; /* with a link of each provider, by its name */

static void
say(void *arg, const char *line)
{
    (void)arg;
    fail_msg("%s", line);
}

static int
open_providers(void **state)
{
    static const char text[] =
        "redis: { url: \"redis://h\" }\nchannels: { sms: { links: [esms] } }\nlinks:\n"
        "  - { name: esms, kind: http_sms, provider_file: deploy/providers/esms.yaml,"
        " secrets: { key: k, sec: s } }\n"
        "  - { name: speedsms, kind: http_sms, provider_file: deploy/providers/speedsms.yaml,"
        " secrets: { token: t } }\n"
        "  - { name: vietguys, kind: http_sms, provider_file: deploy/providers/vietguys.yaml,"
        " secrets: { user: u, password: p } }\n"
        "  - { name: viettel, kind: http_sms, provider_file: deploy/providers/viettel.yaml,"
        " secrets: { user: u, password: p, cpcode: c } }\n"
        "  - { name: fpt, kind: http_sms, provider_file: deploy/providers/fpt.yaml,"
        " secrets: { client_id: u, client_secret: p } }\n";
    (void)state;
    conf = conf_parse(STR(text), "test.yaml", say, NULL);
    return conf ? 0 : -1;
}

static int
close_providers(void **state)
{
    (void)state;
    conf_free(&conf);
    return 0;
}

static const struct provider *
provider_of(const char *name)
{
    const struct conf_link *link = conf_link(conf, name);
    assert_non_null(link);
    return link->provider;
}

/* Calls `check` with the columns of each line. */
static int
each_line(const char *file, void check(const char *const *columns))
{
    char line[LINE];
    int n = 0;
    FILE *f = fopen(file, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        const char *columns[COLUMNS] = {"", "", "", "", "", ""};
        char *rest = line;
        line[strcspn(line, "\n")] = '\0';
        for (int i = 0; i < COLUMNS && rest && line[0] != '#'; i++) {
            columns[i] = strsep(&rest, "\t");
        }
        if (line[0] != '#') {
            check(columns);
            n++;
        }
    }
    (void)fclose(f);
    return n;
}

static void
read_answer(const char *call, const struct answer_reply *reply, struct answer *out)
{
    if (strcmp(call, "zalo") == 0) {
        answer_zalo(ZALO_BUSINESS, reply, out);
    } else if (strcmp(call, "zalo_oa") == 0) {
        answer_zalo(ZALO_OA, reply, out);
    } else if (strcmp(call, "telegram") == 0) {
        answer_telegram(reply, out);
    } else {
        provider_answer(provider_of(call), reply, out);
    }
}

/* "minute", "34" …: as the vectors name it. */
static void
put_until(const struct answer *answer, char *out, size_t room)
{
    static const char *const names[] = {"", "", "minute", "morning", "midnight", "month"};
    if (answer->until == UNTIL_SECONDS) {
        (void)snprintf(out, room, "%d", answer->wait_s);
    } else {
        (void)snprintf(out, room, "%s", names[answer->until]);
    }
}

/* What the vectors name beside the class, each as name=value. */
static void
expect(const char *number, const char *extra, const char *name, const char *value)
{
    char want[128], key[32];
    const char *found;
    (void)snprintf(key, sizeof key, "%s=", name);
    found = strstr(extra, key);
    if (found) {
        (void)snprintf(want, sizeof want, "%.*s", (int)strcspn(found + strlen(key), " "),
                       found + strlen(key));
        if (strcmp(want, value) != 0) {
            fail_msg("%s: %s is %s, not %s", number, name, value, want);
        }
    }
}

static void
expect_number(const char *number, const char *extra, const char *name, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    expect(number, extra, name, text);
}

static void
check_message(const char *const *c, const struct answer_reply *reply)
{
    struct answer answer;
    char until[24];
    read_answer(c[1], reply, &answer);
    if (strcmp(answer_class_name(answer.class), c[4]) != 0) {
        fail_msg("%s: %s, not %s", c[0], answer_class_name(answer.class), c[4]);
    }
    put_until(&answer, until, sizeof until);
    expect(c[0], c[5], "until", until);
    expect(c[0], c[5], "id", answer.id);
    expect(c[0], c[5], "migrate", answer.migrate_to);
    expect_number(c[0], c[5], "day", answer.quota_day);
    expect_number(c[0], c[5], "left", answer.quota_left);
    assert_int_equal(answer.unknown, strcmp(c[5], "alert") == 0);
    bool taken = answer.class == ANSWER_OK || answer.class == ANSWER_OK_ALREADY;
    assert_int_equal(answer.reason[0] == '\0', taken);
}

static void
check_token(const char *const *c, const struct answer_reply *reply)
{
    struct arena *arena = arena_new();
    struct answer_token token;
    char text[64];
    answer_token(reply, arena, &token);
    assert_string_equal(answer_class_name(token.class), c[4]);
    (void)snprintf(text, sizeof text, "%.*s", (int)token.access.n,
                   token.access.n ? token.access.p : "");
    expect(c[0], c[5], "access", text);
    (void)snprintf(text, sizeof text, "%.*s", (int)token.refresh.n,
                   token.refresh.n ? token.refresh.p : "");
    expect(c[0], c[5], "refresh", text);
    expect_number(c[0], c[5], "expires", token.expires_s);
    arena_free(&arena);
}

static void
check_webhook(const char *const *c, const struct answer_reply *reply)
{
    static const struct webhook_keys keys = {STR("2074138120372622546"), STR("Vn0aSecretKey4Test"),
                                             STR("another")};
    struct arena *arena = arena_new();
    struct webhook_event event;
    char mac[128], tracking[64];
    (void)snprintf(mac, sizeof mac, "mac=%.64s", strstr(c[5], "mac=") + 4);
    bool right = webhook_zalo_signer(reply->body, str_of(mac), &keys) == SIGNER_OA_SECRET;
    assert_int_equal(right, strcmp(c[4], "delivered") == 0);
    assert_int_equal(webhook_zalo(reply->body, arena, &event, NULL), 0);
    assert_int_equal(event.kind, WEBHOOK_DELIVERED);
    (void)snprintf(tracking, sizeof tracking, "%.*s", (int)event.tracking_id.n,
                   event.tracking_id.p);
    expect(c[0], c[5], "tracking", tracking);
    arena_free(&arena);
}

static void
check_vector(const char *const *c)
{
    const struct answer_reply reply = {.transport = strcmp(c[2], "lost") == 0 ? TRANSPORT_LOST
                                                                              : TRANSPORT_ANSWERED,
                                       .status = (int)strtol(c[2], NULL, 10),
                                       .body = str_of(c[3])};
    if (strcmp(c[1], "token") == 0) {
        check_token(c, &reply);
    } else if (strcmp(c[1], "webhook") == 0) {
        check_webhook(c, &reply);
    } else if (strcmp(c[1], "status") == 0) {
        assert_int_equal(answer_zalo_status(&reply), DELIVERY_DONE);
    } else if (strcmp(c[1], "esms-receipt") == 0) {
        struct provider_receipt receipt;
        assert_true(provider_receipt(provider_of("esms"), PROVIDER_FORM, reply.body, &receipt));
        assert_int_equal(receipt.state, STATE_DELIVERED);
        expect(c[0], c[5], "id", receipt.id);
    } else {
        check_message(c, &reply);
    }
}

static void
test_vectors(void **state)
{
    (void)state;
    assert_int_equal(each_line("tests/data/platform-vectors.tsv", check_vector), 38);
}

/* ---- Every code. */

static void
make_body(const char *call, const char *code, char *out, size_t room)
{
    static const struct {
        const char *call, *format;
    } forms[] = {
        {"zalo", "{\"error\":%s,\"message\":\"x\"}"},
        {"zalo_oa", "{\"error\":%s,\"message\":\"x\"}"},
        {"token", "{\"error\":%s,\"error_name\":\"x\"}"},
        {"esms", "{\"CodeResult\":\"%s\",\"SMSID\":\"i\"}"},
        {"speedsms", "{\"code\":\"%s\",\"message\":\"%s\",\"data\":{\"tranId\":1}}"},
        {"fpt", "{\"error\":\"%s\",\"error_description\":\"%s\"}"},
        {"vietguys", "{\"error\":%s}"},
        {"viettel", "<a:return><message>%s</message><result>0</result></a:return>"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (strcmp(call, forms[i].call) == 0) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            (void)snprintf(out, room, forms[i].format, code, code);
#pragma GCC diagnostic pop
            return;
        }
    }
    char *says = NULL;
    long number = strtol(code, &says, 10); /* Telegram: "403 Forbidden: …" */
    (void)snprintf(out, room, "{\"ok\":false,\"error_code\":%ld,\"description\":\"%s\"}", number,
                   says + 1);
}

static void
check_code(const char *const *c)
{
    char body[512];
    struct answer answer = {0};
    make_body(c[0], c[1], body, sizeof body);
    struct answer_reply reply = {
        .transport = TRANSPORT_ANSWERED, .status = 200, .body = str_of(body)};
    if (strcmp(c[0], "token") == 0) {
        struct answer_token token;
        answer_token(&reply, NULL, &token);
        answer.class = token.class;
    } else {
        read_answer(c[0], &reply, &answer);
    }
    if (strcmp(answer_class_name(answer.class), c[2]) != 0) {
        fail_msg("%s %s: %s, not %s", c[0], c[1], answer_class_name(answer.class), c[2]);
    }
    if (strcmp(c[0], "token") != 0 && answer.unknown != (*c[3] != '\0')) {
        fail_msg("%s %s: alert %d", c[0], c[1], answer.unknown);
    }
    if (strncmp(c[0], "zalo", 4) == 0 && !answer.unknown &&
        !answer_zalo_word(strtol(c[1], 0, 10))) {
        fail_msg("%s %s has no word", c[0], c[1]);
    }
}

static void
test_codes(void **state)
{
    (void)state;
    assert_int_equal(each_line("tests/data/platform-codes.tsv", check_code), 200);
}

/* ---- What no vector shows. */

static void
test_transport(void **state)
{
    (void)state;
    static const struct {
        struct answer_reply reply;
        enum answer_class class;
    } cases[] = {
        {{.transport = TRANSPORT_NOT_SENT, .status = 0, .body = {NULL, 0}}, ANSWER_RETRY_LATER},
        {{.transport = TRANSPORT_LOST, .status = 200, .body = {NULL, 0}}, ANSWER_AMBIGUOUS},
        {{.transport = TRANSPORT_ANSWERED, .status = 429, .body = {NULL, 0}}, ANSWER_THROTTLE},
        {{.transport = TRANSPORT_ANSWERED, .status = 401, .body = {NULL, 0}}, ANSWER_CONFIG},
        {{.transport = TRANSPORT_ANSWERED, .status = 403, .body = STR("<html>")}, ANSWER_CONFIG},
        {{.transport = TRANSPORT_ANSWERED, .status = 500, .body = STR("{\"error\":-108}")},
         ANSWER_AMBIGUOUS},
        {{.transport = TRANSPORT_ANSWERED, .status = 302, .body = STR("")}, ANSWER_AMBIGUOUS},
        {{.transport = TRANSPORT_ANSWERED, .status = 200, .body = STR("")}, ANSWER_AMBIGUOUS},
        {{.transport = TRANSPORT_ANSWERED, .status = 200, .body = STR("{\"error\":\"0\"}")},
         ANSWER_AMBIGUOUS},
        {{.transport = TRANSPORT_ANSWERED, .status = 200, .body = STR("[0]")}, ANSWER_AMBIGUOUS},
        {{.transport = TRANSPORT_ANSWERED,
          .status = 200,
          .body = STR("{\"error\":0,\"data\":{\"msg_id\":\"\"}}")},
         ANSWER_AMBIGUOUS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct answer answer;
        answer_zalo(ZALO_BUSINESS, &cases[i].reply, &answer);
        if (answer.class != cases[i].class) {
            fail_msg("case %zu: %s", i, answer_class_name(answer.class));
        }
    }
}

static void
test_token_is_whole(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "{}",
        "{\"access_token\":\"A\",\"refresh_token\":\"R\"}",
        "{\"access_token\":\"A\",\"refresh_token\":\"\",\"expires_in\":\"9\"}",
        "{\"access_token\":\"A\",\"refresh_token\":\"R\",\"expires_in\":\"0\"}",
        "{\"access_token\":null,\"refresh_token\":\"R\",\"expires_in\":9}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct arena *arena = arena_new();
        struct answer_token token;
        const struct answer_reply reply = {
            .transport = TRANSPORT_ANSWERED, .status = 200, .body = str_of(bodies[i])};
        answer_token(&reply, arena, &token);
        assert_int_equal(token.class, ANSWER_AMBIGUOUS);
        arena_free(&arena);
    }
}

static void
test_until(void **state)
{
    (void)state;
    enum { EVENING = 1795620600 }; /* 2026-11-25 22:30:00 +07:00 */
    static const struct {
        enum answer_until until;
        int64_t now_s, then_s;
    } cases[] = {
        {UNTIL_BACKOFF, EVENING, 0},
        {UNTIL_SECONDS, EVENING, EVENING + 34},
        {UNTIL_MINUTE, EVENING + 29, EVENING + 60},
        {UNTIL_MORNING, EVENING, EVENING + 7 * 3600 + 35 * 60},
        {UNTIL_MORNING, EVENING + 6 * 3600, EVENING + 7 * 3600 + 35 * 60},
        {UNTIL_MIDNIGHT, EVENING, EVENING + 90 * 60},
        {UNTIL_MONTH, EVENING, EVENING + 90 * 60 + 5 * 86400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct answer answer = {.until = cases[i].until, .wait_s = 34};
        int64_t then = answer_until_ms(&answer, cases[i].now_s * 1000, 7 * 60);
        if (then != cases[i].then_s * 1000) {
            fail_msg("case %zu: %lld", i, (long long)(then / 1000 - EVENING));
        }
    }
}

static void
test_retry_after(void **state)
{
    (void)state;
    static const struct {
        enum answer_class class;
        enum answer_until until;
        int64_t header_s;
        int64_t from_ms; /* from now = 1,000 s */
    } cases[] = {
        {ANSWER_RETRY_LATER, UNTIL_BACKOFF, 120, 1120000},
        {ANSWER_THROTTLE, UNTIL_BACKOFF, 7, 1007000},
        {ANSWER_THROTTLE, UNTIL_BACKOFF, 10000000, 87400000}, /* a day at most */
        {ANSWER_THROTTLE, UNTIL_SECONDS, 120, 1003000},       /* the body said it better */
        {ANSWER_RETRY_LATER, UNTIL_BACKOFF, 0, 0},
        {ANSWER_AMBIGUOUS, UNTIL_BACKOFF, 120, 0},
        {ANSWER_QUOTA, UNTIL_BACKOFF, 120, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct answer_reply reply = {.retry_after_s = cases[i].header_s};
        struct answer answer = {.class = cases[i].class, .until = cases[i].until, .wait_s = 3};
        answer_retry_after(&reply, &answer);
        assert_int_equal(answer_until_ms(&answer, 1000000, 0), cases[i].from_ms);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),   cmocka_unit_test(test_codes),
        cmocka_unit_test(test_transport), cmocka_unit_test(test_token_is_whole),
        cmocka_unit_test(test_until),     cmocka_unit_test(test_retry_after),
    };
    return cmocka_run_group_tests(tests, open_providers, close_providers);
}
