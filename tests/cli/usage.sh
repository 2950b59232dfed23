#!/bin/bash
# What the command line and the settings accept and refuse, and by which exit
# status.
. tests/support/tap.sh
. tests/support/cli.sh

# refused STATUS PATTERN ARG...: nothing on standard output, one message.
refused() {
    local status=$1 pattern=$2
    shift 2
    run "$@"
    is "$rc" "$status" "exit status of: thumbtag $*"
    like "$err" "^thumbtag: .*$pattern" "message of: thumbtag $*"
    is "$out" "" "no output of: thumbtag $*"
}

run --version
is "$rc" 0 "--version succeeds"
like "$out" '^thumbtag [0-9]+\.[0-9]+\.[0-9]+$' "--version"
for words in --help -h help; do
    run "$words"
    is "$rc $err" "0 " "$words succeeds"
    like "$out" "Usage:.*review.*doctor" "$words lists the commands"
done
for command in label review doctor; do
    for words in "$command --help" "$command -h" "help $command"; do
        # shellcheck disable=SC2086
        run $words
        is "$rc $err" "0 " "$words succeeds"
        like "$out" "thumbtag .*Options:.*--help" "$words lists options"
    done
done
"$THUMBTAG" --help >/dev/full 2>"$work/stderr"
is "$?" 3 "help on a full disk is no success"

refused 2 "usage: thumbtag .*thumbtag photos/ -c cat,dog"
refused 2 "no option '--nope'" --nope
refused 2 "no option '-x'" "$photos" -x
refused 2 "'--theme' needs a value" "$photos" --theme
refused 2 "usage: thumbtag .*name a folder, pictures or a list" label
refused 2 "usage: thumbtag review .*name one labels.csv" review
refused 2 "name one labels.csv" review a.csv b.csv
refused 2 "usage: thumbtag doctor .*takes no files" doctor "$photos"
refused 2 "no classes are defined; name them" "$photos"
refused 2 "'a' is given twice" "$photos" -c a,b,a
refused 2 "a class name is empty" "$photos" -c a,,b
refused 2 "enlarge = 'maybe': must be one of no\|sharp\|smooth" "$photos" -c a --enlarge maybe
refused 2 "ahead = '99': must be a number from 0 to 64" "$photos" -c a --ahead 99
refused 2 "ahead = '1x': must be" "$photos" -c a --ahead 1x
refused 2 "cell = '3': must be WIDTHxHEIGHT" "$photos" -c a --cell 3
refused 2 "theme 'nosuch'.*dark" "$photos" -c a -t nosuch
refused 3 "$work/nowhere: .*no such file" "$work/nowhere" -c a
refused 3 "$work/none.csv: No such file" review "$work/none.csv"
refused 3 "none.tflite: No such file" "$photos" -c a -m "$work/none.tflite"
refused 3 "none.ini: cannot open" "$photos" -c a --config "$work/none.ini"
refused 3 "none.script: No such file" "$photos" -c a --script "$work/none.script"
refused 3 "no-such-folder.*No such file" "$photos" -c a -o "$work/no-such-folder/out.csv" \
    --script /dev/null
# E: what was meant is asked for.
refused 2 "no option '--oder'; did you mean '--order'\?" "$photos" --oder file
refused 2 "no option '--epoks'; did you mean '--epochs'\?" train --epoks=3 "$photos"
refused 2 "no option '--zzz' \(see" "$photos" --zzz
refused 2 "'--plain' takes no value" train --plain=yes "$photos"
refused 2 "must be one of active.*; did you mean 'random'\?" "$photos" --order randm
refused 3 "revew: no such file, folder or command; did you mean 'thumbtag review'\?" revew
printf '[view]\nthem = light\n' >"$work/typo.ini"
refused 2 "typo.ini:2: .*no such setting; did you mean 'theme'\?" "$photos" --config "$work/typo.ini"
printf '[veiw]\ntheme = light\n' >"$work/typo.ini"
refused 2 "typo.ini:2: .*no such setting; it belongs to \[view\]" "$photos" --config "$work/typo.ini"
printf '[keys]\nundoo = x\n' >"$work/typo.ini"
refused 2 "typo.ini:2: .*no action 'undoo'; did you mean 'undo'\?" "$photos" --config "$work/typo.ini"
mkdir "$work/empty"
refused 4 "no pictures" "$work/empty" -c a
printf 'no model' >"$work/model.tflite"
printf 'a\nb\n' >"$work/labels.txt"
refused 4 "model.tflite: " "$photos" -c a -m "$work/model.tflite"
printf 'frobnicate\n' >"$work/bad.script"
refused 4 "bad.script:1: must be one of" "$photos" -c a --script "$work/bad.script"
printf 'key nokey 1\n' >"$work/bad.script"
refused 4 "bad.script:1: 'nokey' is not a key" "$photos" -c a --script "$work/bad.script"
for line in 'size 0x5=size must be COLSxROWS' 'screen big=screen must be followed by looks' \
    'fence soon=fence must be followed by at-once' 'terminal vt100=terminal must be followed by some of: silent, sixel' \
    'terminal background=red=background must be #RRGGBB' 'terminal cell=0x9=cell must be WIDTH' \
    'terminal line=1=line must be bytes per second' 'resize 1=size must be COLSxROWS' \
    'pause 0=must be followed by milliseconds' 'pace x=must be followed by milliseconds'; do
    printf '%s\n' "${line%=*}" >"$work/bad.script"
    refused 4 "bad.script:1: ${line##*=}" "$photos" -c a --script "$work/bad.script"
