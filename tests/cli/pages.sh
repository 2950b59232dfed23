#!/bin/bash
# Pages of thumbnails: what they write, what they send, and the setting. Their screens:
# tests/screens/page*.script.
. tests/support/tap.sh
. tests/support/cli.sh

# The sample pictures, of which 25 are labelled, and then a page, which is of boats.
classes=(-- -c 'apple,boat,cactus,mug,mushroom' --order file)
known='key 3 5 1 3 1 2 3 4 2 4 5 2 1 5 4 1 3 4 1 4 2 5 1 5 4'
page_session() { # LINE... [-- ARGUMENT...]
    rm -rf "$work/many"
    mkdir "$work/many"
    cp "$repo"/samples/photos/* "$work/many"
    keys "$work/many" 'size 80x24' 'terminal sixel cell=8x16 name=XTerm(379)' "$@"
    is "$rc $err" '0 ' "$name: succeeds in silence"
}
labelled() { # LABEL: rows with that label
    cut -d, -f2 "$work/many/labels.csv" | grep -cx "$1"
}

name='a page is offered'
page_session "$known" screen "${classes[@]}"
like "$out" 'Shift[+]G 8 at once, ~99 % boat' "$name: on the bottom line"
is "$(labelled boat)" 4 "$name: until then boats are answered one by one"

name='a page is answered by one key'
page_session "$known" 'key G enter' screen "${classes[@]}"
is "$(labelled boat)" 12 "$name: eight more are boats"
like "$out" "8 answered as 'boat'. Bksp undoes all." "$name: that is told"

name='exceptions'
page_session "$known" 'key G b 3 d ,' 'key enter' screen "${classes[@]}"
is "$(labelled boat) $(labelled cactus)" '10 5' "$name: two are something else"
is "$(cut -d, -f3 "$work/many/labels.csv" | grep -cx unsure)" 1 "$name: one of them unsure"
like "$out" "6 answered as 'boat', 2 otherwise." "$name: that is told"

name='the rest is left open'
page_session "$known" 'key G b 3' 'key space' screen "${classes[@]}"
is "$(labelled boat) $(labelled cactus)" '4 5' "$name"
like "$out" '1 answered; 7 left open.' "$name: that is told"

name='undo'
page_session "$known" 'key G enter backspace' screen "${classes[@]}"
is "$(labelled boat)" 4 "$name: takes back the whole page"
like "$out" ' boat · 8 of' "$name: it is there again"
like "$out" 'Undone: 8 pictures are as they were.' "$name: that is told"

name='selecting'
page_session "$known" 'key G' bytes 'key c' bytes 'key 3' bytes 'key right' bytes "${classes[@]}"
mapfile -t bytes < <(sed -n 's/ bytes$//p' <<<"$out")
is "${#bytes[@]}" 4 "$name: is counted"
for i in 1 2 3; do
    if [ "${bytes[i]}" -le 2048 ] && [ "${bytes[i]}" -gt 0 ]; then
        ok "$name: writes text alone"
    else
        not_ok "$name: writes text alone" "${bytes[*]}"
    fi
done

name='pages that come by themselves'
page_session 'key 3' screen 'key 5' screen 'key 1' screen 'key 3' screen 'key 1' screen 'key 2' \
    screen 'key 3' screen 'key 4' screen "${classes[@]}" --pages auto
like "$out" 'goes back to single pictures' "$name: say how to leave them"

name='pages are off'
page_session "$known" screen 'key G' screen "${classes[@]}" --pages off
if [[ $out != *'at once'* ]]; then
    ok "$name: none is offered"
else
    not_ok "$name: none is offered" "$out"
fi
like "$out" ' boat · 8 of' "$name: but one can be asked for"
finish
