/* The codes of the ledger and their words. */
// SPDX-License-Identifier: MIT
#include "gateway/core/reason.h"

#include <stdio.h>
#include <string.h>

struct words {
    const char *code, *english, *vietnamese;
};

static const struct words reasons[REASON_N] = {
    [REASON_OPTED_OUT] = {"optou", "opted-out", "đã từ chối nhận tin"},
    [REASON_DUPLICATE] = {"dupli", "duplicate", "trùng địa chỉ với người khác"},
    [REASON_INVALID_ADDRESS] = {"inval", "invalid-address", "số điện thoại không hợp lệ"},
    [REASON_NO_ADDRESS] = {"noadr", "no-address", "không có địa chỉ"},
    [REASON_CAP] = {"cap", "cap", "quá số tin được phép"},
    [REASON_CANCELLED] = {"cance", "cancelled", "đã huỷ"},
    [REASON_ATTEMPTS] = {"att", "attempts-used-up", "đã thử hết số lần"},
    [REASON_RESPONSE] = {"rsp", "response-timeout", "không có trả lời kịp thời"},
    [REASON_EXPIRED] = {"expir", "expired", "đã quá hạn gửi"},
};

/* The final states of a delivery receipt (SMPP 3.4, appendix B) as the ledger keeps them: five
 * letters.  EXPIRED is among the reasons above. */
static const struct words receipts[] = {
    {"delet", "deleted", "nhà mạng đã xoá"},
    {"undel", "undeliverable", "không phát được"},
    {"rejec", "rejected", "nhà mạng từ chối"},
    {"unkno", "unknown", "nhà mạng không rõ"},
};

/* Command statuses (SMPP 3.4, 5.1.3) that a submit_sm_resp or bind_resp may carry. */
static const struct {
    uint32_t status;
    const char *english, *vietnamese;
} statuses[] = {
    {0x01, "invalid-message-length", "sai độ dài tin"},
    {0x02, "invalid-command-length", "sai độ dài lệnh"},
    {0x03, "invalid-command", "sai lệnh"},
    {0x04, "wrong-bind-state", "sai trạng thái kết nối"},
    {0x05, "already-bound", "đã kết nối rồi"},
    {0x06, "invalid-priority", "sai mức ưu tiên"},
    {0x07, "invalid-registered-delivery", "sai yêu cầu báo phát"},
    {0x08, "system-error", "lỗi hệ thống của nhà mạng"},
    {0x0a, "invalid-source", "sai tên người gửi"},
    {0x0b, "invalid-destination", "sai số nhận"},
    {0x0c, "invalid-message-id", "sai mã tin"},
    {0x0d, "bind-failed", "kết nối không thành"},
    {0x0e, "invalid-password", "sai mật khẩu"},
    {0x0f, "invalid-system-id", "sai tài khoản"},
    {0x11, "cancel-failed", "huỷ không thành"},
    {0x13, "replace-failed", "thay không thành"},
    {0x14, "queue-full", "hàng đợi của nhà mạng đầy"},
    {0x15, "invalid-service-type", "sai loại dịch vụ"},
    {0x33, "invalid-number-of-destinations", "sai số lượng số nhận"},
    {0x34, "invalid-distribution-list", "sai danh sách nhận"},
    {0x40, "invalid-destination-flag", "sai cờ số nhận"},
    {0x42, "invalid-submit-with-replace", "sai yêu cầu thay tin"},
    {0x43, "invalid-esm-class", "sai esm_class"},
    {0x44, "cannot-submit-to-list", "không gửi được vào danh sách"},
    {0x45, "submit-failed", "gửi không thành"},
    {0x48, "invalid-source-type", "sai kiểu người gửi"},
    {0x49, "invalid-source-plan", "sai kiểu số người gửi"},
    {0x50, "invalid-destination-type", "sai kiểu số nhận"},
    {0x51, "invalid-destination-plan", "sai kiểu số nhận"},
    {0x53, "invalid-system-type", "sai system_type"},
    {0x54, "invalid-replace-flag", "sai cờ thay tin"},
    {0x55, "invalid-number-of-messages", "sai số lượng tin"},
    {0x58, "throttled", "gửi nhanh quá mức cho phép"},
    {0x61, "invalid-scheduled-time", "sai giờ hẹn"},
    {0x62, "invalid-expiry-time", "sai giờ hết hạn"},
    {0x63, "invalid-message", "sai nội dung tin"},
    {0x64, "temporary-application-error", "lỗi tạm thời"},
    {0x65, "permanent-application-error", "lỗi vĩnh viễn"},
    {0x66, "rejected-application-error", "bị từ chối"},
    {0x67, "query-failed", "hỏi không thành"},
    {0xc0, "error-in-optional-part", "lỗi phần tuỳ chọn"},
    {0xc1, "tlv-not-allowed", "không cho phép TLV"},
    {0xc2, "invalid-parameter-length", "sai độ dài tham số"},
    {0xc3, "tlv-missing", "thiếu TLV"},
    {0xc4, "invalid-tlv-value", "sai giá trị TLV"},
    {0xfe, "delivery-failure", "phát không thành"},
    {0xff, "unknown-error", "lỗi không rõ"},
};

const char *
reason_code(enum reason reason)
{
    return reasons[reason].code;
}

void
reason_of_status(uint32_t status, char out[6])
{
    (void)snprintf(out, 6, "s%04x", status > 0xffff ? 0xffffU : (unsigned)status);
}

static bool
read_status(struct str code, uint32_t *status)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t value = 0;
    if (code.n != 5 || code.p[0] != 's') {
        return false;
    }
    for (size_t i = 1; i < code.n; i++) {
        const char *at = code.p[i] ? strchr(digits, code.p[i]) : NULL;
        if (!at) {
            return false;
        }
        value = value * 16 + (uint32_t)(at - digits);
    }
    *status = value;
    return true;
}

static void
status_words(uint32_t status, bool vietnamese, char *out, size_t room)
{
    const char *words = vietnamese ? "lỗi của nhà mạng" : "smpp-error";
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (statuses[i].status == status) {
            words = vietnamese ? statuses[i].vietnamese : statuses[i].english;
        }
    }
    (void)snprintf(out, room, "%s (0x%08x)", words, (unsigned)status);
}

static const struct words *
find_words(struct str code)
{
    for (size_t i = 0; i < REASON_N; i++) {
        if (str_equal_z(code, reasons[i].code)) {
            return &reasons[i];
        }
    }
    for (size_t i = 0; i < sizeof receipts / sizeof *receipts; i++) {
        if (str_equal_z(code, receipts[i].code)) {
            return &receipts[i];
        }
    }
    return NULL;
}

void
reason_words(struct str code, bool vietnamese, char *out, size_t room)
{
    uint32_t status = 0;
    const struct words *words = find_words(code);
    if (read_status(code, &status)) {
        status_words(status, vietnamese, out, room);
    } else if (words) {
        (void)snprintf(out, room, "%s", vietnamese ? words->vietnamese : words->english);
    } else {
        (void)snprintf(out, room, "%.*s", (int)code.n, code.n ? code.p : "");
    }
}
