#!/bin/bash
# timeout: 240, mostly waits
# A terminal that scrolls takes the picture along, which stays so (C3): whatever
# list moves on the screen, in the description of whatever terminal, no byte of the
# program moves a row.
. tests/support/tap.sh
. tests/support/cli.sh
ptyterm=${THUMBTAG%/thumbtag}/tests/tools/ptyterm
cd "$work" || exit 1

# What would move rows: inserted and deleted lines, scrolling by any number, margins
# within the screen, an index, a line feed by itself. ESC M is how some move the cursor.
moving() {
    LC_ALL=C grep -aoP '\033\[\d*[STLM]|\033\[(?!1;(55|30)r)\d+(;\d*)?r|\033[DE]|(?<!\r)\n' "$1" |
        LC_ALL=C sort | LC_ALL=C uniq -c | LC_ALL=C sed 's/\x1b/ESC /g'
}

steps() { # the views with lists, typed into, moved in, on screens of two sizes
    cat <<'END'
wait ready
key ;
wait quiet 40
key c
wait quiet 40
key l
wait quiet 40
key down
wait quiet 40
key 3
wait quiet 40
key 9
wait quiet 40
key backspace
wait quiet 40
key backspace
key backspace
wait quiet 40
key backspace
wait quiet 40
key 3
key 3
wait quiet 40
key enter
wait ready
key ?
wait quiet 40
key down
wait quiet 40
key page-down
wait quiet 40
key up
wait quiet 40
key esc
wait quiet 40
wait ready
key z
wait ready
key left
wait ready
key ;
key 2
wait quiet 40
resize 90x30
wait quiet 40
key backspace
wait quiet 40
key 3
key enter
wait quiet 40
wait ready
key left
wait ready
key /
wait quiet 40
key esc
wait quiet 40
key Q
END
}

review_steps() {
    cat <<'END'
wait ready
key F
wait quiet 40
key down
key down
wait quiet 40
key page-down
wait quiet 40
key end
wait quiet 40
key home
wait quiet 40
key esc
wait quiet 40
key Q
END
}

for term in xterm-256color tmux-256color screen linux foot mlterm; do
    infocmp "$term" >/dev/null 2>&1 || {
        skip "C3 $term" 'curses knows no such terminal here'
        continue
    }
    "$ptyterm" -g 100x55 -c 6x13 -w bytes -s <(steps) env TERM="$term" "$THUMBTAG" "$photos" \
        -c "$(seq -s, -f 'class-%g' 1 40)" -m none --order file -o "$work/$term.csv" >said 2>&1
    is "$(grep -cE '^(failed|killed|exit [1-9])' said)" 0 "C3 $term: labels with 40 classes" ||
        cat said
    is "$(moving bytes)" '' "C3 $term: no row is moved"
    "$ptyterm" -g 100x55 -c 6x13 -w bytes -s <(review_steps) env TERM="$term" "$THUMBTAG" \
        review "$work/$term.csv" -c "$(seq -s, -f 'class-%g' 1 40)" >said 2>&1
    is "$(moving bytes)" '' "C3 $term: nor in a review"
done
finish
