#!/bin/bash
# tests/screenshot.sh OUT.png "KEY..." ARGUMENT...: photographs thumbtag in a
# real xterm of 110x34 after X's keys have been pressed. The README's picture:
#
#     make && tests/screenshot.sh man/screenshot.png "3 5 1 3 1 2 3 4 2 4 5" \
#         samples --order file -o shot.csv
: "${THUMBTAG:=$PWD/build/release/thumbtag}"
export THUMBTAG
. tests/support/tap.sh
. tests/support/real.sh
. tests/support/window.sh
out=$1 keys=$2
shift 2
window_display xterm
window_start 110x34 "$THUMBTAG" "$@"
cp "$scratch/black.ppm" "$scratch/before.ppm"
for key in '' $keys; do
    [ -z "$key" ] || window_key "$key"
    wait_until is_steady "$scratch/before.ppm"
    cp "$shot" "$scratch/before.ppm"
done
convert "$scratch/before.ppm" -crop 660x442+0+0 +repage -bordercolor '#303030' -border 4 \
    -define png:compression-level=9 "$out" && ok "$out"
finish
