#!/bin/bash
# thumbtag cache: what is on the disk, in all and of a folder, and emptying it.
. tests/support/tap.sh
. tests/support/cli.sh
cache=$work/.cache/thumbtag
cd "$work" || exit 1

# figure TABLE KIND COLUMN: from the CSV in $out; of the first such row.
figure() {
    printf '%s\n' "$out" | awk -F, -v table="$1" -v kind="$2" -v column="$3" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $1 == table && $at["kind"] == kind { print $at[column]; exit }'
}


# sizes: bytes of the entries, as the file system has them.
sizes() {
    find "$cache" -type f ! -name usage -printf '%s\n' | awk '{ n += $1 } END { print n + 0 }'
}

run cache
is "$rc $err" "0 " "no cache yet"
like "$out" "Cache in $cache"$'\n'"0.0 KiB of 1536 MiB \(--disk\)\$" "its place, size and budget"
is "$([ -e "$work/.cache" ] && echo made)" "" "looking makes nothing"
run cache --clear
is "$rc $err $out" "0  Freed 0.0 KiB" "there is nothing to clear"

# Two folders of pictures that a session has seen.
mkdir a b
cp "$repo"/samples/photos/IMG_000[1-3].* a
cp "$repo"/samples/photos/IMG_000[45].* b
touch -d '2020-01-01' a/* b/* # a fresh file is known by its content only
# session DIR: labels two pictures, and keeps its CSV out of the way.
session() {
    rm -f "$work/$1.csv" "$work/$1.classes"
    keys "$1" 'key 1' 'key 2' 'screen' 'key Q' -- -c x,y -o "$work/$1.csv"
}
session a
is "$rc" 0 "a session in the first folder"
screen=$out
labels=$(rows a.csv)
session b
is "$rc" 0 "a session in the second folder"
run cache --csv
is "$rc $err" "0 " "the figures as CSV"
is "$(figure kinds embeddings entries)" 5 "an embedding of each picture"
is "$(figure kinds embeddings network)" built-in "the network is named"
is "$(printf '%s\n' "$out" | awk -F, '$1 == "cache" { print $8, $9 }')" "$(sizes) 1610612736" \
    "the size is what is on the disk, and the budget"
is "$(stat -c %a "$cache" "$cache"/* "$cache"/embeddings/*/* | sort | uniq -c | xargs)" \
    "3 600 2 700" "the modes"
touch a/IMG_0002.jpg # not what it was
run cache a --csv
is "$(figure kinds embeddings entries)" 2 "a picture that was changed has nothing any more"
touch -d '2020-01-01' a/IMG_0002.jpg
run cache a --csv
is "$(figure kinds embeddings entries)" 3 "of the first folder"
run cache b --json
like "$out" '"pictures": 2.*"entries": 2,' "of the second, as JSON"
run cache b/IMG_0004.jpg
like "$out" "Of the 1 picture named: [0-9.]+ KiB.*embeddings +built-in +1 " "of one picture"
mkdir -p -m 700 "$cache/thumbnails"
head -c 3000 /dev/zero >"$cache/thumbnails/0123456789abcdef0123456789abcdef.cache"
echo notes >"$cache/thumbnails/notes.txt"
run cache --csv
is "$(figure kinds thumbnails entries) $(figure kinds thumbnails bytes)" "1 3000" "thumbnails"
run cache a --csv
is "$(figure kinds thumbnails entries)" "" "none of them of the first folder"
before=$(sizes)
run cache a --clear --csv
is "$rc $err" "0 " "clearing a folder"
is "$(figure freed embeddings entries)" 3 "what was removed"
is "$(figure freed embeddings bytes)" "$((before - $(sizes)))" "what was freed is free"
run cache a --csv
is "$(figure kinds embeddings entries)" "" "nothing is left of it"
run cache b --csv
is "$(figure kinds embeddings entries)" 2 "the other folder's stay"
session a
is "$out" "$screen" "a session computes them anew, and shows the same"
run cache --csv
is "$(figure kinds embeddings entries)" 5 "and keeps them"

