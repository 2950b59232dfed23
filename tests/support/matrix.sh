# One terminal, used alone, in tmux, over ssh and over ssh in tmux: the pictures of
# a session are photographed and compared with what is to be seen, through keys,
# the help, two resizes and the end. Nothing else may be in the pane at any time.
# To be sourced behind window.sh, sshd.sh and tmux.sh.
#
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # the files named above
other=25 # dB that two pictures which have nothing in common stay below

# Portrait, landscape, square and a strip; the small one is not enlarged, and comes
# behind a larger one.
names=(IMG_0002.jpg IMG_0001.jpg IMG_0005.jpg IMG_0006.jpg IMG_0017.jpg)
sizes=(120x40 100x30 150x50) # of the window: at first, and after each resize
spare=(5 7)                  # pixels of the last one that make no cell
photos=$scratch/photos
csv=$scratch/labels.csv

# What runs in the terminal: first without pictures, as a reference, then with
# them. Each time ends with a line, and a key.
write_session() {
    cat >"$scratch/session" <<EOT
#!/bin/bash
export LC_ALL=C.UTF-8 HOME=$scratch/home PS1=
for protocol in none auto; do
    $THUMBTAG $photos ${thumbtag_arguments[*]} --protocol \$protocol -o $csv 2>$scratch/session.err
    echo "\$?" >$scratch/status.tmp
    stty -echo
    clear
    printf 'The end'
    mv $scratch/status.tmp $scratch/status
    read -r
done
EOT
    chmod +x "$scratch/session"
}

# In tmux the pane lies beside another one and below the status line.
write_tmux() {
    cat >"$scratch/tmux.conf" <<EOT
set -g status-position top
set -g status-interval 0
set -g status-right ''
set -g allow-passthrough on
set -g default-terminal tmux-256color
set -s escape-time 0
EOT
    cat >"$scratch/tmux" <<EOT
#!/bin/bash
export TMUX_TMPDIR=$scratch LC_ALL=C.UTF-8 HOME=$scratch/home
exec tmux -L rig -f $scratch/tmux.conf new-session -s rig 'while :; do printf other; read -r; done' \; \
    split-window -h -l 99 $scratch/session
EOT
    chmod +x "$scratch/tmux"
}

# The ways to the program: what the terminal runs.
declare -A ways=(
    [alone]="$scratch/session"
    [tmux]="$scratch/tmux"
    [ssh]="${ssh[*]} -t $scratch/session"
    [ssh+tmux]="${ssh[*]} -t $scratch/tmux"
)

# tmux_pane_is COLSxROWS: has the window of tmux come to that size, and its second pane,
# which reaches to its right and lower edges? Then that pane's left, top, width and height
# in cells are $left … $rows. The client's size comes first, that of the panes later.
tmux_pane_is() {
    local size
    read -r size left top cols rows < <(tm display-message -p -t rig:.1 \
        '#{client_width}x#{client_height} #{pane_left} #{pane_top} #{pane_width} #{pane_height}' \
        2>/dev/null)
    top=$((top + 1)) # below the status line
    [ "$size" = "$1" ] && [ "$((left + cols))x$((top + rows))" = "$1" ]
}

tmux_is_gone() {
    ! tm list-sessions >/dev/null 2>&1
}

