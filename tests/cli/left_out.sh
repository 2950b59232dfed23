#!/bin/bash
# D1: pictures of formats that cannot be read are not passed over in silence.
. tests/support/tap.sh
. tests/support/cli.sh
said='3 files left out: .heic 2, .tif 1; convert them to JPEG or PNG'

mkdir -p "$work/none/cat" "$work/none/dog" "$work/empty"
: >"$work/none/cat/a.heic"
: >"$work/none/dog/b.HEIC"
: >"$work/none/dog/c.tif"
: >"$work/none/dog/notes.txt"
while read -r command; do
    # shellcheck disable=SC2086
    run $command "$work/none"
    is "$rc" 4 "D1 nothing but such pictures: ${command%% *} fails"
    is "$(grep -c "$said" <<<"$err")" 1 "D1 ${command%% *} says what was left out"
done <<END
show -p none
label -c a,b --script /dev/null
eval
train -o $work/x.tflite
END

run show -p none "$work/empty"
is "$rc" 4 "D1 a folder without pictures is no success"
like "$err" 'no pictures \(jpg, png, ' "D1 and the endings are told"

cp "$work/none/cat/a.heic" "$photos"
run show -p none "$photos"
is "$rc" 0 "D1 pictures beside them are shown"
is "$(grep -c pixels <<<"$out")" 6 "D1 all of them"
is "$err" 'thumbtag: 1 file left out: .heic 1; convert it to JPEG or PNG' "D1 and what was left out is told"
finish
