#!/bin/bash
# thumbtag train: from labelled pictures to a model that predict runs.
. tests/support/tap.sh
. tests/support/cli.sh
need convert
tree=$work/tree
mkdir -p "$tree/upright" "$tree/flat"
for i in $(seq 1 24); do
    convert -size 32x32 pattern:vertical -roll "+$((i % 4))+0" -fill "gray$((i * 3))" -tint 40 \
        "$tree/upright/$i.png"
    convert -size 32x32 pattern:horizontal -roll "+0+$((i % 4))" -fill "gray$((i * 3))" -tint 40 \
        "$tree/flat/$i.png"
done
quick=(--architecture separable-s --side 32 --epochs 16 --batch 12 --plain --validation 0.25)
model=$work/model.tflite

run train "$tree" -o "$model" "${quick[@]}"
is "$rc" 0 "a folder a class: exit status 0"
like "$out" 'model.tflite: [0-9]+ bytes, 2 classes' "the model is named"
like "$out" 'trained on 36 pictures' "how many it was trained on"
like "$out" 'accuracy of the int8 model on 12 other pictures, held back from training: [0-9]+ % \([0-9]+ to [0-9]+ %\) \(in float [0-9]+ %\)' \
    "C10 accuracy in int8, with its interval, and in float, and what held back means"
like "$err" 'epoch 16/16 .*loss [0-9.]+ .*accuracy [0-9.]+ %.*held back.* left' "progress"
like "$out" 'class +trained on +held back +right' "E a table by class"
like "$out" 'flat +18 +6 +[0-9.]+ %' "E with a row a class"
like "$err" "Next:.*thumbtag predict -m $work/model.tflite" "E the next command is named"
is "$(ls "$work"/model.tflite*)" "$model" "no checkpoint stays behind"
run predict -m "$model" "$tree"
is "$rc" 0 "predict runs it, names and all"
is "$(tail -n +2 "$work/stdout" | cut -d, -f2 | sort -u | paste -sd,)" flat,upright "both classes are guessed"
right=$(tail -n +2 "$work/stdout" | grep -c -e '/upright/.*,upright,' -e '/flat/.*,flat,')
is "$((right >= 44))" 1 "most guesses are right ($right of 48)"

# A labels.csv, and a model that is gone on from.
{
    echo 'file_name,label,status,guess,confidence,seconds,annotator,labeled_at'
    for i in $(seq 1 12); do
        echo "tree/upright/$i.png,up,labeled,,,,me,2026-01-02T03:04:05.000Z"
        echo "tree/flat/$i.png,down,labeled,,,,me,2026-01-02T03:04:06.000Z"
        echo "tree/flat/$((i + 12)).png,,skipped,,,,me,2026-01-02T03:04:07.000Z"
    done
} >"$work/labels.csv"
run train "$work/labels.csv" -o "$work/second.tflite" --from "$model" --epochs 2 --batch 12 \
    --validation 0
is "$rc" 0 "a labels.csv, from a model: exit status 0"
like "$out" 'trained on 24 pictures$' "what is skipped teaches nothing"
run model "$work/second.tflite"
like "$out" 'picture +32 x 32' "the side is that of the model gone on from"

run train "$work/labels.csv" -o "$work/second.tflite" --from "$model" --epochs 1 --batch 8 \
    --validation 0.25
like "$out" 'these are not a random sample of the folder: accuracy on any picture may be higher or lower' \
    "C10 labels in the order of the files: what is held back is no random sample"

# The classes of the list beside the labels come first, in its order.
cp "$work/labels.csv" "$work/before.csv"
cp -r "$work/tree" "$work/set"
sed 's|^tree/||; /flat.12.png/s/,down,/,side,/' "$work/labels.csv" >"$work/set/labels.csv"
printf '[classes]\n1 = up\n2 = none of it\n3 = down\n' >"$work/set/labels.classes"
run train "$work/set" -o "$work/third.tflite" --from "$model" --epochs 1 --batch 12 --validation 0
is "$rc" 0 "E train DIR takes its labels.csv"
like "$out" 'trained on 24 pictures$' "E and what is labeled there"
like "$err" "$work/set/labels.csv; to use the sub-folders as classes instead, move that file away" \
    "E which it says where there are sub-folders too"
like "$err" "labels.classes: these labels are not listed, but also become classes: side 1" \
    "C14 labels that are no class are named"
like "$err" "labels.classes: these classes have no labelled pictures and are left out: none of it" "A1 so are classes without a picture"
is "$(strings -n 2 "$work/third.tflite" | grep -oE 'up$|^down$|^side$' | tail -n 3 | paste -sd ' ')" "up down side" \
    "A1 the model's classes are in the order of the list"
run train "$work/set/labels.csv" -o "$work/fourth.tflite" --from "$model" --epochs 1 --batch 12 --validation 0
same_file "$work/fourth.tflite" "$work/third.tflite" "E the file by its name gives the same model"
head -n 1 "$work/set/labels.csv" >"$work/set/empty" && mv "$work/set/empty" "$work/set/labels.csv"
run train "$work/set" -o "$work/fifth.tflite" --from "$model" --epochs 1 --batch 12 --validation 0
like "$rc $out" '^0 .*trained on 48 pictures' "E a labels.csv with nothing labeled is passed over"
rm -r "$work/set"

