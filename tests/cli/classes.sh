#!/bin/bash
# The classes of a folder: remembered beside the labels, edited by hand, added
# to, and asked for where there are none.
# It takes long.
. tests/support/tap.sh
. tests/support/cli.sh
no_network
csv=$photos/labels.csv
list=$photos/labels.classes

# classes FILE: its lines without comments and the section, joined by '|'.
classes() {
    grep -v '^[#[]' "$1" | paste -sd '|'
}

# panel: the classes on the screen in $out, "KEY NAME|...".
panel() {
    printf '%s\n' "$out" | grep -oE '[ ✓▸][0-9a-z] +(dress|pants|shoes|tshirt|shirt|skirt|hat) ' |
        sed 's/^.//' | awk '{print $1, $2}' | uniq | paste -sd '|'
}
five='1 dress|2 pants|3 shoes|4 tshirt|5 shirt'
saved='1 = dress|2 = pants|3 = shoes|4 = tshirt|5 = shirt'

# --------------------------------------------------------------- remembered
keys "$photos" screen -- -c dress,pants,shoes,tshirt,shirt
is "$(ls -A "$photos" | grep -c classes)" 0 "A1 looking writes no list"
keys "$photos" 'key 5 2 1' -- -c dress,pants,shoes,tshirt,shirt
is "$rc $err" "0 " "A1 three answers with five classes"
is "$(classes "$list")" "$saved" "A1 the list lies beside the labels"
like "$(head -n 1 "$list")" "^# The classes of labels.csv" "A1 and says what it is"
keys "$photos" screen
is "$rc $err" "0 " "A1 the next day, without -c"
is "$(panel)" "$five" "A1 all classes are there with their keys"
like "$out" "3/6" "A1 and the answers"
cp "$csv" "$work/before.csv"
script screen
run review "$csv" --script "$work/script" --read-only
is "$(panel)" "$five" "A1 so they are in review"
script 'key 2'
run review "$csv" --script "$work/script"
is "$rc $err" "0 " "A1 review, without -c"
like "$(rows "$csv")" "IMG_0001.jpg,pants,labeled" "A1 whose key 2 writes pants"
cp "$work/before.csv" "$csv"
is "$(classes "$list")" "$saved" "A1 nothing new: the list is as it was"

# ------------------------------------------------- -c adds, and moves nothing
keys "$photos" screen -- -c shirt,tshirt,shoes,pants,dress
is "$(panel)" "$five" "A1 -c in another order moves no key"
like "$err" "^thumbtag: keys kept from labels.classes: 'shirt' 5, 'tshirt' 4, 'pants' 2, 'dress' 1" "A1 and it is said"
like "$out" "keys kept from labels.classes: 'shirt' 5, 'tshirt' 4, 'pants' 2, 'dress' 1" "A1 on the screen too"
keys "$photos" screen -- -c skirt,3=pants
is "$(panel)" "$five|6 skirt" "A1 a new class comes behind with a free key"
like "$err" "new class 'skirt' \(key 6\); 'pants' keeps key 2 although -c asks for 3" "A1 and both are said"
like "$err" "labels.classes also has 'dress', 'shoes', 'tshirt', 'shirt'$" "A1 so is what -c left out"
is "$(classes "$list")" "$saved" "A1 looking adds nothing"
keys "$photos" screen -- -c 2=hat
is "$(panel)" "$five|6 hat" "A1 the saved class keeps a key that -c gives to another"
like "$err" "new class 'hat' \(key 6; 2 belongs to 'pants'\)" "A1 which is said"
keys "$photos" 'key 6' -- -c hat,skirt
is "$(classes "$list")" "$saved|6 = hat|7 = skirt" "A1 the first answer saves what is new"
like "$(rows "$csv")" "IMG_0004.jpg,hat,labeled" "A1 and its key has answered"
keys "$photos" screen -- -c dress,pants,shoes,tshirt,shirt,hat,skirt
is "$rc $err" "0 " "A1 the same as is saved: nothing is said"

