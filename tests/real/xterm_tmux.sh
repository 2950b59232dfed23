#!/bin/bash
# Pictures through tmux to a real xterm around it: the status bar below and above,
# splits, other windows, and allow-passthrough off.
. tests/support/tap.sh
. tests/support/real.sh
. tests/support/window.sh
. tests/support/tmux.sh

names=(IMG_0001.jpg IMG_0002.jpg IMG_0005.jpg IMG_0006.jpg IMG_0017.jpg)
photos=$scratch/photos
copy_samples "$photos" "${names[@]}"
cat >"$scratch/tmux.conf" <<'EOT'
set -g allow-passthrough on
set -g status-left ''
set -g status-right ''
set -g window-status-format ''
set -g window-status-current-format ''
EOT

# A pane full of text that does not change, without a cursor.
cat >"$scratch/other.sh" <<'EOT'
printf '\033[?25l'
for i in $(seq 60); do printf '%s other %0150d\n' "$i" 0; done
printf '\033]2;full\033\\'
exec sleep 1000
EOT

# tmux in xterm, with thumbtag in its only pane; what that says in the end stays.
tmux_in_xterm() {
    # shellcheck disable=SC2016
    window_start 120x40 env -u TMUX TMUX_TMPDIR="$scratch" tmux -L rig -f "$scratch/tmux.conf" \
        new-session bash -c '"$@" 2>"$0.err"; echo "$?" >"$0.tmp"; mv "$0.tmp" "$0"; read -r' \
        "$scratch/status" "$THUMBTAG" "$photos" "${thumbtag_arguments[@]}" \
        -o "$scratch/labels.csv" "$@"
    at_exit 'tm kill-server 2>/dev/null'
    wait_until has_pane
}

has_pane() {
    tmux_pane=$(tm list-panes -F '#{pane_id}' 2>/dev/null) && [ -n "$tmux_pane" ]
}

# other SPLIT-WINDOW-ARGUMENT...: another pane, full; thumbtag's keeps the keys.
other() {
    pane_other=$(tm split-window -P -F '#{pane_id}' -d "$@" "bash $scratch/other.sh")
    wait_until other_is_full
}

other_is_full() {
    [ "$(tm display-message -p -t "$pane_other" '#{pane_title}')" = full ]
}

is_place() {
    [ "$(tm display-message -p -t "$tmux_pane" '#{pane_left} #{pane_top} #{pane_width}x#{pane_height}')" = "$1" ]
}

# Waits until thumbtag has asked tmux what is to be seen.
wait_for_look() {
    tm set -g @looked no
    tm set-hook -g after-display-message 'set -g @looked yes'
    wait_until has_looked
    tm set-hook -gu after-display-message
}

has_looked() {
    [ "$(tm show -gv @looked)" = yes ]
}

window_display xterm

# The status bar below, then above.
prepare 120x39 right right right right
tmux_in_xterm
check "${names[0]}" 0 498x455+0+13 "${names[0]}"
keep_shot first.ppm
for i in 1 2 3 4; do
    window_key Right
    check "${names[i]}" "$i" 498x455+0+13 "${names[i]}"
    soon "${names[i]}: the status bar has not moved" same_pixels "$scratch/first.ppm" 720x13+0+507
done
window_key Home
soon 'the first picture again: the whole window is as it was' same_pixels "$scratch/first.ppm"
tm set -g status-position top
pane_y=13
check 'status bar above' 0 498x455+0+26 "${names[0]}"
tm set -g status-position bottom
pane_y=0
soon 'status bar below again: the whole window is as it was' same_pixels "$scratch/first.ppm"

# What covers it for a while.
tm copy-mode -t "$tmux_pane"
wait_until is_steady "$scratch/first.ppm"
wait_for_look
tm send-keys -t "$tmux_pane" -X cancel
soon 'copy mode left: the whole window is as it was' same_pixels "$scratch/first.ppm"
window_key question
soon 'help' sees 'any other key closes'
window_key Escape
soon 'help left: the whole window is as it was' same_pixels "$scratch/first.ppm"

