#!/bin/sh
# backbone.sh PICTURES TEACHER WORK THUMBTAG OUT [TABLE...]: trains the network inside thumbtag anew.
# PICTURES is a folder of pictures, one folder a class at any depth; TEACHER an int8 .tflite.
# WORK takes the checkpoint; a run that was cut off goes on. With a TABLE of sources
# (backbone_sources.tsv) PICTURES must have a folder of that name for each.
set -eu
pictures=$1
teacher=$2
work=$3
thumbtag=$4
out=$5
shift 5
target=backbone
[ $# -eq 0 ] || target=backbone-research

[ -d "$pictures" ] || { echo "$pictures: no such folder; make $target PICTURES=FOLDER" >&2; exit 2; }
[ -f "$teacher" ] || { echo "$teacher: no such file; make $target TEACHER=MODEL.tflite" >&2; exit 2; }
missing=
for table; do
    for source in $(tail -n +2 "$table" | cut -f 1); do
        [ -d "$pictures/$source" ] && [ -n "$(find -H "$pictures/$source" -type f | head -n 1)" ] ||
            missing="$missing $source"
    done
done
if [ -n "$missing" ]; then
    echo "$pictures: no pictures of$missing: each source needs a folder of its name, with one folder a class in it; where to find them: $*" >&2
    exit 2
fi
mkdir -p "$work"
"$thumbtag" train --teacher "$teacher" "$pictures" -o "$work/backbone.tflite" --from scratch \
    --architecture residual-xl --side 96 --epochs 16 --class-weight 0.2 --validation 0.01 \
    --memory 6000 --seed 1
[ "$out" = "$work/backbone.tflite" ] || cp "$work/backbone.tflite" "$out"
