#!/bin/bash
# thumbtag model: what it prints, and raw tensors in and out.
. tests/support/tap.sh
. tests/support/cli.sh
model=$repo/tests/data/rgb/model.tflite

run model "$model"
is "$rc" 0 "it prints a model"
for line in 'input .* int8, scale' 'output .* int8' 'picture .* RGB, channels last' \
    'arena +[0-9]+ bytes' 'kernels ' 'FULLY_CONNECTED|CONV_2D' ' all '; do
    like "$out" "$line" "with a line like '$line'"
done
peak='The peak of these kernels on this processor is [0-9.]+ GMAC/s'
if "$THUMBTAG" doctor 2>/dev/null | grep -qE '^  int8 [a-z0-9]+ +yes' &&
    ! grep -q '^kernels *plain C' "$work/stdout"; then
    like "$out" "$peak" "and the processor's peak"
    like "$out" "of peak" "and a column for the share of it"
    # Which of the two it says depends on how fast this machine happens to be.
    like "$out" "Every layer with products reaches 25 %|Of [0-9]+ layers? .* below 25 %" \
        "and which layers stay below a quarter of it"
    slow=$(sed -n 's/^Of [0-9]* layers\{0,1\} with products, \([0-9]*\) stays\{0,1\} below.*/\1/p' "$work/stdout")
    is "$(grep -cE '^ +[0-9]+  .* % of the peak, .* % of the time' "$work/stdout")" "${slow:-0}" \
        "a line for each of them"
else
    skip "the processor's peak" "plain C has no peak"
fi
is "$(grep -v '^model ' "$work/stdout" | awk 'length > 80')" "" "no line is wider than 80 columns"
run model "$model" --isa reference
is "$rc" 0 "--isa reference"
is "$(grep -cE "$peak|%" "$work/stdout")" 0 "which has no peak, so no shares of it"
run model "$model"
bytes=$(sed -n 's/^input *1x\([0-9]*\)x\([0-9]*\)x\([0-9]*\).*/\1*\2*\3/p' "$work/stdout")
head -c $((bytes)) /dev/zero >"$work/in.bin"
run model "$model" --run "$work/in.bin" "$work/out.bin"
is "$rc" 0 "--run IN OUT"
is "$(stat -c %s "$work/out.bin")" 3 "three outputs"
run model --run "$work/in.bin" "$work/out2.bin" "$model"
same_file "$work/out2.bin" "$work/out.bin" "the model may come last"
mkdir "$work/layers"
run model "$model" --run "$work/in.bin" "$work/out3.bin" --layers "$work/layers"
same_file "$work/out3.bin" "$work/out.bin" "--layers gives the same output"
ops=$("$THUMBTAG" model "$model" | grep -cE '^ +[0-9]+  [A-Z0-9_]+ +[0-9]+x')
is "$(find "$work/layers" -name 'op[0-9]*_*.bin' | wc -l)" "$ops" "and a file an operator"
last=$(find "$work/layers" -name '*.bin' | sort | tail -n 1)
same_file "$last" "$work/out.bin" "the last of which is the output"
for isa in $("$THUMBTAG" doctor 2>/dev/null | sed -n 's/^  int8 \([a-z0-9]*\) *yes.*/\1/p'); do
    run model "$model" --isa "$isa" --run "$work/in.bin" "$work/$isa.bin"
    same_file "$work/$isa.bin" "$work/out.bin" "the same bytes on $isa"
done

head -c 5 "$work/in.bin" >"$work/short.bin"
run model "$model" --run "$work/short.bin" "$work/no.bin"
is "$rc" 4 "an input of the wrong size: exit status 4"
like "$err" "short.bin: 5 bytes, .* takes $((bytes))" "with both sizes"
is "$(test -e "$work/no.bin" && echo there)" "" "and no output"
run model "$model" --isa nosuch
is "$rc" 2 "an unknown instruction set: exit status 2"
like "$err" "nosuch.*reference" "the message lists those there are"
run model "$repo/samples/truth.csv"
is "$rc" 4 "a file that is no model: exit status 4"
run model
is "$rc" 2 "no model: exit status 2"

golden=${THUMBTAG_SHARED:-$repo/../shared}/nn
if [ -d "$golden" ]; then
    for name in resnet8 vww; do
        tar -xzf "$golden/golden/$name.tar.gz" -C "$work"
        in=$(find "$work" -name 2.in.bin -path "*$name*" | head -n 1)
        [ -n "$in" ] || in=$(find "$work" -name 2.in.bin | head -n 1)
        run model "$golden/models/$name.tflite" --run "$in" "$work/$name.out"
        is "$(od -An -td1 -v -w1 "$work/$name.out" | nl | sort -k2n | tail -n 1 | awk '{print $1}')" \
            "$(od -An -td1 -v -w1 "${in%.in.bin}.out.bin" | nl | sort -k2n | tail -n 1 | awk '{print $1}')" \
            "$name: the golden answer"
        rm -f "$in"
    done
else
    skip "golden answers" "../shared is not there"
fi
finish
