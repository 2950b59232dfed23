# A real terminal with sixel in a window of an X server of its own, and
# photographs of it. To be sourced behind real.sh.
#
# Which terminals there are, a row each in $terminals: the commands that it needs;
# how it is started, found and resized are the functions NAME_start SIZE COMMAND…,
# NAME_find and NAME_resize WIDTH HEIGHT. All have cells of 6x13 pixels, text in
# black and white, and no margin within a photograph: its 0,0 is that of the text.
#
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # scratch, patience: real.sh; used by those who source this
declare -A terminals=(
    [xterm]='xterm'
    [mlterm]='mlterm'
    [foot]='foot weston'
    [kitty]='kitty script base64' # started by kitty.sh
)
cell_w=6 cell_h=13
window_kind=          # its terminal's name
window_pid=           # of the terminal
window_id=            # the X window that gets the keys
window_x=0 window_y=0 # where the text begins on the screen
window_w=0 window_h=0 # of the text, in pixels
screen=1280x960
shot=$scratch/shot.ppm
photo=$(dirname "$THUMBTAG")/tests/tools/photo
resting=$(dirname "$THUMBTAG")/tests/tools/resting
window_font=-misc-fixed-medium-r-semicondensed--13-120-75-75-c-60-iso10646-1

# window_display TERMINAL: starts the X server, on a free display; skips the test
# file where that or the terminal is not to be had. A black screen is in black.ppm.
window_display() {
    local -a commands
    window_kind=$1
    read -ra commands <<<"${terminals[$window_kind]}"
    need Xvfb xdotool convert sixel2png "${commands[@]}"
    mkdir "$scratch/screen"
    Xvfb -displayfd 3 -screen 0 "${screen}x24" -fbdir "$scratch/screen" -nocursor -nolisten tcp -noreset \
        3>"$scratch/display" >/dev/null 2>&1 &
    at_exit "kill $! 2>/dev/null; wait $! 2>/dev/null"
    if ! wait_until test -s "$scratch/display"; then
        skip_all 'Xvfb does not start'
    fi
    DISPLAY=:$(<"$scratch/display")
    export DISPLAY
    convert -size "$screen" xc:black -depth 8 "$scratch/black.ppm"
    if declare -F "${window_kind}_display" >/dev/null; then
        "${window_kind}_display"
    fi
}

