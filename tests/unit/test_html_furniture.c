/* What the portals and networks of the country put round a text: none of it is told, and nothing of
 * the text is lost. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gateway/core/story.h"

#define TITLE "Phun thuốc diệt muỗi tại xóm Hạ"
#define FIRST "Trạm y tế phun thuốc diệt muỗi từ 7h30 đến 11h00 ngày 5/3/2027 tại xóm Hạ."
#define SECOND "Bà con che đậy thức ăn. Hỏi thêm: 0900.311.222."
#define BOTH "<p>" FIRST "</p><p>" SECOND "</p>"

/* A name that ends with "html" is a page, else it is plain text. */
static const struct {
    const char *label, *name, *content;
} pages[] = {
    {"a portal of portlets (Liferay)", "x.html",
     "<title>" TITLE " - Cổng thông tin</title><div id=wrapper><header id=banner><a "
     "href=/web/guest>Trang chủ</a></header><nav id=breadcrumbs><ul><li><a "
     "href=/>Home</a></li><li>Tin tức</li></ul></nav><section class=portlet><h2 "
     "class=portlet-title-text>Asset Publisher</h2><div class=asset-full-content><h3>" TITLE
     "</h3><div class=header-back-to><a href=/>« Quay lại</a></div><div "
     "class=asset-metadata><span>Ngày đăng 03/03/2027</span> | <span>Lượt đọc: 128</span></div>"
     "<div class=journal-content-article>" BOTH
     "</div><div class=asset-ratings>Xếp hạng trung bình "
     "(0 Phiếu)</div><div class=social>Tweet</div><div>Thẻ: <a href=/t>thongbao</a> <a href=/y>y "
     "te</a></div></div></section>"
     "<section class=portlet><h2>Tin cũ hơn</h2><ul><li><a href=/1>Họp xóm ngày 01/02</a></li>"
     "</ul></section></div>"},
    {"a portal of tools in lines (VNPT)", "x.html",
     "<title>" TITLE "</title><div class=container><div class=title-detail>" TITLE
     "</div><div class=date>Thứ ba, 03/03/2027 08:15 GMT+7</div><div class=tools><span>Đọc bài "
     "viết</span><span>Xem với cỡ chữ</span><span>A-</span><span>A+</span><span>Tương phản "
     "</span></div><div class=body>" BOTH "</div><div>In trang</div><div>Gửi bài qua "
     "email</div><div>Số lượt xem: 57</div><div>Đánh giá của bạn:</div><div>Tổng số điểm của bài "
     "viết là: 0 trong 0 đánh giá</div><div>Click để đánh giá bài viết</div></div>"},
    {"a portal with a voice and counters (Viettel)", "x.html",
     "<title>" TITLE "</title><main><h1>" TITLE "</h1><div class=meta><span>03/03/2027 08:15"
     "</span><span>128 lượt xem</span></div><div class=audio><span>Nghe đọc</span><span>0:00 / "
     "1:25</span><span>Giọng Bắc</span><span>Tốc độ 1x</span></div><div class=content>" BOTH
     "</div><div class=feedback><p>Bài viết có hữu ích với bạn không?</p><button>Có</button>"
     "<button>Không</button></div><div class=like>Thích 0</div><div>Sao chép liên kết</div></main>"
     "<aside><h3>Thống kê truy cập</h3><p>Hôm nay: 12</p><p>Tất cả: 30.222</p></aside>"},
    {"pages in cells of a form (SharePoint)", "x.html",
     "<title>\n\t" TITLE
     "\n</title><form id=aspnetForm><div>Skip Ribbon Commands</div><div>Skip to "
     "main content</div><div id=s4-workspace><div class=s4-titletext>Trang chủ &gt; Tin tức</div>"
     "<div class=news><div class=news-title>" TITLE "</div><div>Thứ Ba 03/03/2027 09:15 AM</div>"
     "<div>A- A A+ &nbsp; Tương phản &nbsp; Bản in</div><div class=ms-rtestate-field>" BOTH
     "</div><div>Cập nhật lúc: 03/03/2027 10:00</div><div>Đánh giá bài viết: 0 / 5 sao (0 "
     "lượt)</div></div><div>TIN CÙNG CHUYÊN MỤC</div><table><tr><td>Họp xóm</td><td>(01/02)</td>"
     "</tr></table></div></form>"},
    {"a journal (WordPress)", "x.html",
     "<title>" TITLE " &#8211; UBND xã</title><article><h1 class=entry-title>" TITLE
     "</h1><div class=entry-meta><span>Posted on <a href=/d>03/03/2027</a></span> <span>by <a "
     "href=/a>admin</a></span> <span>Leave a comment</span></div><div class=entry-content>" BOTH
     "</div><footer><span>Chuyên mục: <a href=/c>Y tế</a></span></footer></article><nav><h2>Điều "
     "hướng bài viết</h2><a href=/p>← Họp xóm</a> <a href=/n>Lịch cắt điện →</a></nav><div "
     "id=comments><h3>Để lại một bình luận</h3><p>Email của bạn sẽ không được hiển thị công khai. "
     "Các trường bắt buộc được đánh dấu *</p><textarea></textarea></div>"},
    {"a journal (Joomla)", "x.html",
     "<title>" TITLE "</title><div class=item-page><h2>" TITLE "</h2><ul class=actions><li><a "
     "href=#>In</a></li><li><a href=#>Email</a></li></ul><dl class=article-info><dt>Chi tiết</dt>"
     "<dd>Được viết bởi Super User</dd><dd>Chuyên mục: <a href=/t>Tin xã</a></dd><dd>Được đăng: "
     "03 Tháng 3 2027</dd><dd>Lượt truy cập: 512</dd></dl>" BOTH
     "<ul class=pager><li><a href=/1>&lt; Trước</a></li><li><a href=/2>Tiếp &gt;</a></li></ul>"
     "</div>"},
    {"what a shop of courses has below", "x.html",
     "<title>" TITLE "</title><div><h1>" TITLE "</h1><div>" BOTH "</div><div><button>ĐĂNG KÝ "
     "NGAY</button><span>Còn 12 chỗ trống hôm nay!</span></div></div>"},
    {"copied from a network (Facebook)", "x.txt",
     TITLE "\n\n2 giờ · \n\n" FIRST "\n" SECOND
           "\n\nXem thêm\n25\n3 bình luận\n7 lượt chia sẻ\nThích\nBình luận\nChia sẻ\nPhù hợp "
           "nhất\nViết bình luận..."},
    {"passed on in a group (Zalo)", "x.txt",
     TITLE "\n\n" FIRST "\n" SECOND
           "\n(Đăng lại từ nhóm của xóm, nhờ mọi người chuyển tiếp)\nĐã xem"},
    {"passed on with a request (Zalo)", "x.txt",
     "[Tin được chuyển tiếp]\n" TITLE "\n\n" FIRST "\n" SECOND
     "\nNhờ bà con chia sẻ cho mọi người cùng biết!\nĐã xem"},
    {"a page of a mini app (Zalo)", "x.txt",
     TITLE "\n\nQuan tâm\n1.024 người quan tâm\n03/03/2027 08:15\n" FIRST "\n" SECOND
           "\nQuan tâm OA để nhận tin\nMở trong Zalo\nNhắn tin\nBáo xấu"},
};

