#!/bin/bash
# How many keys whole sets take with pages of 24: thumbtag eval --effort on the shared sets that are
# there, as people have to press them, and where an exception's letter already gives the second
# class. `make bench` calls it.
#
#   THUMBTAG         the program (build/release/thumbtag)
#   THUMBTAG_SHARED  third-party data (../shared)
set -u
cd "$(dirname "$0")/../.." || exit 1

thumbtag=${THUMBTAG:-$PWD/build/release/thumbtag}
shared=${THUMBTAG_SHARED:-../shared}
work=$(mktemp -d "${TMPDIR:-/tmp}/thumbtag-bench-XXXXXX") || exit 1
export XDG_CACHE_HOME=$work/cache XDG_CONFIG_HOME=$work/config
trap 'rm -rf "$work"' EXIT

# first_of ARCHIVE FOLDER: the first 100 pictures of each class of an archive, linked together.
first_of() {
    local class
    mkdir -p "$work/all"
    tar -xzf "$shared/data/$1.tar.gz" -C "$work/all" 2>/dev/null || return 1
    for class in "$work/all/$2"/*/; do
        mkdir -p "$work/$1/$(basename "$class")"
        find "$class" -type f | LC_ALL=C sort | head -n 100 |
            xargs -d '\n' ln -t "$work/$1/$(basename "$class")"
    done
}

# measure NAME FOLDER [ARG...]
measure() {
    local name=$1 folder=$2
    shift 2
    "$thumbtag" eval "$folder" --effort --csv "$@" | awk -F, -v name="$name $*" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        $1 == "effort" { printf "  %-34s %5.1f keys per 100 of %d; %d pages, %d exceptions, %.1f %% right, %.0f s\n",
            name, $at["keys_per_100"], $at["pictures"], $at["pages"], $at["exceptions"], $at["right"], $at["seconds"] }'
}

echo 'effort: keys for whole sets, pages of 24'
if [ -d "$shared/data/clothing/train" ]; then
    ln -s "$(realpath "$shared/data/clothing/train")" "$work/clothing"
fi
first_of sign_digits sign_digits
first_of cifar10_test cifar10_test_1000
for set in clothing cifar10_test sign_digits; do
    [ -e "$work/$set" ] || continue
    measure "$set" "$work/$set/"
    measure "$set" "$work/$set/" --misses 0.02
    measure "$set" "$work/$set/" --second
done
