#!/bin/bash
# labels.csv as a user meets it: written, resumed, moved, refused, locked, read
# by other programs.
. tests/support/tap.sh
. tests/support/cli.sh
no_network
csv=$photos/labels.csv
header=file_name,label,status,guess,confidence,seconds,annotator,labeled_at

# ------------------------------------------------------------------- written
keys "$photos" 'key 1 2' 'key , . space' -- -c cat,dog -a Ann -m none
is "$rc $out$err" "0 " "a script of keys succeeds in silence"
is "$(head -n 1 "$csv")" "$header" "the header"
is "$(tail -n +2 "$csv")" "IMG_0001.jpg,cat,labeled,,,0,Ann,2026-01-01T00:00:00.000Z
IMG_0002.jpg,dog,labeled,,,0,Ann,2026-01-01T00:00:01.000Z
IMG_0003.png,,unsure,,,0,Ann,2026-01-01T00:00:02.000Z
IMG_0004.jpg,,none,,,0,Ann,2026-01-01T00:00:03.000Z
IMG_0005.jpg,,skipped,,,0,Ann,2026-01-01T00:00:04.000Z" "the rows"

# ------------------------------------------------------- resumed, and moved
keys "$photos" screen -- -c cat,dog -a Ann
like "$out" "IMG_0006.jpg" "work goes on at the first picture without an answer"
like "$out" "5/6 " "and counts what is there"
mv "$photos" "$work/moved"
keys "$work/moved" 'key 2' -- -c cat,dog -a Ann -m none
is "$(rows "$work/moved/labels.csv" | tail -n 1)" "IMG_0006.jpg,dog,labeled,,,0" \
    "a folder that was moved goes on where it was"
is "$(rows "$work/moved/labels.csv" | wc -l)" 6 "with one row a picture"
(cd "$work/moved" && "$THUMBTAG" . -c cat,dog --script <(echo screen)) >"$work/stdout" 2>&1
like "$(cat "$work/stdout")" "6/6 " "and from within it"
keys "$work/moved" 'key backspace backspace' screen -- -c cat,dog -a Ann
like "$out" "4/6 .*Undone: IMG_0005.jpg" "undo reaches back through earlier sessions"
keys "$work/moved" 'key ctrl-r ctrl-r' screen -- -c cat,dog -a Ann
like "$out" "6/6 .*Redone: IMG_0006.jpg" "and so does redo"

# -o writes elsewhere, with names that lead back.
new_photos
mkdir "$work/out"
keys "$photos" 'key 1' -- -c cat -o "$work/out/my labels.csv"
is "$rc $(rows "$work/out/my labels.csv")" "0 ../photos/IMG_0001.jpg,cat,labeled,,,0" "-o elsewhere"
is "$(ls "$photos" | grep -c csv)" 0 "leaves the pictures' folder alone"

# ---------------------------------------------- refused with line, untouched
untouched() { # NAME PATTERN; the file is in $csv
    cp -p "$csv" "$work/before.csv"
    touch -d '2001-02-03 04:05:06' "$csv" "$work/before.csv"
    keys "$photos" 'key 1' -- -c cat
    is "$rc" 4 "$1: refused"
    like "$err" "^thumbtag: $csv$2" "$1: says where and why"
    if cmp -s "$csv" "$work/before.csv" && [ ! "$csv" -nt "$work/before.csv" ]; then
        ok "$1: untouched"
    else
        not_ok "$1: untouched"
    fi
    rm -f "$csv"
    is "$(ls -A "$photos" | grep -v IMG_)" "" "$1: no file left behind"
}
printf 'image,class\na.jpg,cat\n' >"$csv"
untouched "another program's CSV" ":1: "
printf '%s\na.jpg,cat,labeled,,,,,2026-01-01T00:00:00.000Z\nb.jpg,cat\nc.jpg,cat,labeled,,,,,2026-01-01T00:00:00.000Z\n' "$header" >"$csv"
untouched "a row that is too short" ":3: "
printf '%s\na.jpg,cat,labelled,,,,,2026-01-01T00:00:00.000Z\nb.jpg,cat,labeled,,,,,2026-01-01T00:00:00.000Z\n' "$header" >"$csv"
untouched "a status that does not exist" ":2: .*status"
printf '%s\na.jpg,"cat,labeled,,,,,2026-01-01T00:00:00.000Z\nb.jpg,cat,la"beled,,,,,\nc.jpg,cat,labeled,,,,,2026-01-01T00:00:00.000Z\n' "$header" >"$csv"
untouched "a quote out of place" ":[23]: "
printf '%s\na.jpg,,labeled,,,,,2026-01-01T00:00:00.000Z\nb.jpg,cat,labeled,,,,,2026-01-01T00:00:00.000Z\n' "$header" >"$csv"
untouched "a label that is empty" ":2: "
printf '%s\na.jpg,cat,labeled,,2.5,,,2026-01-01T00:00:00.000Z\nb.jpg,cat,labeled,,,,,2026-01-01T00:00:00.000Z\n' "$header" >"$csv"
untouched "a confidence over 1" ":2: .*confidence"
printf '\0\1\2binary' >"$csv"
untouched "no text at all" ": ?.*"
mkdir "$csv"
keys "$photos" 'key 1' -- -c cat
like "$rc $err" "^[34] thumbtag: $csv" "a folder of that name is refused"
rmdir "$csv"

