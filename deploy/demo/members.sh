# Made-up members for the demo: names by chance of arithmetic, numbers nobody has (0900…).
# SPDX-License-Identifier: MIT
# shellcheck shell=bash

# members_make N: a directory in CSV.  One in 50 shares a phone with the member before (a couple
# with one telephone) and one in 100 has none, as in every real list.
members_make() {
    local family=(Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý)
    local middle=('Thị' 'Văn' 'Minh' 'Thu' 'Đức' 'Ngọc' 'Quang' 'Hồng' 'Thanh')
    local given=(An Bình Châu Dũng Giang Hà Hải Hạnh Hoa Hùng Khánh Lan Linh Long Mai Nam Nga
        Phúc Quân Sơn Tâm Thảo Trang Tuấn Yến)
    local n phone
    echo 'id,name,phone,zalo_uid,telegram_chat,groups'
    for ((n = 0; n < $1; n++)); do
        phone=$(printf '0900%06d' $((n % 50 == 49 ? n - 1 : n)))
        ((n % 100 != 73)) || phone=''
        printf 'm%03d,%s %s %s,%s,,,chibo-%d%s\n' $((n + 1)) "${family[n * 7 % 16]}" \
            "${middle[n * 5 % 9]}" "${given[n * 11 % 25]}" "$phone" $((n % 8 + 1)) \
            "$( ((n % 3)) || echo ';youth')"
    done
}
