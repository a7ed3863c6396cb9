/* Prints the table of letter × event as lines "letter event current next", for the test that
 * compares the Lua Functions with it.  A pair that moves nothing is not printed. */
// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "gateway/core/outcome.h"

static void
print_letter(char letter)
{
    for (const char *event = OUTCOME_EVENTS; *event; event++) {
        for (int current = 0; current <= 1; current++) {
            char next;
            if (outcome_next(letter, (enum outcome_event) * event, current != 0, &next)) {
                (void)printf("%c %c %d %c\n", letter, *event, current, next);
            }
        }
    }
}

int
main(void)
{
    for (const char *letter = OUTCOME_LETTERS; *letter; letter++) {
        print_letter(*letter);
    }
    return 0;
}
