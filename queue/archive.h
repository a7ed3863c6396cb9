/* Retention: of what has ended long ago only the counts stay, and old entries leave the streams. */
#ifndef LOA_QUEUE_ARCHIVE_H
#define LOA_QUEUE_ARCHIVE_H
// SPDX-License-Identifier: MIT

#include "queue/queue.h"

/* One round: archives some of the broadcasts that ended before `retention.outcomes` (and no receipt
 * is waited for any more), forgets what was posted of those archived before, and trims the streams
 * of refused announcements and of replies by age.  Every minute by every gateway. */
void archive_round(struct queue *queue, queue_done *fn, void *arg);

#endif
