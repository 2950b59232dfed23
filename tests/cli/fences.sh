#!/bin/bash
# A terminal that answers CSI 5 n at once, late or never: which keys answer, and that the
# seconds are there for every picture. The screens of the same: tests/screens/fence-*.script.
. tests/support/tap.sh
. tests/support/cli.sh
csv=$photos/labels.csv

# session NAME WANT LINE...: the rows that the lines give, as FILE=LABEL:SECONDS.
session() {
    local name=$1 want=$2
    shift 2
    rm -f "$csv" "$photos"/.labels.csv*
    keys "$photos" "$@" -- -c ant,bee,cow -m none
    is "$rc $err" "0 " "$name: succeeds in silence"
    is "$(tail -n +2 "$csv" | cut -d, -f1,2,6 | sed 's/,/=/; s/,/:/' | paste -sd' ')" "$want" "$name"
}

two='IMG_0001.jpg=ant:0 IMG_0002.jpg=bee:0'
three="$two IMG_0003.png=cow:0"

session 'fences answered at once' "$three" 'key 1 2 3'
session 'never, from the start on: every key counts, and has its seconds' "$three" \
    'fence never' 'key 1 2 3'
session 'on a terminal that answers nothing else either' "$three" \
    'terminal silent' 'key 1 2 3'
session 'never from now on: a key counts when the wait is given up' "$three" \
    'key 1' 'fence never' 'pause 1000' 'key 2' 'pause 6000' 'key 3'
session 'late: a key in front of the reply answers nothing' "IMG_0001.jpg=ant:0 IMG_0002.jpg=cow:0" \
    'pace 160' 'fence late' 'answer' 'key 1 2' 'answer' 'key 3'
session 'keys that move meanwhile show only the last picture' 'IMG_0001.jpg=ant:0 IMG_0005.jpg=cow:0' \
    'pace 160' 'key 1' 'fence late' 'key right right right' 'fence at-once' 'answer' 'key 3'
session 'the questions of the start, answered late' "$two" \
    'fence late' 'pause 3000' 'fence at-once' 'answer' 'key 1 2'

# Over a slow line a picture comes small and grows while it is looked at; a key answers it
# all the same.
rm -f "$csv" "$photos"/.labels.csv*
keys "$photos" 'size 100x30' 'terminal sixel cell=10x20 line=20000 name=XTerm(379)' 'pace 600' \
    'pause 20000' 'key right' 'pause 300' screen 'pause 20000' screen 'key 2' -- -c ant,bee -m none
mapfile -t widths < <(sed -n 's/^\[picture .*: \([0-9]*\)x[0-9]* samples.*/\1/p' <<<"$out")
is "$((widths[0] < 345)) ${widths[1]}" '1 690' 'over a slow line a picture is small at first, and grows'
is "$(tail -n +2 "$csv" | cut -d, -f1,2)" 'IMG_0002.jpg,bee' 'and a key answers it'
finish
