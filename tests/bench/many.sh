#!/bin/bash
# From the start to the first picture, and the peak memory, where there are very many files: hard
# links to some photographs. `make bench` calls it.
#
#   BENCH_FILES   in each tree (1000000); 0: leave them out
#   BENCH_SETTLE  ms that the session with a network lasts (60000)
#   BENCH_COLD    yes: also with folders and names dropped from the kernel's memory, which only
#                 root can do, and which all of the machine feels (no)
#   and those of whole.bash
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/bench/whole.bash
files=${BENCH_FILES:-1000000}
[ "$files" -gt 0 ] || exit 0
tools tools/ptyterm bench/tree
quiet=3000 # ms without a word, after which all is listed: until then the counter moves

# first FOLDER WHAT: without a network, until all is listed.
first() {
    local at listed mib
    rm -rf "$XDG_CACHE_HOME"
    drive "$work/files-$1" -m none <<-END
	wait picture 1 600000
	wait quiet $quiet 600000
	key Q
	END
    at=$(awk '/^picture 1 at/ { printf "%.2f", $4 / 1000; exit }' "$work/seen")
    listed=$(awk -v quiet="$quiet" '/^key Q/ { printf "%.1f", ($4 - quiet) / 1000; exit }' "$work/seen")
    read -r _ mib < <(used)
    row "$2" "first picture ${at:-?} s, all listed ${listed:-?} s, ${mib:-?} MiB"
    target "$at" 0.5 s
    target "${mib-}" 200 MiB
    grep '^failed' "$work/seen"
}

# learning FOLDER WHAT: as a session begins, with the network that looks at the pictures.
learning() {
    local at mib
    rm -rf "$XDG_CACHE_HOME"
    drive "$work/files-$1" <<-END
	wait picture 1 600000
	pause ${BENCH_SETTLE:-60000}
	key Q
	wait end 60000
	END
    at=$(awk '/^picture 1 at/ { printf "%.2f", $4 / 1000; exit }' "$work/seen")
    read -r _ mib < <(used)
    row "$2" "first picture ${at:-?} s, ${mib:-?} MiB after $((${BENCH_SETTLE:-60000} / 1000)) s"
    target "$at" 0.5 s
    grep '^failed' "$work/seen"
}

heading "From the start to the first picture: $files files"
photos 200 "$work/photos"
for shape in flat:0 tree:1000; do
    mkdir "$work/files-${shape%:*}"
    "$work/tree" "$work/files-${shape%:*}" "$files" "${shape#*:}" "$work"/photos/* || exit 0
    first "${shape%:*}" "${shape%:*}"
    if [ "${BENCH_COLD:-no}" = yes ] && sync && { echo 2 >/proc/sys/vm/drop_caches; } 2>/dev/null; then
        first "${shape%:*}" "${shape%:*}, folders and names not cached"
    fi
    learning "${shape%:*}" "${shape%:*}, learning"
done
