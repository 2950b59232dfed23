#!/bin/bash
# thumbtag eval: the learning curve of a folder with a sub-folder a class.
. tests/support/tap.sh
. tests/support/cli.sh
need convert
tree=$work/tree
test=$work/test
small=(-m "$repo/tests/data/rgb/model.tflite") # where it does not matter what is seen
mkdir -p "$tree/upright" "$tree/flat" "$test/upright" "$test/flat"
for i in $(seq 1 20); do
    for class in upright:vertical flat:horizontal; do
        convert -size 32x32 "pattern:${class#*:}" -fill "gray$((i * 4))" -tint 40 "$tree/${class%:*}/$i.png"
    done
done
cp "$tree"/upright/[1-5].png "$test/upright"
cp "$tree"/flat/[1-5].png "$test/flat"

run eval "$tree" "${small[@]}" --curve 4,16,900 --draws 3
is "$rc" 0 "exit status 0"
like "$out" '27 pictures to label, 13 to measure on, 2 classes; 3 draws, seed 1' "a third is measured on"
for order in random active; do
    like "$out" "16  $order +0\.[0-9]+|16  $order +1\.000" "$order order: a row for 16 labels"
    like "$out" "900  $order +there are only 27 pictures" "$order order: more labels than pictures"
done
cp "$work/stdout" "$work/first"
run eval "$tree" "${small[@]}" --curve 4,16,900 --draws 3 -j 1
same_file "$work/stdout" "$work/first" "the same draws again, whatever the threads"
run eval "$tree" --test "$test" --curve 30 --draws 1
like "$out" '40 pictures to label, 10 to measure on' "--test"
like "$out" '30  random +(1\.000|0\.[89])' "stripes are told apart"
cp "$repo/tests/data/bad/truncated.png" "$tree/flat/broken.png"
run eval "$tree" "${small[@]}" --curve 4 --draws 1
is "$rc" 0 "an unreadable picture is left out"
like "$err" '1 pictures could not be read' "and counted"
like "$err" 'flat/broken.png: ' "E and named"

# C10: from a labels.csv, how right the predictions are on any picture.
rm "$tree/flat/broken.png"
any() { # FILES: labels for all of them, every fourth predicted wrongly
    local i=0 f
    echo 'file_name,label,status,guess,confidence,seconds,annotator,labeled_at'
    for f; do
        i=$((i + 1))
        printf '%s,%s,labeled,%s,0.9,,me,2026-01-02T03:04:%02d.000Z\n' "$f" "${f%%/*}" \
            "$( ((i % 4)) && echo "${f%%/*}" || echo other)" "$i"
    done
}
(cd "$tree" && any */*.png) >"$tree/labels.csv"
run eval "$tree/labels.csv" "${small[@]}" --curve 4 --draws 1
is "$rc" 0 "C10 eval labels.csv: exit status 0"
like "$out" 'accuracy on any picture: [0-9]+ % \([0-9]+ to [0-9]+ %\), from the latest 14 predictions for randomly chosen pictures, each made before the picture was labelled' \
    "C10 tells the accuracy on any picture, with its interval"
like "$out" 'measured on randomly chosen pictures' "C10 and measures the curve on those"
rm "$tree/flat/3.png"
run eval "$tree/labels.csv" "${small[@]}" --curve 4 --draws 1
like "$out" '1 rows are not counted: their pictures are not in the folder' "C10 rows whose files are gone are told"
(cd "$tree" && any flat/*.png) >"$tree/labels.csv"
printf 'upright/1.png,upright,labeled,upright,0.9,,me,2026-01-02T03:05:00.000Z\n' >>"$tree/labels.csv"
run eval "$tree/labels.csv" "${small[@]}" --curve 4 --draws 1
like "$out" 'accuracy on any picture: not measured: [0-9] of [0-9]+ randomly chosen pictures' "C10 in the order of the files it is not known"
like "$out" 'which are not a random sample of all' "C10 and the curve is not called so"
rm "$tree/labels.csv"

mkdir "$test/other"
cp "$tree/flat/1.png" "$test/other"
while IFS='|' read -r want pattern name arguments; do
    # shellcheck disable=SC2086 # several words
    (cd "$work" && "$THUMBTAG" eval $arguments >stdout 2>stderr </dev/null)
    is "$?" "$want" "$name: exit status $want"
    like "$(cat "$work/stderr")" "$pattern" "$name: message"
done <<'ROWS'
2|thumbtag eval DIR|no folder|
3|nowhere: No such file|no such folder|nowhere
2|--curve 10,5: must be up to 64 increasing numbers|numbers that fall|tree --curve 10,5
2|--curve x: must be|no number|tree --curve x
4|test: class 'other' is not among the classes to learn from|a class that is only tested|tree --test test
ROWS
finish
