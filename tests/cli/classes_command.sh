#!/bin/bash
# thumbtag classes: the list is shown and changed, with the answers, and a session
# undoes it.
. tests/support/tap.sh
. tests/support/cli.sh
csv=$photos/labels.csv
list=$photos/labels.classes

# classes: the lines of the list, joined by '|'.
classes() {
    grep -v '^[#[]' "$list" | paste -sd '|'
}

# labels: those in the file, by picture.
labels() {
    tail -n +2 "$csv" | sort | cut -d, -f2 | paste -sd ' '
}

# changed PATTERN ARG...: succeeds, says so on stderr and nothing on stdout.
changed() {
    local pattern=$1
    shift
    run classes "$photos" "$@"
    is "$rc $out" "0 " "thumbtag classes $*"
    like "$err" "^thumbtag: .*labels.csv: $pattern \(Backspace in a session undoes it\)$" "says: $*"
}

# refused STATUS PATTERN ARG...
refused() {
    local status=$1 pattern=$2
    shift 2
    cp "$csv" "$work/before.csv"
    cp "$list" "$work/before.classes"
    run classes "$@"
    is "$rc $out" "$status " "exit status of: classes $*"
    like "$err" "^thumbtag: .*$pattern" "message of: classes $*"
    cmp -s "$csv" "$work/before.csv" && cmp -s "$list" "$work/before.classes"
    is "$?" 0 "nothing is changed by: classes $*"
}

keys "$photos" 'key 1 2 3 1 space' -- -c skrt,dress,hat -a ann
is "$rc $err" "0 " "four answers and a skip"

# ------------------------------------------------------------------- the list
run classes "$photos"
is "$rc $err" "0 " "the list, by the folder"
is "$(paste -sd '|' <<<"$out")" "class,key,color,count|skrt,1,,2|dress,2,,1|hat,3,,1" "is CSV"
run classes "$csv" list
like "$out" "skrt,1,,2" "by the file"
(cd "$photos" && "$THUMBTAG" classes) >"$work/here"
is "$(sed -n 2p "$work/here")" "skrt,1,,2" "in the folder, without an operand"
cp "$csv" "$work/labels.csv"
run classes "$work/labels.csv"
is "$rc $(paste -sd '|' <<<"$out")" "0 class,key,color,count|skrt,1,,2|dress,2,,1|hat,3,,1" \
    "of a file without a list, the labels in use"
[ -e "$work/labels.classes" ]
is "$?" 1 "looking writes no list"

# ------------------------------------------------------------------- changes
changed "renamed 'skrt' to 'skirt' in 2 answers" rename skrt skirt -a ann
is "$(classes)" "1 = skirt|2 = dress|3 = hat" "the list has the new name"
is "$(labels)" "skirt dress hat skirt " "and so have the answers"
changed "added 'coat' \(key 4\)" add coat -a ann
changed "added 'sock' \(key x\)" add sock x -a ann
changed "merged 'dress' into 'skirt' in 1 answer" merge dress skirt -a ann
changed "gave 'hat' the key k" key hat k -a ann
changed "gave 'hat' the colour #ff8000" color hat '#ff8000' -a ann
changed "took the key of 'sock' away" key sock none -a ann
is "$(classes)" '1 = skirt|k = "hat, #ff8000"|4 = coat|none = sock' "the list after all of it"
is "$(labels)" "skirt skirt hat skirt " "the answers after all of it"
changed "removed 'skirt', which 3 answers had" remove skirt -a ann
is "$(labels)" "hat " "its pictures are open"
like "$(grep '^# ' "$list" | head -n 1)" "The classes of labels.csv" "comments stay"

# ---------------------------------------------------------------------- undo
keys "$photos" 'key backspace' screen -- -a ann
like "$out" "Undone: removed 'skirt', which 3 answers had\." "a session undoes it"
is "$(classes)" '1 = skirt|k = "hat, #ff8000"|4 = coat|none = sock' "the class is back, in its place"
is "$(labels)" "skirt skirt hat skirt " "and so are its answers"
keys "$photos" 'key backspace backspace backspace backspace backspace backspace backspace' -- -a ann
is "$(classes)" "1 = skrt|2 = dress|3 = hat" "all is undone"
is "$(labels)" "skrt dress hat skrt " "in the answers too"
keys "$photos" 'key ctrl-r' screen -- -a ann
like "$out" "Redone: renamed 'skrt' to 'skirt' in 2 answers\." "and the first redone"
is "$(classes) $(labels)" "1 = skirt|2 = dress|3 = hat skirt dress hat skirt " "in both files"
keys "$photos" 'key backspace' screen -- -a bob
like "$out" "You have nothing to undo" "nobody else undoes it"

# -------------------------------------------------------------------- refused
refused 2 "there is no class 'skrt'; did you mean 'skirt'" "$photos" rename skrt x
refused 2 "there is a class 'hat' already" "$photos" rename skirt hat
refused 2 "a class name is empty" "$photos" add ''
refused 2 "has 256 bytes; the limit is 255" "$photos" add "$(printf '%0256d' 0)"
refused 2 "key '2' is the key of class 'dress'" "$photos" key hat 2
refused 2 "key 'Q' is the key of the command 'quit'" "$photos" key hat Q
refused 2 "'f99' is not a key" "$photos" key hat f99
refused 2 "'mauve' is not a colour" "$photos" color hat mauve
refused 2 "cannot be merged into itself" "$photos" merge hat hat
refused 2 "usage: thumbtag classes .*rename OLD NEW" "$photos" rename hat
refused 2 "usage: thumbtag classes" "$photos" list hat
refused 2 "usage: thumbtag classes" "$photos" paint hat
refused 3 "lsit: no such file, folder or action; did you mean 'thumbtag classes list'" lsit
echo broken >>"$list"
refused 4 "labels.classes:.*write KEY = NAME" "$photos" remove hat
sed -i '$d' "$list"

# A session that is open has the file: one that waits for its list of pictures.
mkfifo "$work/names"
"$THUMBTAG" - -o "$csv" --script "$work/script" -a ann <"$work/names" >/dev/null 2>&1 &
session=$!
exec 7>"$work/names"
until grep -qs "$session" "$photos/.labels.csv.lock"; do read -rt 0.02 <> <(:); done
refused 3 "is in use by .*process $session" "$photos" rename hat cap
exec 7>&-
wait "$session"

run classes --help
like "$out" "Actions.*rename OLD NEW .*merge FROM INTO .*remove NAME" "the help lists the actions"
finish