# Each source adds.
printf '[classes]\nx = coat\n2 = sock\n' >"$photos/thumbtag.ini"
keys "$photos" screen
like "$err" "new classes 'coat' \(key x\), 'sock' \(key 8; 2 belongs to 'pants'\)" "A1 [classes] of thumbtag.ini adds"
rm "$photos/thumbtag.ini"
printf 'dress\nglove\n' >"$photos/classes.txt"
keys "$photos" screen
is "$err" "thumbtag: new class 'glove' (key 8)" "A1 classes.txt adds"
rm "$photos/classes.txt"
printf '[session]\norder = file\n[classes]\nx = coat\n' >"$work/other.ini"
cp "$work/.config/thumbtag/thumbtag.ini" "$work/user.ini"
cp "$work/other.ini" "$work/.config/thumbtag/thumbtag.ini"
keys "$photos" screen
is "$rc $err" "0 " "A1 the user's own ini adds nothing to a folder that has its list"
cp "$work/user.ini" "$work/.config/thumbtag/thumbtag.ini"

# ------------------------------------------------------------ edited by hand
printf '# mine\n[classes]\nd = dress\nnone = pants\n3 = "shoes, #ff8000" # orange\n' >"$list"
keys "$photos" 'key 1' -- -c dress,boots
like "$err" "new class 'boots' \(key 1\); keys kept from labels.classes: 'dress' d" "A1 a list edited by hand counts"
is "$(cat "$list")" '# mine
[classes]
d = dress
none = pants
3 = "shoes, #ff8000" # orange
1 = boots' "A1 its comments and lines stay when a class is added"
bad() { # NAME TEXT PATTERN
    printf "$2" >"$list"
    cp "$csv" "$work/before.csv"
    cp "$list" "$work/before.classes"
    keys "$photos" 'key 1' -- -c cat
    is "$rc" 4 "A1 $1: refused"
    like "$err" "^thumbtag: $list$3" "A1 $1: with file, line and what to do"
    script screen
    run review "$csv" -r --script "$work/script"
    is "$rc" 4 "A1 $1: by review too"
    same_file "$list" "$work/before.classes" "A1 $1: and left as it is"
    same_file "$csv" "$work/before.csv" "A1 $1: as are the labels"
    is "$(ls -A "$photos" | grep -c lock)" 0 "A1 $1: nothing stays locked"
}
bad "a key twice" '[classes]\n1 = cat\n2 = dog\n1 = cow\n' \
    ":4: key '1' of 'cow' is already the key of 'cat' in line 2; change one of them to a free key"
bad "another section" '[class]\n1 = cat\n' ":1: '\[class\]': the only section is \[classes\]"
bad "no name" '1 = \n' ":1: '1 =': there is no class name"
bad "a command's key" 'Q = cat\n' ": key 'Q' of class 'cat' is the key of 'quit'; choose another"
bad "bytes" '1 = \000\n' ":1: contains a NUL byte"
new_photos
ln -s "$work/elsewhere" "$list"
keys "$photos" 'key 1' -- -c cat
is "$rc" 4 "S1 a list that is a link is refused"
like "$err" "$list: a symbolic link to $work/elsewhere; .*; replace it with a file of your own, or remove it" \
    "S1 with its target and the way out"
[ ! -e "$work/elsewhere" ]
is $? 0 "S1 and nothing is written through it"
rm "$list"
printf '1 = cat\n' >"$work/elsewhere"
ln "$work/elsewhere" "$list"
keys "$photos" 'key 1' -- -c cat,dog
is "$rc $(cat "$work/elsewhere")" "4 1 = cat" "S1 so is a hard link"
rm "$list"
mkfifo "$list"
keys "$photos" 'key 1' -- -c cat
is "$rc" 4 "S1 and a FIFO, without a wait"

# -------------------------------------------------------------- other places
new_photos
mkdir -p "$work/out"
keys "$photos" 'key 1' -- -c cat,dog -o "$work/out/my set.csv"
is "$(classes "$work/out/my set.classes")" "1 = cat|2 = dog" "A1 -o NAME.csv: NAME.classes"
keys "$photos" 'key 1' -- -c cat,cow -o "$work/out/set"
is "$(classes "$work/out/set.classes")" "1 = cat|2 = cow" "A1 -o NAME: NAME.classes"
is "$(ls -A "$photos" | grep -c classes)" 0 "A1 and none in the pictures' folder"
umask 022
new_photos
keys "$photos" 'key 1' -- -c cat
rm "$list"
chmod 600 "$csv"
keys "$photos" 'key 1' -- -c cat
is "$(stat -c %a "$list")" 600 "A1 the list is never wider than its CSV"

