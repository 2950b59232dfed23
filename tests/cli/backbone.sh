#!/bin/bash
# A backbone.tflite of the user's own, in the XDG data folder: what it is used for, and what
# happens if it cannot be used.
# It takes long.
. tests/support/tap.sh
. tests/support/cli.sh
rgb=$repo/tests/data/rgb/model.tflite
own=$work/.local/share/thumbtag/backbone.tflite
csv=$photos/labels.csv
cache=$work/.cache/thumbtag/embeddings
mkdir -p "${own%/*}"

# network WORD...: what doctor says of the network, as one line in $network.
network() {
    run doctor "$@"
    network=$(sed -n '/^Network/,/^This build/p' "$work/stdout" | tr -s ' \n' ' ')
}

# embedded: the models that have embeddings in the cache, one a line, each with a sum over them.
embedded() {
    local model
    for model in "$cache"/*; do
        [ -d "$model" ] && printf '%s %s\n' "${model##*/}" "$(cat "$model"/*.vectors | cksum)"
    done
}

# ------------------------------------------------------------------ none there
network
like "$network" "in use the built-in one, [0-9]+ KB input [0-9]+ x [0-9]+ pixels features [0-9]+ time per picture [0-9.]+ ms" \
    "doctor: the network inside, with its size, input, features and time"
like "$network" "your own none; it would be $own .*thumbtag eval labels.csv -m FILE" "doctor: where one would be, and how to measure one"
keys "$photos" 'key 1 2' screen -- -c cat,dog
is "$rc $err" "0 " "a session without one"
embedded >"$work/inside"
is "$(wc -l <"$work/inside")" 1 "embeddings of one model"
cp "$csv" "$work/answered.csv"

# ------------------------------------------------------- it takes the place
cp "$rgb" "$own"
network
like "$network" "in use $own, 1 KB input 8 x 8 pixels features 15 time per picture [0-9.]+ ms.*your own yes" "doctor: the user's own is in use"
keys "$photos" screen
is "$rc $err" "0 " "a session after the switch"
like "$out" 'cat +1.*dog +1' "which keeps the labels"
embedded >"$work/both"
is "$(wc -l <"$work/both")" 2 "and computes embeddings again, kept apart"
is "$(grep -Fxc -f "$work/inside" "$work/both")" 1 "those of the network inside are as they were"
same_file "$csv" "$work/answered.csv" "labels and predictions in the CSV are as they were"
keys "$photos" screen -- -m "$rgb"
embedded >"$work/now"
same_file "$work/now" "$work/both" "the same file behind -m is the same model"
keys "$photos" screen -- -m builtin
is "$rc" 0 "-m builtin"
embedded >"$work/now"
same_file "$work/now" "$work/both" "is the network inside, whose embeddings are still there"
network -m builtin
like "$network" "in use the built-in one.*your own not used, as model is set: $own" "doctor -m builtin"
network -m none
like "$network" "in use none: model = none your own not used" "doctor -m none"
network -m "$repo/tests/data/tflite/named.tflite"
like "$network" "in use [^ ]*named.tflite, .*your own not used" "doctor -m FILE"
network -m "$work/nowhere"
like "$network" "in use cannot be used: $work/nowhere: .*No such file" "doctor with a model that cannot be opened"
rm -r "$cache"
keys "$photos" screen -- -m none
is "$(embedded)" "" "-m none computes none"
run review "$csv" --script "$work/script"
is "$rc $(embedded)" "0 " "nor does a review, which predicts only when told to"
run review "$csv" -m builtin --script "$work/script"
is "$rc" 0 "-m builtin in a review"
is "$(embedded | cut -d ' ' -f 1)" "$(cut -d ' ' -f 1 "$work/inside")" "is the network inside"

# A backbone is for all folders: its classes are nobody's.
rm -r "$cache" "$csv" "$photos/labels.classes"
cp "$repo/tests/data/tflite/named.tflite" "$own"
printf 'x\ny\nz\n' >"${own%/*}/labels.txt"
keys "$photos" screen
like "$rc $err" "^2 .*no classes are defined; name them" "its classes do not become those of a folder"
keys "$photos" screen -- -c cat,dog
is "$rc $err" "0 " "and none of them has to be known"
[[ $out == *"matches one of"* ]] && not_ok "not even in a notice" "$out" || ok "not even in a notice"

# ------------------------------------------------------------ where it counts
rm "$own" "${own%/*}/labels.txt"
cp "$rgb" "$photos/backbone.tflite"
mkdir -p "$work/data/thumbtag" "$photos/thumbtag"
cp "$rgb" "$work/data/thumbtag/backbone.tflite"
cp "$rgb" "$photos/thumbtag/backbone.tflite"
cd "$work" || exit 1
XDG_DATA_HOME=data network
like "$network" "in use the built-in one.*it would be $own " "a relative XDG_DATA_HOME is ignored"
cd "$photos" || exit 1
XDG_DATA_HOME=. network
like "$network" "in use the built-in one" "so that none is taken from the folder of the pictures"
HOME=. network
like "$network" "in use the built-in one.*your own none; it would be in the home folder, but HOME is not set" "nor through a relative HOME"
unset HOME
network
export HOME=$work
like "$network" "in use the built-in one.*HOME is not set" "without a HOME there is none"
cd "$repo" || exit 1
XDG_DATA_HOME=$work/data network
like "$network" "in use $work/data/thumbtag/backbone.tflite" "an absolute XDG_DATA_HOME counts"
ln -s "$rgb" "$own"
network
like "$network" "in use $own, 1 KB" "it may be a link"
rm "$own" "$photos/backbone.tflite"
rm -r "$photos/thumbtag"

# ------------------------------------------------- what cannot be used
tree=$work/tree
mkdir -p "$tree/one" "$tree/two"
cp "$repo"/samples/photos/IMG_000*.* "$tree/one"
cp "$repo"/samples/photos/IMG_001*.* "$tree/two"
train=(train "$tree" -o "$work/out.tflite" --epochs 1 --batch 4 --side 16 --plain --validation 0)

# broken PATTERN NAME: $own cannot be used, for a reason like that.
broken() {
    rm -rf "$photos/labels.csv" "$photos/labels.classes" "$photos"/.labels.csv.*
    keys "$photos" screen 'key 1' -- -c cat,dog
    is "$rc" 0 "$2: a session goes on"
    like "$err" "^thumbtag: $own: $1; using the built-in network \(remove that file, or choose one: -m builtin\)\$" \
        "$2: it says which file, why, and what to do"
    like "$out" 'backbone.tflite cannot be used; learning with the built-in network' "$2: the screen says so too"
    is "$(rows "$csv" | wc -l)" 1 "$2: the answer is saved"
    is "$(embedded | cut -d ' ' -f 1)" "$(cut -d ' ' -f 1 "$work/inside")" "$2: with the network inside"
    keys "$photos" screen -- -m builtin
    is "$rc $err" "0 " "$2: -m builtin does not mention it"
    network
    like "$network" "in use the built-in one.*your own cannot be used; replace or remove it: $own: $1" "$2: doctor says why"
    run eval "$tree" --curve 4 --draws 1
    is "$out" "" "$2: eval does not measure another network"
    like "$rc $err" "^[34] thumbtag: $own: $1 \(remove that file, or use the built-in network: -m builtin\)\$" "$2: eval says so"
    run "${train[@]}"
    like "$rc $err" "^[34] thumbtag: $own: $1 \(remove that file, or start from the built-in network: --from builtin\)\$" "$2: so does train"
}

rm -rf "$cache"
echo 'no model' >"$own"
broken 'not a TensorFlow Lite model' "text"
head -c 900 "$rgb" >"$own"
broken '.*' "a model that is cut off"
rm "$own"
ln -s "$work/nowhere" "$own"
broken 'cannot open: No such file or directory' "a link to nowhere"
rm "$own"
mkdir "$own"
broken 'not a regular file' "a folder"
rmdir "$own"
truncate -s 300M "$own"
broken '[0-9]+ bytes, the limit is [0-9]+' "a file that is too large"

# ------------------------------------------------------------- eval and train
cp "$rgb" "$own"
run eval "$tree" --curve 4 --draws 1
like "$rc $out" "^0 .*learned on 15 features of your own backbone, $own" "eval measures it, and says so"
run eval "$tree" --curve 4 --draws 1 -m builtin
like "$rc $out" "^0 .*learned on [0-9]+ features of the built-in network" "eval -m builtin"
run eval "$tree" --curve 4 --draws 1 -m "$rgb" --mean 0.5 --std 0.25
like "$rc $out" "^0 .*learned on 15 features of $rgb" "eval -m FILE, with a mean and std"
run eval "$tree" --curve 4 --draws 1 -m none
like "$rc $err" "^2 thumbtag: model = none: there is nothing to measure" "eval -m none"

run "${train[@]}"
like "$rc $err" "^0 thumbtag: starting from the built-in network: $own: .*only models that thumbtag wrote can be trained" \
    "train starts from the built-in network if that one cannot be trained"
run "${train[@]}" --from backbone
like "$rc $err" "^4 thumbtag: $own: .*\(remove that file, or start from the built-in network: --from builtin\)\$" "but not if it was asked for"
run "${train[@]}" --from builtin
is "$rc" 0 "--from builtin"
[[ $err == *backbone.tflite* ]] && not_ok "does not look at it" "$err" || ok "does not look at it"
run train "$tree" -o "$work/small.tflite" --architecture separable-s --side 32 --epochs 1 --batch 4 --plain --validation 0
cp "$work/small.tflite" "$own"
run train "$tree" -o "$work/next.tflite" --epochs 1 --batch 4 --plain --validation 0
is "$rc" 0 "a model that train wrote"
[[ $err == *backbone.tflite* ]] && not_ok "is started from" "$err" || ok "is started from"
run model "$work/next.tflite"
like "$out" 'picture +32 x 32' "as its side shows"

# ------------------------------------------------------------------ predict
for word in builtin none; do
    run predict -m "$word" "$photos"
    like "$rc $err" "^2 thumbtag: model = $word: predict needs a model with classes; name a file" "predict -m $word"
done
run predict "$photos"
like "$rc $err" "^2 .*name a model" "predict does not use it: it is no classifier"
finish
