/* /webhooks/zalo, /webhooks/telegram, /webhooks/sms/LINK: what platforms post to us.  A post that
 * is not signed by the platform is refused and counted; the others are answered once they are in
 * Redis, or within two seconds that they are not: the platform posts them again. */
#ifndef LOA_SERVE_WEBHOOKS_H
#define LOA_SERVE_WEBHOOKS_H
// SPDX-License-Identifier: MIT

#include "gateway/base/conf.h"
#include "gateway/serve/http.h"
#include "queue/queue.h"

struct webhooks;
struct webhooks *webhooks_new(struct event_base *base, struct http *http, const struct conf *conf,
                              struct queue *queue);
void webhooks_free(struct webhooks **webhooks); /* after queue_close() */

#endif
