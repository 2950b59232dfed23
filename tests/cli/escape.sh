#!/bin/bash
# S5: names with control characters are shown harmlessly on a terminal, whatever prints
# them, and go into files and pipes as they are.
. tests/support/tap.sh
need script
. tests/support/cli.sh
esc=$'\033[31m' bell=$'\a'
name="a${esc}red$bell"
rgb=$repo/tests/data/rgb
mkdir "$work/$name"
cp "$photos/IMG_0001.jpg" "$work/$name/$name.jpg"
echo broken >"$work/$name/$name.png"
cp "$rgb/model.tflite" "$work/$name.tflite"
cp "$rgb/labels.txt" "$work/labels.txt"
mkdir -p "$work/tree/a" "$work/tree/b"
for class in a b; do
    cp "$photos"/IMG_000[1-3].jpg "$work/tree/$class"
done

# on_terminal ARG...: what the command writes to a terminal, standard error too.
on_terminal() {
    local words
    printf -v words '%q ' "$THUMBTAG" "$@"
    SHELL=/bin/bash command script -qec "$words" "$work/typescript" </dev/null >/dev/null 2>&1
    tr -d '\r' <"$work/typescript" | sed '1d;$d' >"$work/screen"
}

# harmless WHAT ARG...
harmless() {
    local what=$1
    shift
    on_terminal "$@"
    if LC_ALL=C grep -q -e $'\033\[31m' -e $'red\a' "$work/screen"; then
        not_ok "S5 $what" "$(cat -v "$work/screen" | head -20)"
    else
        like "$(cat "$work/screen")" 'a\^\[\[31mred\^G' "S5 $what"
    fi
}

harmless "predict" predict -m "$rgb/model.tflite" "$work/$name"
harmless "model" model "$work/$name.tflite"
harmless "train" train "$work/tree" -o "$work/$name.out.tflite" --epochs 1 --batch 4 \
    --from scratch --architecture separable-s --side 32
harmless "eval, its message" eval "$work/$name"
harmless "show, facts" show -p none "$work/$name/$name.jpg"
harmless "show, a broken picture" show -p none "$work/$name/$name.png"
harmless "a file that is not there" label "$work/$name/none"
harmless "a file that is not there, review" review "$work/$name/none.csv"
harmless "an option's value" label "$photos" -c a --order "$name"
harmless "a wrong option" label "$photos" "--$name"
harmless "a configuration" label "$photos" -c a --config "$work/$name.ini"
harmless "a script" label "$photos" -c a --script "$work/$name.script"

run predict -m "$rgb/model.tflite" "$work/$name"
[[ $out == *"$name.jpg"* ]] && ok "S5 predict, into a pipe: as it is" ||
    not_ok "S5 predict, into a pipe: as it is" "$out"
finish
