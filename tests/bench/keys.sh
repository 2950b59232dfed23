#!/bin/bash
# From a key to the last byte of the next picture, in a session that has just begun: nothing is
# cached, the network learns, and the first key comes with the first picture. `make bench` calls
# it; it reports, and never fails because something was slow.
#
#   BENCH_KEYS    MS:COUNT…: so many keys, one every MS (1000:60 50:600)
#   BENCH_PHOTOS  in the folder (1000); there must be more than keys
#   and those of whole.bash
#
# A key comes later than it should if it would not count yet, as nobody has seen the picture
# that it answers; such keys are told as late. (With blocks, where ptyterm cannot tell, the keys
# go to the next picture without an answer, and all come in time.) Beside each row what the
# machine does by itself: wake a process that has nothing to do, and carry as many bytes through
# a terminal.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/bench/whole.bash
read -ra paces <<<"${BENCH_KEYS:-1000:60 50:600}"
tools tools/ptyterm bench/limits

# keys PROTOCOL MS COUNT
keys() {
    local p50 p99 max ms mib late pictures bytes
    terminal=()
    [ "$1" = sixel ] || terminal=(-f) # for ptyterm what a fence ends is a picture
    rm -rf "$XDG_CACHE_HOME"
    row "$1, a key every $2 ms" "an empty wakeup: $("$work/limits" wake | told)"
    {
        echo 'wait picture 1 60000'
        if [ "$1" = sixel ]; then
            for ((i = 0; i < $3; i++)); do
                printf 'wait ready 20000\nkey %d\npause %d\n' $((i % 2 + 1)) "$2"
            done
            echo 'wait ready 20000'
        else
            printf 'wait quiet 200\nevery %d %d right\nwait quiet 300\n' "$2" "$3"
        fi
        echo 'key Q'
    } | drive "$work/photos" -p "$1"
    # A picture of a few bytes only wipes one.
    awk -v ms="$2" -v to="$work/counts" '
        /^key ([12]|right) / { since = $4; late += last && $4 - last > ms * 1.1 + 2; last = $4 }
        /^picture/ && $7 > 4000 && since { print $4 - since; since = 0; n++; bytes += $7 }
        END { print late + 0, n + 0, n ? int(bytes / n) : 0 >to }' "$work/seen" |
        sort -n >"$work/times"
    read -r p50 p99 max < <(quantiles <"$work/times")
    read -r late pictures bytes <"$work/counts"
    read -r ms mib < <(used)
    [ "$bytes" -eq 0 ] ||
        row '' "the pty alone, $((bytes / 1000)) KB: $("$work/limits" pty "$bytes" | told)"
    row '' "p50 ${p50-?}  p99 ${p99-?}  max ${max-?} ms to the picture"
    row '' "$3 keys, $late late, $pictures pictures; $((${ms:-0} / (pictures + 1))) ms of processor time each, ${mib:-?} MiB"
    target "${p99-}" 16 ms
    grep '^failed' "$work/seen"
}

# What limits measured, in words.
told() { awk '{ printf "p50 %s  p99 %s  max %s ms", $1, $2, $3 }'; }

heading "From a key to the next picture: a fresh session of ${BENCH_PHOTOS:-1000} photographs, learning"
photos "${BENCH_PHOTOS:-1000}" "$work/photos"
for protocol in sixel blocks; do
    for pace in "${paces[@]}"; do
        keys "$protocol" "${pace%:*}" "${pace#*:}"
    done
done
row 'a row appended and synced, alone' "$("$work/limits" sync "$work" | told)"