# It is emptied while a session runs, which learns and goes on.
mkfifo fifo
rm -f a.csv a.classes
"$THUMBTAG" a -c x,y -o "$work/a.csv" --script fifo >session.out 2>session.err </dev/null &
pid=$!
exec 5>fifo
echo 'key 1' >&5
run cache --clear
like "$out" '^Freed .*thumbnails +1 ' "cleared while a session runs"
is "$(sizes)" 6 "nothing is left but what is not the cache's"
rm "$cache/thumbnails/notes.txt"
printf 'key 2\nscreen\nkey Q\n' >&5
exec 5>&-
wait "$pid"
is "$?" 0 "the session ends well"
is "$(cat session.out)" "$screen" "its predictions are the same"
is "$(rows a.csv)" "$labels" "and so are its labels"

# Links in the cache lead nowhere.
session a
mkdir precious
model=$(ls "$cache/embeddings")
cp "$cache/embeddings/$model/"* precious/
cp -r precious kept
rm -r "$cache/embeddings/$model"
ln -s "$work/precious" "$cache/embeddings/$model"
for arguments in "" "--clear" "a --clear"; do
    # shellcheck disable=SC2086
    run cache $arguments
    is "$rc" 3 "a link to a folder is told: cache $arguments"
    like "$err" "left alone: $cache/embeddings/$model: a link" "its name: cache $arguments"
done
session a
is "$rc" 0 "a session goes on without"
rm "$cache/embeddings/$model"
mkdir -m 700 "$cache/embeddings/$model"
ln -s "$work/precious/0001.index" "$cache/embeddings/$model/0001.index"
ln "$work/precious/0001.vectors" "$cache/embeddings/$model/0001.vectors"
run cache a --clear
is "$rc" 3 "a link to a file is told"
like "$err" "0001.index: no regular file" "its name"
is "$(diff -r precious kept)" "" "nothing behind a link has changed"
rm -r "${cache:?}/embeddings"

# What cannot be read, and what is another user's.
session a
index=$cache/embeddings/$model/0001.index
if [ "$(id -u)" = 0 ]; then
    chown 12345 "$index"
    run cache --clear
    is "$rc" 3 "another user's file"
    like "$err" "left alone: $index: belongs to another user" "is told"
    is "$([ -e "$index" ] && echo there)" there "and left alone"
    rm "$index"
else
    chmod 0 "$index"
    run cache a
    is "$rc" 3 "an unreadable file"
    like "$err" "left alone: .*0001.index: cannot open" "is told"
    chmod 600 "$index"
fi
run cache --clear
is "$rc $(sizes)" "0 0" "all else is cleared"
printf 'garbage, longer than a header is, and then some more of it, to be sure' >"$index"
run cache
is "$rc" 0 "garbage is no trouble"
session a
is "$out" "$screen" "nor for a session"

# The budget, and what it was called before.
budget() {
    printf '%s\n' "$@" >t.ini
    run cache --config t.ini --csv
    printf '%s\n' "$out" | awk -F, '$1 == "cache" { print $9 / 1048576 }'
}
is "$(budget '[session]' 'disk = 100')" 100 "disk"
is "$(budget '[model]' 'embeddings = 30')" 542 "embeddings alone: with the default of thumbnails"
is "$(budget '[model]' 'embeddings = 30' '[view]' 'thumbnails = 12')" 42 "both: their sum"
is "$(budget '[model]' 'embeddings = 30' '[session]' 'disk = 100')" 100 "disk counts"
run cache --clear
for setting in '--disk 0' '--embeddings 0'; do
    # shellcheck disable=SC2086
    keys a 'key 1' 'key 2' 'key Q' -- -c x,y -o "$work/a.csv" $setting
    is "$rc $(sizes)" "0 0" "nothing is kept with $setting"
done
run cache --disk 0
like "$out" "of 0 MiB \(--disk\): nothing is added" "and that is told"
run label --help
is "$(printf '%s\n' "$out" | grep -c -e --embeddings -e --thumbnails)" 0 "the old names are not offered"

run doctor
like "$out" "Cache on disk.*folder +$cache.*size +[0-9.]+ MiB of 1536 MiB \(--disk\)" "doctor shows it"
run cache nowhere
is "$rc" 3 "a folder that is not there"
like "$err" "nowhere: No such file" "is told"
(
    unset HOME
    run cache
    is "$rc" 3 "no home, no cache"
    like "$err" "HOME is not set" "is told"
)
finish
