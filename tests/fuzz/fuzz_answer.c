/* Answers and posts of platforms: whatever the bytes, one verdict and no crash. */
// SPDX-License-Identifier: MIT
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "gateway/core/provider.h"
#include "gateway/core/webhook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
read_provider(struct str body)
{
    static const struct str_pair words[] = {{"DUPLICATE", "ok-already"}};
    static const enum provider_reply forms[] = {PROVIDER_JSON, PROVIDER_XML, PROVIDER_FORM,
                                                PROVIDER_TEXT};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const struct answer_reply reply = {
            .transport = TRANSPORT_ANSWERED, .status = 200, .body = body};
        const struct provider p = {.reply = forms[i],
                                   .code = "/a/0,code",
                                   .id = "id",
                                   .message = "message",
                                   .ok = "0,1",
                                   .match = {words, 1},
                                   .default_class = "ambiguous",
                                   .receipt_id = "id",
                                   .receipt_state = "s",
                                   .receipt_ok = ">0",
                                   .receipt_failed = "a:>=2",
                                   .token_at = "/t",
                                   .token_expires_at = "/e",
                                   .token_refresh_at = "/r"};
        struct provider_receipt receipt;
        struct answer answer;
        struct answer_token token;
        struct arena *arena = arena_new();
        provider_answer(&p, &reply, &answer);
        assert(answer_class_name(answer.class));
        (void)provider_receipt(&p, forms[i], body, &receipt);
        provider_token(&p, &reply, 1700000000, arena, &token);
        arena_free(&arena);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 1) {
        return 0;
    }
    struct arena *arena = arena_new();
    struct str body = {(const char *)data + 1, n - 1};
    const struct answer_reply reply = {
        .transport = TRANSPORT_ANSWERED, .status = data[0] & 1 ? 200 : 400, .body = body};
    const struct webhook_keys keys = {STR("1"), STR("key"), STR("")};
    struct answer answer;
    struct answer_token token;
    struct webhook_event event;
    int64_t day, left;
    answer_zalo(data[0] & 2 ? ZALO_OA : ZALO_BUSINESS, &reply, &answer);
    assert((answer.class == ANSWER_OK) == (answer.id[0] != '\0'));
    answer_telegram(&reply, &answer);
    assert(strlen(answer.reason) < ANSWER_REASON);
    answer_token(&reply, arena, &token);
    assert(token.class != ANSWER_OK || (token.access.n > 0 && token.refresh.n > 0));
    (void)answer_zalo_status(&reply);
    (void)answer_zalo_quota(&reply, &day, &left);
    assert(webhook_zalo(body, arena, &event, NULL) != 0 || event.name.n > 0);
    assert(webhook_telegram(body, arena, &event, NULL) != 0 || event.id.n > 0);
    (void)webhook_zalo_signer(body, STR("mac=00"), &keys);
    read_provider(body);
    arena_free(&arena);
    return 0;
}
