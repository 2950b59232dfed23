# A shell in a tmux of its own, without anyone's configuration. To be sourced
# behind real.sh.
#
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # scratch, patience: real.sh; for those that source this
need tmux pgrep
tmux_pane=

tm() {
    TMUX_TMPDIR=$scratch tmux -L rig -f /dev/null "$@"
}

# tmux_start COLSxROWS: an interactive bash, prompt "rig$ ", in a window of that
# size; keys go there from now on. The first one starts the server.
tmux_start() {
    [ -n "$tmux_pane" ] || at_exit 'tm kill-server 2>/dev/null'
    tmux_pane=$(HISTFILE='' tm new-session -d -P -F '#{pane_id}' -x "${1%x*}" -y "${1#*x}" \
        'PS1="rig\$ " exec bash --norc --noprofile')
    wait_until sees '^rig\$'
}

# tmux_keys NAME...: by tmux's names: 1 Enter C-z BSpace Space.
tmux_keys() {
    tm send-keys -t "$tmux_pane" "$@"
}

# press KEY PATTERN NAME: a test that the key leads to that screen. A key that
# came before its picture was there is pressed again, as the program asks for.
press() {
    local tries=$((patience / 2)) patience=2
    tmux_keys "$1"
    until wait_until sees "$2" || [ "$tries" -eq 0 ]; do
        tries=$((tries - 1))
        ! sees 'Ignored: ' || tmux_keys "$1"
    done
    if sees "$2"; then
        ok "$3"
    else
        not_ok "$3" "no '$2' in:"$'\n'"$(tmux_screen)"
    fi
}

# tmux_type TEXT: as it is, and Enter.
tmux_type() {
    tm send-keys -t "$tmux_pane" -l "$1"
    tm send-keys -t "$tmux_pane" Enter
}

# What the pane shows, lines without blanks at their ends.
tmux_screen() {
    tm capture-pane -p -t "$tmux_pane" 2>/dev/null
}

# What text blocks are drawn with and nothing else on the screen is.
tmux_blocks='▀|▄|▐|▖|▗|▘|▙|▚|▛|▜|▝|▞|▟'

# sees PATTERN: has a line of the screen that?
sees() {
    tmux_screen | grep -qE -- "$1"
}

sees_no() {
    ! sees "$1"
}

# fits ROWS: is the program's screen, of that height, drawn anew?
fits() {
    local text
    text=$(tmux_screen)
    [[ $(head -n 1 <<<"$text") == *thumbtag*" of "* &&
        $(sed -n "$(($1 - 2))p" <<<"$text") == *IMG_00* &&
        $(sed -n "${1}p" <<<"$text") == *help*quit* ]]
}

# The process that runs under the shell.
tmux_child() {
    pgrep -P "$(tm display-message -p -t "$tmux_pane" '#{pane_pid}')"
}

# tmux_modes NAME: the terminal's modes, as the shell's commands find them, into
# $scratch/NAME.
tmux_modes() {
    rm -f "$scratch/$1"
    tmux_type "clear; stty -a >$scratch/$1.tmp; mv $scratch/$1.tmp $scratch/$1"
    wait_until test -s "$scratch/$1"
    wait_until sees 'rig\$'
}
