#!/bin/bash
# thumbtag show: pictures to a pipe and to a terminal, by each protocol.
. tests/support/tap.sh
. tests/support/cli.sh
need sixel2png identify convert
ptyterm=${THUMBTAG%/thumbtag}/tests/tools/ptyterm
cd "$work" || exit 1
convert -seed 1 -size 640x480 plasma:fractal wide.png
convert -size 60x120 gradient:red-blue tall.png

# size: of the sixel picture in $work/stdout
size() {
    sixel2png -i stdout -o decoded.png && identify -format '%wx%h' decoded.png
}

# columns: of the lines of text in $work/stdout, each number once
columns() {
    local line
    sed 's/\x1b\[[0-9;]*m//g' stdout | while IFS= read -r line; do
        printf '%s\n' "${#line}"
    done | sort -u
}

# ---------------------------------------------------------------- to a pipe
# Heights are whole bands of six rows.
while read -r box want; do
    run show --size "$box" wide.png
    is "$rc $(size)" "0 $want" "--size $box"
done <<END
480x360 480x360
100x0 100x72
0x100 133x96
100x400 100x72
1000x1000 1000x750
END
run show --size 400x400 tall.png
is "$(size)" 200x396 "a small picture is enlarged to the size that was asked for"
run show --enlarge no --size 400x400 tall.png
is "$(size)" 60x120 "unless --enlarge no"
run show tall.png
is "$(size)" 60x120 "without --size it is as it is"
convert -resize 480x360! wide.png small.png
run show --size 480x360 wide.png
size >/dev/null
psnr=$(compare -metric PSNR decoded.png small.png null: 2>&1 | cut -d' ' -f1)
is "$(awk -v p="$psnr" 'BEGIN { print (p > 28) }')" 1 "it is that picture (PSNR $psnr)"

while read -r protocol start; do
    run show -p "$protocol" --size 100x100 wide.png
    is "$rc,$err" "0," "$protocol: done"
    like "$(head -c 60 stdout | cat -v)" "^$start" "$protocol: begins as it should"
