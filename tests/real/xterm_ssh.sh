#!/bin/bash
# Pictures in a real xterm, over ssh.
. tests/support/tap.sh
. tests/support/real.sh
. tests/support/xterm.sh
. tests/support/sshd.sh
photos=$scratch/photos
copy_samples "$photos" IMG_0001.jpg IMG_0002.jpg IMG_0006.jpg

sshd_start
xterm_display
prepare 120x40 right right
xterm_start 120x40 "${ssh[@]}" -t "exec $THUMBTAG $photos --order file --embeddings 0 -c cat,dog -o $scratch/labels.csv"
pane=498x468+0+13
check 'over ssh, IMG_0001.jpg' 0 "$pane" IMG_0001.jpg
xterm_key 1
check 'over ssh, IMG_0002.jpg' 1 "$pane" IMG_0002.jpg
xterm_key 2
check 'over ssh, IMG_0006.jpg' 2 "$pane" IMG_0006.jpg
prepare 100x30 right right
xterm_resize 600 390
check 'over ssh, smaller window' 2 414x338+0+13 IMG_0006.jpg
xterm_key Q
xterm_wait
is "$(given "$scratch/labels.csv" | paste -sd' ')" 'IMG_0001.jpg=cat IMG_0002.jpg=dog' \
    'the CSV holds the answers'
finish
