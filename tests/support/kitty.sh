# A real kitty, drawn by software, on an X server of its own. To be sourced
# behind window.sh, whose photographs and keys serve for it too. Text begins at
# 0,0; the size of a cell, kitty_cell_w x kitty_cell_h, depends on the font.
#
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # scratch, patience: real.sh; window_*: window.sh
kitty_sent=$scratch/sent # what the program writes, and kitty gets

# Has it a window, and runs the program in it? Or has it given up?
kitty_runs() {
    xdotool search --onlyvisible --class kitty >"$scratch/windows" 2>/dev/null &&
        [ -s "$scratch/windows" ] && [ -e "$kitty_sent" ]
}
kitty_decided() {
    kitty_runs || is_gone "$window_pid"
}

# kitty_start COLSxROWS PROGRAM...: its exit status is in $scratch/status at the
# end; kitty goes with the next Return. Fails when kitty does not start.
kitty_start() {
    local size=$1 width
    shift
    rm -f "$scratch/status" "$kitty_sent"
    # shellcheck disable=SC2016
    LIBGL_ALWAYS_SOFTWARE=1 KITTY_CONFIG_DIRECTORY=$scratch/kitty XDG_CACHE_HOME=$scratch/kitty \
        kitty --config NONE -o font_family='DejaVu Sans Mono' -o font_size=9 \
        -o initial_window_width="${size%x*}c" -o initial_window_height="${size#*x}c" \
        -o remember_window_size=no -o window_padding_width=0 -o placement_strategy=top-left \
        -o cursor_blink_interval=0 -o enable_audio_bell=no -o visual_bell_duration=0 \
        -o update_check_interval=0 -o confirm_os_window_close=0 -o shell_integration=disabled \
        -o foreground=#ffffff -o background=#000000 -o resize_debounce_time=0 \
        bash -c 'script -q -e -f -c "$1" "$0/sent" </dev/tty; echo $? >"$0/tmp"
            echo The end; mv "$0/tmp" "$0/status"; read -r' \
        "$scratch" "$(printf '%q ' "$@") 2>/dev/null" >"$scratch/kitty.log" 2>&1 &
    window_pid=$!
    at_exit "kill $window_pid 2>/dev/null"
    if ! wait_until kitty_decided || ! kitty_runs; then
        return 1
    fi
    window_id=$(head -n 1 "$scratch/windows")
    xdotool windowfocus --sync "$window_id"
    width=$(xdotool getwindowgeometry --shell "$window_id" | sed -n 's/^WIDTH=//p')
    kitty_cell_w=$((width / ${size%x*}))
    width=$(xdotool getwindowgeometry --shell "$window_id" | sed -n 's/^HEIGHT=//p')
    kitty_cell_h=$((width / ${size#*x}))
}

# The last picture that was sent, whole or not, as PNG.
kitty_last() {
    awk 'BEGIN { RS = "\033" }
        /^_Ga=T/ { text = "" }
        /^_G/ { split($0, part, ";"); text = text part[2] }
        END { print text }' "$kitty_sent" 2>/dev/null | base64 -d >"$scratch/last.png" 2>/dev/null
    echo "$scratch/last.png"
}