static void
test_pages(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct arena *arena = arena_new();
        struct announcement a = {0};
        struct story *story = arena_alloc(arena, sizeof *story);
        struct err err = {.text = ""};
        if (announcement_read(&a, arena, pages[i].name, str_of(pages[i].content), &err) != 0 ||
            announcement_check(&a, arena, &err) != 0 ||
            story_read(&a, phrases_built_in(arena), arena, story, &err) != 0) {
            fail_msg("%s: %s", pages[i].label, err.text);
        }
        struct str told = story_body(story, arena);
        if (!str_equal_z(a.field[FIELD_TITLE], TITLE) || !str_equal_z(told, FIRST "\n" SECOND)) {
            print_error("%s: '%.*s'\n%.*s\n\n", pages[i].label, (int)a.field[FIELD_TITLE].n,
                        a.field[FIELD_TITLE].p, (int)told.n, told.p);
            wrong++;
        }
        arena_free(&arena);
    }
    assert_int_equal(wrong, 0);
}

/* What looks like that and is the announcement's own. */
static void
test_text_stays(void **state)
{
    (void)state;
    static const struct {
        const char *body, *told;
    } cases[] = {
        {"Lớp học tối thứ Ba.\nCòn 12 chỗ, đăng ký trước 5/3/2027.",
         "Lớp học tối thứ Ba.\nCòn 12 chỗ, đăng ký trước 5/3/2027."},
        {"Xe chở khách miễn phí.\nCòn 12 chỗ.", "Xe chở khách miễn phí.\nCòn 12 chỗ."},
        {"Hồ sơ nộp tại xã.\nThẻ bảo hiểm y tế: 1 bản sao.",
         "Hồ sơ nộp tại xã.\nThẻ bảo hiểm y tế: 1 bản sao."},
        {"Xóm nhờ mọi người chuyển tiếp chăn ấm đến các hộ nghèo trước 5/3/2027.",
         "Xóm nhờ mọi người chuyển tiếp chăn ấm đến các hộ nghèo trước 5/3/2027."},
        {"Phát quà tại xóm.\nĐã nhận 12 suất quà, còn thiếu 8.",
         "Phát quà tại xóm.\nĐã nhận 12 suất quà, còn thiếu 8."},
        {"Hội quan tâm đến người già.\nQuan tâm, chăm sóc: 12 cụ.",
         "Hội quan tâm đến người già.\nQuan tâm, chăm sóc: 12 cụ."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct announcement a = {
            .field = {[FIELD_TITLE] = STR(TITLE), [FIELD_BODY] = str_of(cases[i].body)}};
        struct story *story = arena_alloc(arena, sizeof *story);
        assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, NULL), 0);
        struct str told = story_body(story, arena);
        if (!str_equal_z(told, cases[i].told)) {
            fail_msg("%s: %.*s", cases[i].body, (int)told.n, told.p);
        }
        arena_free(&arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_text_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
