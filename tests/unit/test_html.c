/* Pages as portals write them, and pages that mean harm. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/core/html.h"
#include "gateway/core/html_head.h"
#include "gateway/core/html_parts.h"

static void
test_titles(void **state)
{
    (void)state;
    static const struct {
        const char *label, *html, *title;
    } cases[] = {
        {"og:title wins",
         "<title>A - B</title><meta property='og:title' content=' Họp  tổ '><h1>C</h1>", "Họp tổ"},
        {"og:title by name", "<meta name=og:title content='Họp'><h1>C</h1>", "Họp"},
        {"h1", "<title>x</title><h1>Họp <b>tổ</b>\n7</h1>", "Họp tổ 7"},
        {"the h1 that the title repeats",
         "<title>Họp tổ | Phường</title><h1>Phường</h1><h1>Họp tổ</h1>", "Họp tổ"},
        {"not the site's h1",
         "<title>Cổng thông tin điện tử P. A</title><h1>Cổng thông tin điện tử P. "
         "A</h1><h1>Họp</h1>",
         "Họp"},
        {"no h1 of the navigation", "<nav><h1>Trang</h1></nav><h1>Họp</h1>", "Họp"},
        {"<title> without the portal", "<title>Họp tổ 7 - Cổng thông tin điện tử</title>",
         "Họp tổ 7"},
        {"<title> behind the portal", "<title>Cổng TTĐT phường X | Họp tổ 7</title>", "Họp tổ 7"},
        {"og:site_name",
         "<meta property=og:site_name content='Tân Lập'><title>Họp - mới - Tân Lập</title>",
         "Họp - mới"},
        {"a dash of its own stays", "<title>Nút Hoa Ban - Hồ Sen</title><h2>x</h2>",
         "Nút Hoa Ban - Hồ Sen"},
        {"a heading says where it ends", "<title>Nút A - B - Phường C</title><h2>Nút A - B</h2>",
         "Nút A - B"},
        {"entities", "<title>L&#7883;ch ti&ecirc;m</title>", "Lịch tiêm"},
        {"NFD", "<title>Ho\xcc\xa3p</title>", "Họp"},
        {"a domain", "<title>Họp - tanlap.example.vn</title>", "Họp"},
        {"a bar", "<title>Họp | Tân Lập</title>", "Họp"},
        {"a bar before a dash", "<title>Họp tổ 7 | Trung tâm Văn hóa - Thể thao</title>",
         "Họp tổ 7"},
        {"a dash before a bar", "<title>Họp tổ 7 - khu 2 | Tân Lập</title>", "Họp tổ 7 - khu 2"},
        {"only the site's name", "<title>Cổng thông tin điện tử</title>", "Cổng thông tin điện tử"},
        {"none", "<p>Họp</p>", ""},
        {"an empty page", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct html_page page;
        assert_int_equal(html_read(str_of(cases[i].html), arena, &page, NULL), 0);
        if (!str_equal_z(page.title, cases[i].title)) {
            fail_msg("%s: '%.*s'", cases[i].label, (int)page.title.n, page.title.p);
        }
        arena_free(&arena);
    }
}

static void
test_links(void **state)
{
    (void)state;
    static const struct {
        const char *label, *html, *link;
    } cases[] = {
        {"canonical wins",
         "<meta property=og:url content='https://a.vn/o'><link rel=canonical "
         "href='https://a.vn/c'>",
         "https://a.vn/c"},
        {"og:url", "<meta property=og:url content='http://a.vn/o?a=b&amp;c=d'>",
         "http://a.vn/o?a=b&c=d"},
        {"a relative canonical is none",
         "<link rel=canonical href='/c'><meta property=og:url content='https://a.vn/o'>",
         "https://a.vn/o"},
        {"no scheme", "<link rel=canonical href='//a.vn/c'>", "https://a.vn/c"},
        {"another rel", "<link rel=stylesheet href='https://a.vn/c'>", ""},
        {"a script", "<link rel=canonical href='javascript:x'>", ""},
        {"a blank inside", "<link rel=canonical href='https://a.vn/b c'>", ""},
        {"any case", "<LINK REL='Canonical' HREF=' https://a.vn/c '>", "https://a.vn/c"},
        {"none", "<a href='https://a.vn/'>x</a>", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct html_page page;
        assert_int_equal(html_read(str_of(cases[i].html), arena, &page, NULL), 0);
        if (!str_equal_z(page.link, cases[i].link)) {
            fail_msg("%s: '%.*s'", cases[i].label, (int)page.link.n, page.link.p);
        }
        arena_free(&arena);
    }
}

static void
test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *label, *html, *text;
    } cases[] = {
        {"paragraphs", "<p>Một.</p><p>Hai  là\n hai.</p>Ba.", "Một.\nHai là hai.\nBa."},
        {"line breaks", "Một<br>Hai<br/>Ba<hr>Bốn", "Một\nHai\nBa\nBốn"},
        {"words inside a sentence", "<p>M<b>ộ</b>t <i>hai</i><span>,</span> ba</p>", "Một hai, ba"},
        {"scripts and styles", "<script>x()</script>Một<style>p{}</style><noscript>y</noscript>",
         "Một"},
        {"a list", "<ul><li>Một</li><li><p>Hai</p></li><li> </li></ul>", "- Một\n- Hai"},
        {"a list in a list", "<ul><li>Một<ul><li>Hai</li></ul></li></ul>", "- Một\n- Hai"},
        {"a table",
         "<table><tr><th>STT</th><th>Ngày</th><th>Giờ</th></tr>"
         "<tr><td>1</td><td><p>05/12</p></td><td>7h30<br>- 11h</td></tr>"
         "<tr><td>2</td><td>06/12</td><td>&nbsp;</td></tr></table>",
         "Ngày; Giờ\n05/12; 7h30 - 11h\n06/12"},
        {"terms and what is said of them",
         "<dl><dt>Khai giảng:</dt><dd>18h30</dd><dt>Học phí</dt><dd>0 đồng; có quà</dd>"
         "<dt>Trống</dt><dt>Nơi học</dt><dd></dd></dl>",
         "Khai giảng: 18h30\nHọc phí: 0 đồng; có quà\nTrống\nNơi học"},
        {"a first cell that says something", "<table><tr><td>1 kg</td><td>x</td></tr></table>",
         "1 kg; x"},
        {"a table for the looks",
         "<table><tr><td><table><tr><td>Menu</td></tr></table></td><td><p>Một.</p><p>Hai.</p></td>"
         "</tr></table>",
         "Menu\nMột.\nHai."},
        {"links alone are navigation",
         "<p>Nội dung.</p><div><a href=/a>Tin tức</a> | <a href=/b>Văn bản</a></div>", "Nội dung."},
        {"a link in a sentence stays", "<p>Đăng ký <a href=/a>tại đây</a> trước ngày 5/12.</p>",
         "Đăng ký tại đây trước ngày 5/12."},
        {"a line that is mostly a link stays",
         "<p>Câu.</p><p>Ngõ 18 <a href=/m>đường Hoa Ban</a></p>", "Câu.\nNgõ 18 đường Hoa Ban"},
        {"an address shown is text", "<p><a href='https://a.vn/f'>https://a.vn/f</a></p>",
         "https://a.vn/f"},
        {"a telephone link", "<p><a href='tel:0240'>024.1000.0001</a></p>", "024.1000.0001"},
        {"furniture by class",
         "<div class='article-body'><p>Nội dung dài hơn phần còn lại.</p></div>"
         "<div class='related-news'>Tin cũ</div><div class=share>FB</div><ul "
         "id=breadcrumb><li>a</ul>",
         "Nội dung dài hơn phần còn lại."},
        {"a page in one form",
         "<form id=aspnetForm><p>Một câu.</p><select><option>x</select></form>", "Một câu."},
        {"a class does not hide the page", "<div class='has-sidebar'><p>Một câu.</p></div>",
         "Một câu."},
        {"a class that speaks of the page",
         "<div><p>Một câu dài ở ngoài khối kia, dài hơn.</p></div>"
         "<div class='col no-sidebar'><p>Hai.</p></div><div class='sidebar'>Ba</div>",
         "Một câu dài ở ngoài khối kia, dài hơn.\nHai."},
        {"hidden", "<p>Một câu dài.</p><p style='display:none'>x</p>", "Một câu dài."},
        {"furniture by words",
         "<p>Ngày đăng 18/11/2026 | Lượt xem: 3</p><p>Xem với cỡ chữ A A</p><p>Nội dung.</p>"
         "<h3>Tin liên quan</h3><p>Cũ.</p>",
         "Nội dung."},
        {"the title's own line and what stands before it",
         "<title>Họp</title><p>Chuyên mục</p><h1>HỌP</h1><p>Nội dung.</p>", "Nội dung."},
        {"a signature at the right",
         "<p>Nội dung.</p><p align=right>Thu Trà</p><p style='text-align: right'>X</p>",
         "Nội dung."},
        {"an author at the end", "<p>Nội dung của bài.</p><p>Phạm Thị Hoa</p>",
         "Nội dung của bài."},
        {"entities and blanks", "<p>a&nbsp;&nbsp;b &lt;c&gt; &amp; d&shy;e &#7883;</p>",
         "a b <c> & de ị"},
        {"article", "<div>Khối khác</div><article><p>Nội dung rất dài của bài.</p></article>",
         "Nội dung rất dài của bài."},
        {"a comment", "a<!-- b -->c", "ac"},
        {"CDATA and a lone bracket", "1 < 2 và 3 > 2", "1 < 2 và 3 > 2"},
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

static void
test_encodings(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct str html;
        const char *text; /* the error after "!" */
    } cases[] = {
        {"BOM", STR("\xef\xbb\xbf<p>Họp</p>"), "Họp"},
        {"UTF-8 whatever the page says", STR("<meta charset=windows-1258><p>Họp</p>"), "Họp"},
        {"Windows-1258", STR("<meta charset=\"windows-1258\"><p>Ho\xf2p, t\xf4\xd2 d\xe2n</p>"),
         "Họp, tổ dân"},
        {"Latin-1",
         STR("<meta http-equiv=Content-Type content='text/html; charset=iso-8859-1'>caf\xe9"),
         "café"},
        {"not UTF-8", STR("<p>caf\xe9</p>"), "!no UTF-8 at byte 6"},
        {"says UTF-8 and is not", STR("<meta charset=utf-8>\xe9"), "!no UTF-8 at byte 20"},
        {"an encoding nobody knows", STR("<meta charset=klingon>\xe9"),
         "!the page's encoding is not known: klingon"},
        {"NUL", STR("<p>a\0b</p>"), "a b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct html_page page;
        struct err err = {.text = "!"};
        int answer = html_read(cases[i].html, arena, &page, &err);
        struct str got = answer == 0 ? page.text : str_of(err.text);
        if (!str_equal_z(got, cases[i].text + (answer != 0)) ||
            (answer != 0) != (cases[i].text[0] == '!')) {
            fail_msg("%s: '%.*s'", cases[i].label, (int)got.n, got.p);
        }
        arena_free(&arena);
    }
}

