#!/bin/bash
# The manual, the completions and the ini template in the tree are those that
# the program's tables make, and they are well-formed.
. tests/support/tap.sh
need man
into=$(mktemp -d)
at_exit "rm -rf '$into'"
generate=${THUMBTAG%/thumbtag}/man/generate
"$generate" page man/thumbtag.1.in >"$into/thumbtag.1"
"$generate" page man/thumbtag.ini.5.in >"$into/thumbtag.ini.5"
"$generate" bash >"$into/thumbtag.bash"
"$generate" fish >"$into/thumbtag.fish"
"$generate" zsh >"$into/_thumbtag"
"$generate" ini >"$into/thumbtag.ini"
for f in thumbtag.1 thumbtag.ini.5 thumbtag.bash thumbtag.fish _thumbtag thumbtag.ini; do
    same_file "$into/$f" "man/$f" "man/$f is up to date (make docs)"
done
for f in man/thumbtag.1 man/thumbtag.ini.5; do
    is "$(LC_ALL=C.UTF-8 man --warnings -l "$f" 2>&1 >/dev/null)" "" "$f has no troff warnings"
done
is "$(bash -n man/thumbtag.bash 2>&1)" "" "the bash completion is valid"
# completes WORD... WANTED NAME: what bash offers for the last of these words has that.
completes() {
    local name=${*: -1} wanted=${*: -2:1}
    local -a COMPREPLY=() COMP_WORDS=("${@:1:$#-2}")
    local COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _thumbtag
    like " ${COMPREPLY[*]} " "$wanted" "$name"
}
. man/thumbtag.bash
mkdir "$into/dir"
touch "$into/a.tflite" "$into/b.csv"
completes thumbtag rev ' review ' 'E bash completes commands'
completes thumbtag classes ren ' rename ' 'E bash: actions of classes'
completes thumbtag review --st ' --status ' 'E bash: options of the command'
completes thumbtag review --ep '^ *$' 'E bash: not those of another one'
completes thumbtag photos/ -t l ' light ' 'E bash: themes behind -t'
completes thumbtag photos/ -p s ' sixel ' 'E bash: protocols behind -p'
completes thumbtag photos/ --protocol = si ' sixel ' 'E bash: behind = too'
completes thumbtag review --status un ' unsure ' 'E bash: statuses'
completes thumbtag train --architecture residual- ' residual-s residual-m residual-l residual-xl ' \
    'E bash: architectures'
completes thumbtag predict -m "$into/" "^ $into/a.tflite $into/dir \$" 'E bash: models and folders behind -m'
completes thumbtag photos/ --model no ' none ' 'E bash: no model'
completes thumbtag photos/ -a x '^ *$' 'E bash: no files for what is none'
page=$(MANWIDTH=200 LC_ALL=C.UTF-8 man -l man/thumbtag.1 | col -b)
for option in $("$THUMBTAG" label --help | grep -o -- '--[a-z-]*' | sort -u); do
    like "$page" "$option" "thumbtag(1) has $option"
done
# Every setting of the template is one that the program takes.
sed 's/^;\([a-z0-9-]* = ..*\)$/\1/' man/thumbtag.ini >"$into/all.ini"
mkdir "$into/p" && cp samples/photos/IMG_0001.jpg "$into/p/"
printf 'screen\n' >"$into/script"
out=$("$THUMBTAG" "$into/p" --config "$into/all.ini" --script "$into/script" 2>&1)
like "$out" "IMG_0001.jpg" "the template with everything switched on is accepted"
finish
