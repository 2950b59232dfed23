#!/bin/bash
# S4: whatever hangs behind the screen, the program ends when it is told to, the
# labels are whole and closed, and the terminal is as it was.
# timeout: 100, mostly waits
. tests/support/tap.sh
. tests/support/cli.sh
ptyterm=${THUMBTAG%/thumbtag}/tests/tools/ptyterm
hang=${THUMBTAG%/thumbtag}/tests/preload/hang.so
[ -e "$hang" ] || skip_all "a build with sanitizers has neither shims nor limits of memory"

# ends WHAT EXIT [SECOND]: what ptyterm said, and the folder afterwards.
ends() {
    like "$(cat "$work/said")" "$2"$'\n'"modes same" "$1: it ends"
    # A signal may come before the last key.
    like "$(rows "$photos/labels.csv" | cut -d, -f2 | tr '\n' ' ')" "^a ${3:-b }$" "$1: the labels"
    is "$(find "$photos" -name '.*.lock')" "" "$1: the lock is gone"
}

# on_terminal LIMIT LINE...: the steps after two answers, with so many KB of memory.
on_terminal() {
    local limit=$1
    shift
    rm -rf "$photos"/*labels.csv* "$photos"/.*labels.csv* "$work/.cache"
    printf '%s\n' 'wait ready' 'key 1' 'wait picture 2' 'wait ready' 'key 2' "$@" >"$work/steps"
    (
        ulimit -v "$limit"
        exec "$ptyterm" -s "$work/steps" env LD_PRELOAD="$preload" "$THUMBTAG" "$work/list.txt" \
            -c a,b -o "$photos/labels.csv" --timeout 50 >"$work/said" 2>&1
    )
}

preload=
printf '%s\n' "$photos"/IMG_000[1-6].jpg >"$work/list.txt"
for limit in 120000 160000 200000 300000; do
    on_terminal $limit 'wait picture 3' 'wait ready' 'key Q' 'wait end 10000'
    ends "S4 $limit KB of memory" 'exit 0'
done

# The third picture hangs in the threads that prepare it, and in those that learn.
preload=$hang
cp "$photos/IMG_0001.jpg" "$photos/hang.jpg"
printf '%s\n' "$photos"/{IMG_0001,IMG_0002,hang,IMG_0003,IMG_0004}.jpg >"$work/list.txt"
on_terminal unlimited 'key Q' 'wait end 10000'
ends "S4 a picture hangs, Q" 'exit 0'
on_terminal unlimited 'signal TERM' 'wait end 10000'
ends "S4 a picture hangs, SIGTERM" 'exit 3' '(b )?'
on_terminal unlimited 'key ctrl-c' 'wait end 10000'
ends "S4 a picture hangs, Ctrl-C" 'exit 0' '(b )?'
on_terminal unlimited hangup 'wait end 10000'
like "$(cat "$work/said")" "exit 3" "S4 a picture hangs, the line drops: it ends"
like "$(rows "$photos/labels.csv" | cut -d, -f2 | tr '\n' ' ')" '^a (b )?$' "its labels"
is "$(find "$photos" -name '.*.lock')" "" "its lock is gone"

# Training waits for the step; a second signal does not.
mkdir -p "$work/tree/a" "$work/tree/b"
cp "$photos"/IMG_000[1-3].jpg "$work/tree/a"
cp "$photos"/IMG_000[4-6].jpg "$work/tree/b"
cp "$photos/hang.jpg" "$work/tree/b"
LD_PRELOAD=$hang "$THUMBTAG" train "$work/tree" -o "$work/m.tflite" 2>"$work/stderr" &
pid=$!
until [ "$(find /proc/$pid/task -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" -gt 1 ]; do
    kill -0 $pid || break
done
kill -INT $pid
while kill -INT $pid 2>/dev/null; do read -rt 0.05 <><(:); done
wait $pid
is $? 130 "S4 training that hangs: a second Ctrl-C ends it"
finish
