#!/bin/bash
# Where the time of a prediction goes, by the program's own account. `make bench` calls it; for
# its variables see whole.bash.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/bench/whole.bash

# predict NAME CLASSES
predict() {
    [ -d "$shared/data/clothing" ] && [ -f "$shared/nn/models/$1.tflite" ] || return 0
    seq "$2" >"$work/labels.txt"
    row "predict, $1" "$("$thumbtag" predict -m "$shared/nn/models/$1.tflite" \
        --model-labels "$work/labels.txt" "$shared/data/clothing" 2>&1 >/dev/null |
        sed 's/^thumbtag: //')"
}

heading 'Predictions'
predict resnet8 10
predict vww 2
predict mobilenet_v2 1000