# A half-written last row is moved aside and told of.
printf '%s\nIMG_0001.jpg,cat,labeled,,,,,2026-01-01T00:00:00.000Z\nIMG_0002.jpg,ca' "$header" >"$csv"
keys "$photos" screen 'key 1' -- -c cat
is "$rc" 0 "a torn last row is repaired"
like "$out" "An incomplete row \(15 bytes\)" "and the screen says so"
is "$(cat "$csv.torn")" "IMG_0002.jpg,ca" "its bytes are kept"
is "$(rows "$csv" | tail -n 1)" "IMG_0002.jpg,cat,labeled,,,0" "and the picture comes up again"
rm -f "$csv"*

# ------------------------------------------------------------ a second session
mkfifo "$work/pipe"
"$THUMBTAG" "$photos" -c cat -a Ann --script "$work/pipe" >"$work/first" 2>&1 &
first=$!
exec 7<>"$work/pipe"
printf 'key 1\nscreen\n' >&7
deadline=$((SECONDS + 60)) # a row on the disk says that it holds the lock
until grep -qs cat "$csv" || [ "$SECONDS" -ge "$deadline" ]; do
    kill -0 "$first" 2>/dev/null || break
    read -rt 0.05 <> <(:) || true
done
keys "$photos" 'key 1' -- -c cat
is "$rc" 3 "a second session is refused"
like "$err" "labels.csv.* $first" "and told which process holds the file"
run review "$csv" --script "$work/script"
is "$rc" 3 "so is a review that may write"
run review "$csv" --read-only --script /dev/null
is "$rc" 0 "but not one that only reads"
exec 7>&-
wait "$first"
is "$?" 0 "the first session was not disturbed"
keys "$photos" 'key 1' -- -c cat
is "$rc $(rows "$csv" | wc -l)" "0 2" "and when it has ended, the next one may"

# ------------------------------------------------- names of all kinds, end to end
new_photos
rm "$photos"/IMG_000[2-6].*
odd=('comma, and space .jpg' 'quote " and '\'' quote.jpg' $'new\nline.jpg' $'tab\tand \r return.jpg'
    $'bad \xff\xfe utf-8.jpg' 'cat 🐈 猫 Größe.jpg' $'escape \033[31m.jpg' '=1+1.jpg' ' lead.jpg'
    'bytes:x.jpg' '%41.jpg' $'rtl \u202egpj.jpg' '-dash.jpg')
mkdir "$photos/sub, \"folder\""
for name in "${odd[@]}"; do
    cp "$photos/IMG_0001.jpg" "$photos/$name"
