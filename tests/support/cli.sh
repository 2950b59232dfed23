# For tests of the command line; sourced behind tap.sh. $work is a folder that
# goes away at the end, $photos a folder with six of the samples.
#
# shellcheck shell=bash
THUMBTAG=${THUMBTAG:-build/release/thumbtag}
case $THUMBTAG in
/*) ;;
*) THUMBTAG=$PWD/$THUMBTAG ;;
esac
repo=$PWD
[ -x "$THUMBTAG" ] || {
    not_ok "$THUMBTAG is there"
    finish
}
work=$(mktemp -d)
at_exit 'chmod -R u+rwX "$work"; rm -rf "$work"'
photos=$work/photos
export HOME=$work LC_ALL=C.UTF-8
unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME
# Pictures come as the files do, unless a test asks for another order.
mkdir -p "$work/.config/thumbtag"
printf '[session]\norder = file\n' >"$work/.config/thumbtag/thumbtag.ini"

# no_network: sessions learn nothing from now on, unless -m says so; for tests that look at
# neither guesses nor embeddings.
no_network() {
    printf '[model]\nmodel = none\n' >>"$work/.config/thumbtag/thumbtag.ini"
}

# new_photos: makes $photos anew.
new_photos() {
    rm -rf "$photos"
    mkdir "$photos"
    cp "$repo"/samples/photos/IMG_000[1-6].* "$photos"
}

# run ARG...: sets $rc, and what came in $out (standard output) and $err.
run() {
    "$THUMBTAG" "$@" >"$work/stdout" 2>"$work/stderr" </dev/null
    rc=$?
    out=$(tr -d '\0' <"$work/stdout")
    err=$(tr -d '\0' <"$work/stderr")
}

# script LINE...: writes $work/script.
script() {
    printf '%s\n' "$@" >"$work/script"
}

# keys DIR LINE... [-- ARG...]: runs the lines as a script on DIR.
keys() {
    local dir=$1
    local -a lines=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        lines+=("$1")
        shift
    done
    [ $# -eq 0 ] || shift
    script "${lines[@]}"
    run "$dir" --script "$work/script" "$@"
}

# rows FILE: its rows without the header and the last two columns, which hold
# who and when.
rows() {
    tail -n +2 "$1" | sed 's/,[^,]*,[^,]*$//'
}

new_photos
