#!/bin/bash
# Regions of pictures as items: a labels.csv with x,y,width,height, and --regions.
. tests/support/tap.sh
. tests/support/cli.sh
csv=$photos/labels.csv
rgb=$repo/tests/data/rgb/model.tflite # says which colour a picture has most of
three='IMG_0002.jpg,20,20,60,40
IMG_0001.jpg,200,150,100,80
IMG_0001.jpg,10,20,64,48'

# ------------------------------------------------- labels.csv beside the pictures
printf 'file_name,x,y,width,height\n%s\n' "$three" >"$csv"
keys "$photos" 'key 1 2' screen 'key 1' -- -c cat,dog -a Ann -m none
is "$rc $err" "0 " "a labels.csv that lists regions is a session of them"
like "$out" "IMG_0002.jpg \[20,20 60x40\]" "the name line says which region"
like "$out" "3 of 7" "the regions, and the other pictures whole"
is "$(rows "$csv")" "IMG_0001.jpg,10,20,64,48,cat,labeled,,,0
IMG_0001.jpg,200,150,100,80,dog,labeled,,,0
IMG_0002.jpg,20,20,60,40,cat,labeled,,,0" "each answer is in its region's row"
keys "$photos" screen 'key backspace backspace' screen 'key 1' -- -c cat,dog -a Ann -m none
like "$out" "IMG_0003.png  .*Undone: IMG_0001.jpg \[200,150 100x80\]" \
    "after a restart it goes on behind them, and undo goes back to the region"
is "$(rows "$csv" | grep 200,150)" "IMG_0001.jpg,200,150,100,80,cat,labeled,,,0" \
    "the undone region has another answer"
is "$(rows "$csv" | grep 20,20)" "IMG_0002.jpg,20,20,60,40,,,,," "the other one has none, and stays"
keys "$photos" 'key /' 'type [20,20' 'key enter' screen -- -c cat,dog -a Ann -m none
like "$out" "3 of 7" "/ finds a region by its place"

# A note is the region's as well.
keys "$photos" 'key home' 'key ctrl-n' 'type blurred' 'key enter' -- -c cat,dog -a Ann -m none
is "$(grep -c blurred "$csv") $(grep blurred "$csv" | cut -d, -f1-5)" "1 IMG_0001.jpg,10,20,64,48" \
    "a note stands in the region's row"

# --------------------------------------------------------- named: the rows alone
new_photos
printf 'file_name,x,y,width,height\n%s\nIMG_0003.png,,,,\n' "$three" >"$csv"
keys "$csv" 'key 1 2 2 1' -- -c cat,dog -a Ann -m none
is "$rc $err" "0 " "labels.csv itself is a session of what it lists"
is "$(rows "$csv" | cut -d, -f1-6 | sort)" "IMG_0001.jpg,10,20,64,48,cat
IMG_0001.jpg,200,150,100,80,dog
IMG_0002.jpg,20,20,60,40,dog
IMG_0003.png,,,,,cat" "a row without a region is the whole picture"
keys "$csv" screen -- -c cat,dog -a Ann -m none
like "$out" "4/4 " "all of it is labelled"
script screen 'key 2' 'key ]' screen
run review "$csv" --script "$work/script" -a Ann
like "$rc $out" "^0 .*1 of 4.*IMG_0001.jpg \[10,20 64x48\]" "review shows the regions, by name"
is "$(rows "$csv" | grep 10,20)" "IMG_0001.jpg,10,20,64,48,dog,labeled,,,0" "and changes their rows"

# A picture listed whole beside its regions, undone in the next session, is still an item.
new_photos
printf 'file_name,x,y,width,height\nIMG_0001.jpg,,,,\nIMG_0001.jpg,10,20,64,48\n' >"$csv"
keys "$csv" 'key 1 1' -- -c cat,dog -a Ann -m none
keys "$csv" 'key backspace backspace' screen -- -c cat,dog -a Ann -m none
like "$out" "0/2 " "both undone"
is "$(rows "$csv" | cut -d, -f1-7 | sort)" "IMG_0001.jpg,,,,,,
IMG_0001.jpg,10,20,64,48,," "the picture stays listed, as its region does"