done
mv "$photos/=1+1.jpg" "$photos/sub, \"folder\"/"
label='ca"t, no. 1 猫'
printf '%s\n' "$label" >"$photos/classes.txt"
count=$((${#odd[@]} + 1))
lines=()
for ((i = 0; i < count; i++)); do lines+=('key 1' 'screen'); done
keys "$photos" "${lines[@]}" -- -m builtin # which opens them too
is "$rc" 0 "odd names can be labelled"
is "$(LC_ALL=C grep -c $'\033\|\xe2\x80\xae\|\xff' "$work/stdout")" 0 "none reaches the screen raw"
find "$photos" -name '*.jpg' -printf '%P\0' | LC_ALL=C sort -z >"$work/want"
# Debian's own, which its packages are for.
python=/usr/bin/python3
[ -x "$python" ] || python=python3
if command -v "$python" >/dev/null; then
    "$python" - "$photos/labels.csv" >"$work/got" <<'PYTHON'
import csv, os, sys, urllib.parse
names, labels = [], set()
with open(sys.argv[1], newline="", encoding="utf-8") as f:
    for row in csv.DictReader(f):
        name = row["file_name"]
        names.append(urllib.parse.unquote_to_bytes(name[6:]) if name.startswith("bytes:")
                     else name.encode())
        labels.add(row["label"])
assert labels == {'ca"t, no. 1 猫'}, labels
for name in sorted(names):
    sys.stdout.buffer.write(name + b"\0")
PYTHON
    is "$?" 0 "Python's csv reads the file, and the label is as it was typed"
    if cmp -s "$work/got" "$work/want"; then
        ok "with every name just as it is on the disk"
    else
        not_ok "with every name just as it is on the disk" \
            "$(diff <(tr '\0' '\n' <"$work/want") <(tr '\0' '\n' <"$work/got") | cat -v)"
    fi
else
    skip "read back by Python" "python3 is not installed"
fi
if "$python" -c 'import pandas' 2>/dev/null; then
    like "$("$python" -c '
import pandas, sys
d = pandas.read_csv(sys.argv[1])
print(len(d), d["status"].unique(), d["label"].nunique(), list(d.columns)[0])
' "$photos/labels.csv" 2>&1)" "^$count \['labeled'\] 1 file_name" "pandas reads it as it is"
else
    skip "pandas reads it as it is" "python3-pandas is not installed"
fi
keys "$photos" screen
like "$out" "$count/$count " "and all of them are known again"

# -------------------------------------------------- lists on standard input
new_photos
cd "$photos" || exit 1
script 'key 1 1'
printf 'IMG_0003.png\r\nIMG_0001.jpg\n\n' |
    "$THUMBTAG" - -c cat --script "$work/script" 2>"$work/stderr"
is "$? $(rows labels.csv)" "0 IMG_0003.png,cat,labeled,,,0
IMG_0001.jpg,cat,labeled,,,0" "a list on standard input, in its own order"
rm labels.csv
printf 'IMG_0002.jpg\0./IMG_0001.jpg\0' | "$THUMBTAG" -0 -c cat --script "$work/script" 2>"$work/stderr"
is "$? $(rows labels.csv)" "0 IMG_0002.jpg,cat,labeled,,,0
IMG_0001.jpg,cat,labeled,,,0" "and one with NUL between the paths"
rm labels.csv
printf 'IMG_0005.jpg\nIMG_0004.jpg\n' >some.txt
keys some.txt 'key 1 1' -- -c cat
is "$(rows labels.csv | cut -d, -f1 | paste -sd' ')" "IMG_0005.jpg IMG_0004.jpg" "a list file"
cd "$repo" || exit 1

# ------------------------------------------------------------------ a full disk
new_photos
if [ "$(id -u)" -eq 0 ] && mkdir "$work/disk" && mount -t tmpfs -o size=64k none "$work/disk" 2>/dev/null; then
    at_exit 'umount "$work/disk" 2>/dev/null'
    script 'key 1 1' 'screen' 'key 2' 'screen' 'key 2' 'screen'
    run "$photos" -c cat,dog -o "$work/disk/labels.csv" --script "$work/script"
    is "$rc" 0 "a disk with room"
    rm -f "$work/disk"/* "$work/disk"/.[!.]*
    mkfifo "$work/pipe2"
    "$THUMBTAG" "$photos" -c cat,dog -o "$work/disk/labels.csv" --script "$work/pipe2" \
        >"$work/stdout" 2>"$work/stderr" &
    session=$!
    exec 7<>"$work/pipe2"
    printf 'key 1 1\n' >&7
    deadline=$((SECONDS + 60))
    until grep -qs IMG_0002 "$work/disk/labels.csv" || [ "$SECONDS" -ge "$deadline" ]; do
        kill -0 "$session" 2>/dev/null || break
        read -rt 0.05 <> <(:) || true
    done
    cp "$work/disk/labels.csv" "$work/two-rows.csv"
    dd if=/dev/zero of="$work/disk/filler" bs=1k 2>/dev/null # to the last block
    # Rows that still fit into the file's last page go through; go on till one fails.
    for ((i = 0; i < 150; i++)); do printf 'key 2\nkey backspace\n'; done >&7
    printf 'key home\nkey 2\nscreen\n' >&7
    exec 7>&-
    wait "$session"
    out=$(cat "$work/stdout")
    like "$out" "Not saved: .*labels.csv.*No space left" "a full disk is told of on the screen"
    head -c "$(stat -c %s "$work/two-rows.csv")" "$work/disk/labels.csv" | cmp -s - "$work/two-rows.csv"
    is "$?" 0 "and what was written before is not harmed"
    rm "$work/disk/filler"
    keys "$photos" 'key end 1' screen -- -c cat,dog -o "$work/disk/labels.csv"
    is "$rc" 0 "with room again, the file opens"
    like "$(rows "$work/disk/labels.csv")" "IMG_0001.jpg,cat,labeled.*IMG_0006.jpg,cat" "and takes answers"
    umount "$work/disk"
else
    skip "a full disk" "mounting a small tmpfs needs root"
fi
finish
