/* SMPP's command_status. */
// SPDX-License-Identifier: MIT
#include "gateway/core/status.h"

#include <string.h>

enum { MINUTE_MS = 60000 };

/* SMPP 3.4 §5.1.3, and those of SMPP 5.0 that SMSCs send. */
static const struct {
    uint32_t status;
    enum status_class class;
    int64_t wait_ms;
    const char *english, *vietnamese;
} rows[] = {
    {0x00, STATUS_OK, 0, "no-error", "không lỗi"},
    {0x01, STATUS_MISTAKE, 0, "invalid-message-length", "sai độ dài tin"},
    {0x02, STATUS_MISTAKE, 0, "invalid-command-length", "sai độ dài lệnh"},
    {0x03, STATUS_MISTAKE, 0, "invalid-command", "sai lệnh"},
    {0x04, STATUS_LINK, 0, "wrong-bind-state", "sai trạng thái kết nối"},
    {0x05, STATUS_RETRY, 0, "already-bound", "đã kết nối rồi"},
    {0x06, STATUS_MISTAKE, 0, "invalid-priority", "sai mức ưu tiên"},
    {0x07, STATUS_MISTAKE, 0, "invalid-registered-delivery", "sai yêu cầu báo phát"},
    {0x08, STATUS_RETRY, 0, "system-error", "lỗi hệ thống của nhà mạng"},
    {0x0a, STATUS_LINK, 0, "invalid-source", "sai tên người gửi"},
    {0x0b, STATUS_NUMBER, 0, "invalid-destination", "sai số nhận"},
    {0x0c, STATUS_MISTAKE, 0, "invalid-message-id", "sai mã tin"},
    {0x0d, STATUS_LINK, 0, "bind-failed", "kết nối không thành"},
    {0x0e, STATUS_LINK, 0, "invalid-password", "sai mật khẩu"},
    {0x0f, STATUS_LINK, 0, "invalid-system-id", "sai tài khoản"},
    {0x11, STATUS_MISTAKE, 0, "cancel-failed", "huỷ không thành"},
    {0x13, STATUS_MISTAKE, 0, "replace-failed", "thay không thành"},
    {0x14, STATUS_THROTTLE, 0, "queue-full", "hàng đợi của nhà mạng đầy"},
    {0x15, STATUS_LINK, 0, "invalid-service-type", "sai loại dịch vụ"},
    {0x33, STATUS_MISTAKE, 0, "invalid-number-of-destinations", "sai số lượng số nhận"},
    {0x34, STATUS_MISTAKE, 0, "invalid-distribution-list", "sai danh sách nhận"},
    {0x40, STATUS_MISTAKE, 0, "invalid-destination-flag", "sai cờ số nhận"},
    {0x42, STATUS_MISTAKE, 0, "invalid-submit-with-replace", "sai yêu cầu thay tin"},
    {0x43, STATUS_MISTAKE, 0, "invalid-esm-class", "sai esm_class"},
    {0x44, STATUS_MISTAKE, 0, "cannot-submit-to-list", "không gửi được vào danh sách"},
    {0x45, STATUS_RETRY, 0, "submit-failed", "gửi không thành"},
    {0x48, STATUS_LINK, 0, "invalid-source-type", "sai kiểu người gửi"},
    {0x49, STATUS_LINK, 0, "invalid-source-plan", "sai kiểu số người gửi"},
    {0x50, STATUS_LINK, 0, "invalid-destination-type", "sai kiểu số nhận"},
    {0x51, STATUS_LINK, 0, "invalid-destination-plan", "sai kiểu số nhận"},
    {0x53, STATUS_LINK, 0, "invalid-system-type", "sai system_type"},
    {0x54, STATUS_MISTAKE, 0, "invalid-replace-flag", "sai cờ thay tin"},
    {0x55, STATUS_MISTAKE, 0, "invalid-number-of-messages", "sai số lượng tin"},
    {0x58, STATUS_THROTTLE, 0, "throttled", "gửi nhanh quá mức cho phép"},
    {0x61, STATUS_MISTAKE, 0, "invalid-scheduled-time", "sai giờ hẹn"},
    {0x62, STATUS_MISTAKE, 0, "invalid-expiry-time", "sai giờ hết hạn"},
    {0x63, STATUS_MISTAKE, 0, "invalid-message", "sai nội dung tin"},
    {0x64, STATUS_RETRY, 0, "temporary-application-error", "lỗi tạm thời"},
    {0x65, STATUS_NUMBER, 0, "permanent-application-error", "lỗi vĩnh viễn"},
    {0x66, STATUS_NUMBER, 0, "rejected-application-error", "bị từ chối"},
    {0x67, STATUS_MISTAKE, 0, "query-failed", "hỏi không thành"},
    {0xc0, STATUS_MISTAKE, 0, "error-in-optional-part", "lỗi phần tuỳ chọn"},
    {0xc1, STATUS_MISTAKE, 0, "tlv-not-allowed", "không cho phép TLV"},
    {0xc2, STATUS_MISTAKE, 0, "invalid-parameter-length", "sai độ dài tham số"},
    {0xc3, STATUS_MISTAKE, 0, "tlv-missing", "thiếu TLV"},
    {0xc4, STATUS_MISTAKE, 0, "invalid-tlv-value", "sai giá trị TLV"},
    {0xfe, STATUS_RETRY, 0, "delivery-failure", "phát không thành"},
    {0xff, STATUS_RETRY, 0, "unknown-error", "lỗi không rõ"},
    {0x100, STATUS_LINK, 0, "not-authorised", "không được phép dùng dịch vụ"},
    {0x101, STATUS_NUMBER, 0, "prohibited", "bị cấm"},
    {0x102, STATUS_RETRY, MINUTE_MS, "service-unavailable", "dịch vụ tạm ngừng"},
    {0x103, STATUS_LINK, 0, "service-denied", "dịch vụ bị từ chối"},
    {0x104, STATUS_MISTAKE, 0, "invalid-data-coding", "sai bảng mã"},
    {0x105, STATUS_MISTAKE, 0, "invalid-source-subunit", "sai thiết bị gửi"},
    {0x106, STATUS_MISTAKE, 0, "invalid-destination-subunit", "sai thiết bị nhận"},
};

