/* A provider's patterns filled in. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/provider.h"

static const struct str_pair secrets[] = {{"key", "k\"1"}};
static const struct provider_values values = {
    .text = STR("Họp \"tổ 7\"\n& <x>"),
    .to = STR("84900000001"),
    .brand = STR("QUAN BTL"),
    .attempt_id = STR("b.1.2"),
    .secrets = {secrets, 1},
};

static void
test_fill(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text; /* an error after "!" */
        enum provider_phone phone;
    } cases[] = {
        {"a ${to|json} b", "a 0900000001 b", PHONE_LOCAL},
        {"${to|raw}", "84900000001", PHONE_INTERNATIONAL},
        {"${to|url}", "%2B84900000001", PHONE_PLUS},
        {"${text.utf8|json}", "Họp \\\"tổ 7\\\"\\u000a& <x>", PHONE_LOCAL},
        {"${text.ascii|json}", "Hop \\\"to 7\\\"\\u000a& <x>", PHONE_LOCAL},
        {"${text.ascii|xml}", "Hop &quot;to 7&quot;\n&amp; &lt;x&gt;", PHONE_LOCAL},
        {"${brand|form}|${brand|url}", "QUAN+BTL|QUAN%20BTL", PHONE_LOCAL},
        {"${brand|base64}", "UVVBTiBCVEw=", PHONE_LOCAL},
        {"${brand|base64|url}", "UVVBTiBCVEw%3D", PHONE_LOCAL},
        {"${secret.key|json}${attempt_id|raw}", "k\\\"1b.1.2", PHONE_LOCAL},
        {"$ {} ${", "$ {} ${", PHONE_LOCAL},
        {"${to}", "!${to}: no filter escapes it; ${to|json}, |url, |xml…", PHONE_LOCAL},
        {"${tu|json}", "!${tu}: no such value; did you mean 'to'?", PHONE_LOCAL},
        {"${to|jsn}", "!|jsn: no such filter; json, url, xml, base64, form, raw", PHONE_LOCAL},
        {"${secret.kei|raw}", "!${secret.kei}: the link's `secrets` hold no 'kei'", PHONE_LOCAL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out;
        struct err err = {.text = "!"};
        const struct provider p = {.phone = cases[i].phone};
        buf_init(&out, 4096);
        int rc = provider_fill(&p, cases[i].pattern, &values, &out, &err);
        struct str got = rc == 0 ? buf_str(&out) : str_of(err.text);
        if (!str_equal_z(got, cases[i].text + (rc != 0))) {
            fail_msg("%s: '%.*s'", cases[i].pattern, (int)got.n, got.p);
        }
        buf_deinit(&out);
    }
}

static void
test_check(void **state)
{
    (void)state;
    const struct provider_pairs none = {NULL, 0};
    static const struct str_pair bad[] = {{"1", "perm-recipent"}};
    struct err err = {0};
    struct provider p = {.url = "http://x/${to|url}",
                         .body = "",
                         .poll = "",
                         .token_url = "",
                         .token_body = "",
                         .default_class = "ambiguous"};
    assert_int_equal(provider_check(&p, none, &err), 0);
    p.map = (struct provider_pairs){bad, 1};
    assert_int_equal(provider_check(&p, none, &err), -1);
    assert_string_equal(err.text, "map: 1: no class of answers: 'perm-recipent'; did you mean "
                                  "'perm-recipient'?");
    p.map.n = 0;
    p.body = "${secret.a|json}";
    assert_int_equal(provider_check(&p, none, &err), -1);
    assert_string_equal(err.text, "body: ${secret.a}: the link's `secrets` hold no 'a'");
}

static void
test_receipts(void **state)
{
    (void)state;
    static const struct {
        const char *ok, *failed, *content;
        enum provider_state state;
    } cases[] = {
        {"0", ">=64", "id=a&s=0", STATE_DELIVERED},
        {"0", ">=64", "id=a&s=63", STATE_PENDING},
        {"0", ">=64", "id=a&s=64", STATE_FAILED},
        {"good:>0", "bad:>0", "id=a&good=0&bad=1", STATE_FAILED},
        {"good:>0", "bad:>0", "id=a&good=2&bad=1", STATE_DELIVERED},
        {"DONE,OK", "", "s=O%4B&id=a", STATE_DELIVERED},
        {"DONE,OK", "", "id=a", STATE_PENDING},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct provider_receipt receipt;
        const struct provider p = {.receipt_id = "id",
                                   .receipt_state = "s",
                                   .receipt_ok = cases[i].ok,
                                   .receipt_failed = cases[i].failed};
        assert_true(provider_receipt(&p, PROVIDER_FORM, str_of(cases[i].content), &receipt));
        assert_string_equal(receipt.id, "a");
        if (receipt.state != cases[i].state) {
            fail_msg("%s: %d", cases[i].content, (int)receipt.state);
        }
    }
    struct provider_receipt receipt;
    const struct provider p = {.receipt_id = "id", .receipt_ok = "", .receipt_failed = ""};
    assert_false(provider_receipt(&p, PROVIDER_FORM, STR("x=1"), &receipt));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_receipts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