done
printf 'key x\nterminal sixel\n' >"$work/bad.script"
refused 4 "bad.script:2: terminal must come before" "$photos" -c a --script "$work/bad.script"
refused 3 "/dev/tty: cannot open the terminal" "$photos" -c a
is "$(ls "$photos")" "$(cd samples/photos && ls IMG_000[1-6].*)" "nothing of that left a file"
if command -v setsid >/dev/null; then
    setsid "$THUMBTAG" doctor >"$work/stdout" 2>&1 </dev/null
    is "$?" 1 "doctor without a terminal has findings"
    like "$(cat "$work/stdout")" "No terminal:.*locale.*libsixel" "doctor tells of the build"
    like "$(grep '^  training ' "$work/stdout")" "OpenBLAS [0-9][0-9.]* [A-Za-z]" \
        "doctor tells what trains"
fi

# Class keys: given ones, then 1 to 9, 0, a to z without those in use.
key_of() { # CLASS: the key in front of it on the screen
    printf '%s\n' "$out" | sed -n "s/.*  *\([^ ][^ ]*\)  *$1  *[0-9][0-9]*\$/\1/p" | head -n 1
}
keys "$photos" screen -- -c 'x=cat,dog,2=cow,F=fox'
is "$rc" 2 "a class key that a command has is refused"
like "$err" "'F'.*'fox'.*'filter'.*\[keys\] filter" "and the message tells how to mend it"
keys "$photos" screen -- -c 'x=cat,dog,2=cow,f=fox,bird'
is "$(key_of cat) $(key_of dog) $(key_of cow) $(key_of fox) $(key_of bird)" "x 1 2 f 3" \
    "keys given and keys assigned"
keys "$photos" screen -- -c "$(seq -s, -f 'c%g' 1 40)"
is "$rc" 0 "more classes than keys"
refused 2 "key 'x'.*'a'.*'b'" "$photos" -c x=a,x=b

# Where classes come from.
printf '# mine\ncat\n\nGroßer Hund\n' >"$photos/classes.txt"
keys "$photos" screen -- -m none
like "$out" "1 +cat .*2 +Großer Hund" "classes.txt beside the pictures"
printf '[classes]\n7 = ferret\no = "owl, #12ab34"\n' >"$photos/thumbtag.ini"
keys "$photos" screen -- -m none
like "$out" "7 +ferret .*o +owl" "[classes] of the ini wins over classes.txt"
keys "$photos" screen -- -c cow
like "$out" "1 +cow" "-c wins over both"
is "$(printf '%s' "$out" | grep -c ferret)" 0 "and replaces them"
printf '\xff\n' >"$photos/classes.txt"
rm "$photos/thumbtag.ini"
refused 2 "classes.txt:1" "$photos"
rm "$photos/classes.txt"

# Settings: each with file, and line or key, and what may stand there.
ini() { # TEXT PATTERN [STATUS]
    printf '%b' "$1" >"$photos/thumbtag.ini"
    refused "${3:-2}" "$2" "$photos" -c a
    rm "$photos/thumbtag.ini"
}
ini '[view]\nthema = dark\n' "thumbtag.ini.*thema"
ini '[nosuch]\nx = y\n' "thumbtag.ini.*nosuch"
ini '[view]\nahead = many\n' "thumbtag.ini.*ahead.*0 to 64"
ini '[train]\nrate = fast\n' "thumbtag.ini:2: rate = 'fast': must be a number from 1e-09 to 100"
ini '[model]\nstd = 0.2,0,0.2\n' "thumbtag.ini:2: std = .*one number or R,G,B, each from 1e-09 to 1000"
ini '[keys]\nskip = nokey\n' "thumbtag.ini.*nokey"
ini '[keys]\nskipp = x\n' "thumbtag.ini.*skipp"
ini '[classes]\n1 = cat\n1 = dog\n' "thumbtag.ini:3: .*'1' is already set in line 2" 4
ini '[classes]\ncat = 1\n' "thumbtag.ini:2: .*'cat' is not a key"
for order in random name file active; do
    keys "$photos" screen -- -c a --order "$order"
    like "$out" "$order order " "the order $order is that"
done
printf '[keys]\nfilter = f5\nskip = x\n' >"$photos/thumbtag.ini"
keys "$photos" 'key F x' screen -- -c 'F=fox,dog'
is "$rc" 0 "a command that was moved frees its key"
is "$(rows "$photos/labels.csv")" "IMG_0001.jpg,fox,labeled,,,0
IMG_0002.jpg,,skipped,,,0" "and both keys do what they are to do"
mkdir -p "$work/xdg/thumbtag"
printf '[view]\ntheme = nosuch\n' >"$work/xdg/thumbtag/thumbtag.ini"
XDG_CONFIG_HOME=$work/xdg run "$photos" -c a
is "$rc" 2 "the user's own ini is read"
XDG_CONFIG_HOME=$work/xdg run "$photos" -c a -t mono --script /dev/null
is "$rc" 0 "the command line wins over it"
finish
