# A slow line to another host, both of them network namespaces of the test's own,
# and real ssh across; or, where these are not to be had, a terminal (ptyterm) that
# is as slow. To be sourced behind sshd.sh.
#
#     link_start MS PERCENT   a line of 1 Mbit/s with that delay each way and loss
#     link_terminal OPTION... ptyterm on this side, with a script on standard input
#                             and $link_program running on the other side
#
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # scratch, ptyterm, …: real.sh, sshd.sh
link_rate=1000000 # bits a second
link_here=rig-here-$$ link_there=rig-there-$$
link_line=        # the process that is the line
link_sshd=        # not empty: ssh runs across namespaces

# Does all go when the test ends? The namespaces hold nothing else.
link_namespaces() {
    [ "$(id -u)" = 0 ] && [ -c /dev/net/tun ] && command -v ip >/dev/null || return 1
    at_exit "ip netns del $link_there 2>/dev/null; ip netns del $link_here 2>/dev/null"
    ip netns add "$link_here" 2>/dev/null && ip netns add "$link_there" 2>/dev/null
}

link_is_ready() {
    grep -q ready "$scratch/line.log"
}

# link_line MS PERCENT: the line alone.
link_make_line() {
    local name address=1
    if [ -n "$link_line" ]; then
        kill "$link_line"
        wait "$link_line" 2>/dev/null
    fi
    : >"$scratch/line.log"
    "${ptyterm%/*}/slowlink" -r "$link_rate" -d "$1" -p "$2" "$link_here" "$link_there" \
        >"$scratch/line.log" 2>&1 &
    link_line=$!
    at_exit "kill $link_line 2>/dev/null; wait $link_line 2>/dev/null"
    wait_until link_is_ready || return 1
    for name in "$link_here" "$link_there"; do
        ip -n "$name" addr add "192.0.2.$address/30" dev line &&
            ip -n "$name" link set line up || return 1
        address=$((address + 1))
    done
}

# Finds out which way to go; says so in $link_how.
link_prepare() {
    if link_namespaces && link_make_line 0 0; then
        link_sshd=yes
        link_how='ssh between namespaces'
        sshd_address=192.0.2.2
        sshd_within=(ip netns exec "$link_there")
        ssh_within=(ip netns exec "$link_here")
        sshd_start
    else
        link_how='a slow terminal'
    fi
}

link_start() {
    link_delay=$1 link_loss=$2
    [ -z "$link_sshd" ] || link_make_line "$1" "$2"
}

link_terminal() {
    local -a slow=(-r $((link_rate / 8)) -l "$link_delay")
    if [ -n "$link_sshd" ]; then
        "${ssh_within[@]}" "$ptyterm" "$@" "${ssh[@]}" -t "exec ${link_program[*]}"
    else
        [ "$link_loss" = 0 ] || slow+=(-k 2000,300)
        "$ptyterm" "$@" "${slow[@]}" "${link_program[@]}"
    fi
}