# Another window, and a key that comes to the pane meanwhile.
window=$(tm new-window -P -F '#{window_id}' "bash $scratch/other.sh")
pane_other=$window
wait_until other_is_full
keep_shot window.ppm
tmux_keys Right
soon 'another window: the next picture is made' sees 'IMG_0002'
soon 'another window: nothing is painted over it' same_pixels "$scratch/window.ppm"
tm select-window -t "$tmux_pane"
check 'back from the other window' 1 498x455+0+13 "${names[1]}"
keep_shot back.ppm
tm set -g focus-events on
tm select-window -t "$window" ';' select-window -t "$tmux_pane"
soon 'there and back at once, with focus events' same_pixels "$scratch/back.ppm"
tm set -g focus-events off
tm kill-window -t "$window"

# Beside another pane.
other -h -b -l 30
soon 'split side by side' is_place '31 0 89x39'
prepare 89x39 right right right
pane_x=186
check 'right of another pane' 1 348x455+186+13 "${names[1]}"
keep_shot split.ppm
window_key Right
check 'right of another pane, the next' 2 348x455+186+13 "${names[2]}"
soon 'the other pane is as it was' same_pixels "$scratch/split.ppm" 186x520+0+0
tm swap-pane -d -s "$tmux_pane" -t "$pane_other"
tm resize-pane -t "$tmux_pane" -x 89
soon 'the panes swapped' is_place '0 0 89x39'
pane_x=0
check 'left of another pane' 2 348x455+0+13 "${names[2]}"
keep_shot split.ppm
tmux_keys Home
check 'left of another pane, the first' 0 348x455+0+13 "${names[0]}"
soon 'the pane on the right is as it was' same_pixels "$scratch/split.ppm" 180x507+540+0
tm resize-pane -Z -t "$pane_other"
keep_shot zoomed.ppm split.ppm
tmux_keys Right
soon 'the other pane zoomed: the picture is made' sees 'IMG_0002'
soon 'the other pane zoomed: nothing is painted over it' same_pixels "$scratch/zoomed.ppm"
tm resize-pane -Z -t "$pane_other"
check 'zoomed out again, another pane active' 1 348x455+0+13 "${names[1]}"
tmux_keys Right
check 'another pane active, the next' 2 348x455+0+13 "${names[2]}"
tmux_keys Left
tm select-pane -t "$tmux_pane"
check 'active again, the one before' 1 348x455+0+13 "${names[1]}"
kill -STOP "$window_pid"
tmux_keys Right
wait_until sees 'IMG_0005'
tm select-pane -t "$pane_other" ';' send-keys -t "$tmux_pane" Right
soon 'the keys lost before the terminal has answered: the next is drawn' sees 'IMG_0006'
kill -CONT "$window_pid"
check 'the terminal goes on' 3 348x455+0+13 "${names[3]}"
tmux_keys Left
check 'and back' 2 348x455+0+13 "${names[2]}"
tmux_keys Left
tm select-pane -t "$tmux_pane"
tm kill-pane -t "$pane_other"

# Below another pane, and resized twice.
other -v -b -l 9
soon 'split one above the other' is_place '0 10 120x29'
prepare 120x29 right right
pane_y=130
check 'below another pane' 1 498x325+0+143 "${names[1]}"
keep_shot split.ppm
window_key Right
check 'below another pane, the next' 2 498x325+0+143 "${names[2]}"
soon 'the other pane is as it was' same_pixels "$scratch/split.ppm" 720x117+0+0
tm kill-pane -t "$pane_other"
pane_y=0
prepare 100x29 right right
window_resize 100x30
check 'smaller window' 2 414x325+0+13 "${names[2]}"
prepare 150x49 right right
window_resize 150x50 5 7
check 'larger window' 2 624x585+0+13 "${names[2]}"
window_key Q
soon 'quits' test -s "$scratch/status"
is "$(<"$scratch/status")" 0 'exit status'
soon 'nothing of the picture is left behind' is_black 905x600+0+26
tm kill-server
window_wait

# tmux that passes nothing through: it says so, and blocks are drawn.
rm "$scratch/status"
sed -i 's/passthrough on/passthrough off/' "$scratch/tmux.conf"
tmux_in_xterm
soon 'passthrough off: blocks' sees "$tmux_blocks"
soon 'passthrough off: the line that turns it on' sees 'tmux set -p allow-passthrough on'
window_key Q
soon 'quits' test -s "$scratch/status"
window_key Return
window_wait
finish