# Stopped and repeated: the same bytes as in one go.
run train "$tree" -o "$work/one.tflite" "${quick[@]}" --epochs 30
"$THUMBTAG" train "$tree" -o "$work/two.tflite" "${quick[@]}" --epochs 30 2>"$work/log" >/dev/null &
pid=$!
until grep -q 'epoch 2/' "$work/log" || ! kill -0 "$pid" 2>/dev/null; do :; done
kill -INT "$pid" 2>/dev/null
wait "$pid"
rc=$?
if [ -e "$work/two.tflite" ]; then
    skip "a stopped run" "it was done before it could be stopped"
else
    isnt_zero=$((rc != 0))
    is "$isnt_zero" 1 "a stopped run is no success"
    like "$(cat "$work/log")" 'run the same command again to resume from .*two.tflite.checkpoint' "and says how to go on"
    run train "$tree" -o "$work/two.tflite" "${quick[@]}" --epochs 30 --rate 0.02
    is "$rc" 2 "its checkpoint is not taken for another run's"
    run train "$tree" -o "$work/two.tflite" "${quick[@]}" --epochs 30
    is "$rc" 0 "it goes on"
    same_file "$work/two.tflite" "$work/one.tflite" "to the same model, byte for byte"
fi

# What cannot be.
mkdir -p "$work/single/one" "$work/none"
cp "$tree"/flat/[1-4].png "$work/single/one"
cp "$repo/tests/data/bad/truncated.png" "$tree/flat/broken.png"
while IFS='|' read -r want pattern name arguments; do
    # shellcheck disable=SC2086 # several words
    (cd "$work" && "$THUMBTAG" train $arguments >stdout 2>stderr </dev/null)
    is "$?" "$want" "$name: exit status $want"
    like "$(cat "$work/stderr")" "$pattern" "$name: message"
done <<'ROWS'
4|at least two classes; only 'one' has pictures|one class only|single -o x.tflite
4|none: contains no sub-folders with pictures|no pictures|none -o x.tflite
2|-o MODEL.tflite|no output named|tree
3|nowhere: .*No such file|no such folder|nowhere -o x.tflite
2|architecture = 'vast': must be one of residual-s|no such architecture|tree -o x.tflite --architecture vast
2|rate = 'fast': must be a number|no such rate|tree -o x.tflite --rate fast
2|side = 7: must be from 16 to 512 pixels|too small a side|tree -o x.tflite --from scratch --side 7
4|tree/flat/1.png|no model to go on from|tree -o x.tflite --from tree/flat/1.png
ROWS
is "$(ls "$work"/x.tflite* 2>/dev/null)" "" "none of them leaves a model behind"
run train "$tree" -o "$work/rest.tflite" "${quick[@]}" --epochs 1
is "$rc" 0 "an unreadable picture is left out"
like "$err" '1 pictures could not be read and were left out; the first: .*broken.png' "and named"

# B8, S10: what would fail at the end fails before the first epoch.
never_began() {
    if [[ $err == *epoch* ]]; then
        not_ok "$1: before the first epoch" "$err"
    else
        ok "$1: before the first epoch"
    fi
}
mkdir "$work/a-folder.tflite"
ln -s "$work/elsewhere.tflite" "$work/link.tflite"
mkdir "$work/taken.tflite.checkpoint"
while IFS='|' read -r status pattern name output; do
    run train "$tree" -o "$work/$output" "${quick[@]}"
    is "$rc" "$status" "B8 $name: exit status"
    like "$err" "$pattern" "B8 $name: message"
    never_began "B8 $name"
done <<'ROWS'
3|nowhere/: cannot open the folder: No such file|a folder that is not there|nowhere/model.tflite
4|a-folder.tflite.*|a folder in its place|a-folder.tflite
4|link.tflite.*symbolic link|a link in its place|link.tflite
4|taken.tflite.checkpoint|the checkpoint's place is taken|taken.tflite
ROWS
is "$(ls "$work/elsewhere.tflite" 2>&1 | grep -c 'No such')" 1 "B8 nothing is made through the link"
mkdir -p "$work/odd/up" "$work/odd/$(printf 'do\001wn')"
cp "$tree"/upright/[1-4].png "$work/odd/up"
cp "$tree"/flat/[1-4].png "$work/odd/$(printf 'do\001wn')"
run train "$work/odd" -o "$work/x.tflite" "${quick[@]}"
is "$rc" 4 "S10 a control character in a class name: exit status"
like "$err" "odd: class name 'do.*wn' contains invalid UTF-8 or a control character" "S10 message"
never_began "S10 a control character in a class name"
{
    echo 'file_name,label,status,guess,confidence,seconds,annotator,labeled_at'
    for i in $(seq 1 4); do
        echo "tree/upright/$i.png,up,labeled,,,,me,2026-01-02T03:04:05.000Z"
        printf 'tree/flat/%d.png,"do\twn",labeled,,,,me,2026-01-02T03:04:06.000Z\n' "$i"
    done
} >"$work/odd.csv"
run train "$work/odd.csv" -o "$work/x.tflite" "${quick[@]}"
is "$rc" 4 "S10 in a labels.csv: exit status"
never_began "S10 in a labels.csv"

if [ "$(id -u)" -eq 0 ] && mkdir "$work/disk" && mount -t tmpfs -o size=16k none "$work/disk" 2>/dev/null; then
    at_exit 'umount "$work/disk"'
    run train "$tree" -o "$work/disk/model.tflite" "${quick[@]}" --epochs 1
    is "$rc" 3 "a full disk: exit status 3"
    like "$err" 'No space left' "a full disk: message"
    is "$(ls -A "$work/disk")" "" "no half-written model"
else
    skip "a full disk" "mounting a small tmpfs needs root"
fi
finish
