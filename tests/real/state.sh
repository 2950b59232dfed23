#!/bin/bash
# timeout: 300
# What a terminal may send that is no key, keys that are held, and how the terminal is
# given back: on one that sends just what the script says.
. tests/support/tap.sh
. tests/support/real.sh
photos=$scratch/photos
csv=$scratch/labels.csv
log=$scratch/log
copy_samples "$photos"

# terminal [OPTION...]: runs the program under the script on standard input.
terminal() {
    rm -f "$csv" "$scratch"/.labels.csv* "$csv".*
    "$ptyterm" -w "$scratch/written" "$@" "$THUMBTAG" "$photos" -m none --order file --level default \
        -p sixel -c ant,bee,cow,dog,elk -o "$csv" >"$log" 2>"$scratch/err"
}

# answers WANT NAME: those given, in one line, and the terminal as it was.
answers() {
    is "$(given "$csv" 2>/dev/null | paste -sd' ')" "$1" "$2"
    is "$(tail -n 2 "$log")" $'exit 0\nmodes same' "$2: ends in order"
}

# steps LINE...: once the first picture is there, and then quits.
steps() {
    printf 'wait ready\n'
    printf '%s\n' "$@"
    printf "pause 300\nwait quiet 200\nkey Q\nwait end\n"
}

# ----------------------------------------------------------------------- mouse
steps 'bytes \e[M !!' 'pause 200' 'bytes \e[M`51\e[Ma15' 'pause 200' 'bytes \e[<0;1;1M\e[<0;1;1m' \
    'bytes \e[32;5;1M' 'pause 200' 'key 2' | terminal
answers 'IMG_0001.jpg=bee' 'A2 reports of the mouse label nothing and skip nothing'
for mode in 9 1000 1002 1003 1006 1015; do
    if grep -aqF $'\e[?'"${mode}l" "$scratch/written"; then
        ok "A2 mode $mode of the mouse is switched off"
    else
        not_ok "A2 mode $mode of the mouse is switched off"
    fi
done

# ------------------------------------------------------------------- held keys
# In pairs, as a link delivers them: how far apart they are does not depend on the load.
repeats=()
for _ in {1..6}; do repeats+=('bytes 11' 'pause 40'); done
steps 'key 1' 'pause 500' "${repeats[@]}" 'pause 600' 'wait quiet 300' 'key 2' | terminal
answers 'IMG_0001.jpg=ant IMG_0002.jpg=bee' 'A3 a class key that is held answers once'
steps 'bytes \x20\x20\x20' 'pause 30' 'bytes \x20\x20' 'pause 600' 'wait quiet 300' 'key 2' | terminal
answers 'IMG_0001.jpg=skipped IMG_0002.jpg=bee' 'A3 so does the space bar'
steps 'key 1' 'wait ready' 'pause 130' 'key 1' 'wait ready' 'pause 130' 'key 1' 'wait ready' \
    'pause 130' 'key 1' | terminal
answers 'IMG_0001.jpg=ant IMG_0002.jpg=ant IMG_0003.png=ant IMG_0004.jpg=ant' \
    'A3 a class key that is tapped answers each time'
steps 'key 1' 'wait ready' 'key 2' 'wait ready' 'key 3' 'wait ready' 'pause 300' \
    'bytes \x7f\x7f' 'pause 30' 'bytes \x7f\x7f\x7f' 'pause 300' | terminal
answers 'IMG_0001.jpg=ant IMG_0002.jpg=bee' 'A3 Backspace that is held takes one answer back'

# ------------------------------------------------------------- keys too early
steps 'key 1 2 3 4 5 1' 'pause 600' 'wait quiet 300' 'key 2' | terminal
answers 'IMG_0001.jpg=ant IMG_0002.jpg=bee' 'A5 keys behind one that came too early are ignored'
like "$(tr -d '\0' <"$scratch/written")" 'Ignored' 'A5 the screen says so'

# ---------------------------------------------------------- cut off sequences
for start in ']' P X '['; do
    steps "bytes \\e$start" 'pause 400' 'key 1' | terminal
    answers 'IMG_0001.jpg=ant' "B2 Alt-$start swallows no further key"
done
steps 'bytes \e[49u' 'wait picture 2' 'wait ready' 'bytes \e[27;2;50~' 'wait picture 3' 'wait ready' \
    'bytes \e[51;1:1u\e[51;1:3u' | terminal
answers 'IMG_0001.jpg=ant IMG_0002.jpg=bee IMG_0003.png=cow' 'B3 keyboard protocols left on are understood'
steps 'bytes \e[113;2u' | terminal
answers '' 'B3 Q quits there'
steps 'bytes \e[99;5u' | terminal
answers '' 'B3 so does Ctrl-C'
steps 'key right' 'wait ready' 'bytes \e' 'pause 60' 'bytes [5~' 'pause 300' 'key 1' | terminal
answers 'IMG_0001.jpg=ant' 'S6 a Page-Up that comes in two pieces is no class key'
steps 'bytes \e[200~12' 'pause 900' 'key 1' | terminal
answers 'IMG_0001.jpg=ant' 'S6 a paste without an end ends'