done <<'END'
sixel \^\[P0;1q"1;1;100;7
libsixel \^\[Pq"1;1;100;7
kitty \^\[_Ga=T,.*f=100
placeholders \^\[_Ga=T,U=1,.*f=100
iterm2 \^\[\]1337;File=inline=1;size=
blocks \^\[\[[34]8;2;
END
run show -p iterm2 --size 100x100 wide.png
sed 's/^[^:]*://; s/\x07$//' stdout | tr -d '\007' | base64 -d >decoded.jpg
is "$(identify -format '%m %wx%h' decoded.jpg)" "JPEG 100x75" "iterm2: a JPEG of that size"
run show -p kitty --size 100x100 wide.png
tr -d '\n' <stdout | sed 's/\x1b_G[^;]*;//g; s/\x1b\\//g' | base64 -d >decoded.png
is "$(identify -format '%m %wx%h' decoded.png)" "PNG 100x75" "kitty: a PNG of that size"

run show -p placeholders --size 100x100 wide.png
is "$(wc -l <stdout) $(grep -ac $'\033\\[[0-9]*[A-F]' stdout)" "4 0" "placeholders: a line a row"

for colors in mono 16 256 24bit; do
    run show -p blocks --colors "$colors" --size 200x200 wide.png # cells of 10x20
    is "$(wc -l <stdout)" 8 "blocks in $colors: a line a row"
    is "$(sed 's/\x1b\[[0-9;]*m//g' stdout | grep -c $'\x1b')" 0 "and nothing moves the cursor"
    is "$(columns)" 20 "each as long"
done
run show -p blocks --cell 20x20 --size 200x200 wide.png
is "$(columns)" 10 "--cell counts"

bytes=()
for level in best default slow; do
    run show --level "$level" --size 480x360 wide.png
    bytes+=("$(wc -c <stdout)")
done
[ "${bytes[0]}" -gt "${bytes[1]}" ] && [ "${bytes[1]}" -gt "${bytes[2]}" ]
is $? 0 "each level takes fewer bytes than the one before (${bytes[*]})"

# ---------------------------------------------------------- which pictures
run show -p none wide.png tall.png
is "$out" $'wide.png: PNG, 640 x 480 pixels\ntall.png: PNG, 60 x 120 pixels' "several, in their order"
run show -p none "$photos"
is "$rc $(wc -l <stdout)" "0 6" "a folder"
printf 'tall.png\nwide.png\n' >names.lst
run show -p none names.lst
is "$(cut -d: -f1 stdout | paste -sd,)" tall.png,wide.png "a list"
is "$("$THUMBTAG" show -p none - <names.lst | cut -d: -f1 | paste -sd,)" tall.png,wide.png \
    "a list on standard input"
is "$(printf 'tall.png\0wide.png\0' | "$THUMBTAG" show -p none -0 | cut -d: -f1 | paste -sd,)" \
    tall.png,wide.png "with NUL between the names"
run show --size 60x60 tall.png tall.png
is "$(grep -ac '^.P0;1q' stdout)" 2 "pictures one below the other"

# ------------------------------------------------------------ what goes wrong
head -c 20000 "$repo/samples/photos/IMG_0002.jpg" >damaged.jpg
echo 'no picture' >broken.jpg
run show
is "$rc" 2 "no operand: exit status 2"
run show -p none nowhere.png tall.png
is "$rc" 3 "a missing file: exit status 3"
like "$err" '^thumbtag: nowhere.png: No such file' "it is named"
is "$out" "tall.png: PNG, 60 x 120 pixels" "and the others are shown"
printf 'nowhere.png\ntall.png\n' >names.lst
run show -p none names.lst
is "$rc $out" "3 tall.png: PNG, 60 x 120 pixels" "the same in a list"
run show -p none broken.jpg tall.png
is "$rc" 4 "a file that is no picture: exit status 4"
is "$out" "tall.png: PNG, 60 x 120 pixels" "and the others are shown"
run show damaged.jpg
is "$rc" 1 "a damaged picture: exit status 1"
like "$err" '^thumbtag: damaged.jpg: the file ends early' "it is said"
like "$(size)" '^[0-9]+x[0-9]+$' "and what there is is shown"

name=$'red\033[31m\nline\x9b2J.jpg'
for file in wide.png damaged.jpg broken.jpg; do
    cp "$file" "$name"
    run show -p none "$name"
    is "$(grep -ac '' <<<"$out$err")" 1 "$file with a name to be afraid of: one line"
    is "$(printf '%s' "$out$err" | LC_ALL=C grep -ac $'[\x01-\x1f\x7f]')" 0 "nothing of it is raw"
    is "$(printf '%s' "$out$err" | iconv -f utf-8 -t utf-8 >/dev/null 2>&1; echo $?)" 0 "in UTF-8"
    like "$out$err" 'red\^\[\[31m\^Jline' "but it is named"
done
rm "$name"
run show -p none "$name"
is "$(printf '%s' "$err" | LC_ALL=C grep -ac $'[\x01-\x1f\x7f]')" 0 "nor of a missing one"

timeout 60 "$THUMBTAG" show "$photos" "$photos" "$photos" 2>stderr | head -c 10 | wc -c >count
codes=(${PIPESTATUS[@]})
is "$(cat count),$(cat stderr)" "10," "a pipe that closes early: quiet"
is "${codes[0]}" 141 "and the end"
if [ -c /dev/full ]; then
    "$THUMBTAG" show wide.png >/dev/full 2>stderr
    is "$?" 3 "a full disk: exit status 3"
    like "$(cat stderr)" 'standard output' "it is named"
fi

# ------------------------------------------------------------ to a terminal
# One of 40x20 cells of 10x20: what comes out, from the fence of the questions on.
cat >at-end <<'END'
wait end
END
mkdir drawn
"$ptyterm" -g 40x20 -d drawn -s at-end "$THUMBTAG" show wide.png tall.png >said
is "$(grep -c '^picture' said)" 2 "a terminal with sixel: both pictures"
like "$(cat said)" $'exit 0\n.*modes same' "done, and its modes are as they were"
for i in 1 2; do
    cp "drawn/$i.six" stdout
    is "$(size)" "$(sed -n "${i}p" <<<$'400x300\n60x120')" "picture $i fits the window"
done
"$ptyterm" -g 40x20 -f -s at-end script -qec "stty cols 40 rows 20; '$THUMBTAG' show --timeout 50 \
    -p sixel --level default tall.png; printf PROMPT" typed >/dev/null
like "$(tr -d '\r' <typed | cat -v | tr -d '\n')" \
    '\^\[\[6A\^\[7\^\[P0;1q.*\^\[\\\^\[8\^\[\[6BPROMPT' "room first, then the picture, the prompt below it"
finish
