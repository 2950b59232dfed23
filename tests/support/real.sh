# What the tests in real terminals share: a folder of their own, and waiting.
# To be sourced behind tap.sh.
#
# shellcheck shell=bash
# shellcheck disable=SC2034  # used by those who source this
: "${THUMBTAG:?path of the binary under test}"
ptyterm=$(dirname "$THUMBTAG")/tests/tools/ptyterm
patience=90 # seconds that a state may take to come about, on a busy machine too

scratch=$(mktemp -d "${TMPDIR:-/tmp}/real.XXXXXX") || exit 1
at_exit "rm -rf '$scratch'"

# wait_until COMMAND...: tries until it succeeds; fails when patience is over.
wait_until() {
    local end=$((SECONDS + patience))
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.03
    done
}

# soon NAME COMMAND...: a test that passes once the command succeeds.
soon() {
    local name=$1
    shift
    if wait_until "$@"; then
        ok "$name"
    else
        not_ok "$name" "not within $patience s: $*"
    fi
}

# copy_samples DIR [NAME...]: those of our sample pictures, or all.
copy_samples() {
    local dir=$1
    shift
    mkdir -p "$dir"
    if [ $# -gt 0 ]; then
        cp "${@/#/samples/photos/}" "$dir"
    else
        cp samples/photos/* "$dir"
    fi
}

# given CSV: its rows as "FILE=LABEL", or "FILE=STATUS" where there is no label,
# in the file's order, without folders. Our samples' names need no quotes.
given() {
    awk -F, 'NR > 1 { sub(/.*\//, "", $1); print $1 "=" ($3 == "labeled" ? $2 : $3) }' "$1"
}

# is_gone PID
is_gone() {
    ! kill -0 "$1" 2>/dev/null
}
