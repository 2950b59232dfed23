#!/bin/bash
# thumbtag train --teacher: a network that learns from another one.
# It takes long.
. tests/support/tap.sh
. tests/support/cli.sh
need convert
named=$repo/tests/data/tflite/named.tflite     # 8 x 8 pixels; rot, grün, blau
unnamed=$repo/tests/data/tflite/network.tflite # 6 x 6 pixels, 3 outputs
grey=$repo/tests/data/tflite/nchw_uint8.tflite # 8 x 8 pixels, grey, channels first
tree=$work/tree
mkdir -p "$tree/upright" "$tree/flat" "$work/loose/deep/er"
for i in $(seq 1 12); do
    convert -size 32x32 pattern:vertical -roll "+$((i % 4))+0" -fill "gray$((i * 3))" -tint 40 \
        "$tree/upright/$i.png"
    convert -size 32x32 pattern:horizontal -roll "+0+$((i % 4))" -fill "gray$((i * 3))" -tint 40 \
        "$tree/flat/$i.png"
done
cp "$tree/flat/"[1-8].png "$work/loose"
for i in 1 2 3 4 5 6 7 8; do cp "$tree/upright/$i.png" "$work/loose/deep/er/u$i.png"; done
quick=(--architecture separable-s --side 16 --epochs 3 --batch 8 --validation 0.25)
student=$work/student.tflite

# Pictures without labels: the student has the teacher's classes.
run train --teacher "$named" --unlabeled "$tree" -o "$student" "${quick[@]}"
is "$rc" 0 "no labels: exit status 0"
like "$out" 'student.tflite: [0-9]+ bytes, 3 classes' "the student has the teacher's classes"
like "$out" 'trained on 18 pictures
' "all pictures but those held back are learned from"
like "$out" "teacher .*named.tflite: -?[0-9.]+ % of its features' variance is explained on 6 pictures held back" \
    "how much is explained of the teacher's features"
like "$out" "the int8 model gives them the teacher's class: [0-9]+ %" "and how often the class is the same"
like "$out" 'its features in int8 and in float: mean cosine (0.99|1.00)' "the features outlive the 8 bits"
like "$out" 'the teacher took [0-9]+ % of the time' "the teacher's share of the time, at the end"
like "$err" 'epoch 3/3 .*same class [0-9.]+ %.*explained -?[0-9.]+ %.*\(teacher [0-9]+ %\)' "and in the progress line"
run predict -m "$student" "$tree"
is "$rc" 0 "predict runs the student"
like "$(tail -n +2 "$work/stdout" | cut -d, -f2 | sort -u | paste -sd,)" '^((blau|grün|rot),?)+$' "and it answers with the teacher's classes"
is "$(ls "$work"/student.tflite*)" "$student" "no checkpoint stays behind"
run eval "$tree" -m "$student" --curve 4 --draws 1
is "$rc" 0 "eval takes its features"
run train --from "$student" "$tree" -o "$work/next.tflite" --epochs 1 --batch 8
is "$rc" 0 "train goes on from it"

# Sets with labels, without, and with some.
run train --teacher "$named" "$tree" -o "$work/x.tflite" "${quick[@]}"
like "$out" '2 classes.*trained on 18 pictures, 18 of them labelled' "a folder a class: those are the classes"
like "$out" 'accuracy of the int8 model on 6 other pictures' "with their accuracy"
run train --teacher "$named" "$work/loose" -o "$work/x.tflite" "${quick[@]}"
like "$out" '3 classes.*trained on 12 pictures' "a single folder of pictures is no class"
like "$err" "'deep/er' is the only class: its pictures are used without it" "which it says"
{
    echo 'file_name,label,status,guess,confidence,seconds,annotator,labeled_at'
    for i in $(seq 1 4); do
        echo "upright/$i.png,up,labeled,,,,me,2026-01-02T03:04:05.000Z"
        echo "flat/$i.png,down,labeled,,,,me,2026-01-02T03:04:06.000Z"
        echo "flat/$((i + 4)).png,,skipped,,,,me,2026-01-02T03:04:07.000Z"
        echo "upright/$((i + 4)).png,,,,,,,"
    done
} >"$tree/labels.csv"
run train --teacher "$named" "$tree/labels.csv" -o "$work/x.tflite" "${quick[@]}" --validation 0
like "$out" '2 classes.*trained on 16 pictures, 8 of them labelled' "what a labels.csv lists, labelled or not"
run train --teacher "$named" "$tree" -o "$work/x.tflite" "${quick[@]}" --validation 0
like "$out" '2 classes.*trained on 24 pictures, 8 of them labelled' "a folder: all its pictures, with its labels"
like "$err" 'using the labels in .*tree/labels.csv' "which it says"
run train --teacher "$named" "$tree" -o "$work/x.tflite" "${quick[@]}" --validation 0 --unlabeled
like "$out" '3 classes.*trained on 24 pictures
' "--unlabeled ignores them"
printf '%s\n' "$tree/flat/1.png" "$tree/flat/9.png" >"$work/list.txt"
run train --teacher "$named" "$work/list.txt" "$tree/labels.csv" "$tree/upright/12.png" "$work/loose" \
    -o "$work/x.tflite" "${quick[@]}" --validation 0
like "$out" 'trained on 34 pictures, 8 of them labelled' "several operands: each picture once, with its label"
"$THUMBTAG" train --teacher "$named" - -o "$work/x.tflite" "${quick[@]}" --validation 0 \
    <"$work/list.txt" >"$work/stdout" 2>"$work/stderr"
is "$? $(grep -o 'trained on 2 pictures' "$work/stdout")" "0 trained on 2 pictures" "a list on standard input"
mv "$tree/labels.csv" "$work/labels.csv"

