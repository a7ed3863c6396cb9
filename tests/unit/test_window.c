/* The window's ring: sequence numbers, late answers, wrapping round; and the classes of statuses.
 */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/links/link.h"
#include "gateway/links/smpp/window.h"

static struct link_message message;

static uint32_t
take(struct window *w)
{
    struct slot *slot = window_take(w);
    slot->message = &message;
    return slot->sequence;
}

static void
release(struct window *w, uint32_t sequence)
{
    struct slot *slot = window_find(w, sequence);
    assert_non_null(slot);
    window_release(w, slot);
    assert_null(window_find(w, sequence));
}

static void
test_a_late_one_is_stepped_over(void **state)
{
    (void)state;
    struct window w;
    window_init(&w, 3);
    uint32_t late = take(&w);
    assert_int_equal(late, 1);
    uint32_t before = late;
    for (int i = 0; i < 1000; i++) {
        uint32_t sequence = take(&w);
        assert_true(sequence > before);
        before = sequence;
        assert_int_equal(window_oldest(&w)->sequence, late);
        release(&w, sequence);
    }
    assert_null(window_find(&w, late + w.mask + 1)); /* the same slot, another number */
    release(&w, late);
    assert_null(window_oldest(&w));
    assert_int_equal(w.taken, 0);
    window_deinit(&w);
}

static void
test_oldest_first(void **state)
{
    (void)state;
    struct window w;
    window_init(&w, 10);
    uint32_t s[10];
    for (int i = 0; i < 10; i++) {
        s[i] = take(&w);
        (void)window_sequence(&w); /* an enquire_link in between */
    }
    release(&w, s[0]);
    release(&w, s[1]);
    release(&w, s[5]);
    assert_int_equal(window_oldest(&w)->sequence, s[2]);
    for (int i = 2; i < 10; i++) {
        if (i != 5) {
            assert_int_equal(window_oldest(&w)->sequence, s[i]);
            release(&w, s[i]);
        }
    }
    assert_null(window_oldest(&w));
    window_deinit(&w);
}

static void
test_numbers_wrap_to_one(void **state)
{
    (void)state;
    struct window w;
    window_init(&w, 4);
    w.next = 0x7ffffffe;
    assert_int_equal(take(&w), 0x7ffffffe);
    assert_int_equal(take(&w), 0x7fffffff);
    assert_int_equal(take(&w), 1);
    assert_int_equal(window_oldest(&w)->sequence, 0x7ffffffe);
    release(&w, 0x7ffffffe);
    release(&w, 0x7fffffff);
    assert_int_equal(window_oldest(&w)->sequence, 1);
    assert_null(window_find(&w, 0));
    window_deinit(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_late_one_is_stepped_over),
        cmocka_unit_test(test_oldest_first),
        cmocka_unit_test(test_numbers_wrap_to_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
