#!/bin/sh
# backbone.sh PRETRAIN WORK THUMBTAG OUT: trains the network inside thumbtag
# anew. PRETRAIN is a folder with unsheet.py and its contact sheets, WORK takes
# the pictures (some 200 MB) and the checkpoint; a run that was cut off goes on.
set -eu
pretrain=$1
work=$2
thumbtag=$3
out=$4
tree=$work/tree

# One folder a class: SOURCE/CLASS. Tiny ImageNet's two parts share their classes.
if [ ! -e "$work/unpacked" ]; then
    rm -rf "$work/parts" "$tree"
    mkdir -p "$work" "$tree"
    /usr/bin/python3 "$pretrain/unsheet.py" tree "$work/parts"
    mv "$work/parts/tinyimagenet_train" "$tree/tinyimagenet"
    mv "$work/parts/caltech101" "$tree/caltech101"
    mv "$work/parts/clothing_full" "$tree/clothing"
    for class in "$work"/parts/tinyimagenet_val/*/; do
        name=$(basename "$class")
        for picture in "$class"*; do
            mv "$picture" "$tree/tinyimagenet/$name/v$(basename "$picture")"
        done
    done
    rm -rf "$work/parts"
    touch "$work/unpacked"
fi

# No label smoothing: it makes features that suit other classes less.
"$thumbtag" train "$tree" -o "$work/backbone.tflite" --from scratch --architecture residual-l \
    --side 64 --epochs 50 --validation 0.02 --smoothing 0
cp "$work/backbone.tflite" "$out"
