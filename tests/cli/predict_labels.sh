#!/bin/bash
# thumbtag predict --labels: what nobody has answered gets a prediction, which stays apart from
# answers everywhere.
. tests/support/tap.sh
. tests/support/cli.sh
model=$repo/tests/data/rgb/model.tflite # says which colour a picture has most of
colours=$work/colours
csv=$colours/labels.csv
mkdir "$colours"
# paint NAME RED GREEN BLUE: a picture of 8x8.
paint() {
    { printf 'P3\n8 8\n255\n' && for _ in {1..64}; do echo "$2 $3 $4"; done; } >"$colours/$1.ppm"
}
for i in 1 2 3 4; do
    paint "r$i" $((250 - i)) "$i" 0
    paint "g$i" "$i" $((250 - i)) 0
done
paint mixed 90 88 20
keys "$colours" 'key 1' -- -c red,green,blue -m none
is "$(rows "$csv")" "g1.ppm,red,labeled,,,0" "a person's answer, which the model would not give"

# predicted: names and labels of the predictions in $csv.
predicted() {
    awk -F, '$3 == "predicted" { print $1 "=" $2 }' "$csv" | sort | paste -sd ' '
}
all="g2.ppm=green g3.ppm=green g4.ppm=green r1.ppm=red r2.ppm=red r3.ppm=red r4.ppm=red"

run predict --labels "$csv" -m "$model"
is "$rc" 0 "predictions are written"
is "$(predicted)" "$all" "for what is sure and has no answer"
like "$(rows "$csv")" "g1.ppm,red,labeled,,,0" "and no answer is touched"
like "$err" '7 of 8 pictures without an answer are at least 95 % sure; about [0-9]+ of them wrong \([0-9]+ to [0-9]+\)' \
    "it says how many, and how many will be wrong"
is "$(head -n 1 "$csv")" "file_name,label,status,guess,confidence,seconds,annotator,labeled_at,source" \
    "with where they come from"
like "$(grep r1 "$csv")" '^r1.ppm,red,predicted,red,[01](\.[0-9]+)?,,,2.*,model.tflite$' "and nobody as annotator"
run predict --labels "$colours" -m "$model" --above 0
is "$rc" 0 "a folder stands for its labels.csv"
is "$(predicted | wc -w)" 8 "--above 0: all"
cp "$csv" "$work/all.csv"
run predict --labels "$csv" -m "$model" --above 0
same_file "$csv" "$work/all.csv" "again: nothing is written"
run predict --labels "$csv" -m "$model"
is "$(predicted)" "$all" "what is not sure enough is taken back"
like "$err" '1 earlier' "and it says so"
run predict --labels "$csv" -m "$model" --above 2
is "$rc" 2 "--above 2: exit status 2"

# Apart from answers.
run stats "$csv" --csv
like "$out" 'statuses,predicted,.*7' "stats counts them apart"
like "$out" 'statuses,labeled,.*1' "from answers"
is "$(grep -c '^annotators,' "$work/stdout")" 1 "and as nobody's work"
run export "$csv" --to csv -o "$work/labels_only.csv"
is "$(wc -l <"$work/labels_only.csv")" 2 "export leaves them out"
run export "$csv" --to csv -o "$work/both.csv" --status labeled,predicted
is "$(wc -l <"$work/both.csv") $(grep -c predicted "$work/both.csv")" "9 7" "unless they are asked for"
script 'key home' screen
run review "$csv" --script "$work/script"
like "$out" " 1 of 1" "a review has the answers only"
run review "$csv" --script "$work/script" --status predicted
like "$out" " 1 of 7" "or the predictions, if they are asked for"

# In a session they are open, and proposed, without any model; who answers takes the row over.
keys "$colours" screen 'key enter' screen -- -m none
like "$out" "▸.*green" "a session proposes it"
like "$(grep g2 "$csv")" '^g2.ppm,green,labeled,green,' "Enter accepts it"
is "$(grep -c g2 "$csv")" 1 "in the same row"
is "$(predicted | wc -w)" 6 "one prediction less"
keys "$colours" 'key backspace' -- -m none
is "$(predicted | wc -w)" 7 "undo makes it one again"
keys "$colours" 'key backspace' screen 'key backspace' 'key backspace' screen -- -m none
like "$out" "Undone: 1 prediction of" "the undo behind that takes back what the last run wrote"
like "$out" "Undone: 7 predictions of" "and so on"
is "$(rows "$csv" | cut -d, -f1-3)" "g1.ppm,red,labeled" "until only the answer is left"
keys "$colours" 'key ctrl-r' -- -m none
like "$(predicted)" "r1.ppm=red r2.ppm=red" "they can be had again"
keys "$colours" 'key backspace' -- -m none

# label --below: what is surer is not shown, the rest comes least sure first.
{
    echo file_name,label,status,guess,confidence,seconds,annotator,labeled_at
    for row in g1:0.99 g2:0.5 g3:0.7 g4:0.6 r1:0.8; do
        echo "colours/${row%:*}.ppm,red,predicted,red,${row#*:},,,2026-01-02T03:04:05.000Z"
    done
} >"$work/doubtful.csv"
script screen 'key 1' screen 'key 1' screen 'key 1' screen 'key 1 1 1 1' screen
run "$colours" -o "$work/doubtful.csv" -c red,green,blue -m none --below 0.8 --script "$work/script"
is "$(printf '%s\n' "$out" | sed -n 's/^ colours.\([a-z0-9]*\)\.ppm.*/\1/p' | paste -sd ' ')" \
    "g2 g4 g3 mixed" "--below 0.8: the doubtful ones, least sure first, then those without a prediction"
like "$out" "least sure first +1 of 7" "and says so"
like "$out" "All .*done" "and ends before those that are sure"
is "$(grep -c predicted "$work/doubtful.csv")" 2 "which stay predicted"

# What was learned from the answers.
run predict --labels "$csv"
is "$rc" 4 "one class only: there is nothing to learn from"
like "$err" "fewer than two classes" "and it says so"
keys "$colours" 'key home' 'key 2 2 2' 'key tab 1 1' -- -m none
run predict --labels "$csv" --above 0.5
is "$rc" 0 "the built-in network, and what was learned"
like "$(predicted)" 'g4.ppm=green .*r3.ppm=red r4.ppm=red' "are enough for colours"
run predict --labels "$csv" -m none
is "$rc" 2 "no model: exit status 2"
run predict --labels "$work/nowhere.csv"
is "$rc" 3 "labels that are not there: exit status 3"
finish
