#!/bin/bash
# C2: over a line of 30 kB/s and 150 ms pictures grow until the pane is full, never
# shrink, and a key stops that. timeout: 400
. tests/support/tap.sh
. tests/support/real.sh
need convert compare sixel2png
photos=$scratch/photos
log=$scratch/log
copy_samples "$photos" IMG_0001.jpg IMG_0002.jpg
classes=ant,bee
arguments=("$THUMBTAG" "$photos" --order file --embeddings 0 -c "$classes")

# session NAME [OPTION]...: runs one under the script on standard input; its pictures
# are kept in $scratch/NAME.
session() {
    local name=$1
    shift
    mkdir -p "$scratch/$name"
    "$ptyterm" -g "${size[$large]}" -c 6x13 -d "$scratch/$name" "$@" "${arguments[@]}" \
        -o "$scratch/$name.csv" >"$log" 2>"$scratch/err"
}
slow=(-r 30000 -l 150)
declare -A size=([yes]=180x60 [no]=80x24)
large=no

# pictures_at NAME: all of them, as lines "NUMBER W H X Y".
pictures_at() {
    local at n
    for at in "$scratch/$1"/*.at; do
        n=${at##*/}
        echo "${n%.at} $(tr 'x+' '  ' <"$at")"
    done | sort -n
}

# box NAME FIRST LAST: that these pictures cover, as WxH+X+Y.
box() {
    pictures_at "$1" | awk -v first="$2" -v last="$3" '
        $1 >= first && $1 <= last {
            if (!n++ || $4 < x) x = $4
            if (n == 1 || $5 < y) y = $5
            if ($4 + $2 > r) r = $4 + $2
            if ($5 + $3 > b) b = $5 + $3
        }
        END { printf "%dx%d+%d+%d\n", r - x, b - y, x, y }'
}

# smaller NAME FIRST LAST FULL: pictures among these that are neither of full width
# nor part of a row of such ones: what would be drawn in the middle of them.
smaller() {
    local w
    w=${4%%x*}
    pictures_at "$1" | awk -v first="$2" -v last="$3" -v full="$w" '
        $1 >= first && $1 <= last { row[$5] += $2; n[$5] = n[$5] " " $1 }
        END { for (y in row) if (row[y] != full) print n[y] }'
}

# compose NAME FIRST LAST FULL FILE: what they show, one over the other.
compose() {
    local n x y fx fy
    IFS=x+ read -r _ _ fx fy <<<"$4"
    convert -size "${4%%+*}" xc:black "$5"
    for n in $(seq "$2" "$3"); do
        IFS=x+ read -r _ _ x y <"$scratch/$1/$n.at"
        sixel2png -i "$scratch/$1/$n.six" -o "$scratch/piece.png"
        convert "$5" "$scratch/piece.png" -geometry "+$((x - fx))+$((y - fy))" -composite "$5"
    done
}

count() { # pictures so far
    pictures_at "$1" | wc -l
}

# shows TEST NAME FIRST LAST REFERENCE: that these are, pixel by pixel, that picture of
# the session `want`.
shows() {
    local full differ
    full=$(<"$scratch/want/$5.at")
    compose "$2" "$3" "$4" "$full" "$scratch/composed.png"
    sixel2png -i "$scratch/want/$5.six" -o "$scratch/want.png"
    differ=$(compare -metric AE "$scratch/composed.png" "$scratch/want.png" null: 2>&1)
    is "$differ" 0 "$1"
}

# What there is to be seen, at the level of slow lines, in full size.
arguments+=(--level slow)
session want <<<$'wait ready\nkey Z\nwait ready\nkey Q\nwait end'
unset 'arguments[-1]' 'arguments[-1]'
is "$(count want)" 2 'the references are made'
full=$(<"$scratch/want/1.at")
zoomed=$(<"$scratch/want/2.at")

