#!/bin/bash
# Pictures in a real kitty, photographed and compared with what it was sent and
# with the file. Placeholders are newer than Debian's kitty.
. tests/support/tap.sh
. tests/support/real.sh
. tests/support/window.sh
. tests/support/kitty.sh
other=25 # dB that two pictures which have nothing in common stay below
size=120x40

names=(IMG_0001.jpg IMG_0002.jpg IMG_0005.jpg IMG_0006.jpg IMG_0017.jpg)
photos=$scratch/photos
copy_samples "$photos" "${names[@]}"
thumbtag=("$THUMBTAG" "$photos" "${thumbtag_arguments[@]}")

# places COLSxROWS [KEY...]: where pictures are, at first and after each key.
places() {
    local size=$1
    shift
    { echo "size $size" && echo screen && printf 'key %s\nscreen\n' "$@"; } >"$scratch/script"
    "${thumbtag[@]}" -p kitty --cell "${kitty_cell_w}x$kitty_cell_h" -o "$scratch/place.csv" \
        --script "$scratch/script" 2>"$scratch/place.err" |
        sed -n 's/^\[picture .* at row \([0-9]*\), column \([0-9]*\): \([0-9]*x[0-9]*\) .*/\3 \2 \1/p' |
        while read -r samples column row; do
            echo "$samples+$((column * kitty_cell_w))+$((row * kitty_cell_h))"
        done >"$scratch/places"
}

at() {
    sed -n "$(($1 + 1))p" "$scratch/places"
}

last_is_shown() {
    is_shown "$(kitty_last)" "$1" "$2"
}

# check NAME N FILE [PART]: picture N of places is there, is the one that was sent
# last, looks like that part of the file, and nothing else is in the pane.
check() {
    local place
    place=$(at "$2")
    if ! wait_until last_is_shown "$place" "$bytes_bar"; then
        not_ok "$1: shown at $place" "$shown_db dB, $bytes_bar were expected"
        return
    fi
    ok "$1: shown at $place ($shown_db dB)"
    if looks_like "$(scaled "$3" "$place" "${4:-}")" "$place" "$like_bar"; then
        ok "$1: looks like the file ($shown_db dB)"
    else
        not_ok "$1: looks like the file" "$shown_db dB, $like_bar were expected"
    fi
    if wait_until is_alone "$place" "$pane"; then
        ok "$1: nothing beside it"
    else
        not_ok "$1: nothing beside it" "something else is in the pane $pane"
    fi
}

# pane COLS ROWS: of the pictures, below the title
pane_of() {
    pane=$(($1 * kitty_cell_w))x$(($2 * kitty_cell_h))+0+$kitty_cell_h
}

window_display kitty
if ! kitty_start "$size" "${thumbtag[@]}" -p none -o "$scratch/labels.csv"; then
    skip_all "kitty does not start: $(grep -v '^$' "$scratch/kitty.log" | tail -n 1)"
fi
pane_of 83 36

# The test itself: it must see that there is no picture.
soon 'without pictures: there is text' keep_shot none.ppm
places "$size" right right right right home right Z Z
if is_shown "$(scaled "${names[0]}" "$(at 0)")" "$(at 0)" "$other"; then
    not_ok 'without pictures: it is seen that none is shown' "$shown_db dB"
else
    ok 'without pictures: it is seen that none is shown'
fi
window_key question
soon 'without pictures: help' keep_shot help.ppm none.ppm
window_key Escape
soon 'without pictures: help left' same_pixels "$scratch/none.ppm"
window_leave Q test -s "$scratch/status"
soon 'without pictures: quits' test -s "$scratch/status"
window_key Return
window_wait

# Pictures of several shapes, one after the other: smaller ones leave nothing of
# larger ones.
kitty_start "$size" "${thumbtag[@]}" -p kitty -o "$scratch/labels.csv"
check "${names[0]}" 0 "${names[0]}"
keep_shot first.ppm
for i in 1 2 3 4; do
    window_key Right
    check "${names[i]}" "$i" "${names[i]}"
done
window_key Home
soon 'the first picture again: the whole window is as it was' same_pixels "$scratch/first.ppm"

# Text does not wipe pictures here.
window_key question
soon 'help: nothing of the picture is left' same_pixels "$scratch/help.ppm"
window_key Escape
soon 'help left: the whole window is as it was' same_pixels "$scratch/first.ppm"

window_key Right Z
check zoomed 7 "${names[1]}" zoomed
window_key Z
check 'zoomed out' 8 "${names[1]}"

places 100x30 right
xdotool windowsize "$window_id" $((100 * kitty_cell_w)) $((30 * kitty_cell_h))
pane_of 69 26
check 'smaller window' 1 "${names[1]}"
places "$size" right
xdotool windowsize "$window_id" $((120 * kitty_cell_w)) $((40 * kitty_cell_h))
pane_of 83 36
check 'larger window' 1 "${names[1]}"

window_key Q
soon 'quits' test -s "$scratch/status"
is "$(<"$scratch/status")" 0 'exit status'
soon 'the normal screen is back' is_steady "$scratch/black.ppm"
soon 'nothing of the picture is left behind' is_black "$((120 * kitty_cell_w))x$((36 * kitty_cell_h))+0+$((4 * kitty_cell_h))"
finish
