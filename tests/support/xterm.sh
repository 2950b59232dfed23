# A real xterm with sixel, on an X server of its own, and photographs of it.
# To be sourced behind real.sh. Text begins at 0,0, and a cell is 6x13 pixels.
#
# shellcheck shell=bash
# shellcheck disable=SC2154  # scratch, patience: real.sh
need Xvfb xterm xdotool import convert compare sixel2png
xterm_font=-misc-fixed-medium-r-semicondensed--13-120-75-75-c-60-iso10646-1
xterm_shot=$scratch/shot.ppm
xterm_pid=
xterm_window=

# Starts the X server on a free display.
xterm_display() {
    Xvfb -displayfd 3 -screen 0 1280x960x24 -nolisten tcp 3>"$scratch/display" 2>/dev/null &
    at_exit "kill $! 2>/dev/null; wait $! 2>/dev/null"
    if ! wait_until test -s "$scratch/display"; then
        skip_all 'Xvfb does not start'
    fi
    DISPLAY=:$(<"$scratch/display")
    export DISPLAY
}

xterm_find() {
    xterm_window=$(xdotool search --onlyvisible --name "^$1\$" 2>/dev/null) &&
        [ -n "$xterm_window" ]
}

# xterm_start COLSxROWS COMMAND...
xterm_start() {
    local size=$1
    shift
    xterm -ti vt340 -tn xterm-256color -u8 -geometry "$size+0+0" -fn "$xterm_font" \
        -b 0 -bw 0 +sb -bg black -fg white -T rig -xrm 'XTerm*allowTitleOps: false' \
        -xrm 'XTerm*cursorBlink: false' -xrm 'XTerm*numColorRegisters: 1024' \
        -xrm 'XTerm*maxGraphicSize: 2000x2000' -e "$@" 2>"$scratch/xterm.err" &
    xterm_pid=$!
    at_exit "kill $xterm_pid 2>/dev/null"
    wait_until xterm_find rig && xdotool windowfocus --sync "$xterm_window"
}

# Waits until it has closed; the program inside has ended.
xterm_wait() {
    wait_until is_gone "$xterm_pid"
}

# xterm_key NAME...: by X's names: Right, question, Z.
xterm_key() {
    xdotool key "$@"
}

# xterm_resize WIDTH HEIGHT, in pixels
xterm_resize() {
    xdotool windowsize "$xterm_window" "$1" "$2"
}

photograph() {
    import -window root "$xterm_shot"
}

# psnr A B: of two pictures of one size, whole decibels, 99 at most.
psnr() {
    local db
    db=$(compare -metric PSNR "$1" "$2" null: 2>&1)
    case $db in
    inf* | [1-9][0-9][0-9]*) echo 99 ;;
    [0-9]*) echo "${db%%[. ]*}" ;;
    *) echo 0 ;; # such as sizes that differ
    esac
}

# is_shown REFERENCE WxH+X+Y BAR: does a new photograph hold that picture there?
is_shown() {
    photograph
    convert "$xterm_shot" -crop "$2" +repage "$scratch/crop.ppm"
    shown_db=$(psnr "$scratch/crop.ppm" "$1")
    [ "$shown_db" -ge "$3" ]
}

# looks_like REFERENCE BAR: the crop that is_shown() made, both blurred as the
# eye does, since dithered.
looks_like() {
    convert "$scratch/crop.ppm" -blur 0x1 "$scratch/crop-blurred.ppm"
    convert "$1" -blur 0x1 "$scratch/reference-blurred.ppm"
    shown_db=$(psnr "$scratch/crop-blurred.ppm" "$scratch/reference-blurred.ppm")
    [ "$shown_db" -ge "$2" ]
}

# only_shown WxH+X+Y PANE: is the rest of that part of the photograph black?
only_shown() {
    local w h x y
    IFS=x+ read -r w h x y <<<"$1"
    [ "$(convert "$xterm_shot" -fill black -draw "rectangle $x,$y $((x + w - 1)),$((y + h - 1))" \
        -crop "$2" +repage -format '%[fx:maxima]' info:)" = 0 ]
}

