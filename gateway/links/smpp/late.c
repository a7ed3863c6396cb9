/* Parts whose answer did not come in time. */
// SPDX-License-Identifier: MIT
#include "gateway/links/smpp/late.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/core/mem.h"
#include "gateway/links/smpp/window.h"

enum { WINDOWS = 4 };

void
late_init(struct late *late, int window)
{
    *late = (struct late){.size = (uint32_t)window * WINDOWS};
    late->parts = xcalloc(late->size, sizeof *late->parts);
}

void
late_deinit(struct late *late)
{
    free(late->parts);
    *late = (struct late){.parts = NULL};
}

void
late_clear(struct late *late)
{
    if (late->next > 0) {
        (void)memset(late->parts, 0, late->size * sizeof *late->parts);
        late->next = 0;
        late->counted = late->untold = 0;
    }
}

void
late_add(struct late *late, const struct slot *slot, bool counted)
{
    struct late_part *p = &late->parts[late->next++ % late->size];
    late->counted += (int)counted - (int)p->counted;
    late->untold += p->message == NULL;
    *p = (struct late_part){.message = slot->message,
                            .sequence = slot->sequence,
                            .reference = slot->message->reference,
                            .owner = slot->message->owner,
                            .attempt = slot->message->attempt,
                            .part = slot->part,
                            .counted = counted};
    memcpy(p->address, slot->message->address, sizeof p->address);
}

void
late_forgive(struct late *late)
{
    for (uint32_t i = 0; late->counted > 0 && i < late->size; i++) {
        late->counted -= late->parts[i].counted;
        late->parts[i].counted = false;
    }
}

void
late_told(struct late *late, const struct link_message *m)
{
    uint8_t missing = 0;
    if (late->untold == 0) {
        return;
    }
    for (unsigned part = 0; part < m->parts_n; part++) {
        missing += (m->parts_taken >> part & 1) == 0;
    }
    for (uint32_t i = 0; i < late->size; i++) {
        if (late->parts[i].message == m) {
            late->parts[i].message = NULL;
            late->untold--;
            late->parts[i].missing = missing;
        }
    }
}

/* What one answer says of the other parts of its message. */
static uint8_t
count_down(struct late *late, const struct late_part *of, bool accepted)
{
    uint8_t missing = accepted && of->missing > 0 ? (uint8_t)(of->missing - 1) : 0;
    for (uint32_t i = 0; i < late->size; i++) {
        struct late_part *p = &late->parts[i];
        if (p->sequence > 0 && !p->message && p->reference == of->reference &&
            p->owner == of->owner && p->attempt == of->attempt &&
            strcmp(p->address, of->address) == 0) {
            p->missing = missing;
        }
    }
    return missing;
}

bool
late_take(struct late *late, uint32_t sequence, bool accepted, struct late_part *out,
          bool *accepted_all)
{
    *accepted_all = false;
    for (uint32_t i = 0; sequence > 0 && late->next > 0 && i < late->size; i++) {
        if (late->parts[i].sequence != sequence) {
            continue;
        }
        *out = late->parts[i];
        late->counted -= out->counted;
        late->untold -= out->message != NULL;
        late->parts[i] = (struct late_part){.sequence = 0};
        if (!out->message) {
            uint8_t left = count_down(late, out, accepted);
            *accepted_all = accepted && out->missing > 0 && left == 0;
        }
        return true;
    }
    return false;
}
