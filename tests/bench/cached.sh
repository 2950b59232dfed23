#!/bin/bash
# From a key to the last byte of a picture that is ready, on a local terminal
# (tests/tools/ptyterm.c): to and fro between two pictures. Beside it what so many
# bytes take through a terminal by themselves. `make bench` calls it.
#
#   cached.sh [PROTOCOL]   sixel at the default level, then at the one that the
#                          link seems to want; only the latter for another protocol
#
#   THUMBTAG         the program (build/release/thumbtag)
#   THUMBTAG_SHARED  third-party data (../shared); samples/ serve without
set -u
cd "$(dirname "$0")/../.." || exit 1

thumbtag=${THUMBTAG:-$PWD/build/release/thumbtag}
shared=${THUMBTAG_SHARED:-../shared}
work=$(mktemp -d "${TMPDIR:-/tmp}/thumbtag-bench-XXXXXX") || exit 1
export XDG_CACHE_HOME=$work/cache XDG_CONFIG_HOME=$work/config
trap 'rm -rf "$work"' EXIT
photos=6
keys=150

for tool in tools/ptyterm bench/limits; do
    ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -o "$work/${tool#*/}" "tests/$tool.c" -lutil || exit 1
done

# Photographs from all over the collection, forth and back.
mapfile -t all < <(find "$shared/data/clothing" -name '*.jpg' 2>/dev/null | sort)
[ ${#all[@]} -gt 0 ] || mapfile -t all < <(find samples/photos -name '*.jpg' | sort)
mkdir "$work/photos"
for ((i = 0; i < photos; i++)); do
    cp "${all[i * ${#all[@]} / photos]}" "$work/photos/$i.jpg"
done

{
    printf 'wait picture 1\nwait quiet 1500\n'
    for ((i = 0; i < keys; i++)); do
        [ $((i / (photos - 1) % 2)) -eq 0 ] && key=right || key=left
        printf 'key %s\nwait picture %d\nwait quiet 30\n' "$key" $((i + 2))
    done
    printf 'key Q\n'
} >"$work/script"

# size FILE: of a sixel picture, "" where it is something else.
size() {
    head -c 64 "$1" 2>/dev/null | grep -ao '"1;1;[0-9]*;[0-9]*' | sed 's/"1;1;/ /; s/;/x/'
}

# report WHAT: of rows of bytes and milliseconds, sorted by the latter; $p50 is theirs.
report() {
    local bytes count least p90 alone
    read -r bytes count least p50 p90 < <(awk '
        { sum += $1; v[NR] = $2 }
        END { print int(sum / NR), NR, v[1], v[int(NR * 0.5) + 1], v[int(NR * 0.9) + 1] }')
    read -r alone _ < <("$work/limits" pty "$bytes")
    printf '  %-46s least %.2f  p50 %.2f  p90 %.2f ms of %d keys; the pty alone %.2f\n' \
        "$1, $((bytes / 1000)) KB" "$least" "$p50" "$p90" "$count" "$alone"
}

# cached PROTOCOL CELL LEVEL
cached() {
    local bytes number p50
    rm -rf "$work"/labels.csv "$work"/.labels.csv.* "$work/drawn"
    mkdir "$work/drawn"
    "$work/ptyterm" -g 80x30 -c "$2" -d "$work/drawn" -s "$work/script" "$thumbtag" \
        "$work/photos" -c a,b -o "$work/labels.csv" -m none --order file -p "$1" --level "$3" \
        >"$work/seen" 2>&1
    awk '/^picture/ && $8 == "hash" && $10 == "after" { print $7, $11, $2 }' "$work/seen" |
        sort -k2n >"$work/times"
    # By size, which tells the pictures apart; not those drawn before the level was found.
    for bytes in $(awk '++n[$1] == 5 { print $1 }' "$work/times" | sort -n); do
        number=$(awk -v b="$bytes" '$1 == b { print $3; exit }' "$work/times")
        report "$1, $3$(size "$work/drawn/$number.six")" < <(grep "^$bytes " "$work/times")
    done
    [ -s "$work/times" ] || return 0
    report "$1, $3, all" <"$work/times"
    awk -v v="$p50" 'BEGIN {
        printf "  %-46s target <= 2 ms: %s\n", "", v <= 2 ? "met" : "missed, " v }'
}

echo "A picture that is ready, from the key to its last byte: load $(cut -d' ' -f1 /proc/loadavg)"
[ "${1:-sixel}" != sixel ] || cached sixel 8x16 default
cached "${1:-sixel}" 8x16 auto