# Other teachers.
run train --teacher "$unnamed" --unlabeled "$tree" -o "$work/x.tflite" "${quick[@]}" --optimizer sgd
like "$rc $err" "^0 .*network.tflite has no class names in it: its outputs are called 'output 1' to 'output 3'" \
    "a teacher without class names"
run predict -m "$work/x.tflite" "$tree"
like "$(tail -n 1 "$work/stdout")" ',output [123],' "and its student's answers"
printf 'one\ntwo\nthree\n' >"$work/names.txt"
run train --teacher "$grey" --unlabeled "$tree" -o "$work/x.tflite" "${quick[@]}" --model-labels "$work/names.txt" \
    --from "$student" --side 0
is "$rc" 0 "a grey teacher of an interleaved input, a student to go on from"
run predict -m "$work/x.tflite" "$tree"
like "$(tail -n 1 "$work/stdout")" ',(one|two|three),' "with the names of a file"

run train --teacher "$named" --unlabeled "$tree" -o "$work/x.tflite" "${quick[@]}" --views 2
like "$rc $out" '^0 .*the teacher took [0-9]+ % of the time' "two views of each picture"
run train --teacher "$named" --unlabeled "$tree" -o "$work/x.tflite" "${quick[@]}" --views 100000 --memory 16
like "$rc $err" '^2 .*named.tflite: keeping what this teacher says of [0-9]+ views needs [0-9]+ MiB, and 1[0-9] MiB are left' \
    "too many views for the memory"

# More pictures than the memory holds: 400 of 128 x 128 pixels are 19 MB.
mkdir "$work/many" "$work/at"
for i in $(seq 1 400); do ln "$tree/flat/$((i % 12 + 1)).png" "$work/many/$i.png"; done
large=(--architecture separable-s --side 128 --epochs 1 --batch 128 --memory 16 --jobs 2)
run train --teacher "$named" "$work/many" -o "$work/at/x.tflite" "${large[@]}"
like "$rc $out" '^0 .*trained on 360 pictures' "more pictures than the memory holds"
is "$(ls -A "$work/at")" x.tflite "nothing stays behind beside the model"
if [ "$(id -u)" -eq 0 ] && mkdir "$work/disk" && mount -t tmpfs -o size=1m none "$work/disk" 2>/dev/null; then
    at_exit 'umount "$work/disk"'
    run train --teacher "$named" "$work/many" -o "$work/disk/x.tflite" "${large[@]}"
    like "$rc $err" '^3 .*disk: cannot make a temporary file of 17 MiB: No space left' "nor the disk: message"
else
    skip "nor the disk" "mounting a small tmpfs needs root"
fi

# Stopped and repeated: the same bytes as in one go.
more=(--unlabeled "$tree" "${quick[@]}" --epochs 60)
run train --teacher "$named" "${more[@]}" -o "$work/one.tflite"
"$THUMBTAG" train --teacher "$named" "${more[@]}" -o "$work/two.tflite" 2>"$work/log" >/dev/null &
pid=$!
until grep -q 'epoch 2/' "$work/log" || ! kill -0 "$pid" 2>/dev/null; do :; done
kill -INT "$pid" 2>/dev/null
wait "$pid"
if [ -e "$work/two.tflite" ]; then
    skip "a stopped run" "it was done before it could be stopped"
else
    run train --teacher "$unnamed" "${more[@]}" -o "$work/two.tflite" --model-labels "$work/names.txt"
    like "$rc $err" '^2 .*two.tflite.checkpoint: this checkpoint belongs to a run with another teacher' \
        "a checkpoint is not taken for another teacher's"
    run train --teacher "$named" "${more[@]}" -o "$work/two.tflite"
    is "$rc" 0 "it goes on"
    same_file "$work/two.tflite" "$work/one.tflite" "to the same model, byte for byte"
fi

# What cannot be.
mkdir "$work/none"
printf "one\ntwo\n" >"$work/two.txt"
cp "$repo/tests/data/bad/truncated.png" "$tree/flat/broken.png"
while IFS='|' read -r want pattern name arguments; do
    # shellcheck disable=SC2086 # several words
    (cd "$work" && "$THUMBTAG" train $arguments >stdout 2>stderr </dev/null)
    is "$?" "$want" "$name: exit status $want"
    like "$(cat "$work/stderr")" "$pattern" "$name: message"
done <<ROWS
3|nowhere.tflite: .*No such file|no such teacher|--teacher nowhere.tflite tree -o y.tflite
4|tree/flat/1.png: |a teacher that is no model|--teacher tree/flat/1.png tree -o y.tflite
4|none: no pictures found|no pictures|--teacher $named none -o y.tflite
3|nowhere: .*No such file|no such folder|--teacher $named nowhere -o y.tflite
2|usage: thumbtag train --teacher|no operand|--teacher $named -o y.tflite
2|usage: thumbtag train LABELS.csv.DIR -o|two operands without a teacher|tree loose -o y.tflite
2|class-weight = 'much': must be a number|no such weight|--teacher $named tree -o y.tflite --class-weight much
4|3 outputs, but 2 class names|too few names|--teacher $named --unlabeled tree -o y.tflite --model-labels two.txt
ROWS
is "$(ls "$work"/y.tflite* 2>/dev/null)" "" "none of them leaves a model behind"
run train --teacher "$named" --unlabeled "$tree" -o "$work/rest.tflite" "${quick[@]}" --epochs 1
is "$rc" 0 "an unreadable picture is left out"
like "$err" '1 pictures could not be read and were left out; the first: .*broken.png' "and named"
finish
