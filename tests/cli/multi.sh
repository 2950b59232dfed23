#!/bin/bash
# Several classes a picture: remembered beside the labels, written with '|' between, and what
# the commands make of it.
. tests/support/tap.sh
. tests/support/cli.sh
csv=$photos/labels.csv
list=$photos/labels.classes

new_photos
keys "$photos" 'key 3 1 enter' 'key enter' 'key 2 enter' 'key ,' -- -c cat,dog,fox --multi -m none
is "$rc $err" "0 " "answers with several classes"
is "$(rows "$csv")" "$(printf '%s\n' IMG_0001.jpg,cat\|fox,labeled,,,0 IMG_0002.jpg,,none,,,0 \
    IMG_0003.png,dog,labeled,,,0 IMG_0004.jpg,,unsure,,,0)" \
    "the names stand in the order of the list, and nothing switched on is none of these"
is "$(grep -v '^[#[]' "$list" | paste -sd ' ')" "multi = yes 1 = cat 2 = dog 3 = fox" \
    "the class list says that a picture may have several"

keys "$photos" 'key 2 enter' 'key left 1 enter' screen -- -m none
is "$rc $err" "0 " "a later session knows it without the option"
like "$(rows "$csv")" "IMG_0005.[a-z]+,cat\|dog,labeled" "and begins with the answer that a picture has"
like "$out" " cat +2" "and counts each class"

script 'key 2 enter'
run review "$csv" --script "$work/script"
is "$rc $err" "0 " "so does review"
like "$(rows "$csv")" "IMG_0001.jpg,cat\|dog\|fox,labeled" "where a class is added to an answer"

sed -i 's/^multi = yes/multi = perhaps/' "$list"
keys "$photos" screen
is "$rc" 4 "a class list that says neither yes nor no is refused"
like "$err" "labels.classes:[0-9]+: 'multi = perhaps': after 'multi =' stands yes" "which is said with its line"
sed -i 's/^multi = perhaps/multi = no/' "$list"
keys "$photos" screen -- -m none
like "$err" "labels that are not classes: cat\|dog 1, cat\|dog\|fox 1" \
    "taken out of the list by hand, the names are one label again"
sed -i 's/^multi = no/multi = yes/' "$list"

# Later classes come behind, and '|' in a name is refused.
keys "$photos" 'key 4 enter' -- -c owl -m none
is "$(grep -v '^[#[]' "$list" | paste -sd ' ')" "multi = yes 1 = cat 2 = dog 3 = fox 4 = owl" \
    "a new class is added to the list"
keys "$photos" screen -- -c 'a|b' -m none
is "$rc" 2 "a name with | is refused"
like "$err" "class name 'a\|b' contains '\|', which separates the classes of a picture" "with the reason"
new_photos
keys "$photos" 'key 1' -- -c 'a|b,c' -m none
keys "$photos" screen -- --multi -m none
is "$rc" 2 "so is one that the list has already"
like "$err" "multi: class name 'a\|b' contains '\|'" "with the reason"
new_photos
keys "$photos" 'key 1' -- -c cat,dog -m none
keys "$photos" 'key 1 2 enter' -- --multi -m none
is "$(grep -v '^[#[]' "$list" | paste -sd ' ')" "1 = cat 2 = dog multi = yes" \
    "--multi comes to an old list at its end"

# ------------------------------------------------------------------------ review
# 1 cat and fox, 2 none, 3 dog, 4 unsure, 5 cat
new_photos
keys "$photos" 'key 1 3 enter enter 2 enter , 1 enter' -- -c cat,dog,fox --multi -m none

# shown KEYS [ARG...]: numbers of the pictures that the review steps through after the keys.
shown() {
    local -a lines=("$1" 'key home' screen)
    shift
    for _ in 1 2 3 4 5; do lines+=('key right' screen); done
    script "${lines[@]}"
    run review "$csv" --script "$work/script" --read-only "$@"
    printf '%s\n' "$out" | sed -n 's/^ IMG_000\([0-9]\).*/\1/p' | uniq | paste -sd ''
}
down='down down down down'
is "$(shown '#')" 12345 "review shows all"
is "$(shown '#' --class cat)" 15 "--class shows those that have it"
is "$(shown '#' --class cat,fox)" 1 "and of several, those that have all"
is "$(shown "key F $down space enter")" 15 "the filter: has cat"
is "$(shown "key F $down space space enter")" 234 "has not cat"
is "$(shown "key F $down space down down space space enter")" 5 "has cat and has not fox"
is "$(shown "key F $down space space space enter")" 12345 "either"
is "$(shown "key F $down down o enter")" 3 "only dog"
is "$(shown "key F $down down o a enter")" 12345 "all again"

keys "$photos" 'key end ctrl-n' 'type whose?' 'key enter home right ctrl-n' 'type empty' 'key enter'
is "$(shown '#' --noted)" 26 "--noted shows what has a note, answered or not"
is "$(shown '#')" 123456 "a picture with only a note is in the review"
is "$(shown 'key F page-down space enter')" 26 "so does the filter"
is "$(shown 'key F page-down space page-up o enter')" 135 "and only labelled ones are without it"

# ----------------------------------------------------------------- other commands
run train "$csv" -o "$work/m.tflite"
is "$rc" 4 "train refuses several classes a picture"
like "$err" "labels.csv: its pictures may have several classes each .*training and measuring are for one" \
    "and says what to do"
run train "$photos" -o "$work/m.tflite"
like "$err" "training and measuring are for one" "also when it finds them in the folder"
run eval "$csv"
is "$rc $err" "0 " "eval tells the accuracy alone"
like "$out" "^accuracy on any picture: not measured" "if it is known"
like "$out" "no learning curve: pictures of .*labels.csv may have several classes" "and why there is no more"
run eval "$repo/samples/photos" --test "$csv"
is "$rc" 4 "as a test set they are refused"
cp "$csv" "$photos/one.csv"
run eval "$photos/one.csv"
is "$(grep -c "several classes" <<<"$err")" 0 "a copy without the list is read as one class a picture"

finish