static double
seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* 1.5 MB of each take a fraction of a second, and keep their words; the bound is for a sanitizer's
 * build on a busy machine. */
static void
test_hostile_pages(void **state)
{
    (void)state;
    enum { N = 1500000, LEAST = HTML_TEXT_MAX / 2 };
    static const struct {
        const char *unit;
        bool words; /* an x in every unit comes out */
    } cases[] = {
        {"<div>x ", true},
        {"<b>x ", true},
        {"</i>x ", true},
        {"<p>x ", true},
        {"<dd><li>x ", true},
        {"<table><tr><td>", false},
        {"&", false},
        {"&amp;", false},
        {"<", false},
        {"<!--", false},
        {"<a b=c ", false},
        {"<a b='", false},
        {"<script>", false},
        {"<![CDATA[", false},
        {"<?x ", false},
        {"<br>x ", true},
        {"a\xcc\x81\xcc\xa3", false},
        {"\xcc\x81\xcc\xa3", false},
        {"&#x301;&#x323;", false},
        {"<p class=nav>x ", true},
        {"<meta a b c d e f g h i j>", false},
        {"x ", true},
        {"<h1>x", false},
        {"<tr><td>1", false},
        {"<div><b>x</b><b>x</b>", false},
        {"<h2>x</h2>", false},
        {"<div><a href=/>x</a><a href=/>x</a></div>", false},
    };
    char *html = malloc(N + 64);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t unit = strlen(cases[i].unit), n = 0;
        for (; n + unit <= N; n += unit) {
            memcpy(html + n, cases[i].unit, unit);
        }
        struct arena *arena = arena_new();
        struct html_page page;
        double from = seconds();
        assert_int_equal(html_read((struct str){html, n}, arena, &page, NULL), 0);
        double took = seconds() - from;
        if (took > 4 || (cases[i].words && page.text.n < (n / unit < LEAST ? n / unit : LEAST))) {
            fail_msg("%s: %.1f s, %zu bytes", cases[i].unit, took, page.text.n);
        }
        arena_free(&arena);
    }
    free(html);
}