# Changed while a session runs: left alone, and the answers are saved.
new_photos
script 'key 1' screen
printf '#!/bin/sh\nprintf "[classes]\\n7 = cow\\n" >"%s"\n' "$list" >"$work/change.sh"
mkfifo "$work/slow"
"$THUMBTAG" "$photos" -c cat,dog --script "$work/slow" >"$work/stdout" 2>"$work/stderr" &
exec 9>"$work/slow"
sh "$work/change.sh"
cat "$work/script" >&9
exec 9>&-
wait $!
is "$? $(classes "$list")" "0 7 = cow" "A1 a list made meanwhile is left alone"
is "$(rows "$csv")" "IMG_0001.jpg,cat,labeled,,,0" "A1 and the answer is saved"
like "$(cat "$work/stdout")" "The class list is not saved" "A1 which is said"
like "$(cat "$work/stderr")" "$list: changed by another program; restart to use it" "A1 with its name"
# What a killed session left behind goes, where one was killed.
new_photos
keys "$photos" 'key 1' -- -c cat
touch "$photos/.labels.classes.0123456789ab.tmp"
keys "$photos" screen
is "$(ls -A "$photos" | grep -c 0123456789ab)" 1 "A1 others' files stay"
printf '4000000 host\n' >"$photos/.labels.csv.lock"
keys "$photos" screen
is "$(ls -A "$photos" | grep -c 0123456789ab)" 0 "A1 what a killed session left of the list goes"

# ------------------------------------------------- labels of 0.1.0, and others
new_photos
keys "$photos" 'key 3 2 1' -- -c dress,pants,shoes
rm "$list"
keys "$photos" screen
is "$(panel)" "1 shoes|2 pants|3 dress" "A1 without a list: the labels in the order of their first use"
keys "$photos" 'key 2'
is "$(classes "$list")" "1 = shoes|2 = pants|3 = dress" "A1 which the first answer saves"

new_photos
keys "$photos" 'key 1 1 2 3' -- -c skirt,hat,dress
rm "$list"
keys "$photos" 'screen' 'key left' screen -- -c dress,shoes
is "$err" "thumbtag: 3 pictures have labels that are not classes: skirt 2, hat 1; add them with -c dress,shoes,skirt,hat" \
    "C14 labels that are no class are told at the start"
like "$out" "3 pictures have labels that are not classes" "C14 on the screen"
like "$out" "skipped +0 *[[:space:]] +other labels +3" "C14 and have a row in the panel"
script 'key /' 'type 0001' 'key enter' screen
run "$photos" --script "$work/script" -c dress,shoes -m builtin # a guess takes room
like "$out" "✓ *'skirt' *[[:space:]]" "C14 which names that of a picture that has one"
script 'key /' 'type 0001' 'key enter' screen
sed -i '1i size 160x40' "$work/script"
run "$photos" --script "$work/script" -c dress,shoes
like "$out" "✓ *other labels: 'skirt' +3 *[[:space:]]" "C14 with the one that a picture has, where there is room"
keys "$photos" screen -- -c d=dress,shoes
like "$err" "add them with -c d=dress,shoes,skirt,hat$" "C14 with their keys"
keys "$photos" 'key 2' screen -- -c dress,shoes
keys "$photos" screen
like "$err" "skirt 2, hat 1; add them with -c skirt,hat$" "C14 where there is a list, -c only adds"
keys "$photos" screen -- -c skirt,hat
is "$err" "thumbtag: new classes 'skirt' (key 3), 'hat' (key 4)
thumbtag: labels.classes also has 'dress', 'shoes'" \
    "C14 they are added as it says"
is "$(printf '%s' "$out" | grep -c 'other labels')" 0 "C14 and the row is gone"