# is_black RECTANGLE: of a new photograph
is_black() {
    photograph
    only_shown 0x0+0+0 "$1"
}

# same_pixels FILE [RECTANGLE]: is that part of a new photograph the same in FILE?
same_pixels() {
    photograph
    local part=(${2:+-extract "$2"})
    [ "$(compare -metric AE "${part[@]}" "$xterm_shot" "${part[@]}" "$1" null: 2>&1)" = 0 ]
}

# is_steady FILE: two photographs in succession are the same, and not like FILE.
is_steady() {
    photograph
    cp "$xterm_shot" "$scratch/steady.ppm"
    ! same_pixels "$1" && same_pixels "$scratch/steady.ppm"
}

# ------------------------------------------ what is to be seen, and whether it is
# Two references. The bytes that the program writes, decoded by sixel2png: xterm
# shows these to 53 dB and better, the rounding of colours apart, so 40 dB are
# missed by any misplaced, cut or overwritten part. And the file, decoded and
# scaled by ImageMagick, which knows nothing of our code: 43 dB after a slight
# blur, as dithering is to be seen through; a shift by one pixel costs 10 dB,
# another picture 30. The bar is 37.
bytes_bar=40
like_bar=37

# prepare COLSxROWS [KEY...]: what is to be seen of $photos, before and after each
# of these keys: `at N` and `bytes N` tell, counted from 0.
prepare() {
    local size=$1
    shift
    rm -rf "$scratch/want"
    mkdir "$scratch/want"
    { echo "size $size" && echo screen && printf 'key %s\nscreen\n' "$@"; } >"$scratch/script"
    "$THUMBTAG" "$photos" --order file --embeddings 0 -c cat,dog --cell 6x13 -p sixel -o "$scratch/place.csv" \
        --script "$scratch/script" 2>"$scratch/place.err" |
        sed -n 's/^\[picture .* at row \([0-9]*\), column \([0-9]*\): \([0-9]*x[0-9]*\) .*/\3 \2 \1/p' |
        while read -r samples column row; do
            echo "$samples+$((column * 6))+$((row * 13))"
        done >"$scratch/places"
    { echo wait ready && printf 'key %s\nwait ready\n' "$@" && echo key Q; } |
        "$ptyterm" -g "$size" -c 6x13 -d "$scratch/want" "$THUMBTAG" "$photos" --order file --embeddings 0 -c cat,dog \
            -o "$scratch/bytes.csv" >"$scratch/ptyterm.log"
}

# Of the pane that the program runs in, in pixels of the window.
corner_x=0
corner_y=0

at() {
    local size x y
    IFS=+ read -r size x y < <(sed -n "$(($1 + 1))p" "$scratch/places")
    echo "$size+$((x + corner_x))+$((y + corner_y))"
}

bytes() {
    sixel2png -i "$scratch/want/$(($1 + 1)).six" -o "$scratch/want/$1.png"
    echo "$scratch/want/$1.png"
}

# scaled FILE WxH+X+Y [GEOMETRY]: the file, or its middle part, by ImageMagick.
scaled() {
    convert "$photos/$1" -auto-orient ${3:+-gravity center -crop "$3" +repage} \
        -resize "${2%%+*}!" "$scratch/scaled.png"
    echo "$scratch/scaled.png"
}

# check NAME N PANE FILE [PART]: what was prepared as number N is there, looks
# like that part of the file, and nothing else is in the pane.
check() {
    local place
    place=$(at "$2")
    if ! wait_until is_shown "$(bytes "$2")" "$place" "$bytes_bar"; then
        not_ok "$1: shown at $place" "$shown_db dB, $bytes_bar were expected"
        return
    fi
    ok "$1: shown at $place"
    if looks_like "$(scaled "$4" "$place" "${5:-}")" "$like_bar"; then
        ok "$1: looks like the file"
    else
        not_ok "$1: looks like the file" "$shown_db dB, $like_bar were expected"
    fi
    if only_shown "$place" "$3"; then
        ok "$1: nothing beside it"
    else
        not_ok "$1: nothing beside it" "something else is in the pane $3"
    fi
}
