#!/bin/bash
# kitty's placeholders through a real tmux, to a terminal without 24-bit colours:
# what reaches that terminal, recorded, and what tmux holds as text.
. tests/support/tap.sh
. tests/support/real.sh
. tests/support/tmux.sh
need script base64 convert compare
placeholder=$'\U10EEEE'
photos=$scratch/photos
names=(IMG_0001.jpg IMG_0002.jpg IMG_0006.jpg)
copy_samples "$photos" "${names[@]}"
thumbtag=("$THUMBTAG" "$photos" --order file --embeddings 0 -c "cat,dog" -p placeholders
    --colors 24bit --cell 6x13)
like=35 # dB after a slight blur: pictures are of 256 colours

# Where a picture stands, and of how many cells and samples: by a script.
{ echo size 100x30 && echo screen && printf 'key %s\nscreen\n' right right; } >"$scratch/script"
"${thumbtag[@]}" -o "$scratch/place.csv" --script "$scratch/script" |
    sed -n 's/^\[picture \([0-9]*\)x\([0-9]*\) .*: \([0-9]*x[0-9]*\) samples.*/\1 \2 \3/p' \
        >"$scratch/places"

# Picture names that reached the terminal, the last of them as PNG.
sent() {
    awk 'BEGIN { RS = "\033" }
        /^_Ga=T/ { text = ""; match($0, /i=[0-9]+/); print substr($0, RSTART + 2, RLENGTH - 2) }
        /^_G/ { split($0, part, ";"); text = text part[2] }
        END { print text > "'"$scratch/last.base64"'" }' "$scratch/outer"
    base64 -d "$scratch/last.base64" >"$scratch/last.png" 2>/dev/null
}

# lines_of NAME: in standard input, those with cells in that colour. A colour that is
# in force already, because text had it, is not told again, so all of them are followed.
lines_of() {
    awk -v name="$1" -v cell="$placeholder" '
        BEGIN { RS = "\033"; FS = "\n" }
        function follow(codes, part, n, i) {
            gsub(":", ";", codes)
            n = split(codes, part, ";")
            if (n == 0) color = ""
            for (i = 1; i <= n; i++) {
                if (part[i] == 38 || part[i] == 48) {
                    if (part[i] == 38) color = part[i + 1] == 5 ? part[i + 2] : "24 bit"
                    i += part[i + 1] == 5 ? 2 : 4
                } else if (part[i] + 0 == 0 || part[i] == 39) color = ""
                else if ((part[i] >= 30 && part[i] <= 37) || (part[i] >= 90 && part[i] <= 97))
                    color = "one of 16"
            }
        }
        {
            for (f = 1; f <= NF; f++) {
                if (f > 1) { lines += here; here = 0 }
                else if (match($1, /^\[[0-9;:]*m/)) follow(substr($1, 2, RLENGTH - 2))
                if (color == name && index($f, cell)) here = 1
            }
        }
        END { print lines + here }'
}

# shows N: the last picture sent is that one, and so are the cells in the pane.
shows() {
    local cols rows size name db
    read -r cols rows size < <(sed -n "$(($1 + 1))p" "$scratch/places")
    name=$(sent | tail -n 1)
    convert "$scratch/last.png" -blur 0x1 "$scratch/got.ppm" 2>/dev/null || return 1
    convert "$photos/${names[$1]}" -auto-orient -resize "$size!" -blur 0x1 "$scratch/want.ppm"
    db=$(compare -metric PSNR "$scratch/got.ppm" "$scratch/want.ppm" null: 2>&1)
    tm capture-pane -p -e -t "$tmux_pane" >"$scratch/pane"
    why="$db dB, name $name; cells $(grep -o "$placeholder" "$scratch/pane" | wc -l) of $cols x $rows,
lines in that colour $(lines_of "$name" <"$scratch/pane")"
    [ "${db%%.*}" -ge "$like" ] 2>/dev/null &&
        [ "$(grep -o "$placeholder" "$scratch/pane" | wc -l)" -eq $((cols * rows)) ] &&
        [ "$(lines_of "$name" <"$scratch/pane")" -eq "$rows" ] &&
        [ "$(tail -c 200000 "$scratch/outer" | lines_of "$name")" -gt 0 ]
}

# is_shown NAME N: a test
is_shown() {
    if wait_until shows "$2"; then
        ok "$1"
    else
        not_ok "$1" "$why"
    fi
}

no_cells() {
    ! tm capture-pane -p -t "$tmux_pane" | grep -q "$placeholder"
}

deleted() {
    tail -c 4000 "$scratch/outer" | grep -q $'\033_Ga=d,d=I[^;]*\033'
}

# The counting itself: the text has the picture's colour.
is "$(printf 'a \033[38;5;77mtext\033[1m%s\n%s\n\033[m%s\n' $placeholder $placeholder $placeholder |
    lines_of 77)" 2 'cells whose colour the text had before are counted'

tmux_start 100x30
tm set -g allow-passthrough on
tm set -g status off
mkfifo "$scratch/keys" # an end of file would be a ^D
TERM=xterm-256color script -q -f -c "stty rows 30 cols 100
    TMUX_TMPDIR=$scratch tmux -L rig attach" "$scratch/outer" <>"$scratch/keys" >/dev/null 2>&1 &
at_exit "kill $! 2>/dev/null"
attached() {
    [ -n "$(tm list-clients)" ]
}
soon 'a terminal around tmux' attached
tmux_type "clear; $(printf '%q ' "${thumbtag[@]}") -o $scratch/labels.csv"
is_shown 'the first picture' 0
tmux_keys Right
is_shown 'another one, wider than high' 1
tmux_keys Right
is_shown 'a flat one' 2
tmux_keys '?'
soon 'help: no cell of the picture is left' no_cells
tmux_keys Escape
is_shown 'help left: the picture is back' 2

# Redrawn by tmux alone, which knows nothing of the picture.
tm new-window 'read -r'
before=$(stat -c %s "$scratch/outer")
tm last-window
redrawn() {
    [ "$(tail -c +"$before" "$scratch/outer" | grep -o "$placeholder" | wc -l)" -gt 100 ]
}
soon 'another window and back: tmux draws the cells' redrawn

tmux_keys Q
soon 'left: no cell of the picture' no_cells
soon 'left: the terminal has been told to forget it' deleted
finish
