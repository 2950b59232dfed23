#!/bin/sh
# backbone.sh PICTURES TEACHER WORK THUMBTAG OUT: trains the network inside thumbtag anew.
# PICTURES is a folder of pictures, one folder a class at any depth; TEACHER an int8 .tflite.
# WORK takes the checkpoint; a run that was cut off goes on.
set -eu
pictures=$1
teacher=$2
work=$3
thumbtag=$4
out=$5

[ -d "$pictures" ] || { echo "$pictures: no such folder; make backbone PICTURES=FOLDER" >&2; exit 2; }
[ -f "$teacher" ] || { echo "$teacher: no such file; make backbone TEACHER=MODEL.tflite" >&2; exit 2; }
mkdir -p "$work"
"$thumbtag" train --teacher "$teacher" "$pictures" -o "$work/backbone.tflite" --from scratch \
    --architecture residual-xl --side 96 --epochs 16 --class-weight 0.2 --validation 0.01 \
    --memory 6000 --seed 1
cp "$work/backbone.tflite" "$out"
