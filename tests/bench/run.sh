#!/bin/bash
# Measures of the whole program on a terminal of its own (tests/tools/ptyterm.c):
# from a key to the next picture, and from the start to the first one in a tree
# of very many files. `make bench` calls it; it reports and never fails because
# something was slow.
#
#   THUMBTAG              the program (build/release/thumbtag)
#   THUMBTAG_SHARED       third-party data (../shared); samples/ serve without
#   THUMBTAG_BENCH_FILES  files in the large trees (1000000); 0: leave them out
#   THUMBTAG_BENCH_DATA   where the large trees are kept (build/bench-data)
#
# What is taken for a key's time: from its being written to the terminal until
# the last byte of the next picture has been read. A key that comes before the
# picture that it would answer labels nothing; such keys are counted.
set -u
cd "$(dirname "$0")/../.." || exit 1

thumbtag=${THUMBTAG:-$PWD/build/release/thumbtag}
shared=${THUMBTAG_SHARED:-../shared}
files=${THUMBTAG_BENCH_FILES:-1000000}
data=${THUMBTAG_BENCH_DATA:-build/bench-data}
work=$(mktemp -d "${TMPDIR:-/tmp}/thumbtag-bench-XXXXXX") || exit 1
export XDG_CACHE_HOME=$work/cache
trap 'rm -rf "$work"' EXIT
terminal=(-g 120x40 -c 10x20)
classes=cat,dog,other

build_tools() {
    local tool
    for tool in tools/ptyterm bench/limits bench/tree; do
        ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -o "$work/${tool#*/}" "tests/$tool.c" -lutil ||
            exit 1
    done
}

