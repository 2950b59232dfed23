#!/bin/bash
# Pictures in a real xterm, photographed and compared with the file.
#
# Two references. The bytes that the program writes, decoded by sixel2png: xterm
# shows these to 53 dB and better, rounding of colours apart, so 40 dB is lost
# by any misplaced, cut or overwritten part. And the file, decoded and scaled by
# ImageMagick, which knows nothing of our code: 43 dB after a slight blur, as
# dithering is to be seen through; a shift by one pixel costs 10 dB, another
# picture 30. The bar is 37.
. tests/support/tap.sh
. tests/support/real.sh
. tests/support/xterm.sh
need sixel2png
bar=40 like_bar=37 other=25

names=(IMG_0001.jpg IMG_0002.jpg IMG_0005.jpg IMG_0006.jpg IMG_0017.jpg)
photos=$scratch/photos
copy_samples "$photos" "${names[@]}"

# place COLSxROWS [KEY...]: where the picture lies after these keys, WxH+X+Y.
place() {
    local size=$1
    shift
    printf '%s\n' "size $size" ${1:+"key $*"} screen >"$scratch/script"
    "$THUMBTAG" "$photos" -c cat,dog --cell 6x13 -p sixel -o "$scratch/place.csv" \
        --script "$scratch/script" 2>"$scratch/place.err" |
        sed -n 's/^\[picture .* at row \([0-9]*\), column \([0-9]*\): \([0-9]*x[0-9]*\) .*/\3 \2 \1/p' |
        { read -r samples column row && echo "$samples+$((column * 6))+$((row * 13))"; }
}

# bytes COLSxROWS [KEY...]: what is drawn after these keys, decoded, as a file.
bytes() {
    local size=$1 key dir
    dir=$(mktemp -d "$scratch/bytes.XXXXXX")
    shift
    { echo wait ready; for key; do printf 'key %s\nwait ready\n' "$key"; done; echo key Q; } |
        "$ptyterm" -g "$size" -c 6x13 -d "$dir" "$THUMBTAG" "$photos" -c cat,dog \
            -o "$scratch/bytes.csv" >"$dir/log"
    sixel2png -i "$dir/$(ls "$dir" | sort -n | tail -n 1)" -o "$dir/picture.png"
    echo "$dir/picture.png"
}

# scaled FILE WxH+X+Y [GEOMETRY]: the file, or its middle part, by ImageMagick.
scaled() {
    convert "$photos/$1" -auto-orient ${3:+-gravity center -crop "$3" +repage} \
        -resize "${2%%+*}!" "$scratch/scaled.png"
    echo "$scratch/scaled.png"
}

# check NAME BYTES WxH+X+Y PANE SCALED: the picture is there, and nothing else is.
check() {
    if ! wait_until is_shown "$2" "$3" "$bar"; then
        not_ok "$1: shown at $3" "$shown_db dB, $bar were expected"
        return
    fi
    ok "$1: shown at $3"
    if looks_like "$5" "$like_bar"; then
        ok "$1: looks like the file"
    else
        not_ok "$1: looks like the file" "$shown_db dB, $like_bar were expected"
    fi
    if only_shown "$3" "$4"; then
        ok "$1: nothing beside it"
    else
        not_ok "$1: nothing beside it" "something else is in the pane $4"
    fi
}

thumbtag_in_xterm() {
    # shellcheck disable=SC2016
    xterm_start 120x40 bash -c '"$@"; echo "$?" >"$0.tmp"; mv "$0.tmp" "$0"; read -r' \
        "$scratch/status" "$THUMBTAG" "$photos" -c cat,dog -o "$scratch/labels.csv" "$@"
}

xterm_display
pane=498x468+0+13
title=300x13+0+0
hints=720x13+0+507

# The test itself: it must see that there is no picture.
thumbtag_in_xterm -p none
at=$(place 120x40)
first=$(bytes 120x40)
convert -size 1280x960 xc:black "$scratch/black.ppm"
wait_until is_steady "$scratch/black.ppm" || not_ok 'without pictures: text is shown'
cp "$xterm_shot" "$scratch/none.ppm"
if is_shown "$first" "$at" "$other" || looks_like "$(scaled IMG_0001.jpg "$at")" "$other"; then
    not_ok 'without pictures: it is seen that none is shown' "$shown_db dB"
else
    ok 'without pictures: it is seen that none is shown'
fi
xterm_key question
wait_until is_steady "$scratch/none.ppm"
cp "$xterm_shot" "$scratch/help.ppm"
xterm_key Escape Q
soon 'without pictures: quits' test -s "$scratch/status"
rm "$scratch/status"
xterm_key Return
xterm_wait

# Pictures of several shapes, one after the other.
thumbtag_in_xterm
check IMG_0001.jpg "$first" "$at" "$pane" "$(scaled IMG_0001.jpg "$at")"
cp "$xterm_shot" "$scratch/first.ppm"
if is_shown "$(bytes 120x40 right right)" "$(place 120x40 right right)" "$other"; then
    not_ok 'another picture is told apart' "$shown_db dB"
else
    ok 'another picture is told apart'
fi
keys=()
for name in "${names[@]:1}"; do
    keys+=(right)
    xterm_key Right
    at=$(place 120x40 "${keys[@]}")
    check "$name" "$(bytes 120x40 "${keys[@]}")" "$at" "$pane" "$(scaled "$name" "$at")"
    soon "$name: the title has not moved" same_pixels "$scratch/first.ppm" "$title"
    soon "$name: the last line has not moved" same_pixels "$scratch/first.ppm" "$hints"
done
xterm_key Home
soon 'the first picture again: the whole window is as it was' same_pixels "$scratch/first.ppm"

# The help covers it, wholly, and leaves it.
xterm_key question
soon 'help: nothing of the picture is left' same_pixels "$scratch/help.ppm"
xterm_key Escape
soon 'help left: the whole window is as it was' same_pixels "$scratch/first.ppm"

# Zoom: twice as large, the middle.
xterm_key Right Z
at=$(place 120x40 right Z)
check 'zoomed' "$(bytes 120x40 right Z)" "$at" "$pane" "$(scaled IMG_0002.jpg "$at" 50%x50%)"
xterm_key Z
at=$(place 120x40 right)
check 'zoomed out' "$(bytes 120x40 right)" "$at" "$pane" "$(scaled IMG_0002.jpg "$at")"

# Smaller, and larger with pixels that make no whole cell.
xterm_resize 600 390
at=$(place 100x30 right)
check 'smaller window' "$(bytes 100x30 right)" "$at" 414x338+0+13 "$(scaled IMG_0002.jpg "$at")"
xterm_resize 905 657
at=$(place 150x50 right)
check 'larger window' "$(bytes 150x50 right)" "$at" 624x598+0+13 "$(scaled IMG_0002.jpg "$at")"
soon 'resized: the title has not moved' same_pixels "$scratch/first.ppm" "$title"

xterm_key Q
soon 'quits' test -s "$scratch/status"
is "$(<"$scratch/status")" 0 'exit status'
soon 'nothing of the picture is left behind' is_black 900x600+0+26
cp "$xterm_shot" /tmp/rig/quit.ppm
finish
