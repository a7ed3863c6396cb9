/* What a text for a room tells, and what it never tells. */
// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/core/gist.h"
#include "gateway/core/unicode.h"

static struct str
gist_of(struct arena *arena, const char *title, const char *body, size_t room)
{
    struct announcement a = {.field = {[FIELD_TITLE] = str_of(title), [FIELD_BODY] = str_of(body)}};
    struct story *story = arena_alloc(arena, sizeof *story);
    struct gist gist;
    assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, NULL), 0);
    gist_make(story, &(struct gist_room){.room = room, .unit = GIST_SEPTETS, .strip = true}, arena,
              &gist);
    assert_true(gist.length <= room && gist.text.n == gist.length);
    return unicode_fold(arena, gist.text);
}

/* At every room the text keeps within it; at `room` it says `says` and never, at no room, `never`.
 */
static const struct {
    const char *title, *body;
    size_t room;
    const char *says, *never;
} told[] = {
    {"Họp chi bộ tháng 12",
     "1. Thời gian: 19h30, thứ Tư, ngày 02/12/2026 (lùi một ngày so với lịch đã thông báo ngày "
     "01/12/2026).\n2. Địa điểm: Nhà văn hóa tổ dân phố số 7.",
     110, "02/12", "01/12"},
    {"Điều chỉnh giờ cấm xe qua cầu Mới",
     "Thời gian thi công chuyển từ 21h00 ngày 14/12/2026 sang 22h00 ngày 17/12/2026.", 120,
     "22h00 17/12", "14/12"},
    {"Hoãn lịch cắt nước",
     "Xí nghiệp đã thông báo ngừng cấp nước từ 22h00 ngày 12/12/2026.\nThời gian mới: từ 23h00 "
     "ngày 15/12/2026 đến 04h30 ngày 16/12/2026.",
     120, "23h00 15/12", "22h00"},
    {"Đổi ngày thu rác", "Thu vào sáng Chủ nhật ngày 06/12/2026 thay vì chiều thứ Tư như trước.",
     120, "06/12", "chieu thu tu"},
    {"Nhắc nộp thuế", "Cán bộ phường không thu tiền mặt. Nộp trước ngày 31/12/2026.", 100,
     "khong thu tien mat", "phuong thu tien mat"},
    {"Lịch tiêm", "Không tiêm cho người đang sốt.\nThời gian: 7h30 ngày 05/12/2026.", 60, "05/12",
     "khong tiem. "},
    {"Phân luồng giao thông nút Hoa Ban",
     "Xe máy, ô tô con đi qua phố Cây Gạo.\nXe tải, xe khách: đi đường vành đai, không đi vào "
     "phố "
     "Cây Gạo.\nThời gian: từ 22h00 ngày 30/11/2026.",
     100, "22h00", ". khong di vao pho cay gao"},
    {"Hạn nộp thuế đất năm 2026",
     "Nộp chậm nhất ngày 31/12/2026.\nRiêng giá thu gom rác là 21.000 đồng, thu tại nhà từ "
     "ngày "
     "01/12 đến ngày 20/12/2026.",
     60, "31/12", ". tu 01/12"},
    {"Thông báo đổi điểm tiêm vắc-xin",
     "Đợt tiêm ngày 12/01/2027 mở lúc 7h30 tại Trường Mầm non Búp Sen, phố Lò Chum.\nDo điểm "
     "trường sửa mái, địa điểm tiêm chuyển sang Hội trường phố 5; thời gian giữ nguyên.",
     110, "hoi truong pho 5", "bup sen"},
    {"Thông báo dời nơi họp phụ huynh",
     "Nhà trường đã mời phụ huynh lớp 3 họp lúc 14h00 ngày 16/01/2027 tại Hội trường thôn Cầu. "
     "Nay nhà trường thông báo nơi họp mới là Trường Tiểu học Lộc Hà, giờ họp không thay đổi.",
     140, "14h00 16/01", "hoi truong thon"},
    {"KHẨN CẤP: NƯỚC TRÀN ĐÊ BỐI XÓM SOI",
     "Mực nước sông Cả lúc 9h00 ngày 03/9/2027 vượt báo động 3 là 0,5 m.\nCác hộ xóm Soi rời khỏi "
     "nhà trước 13h30, đi theo đường đê lên xã Thượng.\nNơi ở tạm: Trường THPT Soi Cả.\nKhông vớt "
     "củi, không bơi qua sông, không quay lại lấy đồ.\nCứu hộ: 0900.000.222.",
     150, "truong thpt soi ca", ". luc 9h00 03/9"},
    {"THƯ MỜI DỰ HỘI THI NẤU ĂN",
     "HỘI PHỤ NỮ XÃ ĐÔNG LĨNH TRÂN TRỌNG KÍNH MỜI CÁC CHI HỘI DỰ HỘI THI.\nTHỜI GIAN: 8 GIỜ 00 "
     "NGÀY 07/3/2027.\nRẤT HÂN HẠNH ĐƯỢC ĐÓN TIẾP!",
     130, "8h00 07/3", "han hanh"},
    {"THƯ MỜI DỰ HỘI THI CẤY LÚA",
     "XÃ LĨNH NAM KÍNH MỜI CÁN BỘ DỰ HỘI THI, 8 GIỜ 00 NGÀY 07/3/2027.", 130, "8h00 07/3",
     "moi can bo:"},
    {"Đổi giờ thu rác phố Lò Rèn",
     "Từ ngày 01/3/2027, giờ thu rác phố Lò Rèn thay đổi: xe đến từ 17h00 đến 19h00 các ngày thứ "
     "Ba, "
     "thứ Năm và thứ Bảy.\nMức phí 30.000 đồng một hộ một tháng.",
     150, "thu ba, thu nam va thu bay", "thu ba, thu nam."},
    {"Tuyển bảo vệ chợ Lò Rèn",
     "Ban quản lý chợ cần hai bảo vệ làm ca đêm.\nYêu cầu sức khỏe tốt, có kinh nghiệm trông coi.\n"
     "Mức lương 7.500.000 đồng một tháng.",
     60, "7.500.000", ". ban quan ly cho."},
    {"Cảnh báo lừa đảo",
     "Đối tượng yêu cầu cài ứng dụng để xác minh, gửi mã OTP. Đề nghị người dân không cài ứng "
     "dụng lạ; báo ngay Công an qua số 0900.000.111.",
     90, "0900.000.111", ". cai ung dung"},
    {"Cấm xe qua cầu Đá",
     "Cấm xe qua cầu Đá từ ngày 10/12 đến ngày 25/12/2026, trừ xe cứu thương, cứu hỏa. Xe máy "
     "đi đường Trần Phú.",
     120, "cuu thuong, cuu hoa", "cuu thuong."},
    {"Đính chính giờ cắt nước",
     "Xí nghiệp đính chính: thời gian ngừng cấp nước ghi là “21h00 ngày 25/11/2026”, nay sửa lại "
     "là "
     "23h00 ngày 26/11/2026; cấp lại vào 6h00 ngày 27/11/2026.",
     110, "nay sua lai la 23h00 26/11", "21h00"},
    {"Dời ngày tổ chức hội thi nấu ăn",
     "Hội thi nấu ăn dự kiến diễn ra sáng Chủ nhật 29/11/2026. Tuy nhiên, do trùng ngày ra quân, "
     "Hội quyết định hoãn hội thi sang sáng Chủ nhật ngày 13/12/2026, bắt đầu lúc 7 giờ 30.",
     140, "bat dau luc 7h30", "29/11"},
    {"Hội thi nấu ăn của phường",
     "Hội thi nấu ăn dự kiến diễn ra sáng Chủ nhật 29/11/2026. Nếu mưa, hội thi dời sang ngày "
     "06/12/2026.",
     150, "29/11", "hoan"},
    {"Điều chỉnh giá thu gom rác",
     "Mức giá mới áp dụng từ ngày 01/01/2027:\nNhóm khách hàng; Giá cũ (đồng/tháng); Giá mới "
     "(đồng/tháng)\nHộ mặt tiền đường; 48.000; 61.000\nHộ trong hẻm; 39.000; 52.000",
     130, "ho trong hem: 52.000", "39.000"},
    {"Lịch trực cũ và mới của hai tổ",
     "Lịch như sau:\nNgười trực; Ngày; Giờ\nTổ mới; 05/01/2027; 7h00\nTổ cũ; 06/01/2027; 8h00", 130,
     "to cu: 06/01/2027", "to cu: 8h00"},
    {"Đính chính giấy mời họp quy hoạch",
     "Do sơ suất, UBND phường đính chính: tại mục “Thời gian” đã in “8 giờ 00 ngày 02/12/2026”, "
     "nay sửa lại là “14 giờ 00 ngày 03/12/2026”. Tại mục “Địa điểm” đã in “Hội trường tầng ba”, "
     "nay sửa lại là “Nhà văn hóa khu Đồi”.",
     250, "nvh khu doi", "tang ba"},
    {"Gia hạn thời gian kê khai thiệt hại",
     "Theo Thông báo số 241/TB-UBND ngày 01/12/2026, hạn cuối kê khai là ngày 18/12/2026. Do nhiều "
     "hộ còn thiếu giấy tờ, xã gia hạn như sau:\n1. Hạn cuối mới: 16h30 ngày 25/12/2026.",
     110, "han cuoi moi: 16h30 25/12", "18/12"},
    {"Hoãn hội làng",
     "Do dịch sốt xuất huyết, xã thông báo hoãn hội làng dự kiến mở từ ngày 12 đến ngày "
     "14/02/2027. Thời gian mới là ngày 05/3/2027, tại sân vận động.",
     150, "05/3/2027", "den 14/02"},
    {"Lấy ý kiến góp ý dự thảo quy hoạch phân khu phía Bắc",
     "UBND xã niêm yết đồ án quy hoạch phân khu phía Bắc tại trụ sở UBND xã từ ngày 05/12/2026 "
     "đến ngày 04/01/2027 (30 ngày). Người dân gửi ý kiến bằng văn bản về UBND xã trước 17 giờ "
     "ngày 04/01/2027. Quá thời hạn trên, nếu không có ý kiến thì coi như đồng ý. Tổ công tác "
     "sẽ không đến từng hộ để lấy ý kiến.",
     300, "truoc 17h 04/01", "truoc 17h."},
    {"Hủy buổi sinh hoạt và thay bằng hình thức trực tuyến",
     "Hủy buổi sinh hoạt lúc 19h00 ngày 12/12/2026 tại nhà văn hóa thôn do đang sửa chữa. Thay "
     "vào đó, chi bộ sinh hoạt trực tuyến lúc 20h00 ngày 13/12/2026, đảng viên nhận đường dẫn "
     "qua nhóm của chi bộ.",
     260, "sinh hoat truc tuyen luc 20h00", ". luc 20h00"},
    {"Đính chính lịch nghỉ",
     "Thông báo số 45/TB-UBND ghi: nghỉ từ ngày 04/02/2027 đến hết ngày 10/02/2027; nay sửa "
     "lại là: nghỉ từ ngày 05/02/2027 đến hết ngày 11/02/2027.",
     150, "05/02/2027 den het 11/02", "10/02"},
    {"Rò rỉ khí ở kho lạnh Lò Vôi: khẩn trương di dời",
     "Hồi 9h15 ngày 03/9/2027, kho lạnh Lò Vôi ở phía Tây khu chợ vẫn còn rò rỉ.\nCác hộ thôn Hạ "
     "rời "
     "nhà ngay, có mặt tại sân Trường Tiểu học Soi Cả trước 10h45.\nCứu hộ: 0900.000.222.",
     130, "truoc 10h45", ". co mat tai san truong tieu hoc soi ca luc"},
    {"Cảnh báo chó dại ở xóm Soi",
     "Chiều 02/9/2027, một con chó lông vàng không rõ chủ chạy qua xóm Soi rồi sang chợ Lò Rèn đã "
     "cắn ba người.\nAi bị chó cắn rửa ngay vết thương và đến Trạm Y tế xã tiêm trước 17 giờ ngày "
     "05/9/2027.",
     80, "05/9", "sang cho lo ren da can."},
    {"Bộ phận một cửa chuyển địa điểm làm việc",
     "Kể từ thứ Hai, ngày 06/9/2027, bộ phận một cửa làm việc ở tầng 1 Nhà văn hóa trung tâm.\nHồ "
     "sơ "
     "hẹn trả ngày 03/9 được trả vào ngày 02/9. Điện thoại hướng dẫn 0900.000.333.",
     110, "06/9", "tang 1."},
    {"Giải cờ tướng hội làng",
     "Giải khai mạc 15h30 ngày 04/9/2027 trên sân đình Lò Rèn.\nMỗi xóm cử một đội, nộp danh "
     "sách cho bí thư chi đoàn trước ngày 30/8/2027.",
     92, "san dinh lo ren", "mo:"},
    {"Lịch hỗ trợ khai thuế",
     "Cán bộ thuế hướng dẫn từ 8h00 đến 16h00 các ngày 08, 09/9/2027 tại trụ sở xã.", 110,
     "cac ngay 08, 09/9", "cac 08"},
    {"Mời họp về sáp nhập xóm",
     "Ban công tác Mặt trận và Tổ dân phố 3 kính mời: Ông (bà) chủ hộ hoặc đại diện hộ của Tổ dân "
     "phố 3 và Tổ dân phố 4.\nThời gian: 19h15 ngày "
     "04/9/2027.\nĐịa điểm: Nhà văn hóa xóm.",
     110, "19h15", "moi: ong."},
    {"Tuyển dụng giáo viên Trường Mầm non Búp Sen",
     "1. Chỉ tiêu: 07 người, gồm 06 giáo viên và 01 kế toán.\n2. Điều kiện: có bằng cao đẳng. "
     "Không "
     "phân biệt hộ khẩu thường trú.\n3. Nhận hồ sơ từ ngày 01/9/2027 đến ngày 30/9/2027.",
     110, "07 nguoi", "phan biet ho khau. chi tieu"},
    {"Mời dự ngày hội làng Vôi",
     "Phần lễ bắt đầu lúc 8h30 Chủ nhật ngày 15/8/2027 tại sân đình làng Vôi, sau đó là bữa "
     "cơm.\nMỗi "
     "hộ đăng ký số người ăn cơm với trưởng ban trước ngày 12/8/2027, đóng 50.000 đồng/người.",
     70, "15/8", "com voi truong."},
    {"Nhắc nộp thuế đất năm 2027",
     "Hộ ở xã Lò Vôi chưa hoàn thành nghĩa vụ thuế đất năm 2027 cần nộp tiền chậm nhất "
     "31/12/2027.\n"
     "Có ba cách nộp.\nRiêng giá thu gom rác quý IV/2027 là 21.000 đồng/người/tháng, do đơn vị thu "
     "tại nhà từ ngày 01/12 đến ngày 20/12/2027.",
     125, "31/12", "2027. co ba cach nop. rieng"},
    {"Phát gạo cho hộ nghèo",
     "Xã phát gạo lúc 7h30 ngày 27/8/2027, danh sách dán ở các thôn.\nNơi phát: sân kho Lò Rèn. "
     "Chủ "
     "hộ mang căn cước; nhận thay phải có giấy ủy quyền. Không thu tiền.",
     80, "san kho lo ren", "noi phat."},
    {"Bộ phận tiếp nhận và trả kết quả chuyển địa điểm làm việc",
     "Kể từ ngày 06/9/2027, Bộ phận tiếp nhận và trả kết quả thôi làm việc tại số 88 đường Lò Vôi "
     "và "
     "chuyển về tầng 1 Nhà văn hóa trung tâm. Hồ sơ hẹn trả ngày 03/9 được trả vào ngày 02/9.",
     130, "chuyen ve tang 1 nvh", "88 duong"},
    {"Lệnh cấm đò mùa lũ",
     "Ủy ban nhân dân xã quyết định:\nMột là, cấm đò ngang từ 18h00 ngày 17/8/2027.\nHai là, "
     "thuyền "
     "vào bến Soi trước 22h00 ngày 17/8/2027.",
     120, "22h00", "hai la"},
    {"Tin buồn",
     "Đảng ủy xã Lò Vôi và gia đình báo tin:\nCụ NGUYỄN VĂN MẪU\nQuê quán: xã Lò Vôi; đã từ trần "
     "hồi "
     "2 giờ 15 phút ngày 22/8/2027, hưởng thọ 89 tuổi.\nLễ viếng từ 7h30 đến 13h00 ngày 24/8/2027.",
     100, "nguyen van mau", "bao tin. "},
    {"Họp về sáp nhập xóm",
     "Ban công tác Mặt trận kính mời đại diện các hộ gia đình, chủ hộ hoặc đại\ndiện hộ ở xóm Soi "
     "dự "
     "họp.\nThời gian: 19h15 ngày 24/8/2027. Hộ bận việc, hộ vắng nhà và hộ không dự\nđược gửi "
     "phiếu "
     "cho tổ phó.",
     130, "19h15", "khong du. duoc"},
    {"Phiên giao dịch việc làm ở Lò Vôi",
     "Xã tổ chức phiên giao dịch việc làm lưu động vào thứ Sáu, 13-8-2027, từ 8 giờ đến 11 giờ 30 "
     "tại sân Nhà văn hóa công nhân.\nDoanh nghiệp đăng ký gian hàng trước ngày 07/8/2027.",
     80, "13-8-2027, 8h-11h30 tai san", "voi. 8h"},
    {"Lịch phun hóa chất diệt muỗi",
     "- Tổ dân phố số 2 và số 3: 6h00 - 8h30 ngày 28/8/2027\n- Tổ dân phố số 9, khu tập thể Dệt: "
     "17h00 - 19h00 ngày 28/8/2027\nHộ vắng nhà báo tổ trưởng trước 20h00 ngày 27/8/2027. Điện "
     "thoại "
     "0900.000.333.",
     110, "17h00-19h00", "so 9. "},
    {"Lịch tiếp công dân tháng 8/2027",
     "Chủ tịch xã: sáng thứ Ba ngày 05/8 và 19/8/2027.\nBí thư Đảng ủy: sáng thứ Năm ngày "
     "14/8/2027.\nGiờ tiếp: 8h00 - 11h00. Nơi tiếp: Phòng Tiếp công dân.",
     100, "bi thu du: sang 14/8", ". sang 14/8"},
    {"Mời dự ngày hội khu dân cư",
     "Phần lễ bắt đầu lúc 8h30 ngày 15/8/2027 tại sân đình làng Vôi, sau đó là liên hoan văn nghệ "
     "và "
     "bữa cơm đoàn kết.\nMỗi hộ đăng ký số người ăn cơm trước ngày 12/8/2027. Liên hệ: "
     "0900.000.333.",
     75, "8h30 15/8 tai san dinh", "an com. truoc"},
    {"Triển khai tiêm phòng dại năm 2027",
     "Xã thông báo lịch tiêm phòng dại miễn phí cho đàn chó, mèo trên địa bàn:\n- Thôn Đông: 7h00 "
     "ngày 10/3/2027 tại nhà văn hóa thôn.\n- Thôn Đoài: 14h00 ngày 10/3/2027 tại sân đình.",
     120, "mien phi cho dan cho, meo", "cho dan cho."},
    {"Hủy kế hoạch bắn pháo hoa đêm giao thừa",
     "Do thời tiết xấu, xã hủy chương trình bắn pháo hoa lúc 0h00 ngày 06/02/2027.\nChương trình "
     "ca "
     "nhạc mừng xuân vẫn diễn ra lúc 20h00 ngày 05/02/2027 tại Nhà hát ngoài trời.",
     200, "dien ra luc 20h00", ". luc 20h00"},
    {"KHẨN: Sạt lở bờ sông qua ấp Lò Vôi",
     "Khoảng 2h30 ngày 14/10/2027, bờ sông qua ấp Lò Vôi sạt lở dài 60 m.\nYêu cầu các hộ từ cầu "
     "Kinh "
     "đến bến đò di dời ngay đến Trường Tiểu học Lò Vôi B, hoàn thành trước 10h00 sáng nay.",
     120, "truoc 10h00", "2h30 14/10. "},
    {"Phát động tuần lễ vệ sinh môi trường",
     "Xã phát động tuần lễ tổng vệ sinh từ ngày 01/6/2027 đến ngày 07/6/2027.\n6h00 Chủ nhật ngày "
     "06/6/2027, mỗi hộ cử ít nhất một người quét dọn đoạn đường trước nhà. Rác đưa ra điểm tập "
     "kết "
     "trước 17h00 ngày 06/6/2027.\nKhông đốt rác, không vứt xác động vật ra suối.",
     120, "6h00 06/6, moi ho", "6h00 06/6. "},
    {"Cấm xe tải trên đường liên xã ĐX 05",
     "UBND xã Lò Vôi cấm xe tải trên 3,5 tấn qua đường ĐX 05 từ 6h00 ngày 03/9/2027 đến 18h00 ngày "
     "30/9/2027.",
     136, "xa lo voi", "xa dx:"},
    {"Trả kết quả hồ sơ đất đai đợt 2",
     "Bộ phận một cửa phường Lò Rèn mời 43 hộ có tên trong danh sách đến nhận giấy chứng nhận "
     "quyền "
     "sử dụng đất vào các ngày 11 và 12/11/2027, sáng từ 8h00 đến 11h00, chiều từ 14h00 đến "
     "16h30.\n"
     "Mang theo giấy hẹn, căn cước. Sau ngày 30/11/2027 hồ sơ chuyển về Văn phòng đăng ký đất đai.",
     120, "11 va 12/11", ". dang ky dat dai"},
};

