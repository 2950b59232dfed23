#!/bin/bash
# The recipe of the network inside: what it refuses, and what it calls.
. tests/support/tap.sh
. tests/support/cli.sh
recipe=$repo/src/learn/backbone.sh
pictures=$work/pictures
teacher=$work/teacher.tflite
at=$work/at
free=$repo/src/learn/backbone_sources.tsv
research=$repo/src/learn/backbone_research.tsv

# A trainer that writes down how it was called.
cat >"$work/trainer" <<'EOF'
#!/bin/sh
echo "$*" >"${0%/*}/called"
while [ "$1" != -o ]; do shift; done
echo model >"$2"
EOF
chmod +x "$work/trainer"

# make_one TABLE...: runs the recipe.
make_one() {
    rm -f "$work/called" "$work/out.tflite"
    sh "$recipe" "$pictures" "$teacher" "$at" "$work/trainer" "$work/out.tflite" "$@" >"$work/stdout" 2>"$work/stderr"
    rc=$?
    err=$(cat "$work/stderr")
}

make_one
is "$rc $err" "2 $pictures: no such folder; make backbone PICTURES=FOLDER" "no pictures"
make_one "$free"
is "$rc $err" "2 $pictures: no such folder; make backbone-research PICTURES=FOLDER" "nor for the other target"
mkdir -p "$pictures/class"
make_one
is "$rc $err" "2 $teacher: no such file; make backbone TEACHER=MODEL.tflite" "no teacher"
echo >"$teacher"
make_one
is "$rc $(cat "$work/out.tflite")" "0 model" "any folder of pictures will do"
like "$(cat "$work/called")" "^train --teacher $teacher $pictures " "and is trained on"
made=$(cat "$work/called")

# With tables: a folder for each source, with pictures in it.
while IFS=$'\t' read -r name _; do
    mkdir -p "$pictures/$name/class"
    echo >"$pictures/$name/class/1.jpg"
done < <(tail -q -n +2 "$free" "$research")
rm -r "$pictures/coco40k" "$pictures/rocks/class/1.jpg"
make_one "$free" "$research"
like "$rc $err" "^2 $pictures: no pictures of rocks coco40k: each source needs a folder of its name.*backbone_sources.tsv .*backbone_research.tsv$" \
    "sources that are missing, or empty, are named"
[ -e "$work/called" ] && not_ok "and nothing is trained" || ok "and nothing is trained"
mkdir -p "$pictures/coco40k/class"
echo >"$pictures/coco40k/class/1.jpg"
echo >"$pictures/rocks/class/1.jpg"
make_one "$free" "$research"
is "$rc $(cat "$work/called")" "0 $made" "with all of them it is the same recipe"

# The tables themselves: no source of the one in the other, and tiers that say what they may.
is "$(tail -q -n +2 "$free" "$research" | cut -f 1 | sort | uniq -d)" "" "no source twice"
is "$(tail -n +2 "$free" | cut -f 2 | sort -u | paste -sd ' ')" "C P" "what is shipped saw what anyone may use"
is "$(tail -n +2 "$research" | cut -f 2 | sort -u | paste -sd ' ')" "N U" "and research the rest"
finish
