#!/bin/bash
# thumbtag eval --effort: the keys that a folder takes with pages, and without.
. tests/support/tap.sh
. tests/support/cli.sh
need convert
tree=$work/tree
mkdir -p "$tree/upright" "$tree/flat" "$work/tmp"
export TMPDIR=$work/tmp
for i in $(seq 1 20); do
    for class in upright:vertical flat:horizontal; do
        convert -size 32x32 "pattern:${class#*:}" -fill "gray$((i * 3))" -tint 40 "$tree/${class%:*}/$i.png"
    done
done
row() { # COLUMN: of the table "effort" of a CSV
    awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $1 == "effort" { print $at[name] }' "$work/stdout"
}

run eval "$tree" --effort
is "$rc $err" "0 " "exit status 0"
like "$out" '40 pictures of 2 classes, pages of up to 24, 0 % of the wrong thumbnails overlooked, seed 1' "what is measured"
like "$out" 'duplicates +[1-9]' "pages, here of pictures that are the same"
is "$(ls -A "$TMPDIR")" "" "nothing is left in TMPDIR"
is "$(ls -A "$tree" | tr '\n' ' ')" "flat upright " "nor in the folder"
cp "$work/stdout" "$work/first"
run eval "$tree" --effort
same_file "$work/stdout" "$work/first" "the same again"

run eval "$tree" --effort --csv
is "$(row pictures) $(row wrong) $(row right)" "40 0 100.0" "--csv: all are right"
keys=$(row keys)
like "$keys" '^1?[0-9]$' "stripes take fewer keys than pictures"
is "$(row keys_per_100)" "$(awk "BEGIN { printf \"%.1f\", 100 * $keys / 40 }")" "keys per 100 pictures"
run eval "$tree" --effort --csv --page 0
is "$(row keys) $(row pages)" "40 0" "--page 0: a key each"
is "$(row seconds)" "14.0" "0.2 s a key and 0.15 s a picture"
run eval "$tree" --effort --page 0 --json
like "$out" '"effort": \[' "--json"
like "$out" '"kind": "one by one"' "the kinds are rows"

# Three pictures are not in the folder where they are looked for.
for i in 5 10 15; do
    mv "$tree/upright/$i.png" "$tree/flat/other$i.png"
done
run eval "$tree" --effort --csv --misses 1
like "$(row wrong)" '^[1-3]$' "--misses 1: wrong thumbnails stay"
run eval "$tree" --effort --csv --misses 0
is "$(row wrong)" "0" "--misses 0: none is overlooked"
like "$(row exceptions)" '^[1-9]' "they are exceptions"

for case in "--effort -m none|model = none: there is nothing to measure" "--effort --misses 2|must be a number from 0 to 1" \
    "--effort --page 49|must be a number from 0 to 48" "--csv|--csv and --json need --effort" \
    "--effort --csv --json|exclude each other"; do
    # shellcheck disable=SC2086 # several words
    run eval "$tree" ${case%%|*}
    like "$rc $err" "^2 thumbtag: .*${case#*|}" "eval ${case%%|*}"
done
is "$(ls -A "$TMPDIR")" "" "nothing is left after errors"
finish
