# How the demo draws on the terminal.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash

bold='' dim='' plain=''
if [ -t 1 ]; then
    bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
fi
step_n=0

head_line() {
    printf '%s%s%s\n' "$bold" "$1" "$plain"
}

step() {
    printf '\n%s%d. %s%s\n' "$bold" $((++step_n)) "$1" "$plain"
}

say() {
    printf '   %s\n' "$*"
}

show() {
    printf '   %s$ %s%s\n' "$dim" "$*" "$plain"
}

indent() {
    sed 's/^/   /'
}

# wrap WIDTH: the text of stdin in lines of at most WIDTH characters, broken between words; a word
# that is longer is broken where the line ends.
wrap() {
    local width=$1 line='' word
    local -a words
    while IFS= read -r text || [ -n "$text" ]; do
        read -r -a words <<<"$text"
        line=''
        for word in "${words[@]}"; do
            if [ -n "$line" ] && ((${#line} + 1 + ${#word} > width)); then
                printf '%s\n' "$line"
                line=''
            fi
            line=${line:+$line }$word
            while ((${#line} > width)); do
                printf '%s\n' "${line:0:width}"
                line=${line:width}
            done
        done
        printf '%s\n' "$line"
    done
}

# padded WIDTH TEXT: printf pads bytes, a terminal has columns.
padded() {
    local room=$(($1 - ${#2}))
    printf '%s%*s' "$2" $((room > 0 ? room : 0)) ''
}

rule() {
    local line
    printf -v line '%*s' "$1" ''
    printf '%s' "${line// /─}"
}

# phone NUMBER SENDER TEXT HOW: the lines of one phone, 38 columns wide.
phone() {
    local line width=34
    printf '╭%s╮\n' "$(rule $((width + 2)))"
    printf '│ %s │\n' "$(padded $width "$2")"
    printf '├%s┤\n' "$(rule $((width + 2)))"
    wrap $width <<<"$3" | while IFS= read -r line; do
        printf '│ %s │\n' "$(padded $width "$line")"
    done
    printf '╰%s╯\n' "$(rule $((width + 2)))"
    padded $((width + 4)) "  ${1:0:4}****${1: -3}, $4"
    echo
}

parts() {
    if [ "$1" = 1 ]; then echo '1 part'; else echo "$1 parts"; fi
}

# outcomes REPORT: how many members ended in which outcome, from the CSV.
outcomes() {
    local outcome n total
    total=$(($(wc -l <"$1") - 1))
    for outcome in delivered accepted undelivered failed skipped expired; do
        n=$(cut -d, -f5 "$1" | grep -cx "$outcome") || continue
        printf '   %-12s %5d  %s\n' "$outcome" "$n" "$(bar $((n * 50 / total + 1)))"
    done
    printf '   %-12s %5d\n' total "$total"
}

bar() {
    local line
    printf -v line '%*s' "$1" ''
    printf '%s' "${line// /█}"
}

# progress: of what `loa status --watch` prints into a file, the line with the percentage, as a bar.
progress() {
    local line share
    while IFS= read -r line; do
        [[ $line =~ ([0-9]+)%\ of\  ]] || continue
        share=$((BASH_REMATCH[1] / 4))
        line=${line#*% of }
        printf '   [%s] %3d %%  %s\n' "$(padded 25 "$(bar $share)")" "${BASH_REMATCH[1]}" \
            "${line#* · }"
    done
}

# phones SMS ZALO: the first phone that got an SMS, and the first that Zalo told, side by side.
phones() {
    local n left right
    mapfile -t left < <(phone_line "$1")
    mapfile -t right < <(zalo_line "$2")
    if ((${#left[@]} + ${#right[@]} == 0)); then
        say 'No phone got anything.'
    fi
    for ((n = 0; n < ${#left[@]} || n < ${#right[@]}; n++)); do
        printf '   %s   %s\n' "$(padded 38 "${left[n]-}")" "${right[n]-}"
    done
}

phone_line() {
    local number sender parts alphabet text
    IFS=$'\t' read -r number sender parts alphabet text <"$1" || return 0
    phone "$number" "$sender" "$(printf '%b' "$text")" "$(parts "$parts"), $alphabet"
}

# The template's parameters, a line each, where the app shows the text that was approved around them.
zalo_line() {
    local number kind text
    IFS=$'\t' read -r number kind text <"$1" || return 0
    text=$(sed 's/^{ *"//; s/" *}$//; s/" *: *"/: /g; s/", *"/\n/g' <<<"$text")
    phone "$number" 'Zalo, official account' "$text" 'template'
}

# channels REPORT: which channel told how many, from the CSV.
channels() {
    local channel
    for channel in zalo sms; do
        printf '   %-12s %5d  delivered\n' "by $channel" \
            "$(cut -d, -f3,5 "$1" | grep -cx "$channel,delivered")"
    done
}
