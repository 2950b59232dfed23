#!/bin/bash
# The classes asked for on the terminal, and the class list over two days.
. tests/support/tap.sh
. tests/support/real.sh
. tests/support/tmux.sh
photos=$scratch/photos
csv=$photos/labels.csv
list=$photos/labels.classes
copy_samples "$photos" IMG_0001.jpg IMG_0002.jpg IMG_0003.png IMG_0004.jpg

label() {
    tmux_type "clear; $THUMBTAG $photos --order file --embeddings 0 -p blocks $*"
}

# name NUMBER: the pattern of the line that says that this picture is there.
name() {
    printf '^ IMG_%04d\..* [0-9]+x[0-9]+ (JPEG|PNG)$' "$1"
}

files() {
    ls -A "$photos" | grep -v IMG_
}

tmux_start 200x40 # paths may be long
label -m none
soon 'B7 no classes anywhere: they are asked for' sees '^Classes, separated by commas .*:$'
tmux_type 'dress=5,pants'
soon 'B7 an answer that is none is told' sees "classes: 'dress=5': write KEY=NAME: 5=dress"
soon 'B7 and asked for again' sees '^Classes, separated by commas .*:$'
tmux_keys C-c
soon 'B7 Ctrl-C leaves, saying how else' sees "no classes are defined; name them: thumbtag .* -c cat,dog,other"
is "$(files)" "" 'B7 and leaves nothing behind'
label -m none
wait_until sees '^Classes, separated by commas .*:$'
tmux_type 'dress, pants ,7=shoes'
soon 'B7 then the first picture' sees "$(name 1)"
soon 'B7 with the classes in the panel' sees ' 1  dress '
press 7 "$(name 2)" 'A1 a key answers'
tmux_keys Q
soon 'A1 the end of the first day' sees 'answer|labelled|labeled'
is "$(given "$csv")" 'IMG_0001.jpg=shoes' 'A1 with its class'

# The second day, with a slip in the list.
printf '[classes]\n1 = dress\n2 = pants\n2 = shoes\n' >"$list"
label
soon 'A1 a key given twice is told with its line' sees "labels.classes:4: key '2' of 'shoes' is already the key"
printf '[classes]\n1 = dress\n2 = pants\n3 = shoes\n' >"$list"
label -c pants,dress
soon 'A1 -c in another order is told' sees "keys kept from labels.classes: 'pants' 2, 'dress' 1"
press 2 "$(name 3)" 'A1 the key is that of the list'
tmux_keys Q
wait_until sees_no "$(name 3)"
is "$(given "$csv" | paste -sd ' ')" 'IMG_0001.jpg=shoes IMG_0002.jpg=pants' 'A1 and so is its class'
finish