# ------------------------------------------------------------------- ways out
steps 'resize 30x5' 'pause 300' 'key 1' | terminal
answers '' 'S6 Q quits in a window that is too small'
terminal <<'EOT'
wait ready
stop
key right
pause 300
bytes \x03
wait end
EOT
is "$(tail -n 2 "$log")" $'exit 0\nmodes same' 'S6 Ctrl-C ends it on a terminal that takes nothing'
for signal in SEGV ABRT USR1 ALRM XCPU; do
    printf 'wait ready\nsignal %s\nwait end\n' "$signal" | terminal
    like "$(tail -n 2 "$log")" $'^killed [0-9]+\nmodes same$' "S6 SIG$signal leaves the modes as they were"
    like "$(tail -c 200 "$scratch/written" | tr '\033' E)" 'E\[\?1049l' "S6 SIG$signal leaves the normal screen"
done

rm -f "$csv" "$scratch"/.labels.csv*
"$ptyterm" bash -c 'ulimit -f 8; exec "$@"' - "$THUMBTAG" "$photos" -m none --thumbnails 0 --order file \
    -p sixel -c ant -o "$csv" >"$log" 2>&1 <<'EOT'
wait picture 1
pause 300
key 1
pause 300
key Q
wait end
EOT
like "$(tail -n 2 "$log")" $'^exit [0-9]+\nmodes same$' 'S6 a limit on the size of files leaves no raw terminal'

# --------------------------------------------- what is left for the shell to read
cat >"$scratch/then-read" <<'EOT'
#!/bin/bash
"${@:2}"
stty raw -echo
timeout --foreground 1.5 cat >"$1"
EOT
# nothing_left NAME OPTION... -- COMMAND...: under the script on standard input
nothing_left() {
    local name=$1
    local -a options=()
    shift
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift
    rm -f "$csv" "$scratch"/.labels.csv*
    "$ptyterm" "${options[@]}" bash "$scratch/then-read" "$scratch/left" "$@" >"$log" 2>&1
    is "$(cat -v "$scratch/left")" '' "$name"
}
label=("$THUMBTAG" "$photos" -m none -c ant -o "$csv")
nothing_left 'C6 quit right behind an answer' -l 200 -- "${label[@]}" \
    <<<$'wait ready\nkey 1\nkey Q\nwait end 20000'
nothing_left 'C6 quit before the terminal has answered' -l 300 -- "${label[@]}" \
    <<<$'pause 350\nkey Q\nwait end 20000'
nothing_left 'C6 show' -l 300 -- "$THUMBTAG" show "$photos/IMG_0001.jpg" <<<'wait end 20000'
nothing_left 'C6 doctor' -l 300 -- "$THUMBTAG" doctor <<<'wait end 20000'

# ---------------------------------------------------- its background and its TERM
# is_light YES NAME [OPTION...] [-- COMMAND...]: is the light theme taken?
is_light() {
    local want=$1 name=$2 got=no
    local -a options=()
    shift 2
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    rm -f "$csv" "$scratch"/.labels.csv*
    printf 'wait ready\nkey Q\nwait end\n' | "$ptyterm" -w "$scratch/written" "${options[@]}" env "${@:2}" \
        "$THUMBTAG" "$photos" -m none -c ant -o "$csv" $theme >"$log" 2>"$scratch/err"
    grep -aq '48;5;255m' "$scratch/written" && got=yes # its background, in 256 colours
    is "$got" "$want" "C4 $name"
}
theme=
is_light yes 'a white terminal has the light theme' -b rgb:ffff/ffff/ffff
is_light yes 'so has one of a light grey, told with two digits' -b rgb:dd/dd/d0
is_light no 'a black one has the dark theme' -b rgb:0000/0000/0000
is_light no 'so has one that does not tell'
is_light yes 'COLORFGBG tells where the terminal does not' -- COLORFGBG='0;default;15'
is_light no 'COLORFGBG of a dark one' -- COLORFGBG='15;0'
is_light no 'the terminal knows better than COLORFGBG' -b rgb:0000/0000/0000 -- COLORFGBG='0;15'
theme='-t dark'
is_light no 'a theme that is named is taken' -b rgb:ffff/ffff/ffff

# under_term TERM: what the program says and how it ends
under_term() {
    rm -f "$csv" "$scratch"/.labels.csv*
    printf 'pause 500\nkey Q\nwait end\n' | "$ptyterm" -w "$scratch/written" env TERM="$1" "${@:2}" \
        "$THUMBTAG" "$photos" -m none -c ant -o "$csv" >"$log" 2>"$scratch/err"
}
under_term dumb
like "$(<"$scratch/written")" "TERM is 'dumb'.*TERM=xterm-256color" 'B4 TERM=dumb is refused, and the way out is named'
like "$(<"$log")" $'exit 3\nmodes same' 'B4 TERM=dumb: nothing is left changed'
under_term no-such-terminal
like "$(<"$log")" $'exit 0\nmodes same' 'B4 an unknown TERM is taken for xterm-256color'
under_term xterm TERMINFO=/nonexistent TERMINFO_DIRS=/nonexistent HOME=/nonexistent
like "$(<"$log")" $'exit [03]\nmodes same' 'B4 without terminfo it ends in order'

# ------------------------------------------------------- one that never answers
terminal -n <<'EOT'
wait picture 1
pause 300
key 1
wait picture 2
pause 300
key 2
wait picture 3
pause 300
key 3
pause 200
key Q
wait end
EOT
is "$(tail -n +2 "$csv" | cut -d, -f6 | grep -cE '^[0-9]')" 3 'C7 seconds are measured without answers'
finish
