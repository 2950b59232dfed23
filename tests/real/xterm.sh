#!/bin/bash
# Pictures in a real xterm, alone, in tmux, over ssh and both. timeout: 900
. tests/support/tap.sh
. tests/support/real.sh
. tests/support/window.sh
. tests/support/sshd.sh
. tests/support/tmux.sh
. tests/support/matrix.sh
sshd_start
run_matrix xterm alone ssh tmux ssh+tmux

# C3: lists beside the picture move, the picture does not. What stands on the screen
# otherwise, such as the list, must have changed, or the keys have not come.
picture_stays() { # NAME KEY...
    local name=$1
    shift
    keep_shot before.ppm
    window_key "$@"
    if keep_shot after.ppm before.ppm &&
        same_pixels "$scratch/before.ppm" "$picture"; then
        ok "C3 $name: the picture is as it was"
    else
        not_ok "C3 $name: the picture is as it was" "$("$photo" differ "$shot" "$picture" "$scratch/before.ppm") pixels differ"
    fi
}
pane_x=0 pane_y=0
prepare 100x55
picture=$(at 0)
window_start 100x55 "$THUMBTAG" "$photos" "${thumbtag_arguments[@]}" -m none \
    -c "$(seq -s, -f 'class-%g' 1 40)" -o "$scratch/c3.csv"
if wait_until is_steady "$scratch/black.ppm"; then
    picture_stays 'the picker opens' semicolon
    picture_stays 'a letter typed' 3
    picture_stays 'another' 9
    picture_stays 'all erased' BackSpace BackSpace
    picture_stays 'down' Down Down Down
    picture_stays 'a page down' Next
    picture_stays 'the picker is left' Escape
    picture_stays 'a message' F5
    picture_stays 'a prompt' numbersign 1 2
    picture_stays 'erased' BackSpace BackSpace
    picture_stays 'left' Escape
    picture_stays 'another prompt' slash I M G
else
    not_ok 'C3 a session with 40 classes starts'
fi
window_key Control_L+c
finish