enum { ROWS_N = sizeof rows / sizeof *rows };

static size_t
row_of(uint32_t status)
{
    size_t i = 0;
    while (i < ROWS_N && rows[i].status != status) {
        i++;
    }
    return i;
}

struct status_rule
status_rule_of(uint32_t status, const struct status_rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (status >= rules[i].first && status <= rules[i].last) {
            return rules[i];
        }
    }
    size_t row = row_of(status);
    return row < ROWS_N ? (struct status_rule){status, status, rows[row].class, rows[row].wait_ms}
                        : (struct status_rule){status, status, STATUS_RETRY, 0};
}

const char *
status_words(uint32_t status, bool vietnamese)
{
    size_t row = row_of(status);
    if (row == ROWS_N) {
        return NULL;
    }
    return vietnamese ? rows[row].vietnamese : rows[row].english;
}

bool
status_is_credentials(uint32_t status)
{
    return status == 0x0E || status == 0x0F || status == 0x53;
}

/* ---- Rules of the configuration ---- */

static int
digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
    return at ? (int)(at - digits) : 16;
}

static bool
read_number(struct str text, uint32_t *value)
{
    bool hex = text.n > 2 && text.p[0] == '0' && (text.p[1] == 'x' || text.p[1] == 'X');
    struct str digits = hex ? str_from(text, 2) : text;
    uint64_t v = 0;
    for (size_t i = 0; i < digits.n; i++) {
        int digit = digit_of(digits.p[i]);
        v = v * (hex ? 16 : 10) + (uint64_t)digit;
        if (digit >= (hex ? 16 : 10) || v > UINT32_MAX) {
            return false;
        }
    }
    *value = (uint32_t)v;
    return digits.n > 0;
}

/* "30s", "5m", "1h", "500ms". */
static bool
read_wait(struct str text, int64_t *ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", MINUTE_MS}, {"h", INT64_C(60) * MINUTE_MS}};
    size_t n = 0;
    uint64_t value = 0;
    while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9') {
        n++;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (str_equal_z(str_from(text, n), units[i].unit)) {
            bool number = str_to_u64((struct str){text.p, n}, 100000, &value);
            *ms = (int64_t)value * units[i].ms;
            return number;
        }
    }
    return false;
}

static bool
read_class(struct str word, struct status_rule *out)
{
    static const struct {
        const char *word;
        enum status_class class;
    } words[] = {{"retry", STATUS_RETRY},
                 {"throttle", STATUS_THROTTLE},
                 {"number", STATUS_NUMBER},
                 {"link", STATUS_LINK},
                 {"mistake", STATUS_MISTAKE}};
    struct str rest = word;
    struct str first = str_cut(&rest, ' ');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_equal_z(first, words[i].word)) {
            out->class = words[i].class;
            return !rest.p || (out->class == STATUS_RETRY && read_wait(rest, &out->wait_ms));
        }
    }
    return false;
}

bool
status_rule_read(struct str statuses, struct str word, struct status_rule *out)
{
    *out = (struct status_rule){0};
    struct str rest = statuses;
    if (!read_number(str_cut(&rest, '-'), &out->first)) {
        return false;
    }
    out->last = out->first;
    if (rest.p && !read_number(rest, &out->last)) {
        return false;
    }
    return out->first > 0 && out->last >= out->first && read_class(word, out);
}

const char *
status_rule_wanted(void)
{
    return "a status such as 0x400 or 0x400-0x4ff with retry, retry 5m, throttle, number, link or "
           "mistake";
}
