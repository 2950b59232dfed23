#!/bin/bash
# A session over a line of 1 Mbit/s: keys stay in step with the pictures, whatever their
# pace. How long a picture takes is told by tests/bench/link.sh. timeout: 900, takes long
. tests/support/tap.sh
. tests/support/real.sh
. tests/support/sshd.sh
. tests/support/link.sh
photos=$scratch/photos
csv=$scratch/labels.csv
log=$scratch/log
classes=ant,bee,cow,dog,elk
copy_samples "$photos"
link_prepare
echo "# $link_how"
link_program=("$THUMBTAG" "$photos" --order file --embeddings 0 -c "$classes" -o "$csv")

# session [OPTION]…: runs one under the script on standard input.
session() {
    rm -f "$csv"
    link_terminal -g 100x30 -c 6x13 "$@" >"$log" 2>"$scratch/err"
}

# Small RGB pictures, a line each; transparent ones as the program shows them.
small() {
    convert "$@" -auto-orient -background '#262626' -alpha remove -resize '8x8!' -depth 8 rgb:- | od -An -v -tu1 -w192
}

# Pieces of a picture that grows, by number: what does not lie about the middle of the
# pane, or continues such a one below.
pieces() {
    local at
    for at in "$scratch"/six/*.at; do
        echo "$(basename "$at" .at) $(tr 'x+' '  ' <"$at")"
    done | sort -n | awk -v middle="$((13 + 26 * 13 / 2))" '{
        off = $5 + $3 / 2 - middle
        piece = off > 13 || off < -13 || (piece && $2 == w && $4 == x && $5 == below)
        w = $2; x = $4; below = $5 + $3
        if (piece) print $1
    }'
}

# Which file each picture of the session shows, or the one before of which it is a piece:
# lines "NUMBER FILE" in $scratch/seen. The bytes do not tell, as they depend on the line.
look() {
    local six
    rm -f "$scratch"/six/*.png
    for six in "$scratch"/six/*.six; do
        sixel2png -i "$six" -o "${six%.six}.png"
    done
    small "$scratch"/six/*.png >"$scratch/small"
    awk '
        FNR == 1 { part++ }
        part == 1 { file[FNR] = $1 }
        part == 2 { for (i = 1; i <= 192; i++) want[FNR, i] = $i; files = FNR }
        part == 3 { number[FNR] = $1 }
        part == 4 {
            least = 1e9
            for (f = 1; f <= files; f++) {
                sum = 0
                for (i = 1; i <= 192 && sum < least; i++) sum += ($i - want[f, i]) ^ 2
                if (sum < least) { least = sum; best = f }
            }
            print number[FNR], file[best]
        }' "$scratch/files" "$scratch/references" \
        <(printf '%s\n' "$scratch"/six/*.png | sed 's/.*\///; s/\.png//') "$scratch/small" |
        sort -n | awk '
            FILENAME != "-" { piece[$1] = 1; next } # there may be none
            { file = piece[$1] && file ? file : $2; print $1, file }' <(pieces) - >"$scratch/seen"
}

# What may have been answered: "FILE=CLASS" of each class key that was sent when that
# picture was to be seen; not only of the first one behind it, as a key may be refused
# and the next one, behind a pause, be taken.
expected() {
    awk -v classes="$classes" '
        BEGIN { split(classes, class, ",") }
        NR == FNR { file[$1] = $2; next }
        $1 == "seeing" { seen = $2 }
        $1 == "key" && $NF > 0 { seen = $NF }
        $1 == "key" && $2 ~ /^[1-5]$/ && seen > 0 { print file[seen] "=" class[$2] }
        $1 == "key" { seen = 0 }' "$scratch/seen" "$log" | sort -u
}

printf '%s\n' "$photos"/* | sed 's/.*\///' >"$scratch/files"
small "$photos"/* >"$scratch/references"

# Keys much faster than pictures. It is over before the last picture has been looked at
# for so long that it grows.
for line in '50 0' '200 0' '50 1'; do
    read -r delay loss <<<"$line"
    name="$delay ms, $loss % lost"
    link_start "$delay" "$loss" || {
        not_ok "$name: a line"
        continue
    }
    rm -rf "$scratch/six"
    mkdir "$scratch/six"
    session -d "$scratch/six" <<'EOT'
wait ready 20000
every 50 160 1 2 3 4 5 1 2 3 4 5 1 2 3 4 5 1 2 3 right
wait quiet 2000
every 30 30 right
wait quiet 600
key Q
wait end 20000
EOT
    is "$(tail -n 2 "$log")" $'exit 0\nmodes same' "$name: ends in order"
    look
    # A key may count for nothing though a picture was shown: a move that was sent
    # before that came has since led away from it.
    is "$(given "$csv" | sort | comm -23 - <(expected))" '' \
        "$name: what was answered, was when that picture was shown"
    like "$(given "$csv" | wc -l)" '^[1-9]' "$name: some were answered"
    stale=$(awk '$1 == "key" && $2 == "right" { n = 0 } $1 == "picture" { n++ } $1 == "key" && $2 == "Q" { print n; exit }' "$log")
    like "$stale" '^[12]$' "$name: behind the last key, no more than the one on its way and its own"
done

# Keys that wait for the picture: each answers it. At a fixed level pictures do not grow:
# the terminal would take a late piece of the last one for the picture of the key.
link_start 50 0
files=$(wc -l <"$scratch/files")
link_program+=(--level slow)
rm -rf "$scratch/six"
mkdir "$scratch/six"
{
    for ((i = 0; i < files - 1; i++)); do # the last one would end it
        printf 'wait ready 20000\nkey %d\n' $((i % 5 + 1))
    done
    printf 'wait ready 20000\nkey Q\nwait end 20000\n'
} | session -d "$scratch/six"
unset 'link_program[-1]' 'link_program[-1]'
is "$(tail -n 2 "$log")" $'exit 0\nmodes same' 'at leisure: ends in order'
is "$(given "$csv")" "$(awk -v classes="$classes" '
    BEGIN { split(classes, class, ",") }
    { print $1 "=" class[(NR - 1) % 5 + 1] }' <(head -n -1 "$scratch/files"))" \
    'at leisure: each key labels its picture'
look
is "$(given "$csv" | sort)" "$(expected)" 'at leisure: which was the picture shown'

# C2: a busy machine may be too slow to measure the line; not each time.
for try in 1 2 3 4 5; do
    session <<<$'wait ready 20000\nkey Q\nwait end 20000'
    first=$(awk '$1 == "picture" && $2 == 1 { print $7 }' "$log")
    echo "# try $try: $first bytes"
    [ "$first" -ge 50000 ] || break
done
like "$((first < 50000))" 1 'C2 the first picture is made for the line already'
finish