static void
test_what_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        struct arena *arena = arena_new();
        struct str text = gist_of(arena, told[i].title, told[i].body, told[i].room);
        if (!memmem(text.p, text.n, told[i].says, strlen(told[i].says))) {
            fail_msg("%s: %.*s", told[i].title, (int)text.n, text.p);
        }
        for (size_t room = 0; room < 300; room += 7) {
            text = gist_of(arena, told[i].title, told[i].body, room);
            if (memmem(text.p, text.n, told[i].never, strlen(told[i].never))) {
                fail_msg("%s at %zu: %.*s", told[i].title, room, (int)text.n, text.p);
            }
        }
        arena_free(&arena);
    }
}

/* In an emergency what to do, by when, goes before how high the water was and before a title's
 * exhortation. */
static void
test_an_emergency_tells_what_to_do_by_when(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct announcement a = {
        .priority = PRIORITY_EMERGENCY,
        .field = {[FIELD_TITLE] = STR("Thông báo vận hành xả lũ hồ chứa nước Suối Vàng, yêu cầu "
                                      "người dân ven suối chủ động phòng tránh"),
                  [FIELD_BODY] =
                      STR("Do mưa lớn liên tục, mực nước hồ lúc 19 giờ ngày 26/11 đạt "
                          "48,2 m. Hồ sẽ mở cửa xả từ 05 giờ 00 ngày 27/11/2026. Bà con đưa người, "
                          "gia súc, lồng bè, máy bơm ra khỏi bãi ven suối xong trước 04 giờ ngày "
                          "27/11.")}};
    const struct gist_room room = {.room = 190, .unit = GIST_SEPTETS, .strip = true};
    struct story *story = arena_alloc(arena, sizeof *story);
    struct gist *gist = arena_alloc(arena, sizeof *gist);
    assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, NULL), 0);
    gist_make(story, &room, arena, gist);
    if (!memmem(gist->text.p, gist->text.n, "xong truoc 04h 27/11", 20) ||
        memmem(gist->text.p, gist->text.n, "48,2", 4)) {
        fail_msg("%.*s", (int)gist->text.n, gist->text.p);
    }
    arena_free(&arena);
}

