#!/bin/bash
# The embeddings of a folder of photographs, which a session computes in the background: pictures
# a second until the program has nothing more to do, and, counted rather than timed, what it reads
# and opens a picture. `make bench` calls it.
#
#   BENCH_EMBEDDED  photographs (10000), no two files the same; 0: leave it out
#   BENCH_TRACED    of the folder whose opens strace counts (300), as it slows the program down
#   and those of whole.bash
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/bench/whole.bash
embedded=${BENCH_EMBEDDED:-10000}
traced=${BENCH_TRACED:-300}
[ "$embedded" -gt 0 ] || exit 0
tools tools/ptyterm
idle=5         # seconds without work, after which all is done
patience=14400 # seconds

# program_of PID: the process of the session, which that one runs or one that it runs.
program_of() {
    local pid child
    while kill -0 "$1"; do
        pid=$1
        while child='' && { read -r child _ <"/proc/$pid/task/$pid/children" || [ -n "$child" ]; }; do
            pid=$child
            [ "$(</proc/"$pid"/comm)" != thumbtag ] || { echo "$pid" && return; }
        done
        sleep 0.05
    done 2>/dev/null
    return 1
}

# watch PID: until it has been idle for long enough; then $took are the seconds until its
# processor time last grew by more than a tick or two, $cpu that time in seconds, and $bytes and
# $reads what it read until then, the /proc/PID/io of all its threads.
watch() {
    local line value ticks last=0 start=$EPOCHSECONDS started=$EPOCHREALTIME grown=$EPOCHREALTIME
    took='' cpu='' bytes='' reads=''
    while [ $((EPOCHSECONDS - ${grown%.*})) -le $idle ] && [ $((EPOCHSECONDS - start)) -lt $patience ]; do
        read -r line 2>/dev/null <"/proc/$1/stat" || return 1
        read -ra line <<<"${line##*) }"
        ticks=$((line[11] + line[12]))
        # Half a second of a thread that only waits takes less than that.
        if [ $((ticks - last)) -gt 2 ]; then
            last=$ticks grown=$EPOCHREALTIME
            while read -r line value; do
                case $line in
                rchar:) bytes=$value ;;
                syscr:) reads=$value ;;
                esac
            done <"/proc/$1/io"
        fi
        sleep 0.5
    done 2>/dev/null
    took=$(awk -v from="$started" -v to="$grown" 'BEGIN { print to - from }')
    cpu=$(awk -v t="$last" -v hz="$(getconf CLK_TCK)" 'BEGIN { print t / hz }')
}

# session FOLDER: one that begins there without a cache, and ends when all is computed.
session() {
    rm -rf "$XDG_CACHE_HOME"
    printf 'wait picture 1 60000\nwait end %d\n' $((patience * 1000)) |
        drive "$1" --order file &
    program=$(program_of $!) || return 1
    watch "$program"
    kill "$program"
    wait
    program=''
}

heading "Embeddings of $embedded photographs, in a session"
photos "$embedded" "$work/photos"
session "$work/photos"
read -r _ mib < <(used)
awk -v n="$embedded" -v took="${took:-0}" -v cpu="${cpu:-0}" -v bytes="${bytes:-0}" -v reads="${reads:-0}" \
    -v size="$(du -sb --apparent-size "$work/photos" | cut -f1)" -v mib="${mib:-?}" '
    function row(what, text) { printf "  %-46s %s\n", what, text }
    BEGIN {
        if (!took) { row("embeddings", "failed"); exit }
        row("embeddings", sprintf("%.1f pictures/s, %.1f ms of processor time each, %s MiB",
                                  n / took, 1e3 * cpu / n, mib))
        row("", sprintf("%.0f bytes read a picture, %.2f times its file, in %.1f reads",
                        bytes / n, bytes / size, reads / n))
    }'
ls "$XDG_CACHE_HOME"/*/* >/dev/null 2>&1 || row '' 'nothing was kept: were embeddings computed?'
command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null || {
    row 'opens a picture' 'strace may trace nothing here'
    exit 0
}
rm -rf "$work/photos"
photos "$traced" "$work/photos"
under=(strace -f -qq -e "trace=open,openat,openat2" -o "$work/trace")
session "$work/photos"
# strace cuts a line in two where another thread comes between; the path is in the first part.
grep -v ' = -1 ' "$work/trace" | grep -o '[0-9]*\.jpg"' | awk -v n="$traced" '
    { opened[$1]++; opens++ }
    END {
        for (p in opened) { pictures++; if (opened[p] > most) most = opened[p] }
        printf "  %-46s %.3f, at most %d; %d of %d pictures were opened\n", "opens a picture", opens / n,
               most, pictures, n
    }'
