# What the measures of the whole program share; source it from the root of the repository.
#
#   THUMBTAG         the program (build/release/thumbtag), or one of another commit
#   THUMBTAG_SHARED  third-party data (../shared); samples/ serve without
#
# Sets $thumbtag, $shared and $work, a folder that goes in the end; caches and settings are
# there too.
thumbtag=${THUMBTAG:-$PWD/build/release/thumbtag}
shared=${THUMBTAG_SHARED:-../shared}
work=$(mktemp -d "${TMPDIR:-/tmp}/thumbtag-bench-XXXXXX") || exit 1
export XDG_CACHE_HOME=$work/cache XDG_CONFIG_HOME=$work/config
program='' # its process, while a script watches it in the background
trap '[ -z "$program" ] || kill "$program" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
classes=cat,dog,other

# tools NAME...: compiles tests/NAME.c to $work.
tools() {
    local tool
    for tool in "$@"; do
        ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -o "$work/${tool#*/}" "tests/$tool.c" -lutil ||
            exit 1
    done
}

row() { printf '  %-46s %s\n' "$1" "$2"; }

# target VALUE LIMIT UNIT
target() {
    awk -v v="$1" -v limit="$2" -v unit="$3" 'BEGIN {
        printf "  %-46s target <= %s %s: %s\n", "", limit, unit,
               v == "" ? "not measured" : v + 0 <= limit + 0 ? "met" : "missed, " v
    }'
}

# p50, p99 and the maximum of sorted numbers.
quantiles() {
    awk '{ v[NR] = $1 }
         function q(share) { i = int(share * NR) + 1; return v[i > NR ? NR : i] }
         END { if (NR) printf "%.1f %.1f %.1f\n", q(0.5), q(0.99), v[NR] }'
}

# heading TEXT: with what else the machine has to do.
heading() {
    echo "$1; $(nproc) processors, load $(cut -d' ' -f1 /proc/loadavg)"
}

# photos N FOLDER: makes a folder of N photographs, those of the collection again and again. No
# two files are the same: decoders pass over what is behind the end.
photos() {
    local list n
    mapfile -t list < <(find "$shared/data/clothing" -name '*.jpg' 2>/dev/null | sort)
    [ ${#list[@]} -gt 0 ] || mapfile -t list < <(find samples/photos -name '*.jpg' | sort)
    mkdir -p "$2"
    for ((n = 0; n < $1; n++)); do
        { cat "${list[n % ${#list[@]}]}" && printf '%s' "$n"; } >"$(printf '%s/%05d.jpg' "$2" "$n")"
    done
}

# drive FOLDER ARGUMENT...: a session there on a terminal of its own, its script on standard
# input. Without labels so far; with the cache that is there. What the terminal saw is in
# $work/seen.
drive() {
    local folder=$1
    shift
    rm -f "$work"/labels.csv "$work"/.labels.csv.*
    cat >"$work/script"
    "$work/ptyterm" -u -g 120x40 -c 10x20 -s "$work/script" "${terminal[@]}" "${under[@]}" \
        "$thumbtag" "$folder" -c "$classes" -o "$work/labels.csv" "$@" >"$work/seen" 2>&1
}
terminal=() # more of its options
under=()    # a command that runs the program

# used: its processor time in ms and its peak memory in MiB.
used() { awk '/^used/ { print $2, int($4 / 1024) }' "$work/seen"; }
