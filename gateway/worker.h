/* The worker of a route: takes chunks from the work streams, sends their members' messages over the
 * route's links and records what became of them.
 *
 *   stream → INFO → CLAIM → CONSENT → OPEN ⟲ begin → link → ids → done → CLOSE → FINISH → stream
 *
 * What must hold (queue/SCHEMA.md): a member is marked before a byte of it goes out; at most a
 * window of members is marked and not recorded; bytes go out only within half a lease; what must
 * not happen before something else is sent only after that one was answered. */
#ifndef LOA_GATEWAY_WORKER_H
#define LOA_GATEWAY_WORKER_H
// SPDX-License-Identifier: MIT

#include "gateway/broadcasts.h"

struct worker;

/* `route` has its links; it, `conf` and `queue` must outlive the worker.  `number`: among those of
 * this process, below 65,536. */
struct worker *worker_new(struct event_base *base, const struct conf *conf, struct queue *queue,
                          const struct route *route, uint32_t number);
void worker_free(struct worker **worker);

void worker_start(struct worker *worker); /* begins to read the route's streams */
/* No new work, nothing more begun; what links still bring is recorded. */
void worker_drain(struct worker *worker);
/* Other quiet hours from now on (minutes after midnight, equal: none): what is normal waits. */
void worker_set_quiet(struct worker *worker, int from_min, int to_min);
/* Redis is there (again): sends what it did not take, then goes on.  Also each tenth of a second.
 */
void worker_resume(struct worker *worker);
/* Nothing with a link and nothing unrecorded: the process may end. */
bool worker_is_idle(const struct worker *worker);

struct broadcasts *worker_broadcasts(struct worker *worker);

/* Which worker handed the message to its link. */
uint32_t worker_of_message(const struct link_message *message);
/* From the links (link.h); a turn of a link that the route has not is passed over. */
void worker_on_outcome(struct worker *worker, const struct link *link,
                       struct link_message *message);
void worker_on_turn(struct worker *worker, const struct link *link);

#endif
