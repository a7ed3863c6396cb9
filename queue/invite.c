/* Addresses that members bring by themselves: the calls of queue/members_invite.lua. */
// SPDX-License-Identifier: MIT
#include "queue/invite.h"

#include <sodium.h>
#include <stdlib.h>

#include "gateway/core/mem.h"
#include "queue/redis.h"

struct inviting {
    invite_fn *fn;
    void *arg;
};

static void
on_given(void *arg, const struct redisReply *reply, const struct err *err)
{
    struct inviting *i = arg;
    i->fn(i->arg, !err && reply_int(reply, 0) > 0, err);
    free(i);
}

void
invite_give(struct queue *queue, const char *member, int64_t good_s, char code[INVITE_CODE],
            invite_fn *fn, void *arg)
{
    unsigned char random[16];
    struct inviting *i = xmalloc(sizeof *i);
    struct args a;
    *i = (struct inviting){fn, arg};
    randombytes_buf(random, sizeof random);
    (void)sodium_bin2base64(code, INVITE_CODE, random, sizeof random,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    args_fcall(&a, "loa_invite", QUEUE_DIRECTORY "numbers");
    args_z(&a, member);
    args_z(&a, code);
    args_int(&a, good_s);
    queue_send(queue, &a, on_given, i);
}

void
invite_moved(struct queue *queue, const char *from, const char *to, queue_done *fn, void *arg)
{
    struct args a;
    args_fcall(&a, "loa_moved", QUEUE_DIRECTORY "numbers");
    args_z(&a, "telegram");
    args_z(&a, from);
    args_z(&a, to);
    queue_send_plain(queue, &a, fn, arg);
}
