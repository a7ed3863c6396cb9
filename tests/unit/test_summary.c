/* The text of an SMS. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/summary.h"

#define LINK "https://a.example.vn/thong-bao/hop-to-dan-pho-7"
#define LONG_TITLE                                                                                 \
    "Thông báo về việc tạm ngừng cung cấp nước sạch để "                       \
    "thi công đấu nối đường ống cấp nước D400 tại các "                        \
    "tổ dân phố của phường từ ngày 28/11/2026 đến "                                \
    "ngày 30/11/2026 và các ngày sau đó"
#define WORD "mot-chu-khong-co-cho-trong-nao-de-cat-ca-du-no-dai-den-may-di-nua-"

struct row {
    const char *label;
    const char *title, *body, *url, *summary;
    enum summary_marks marks;
    int max_parts;
    const char *text; /* an error after "!" */
    int parts;
    enum encoding encoding;
};

static const struct row rows[] = {
    {"title and link", "Họp tổ 7", "", LINK, "", SUMMARY_STRIP, 3, "Hop to 7 " LINK, 1,
     ENCODING_GSM7},
    {"title alone", "Họp tổ 7", "", "", "", SUMMARY_STRIP, 3, "Hop to 7", 1, ENCODING_GSM7},
    {"the lead", "Họp tổ 7", "19h30 ngày 2/12. Tại nhà văn hóa.", LINK, "", SUMMARY_STRIP, 3,
     "Hop to 7. 19h30 ngay 2/12. Tai nha van hoa. " LINK, 1, ENCODING_GSM7},
    {"a title that ends a sentence", "Họp tổ 7!", "Mời đến.", "", "", SUMMARY_STRIP, 1,
     "Hop to 7! Moi den.", 1, ENCODING_GSM7},
    {"lines without a stop", "Họp", "Một\nHai", "", "", SUMMARY_STRIP, 1, "Hop. Mot. Hai", 1,
     ENCODING_GSM7},
    {"the title is not said twice", "Họp tổ 7", "HỌP TỔ 7.\nMời đến.", "", "", SUMMARY_STRIP, 1,
     "Hop to 7. Moi den.", 1, ENCODING_GSM7},
    {"keep", "Họp tổ 7", "Mời đến.", LINK, "", SUMMARY_KEEP, 3, "Họp tổ 7. Mời đến. " LINK, 1,
     ENCODING_UCS2},
    {"keep without marks is GSM-7", "Hop to 7", "", LINK, "", SUMMARY_KEEP, 3, "Hop to 7 " LINK, 1,
     ENCODING_GSM7},
    {"auto where marks would go", "Họp tổ 7", "", "", "", SUMMARY_AUTO, 3, "Họp tổ 7", 1,
     ENCODING_UCS2},
    {"auto where only quotes are dear", "Hop “to 7” – moi", "", "", "", SUMMARY_AUTO, 3,
     "Hop \"to 7\" - moi", 1, ENCODING_GSM7},
    {"keep keeps quotes", "Hop “to 7”", "", "", "", SUMMARY_KEEP, 3, "Hop “to 7”", 1,
     ENCODING_UCS2},
    {"HTML", "Họp", "<p>Một <b>hai</b>.</p><script>x</script><p>Ba &amp; b&#7889;n.</p>", "", "",
     SUMMARY_STRIP, 1, "Hop. Mot hai. Ba & bon.", 1, ENCODING_GSM7},
    {"furniture goes", "Họp", "Kính gửi: ai\nLượt xem: 3\nMột.\nTin liên quan\nHai.", "", "",
     SUMMARY_STRIP, 1, "Hop. Mot.", 1, ENCODING_GSM7},
    {"a head of the sentence that does not fit", "Họp tổ", "Mời bà con đến:\n" LONG_TITLE, "", "",
     SUMMARY_STRIP, 1,
     "Hop to. Moi ba con den: Thong bao ve viec tam ngung cung cap nuoc sach de thi cong dau noi "
     "duong ong cap nuoc D400 tai cac to dan pho cua phuong...",
     1, ENCODING_GSM7},
    {"an announced list that does not come", "Họp tổ", "Một.\nMời bà con đến:\n" WORD WORD WORD, "",
     "", SUMMARY_STRIP, 1, "Hop to. Mot.", 1, ENCODING_GSM7},
    {"a given summary", "Họp", "Thân bài.", LINK, "Đi họp 19h30", SUMMARY_STRIP, 1,
     "Di hop 19h30 " LINK, 1, ENCODING_GSM7},
    {"a given summary keeps its lines", "Họp", "", "", "Một\n hai  ba", SUMMARY_STRIP, 1,
     "Mot\nhai ba", 1, ENCODING_GSM7},
    {"a given summary that has the link", "Họp", "", LINK, "Xem " LINK " nhé", SUMMARY_STRIP, 1,
     "Xem " LINK " nhe", 1, ENCODING_GSM7},
    {"a given summary is not cut", "Họp", "", LINK, LONG_TITLE, SUMMARY_STRIP, 1,
     "!summary: with its link it needs more than 1 SMS part", 0, ENCODING_GSM7},
    {"a long title is cut at a word", LONG_TITLE, "Thân bài.", LINK, "", SUMMARY_STRIP, 1,
     "Thong bao ve viec tam ngung cung cap nuoc sach de thi cong dau noi duong ong cap nuoc D400 "
     "tai cac to dan pho... " LINK,
     1, ENCODING_GSM7},
    {"and not when it fits", LONG_TITLE, "", LINK, "", SUMMARY_STRIP, 2,
     "Thong bao ve viec tam ngung cung cap nuoc sach de thi cong dau noi duong ong cap nuoc D400 "
     "tai cac to dan pho cua phuong tu ngay 28/11/2026 den ngay 30/11/2026 va cac ngay sau "
     "do " LINK,
     2, ENCODING_GSM7},
    {"no room for a word", "Họp", "", LINK "/" LINK "/" LINK "/" LINK, "", SUMMARY_STRIP, 1,
     "!title and link do not fit into 1 SMS part", 0, ENCODING_GSM7},
};

