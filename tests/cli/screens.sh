#!/bin/bash
# timeout: 900, takes long
# Golden screens: each tests/screens/NAME.script is run in a folder of its own
# that its line "# setup: ..." fills, by the command line of "# run: ...", and
# what comes out is compared with NAME.golden. UPDATE=1, or `make golden`, writes
# what comes out there; read the difference before you commit it.
. tests/support/tap.sh
. tests/support/cli.sh
screens=$repo/tests/screens
bad=$repo/tests/data/bad
rgb=$repo/tests/data/rgb

# For the setup lines.
samples() { # FROM TO: those of the sample pictures, in photos
    local i
    mkdir -p photos
    for i in $(seq -f '%04g' "$1" "$2"); do
        cp "$repo"/samples/photos/IMG_"$i".* photos
    done
}
named() { # NAME...: the first sample under other names
    local name
    mkdir -p photos
    for name; do
        cp "$repo/samples/photos/IMG_0001.jpg" "photos/$name"
    done
}
colours() { # one picture of each primary colour, and a grey one, in photos
    local i=1 rgb
    mkdir -p photos
    for rgb in '\377\0\0' '\0\377\0' '\0\0\377' '\200\200\200'; do
        { printf 'P6\n8 8\n255\n' && for _ in {1..64}; do printf "$rgb"; done; } >"photos/$i.ppm"
        i=$((i + 1))
    done
}
shades() { # COUNT: reddish pictures and bluish ones by turns, in photos
    local i
    mkdir -p photos
    for i in $(seq -w 1 "$1"); do
        local n=$((10#$i)) warm cold green
        warm=$(printf '\\%o' $((192 + n * 37 % 48))) cold=$(printf '\\%o' $((32 + n * 23 % 48)))
        green=$(printf '\\%o' $((64 + n * 11 % 48)))
        {
            printf 'P6\n8 8\n255\n'
            for _ in {1..64}; do
                if ((n % 2)); then printf "$warm$green$cold"; else printf "$cold$green$warm"; fi
            done
        } >"photos/$i.ppm"
    done
}
answers() { # CLASSES KEYS...: given in an earlier session
    local classes=$1
    shift
    printf 'key %s\n' "$*" >earlier.script
    "$THUMBTAG" photos -c "$classes" --script earlier.script
    rm earlier.script
}
no_pictures() { # what is named like pictures and cannot be shown, in photos
    mkdir -p photos
    : >photos/empty.jpg
    mkfifo photos/fifo.jpg
    ln -s loop.jpg photos/loop.jpg
    ln -s nowhere.jpg photos/dead-link.jpg
    printf 'This is no picture.\n' >photos/text.jpg
    cp "$bad"/{truncated.png,truncated.gif,truncated.webp,bomb.png,lying-size.png,lying-size.bmp} photos
    cp "$bad"/{truncated.jpg,lying-size.jpg,lying-size-progressive.jpg} photos
    { printf 'P5\n1 10000\n255\n' && head -c 10000 /dev/zero | tr '\0' '\200'; } >photos/narrow.pgm
    { printf 'P5\n10000 1\n255\n' && head -c 10000 /dev/zero | tr '\0' '\200'; } >photos/flat.pgm
}

left_out() {
    samples 1 2
    for i in 1 2 3; do printf 'not read' >"photos/holiday$i.HEIC"; done
    printf 'not read' >photos/raw.dng
    printf 'no picture' >photos/notes.txt
}

# Levels from 0 to 4095 of 65535.
twelve_bits() {
    local i two all='P5\n64 64\n65535\n'
    for ((i = 0; i < 4096; i++)); do
        printf -v two '\\x%02x\\x%02x' $((i >> 8)) $((i & 255))
        all+=$two
    done
    mkdir photos
    # shellcheck disable=SC2059
    printf "$all" >photos/twelve.pgm
}

# A sanitizer takes address space without end.
limit() {
    LC_ALL=C grep -qE "__[at]san_init" "$THUMBTAG" || ulimit -v 2097152
}

for script in "$screens"/*.script; do
    name=${script##*/}
    name=${name%.script}
    setup=$(sed -n 's/^# setup: //p' "$script")
    command=$(sed -n 's/^# run: //p' "$script")
    mkdir "$work/$name"
    cd "$work/$name" || exit 1
    if ! (eval "$setup") >"$work/stderr" 2>&1; then
        not_ok "$name: set up" "$(cat "$work/stderr")"
        continue
    fi
    (
        limit
        eval "timeout 100 \"\$THUMBTAG\" $command --script \"\$script\""
    ) >"$work/got" 2>"$work/stderr"
    rc=$?
    if [ "$rc" -ne 0 ] || [ -s "$work/stderr" ]; then
        { echo "exit status $rc" && cat "$work/stderr"; } >>"$work/got"
    fi
    cd "$repo" || exit 1
    if [ -n "${UPDATE:-}" ]; then
        cp "$work/got" "$screens/$name.golden"
        ok "$name is written"
    else
        same_file "$work/got" "$screens/$name.golden" "$name"
    fi
done
finish