# Labels that can be no class: reviewed all the same.
head -n 1 "$csv" >"$work/odd.csv"
printf 'IMG_000%s.jpg,%b,labeled,,,,me,2026-01-02T03:04:05.000Z\n' 1 'a\001b' 2 '" c "' 4 dog \
    >>"$work/odd.csv"
cp "$work/odd.csv" "$csv"
rm "$list"
script 'key 1' screen
run review "$photos" -a me --script "$work/script"
is "$rc $err" "0 thumbtag: 2 pictures have labels that are not classes:  c  1, a^Ab 1" \
    "C14 labels that can be no class are told in review too"
is "$(rows "$csv" | cut -d, -f1,2 | sort | paste -sd ' ')" \
    'IMG_0001.jpg,dog IMG_0002.jpg," c " IMG_0004.jpg,dog' "C14 where they can be mended"

# ------------------------------------------------------- no class to be found
new_photos
keys "$photos" screen -- -m none
is "$rc" 2 "B7 -m none and no classes: no empty panel"
like "$err" "no classes are defined; name them: thumbtag $photos -c cat,dog,other" "B7 but how to name them"
is "$(ls -A "$photos" | grep -v IMG_)" "" "B7 and nothing is left behind"
keys "$photos" 'key 2' -- -m none -c cat,dog
keys "$photos" 'key 1' -- -m none
is "$(rows "$csv" | sort | paste -sd ' ')" "IMG_0001.jpg,dog,labeled,,,0 IMG_0002.jpg,cat,labeled,,,0" \
    "B7 -m none: the classes come from where they always do"
rm "$list"
keys "$photos" screen -- -m none
like "$out" "1  dog +1 *[[:space:]] +2  cat +1" "B7 from the labels too"
cp "$repo/tests/data/rgb/model.tflite" "$work/nameless.tflite"
keys "$photos" screen -- -m "$work/nameless.tflite"
like "$rc $out" "^0 .*1  dog +1 *[[:space:]]? .*2  cat" "B7 with a model that names no classes, too"
rm "$csv"
keys "$photos" screen -- -m "$work/nameless.tflite"
like "$rc $err" "^2 .*no classes are defined; name them" "B7 or how to name them"

# ------------------------------------------------------------ typing mistakes
new_photos
keys "$photos" screen -- -c dress=5
is "$rc $err" "2 thumbtag: --classes: 'dress=5': write KEY=NAME: 5=dress" "E -c dress=5 says what to write"
keys "$photos" 'key 1 2' -- -c dress,pants
keys "$photos" screen -- -c drss
like "$err" "thumbtag: 'drss' is new; did you mean 'dress'\?" "E so is one behind -c"
script screen
run review "$photos" --class drss --script "$work/script"
is "$rc $err" "2 thumbtag: --class drss: there is no class 'drss'; did you mean 'dress'?" \
    "E a class typed wrongly in review"
run review "$photos" --class pants --script "$work/script"
like "$rc $out" "^0 .*IMG_0002.jpg" "E review DIR takes its labels.csv"
rm "$csv" "$list"
run review "$photos" --script "$work/script"
is "$rc $err" "3 thumbtag: $photos: contains no labels.csv to review; label first (thumbtag $photos), or name the file" \
    "E review DIR without one says what to do"
# ------------------------------------------------------- names that look alike
new_photos
keys "$photos" 'key 1' -- -c 'Cat, cat '
is "$err" "thumbtag: 'cat' and 'Cat' are two classes" "E names that differ in capitals are told"
keys "$photos" screen -- -c 'CAT'
like "$err" "^thumbtag: 'CAT' and 'Cat' are two classes; new class 'CAT' \\(key 3\\)" "E so is one that is new"
new_photos
keys "$photos" 'key 1' -- -c $'caf\u00e9,dog'
keys "$photos" 'key 1' -- -c $'cafe\u0301,dog'
is "$rc $err" "0 " "E the same name with its accent encoded otherwise"
is "$(rows "$csv" | cut -d, -f2 | sort -u)" $'caf\u00e9' "E is the same class"
rm "$list"
keys "$photos" screen -- -c $'dog,cafe\u0301'
is "$rc $err" "0 " "E that of the labels too"
finish