# photos N FOLDER: copies N photographs there, the same ones again if need be.
photos() {
    local list n=0 file
    mapfile -t list < <(find "$shared/data/clothing" -name '*.jpg' 2>/dev/null | sort | head -"$1")
    if [ ${#list[@]} -eq 0 ]; then
        mapfile -t list < <(find samples/photos -type f | sort)
    fi
    mkdir -p "$2"
    while [ "$n" -lt "$1" ]; do
        file=${list[n % ${#list[@]}]}
        cp "$file" "$2/$(printf 'photo-%04d.%s' "$n" "${file##*.}")"
        n=$((n + 1))
    done
}

# watch PID: while the child of that process runs, notes its peak memory in KiB,
# its processor time in ticks, and when that time last grew, in seconds since
# the start.
watch() {
    local parent=$1 pid='' line ticks last=0 grown=0 start=$EPOCHREALTIME memory
    while [ -z "$pid" ] && kill -0 "$parent" 2>/dev/null; do
        read -r pid _ 2>/dev/null <"/proc/$parent/task/$parent/children"
    done
    while read -r line 2>/dev/null <"/proc/$pid/stat"; do
        read -r -a line <<<"${line##*) }"
        ticks=$((line[11] + line[12]))
        [ "$ticks" -le $((last + 1)) ] || {
            grown=$EPOCHREALTIME
            last=$ticks
        }
        memory=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null)
        [ -z "$memory" ] ||
            awk -v memory="$memory" -v ticks="$ticks" -v from="$start" -v to="$grown" \
                'BEGIN { print memory, ticks, (to ? to - from : 0) }' >"$work/watched"
        sleep 0.1
    done 2>/dev/null
}

# busy: ticks that the processors have worked, and all that have passed.
busy() {
    awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 + $9, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 }' \
        /proc/stat
}

# drive FOLDER ARGUMENT...: the program on the terminal, its script on standard
# input; what the terminal saw is in $work/seen, the share in percent that all
# that ran took of the processors in $all_busy. The labels begin anew.
drive() {
    local folder=$1 pid before after
    shift
    read -r -a before < <(busy)
    rm -f "$work"/labels.csv "$work"/.labels.csv.*
    : >"$work/watched"
    cat >"$work/script"
    "$work/ptyterm" "${terminal[@]}" -s "$work/script" "${mode[@]}" "$thumbtag" "$folder" \
        -c "$classes" -o "$work/labels.csv" "$@" >"$work/seen" 2>&1 &
    pid=$!
    watch "$pid"
    wait "$pid"
    read -r -a after < <(busy)
    all_busy=$((100 * (after[0] - before[0]) / (after[1] - before[1] + 1)))
}

row() { printf '  %-46s %s\n' "$1" "$2"; }

# target VALUE LIMIT UNIT
target() {
    awk -v v="$1" -v limit="$2" -v unit="$3" 'BEGIN {
        printf "  %-46s target <= %s %s: %s\n", "", limit, unit,
               v == "" ? "not measured" : v + 0 <= limit + 0 ? "met" : "missed, " v
    }'
}

# --------------------------------------------------- a key to the next picture

# Times of the keys in $work/seen, smallest first; in $work/counts: keys, those
# that came too early, pictures, their mean bytes. A "picture" of a few bytes is
# but the wiping of one.
key_times() {
    awk -v to="$work/counts" '/^key [12] / { if (since == "") since = $4; keys++; early += $7 == 0 }
         /^picture/ && $7 > 8000 && since != "" {
             print $4 - since; since = ""; bytes += $7; pictures++
         }
         END { printf "%d %d %d %d\n", keys, early, pictures, pictures ? bytes / pictures : 0 >to }
        ' "$work/seen" | sort -n
}

quantiles() {
    awk '{ v[NR] = $1 }
         function q(share) { i = int(share * NR) + 1; return v[i > NR ? NR : i] }
         END { if (NR) printf "%.1f %.1f %.1f\n", q(0.5), q(0.99), v[NR] }'
}

# keys PROTOCOL MS COUNT
keys() {
    local p50 p99 max count early pictures bytes memory ticks
    mode=()
    [ "$1" = sixel ] || mode=(-f)
    drive "$work/photos" -p "$1" <<-END
	wait picture 1
	wait quiet 1000
	every $2 $3 1 2
	wait quiet 300
	key Q
	END
    key_times >"$work/times"
    read -r p50 p99 max < <(quantiles <"$work/times")
    read -r count early pictures bytes <"$work/counts"
    read -r memory ticks _ <"$work/watched"
    row "$1, a key every $2 ms" "$(printf 'p50 %5s  p99 %5s  max %5s ms' "$p50" "$p99" "$max")"
    row '' "$count keys, $early too early; $((bytes / 1000)) KB a picture"
    row '' "$((10 * ticks / (pictures + 9))) ms of processor time a picture, $((memory / 1024)) MiB"
    row '' "$((1000 * ticks / ($2 * $3 + 1500) / $(nproc))) % of the processors; all programs together $all_busy %"
    target "$p99" 16 ms
    [ "$1" != sixel ] || picture_bytes=$bytes
}

bench_keys() {
    local n=${THUMBTAG_BENCH_PHOTOS:-1000}
    picture_bytes=0
    photos "$n" "$work/photos"
    echo "A key to the next picture written: $n photographs, 120x40 cells of 10x20 pixels"
    keys sixel 1000 40
    keys sixel 50 300
    keys blocks 1000 20
    keys blocks 50 300
    row 'a row appended and synced, alone' "$(limit sync "$work")"
    [ "$picture_bytes" -eq 0 ] ||
        row "the pty alone, $((picture_bytes / 1000)) KB" "$(limit pty "$picture_bytes")"
}

limit() {
    local p50 p99 max
    read -r p50 p99 max < <("$work/limits" "$@")
    printf 'p50 %5s  p99 %5s  max %5s ms' "$p50" "$p99" "$max"
}

# ----------------------------------------------- the first of very many pictures

# make_tree NAME PER_FOLDER: builds it unless it is there.
make_tree() {
    local folder=$data/$1-$files
    [ ! -e "$folder.done" ] || return 0
    rm -rf "$folder" "$data/photos"
    mkdir -p "$folder"
    photos 200 "$data/photos"
    "$work/tree" "$folder" "$files" "$2" "$data"/photos/* && touch "$folder.done"
}

# first NAME WHAT
first() {
    local memory listed at
    mode=()
    drive "$data/$1-$files" -m none <<-END
	wait picture 1 60000
	wait quiet 3000 120000
	key Q
	END
    at=$(awk '/^picture 1 at/ { print $4 / 1000; exit }' "$work/seen")
    read -r memory _ listed <"$work/watched"
    row "$2" "$(printf 'first picture %.2f s, all listed %.1f s, %d MiB' "$at" "$listed" \
        "$((memory / 1024))")"
    target "$at" 0.5 s
    target "$((memory / 1024))" 200 MiB
}

bench_first() {
    local shape
    [ "$files" -gt 0 ] || return 0
    echo "From the start to the first picture: $files files"
    if ! make_tree flat 0 || ! make_tree tree 1000; then
        row 'the trees could not be made' "in $data"
        return 0
    fi
    for shape in flat tree; do
        first "$shape" "$shape"
        if sync && { echo 2 >/proc/sys/vm/drop_caches; } 2>/dev/null; then
            first "$shape" "$shape, folders and names not cached"
        fi
    done
}

# Where the time of a prediction goes, by the program's own account.
bench_predict() {
    local name=$1 labels=$2
    local shared=${THUMBTAG_SHARED:-../shared}
    [ -d "$shared/data/clothing" ] && [ -f "$shared/nn/models/$name.tflite" ] || return 0
    seq "$labels" >"$work/labels.txt"
    row "predict, $name" "$("$THUMBTAG" predict -m "$shared/nn/models/$name.tflite" \
        --model-labels "$work/labels.txt" "$shared/data/clothing" 2>&1 >/dev/null |
        sed 's/^thumbtag: //')"
}

build_tools
echo "The program on a terminal: $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
bench_keys
bench_first
bench_predict resnet8 10
bench_predict vww 2
bench_predict mobilenet_v2 1000
