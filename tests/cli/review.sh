#!/bin/bash
# thumbtag review: what is shown, relabelling, and reading without a trace.
. tests/support/tap.sh
. tests/support/cli.sh
csv=$photos/labels.csv
# 1 cat, 2 dog, 3 cat, 4 unsure, 5 none, 6 skipped
keys "$photos" 'key 1 2 1 , . space' -- -c cat,dog -m none
cp "$csv" "$work/labels.csv"

# shown ARG...: numbers of the pictures that the review steps through.
shown() {
    local -a lines=('key home' screen)
    for _ in 1 2 3 4 5; do lines+=('key right' screen); done
    script "${lines[@]}"
    run review "$csv" --script "$work/script" "$@"
    printf '%s\n' "$out" | sed -n 's/^ IMG_000\([0-9]\).*/\1/p' | uniq | paste -sd ''
}

is "$(shown)" 123456 "all"
is "$(shown --class cat)" 13 "a class"
is "$(shown --class cat,dog)" 123 "two classes"
is "$(shown --status unsure)" 4 "a status"
is "$(shown --status none,skipped)" 56 "two statuses"
is "$(shown --status labeled --class dog)" 2 "a class and a status"
is "$(shown --status labeled,unsure --class dog)" 24 "a class, and those unsure"
run review "$csv" --class cow --script "$work/script"
is "$rc" 2 "a class that nobody has is refused"
like "$err" "no class 'cow'" "by name"
run review "$csv" --status nice --script "$work/script"
is "$rc" 2 "so is a status that does not exist"
like "$err" "'nice' is not a status; use labeled, skipped, unsure, none or predicted" "with those that do"
run review "$csv" --class '' --script "$work/script"
is "$rc" 0 "an empty filter is none"

is "$(rows "$csv")" "$(rows "$work/labels.csv")" "looking has changed nothing"

# Relabelling: the picture stays among those shown, the next one comes up.
script 'key 2' screen 'key left' screen
run review "$csv" --class cat --script "$work/script"
is "$rc" 0 "a picture is given another class"
is "$(rows "$csv" | sort)" "IMG_0001.jpg,dog,labeled,,,0
IMG_0002.jpg,dog,labeled,,,0
IMG_0003.png,cat,labeled,,,0
IMG_0004.jpg,,unsure,,,0
IMG_0005.jpg,,none,,,0
IMG_0006.jpg,,skipped,,,0" "and only that row says so"
is "$(printf '%s\n' "$out" | sed -n 's/^ IMG_000\([0-9]\).*/\1/p' | paste -sd ' ')" "3 1" \
    "the next one comes up, and the one before is still to be seen"
script 'key backspace' screen
run review "$csv" --script "$work/script"
like "$(rows "$csv")" "IMG_0001.jpg,cat,labeled" "undo takes it back, in a later review too"

# Classes and keys as they were given to `label`, and new ones.
script 'key /' 'type 0001' 'key enter 3'
run review "$csv" -c cat,dog,ferret --script "$work/script"
like "$(rows "$csv")" "IMG_0001.jpg,ferret,labeled" "a class that is new in review"
is "$(shown --class ferret)" 1 "can be filtered by, once it is in use"

# A picture that is gone has its row still.
rm "$photos/IMG_0002.jpg"
script 'key /' 'type 0002' 'key enter' screen
run review "$csv" --script "$work/script"
like "$out" "This picture cannot be shown.*IMG_0002.jpg: cannot open" "a picture that is gone"
is "$(rows "$csv" | wc -l)" 6 "loses no row by that"
run review "$photos/nothing.csv" --script "$work/script"
is "$rc" 3 "a CSV that is not there"

# A7: Enter agrees with what a person has answered, whatever the model predicts.
mkdir "$work/colours"
for i in 1 2; do
    { printf 'P6\n8 8\n255\n' && for _ in {1..64}; do printf '\377\0\0'; done; } >"$work/colours/$i.ppm"
done
keys "$work/colours" 'key 2 2' -- -c red,green -m "$repo/tests/data/rgb/model.tflite"
cp "$work/colours/labels.csv" "$work/answered.csv"
script 'key home enter enter'
for mode in '' --read-only; do
    run review "$work/colours/labels.csv" -m "$repo/tests/data/rgb/model.tflite" $mode --script "$work/script"
    is "$rc" 0 "A7 Enter in a review with a model $mode"
    same_file "$work/colours/labels.csv" "$work/answered.csv" "A7 writes nothing $mode"
done
script 'key home ='
run review "$work/colours/labels.csv" -c red,green -m "$repo/tests/data/rgb/model.tflite" --script "$work/script"
like "$(rows "$work/colours/labels.csv")" "1.ppm,red,labeled" "A7 = takes the prediction"

# Read-only: no byte, no time stamp, no file.
touch -d '2001-02-03 04:05:06' "$csv"
state() {
    find "$photos" -printf '%p %s %T@ %C@ %i\n' | sort
    cat "$csv"
}
state >"$work/before"
chmod a-w "$csv" "$photos"
state >"$work/before"
script 'key 1 2 , . space backspace ctrl-r U ;' screen
run review "$csv" --read-only --script "$work/script"
is "$rc" 0 "read-only"
like "$out" "read-only" "says so on the screen"
like "$out" "nothing is changed" "and when a key would change something"
state >"$work/after"
same_file "$work/after" "$work/before" "leaves no trace, not even in time stamps"
chmod u+w "$csv" "$photos"
# Not even where a session was cut off, or a row torn.
printf 'IMG_0009.jpg,ca' >>"$csv"
printf '4000000 host\n' >"$photos/.labels.csv.lock"
state >"$work/before"
run review "$csv" -r --script "$work/script"
is "$rc" 0 "read-only, of a file with a torn last row"
state >"$work/after"
same_file "$work/after" "$work/before" "repairs nothing"
finish
