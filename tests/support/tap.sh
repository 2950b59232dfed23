# TAP for shell tests. A test sources this file, reports with ok, not_ok, skip
# and is, and ends with `finish`; without it the run counts as cut off. Cleaning
# up is for at_exit, as the trap EXIT is taken.
#
# shellcheck shell=bash
tap_count=0
tap_failed=0
tap_finished=no
tap_at_exit=()

# ok NAME
ok() {
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s\n' "$tap_count" "$1"
}

# not_ok NAME [WHY]: why may have several lines.
not_ok() {
    tap_count=$((tap_count + 1))
    tap_failed=$((tap_failed + 1))
    printf 'not ok %d - %s\n' "$tap_count" "$1"
    [ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/# /'
}

# skip NAME WHY
skip() {
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

# is GOT WANT NAME: compares two strings.
is() {
    if [ "$1" = "$2" ]; then
        ok "$3"
    else
        not_ok "$3" "got:  $1"$'\n'"want: $2"
    fi
}

# like TEXT PATTERN NAME: an extended regular expression.
like() {
    if [[ $1 =~ $2 ]]; then
        ok "$3"
    else
        not_ok "$3" "got:  $1"$'\n'"want: something like $2"
    fi
}

# same_file GOT WANT NAME: compares two files, shows the difference.
same_file() {
    local difference
    if difference=$(diff -u -- "$2" "$1" 2>&1); then
        ok "$3"
    else
        not_ok "$3" "$(printf '%s\n' "$difference" | head -n 60)"
    fi
}

# need COMMAND...: skips the whole test file when one is not installed.
need() {
    local command
    for command; do
        if ! command -v "$command" >/dev/null; then
            skip_all "$command is not installed"
        fi
    done
}

# skip_all WHY: instead of any test; ends the script.
skip_all() {
    printf '1..0 # SKIP %s\n' "$1"
    tap_finished=yes
    exit 0
}

# finish: prints the plan and exits 1 when a test failed.
finish() {
    printf '1..%d\n' "$tap_count"
    tap_finished=yes
    [ "$tap_failed" -eq 0 ]
    exit
}

# at_exit COMMAND: is run when the script ends, however it ends; the last first.
at_exit() {
    tap_at_exit=("$1" "${tap_at_exit[@]}")
}

# A script that ends before `finish` has not run all its tests.
tap_on_exit() {
    local rc=$? command
    for command in "${tap_at_exit[@]}"; do
        eval "$command"
    done
    if [ "$tap_finished" = no ]; then
        not_ok "${0##*/} ended before its last test" "exit status $rc"
        exit 1
    fi
    exit "$rc"
}
trap tap_on_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
