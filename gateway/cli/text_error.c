/* What is wrong with an announcement, a summary or a template, in the admin's language: the core's
 * sentences are English with names and values in them, so it is their fixed pieces that are
 * translated. */
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "gateway/cli/text.h"

/* A longer piece stands before one that it begins with. */
static const struct text_pair pieces[] = {
    /* the checker */
    {" does not stand in the announcement", " không có trong thông báo"},
    {" stands in the announcement only as what was replaced", " trong thông báo đã bị thay thế"},
    {" stands in the announcement only with what is not",
     " trong thông báo chỉ đi cùng điều không diễn ra"},
    {" is negated in the announcement", " trong thông báo là phủ định"},
    {" is not negated in the announcement", " trong thông báo không phải là phủ định"},
    {" is another weekday in the announcement", " trong thông báo là thứ khác trong tuần"},
    {" is another name in the announcement", " trong thông báo là tên khác"},
    {" is no name in the announcement", " không phải là tên có trong thông báo"},
    {" is a part of another name in the announcement", " là một phần của tên khác trong thông báo"},
    {" does not follow that name in the announcement", " không đi sau tên đó trong thông báo"},
    {" has another time in the announcement", " trong thông báo có giờ khác"},
    {" ends a range that begins with it in the announcement",
     " trong thông báo là lúc bắt đầu, không phải lúc kết thúc"},
    {" is no limit in the announcement", " trong thông báo không phải là thời hạn"},
    {" stands where the announcement has another", " đứng chỗ mà thông báo ghi mốc khác"},
    {" stands with the words of another in the announcement",
     " đi với nội dung của mốc hoặc số khác trong thông báo"},
    {" is of another unit in the announcement", " trong thông báo có đơn vị khác"},
    {" is one of another measure in the announcement", " trong thông báo tính theo đơn vị khác"},
    {" is the opposite limit in the announcement", " trong thông báo là mức ngược lại"},
    {" stands on the other side of it in the announcement",
     " trong thông báo thì trước, sau ngược lại"},
    {" is of something else in the announcement", " trong thông báo là của việc khác"},
    {" is another part of the day in the announcement", " trong thông báo là buổi khác"},
    {"does not say what the title says: it is called off",
     "không nói điều tiêu đề nói: đã hoãn hoặc hủy"},
    /* announcements */
    {"title: missing", "title: thiếu tiêu đề"},
    {": no field of an announcement", ": không phải là trường của thông báo"},
    {": must be a string", ": phải là chuỗi ký tự"},
    {"not a JSON object with the fields of an announcement",
     "không phải là đối tượng JSON có các trường của thông báo"},
    {": not JSON: ", ": không phải JSON: "},
    {": no UTF-8 at byte ", ": không phải UTF-8 ở byte "},
    {"no UTF-8 at byte ", "không phải UTF-8 ở byte "},
    {" bytes of text, at most ", " byte chữ, nhận nhiều nhất "},
    {" bytes, at most ", " byte, nhận nhiều nhất "},
    {" are taken", ""},
    {" are read", ""},
    {" is not an http or https address", " không phải là địa chỉ http hoặc https"},
    {"url: a blank at byte ", "url: có dấu cách ở byte "},
    {"url: a host's name is ASCII (xn--…)", "url: tên máy chủ phải là ASCII (xn--…)"},
    {" is not normal, urgent or emergency", " không phải là normal, urgent hoặc emergency"},
    {" is not 1 to 64 letters, digits, '-', '_' or '.'",
     " không phải là 1 đến 64 chữ cái, chữ số, '-', '_' hoặc '.'"},
    {"expires_at: is not after send_at", "expires_at: không sau send_at"},
    {" is not a name (zalo,sms)", " không phải là tên kênh (zalo,sms)"},
    {"channels: a name is missing (zalo,sms)", "channels: thiếu tên kênh (zalo,sms)"},
    {" stands there twice", " có hai lần"},
    {": it bears the secrecy stamp ", ": có dấu mật "},
    {": such a paper must not be sent by SMS or over the Internet",
     ": văn bản như vậy không được gửi qua tin nhắn hay Internet"},
    {"the page is not in the encoding that it names: ", "trang không đúng bảng mã mà nó ghi: "},
    {"the page's encoding is not known: ", "không biết bảng mã của trang: "},
    /* what fits */
    {"with its link it needs more than ", "kèm đường dẫn thì cần hơn "},
    {"title and link do not fit into ", "tiêu đề và đường dẫn không vừa "},
    {"title and link have more than ", "tiêu đề và đường dẫn dài hơn "},
    {"needs more than ", "cần hơn "},
    {" SMS parts", " phần SMS"},
    {" SMS part", " phần SMS"},
    {" characters: its value has more", " ký tự: giá trị dài hơn"},
    {" takes no less than ", " cần ít nhất "},
    {" takes ", " nhận "},
    {" is empty, and the template requires it", " để trống, mà mẫu Zalo bắt buộc có"},
    {" characters", " ký tự"},
    /* templates */
    {"template: there is none named ", "template: không có mẫu nào tên "},
    {"no such placeholder: ", "không có ô điền này: "},
    {"a second {else} for one {if …}", "{else} thứ hai cho một {if …}"},
    {"{if …} without {end}", "{if …} thiếu {end}"},
    {" without {if …}", " thiếu {if …}"},
    {"{summary} stands twice", "{summary} có hai lần"},
    {"{more} stands twice", "{more} có hai lần"},
    {"{more} is for the parameters of a Zalo template", "{more} chỉ dùng cho tham số của mẫu Zalo"},
    {"{more} stands once, beside one other parameter with {summary}",
     "{more} chỉ có một lần, bên cạnh một tham số khác có {summary}"},
    {"'{' without '}'; a brace is written {{", "'{' thiếu '}'; dấu ngoặc nhọn viết là {{"},
    {"> is not closed", "> chưa đóng"},
    {" closes nothing that was opened last and here", " không đóng thẻ nào vừa mở ở đây"},
    {"> stands in too many others", "> lồng quá sâu"},
    {"Telegram knows no tag ", "Telegram không có thẻ "},
    {" is one; a sign < is written &lt;", " thì có; dấu < viết là &lt;"},
    {"the name stands more than ", "tên có hơn "},
    {"has more than ", "có hơn "},
    {" placeholders", " ô điền"},
    {" times", " lần"},
    {" conditions within one another", " điều kiện lồng nhau"},
    {"at character ", "ở ký tự "},
    {"did you mean ", "có phải là "},
    {"more than ", "hơn "},
};

/* The piece that `text` begins with; NULL: none. */
static const struct text_pair *
piece_at(const char *text)
{
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        if (strncmp(text, pieces[i].english, strlen(pieces[i].english)) == 0) {
            return &pieces[i];
        }
    }
    return NULL;
}

const char *
text_error(const char *english, char out[TEXT_ERROR])
{
    size_t used = 0;
    if (!text_is_vietnamese()) {
        return english;
    }
    while (*english && used + 1 < TEXT_ERROR) {
        const struct text_pair *piece = piece_at(english);
        size_t taken = piece ? strlen(piece->english) : 1;
        int n = piece ? snprintf(out + used, TEXT_ERROR - used, "%s", piece->vietnamese)
                      : snprintf(out + used, TEXT_ERROR - used, "%c", *english);
        used += n > 0 ? (size_t)n : 0;
        english += taken;
    }
    out[used < TEXT_ERROR ? used : TEXT_ERROR - 1] = '\0';
    return out;
}