static void
test_many_attributes_are_hostile(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add_z(&b, "<p>Một</p><a ");
    for (int i = 0; i < 50000; i++) {
        buf_add_format(&b, "a%d ", i);
    }
    buf_add_z(&b, ">Hai</a><p>Ba</p>");
    assert_true(html_is_hostile(buf_str(&b)));
    struct arena *arena = arena_new();
    struct html_page page;
    assert_int_equal(html_read(buf_str(&b), arena, &page, NULL), 0);
    assert_true(str_equal_z(page.text, "Một\nHai\nBa"));
    buf_deinit(&b);
    arena_free(&arena);
    assert_false(html_is_hostile(STR("<p a='b c d' e>x</p>")));
}

static void
test_flat(void **state)
{
    (void)state;
    static const struct {
        const char *html, *text;
    } cases[] = {
        {"<p>a<b>b</b></p>c", "\nab\nc"},
        {"a<script>if (a<b) x()</script>b", "a\n\nb"},
        {"a<script>never closed", "a\n"},
        {"a<!-- > -->b<!x>c<?y>d", "abcd"},
        {"a<!-- never", "a"},
        {"&lt;&#66;&#x43;&nosuch;&", "<BC&nosuch;&"},
        {"&#0;&#xD800;&#99999999;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"1 < 2 <3", "1 < 2 <3"},
        {"<a title='>'>x</a>", "x"},
        {"<a never", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct str got = html_flatten(arena, str_of(cases[i].html));
        if (!str_equal_z(got, cases[i].text)) {
            fail_msg("%s: '%.*s'", cases[i].html, (int)got.n, got.p);
        }
        arena_free(&arena);
    }
}

static void
test_what_looks_like_html(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool html;
    } cases[] = {
        {"<p>a</p>", true},
        {"a<br>b", true},
        {"a <STRONG class=x>b", true},
        {"</div>", true},
        {"a < b và c > d", false},
        {"tệp <abc>", false},
        {"<3", false},
        {"", false},
        {"a <p", false},
        {"gửi <toan@a.vn>", false},
        {"<br/>", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (html_looks(str_of(cases[i].text)) != cases[i].html) {
            fail_msg("%s", cases[i].text);
        }
    }
    struct arena *arena = arena_new();
    assert_true(
        str_equal_z(html_unescape(arena, STR("ph&#432;&#7901;ng &amp; x&y")), "phường & x&y"));
    assert_true(str_equal_z(html_unescape(arena, STR("a\nb")), "a\nb"));
    arena_free(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_titles),        cmocka_unit_test(test_links),
        cmocka_unit_test(test_texts),         cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_hostile_pages), cmocka_unit_test(test_many_attributes_are_hostile),
        cmocka_unit_test(test_flat),          cmocka_unit_test(test_what_looks_like_html),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
