#!/bin/bash
# The commands in the sandbox: that they are in it, what turns it off, and what does
# not. What it forbids: tests/base/test_sandbox.c.
# timeout: 60
. tests/support/tap.sh
. tests/support/cli.sh

ini=$work/.config/thumbtag/thumbtag.ini

run doctor
like "$out" 'Sandbox'$'\n''  writing restricted +(yes \(Landlock ABI [0-9]+\)|.*Landlock)' "doctor tells of Landlock"
like "$out" '  calls restricted +(yes \(seccomp\): [0-9]+|.*seccomp)' "doctor tells of seccomp"
landlock=no seccomp=no
[[ $out =~ 'writing restricted '+'yes' ]] && landlock=yes
[[ $out =~ 'calls restricted '+'yes' ]] && seccomp=yes
run doctor --no-sandbox
like "$out" 'writing restricted +turned off.*calls restricted +turned off' "--no-sandbox turns it off"
cp "$ini" "$work/ini"
printf '[session]\nno-sandbox = yes\n' >>"$ini"
run doctor
like "$out" 'writing restricted +turned off.*calls restricted +turned off' "and so does the user's ini"
cp "$work/ini" "$ini"

printf '[session]\nno-sandbox = yes\n' >"$photos/thumbtag.ini"
run "$photos" -c a --script /dev/null
is "$rc" 2 "an ini beside the pictures may not turn it off"
like "$err" "photos/thumbtag.ini: no-sandbox is accepted only on the command line" "and is named"
printf '[session]\nno-sandbox = no\n' >"$photos/thumbtag.ini"
run "$photos" -c a --script /dev/null
is "$rc" 0 "it may leave it on"
rm "$photos/thumbtag.ini"

# boxed WHAT ARG...: the command waits for its standard input, or for the script,
# which is the FIFO $work/fifo, when it must be in the sandbox.
mkfifo "$work/fifo"
boxed() {
    local what=$1 pid status='' end=$((SECONDS + 20))
    shift
    if [ $seccomp = no ]; then
        skip "$what is in the sandbox" "there is none here"
        return
    fi
    "$THUMBTAG" "$@" <"$work/fifo" >/dev/null 2>&1 &
    pid=$!
    exec 5<>"$work/fifo"
    while [ $SECONDS -lt $end ] && [ "$status" != "1 2" ]; do
        status=$(awk '/^NoNewPrivs:/ { a = $2 } /^Seccomp:/ { print a, $2 }' "/proc/$pid/status" \
            2>/dev/null) || break
    done
    kill -9 $pid
    wait $pid 2>/dev/null
    exec 5>&-
    is "$status" "1 2" "$what is in the sandbox"
}
rgb=$repo/tests/data/rgb/model.tflite
boxed label - -c a -o "$work/out.csv"
rm -f "$work"/.out.csv.* "$work/out.csv"
boxed predict predict -m "$rgb" -
boxed show show -
boxed cache cache - --clear
keys "$photos" 'key 1' 'key Q' -- -c a,b
boxed review review "$photos/labels.csv" --script "$work/fifo"
rm -f "$photos"/.labels.csv.lock

# All of it goes on inside.
new_photos
keys "$photos" 'key 1' 'key 2' 'screen' 'key Q' -- -c a,b
is "$rc" 0 "a session"
is "$(rows "$photos/labels.csv" | wc -l)" 2 "its labels"
like "$(ls "$work/.cache/thumbtag")" 'embeddings' "its cache"
mkdir "$work/tree"
for class in red blue; do
    mkdir "$work/tree/$class"
    for i in 1 2 3 4 5 6; do
        printf 'P3 2 2 255 %s\n' "$(for j in 1 2 3 4; do
            [ $class = red ] && echo "$((250 - i)) 0 $j" || echo "$j 0 $((250 - i))"
        done)" >"$work/tree/$class/$i.ppm"
    done
done
run train "$work/tree" -o "$work/m.tflite" --epochs 2 --batch 4 --from scratch \
    --architecture separable-s --side 32
is "$rc" 0 "training"
[ -s "$work/m.tflite" ] && ok "its model" || not_ok "its model" "$err"
run predict -m "$work/m.tflite" "$work/tree"
is "$rc $(printf '%s\n' "$out" | wc -l)" "0 13" "prediction"
run eval "$work/tree" --curve 4 --draws 1
is "$rc" 0 "evaluation"
head -c 12 /dev/zero >"$work/in.bin"
run model "$work/m.tflite"
is "$rc" 0 "model"
finish
