#!/bin/bash
# From a key to the last byte of a picture that is ready, on a local terminal
# (tests/tools/ptyterm.c): to and fro between two pictures. Beside it what so many
# bytes take through a terminal by themselves. `make bench` calls it.
#
#   THUMBTAG         the program (build/release/thumbtag)
#   THUMBTAG_SHARED  third-party data (../shared); samples/ serve without
set -u
cd "$(dirname "$0")/../.." || exit 1

thumbtag=${THUMBTAG:-$PWD/build/release/thumbtag}
shared=${THUMBTAG_SHARED:-../shared}
work=$(mktemp -d "${TMPDIR:-/tmp}/thumbtag-bench-XXXXXX") || exit 1
export XDG_CACHE_HOME=$work/cache
trap 'rm -rf "$work"' EXIT
keys=100

for tool in tools/ptyterm bench/limits; do
    ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -o "$work/${tool#*/}" "tests/$tool.c" -lutil || exit 1
done

mapfile -t photos < <(find "$shared/data/clothing" -name '*.jpg' 2>/dev/null | sort | head -2)
[ ${#photos[@]} -eq 2 ] || photos=(samples/photos/IMG_0001.jpg samples/photos/IMG_0002.jpg)
mkdir "$work/photos"
cp "${photos[0]}" "$work/photos/a.jpg"
cp "${photos[1]}" "$work/photos/b.jpg"

{
    printf 'wait picture 1\nwait quiet 1500\n'
    for ((i = 0; i < keys; i++)); do
        printf 'key %s\nwait picture %d\nwait quiet 30\n' "$([ $((i % 2)) -eq 0 ] && echo right ||
            echo left)" $((i + 2))
    done
    printf 'key Q\n'
} >"$work/script"

# cached PROTOCOL CELL
cached() {
    rm -f "$work"/labels.csv "$work"/.labels.csv.*
    "$work/ptyterm" -g 80x30 -c "$2" -s "$work/script" "$thumbtag" "$work/photos" -c a,b \
        -o "$work/labels.csv" -m none --order file -p "$1" >"$work/seen" 2>&1
    # One row a picture: bytes, how often, milliseconds at least, at p50 and at p90.
    awk '/^picture/ && $8 == "hash" && $10 == "after" { print $7, $11 }' "$work/seen" |
        sort -k1n -k2n | awk '
        function out() {
            if (n) print bytes, n, v[1], v[int(n * 0.5) + 1], v[int(n * 0.9) + 1]
        }
        $1 != bytes { out(); n = 0; bytes = $1 }
        { v[++n] = $2 }
        END { out() }' |
        while read -r bytes n least p50 p90; do
            read -r alone _ < <("$work/limits" pty "$bytes")
            printf '  %-46s least %.2f  p50 %.2f  p90 %.2f ms of %d keys; the pty alone %.2f\n' \
                "$1, $((bytes / 1000)) KB" "$least" "$p50" "$p90" "$n" "$alone"
            awk -v v="$p50" 'BEGIN {
                printf "  %-46s target <= 2 ms: %s\n", "", v <= 2 ? "met" : "missed, " v }'
        done
}

echo "A picture that is ready, from the key to its last byte: load $(cut -d' ' -f1 /proc/loadavg)"
cached "${1:-sixel}" 8x16