# ------------------------------------------------------------------- --regions
new_photos
boxes=$work/boxes.csv
printf 'file_name,x,y,width,height,label\n' >"$boxes"
printf '%s\n' "$three" | sed 's/^/photos\//; s/$/,cat/' >>"$boxes"
cp -p "$boxes" "$work/before.csv"
keys "$photos" screen 'key 1 1 1' -- --regions "$boxes" -a Ann -m none
is "$rc $err" "0 " "--regions: its labels are the classes"
like "$out" "1 of 3.*IMG_0001.jpg \[10,20 64x48\]" "its regions alone"
is "$(rows "$csv" | cut -d, -f1,2 | sort)" "IMG_0001.jpg,cat
IMG_0001.jpg,cat
IMG_0002.jpg,cat" "the answers go to labels.csv"
like "$(head -n 1 "$csv")" "labeled_at,x,y,width,height$" "which has the columns of regions"
same_file "$boxes" "$work/before.csv" "the file itself is only read"
rm "$csv"
script 'key 1 1' screen
run --regions "$boxes" --script "$work/script" -a Ann -m none
like "$rc $out" "^0 .*3 of 3.*photos/IMG_0001.jpg \[10,20 64x48\]" "without a folder: in its order"
is "$(rows "$work/labels.csv" | cut -d, -f1)" "photos/IMG_0002.jpg
photos/IMG_0001.jpg" "and the labels are beside it"
run --regions "$boxes" -o "$boxes" -c cat --script "$work/script"
is "$rc" 2 "it is never written"
like "$err" "^thumbtag: $boxes: --regions never writes" "and the message says why"
cp "$boxes" "$work/list.csv"
run "$work/list.csv" -o "$work/other.csv" --script "$work/script" -a Ann -m none
is "$rc $(rows "$work/other.csv" | wc -l)" "0 2" "with -o a labels.csv is only read as well"
same_file "$work/list.csv" "$boxes" "and stays as it is"
mv "$boxes" "$photos/boxes.csv"
run "$photos" --regions "$photos/boxes.csv" -c cat --script "$work/script"
like "$rc $err" "^4 thumbtag: .*boxes.csv: none of its pictures exists, .* is .*photos/photos/IMG_0002.jpg;" \
    "names for another folder are refused, with what they lead to"
run "$photos" --regions "$work/none.csv" -c cat --script "$work/script"
like "$rc $err" "^[34] thumbtag: $work/none.csv" "a file that is not there"

# ----------------------------------------------------------- what cannot be shown
new_photos
printf 'file_name,x,y,width,height\nIMG_0001.jpg,300,0,9,9\nIMG_0001.jpg,299,399,50,50\ngone.jpg,1,1,2,2\n' >"$csv"
keys "$csv" screen 'key 2 2 1' screen 'key 1 1' -- -c cat,dog -a Ann -m none
like "$(tr -s ' \n' '  ' <<<"$out")" \
    "cannot be shown .*the region \[300,0 9x9\] is outside the picture of 300x400 pixels" \
    "a region outside: a tile that says so"
is "$(rows "$csv" | cut -d, -f1-6)" "IMG_0001.jpg,300,0,9,9,dog
IMG_0001.jpg,299,399,50,50,cat
gone.jpg,1,1,2,2,cat" "each can be answered all the same"

# -------------------------------------------- predictions are those of the crop
if need convert; then
    new_photos
    rm "$photos"/*
    for i in 1 2 3; do
        convert -size 60x30 xc:red -fill lime -draw 'rectangle 20,0 39,29' \
            -fill blue -draw 'rectangle 40,0 59,29' "$photos/$i.png"
    done
    {
        echo file_name,x,y,width,height
        for i in 1 2 3; do printf "$i.png,%s,0,20,30\n" 0 20 40; done
    } >"$csv"
    run predict "$csv" -m "$rgb"
    is "$rc" 0 "predict takes regions"
    is "$(head -n 1 <<<"$out")" "file_name,x,y,width,height,guess,confidence,error" "their columns"
    is "$(tail -n +2 <<<"$out" | cut -d, -f2-6 | head -n 3)" "0,0,20,30,red
20,0,20,30,green
40,0,20,30,blue" "what it predicts is in the crop"
    run predict "$photos" --regions "$csv" -m "$rgb"
    is "$(tail -n +2 <<<"$out" | cut -d, -f2-6 | tail -n 1)" 40,0,20,30,blue "also with --regions"
    keys "$csv" screen 'key right' screen 'key right' screen -- -c red,green,blue -m "$rgb" -a Ann
    is "$(grep -oE '▸. +[a-z]+' <<<"$out" | grep -oE '[a-z]+$' | paste -sd' ')" "red green blue" \
        "in a session too"
    keys "$csv" 'key 1 2 3 1 2 3 1 2 3' -- -c red,green,blue -m none -a Ann
    run eval "$csv" -m "$rgb" --curve 3 --draws 1
    like "$out" "active +1\.000" "eval embeds the crops"
fi

# --------------------------------------------------------- many of few pictures
new_photos
rm "$photos"/*
for i in $(seq -w 0 99); do ln "$repo/samples/photos/IMG_0001.jpg" "$photos/$i.jpg" 2>/dev/null ||
    cp "$repo/samples/photos/IMG_0001.jpg" "$photos/$i.jpg"; done
awk 'BEGIN {
    print "file_name,x,y,width,height"
    for (i = 9999; i >= 0; i--) printf "%02d.jpg,%d,%d,10,10\n", i % 100, i % 290, int(i / 100)
}' >"$csv"
keys "$csv" screen 'key end' screen 'key 1' -- -c cat -a Ann -m none
like "$out" "1 of 10000.*00.jpg \[0,0 10x10\]" "ten thousand regions of a hundred pictures"
like "$out" "10000 of 10000.*99.jpg \[[0-9]+,99 10x10\]" "in order to the last"
is "$(grep -c labeled, "$csv") $(wc -l <"$csv")" "1 10001" "a row of its own for each"
is "$(grep labeled, "$csv" | cut -d, -f1,3)" "99.jpg,99" "the one that was answered"
finish