static void
check_row(const struct row *row)
{
    struct arena *arena = arena_new();
    struct announcement a = {0};
    struct summary summary;
    struct err err = {.text = ""};
    struct summary_rules rules = {row->marks, row->max_parts};
    a.field[FIELD_TITLE] = str_of(row->title);
    a.field[FIELD_BODY] = str_of(row->body);
    a.field[FIELD_URL] = str_of(row->url);
    a.field[FIELD_SUMMARY] = str_of(row->summary);
    int answer = summary_sms(&a, &rules, arena, &summary, &err);
    struct str got = answer == 0 ? summary.text : str_of(err.text);
    if ((answer != 0) != (row->text[0] == '!') || !str_equal_z(got, row->text + (answer != 0))) {
        fail_msg("%s: '%.*s'", row->label, (int)got.n, got.p);
    }
    if (answer == 0 &&
        (summary.segments.n != row->parts || summary.segments.encoding != row->encoding ||
         !str_equal_z(summary.link, row->url))) {
        fail_msg("%s: %d parts, encoding %d", row->label, summary.segments.n,
                 summary.segments.encoding);
    }
    arena_free(&arena);
}

static void
test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check_row(&rows[i]);
    }
}

static void
test_codes_of_refusals(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct summary summary;
    struct err err = {0};
    struct summary_rules rules = {SUMMARY_STRIP, 1};
    struct announcement a = {
        .field = {[FIELD_TITLE] = STR("x"), [FIELD_SUMMARY] = STR(LONG_TITLE)}};
    assert_int_equal(summary_sms(&a, &rules, arena, &summary, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    a = (struct announcement){
        .field = {[FIELD_TITLE] = STR("x"), [FIELD_URL] = STR(LINK LINK LINK LINK)}};
    assert_int_equal(summary_sms(&a, &rules, arena, &summary, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    arena_free(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_codes_of_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
