#!/bin/bash
# Pictures in a real xterm, photographed and compared with the file.
. tests/support/tap.sh
. tests/support/real.sh
. tests/support/xterm.sh
other=25 # dB that two pictures which have nothing in common stay below

names=(IMG_0001.jpg IMG_0002.jpg IMG_0005.jpg IMG_0006.jpg IMG_0017.jpg)
photos=$scratch/photos
copy_samples "$photos" "${names[@]}"

thumbtag_in_xterm() {
    # shellcheck disable=SC2016
    xterm_start 120x40 \
        bash -c '"$@" 2>/dev/null; echo "$?" >"$0.tmp"; echo The end; mv "$0.tmp" "$0"; read -r' \
        "$scratch/status" "$THUMBTAG" "$photos" --order file --embeddings 0 -c cat,dog -o "$scratch/labels.csv" "$@"
}

xterm_display
pane=498x468+0+13
title=300x13+0+0
hints=720x13+0+507
prepare 120x40 right right right right home right Z Z

# The test itself: it must see that there is no picture.
thumbtag_in_xterm -p none
convert -size 1280x960 xc:black "$scratch/black.ppm"
soon 'without pictures: there is text' is_steady "$scratch/black.ppm"
cp "$xterm_shot" "$scratch/none.ppm"
if is_shown "$(bytes 0)" "$(at 0)" "$other" ||
    looks_like "$(scaled "${names[0]}" "$(at 0)")" "$other"; then
    not_ok 'without pictures: it is seen that none is shown' "$shown_db dB"
else
    ok 'without pictures: it is seen that none is shown'
fi
xterm_key question
soon 'without pictures: help' is_steady "$scratch/none.ppm"
cp "$xterm_shot" "$scratch/help.ppm"
xterm_key Escape Q
soon 'without pictures: quits' test -s "$scratch/status"
rm "$scratch/status"
xterm_key Return
xterm_wait

# Pictures of several shapes, one after the other.
thumbtag_in_xterm
check "${names[0]}" 0 "$pane" "${names[0]}"
cp "$xterm_shot" "$scratch/first.ppm"
if is_shown "$(bytes 4)" "$(at 4)" "$other"; then
    not_ok 'another picture of that size is told apart' "$shown_db dB"
else
    ok 'another picture of that size is told apart'
fi
for i in 1 2 3 4; do
    xterm_key Right
    check "${names[i]}" "$i" "$pane" "${names[i]}"
    soon "${names[i]}: the title has not moved" same_pixels "$scratch/first.ppm" "$title"
    soon "${names[i]}: the last line has not moved" same_pixels "$scratch/first.ppm" "$hints"
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
check zoomed 7 "$pane" "${names[1]}" 50%x50%
xterm_key Z
check 'zoomed out' 8 "$pane" "${names[1]}"

# Smaller, and larger with pixels that make no whole cell.
prepare 100x30 right
xterm_resize 600 390
check 'smaller window' 1 414x338+0+13 "${names[1]}"
prepare 150x50 right
xterm_resize 905 657
check 'larger window' 1 624x598+0+13 "${names[1]}"
soon 'resized: the title has not moved' same_pixels "$scratch/first.ppm" "$title"

xterm_key Q
soon 'quits' test -s "$scratch/status"
is "$(<"$scratch/status")" 0 'exit status'
soon 'the normal screen is back' is_steady "$scratch/black.ppm"
soon 'nothing of the picture is left behind' is_black 845x644+60+13
finish
