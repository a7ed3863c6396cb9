/* Layouts of portals that no phrase list knows: the text is what stands with the title, in words
 * of its own. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "gateway/core/html.h"

/* The article that every layout wraps: its title, and the two paragraphs that must come out. */
#define TITLE "Cúp nước phường Vĩnh Hưng ngày 29/11"
#define FIRST_A "Xí nghiệp cấp nước số 2 cúp nước từ 22 giờ ngày 29/11 đến 4 giờ "
#define FIRST_B "ngày 30/11/2026 tại khu phố 3 và khu phố 4 để súc xả đường ống."
#define FIRST FIRST_A FIRST_B
#define SECOND "Bà con trữ nước đủ dùng. Đường dây nóng 1900 1234."

static const struct {
    const char *label, *html;
} layouts[] = {
    {"blocks without a name that says anything",
     "<title>Cúp nước phường Vĩnh Hưng - Trang tin phường</title><div class=x1><ul><li><a "
     "href=/>Đầu "
     "trang</a></li><li><a href=/g>Bộ máy</a></li></ul></div>"
     "<div class=x2><div class=x3><h2>" TITLE "</h2>"
     "<div><i>20-11-2026 08:15</i><span>Phòng Kinh tế</span><a href=#>In</a></div>"
     "<div>" FIRST "<br>" SECOND "</div></div>"
     "<div class=x4><p>Thời tiết hôm nay: 28 độ</p><p>Giá vàng: 15.200.000 đồng</p></div></div>"},
    {"an info line of parts set side by side",
     "<main><h1>" TITLE "</h1><div><span>Thứ Sáu</span><time>20/11/2026 14:20</time>"
     "<span>3 phút</span><button>Nghe</button></div><p>" FIRST "</p><p>" SECOND "</p></main>"},
    {"what is read most, beside the text in one main",
     "<main><section><h1>" TITLE "</h1><p>" FIRST "</p><p>" SECOND "</p></section>"
     "<section><h2>Được quan tâm</h2><h3><a href=/1>Chung kết bóng chuyền ngày 09/10/2026</a></h3>"
     "<span>09/10/2026</span><h3><a href=/2>Khánh thành cầu dân sinh</a></h3>"
     "<span>01/10/2026</span></section></main>"},
    {"more of it below the text, its dates no links",
     "<div><h1>" TITLE "</h1><p>" FIRST "</p><p>" SECOND "</p>"
     "<div><b>Có thể bạn muốn xem</b><div><a href=/a>Lịch cúp điện tháng 12</a> 19/11/2026</div>"
     "<div><a href=/b>Thu gom rác cồng kềnh ngày 15/11</a> 14/11/2026</div></div></div>"},
    {"remarks of readers",
     "<div><h1>" TITLE "</h1><p>" FIRST "</p><p>" SECOND "</p></div>"
     "<div><p>Bình luận (1)</p><div><b>Lan</b><p>Hôm 12/11 cũng cúp.</p><a href=#>Trả lời</a>"
     "</div></div>"},
    {"a heading with nothing behind it but buttons",
     "<div><h1>" TITLE "</h1><p>" FIRST "</p><p>" SECOND "</p><h4>Đưa lên mạng xã hội</h4>"
     "<p><a href=/f>Facebook</a> <a href=/z>Zalo</a></p></div>"},
    {"a banner above and whose the page is below",
     "<div>Trang này lưu dấu truy cập của bạn.<button>Đồng ý</button></div>"
     "<div><h1>" TITLE "</h1><p>" FIRST "</p><p>" SECOND "</p></div>"
     "<div>© 2026 Phường Vĩnh Hưng. Địa chỉ: số 1 đường Lê Lai. Điện thoại: 0900.311.999</div>"},
    {"a title in a cell beside menus, in no heading, and nothing else said on the page",
     "<title>Cổng &gt; " TITLE "</title><meta property=og:title content=\"" TITLE "\"><form><table>"
     "<tr><td><b>DANH MỤC</b><br><a href=/1>Kinh tế</a><br><a href=/2>Văn hóa</a></td><td><b>" TITLE
     "</b><br><i>Cập nhật: 24/11/2026 09:10</i><p>" FIRST "</p><p>" SECOND "</p></td>"
     "<td><b>TỶ GIÁ</b><br>USD 25.410</td></tr></table></form>"},
    {"laid out by tables",
     "<table><tr><td><a href=/>Đầu trang</a></td><td><a href=/t>Tin</a></td></tr></table>"
     "<table><tr><td><h1>" TITLE "</h1><p>" FIRST "</p><p>" SECOND "</p></td>"
     "<td><p>Đang xem: 12</p><p>Hôm nay: 30 độ</p></td></tr></table>"},
    {"a title in a cell, the menu and a poll in tables around it",
     "<title>" TITLE "</title><form><table><tr><td><table><tr><td><a href=/>Đầu trang</a></td><td>"
     "<a href=/b>Bộ máy</a></td><td><a href=/h>Hỏi đáp</a></td></tr></table></td></tr><tr><td>"
     "<table><tr><td><table><tr><td onclick=a()>Tin xã</td></tr><tr><td onclick=b()>Ngân sách</td>"
     "</tr></table></td><td><table><tr><td><span>" TITLE "</span></td></tr><tr><td>(Cập nhật: "
     "20/11/2026 08:15:00 AM - Lượt xem: 41)</td></tr><tr><td><div>" FIRST "</div><div>" SECOND
     "</div></td></tr><tr><td>Tin đã đăng</td></tr><tr><td><a href=/1>Ra quân thủy lợi</a> "
     "(12/11)<br><a href=/2>Gặp mặt doanh nghiệp</a> (10/11)</td></tr><tr><td><table><tr><td>Bạn "
     "thấy trang này thế nào?</td></tr><tr><td><input type=radio>Đẹp</td></tr></table></td></tr>"
     "</table></td></tr></table></td></tr><tr><td>Trụ sở: số 1 Lê Lai. Điện thoại: "
     "0900.311.999</td></tr></table></form>"},
    {"a page whose title names only the site",
     "<title>Trang thông tin điện tử phường Vĩnh Hưng</title><table><tr><td><a href=/>Đầu "
     "trang</a></td></tr></table><table><tr><td><b>" TITLE "</b></td></tr><tr><td><i>Thứ sáu, "
     "20/11/2026 - 15:02</i></td></tr><tr><td><p>" FIRST "</p><p>" SECOND "</p></td></tr></table>"},
};