/* What the title beside a text calls off need not be called off in it again; a piece that alone
 * would be refused takes no other with it. */
static void
test_beside_a_title_that_calls_off(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct announcement a = {
        .field = {[FIELD_TITLE] = STR("Hoãn phiên chợ Lò Rèn tháng 9"),
                  [FIELD_BODY] =
                      STR("Thời gian tổ chức lại: từ 7h00 ngày 19/9/2027, địa điểm vẫn là hội "
                          "trường Trường THPT Lò Rèn. Hộ đã đăng ký gọi 0900.000.222.")}};
    struct story *story = arena_alloc(arena, sizeof *story);
    assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, NULL), 0);
    for (size_t room = 60; room <= 200; room += 10) {
        struct gist_room ask = {
            .room = room, .unit = GIST_CHARACTERS, .beside = a.field[FIELD_TITLE]};
        struct gist gist;
        gist_make(story, &ask, arena, &gist);
        struct str text = unicode_fold(arena, gist.text);
        if (!memmem(text.p, text.n, "7h00", 4) || !memmem(text.p, text.n, "19/9", 4)) {
            fail_msg("at %zu: %.*s", room, (int)text.n, text.p);
        }
    }
    arena_free(&arena);
}

static void
test_a_given_text_is_judged_alike(void **state)
{
    struct arena *arena = arena_new();
    struct announcement a = {.field = {[FIELD_TITLE] = STR("Họp tổ dân phố số 3"),
                                       [FIELD_BODY] = STR("Thời gian: 19h30 ngày 02/12/2026.")}};
    struct story *story = arena_alloc(arena, sizeof *story);
    struct gist whole, half;
    (void)state;
    assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, NULL), 0);
    gist_judge(story, STR("Hop to dan pho so 3 luc 19h30 ngay 02/12"), arena, &whole);
    gist_judge(story, STR("Hop to dan pho so 3 luc 19h30"), arena, &half);
    assert_true(whole.kept > half.kept && half.kept > 0);
    assert_true(str_equal_z(story->when, "19h30 ngày 02/12/2026"));
    arena_free(&arena);
}

