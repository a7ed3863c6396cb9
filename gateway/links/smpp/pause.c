/* A link whose SMSC refuses whatever it sends. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/pause.h"

#include "gateway/core/status.h"
#include "gateway/links/smpp/session.h"

static const int64_t FIRST_US = INT64_C(5000000), LONGEST_US = INT64_C(300000000);

bool
pause_holds(const struct pause *pause, int64_t now_us)
{
    return pause->until_us > now_us;
}

bool
pause_probes(const struct pause *pause)
{
    return pause->length_us > 0;
}

void
pause_refused(struct smpp *l, uint32_t status, int64_t now_us)
{
    if (pause_holds(&l->pause, now_us)) {
        return; /* it was written before */
    }
    const char *words = status_words(status, false);
    int64_t longer_us = l->pause.length_us > 0 ? 2 * l->pause.length_us : FIRST_US;
    l->pause.length_us = longer_us < LONGEST_US ? longer_us : LONGEST_US;
    l->pause.until_us = now_us + l->pause.length_us;
    smpp_error(l, "the SMSC refuses what this link sends: %s (0x%08x); it pauses",
               words ? words : "a status of its own", status);
    smpp_tell(l, l->stats.last_error, false);
}

void
pause_accepted(struct smpp *l)
{
    if (l->pause.length_us == 0) {
        return;
    }
    l->pause = (struct pause){0, 0};
    l->stats.last_error[0] = '\0';
    smpp_tell(l, "the SMSC takes messages again", false);
}
