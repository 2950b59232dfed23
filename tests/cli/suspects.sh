#!/bin/bash
# thumbtag review --suspects: the labels first that what was learned from the others speaks against.
. tests/support/tap.sh
. tests/support/cli.sh
model=$repo/tests/data/rgb/model.tflite # its features are mean colours
colours=$work/colours
csv=$colours/labels.csv
mkdir "$colours"
# Twelve reddish pictures and twelve bluish ones by turns.
for i in $(seq -w 1 24); do
    n=$((10#$i)) a=$((200 + 10#$i % 5 * 10)) b=$((20 + 10#$i % 7 * 6))
    [ $((n % 2)) = 1 ] && colour="$a 40 $b" || colour="$b 40 $a"
    { printf 'P3\n8 8\n255\n' && for _ in {1..64}; do echo "$colour"; done; } >"$colours/$i.ppm"
done
# label: the file of two columns; 05 and 16 have the wrong class.
label() {
    rm -f "$csv" "$colours"/.labels.csv.*
    labelled >"$csv"
}
labelled() {
    printf 'file_name,label\n'
    for i in $(seq -w 1 24); do
        right=$((10#$i % 2))
        [ "$i" = 05 ] || [ "$i" = 16 ] && right=$((1 - right))
        [ $right = 1 ] && echo "$i.ppm,warm" || echo "$i.ppm,cold"
    done
}
# shown: the pictures on the screens in $out.
shown() {
    printf '%s\n' "$out" | sed -n 's/^ \([0-9][0-9]\)\.ppm.*/\1/p' | paste -sd ' '
}
review() {
    run review "$csv" -m "$model" --suspects -a ada --script "$work/script" "$@"
}
# row NAME: that of the picture.
row() {
    grep "^$1.ppm" "$csv" | cut -d, -f2,3,7,9
}

label
cp "$csv" "$work/two_columns.csv"
script screen 'key right' screen 'key right' screen
review
is "$rc" 0 "a file of two columns"
is "$(shown | cut -d' ' -f1,2 | tr ' ' '\n' | sort | paste -sd ' ')" "05 16" "its two errors come first"
like "$out" "1 of 2 suspects seen, 0 changed.*2 of 2 suspects seen, 0 changed" "and are counted"
like "$out" "labelled +(warm|cold) +[0-9]+%.*predicted +(warm|cold) +[0-9]+%" \
    "label and prediction stand side by side"
same_file "$csv" "$work/two_columns.csv" "looking changes nothing"

# The three keys: agree, take the prediction, another class.
first=$(shown | cut -d' ' -f1)
second=$(shown | cut -d' ' -f2)
script 'key enter' screen 'key =' screen 'key 2' screen
review --report "$work/changes.csv"
is "$rc" 0 "three keys"
like "$out" "2 of 2 suspects seen, 0 changed.*2 of 2 suspects seen, 1 changed" "changes are counted"
is "$(head -n 1 "$csv" | grep -o ',checked$')" ,checked "the column is there once it is used"
like "$(row "$first")" '^(warm|cold),(labeled)?,,yes$' "Enter checks the row that is there"
is "$(grep -c "^$first.ppm" "$csv")" 1 "and adds none"
was=$(grep "^$second.ppm" "$work/two_columns.csv" | cut -d, -f2)
[ "$was" = warm ] && other=cold || other=warm
like "$(row "$second" | tail -n 1)" "^$other,labeled,ada,yes$" "= takes the prediction, which is checked too"
is "$(head -n 1 "$work/changes.csv")" file_name,before,after,annotator,labeled_at "the report"
is "$(sed -n 2p "$work/changes.csv" | cut -d, -f1-4)" "$second.ppm,$was,$other,ada" "has what was changed"
like "$(sed -n 2p "$work/changes.csv")" ',2[0-9-]+T[0-9:.]+Z$' "and when"
is "$(wc -l <"$work/changes.csv")" "$((2 + $(grep -c . <(tail -n +3 "$work/changes.csv"))))" "row by row"
like "$err" "change.* in .*changes.csv" "and it says where that is"
cp "$work/changes.csv" "$work/before.csv"
review --report "$work/changes.csv"
is "$rc" 2 "a report replaces no file"
same_file "$work/changes.csv" "$work/before.csv" "which stays as it is"

# What was checked is no suspect in a later review.
script screen
review
like "$out" "no label looks wrong" "what was checked is settled"
label
script 'key enter' screen 'key backspace' screen
review
like "$out" "Undone: $first.ppm is not checked" "undo takes a check back"
is "$(row "$first" | cut -d, -f4)" "" "in the file"
script 'key =' 'key backspace' screen
review --report "$work/nothing.csv"
is "$(cat "$work/nothing.csv")" file_name,before,after,annotator,labeled_at "what was undone is no change"

# With a filter, which the title tells; and read-only.
label
script screen
review --class warm
is "$(shown)" 16 "the suspects of a class"
like "$out" "suspects.*labels.csv +only warm " "the title says which"
like "$out" "1 of 1 suspects" "and they are counted"
script 'key enter' screen
review -r
like "$out" "2 of 2 suspects seen, 0 changed" "read-only: Enter goes on"
same_file "$csv" "$work/two_columns.csv" "and changes nothing"
run review "$csv" --suspects -m none --script "$work/script"
is "$rc" 2 "without a network: exit status 2"

# Where next to nothing can be learned the order is that of the files, and it says so.
printf 'file_name,label\n01.ppm,warm\n02.ppm,cold\n' >"$csv"
script screen
review
is "$(shown)" 01 "two labels: in file order"
like "$out" "no suspects: too little can be learned" "and it says why"
finish
