#!/bin/bash
# thumbtag predict: a row a picture, in order, whatever the number of threads.
. tests/support/tap.sh
. tests/support/cli.sh
need convert
model=$repo/tests/data/rgb/model.tflite # says which colour a picture has most of
photos=$work/colors
mkdir "$photos" "$photos/sub"
for i in $(seq 1 40); do
    color=$(printf 'red\nlime\nblue\n' | sed -n "$((i % 3 + 1))p")
    convert -size $((i * 7 % 50 + 3))x40 "xc:$color" "$photos/p$i.png"
done
cp "$repo/tests/data/bad/truncated.png" "$photos/sub/a,b.png"
name=$'\xff.png'
convert -size 9x9 xc:blue "$photos/sub/last.png" && mv "$photos/sub/last.png" "$photos/sub/$name"
want=$(for i in $(seq 1 40); do
    printf 'red\ngreen\nblue\n' | sed -n "$((i % 3 + 1))p"
done)

run predict -m "$model" "$photos"
is "$rc" 1 "an unreadable picture: exit status 1"
is "$(head -n 1 "$work/stdout")" "file_name,guess,confidence,error" "the header"
is "$(sed -n 2,41p "$work/stdout" | cut -d, -f2)" "$want" "the colours, in natural order of the names"
is "$(sed -n 2,41p "$work/stdout" | cut -d, -f1 | sed 's/.*\/p//; s/.png//' | paste -sd,)" \
    "$(seq -s, 1 40)" "each in its row"
like "$(sed -n 42p "$work/stdout")" '^"[^"]*sub/a,b.png",,,.*PNG' "the unreadable one has its error"
like "$(sed -n 43p "$work/stdout")" '^bytes:.*%FF.png,blue,' "a name that is no UTF-8"
like "$err" '42 pictures .* 1 could not be read' "the sum"
cp "$work/stdout" "$work/all.csv"
for jobs in 1 2 7; do
    run predict -m "$model" -j "$jobs" "$photos"
    same_file "$work/stdout" "$work/all.csv" "the same with $jobs threads"
done
run predict -m "$model" -k 3 "$photos/p1.png"
is "$rc" 0 "all readable: exit status 0"
is "$(head -n 1 "$work/stdout")" \
    "file_name,guess,confidence,guess_2,confidence_2,guess_3,confidence_3,error" "three guesses: header"
like "$(tail -n 1 "$work/stdout")" 'p1.png,green,[01]\.[0-9]+,(red|blue),[01]\.[0-9]+,(red|blue),[01]\.[0-9]+,$' \
    "three guesses: the likeliest first"
printf '%s\0' "$photos/p3.png" "$photos/p1.png" >"$work/list"
"$THUMBTAG" predict -m "$model" -0 <"$work/list" >"$work/stdout" 2>/dev/null
is "$(tail -n +2 "$work/stdout" | cut -d, -f2 | paste -sd,)" red,green "a list keeps its order"

# Half red, half blue, the blue in the middle: what is seen depends on the fit.
convert -size 20x60 xc:red -size 60x60 xc:blue -size 20x60 xc:red +append "$work/wide.png"
convert -size 200x20 xc:red "$work/thin.png"
for row in 'crop blue' 'stretch blue' 'letterbox blue'; do
    run predict -m "$model" --fit "${row% *}" "$work/wide.png"
    like "$out" "wide.png,${row#* }," "--fit ${row% *}"
done
run predict -m "$model" --fit letterbox "$work/thin.png"
letterbox=$(tail -n 1 "$work/stdout" | cut -d, -f3)
run predict -m "$model" --fit crop "$work/thin.png"
crop=$(tail -n 1 "$work/stdout" | cut -d, -f3)
is "$(awk -v a="$letterbox" -v b="$crop" 'BEGIN { print (a < b) }')" 1 \
    "the grey of a letterbox makes the guess less sure ($letterbox, $crop)"

run predict "$photos"
is "$rc" 2 "no model: exit status 2"
run predict -m "$model" --mean 0.5 "$photos/p1.png"
is "$rc" 2 "mean without std: exit status 2"
run predict -m "$model" --mean 0 --std 0 "$photos/p1.png"
is "$rc" 2 "std of 0: exit status 2"
run predict -m "$model" --model-labels "$repo/samples/classes.txt" "$photos/p1.png"
is "$rc" 4 "five names for three outputs: exit status 4"
like "$err" '3 outputs.* 5 class names' "with both numbers"
run predict -m "$model" "$photos/nowhere"
is "$rc" 3 "a folder that is not there: exit status 3"
if [ -c /dev/full ]; then
    "$THUMBTAG" predict -m "$model" "$photos/p1.png" >/dev/full 2>"$work/stderr"
    is "$?" 3 "a full disk: exit status 3"
fi

# The labels.txt that Teachable Machine writes.
mkdir "$work/machine"
cp "$model" "$work/machine"
printf '0 vermelho\n1 verde\n2 azul\n' >"$work/machine/labels.txt"
printf 'P3 1 1 255 255 0 0\n' >"$work/machine/red.ppm"
run predict -m "$work/machine/model.tflite" "$work/machine/red.ppm"
like "$out" "red.ppm,vermelho," "D8 the number in front of a class is no part of its name"
script screen
run "$work/machine" -m "$work/machine/model.tflite" --script "$work/script"
like "$out" "1  vermelho .* 3  azul " "D8 in a session neither"
finish