# expect COLSxROWS: of the window; sets $pane, in which pictures are, and $text,
# the whole of the program's screen, and prepares the pictures of that size.
expect() {
    local panel
    left=0 top=0 cols=${1%x*} rows=${1#*x}
    if [[ $way == *tmux ]]; then
        wait_until tmux_pane_is "$1"
    fi
    pane_x=$((left * cell_w)) pane_y=$((top * cell_h))
    panel=$((cols * 3 / 10))
    panel=$((panel < 32 ? 32 : panel > 46 ? 46 : panel))
    pane=$(((cols - panel - 1) * cell_w))x$(((rows - 4) * cell_h))+$pane_x+$((pane_y + cell_h))
    title=300x$cell_h+$pane_x+$pane_y
    hints=$((cols * cell_w))x$cell_h+$pane_x+$((pane_y + (rows - 1) * cell_h))
    text=$((cols * cell_w))x$((rows * cell_h))+$pane_x+$pane_y
    prepare "${cols}x$rows" right right right right home right Z Z
}

# Photographs help with no picture to be seen behind it, and the way to the run
# with pictures.
run_without_pictures() {
    keep_shot none.ppm black.ppm "$text"
    if is_shown "$(bytes 0)" "$(at 0)" "$other"; then
        not_ok "$way: without pictures: it is seen that none is shown" "$shown_db dB"
    else
        ok "$way: without pictures: it is seen that none is shown"
    fi
    window_key question
    keep_shot help.ppm none.ppm "$text"
    window_key Escape
    wait_until same_pixels "$scratch/none.ppm" "$text"
    window_leave Q test -s "$scratch/status"
    soon "$way: without pictures: quits" test -s "$scratch/status"
    rm -f "$scratch/status"
    window_key Return
}

run_pictures() {
    local i
    check "$way: ${names[0]}" 0 "$pane" "${names[0]}"
    keep_shot first.ppm black.ppm "$text" # the text too
    for i in 1 2 3 4; do
        window_key Right
        check "$way: ${names[i]}" "$i" "$pane" "${names[i]}"
        if ! same_pixels "$scratch/first.ppm" "$title" || ! same_pixels "$scratch/first.ppm" "$hints"; then
            not_ok "$way: ${names[i]}: the text around it has not moved"
        fi
    done
    window_key Home
    soon "$way: the first picture again: all is as it was" same_pixels "$scratch/first.ppm" "$text"
    window_key question
    soon "$way: help: nothing of the picture is left" same_pixels "$scratch/help.ppm" "$text"
    window_key Escape
    soon "$way: help left: all is as it was" same_pixels "$scratch/first.ppm" "$text"
    window_key Right Z
    check "$way: zoomed" 7 "$pane" "${names[1]}" zoomed
    window_key Z
    check "$way: zoomed out" 8 "$pane" "${names[1]}"
}

run_resizes() {
    declare -F "${window_kind}_resize" >/dev/null || return 0
    window_resize "${sizes[1]}"
    expect "${sizes[1]}"
    check "$way: smaller window" 1 "$pane" "${names[1]}"
    window_resize "${sizes[2]}" "${spare[@]}"
    expect "${sizes[2]}"
    check "$way: larger window" 1 "$pane" "${names[1]}"
    if [[ $way == *tmux ]]; then
        soon "$way: nothing in the pane beside it" is_black \
            "$((pane_x - 1 - cell_w))x$(((rows - 1) * cell_h))+0+$((2 * cell_h))"
    fi
}

run_end() {
    window_key 1
    wait_until test -s "$csv"
    wait_until grep -q labeled "$csv"
    window_leave Q test -s "$scratch/status"
    soon "$way: quits" test -s "$scratch/status"
    is "$(<"$scratch/status")" 0 "$way: exit status"
    is "$(given "$csv")" "${names[1]}=cat" "$way: the CSV holds the answer"
    soon "$way: nothing of the picture is left behind" is_black \
        "$((cols * cell_w))x$(((rows - 1) * cell_h))+$pane_x+$((pane_y + cell_h))"
}

# run_way NAME: one row of the matrix.
run_way() {
    local -a command
    local failed part
    way=$1
    read -ra command <<<"${ways[$way]}"
    rm -f "$csv" "$scratch/status"
    if ! window_start "${sizes[0]}" "${command[@]}"; then
        not_ok "$way: $window_kind opens a window" "$(tail -n 3 "$scratch/$window_kind.err")"
        return
    fi
    expect "${sizes[0]}"
    failed=$tap_failed
    for part in run_without_pictures run_pictures run_resizes run_end; do
        "$part"
        [ "$tap_failed" -eq "$failed" ] || break # what follows would wait in vain
    done
    kill "$window_pid"
    window_wait
    tm kill-server 2>/dev/null
    wait_until tmux_is_gone
}

# run_matrix TERMINAL WAY...
run_matrix() {
    local terminal=$1 name
    shift
    at_exit 'tm kill-server 2>/dev/null'
    copy_samples "$photos" "${names[@]}"
    # In the order of the list.
    for i in "${!names[@]}"; do
        mv "$photos/${names[i]}" "$photos/$i-${names[i]}"
        names[i]=$i-${names[i]}
    done
    mkdir "$scratch/home"
    window_display "$terminal"
    write_session
    write_tmux
    for name in "$@"; do
        run_way "$name"
    done
}