static void
test_layouts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        struct arena *arena = arena_new();
        struct html_page page;
        assert_int_equal(html_read(str_of(layouts[i].html), arena, &page, NULL), 0);
        if (!str_equal_z(page.title, TITLE) || !str_equal_z(page.text, FIRST "\n" SECOND)) {
            fail_msg("%s: '%.*s': '%.*s'", layouts[i].label, (int)page.title.n, page.title.p,
                     (int)page.text.n, page.text.p);
        }
        arena_free(&arena);
    }
}

/* What looks like that and is the announcement's own. */
static void
test_text_stays(void **state)
{
    (void)state;
    static const struct {
        const char *label, *html, *text;
    } cases[] = {
        {"numbers to ring are no list of links",
         "<h1>Đường dây nóng của phường</h1><p>Gọi <a href='tel:0900311001'>0900.311.001</a> hoặc "
         "<a href='tel:0900311002'>0900.311.002</a></p>",
         "Gọi 0900.311.001 hoặc 0900.311.002"},
        {"labels and values in parts",
         "<h1>Mời họp</h1><div><b>Thời gian:</b><span> 19h30</span></div>"
         "<div><b>Địa điểm:</b><span> Nhà văn hóa</span></div>",
         "Thời gian: 19h30\nĐịa điểm: Nhà văn hóa"},
        {"headings with what they head",
         "<h1>Kế hoạch của phường</h1><h2>I. Mục đích</h2><p>Một.</p><h2>II. Thời "
         "gian</h2><p>Hai.</p>",
         "I. Mục đích\nMột.\nII. Thời gian\nHai."},
        {"a word written in pieces",
         "<h1>Mời họp</h1><p><span>Đ</span><span>ăng ký</span> sớm.</p>", "Đăng ký sớm."},
        {"a letterhead in two columns",
         "<table><tr><td><p>ĐẢNG ỦY PHƯỜNG A</p><p>Số 20-KH/ĐU</p></td><td><p>ĐẢNG CỘNG SẢN VIỆT "
         "NAM"
         "</p><p>A, ngày 12 tháng 11 năm 2026</p></td></tr></table><p>KẾ HOẠCH</p><p>tổ chức hội "
         "nghị"
         "</p>",
         "ĐẢNG ỦY PHƯỜNG A\nSố 20-KH/ĐU\nKẾ HOẠCH\ntổ chức hội nghị"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct html_page page;
        assert_int_equal(html_read(str_of(cases[i].html), arena, &page, NULL), 0);
        if (!str_equal_z(page.text, cases[i].text)) {
            fail_msg("%s: '%.*s'", cases[i].label, (int)page.text.n, page.text.p);
        }
        arena_free(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layouts),
        cmocka_unit_test(test_text_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
