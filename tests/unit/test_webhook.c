/* What platforms post to us. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gateway/core/webhook.h"

#define BODY                                                                                       \
    "{\"app_id\":\"2074138120372622546\",\"sender\":{\"id\":\"246845883529197922\"},"              \
    "\"recipient\":{\"id\":\"2893352839501541173\"},\"event_name\":\"user_send_text\","            \
    "\"message\":{\"text\":\"Xin chào, tôi đăng ký\",\"msg_id\":\"96d3cdf3af150460909\"},"    \
    "\"timestamp\":\"1754040000123\"}"
#define MAC "49a0ae3b3a0330970288a3fb2debdcf5d6a4eb97de8cd4f0c2006a2d9196c08e"

static const struct str key = STR("Vn0aSecretKey4Test"), app = STR("2074138120372622546");

static void
test_signer(void **state)
{
    (void)state;
    static const struct str none = {NULL, 0};
    const struct {
        const char *label, *header;
        struct webhook_keys keys;
        enum webhook_signer signer;
    } cases[] = {
        {"the OA's key", "mac=" MAC, {app, key, none}, SIGNER_OA_SECRET},
        {"the app's key", "mac=" MAC, {app, STR("x"), key}, SIGNER_APP_SECRET},
        {"without mac=", MAC, {app, key, none}, SIGNER_OA_SECRET},
        {"upper case",
         "mac=49A0AE3B3A0330970288A3FB2DEBDCF5D6A4EB97DE8CD4F0C2006A2D9196C08E",
         {app, key, none},
         SIGNER_OA_SECRET},
        {"another key", "mac=" MAC, {app, STR("x"), none}, SIGNER_NONE},
        {"no key", "mac=" MAC, {app, none, none}, SIGNER_NONE},
        {"another app", "mac=" MAC, {STR("1"), key, none}, SIGNER_NONE},
        {"a digit more", "mac=" MAC "0", {app, key, none}, SIGNER_NONE},
        {"no hex", "mac=zz", {app, key, none}, SIGNER_NONE},
        {"nothing", "", {app, key, none}, SIGNER_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (webhook_zalo_signer(STR(BODY), str_of(cases[i].header), &cases[i].keys) !=
            cases[i].signer) {
            fail_msg("%s", cases[i].label);
        }
    }
    struct webhook_keys keys = {app, key, none};
    assert_int_equal(webhook_zalo_signer(STR(BODY " "), STR(MAC), &keys), SIGNER_NONE);
    assert_int_equal(webhook_zalo_signer(none, STR(MAC), &keys), SIGNER_NONE);
    assert_true(webhook_secret_equal(STR("a"), STR("a")));
    assert_false(webhook_secret_equal(STR("a"), STR("ab")));
    assert_false(webhook_secret_equal(none, none));
}

static const struct {
    const char *label, *body;
    enum webhook_kind kind;
    const char *from, *text, *id;
} cases[] = {
    {"text", BODY, WEBHOOK_TEXT, "246845883529197922", "Xin chào, tôi đăng ký",
     "96d3cdf3af150460909"},
    {"receipt",
     "{\"event_name\":\"user_received_message\",\"sender\":{\"id\":\"1\"},\"recipient\":{\"id\":"
     "\"84900000001\"},\"message\":{\"delivery_time\":\"1\",\"msg_id\":\"m\",\"tracking_id\":\"t\"}"
     "}",
     WEBHOOK_DELIVERED, "84900000001", "", "m"},
    {"a chat message seen",
     "{\"event_name\":\"user_received_message\",\"message\":{\"msg_id\":\"m\"}}", WEBHOOK_OTHER, "",
     "", "m"},
    {"follow",
     "{\"event_name\":\"follow\",\"oa_id\":\"9\",\"follower\":{\"id\":\"7\"},\"timestamp\":\"5\"}",
     WEBHOOK_FOLLOW, "7", "", "5"},
    {"unfollow", "{\"event_name\":\"unfollow\",\"follower\":{\"id\":\"7\"},\"timestamp\":5}",
     WEBHOOK_UNFOLLOW, "7", "", "5"},
    {"template",
     "{\"event_name\":\"change_template_status\",\"status\":{\"new_status\":\"DISABLE\"}}",
     WEBHOOK_TEMPLATE, "", "DISABLE", ""},
    {"quota", "{\"event_name\":\"change_oa_daily_quota\",\"quota\":{\"new_value\":\"500\"}}",
     WEBHOOK_QUOTA, "", "500", ""},
    {"feedback",
     "{\"event_name\":\"user_feedback\",\"sender\":{\"id\":\"7\"},\"message\":{\"note\":\"tốt\","
     "\"msg_id\":\"m\"}}",
     WEBHOOK_FEEDBACK, "7", "tốt", "m"},
    {"another", "{\"event_name\":\"oa_send_text\"}", WEBHOOK_OTHER, "", "", ""},
    {"no object", "[]", -1, "", "", ""},
    {"no JSON", "{", -1, "", "", ""},
    {"nothing", "", -1, "", "", ""},
};

static bool
same(struct str got, const char *want)
{
    return str_equal_z(got, want);
}

static void
test_zalo(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct webhook_event e;
        int rc = webhook_zalo(str_of(cases[i].body), arena, &e, NULL);
        bool bad = (int)cases[i].kind == -1;
        if (bad != (rc != 0) ||
            (!bad && (e.kind != cases[i].kind || !same(e.from, cases[i].from) ||
                      !same(e.text, cases[i].text) || !same(e.id, cases[i].id)))) {
            fail_msg("%s", cases[i].label);
        }
        arena_free(&arena);
    }
}

static void
test_telegram(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum webhook_kind kind;
        const char *from, *text;
    } updates[] = {
        {"{\"update_id\":9,\"message\":{\"chat\":{\"id\":42},\"text\":\"Cảm ơn\"}}", WEBHOOK_TEXT,
         "42", "Cảm ơn"},
        {"{\"update_id\":9,\"message\":{\"chat\":{\"id\":-1001234567890},\"text\":\"/start "
         "abc-1\"}}",
         WEBHOOK_START, "-1001234567890", "abc-1"},
        {"{\"update_id\":9,\"message\":{\"chat\":{\"id\":42},\"text\":\"/stop\"}}",
         WEBHOOK_UNFOLLOW, "42", "/stop"},
        {"{\"update_id\":9,\"my_chat_member\":{\"chat\":{\"id\":42},\"new_chat_member\":"
         "{\"status\":\"kicked\"}}}",
         WEBHOOK_UNFOLLOW, "42", ""},
        {"{\"update_id\":9,\"my_chat_member\":{\"chat\":{\"id\":42},\"new_chat_member\":"
         "{\"status\":\"member\"}}}",
         WEBHOOK_OTHER, "42", ""},
        {"{\"update_id\":9,\"message\":{\"chat\":{\"id\":42},\"photo\":[]}}", WEBHOOK_OTHER, "42",
         ""},
    };
    for (size_t i = 0; i < sizeof updates / sizeof *updates; i++) {
        struct arena *arena = arena_new();
        struct webhook_event e;
        assert_int_equal(webhook_telegram(str_of(updates[i].body), arena, &e, NULL), 0);
        if (e.kind != updates[i].kind || !same(e.from, updates[i].from) ||
            !same(e.text, updates[i].text) || !same(e.id, "9")) {
            fail_msg("%s", updates[i].body);
        }
        arena_free(&arena);
    }
    struct webhook_event e;
    assert_int_equal(webhook_telegram(STR("{\"ok\":true}"), NULL, &e, NULL), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signer),
        cmocka_unit_test(test_zalo),
        cmocka_unit_test(test_telegram),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
