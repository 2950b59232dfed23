#!/bin/bash
# A folder of pictures in which others have planted something, or between: what
# the user meets. What the store does about it: tests/store/test_planted.c,
# test_places.c, test_conflict.c, test_foreign.c.
. tests/support/tap.sh
. tests/support/cli.sh
csv=$photos/labels.csv
header=file_name,label,status,guess,confidence,seconds,annotator,labeled_at
row=IMG_0001.jpg,cat,labeled,,,,,2026-01-01T00:00:00.000Z

# ------------------------------------------------------------------- planted
mkdir "$work/home"
printf 'Chapter 1\n' >"$work/home/thesis.tex"
untouched() { # NAME
    is "$(cat "$work/home/thesis.tex") $(ls -A "$work/home")" "Chapter 1 thesis.tex" "$1"
}
plant() { # NAME: a link under that name, and the lock of a session that was killed
    new_photos
    printf '%s\n%s\n' "$header" "$row" >"$csv"
    printf 'pid 1\nhost x\nuser x\nsince x\nsession 69 0\nend\n' >"$photos/.labels.csv.lock"
    ln -sf ../home/thesis.tex "$photos/$1"
}
for name in .labels.csv.history .labels.csv.lock labels.csv; do
    plant "$name"
    keys "$photos" 'key 1 2' -- -c cat,dog
    is "$rc" 4 "S1 $name that is a link is refused"
    like "$err" "photos/$name: a symbolic link to ../home/thesis.tex" "S1 it and its target are named"
    untouched "S1 and what it leads to is not touched"
done
like "$err" "-o $work/photos/../home/thesis.tex" "S1 a labels.csv: how to use the target"
for name in labels.csv.torn labels.csv.saved labels.classes; do
    plant "$name"
    printf 'IMG_0002.jpg,ca' >>"$csv"
    keys "$photos" 'key 1 2' -- -c cat,dog
    untouched "S1 $name that is a link: what it leads to is not touched"
done
new_photos
ln "$work/home/thesis.tex" "$photos/.labels.csv.history"
keys "$photos" 'key 1' -- -c cat
like "$rc $err" '^4 .*history: has 2 names' "S1 a hard link is refused"
untouched "S1 and its other name is as it was"
ln -s ../home/thesis.tex "$work/model.tflite"
run model "$repo/tests/data/rgb/model.tflite" --run /dev/null "$work/model.tflite"
untouched "S1 a model's output goes through no link either"
rm "$work/model.tflite"

# -------------------------------------------------------- between two programs
new_photos
mkfifo "$work/pipe"
conflict() { # KEYS: a session under which labels.csv is replaced behind its first answer
    "$THUMBTAG" "$photos" -c cat,dog -a Ann --script "$work/pipe" >"$work/stdout" 2>"$work/stderr" &
    local session=$! deadline=$((SECONDS + 60)) before
    before=$(cat "$csv" 2>/dev/null | wc -l)
    exec 7<>"$work/pipe"
    printf '%s\n' "$1" >&7
    until [ "$(cat "$csv" 2>/dev/null | wc -l)" -gt "$before" ] || [ "$SECONDS" -ge "$deadline" ]; do
        kill -0 "$session" 2>/dev/null || break
        read -rt 0.05 <> <(:) || true
    done
    printf '%s\n%s\n' "$header" "$row" >"$work/theirs"
    mv "$work/theirs" "$csv"
    exec 7>&-
    wait "$session"
    rc=$?
    err=$(cat "$work/stderr")
}
conflict 'key 1'
like "$rc $err" "^3 .*labels.csv.saved" "S2 a conflict: the answers are put aside"
conflict 'key 2'
like "$rc $err" "^3 .*labels.csv.saved-2" "S2 the second time beside the first"
keys "$photos" screen -- -c cat,dog
like "$out" "Answers set aside in labels.csv.saved" "S2 the next session tells of it"
is "$err" "thumbtag: answers from an earlier conflict are in $csv.saved; merge them: thumbtag recover $csv" \
    "S2 and what takes them in"
run recover "$photos"
is "$rc $err" "0 " "S2 they are taken in"
like "$out" "labels.csv: merged 2 of .* from 2 copies" "S2 which is told"
is "$(cd "$photos" && ls -A | grep saved)" "" "S2 and the copies are gone"
run recover "$csv"
like "$rc $out" "^0 .*no answers from an earlier conflict" "S2 once only"

# ------------------------------------------------------------------ of others
new_photos
printf '%s\n%s\n\n' "$header" "$row" >"$csv"
keys "$photos" 'key 2' screen -- -c cat,dog
like "$rc $out" "^0 .*2/6 " "D7 a blank line does no harm"
printf 'file_name;label;shot by\r\n./IMG_0001.jpg;cat;me\r\n' >"$csv"
keys "$photos" 'key 2' screen -- -c cat,dog -a Ann
like "$rc $out" "^0 .*2/6 " "D7 another program's columns are read"
is "$(tail -n +2 "$csv" | cut -d';' -f1-4)" "./IMG_0001.jpg;cat;me;labeled
IMG_0002.jpg;dog;;labeled" "D7 and kept"
keys "$photos" 'key home 2' -- -c cat,dog -a Bob
is "$(tail -n +2 "$csv" | cut -d';' -f1-2,8)" "./IMG_0001.jpg;cat;
IMG_0002.jpg;dog;Ann
IMG_0001.jpg;dog;Bob" "A9 nobody's row takes the place of another's"
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
    new_photos
    chmod 755 "$work" "$photos"
    script 'key 1'
    chmod 644 "$work/script"
    HOME=/ setpriv --reuid=65534 --regid=65534 --clear-groups \
        "$THUMBTAG" "$photos" -c cat --script "$work/script" >"$work/stdout" 2>"$work/stderr"
    like "$? $(cat "$work/stderr")" "^3 .*$photos: .*Permission denied.*-o FILE" \
        "B6 a folder that may not be written: which, why and what to do"
else
    skip "B6 a folder that may not be written" "needs root and setpriv"
fi
finish