# Nobody types: until nothing more has come for longer than is waited for.
session grown "${slow[@]}" <<'EOT'
wait ready 20000
wait quiet 1500 20000
key ctrl-l
wait ready 20000
wait quiet 1500 20000
key Z
wait ready 20000
wait quiet 1500 20000
key Q
wait end
EOT
is "$(tail -n 2 "$log")" $'exit 0\nmodes same' 'C2 a session over a slow line ends in order'
grep -v '^picture' "$log" | sed 's/^/# /'
redrawn=$(awk '$1 == "key" && $2 == "ctrl-l" { print n } $1 == "picture" { n = $2 }' "$log")
zoom=$(awk '$1 == "key" && $2 == "Z" { print n } $1 == "picture" { n = $2 }' "$log")
last=$(count grown)
IFS=x+ read -r w _ <"$scratch/grown/1.at"
like "$((w * 3 < ${full%%x*} * 2))" 1 'C2 the first picture is a small one'
is "$(box grown 1 "$redrawn")" "$full" 'C2 it grows to full size, and is covered by that'
is "$(smaller grown 2 "$redrawn" "$full")" '' 'C2 nothing small is drawn over it'
shows 'C2 its pieces are the whole picture' grown 2 "$redrawn" 1
is "$(smaller grown $((redrawn + 1)) "$zoom" "$full")" '' 'C2 drawn again, it is full size'
shows 'C2 and complete' grown $((redrawn + 1)) "$zoom" 1
is "$(box grown $((zoom + 1)) "$last")" "$zoomed" 'C2 zoomed, it grows as well'
is "$(smaller grown $((zoom + 2)) "$last" "$zoomed")" '' 'C2 and does not shrink'
longest=$(wc -c "$scratch"/grown/*.six | awk '$2 != "total" && $1 > m { m = $1 } END { print m }')
like "$((longest < 12000))" 1 'C2 no piece takes longer than a key may wait'
echo "# the longest of $last takes $longest bytes"

# A key while it grows: nothing of the old picture comes but what is on its way, for as
# long as key and answer need.
session stopped "${slow[@]}" <<'EOT'
wait ready 20000
wait picture 4 20000
key right
wait ready 20000
key Q
wait end
EOT
is "$(tail -n 2 "$log")" $'exit 0\nmodes same' 'C2 a session in which a key comes ends in order'
after=$(awk '$1 == "key" && $2 == "right" { print n } $1 == "picture" { n = $2 }' "$log")
other=$(pictures_at stopped | awk -v after="$after" '
    $1 > after && $4 > 60 { print $1; exit }') # in the middle, which no piece is
like "$((other - after))" '^[1234]$' 'C2 a key waits for what is on its way, and no more'
awk -v n="$other" '$1 == "key" && $2 == "right" { at = $4 }
    $1 == "picture" && $2 == n { printf "# the next picture was there after %.0f ms\n", $4 - at }' "$log"

# xterm has room for few pieces on its screen, so that they take long in a large window; a
# key ends one early. On a busy machine the key may be read when all of the piece has been
# written: then once more.
for try in 1 2 3 4 5; do
    rm -rf "$scratch"/xterm*
    large=yes session xterm "${slow[@]}" -N 'XTerm(379)' <<'EOT'
wait ready 20000
wait picture 4 20000
wait quiet 300 20000
key right
wait ready 20000
wait quiet 1500 40000
key Q
wait end
EOT
    [ "$(tail -n 2 "$log")" = $'exit 0\nmodes same' ] || break
    after=$(awk '$1 == "key" && $2 == "right" { print n } $1 == "picture" { n = $2 }' "$log")
    other=$(pictures_at xterm | awk -v after="$after" '$1 > after && $4 > 300 { print $1; exit }')
    waits=$(awk -v after="$after" -v other="$other" '
        $1 == "picture" && $2 > after && $2 < other { n += $7 } END { print n + 0 }' "$log")
    echo "# try $try: $waits bytes were still to come"
    [ "$waits" -ge 16000 ] || break
done
is "$(tail -n 2 "$log")" $'exit 0\nmodes same' 'C2 xterm: a session ends in order'
like "$((waits < 16000))" 1 'C2 xterm: a long piece is ended by a key'
like "$(($(count xterm) - other))" '^[1-9]$|^1[0-4]$' 'C2 xterm: no more pieces than it keeps'
finish
