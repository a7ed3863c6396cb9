/* PDUs without their texts and passwords. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/smpp_mask.h"

#define HEAD(id) "\0\0\0\0\0\0" id "\0\0\0\0\0\0\0\1"
#define ADDRESSES                                                                                  \
    "\0\1\1"                                                                                       \
    "84900000001\0"                                                                                \
    "\5\0"                                                                                         \
    "UBND\0"
#define ROW(label, before, after)                                                                  \
    {                                                                                              \
        label, before, after, sizeof(before) - 1                                                   \
    }

static const struct {
    const char *label, *before, *after;
    size_t n;
} cases[] = {
    ROW("a bind's password",
        HEAD("\0\11") "loa\0"
                      "secret\0"
                      "\0\x34\0\0\0",
        HEAD("\0\11") "loa\0"
                      "xxxxxx\0"
                      "\0\x34\0\0\0"),
    ROW("a bind without an end",
        HEAD("\0\2") "loa\0"
                     "secret",
        HEAD("\0\2") "loa\0"
                     "xxxxxx"),
    ROW("a text",
        HEAD("\0\4") ADDRESSES "\0\0\0\0\0\1\0\0\0"
                               "\5"
                               "Hello",
        HEAD("\0\4") ADDRESSES "\0\0\0\0\0\1\0\0\0"
                               "\5"
                               "xxxxx"),
    ROW("a part: its header stays",
        HEAD("\0\5") ADDRESSES "\x40\0\0\0\0\1\0\0\0"
                               "\11"
                               "\5\0\3\7\2\1"
                               "abc",
        HEAD("\0\5") ADDRESSES "\x40\0\0\0\0\1\0\0\0"
                               "\11"
                               "\5\0\3\7\2\1"
                               "xxx"),
    ROW("a payload",
        HEAD("\0\4") ADDRESSES "\0\0\0\0\0\1\0\0\0"
                               "\0"
                               "\2\4\0\2\0\1"
                               "\4\x24\0\3"
                               "abc",
        HEAD("\0\4") ADDRESSES "\0\0\0\0\0\1\0\0\0"
                               "\0"
                               "\2\4\0\2\0\1"
                               "\4\x24\0\3"
                               "xxx"),
    ROW("data_sm",
        HEAD("\1\3") ADDRESSES "\0\0\0"
                               "\4\x24\0\2"
                               "hi",
        HEAD("\1\3") ADDRESSES "\0\0\0"
                               "\4\x24\0\2"
                               "xx"),
    ROW("shorter than it says",
        HEAD("\0\4") ADDRESSES "\0\0\0\0\0\1\0\0\0"
                               "\11"
                               "Hello",
        HEAD("\0\4") ADDRESSES "\0\0\0\0\0\1\0\0\0"
                               "\11"
                               "xxxxx"),
    ROW("an answer shows all", HEAD("\0\4") "id17\0", HEAD("\0\4") "id17\0"),
    ROW("no PDU", "Hello", "xxxxx"),
};

static void
test_nothing_is_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t pdu[200], wanted[200];
        memcpy(pdu, cases[i].before, cases[i].n);
        memcpy(wanted, cases[i].after, cases[i].n);
        if (strcmp(cases[i].label, "an answer shows all") == 0) {
            pdu[4] = wanted[4] = 0x80;
        }
        smpp_mask(pdu, cases[i].n);
        if (memcmp(pdu, wanted, cases[i].n) != 0) {
            fail_msg("%s", cases[i].label);
        }
    }
}

/* Cut anywhere it never reads further, and never shows the text. */
static void
test_cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t n = 0; n <= cases[i].n; n++) {
            uint8_t pdu[200] = {0};
            memcpy(pdu, cases[i].before, n);
            smpp_mask(pdu, n);
            if (memmem(pdu, n, "Hello", 5) || memmem(pdu, n, "secret", 6)) {
                fail_msg("%s, cut at %zu", cases[i].label, n);
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_shown),
        cmocka_unit_test(test_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