static void
test_a_long_text_tells_all_but_what_was_replaced(void **state)
{
    struct arena *arena = arena_new();
    struct announcement a = {
        .field = {[FIELD_TITLE] = STR("Họp chi bộ"),
                  [FIELD_BODY] =
                      STR("1. Thời gian: 19h30 ngày 02/12/2026 (lùi một ngày so với lịch "
                          "đã thông báo ngày 01/12/2026).\nMang theo thẻ. Trân trọng kính "
                          "mời các đồng chí.\nXin cảm ơn!\nHết.")}};
    struct story *story = arena_alloc(arena, sizeof *story);
    (void)state;
    assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, NULL), 0);
    struct str body = story_body(story, arena);
    assert_true(str_equal(body, STR("1. Thời gian: 19h30 ngày 02/12/2026.\nMang theo thẻ. Kính mời "
                                    "các đồng chí.\nHết.")));
    arena_free(&arena);
}

static void
test_a_long_text_tells_nothing_twice(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct announcement a = {
        .field = {[FIELD_TITLE] = STR("Lễ hội làng Hạ năm 2027"),
                  [FIELD_BODY] = STR("LỄ HỘI LÀNG HẠ\nLúc 8h00 ngày 5/3/2027.\nĐịa điểm: đình "
                                     "làng.\nMang theo ô.\nKính mời bà con đến dự.")}};
    struct story *story = arena_alloc(arena, sizeof *story);
    assert_int_equal(story_read(&a, phrases_built_in(arena), arena, story, NULL), 0);
    assert_true(str_equal(story_body(story, arena), STR("Lúc 8h00 ngày 5/3/2027.\nĐịa điểm: đình "
                                                        "làng.\nMang theo ô.")));
    arena_free(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_told),
        cmocka_unit_test(test_an_emergency_tells_what_to_do_by_when),
        cmocka_unit_test(test_beside_a_title_that_calls_off),
        cmocka_unit_test(test_a_given_text_is_judged_alike),
        cmocka_unit_test(test_a_long_text_tells_all_but_what_was_replaced),
        cmocka_unit_test(test_a_long_text_tells_nothing_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