# window_start COLSxROWS COMMAND...: false when no window comes.
window_start() {
    window_w=$((${1%x*} * cell_w)) window_h=$((${1#*x} * cell_h))
    "${window_kind}_start" "$@" >"$scratch/$window_kind.err" 2>&1 &
    window_pid=$!
    at_exit "kill $window_pid 2>/dev/null"
    wait_until "${window_kind}_find" && xdotool windowfocus --sync "$window_id"
}

# window_search OPTION PATTERN: sets $window_id to that window.
window_search() {
    window_id=$(xdotool search --onlyvisible "$1" "^$2\$" 2>/dev/null) && [ -n "$window_id" ]
}

# Waits until it has closed; the program inside has ended.
window_wait() {
    wait_until is_gone "$window_pid"
}

# window_key NAME...: by X's names: Right, question, Z.
window_key() {
    xdotool key "$@"
}

# window_leave KEY COMMAND...: presses the key until the command succeeds; for keys that
# do no harm when they come twice, as a window on a busy machine may lose one.
window_leave() {
    local key=$1 tries=$((patience / 10)) patience=10
    shift
    window_key "$key"
    until wait_until "$@" || [ "$tries" -eq 0 ]; do
        tries=$((tries - 1))
        window_key "$key"
    done
}

# window_resize COLSxROWS [WIDTH HEIGHT]: and so many pixels more.
window_resize() {
    local w=$((${1%x*} * cell_w + ${2:-0})) h=$((${1#*x} * cell_h + ${3:-0}))
    "${window_kind}_resize" "$w" "$h"
    window_w=$w window_h=$h
}

# ------------------------------------------------------------------- the rows

xterm_start() {
    local size=$1
    shift
    exec xterm -ti vt340 -tn xterm-256color -u8 -geometry "$size+0+0" -fn "$window_font" \
        -b 0 -bw 0 +sb -bg black -fg white -T rig -xrm 'XTerm*allowTitleOps: false' \
        -xrm 'XTerm*cursorBlink: false' -xrm 'XTerm*numColorRegisters: 1024' \
        -xrm 'XTerm*maxGraphicSize: 2000x2000' -e "$@"
}

xterm_find() {
    window_search --name rig
}

xterm_resize() {
    xdotool windowsize "$window_id" "$1" "$2"
}

# mlterm has a border of two pixels. Of DejaVu Sans Mono at 10 pixels a cell is 6x12,
# and a row of pixels is added. Without soft edges, which depend on what was there
# before.
mlterm_start() {
    local size=$1
    shift
    mkdir -p "$scratch/mlterm"
    cat >"$scratch/mlterm/fonts.conf" <<EOT
<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<include>/etc/fonts/fonts.conf</include>
<match target="font"><edit name="antialias" mode="assign"><bool>false</bool></edit></match>
</fontconfig>
EOT
    HOME=$scratch/mlterm FONTCONFIG_FILE=$scratch/mlterm/fonts.conf exec mlterm --type=xft \
        --sb=false --im=none --logmsg=false --border=2 --geometry "$size+0+0" \
        --deffont='DejaVu Sans Mono' --fontsize=10 --lsp=1 --bdfont=false --bg=black --fg=white \
        --title=rig --term=xterm-256color --km=UTF-8 -e "$@"
}

mlterm_find() {
    window_x=2 window_y=2
    window_search --name rig
}

mlterm_resize() {
    xdotool windowsize "$window_id" $(($1 + 4)) $(($2 + 4))
}

# foot knows Wayland only: it runs in weston, and that in an X window, whose keys it
# takes. Weston's kiosk has no desktop: what runs in it fills it, at 0,0. So the window has
# one size. The pointer is of one transparent pixel, as weston draws it into the picture.
foot_size=120x40

foot_display() {
    local name
    export XDG_RUNTIME_DIR=$scratch/wayland XCURSOR_PATH=$scratch/icons XCURSOR_THEME=none
    mkdir -m 700 "$XDG_RUNTIME_DIR"
    mkdir -p "$scratch/icons/none/cursors"
    { # of 24 pixels nominally: Xcursor(3)
        printf 'Xcur\x10\0\0\0\0\0\1\0\1\0\0\0\2\0\xfd\xff\x18\0\0\0\x1c\0\0\0' # head, contents
        printf '\x24\0\0\0\2\0\xfd\xff\x18\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0' # 1x1
        printf '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'                     # at 0,0; no delay; the pixel
    } >"$scratch/icons/none/cursors/default"
    for name in left_ptr xterm text; do
        ln "$scratch/icons/none/cursors/default" "$scratch/icons/none/cursors/$name"
    done
    cat >"$scratch/weston.ini" <<EOT
[core]
shell=kiosk-shell.so
idle-time=0
[output]
name=screen0
mode=$((${foot_size%x*} * cell_w))x$((${foot_size#*x} * cell_h))
EOT
    cat >"$scratch/foot.ini" <<EOT
font=DejaVu Sans Mono:pixelsize=10
line-height=${cell_h}px
pad=0x0
term=xterm-256color
title=rig
locked-title=yes
[colors]
background=000000
foreground=ffffff
[csd]
preferred=none
size=0
EOT
    weston --backend=x11-backend.so --use-pixman --config="$scratch/weston.ini" --socket=rig \
        >"$scratch/weston.log" 2>&1 &
    at_exit "kill $! 2>/dev/null; wait $! 2>/dev/null"
    if ! wait_until foot_display_is_up; then
        skip_all "weston does not start: $(tail -n 1 "$scratch/weston.log")"
    fi
}

foot_display_is_up() {
    [ -S "$XDG_RUNTIME_DIR/rig" ] && window_search --classname weston-1
}

foot_start() {
    local size=$1
    shift
    [ "$size" = "$foot_size" ] || return 1
    WAYLAND_DISPLAY=rig exec foot --config="$scratch/foot.ini" "$@"
}

foot_find() {
    window_search --classname weston-1
}

# ------------------------------------------------------------- the photographs

photograph() {
    "$photo" take "$scratch/screen/Xvfb_screen0" "$screen+$window_x+$window_y" "$shot"
}

# is_shown REFERENCE WxH+X+Y BAR: does a new photograph hold that picture there?
is_shown() {
    local reference=$1
    photograph
    case $reference in
    *.ppm) ;;
    *)
        reference=$scratch/reference.ppm
        convert "$1" -depth 8 "$reference" 2>/dev/null || return 1
        ;;
    esac
    shown_db=$("$photo" psnr "$shot" "$2" "$reference")
    [ "$shown_db" -ge "$3" ]
}

# looks_like REFERENCE WxH+X+Y BAR: does that part of the last photograph, both blurred
# as the eye does, since dithered?
looks_like() {
    "$photo" crop "$shot" "$2" "$scratch/crop.ppm"
    convert "$scratch/crop.ppm" -blur 0x1 -depth 8 "$scratch/crop-blurred.ppm"
    convert "$1" -blur 0x1 -depth 8 "$scratch/reference-blurred.ppm"
    shown_db=$("$photo" psnr "$scratch/crop-blurred.ppm" all "$scratch/reference-blurred.ppm")
    [ "$shown_db" -ge "$3" ]
}

# is_alone WxH+X+Y PANE: is the rest of that part of a new photograph black?
is_alone() {
    photograph
    "$photo" black "$shot" "$2" "$1"
}

# is_black RECTANGLE: of a new photograph
is_black() {
    photograph
    "$photo" black "$shot" "$1"
}

# same_pixels FILE [RECTANGLE]: is that part of a new photograph the same in FILE?
same_pixels() {
    photograph
    [ "$("$photo" differ "$shot" "${2:-all}" "$1")" = 0 ]
}

# is_steady FILE [RECTANGLE]: photographs of half a second are all the same, and not like
# FILE, and meanwhile nobody had anything to do: the terminal, what writes to it, what lies
# between them, the X server. On a busy machine a half-painted screen may stand for longer.
is_steady() {
    local i
    photograph
    cp "$shot" "$scratch/steady.ppm"
    ! same_pixels "$1" "${2:-}" || return 1
    for i in 1 2 3 4 5; do
        sleep 0.1
        "$resting" "$$" "$scratch" || return 1
        same_pixels "$scratch/steady.ppm" "${2:-}" || return 1
    done
}

# keep_shot NAME.ppm [BEFORE.ppm [RECTANGLE]]: keeps a photograph in $scratch, to compare with
# later ones, once it is steady and not like BEFORE, or not black.
keep_shot() {
    wait_until is_steady "$scratch/${2:-black.ppm}" "${3:-}" || return 1
    cp "$shot" "$scratch/$1"
}

# ------------------------------------------ what is to be seen, and whether it is
# Two references. The bytes that the program writes, decoded by sixel2png: the
# terminals show these to 50 dB and better, the rounding of colours apart, so 40 dB
# are missed by any misplaced, cut or overwritten part. And the file, decoded and
# scaled by ImageMagick, which knows nothing of our code: 43 dB after a slight
# blur, as dithering is to be seen through; a shift by one pixel costs 10 dB,
# another picture 30. The bar is 37.
bytes_bar=40
like_bar=37
thumbtag_arguments=(--order file --embeddings 0 --level default -c cat,dog)

# Where the terminal that was prepared for lies in the window, in pixels.
pane_x=0 pane_y=0

# prepare COLSxROWS [KEY...]: what is to be seen of $photos in a terminal of that
# size, before and after each of these keys (ptyterm's names): `at N` and `bytes N`
# tell, counted from 0, of what was prepared last.
prepare() {
    local size=$1
    shift
    wanted=$scratch/want/$size-$*
    [ ! -d "$wanted" ] || return 0
    mkdir -p "$wanted"
    { echo wait ready && printf 'key %s\nwait ready\n' "$@" && echo key Q; } |
        "$ptyterm" -g "$size" -c "${cell_w}x$cell_h" -d "$wanted" "$THUMBTAG" "$photos" \
            "${thumbtag_arguments[@]}" -o "$scratch/prepare.csv" >"$scratch/ptyterm.log"
}

# In the photograph, as WxH+X+Y.
at() {
    local w h x y
    IFS=x+ read -r w h x y <"$wanted/$(($1 + 1)).at"
    echo "${w}x$h+$((x + pane_x))+$((y + pane_y))"
}

bytes() {
    local reference=$wanted/$1.ppm
    if [ ! -s "$reference" ]; then
        sixel2png -i "$wanted/$(($1 + 1)).six" -o "$wanted/$1.png"
        convert "$wanted/$1.png" -depth 8 "$reference"
    fi
    echo "$reference"
}

# scaled FILE WxH+X+Y [zoomed ROWS]: the file by ImageMagick; or, where it is zoomed twice
# as large as it fits into the pane, as much of it about the middle as there is room for;
# ROWS of pixels of that room are no whole band of sixel.
scaled() {
    local w h all_w all_h part_w part_h
    local -a crop=()
    if [ -n "${3:-}" ]; then
        IFS=x read -r w h <<<"${2%%+*}"
        h=$((h + ${4:-0}))
        read -r all_w all_h < <(convert "$photos/$1" -auto-orient -format '%w %h\n' info:)
        part_w=$((all_w / 2)) part_h=$((all_h / 2))
        if [ $((w * all_h)) -lt $((h * all_w)) ]; then
            part_h=$(((part_w * h + w / 2) / w))
        else
            part_w=$(((part_h * w + h / 2) / h))
        fi
        crop=(-crop "${part_w}x$part_h+$((all_w / 2 - part_w / 2))+$((all_h / 2 - part_h / 2))" +repage)
    fi
    convert "$photos/$1" -auto-orient "${crop[@]}" -resize "${2%%+*}!" "$scratch/scaled.png"
    echo "$scratch/scaled.png"
}

# check NAME N PANE [FILE [zoomed]]: what was prepared as number N is there, looks
# like that part of the file, where one is named, and nothing else is in the pane.
check() {
    local place
    place=$(at "$2")
    if ! wait_until is_shown "$(bytes "$2")" "$place" "$bytes_bar"; then
        not_ok "$1: shown at $place" "$shown_db dB, $bytes_bar were expected"
        return
    fi
    ok "$1: shown at $place"
    if wait_until is_alone "$place" "$3"; then
        ok "$1: nothing beside it"
    else
        not_ok "$1: nothing beside it" "something else is in the pane $3"
    fi
    [ -n "${4:-}" ] || return 0
    local rows=0
    until looks_like "$(scaled "$4" "$place" "${5:-}" "$rows")" "$place" "$like_bar" ||
        [ "$rows" = 5 ] || [ -z "${5:-}" ]; do
        rows=$((rows + 1))
    done
    if [ "$shown_db" -ge "$like_bar" ]; then
        ok "$1: looks like the file"
    else
        not_ok "$1: looks like the file" "$shown_db dB, $like_bar were expected"
    fi
}
