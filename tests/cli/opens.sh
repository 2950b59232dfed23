#!/bin/bash
# A picture is opened once, for the screen and for the network that learns.
. tests/support/tap.sh
. tests/support/cli.sh
need strace
strace -o /dev/null true 2>/dev/null || skip_all 'strace may trace nothing here'

# session ARG...: runs the script on $work/many and sets $opened to how often pictures were
# opened, "1 99" where 99 were opened once. Without the first, which two may open: the screen
# waits for no slow thread.
session() {
    rm -rf "$work"/many/{labels.csv,.labels.csv.*} "$work/.cache"
    (cd "$work" && strace -f -qq -e trace=open,openat,openat2 -o "$work/trace" \
        "$THUMBTAG" many -c apple,banana --order file --script "$work/script" "$@") \
        >"$work/stdout" 2>"$work/stderr"
    rc=$?
    opened=$(grep -o '[0-9]*\.\(ppm\|jpg\)"' "$work/trace" | grep -v '^001' | sort | uniq -c |
        awk '{ times[$1]++ } END { for (t in times) print t, times[t] }')
}

mkdir "$work/many"
for i in {001..100}; do
    {
        printf 'P6\n16 16\n255\n'
        printf "\\$(printf %o $((10#$i + 100)))%.0s" {1..768}
    } >"$work/many/$i.ppm"
done

# shellcheck disable=SC2046
script "key $(printf '1 %.0s' {1..100})" screen
session
is "$opened" '1 99' 'a session of 100 pictures with a network opens each once'
is "$rc" 0 'and works'
is "$(rows "$work/many/labels.csv" | wc -l)" 100 'through all of them'

for i in {002..100..9}; do # JPEG, which decoders scale, and one that is none
    rm "$work/many/$i.ppm"
    cp "$repo/samples/photos/IMG_0001.jpg" "$work/many/$i.jpg"
done
printf 'no picture' >"$work/many/047.jpg"
session
is "$opened" '1 99' 'photographs and one that cannot be read too'

script 'key right right right Z + + - esc left right' screen
session
is "$opened" '1 99' 'to and fro, too'
finish
