# A real xterm with sixel, on an X server of its own, and photographs of it.
# To be sourced behind real.sh. Text begins at 0,0, and a cell is 6x13 pixels.
#
# shellcheck shell=bash
# shellcheck disable=SC2154  # scratch, patience: real.sh
need Xvfb xterm xdotool import convert compare
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
    xterm_window=$(xdotool search --onlyvisible --name "^$1\$" 2>/dev/null) && [ -n "$xterm_window" ]
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
    [ "$(compare -metric AE ${2:+-extract "$2"} "$xterm_shot" ${2:+-extract "$2"} "$1" null: 2>&1)" = 0 ]
}

# is_steady: two photographs in succession are the same, and not like FILE.
is_steady() {
    photograph
    cp "$xterm_shot" "$scratch/steady.ppm"
    ! same_pixels "$1" && same_pixels "$scratch/steady.ppm"
}
