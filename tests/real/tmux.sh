#!/bin/bash
# A session in tmux with its shell: every kind of key, ^Z and fg, resizing, and
# each way to end. tmux 3.3 shows no sixel, so pictures are text blocks here.
. tests/support/tap.sh
. tests/support/real.sh
. tests/support/tmux.sh
photos=$scratch/photos
csv=$scratch/labels.csv
copy_samples "$photos"

start() {
    tmux_type "clear; $THUMBTAG $photos --order file --embeddings 0 -c cat,dog,other -o $csv"
}

# name NUMBER: the pattern of the line that says that this picture is there.
name() {
    printf '^ photos/IMG_%04d\..* [0-9]+x[0-9]+ (JPEG|PNG)$' "$1"
}

# answers: the CSV's columns for answers, without the folder.
answers() {
    sed 's/^photos\///' "$csv" | cut -d, -f1-3
}

tmux_start 100x30
tmux_type 'clear; echo "before"'
wait_until sees '^before$'
tmux_modes before

# Each kind of answer, undo, and ways to move.
start
soon 'the first picture' sees "$(name 1)"
soon 'text blocks' sees "$tmux_blocks"
press 1 "$(name 2)" 'a class key: next picture'
press 2 "$(name 3)" 'another class'
press Space "$(name 4)" 'skip'
press , "$(name 5)" 'unsure'
press . "$(name 6)" 'none of these'
press 3 "$(name 7)" 'the last class'
press BSpace "$(name 6)" 'undo: the picture is back'
press 1 "$(name 7)" 'another answer'
press 2 "$(name 8)" 'to be undone'
press BSpace "$(name 7)" 'undo'
press C-r "$(name 7)|$(name 8)" 'redo'
press '#' '^ Go to picture number' 'go to: asks'
tmux_keys -l 41
press Enter "$(name 41)" 'go to: the picture'
press 3 "$(name 42)" 'answered there'
press / '^ Find in names and notes' 'find: asks'
tmux_keys -l 0033
press Enter "$(name 33)" 'find: the picture'
press Home "$(name 1)" 'first'
press End "$(name 60)" 'last'
press Left "$(name 59)" 'previous'
press '?' 'key in front of its name' 'help'
soon 'help covers the picture' sees_no "$tmux_blocks"
press Escape "$(name 59)" 'help left'
soon 'the picture is back' sees "$tmux_blocks"
tmux_keys Q
soon 'quit: the prompt is back' sees '^rig\$'
soon 'quit: nothing of the screen is left' sees_no "$tmux_blocks|IMG_00"
tmux_modes after
same_file "$scratch/after" "$scratch/before" 'quit: terminal modes as before'
is "$(answers)" 'file_name,label,status
IMG_0001.jpg,cat,labeled
IMG_0002.jpg,dog,labeled
IMG_0003.png,,skipped
IMG_0004.jpg,,unsure
IMG_0005.jpg,,none
IMG_0006.jpg,cat,labeled
IMG_0007.jpg,dog,labeled
IMG_0041.png,other,labeled' 'the CSV holds what was answered'
is "$(sed -n '2,$p' "$csv" | grep -vcE ',[0-9]+(\.[0-9]+)?,[^,]+,20[0-9]{2}-[0-9-]+T[0-9:.]+Z$')" 0 \
    'seconds, annotator and time in every row'

# Stopped and resumed by the shell.
start
soon 'started again: the first without an answer' sees "$(name 8)"
tmux_keys C-z
soon '^Z: stopped, the prompt is back' sees 'Stopped'
soon '^Z: nothing of the screen is left' sees_no "$tmux_blocks|IMG_00"
tmux_modes stopped
same_file "$scratch/stopped" "$scratch/before" '^Z: terminal modes as before'
tmux_type fg
soon 'fg: the screen is back' sees "$(name 8)"
soon 'fg: the picture is back' sees "$tmux_blocks"
press 1 "$(name 9)" 'fg: keys work'

# Stopped, the window smaller meanwhile.
tmux_keys C-z
soon '^Z again' sees 'Stopped'
tm resize-window -t "$tmux_pane" -x 80 -y 24
tmux_type 'clear; fg'
soon 'fg in a smaller window: the screen is back' sees "$(name 9)"
soon 'it fits' fits 24
tm resize-window -t "$tmux_pane" -x 120 -y 40
soon 'a larger window: it fits' fits 40
soon 'a larger window: the picture is back' sees "$tmux_blocks"
press 2 "$(name 10)" 'keys work'
tm resize-window -t "$tmux_pane" -x 30 -y 8
soon 'far too small: it says so' sees 'too small|larger'
tm resize-window -t "$tmux_pane" -x 100 -y 30
soon 'large again: the picture is back' sees "$tmux_blocks"
press 3 "$(name 11)" 'large again: keys work'

# Ended from outside, in each way; every answer is on the disk.
kill -TERM "$(tmux_child)"
soon 'SIGTERM: the prompt is back' sees '^rig\$'
tmux_modes terminated
same_file "$scratch/terminated" "$scratch/before" 'SIGTERM: terminal modes as before'
is "$(answers | grep -cE 'IMG_0008.png,cat|IMG_0009.jpg,dog|IMG_0010.jpg,other')" 3 \
    'SIGTERM: every answer is on the disk'

start
soon 'started again' sees "$(name 11)"
press 1 "$(name 12)" 'one more answer'
pid=$(tmux_child)
kill -KILL "$pid"
soon 'SIGKILL: the prompt is back' sees 'Killed'
is "$(answers | grep -c 'IMG_0011.jpg,cat')" 1 'SIGKILL: every answer is on the disk'
tmux_type 'reset'
tmux_type 'clear'

start
soon 'started again behind it' sees "$(name 12)"
press 2 "$(name 13)" 'one more answer'
pid=$(tmux_child)
old=$tmux_pane
tmux_start 100x30
tm kill-pane -t "$old"
soon 'the pane is closed: it has ended' is_gone "$pid"
is "$(answers | grep -c 'IMG_0012.jpg,dog')" 1 'the pane is closed: every answer is on the disk'

start
soon 'started once more' sees "$(name 13)"
tmux_keys C-c
soon '^C quits too' sees '^rig\$'
is "$(answers | cut -d, -f1 | sort | uniq -d)" '' 'the CSV has one row a picture'
is "$(answers | sort | head -n 13)" "$(sort <<'EOT'
IMG_0001.jpg,cat,labeled
IMG_0002.jpg,dog,labeled
IMG_0003.png,,skipped
IMG_0004.jpg,,unsure
IMG_0005.jpg,,none
IMG_0006.jpg,cat,labeled
IMG_0007.jpg,dog,labeled
IMG_0008.png,cat,labeled
IMG_0009.jpg,dog,labeled
IMG_0010.jpg,other,labeled
IMG_0011.jpg,cat,labeled
IMG_0012.jpg,dog,labeled
IMG_0041.png,other,labeled
EOT
)" 'the CSV holds all answers of all sessions'
finish
