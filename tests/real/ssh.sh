#!/bin/bash
# A session over ssh: labels, the end of it, and a connection that is lost.
. tests/support/tap.sh
. tests/support/real.sh
. tests/support/tmux.sh
. tests/support/sshd.sh
photos=$scratch/photos
csv=$scratch/labels.csv
copy_samples "$photos" IMG_0001.jpg IMG_0002.jpg IMG_0003.png IMG_0004.jpg IMG_0005.jpg IMG_0006.jpg

name() {
    printf '^ photos/IMG_%04d\..* [0-9]+x[0-9]+ (JPEG|PNG)$' "$1"
}

start() {
    tmux_type "clear; ${ssh[*]} -t 'echo \$\$ >$scratch/pid; exec $THUMBTAG $photos --order file --embeddings 0 -c cat,dog -o $csv'; echo left with \$?"
}

sshd_start
tmux_start 100x30
tmux_modes before
start
soon 'the first picture' sees "$(name 1)"
soon 'text blocks' sees "$tmux_blocks"
press 1 "$(name 2)" 'a class key: next picture'
press 2 "$(name 3)" 'another class'
tm resize-window -t "$tmux_pane" -x 80 -y 24
soon 'resized: it fits' fits 24
press 1 "$(name 4)" 'resized: keys work'
tmux_keys Q
soon 'quit: the prompt is back' sees '^left with 0'
tmux_modes after
same_file <(grep -v rows "$scratch/after") <(grep -v rows "$scratch/before") \
    'quit: terminal modes as before'
is "$(given "$csv" | paste -sd' ')" 'IMG_0001.jpg=cat IMG_0002.jpg=dog IMG_0003.png=cat' \
    'the CSV holds the answers'

start
soon 'started again behind them' sees "$(name 4)"
press 2 "$(name 5)" 'one more answer'
kill -KILL "$(tmux_child)"
soon 'the connection is lost: it ends' is_gone "$(<"$scratch/pid")"
is "$(given "$csv" | tail -n 1)" 'IMG_0004.jpg=dog' \
    'the connection is lost: every answer is on the disk'
tmux_start 100x30 # that terminal's modes are as the lost connection left them
start
soon 'started once more behind them' sees "$(name 5)"
tmux_keys Q
soon 'quits' sees '^left with 0'
finish
