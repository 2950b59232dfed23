#!/bin/bash
# thumbtag stats: counts, rate, and how right the predictions were.
. tests/support/tap.sh
. tests/support/cli.sh
header=file_name,label,status,guess,confidence,seconds,annotator,labeled_at
folder=$work/folder
mkdir "$folder"
cd "$work" || exit 1

# figure TABLE KEY COLUMN: from the CSV in $out; KEY is the beginning of the row behind its table.
figure() {
    printf '%s\n' "$out" | awk -F, -v table="$1" -v key="$1,$2" -v column="$3" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        index($0, key) == 1 && $1 == table { print $at[column]; exit }'
}

# 40 pictures in two sittings of 20, ten seconds an answer; in the first, half of the
# predictions are wrong, in the second none.
{
    echo $header
    for i in $(seq 0 39); do
        touch "$folder/$i.jpg"
        right=$((i >= 20 || i % 2))
        printf '%d.jpg,%s,labeled,%s,0.9,%d,ada,2026-01-02T%02d:%02d:%02d.000Z\n' "$i" \
            "$( ((i % 4 < 2)) && echo cat || echo dog)" \
            "$( ((right == (i % 4 < 2))) && echo cat || echo dog)" "$((i % 10))" \
            $((3 + i / 20)) $((i % 20 / 6)) $((i % 20 * 10 % 60))
    done
} >"$folder/labels.csv"
run stats "$folder" --csv
is "$rc $err" "0 " "a folder: its labels.csv"
is "$(figure statuses labeled items) $(figure statuses labeled share)" "40 1.0000" "statuses"
is "$(figure classes ,,,cat items) $(figure classes ,,,cat share)" "20 0.5000" "classes"
is "$(figure annotators ,ada labeled) $(figure annotators ,ada per_hour)" "40 360" \
    "answers per hour, without the break"
is "$(figure annotators ,ada hours)" 0.11 "the time worked"
is "$(figure annotators ,ada median_seconds) $(figure annotators ,ada p90_seconds)" "4.50 8.10" \
    "median and 90th percentile of the seconds"
is "$(printf '%s\n' "$out" | grep -c '^rate,')" 12 "the rate over time"
is "$(printf '%s\n' "$out" | awk -F, '/^rate,/ { n += $9 } END { print n }')" 38 \
    "has each answer but the first of each sitting"
is "$(figure accuracy ',,,,all answers' share)" 0.7500 "accuracy of all predictions"
is "$(figure accuracy ',,,,random share' items) $(figure accuracy ',,,,random share' share)" \
    "40 0.7500" "and of those of the random share, here all"
is "$(printf '%s\n' "$out" | awk -F, '/^random_share,/ { printf "%s ", $15 }')" \
    "0.5000 0.5000 1.0000 1.0000 " "over the session"
is "$(figure agreement ,ada right) $(figure agreement ,ada low)" "30 0.5981" \
    "how often they agree, with Wilson's interval"
is "$(figure predictions ,,cat items) $(figure predictions ,,cat right)" "20 15" "predictions by class"
is "$(figure confusion ,,dog,cat items) $(figure confusion ,,dog,dog items)" "5 15" "the confusion"
if command -v python3 >/dev/null; then
    run stats "$folder/labels.csv" --json
    is "$(python3 -c '
import json
d = json.load(open("stdout"))
print(d["annotators"][0]["per_hour"], len(d["random_share"]), d["rate"][0]["from"])')" \
        "360 4 2026-01-02T03:00:10.000Z" "as JSON"
else
    skip "as JSON" "python3 is not installed"
fi

run stats "$folder"
like "$out" "2026-01-02 03:00 +[34] +360  █{20}" "a chart of blocks"
like "$out" "2026-01-02 03:00 +10 +0.5000  █{10}"$'\n' "one of the accuracy"
is "$(printf '%s\n' "$out" | grep '█' | sed 's,[█▏▎▍▌▋▊▉],#,g' | awk 'length > 60')" "" "of at most 60 columns"
LC_ALL='' LANG=C run stats "$folder"
like "$out" "2026-01-02 03:00 +[34] +360  #{20}" "in plain ASCII with LANG=C"
is "$(printf '%s\n' "$out" | LC_ALL=C grep -c '[^ -~]')" 0 "all of it"
LC_ALL='' LANG=en_US.UTF-8 run stats "$folder"
like "$out" '█' "not with another one"

# Several annotators, no times, nothing predicted, columns of others.
cat >other.csv <<'ROWS'
label;file_name;status;annotator
cat;1.jpg;labeled;ada
dog;1.jpg;labeled;bob
;2.jpg;skipped;bob
;3.jpg;none;
;4.jpg;;
ROWS
run stats other.csv --csv
is "$(figure statuses labeled items) $(figure statuses none items) $(figure statuses unanswered items)" \
    "1 1 1" "items by their current annotation"
is "$(figure annotators ,ada labeled) $(figure annotators ,bob labeled) $(figure annotators ,bob skipped)" \
    "1 1 1" "annotations by annotator"
is "$(figure annotators ',(no name)' none) $(figure annotators ,ada per_hour)" "1 " "unknown rates are empty"
run stats other.csv
like "$out" "all +2 +1 +1 +0 +- +- +- +-" "and a sum in text"
like "$out" "No predictions were shown" "nor predictions"
printf 'file_name,label\n1.jpg,a|b\n2.jpg,b\n' >multi.csv
run stats --multi multi.csv --csv
is "$(figure classes ,,,b items) $(figure classes ,,,a items)" "2 1" "--multi counts each class"
cat >several.csv <<ROWS
$header
1.jpg,a|b,labeled,b|a,0.9,,ada,
2.jpg,a|b,labeled,a,0.9,,ada,
3.jpg,,none,,0.9,,ada,
4.jpg,b,labeled,,,,ada,
ROWS
printf '[classes]\n1 = a\n2 = b\nmulti = yes\n' >several.classes
run stats several.csv --csv
is "$(figure agreement ,ada answers) $(figure agreement ,ada right)" "3 2" \
    "several classes: right if all are, in any order; none may be predicted"
is "$(figure confusion ',,a,a|b' items) $(figure confusion ',,(none),(none)' items)" "1 1" "in the confusion, too"

printf '%s\n1.jpg,a,labeled,a,x,1,ada,2026-01-02T03:00:00.000Z\n' $header >bad.csv
{
    echo file_name,label,annotator
    seq 1 1001 | sed 's/.*/&.jpg,a,p&/'
} >crowded.csv
while IFS='|' read -r want pattern name arguments; do
    # shellcheck disable=SC2086 # several words
    run stats $arguments
    is "$rc" "$want" "$name: exit status $want"
    like "$err" "^thumbtag: .*$pattern" "$name: message"
    is "$out" "" "$name: no output"
done <<'ROWS'
2|usage: thumbtag stats LABELS.csv|no file|
2|usage: thumbtag stats LABELS.csv|two files|a.csv b.csv
3|nowhere.csv: No such file|no such file|nowhere.csv
4|bad.csv:2: .*in '1.jpg,a,labeled,a,x|a bad row|bad.csv
4|crowded.csv: annotator 'p1001' is one more than 1000|too many annotators|crowded.csv
2|--csv and --json exclude each other|two forms|multi.csv --csv --json
ROWS
finish
