#!/bin/bash
# Class names: from --model-labels, from within the model, from labels.txt beside
# the model.
. tests/support/tap.sh
. tests/support/cli.sh
need convert
cp "$repo/tests/data/tflite/named.tflite" "$work/model.tflite" # says which colour it sees
convert -size 9x9 xc:lime "$work/green.png"

# guess ARG...: the guess for the green picture.
guess() {
    run predict -m "$work/model.tflite" "$@" "$work/green.png"
    tail -n 1 "$work/stdout" | cut -d, -f2
}

is "$(guess)" grün "the names within the model"
run model "$work/model.tflite"
like "$out" 'class names +3, from rot to blau' "thumbtag model says that there are names"
run model "$repo/tests/data/rgb/model.tflite"
like "$out" 'class names +none in the file' "and that there are none"

printf 'r\ng\nb\n' >"$work/labels.txt"
is "$(guess)" grün "a labels.txt beside it may be another model's"
printf '1\n2\n3\n' >"$work/numbers"
is "$(guess --model-labels "$work/numbers")" 2 "--model-labels comes first"

head -c -30 "$repo/tests/data/tflite/named.tflite" >"$work/model.tflite"
is "$(guess)" g "an archive cut off: labels.txt"
printf '\n' >"$work/labels.txt"
guess >"$work/nothing"
is "$rc" 4 "a labels.txt without names: exit status 4"
rm "$work/labels.txt"
guess >"$work/nothing"
is "$rc" 4 "an archive cut off and nothing beside it: exit status 4"
like "$err" 'model.tflite: labels.txt is named in the model, but missing from its archive' "with the reason"
is "$(guess --model-labels "$work/numbers")" 2 "the model itself is fine"

if command -v python3 >/dev/null; then
    is "$(python3 -c 'import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(archive.namelist(), archive.read("labels.txt").decode().split())' \
        "$repo/tests/data/tflite/named.tflite")" "['labels.txt'] ['rot', 'grün', 'blau']" \
        "other readers of ZIP files open the model"
    python3 -c 'import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "a") as archive:
    archive.writestr("labels.txt", "x\ny\nz\n")' "$work/model.tflite"
    is "$(guess)" y "names that another writer put there are read"
else
    skip "archives of others" "python3 is not installed"
fi
finish
