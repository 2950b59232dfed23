#!/bin/bash
# run.sh FOLDER SECONDS FUZZER...: runs each for its share of the time.
# FOLDER/corpus/NAME grows from run to run; what broke a fuzzer is left in
# FOLDER/found/. A fuzzer's source may say, in a comment among its first 30
# lines, "seeds: PLACE..." (files, folders, globs; $shared is the folder of shared data) and
# "options: -max_len=N ...".
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
folder=$1 seconds=$2
shift 2
if [ $# -eq 0 ]; then
    echo 'There are no fuzzers in tests/fuzz.'
    exit 0
fi
shared=${THUMBTAG_SHARED:-../shared}
share=$((seconds / $#))
[ "$share" -gt 0 ] || share=1
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

said() {
    head -n 30 "$1" | sed -n "s/.*$2: *//p" | sed 's| *\*/ *$||' | tr '\n' ' '
}

failed=0
shopt -s nullglob
for fuzzer; do
    name=${fuzzer##*/}
    source=tests/fuzz/$name.c
    corpus=$folder/corpus/$name
    seeds=$(mktemp -d) || exit 1
    mkdir -p "$corpus" "$folder/found"
    patterns=$(said "$source" seeds)
    # Unquoted: there are globs among them.
    for file in ${patterns//\$shared/$shared} tests/data/bad; do
        [ ! -d "$file" ] || find "$file" -maxdepth 2 -type f
        [ ! -f "$file" ] || echo "$file"
    done | while read -r file; do
        ln -s "$(realpath "$file")" "$seeds/$(printf '%s' "$file" | tr / _)"
    done
    echo "== $name, $share s, $(find "$corpus" -type f | wc -l) kept inputs, $(find "$seeds" -type l | wc -l) seeds"
    # shellcheck disable=SC2046
    if ! "$fuzzer" -max_total_time="$share" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
        -verbosity=0 $(said "$source" options) -artifact_prefix="$folder/found/$name-" \
        "$corpus" "$seeds" 2>&1 | tail -n 40; then
        failed=$((failed + 1))
        echo "== $name FOUND something: see $folder/found/"
    fi
    rm -rf "$seeds"
done
[ "$failed" -eq 0 ]
