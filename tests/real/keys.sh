#!/bin/bash
# Keys and pictures on a terminal that knows which picture it has shown when it
# sends a key: each answer belongs to that picture, and is on the disk.
. tests/support/tap.sh
. tests/support/real.sh
photos=$scratch/photos
csv=$scratch/labels.csv
log=$scratch/log
classes=ant,bee,cow,dog,elk
copy_samples "$photos"

# terminal SIZE RATE: runs the program under the script on standard input.
terminal() {
    "$ptyterm" -g "$1" -c 6x13 -r "$2" "$THUMBTAG" "$photos" --order file --embeddings 0 --level default \
        -c "$classes" -o "$csv" \
        >"$log" 2>"$scratch/err"
}

# learn SIZE: which file is which picture there: lines "HASH FILE" in $scratch/known.
learn() {
    local files=("$photos"/*)
    local n=${#files[@]}
    rm -f "$csv"
    { for ((i = 1; i < n; i++)); do printf 'wait ready\nkey right\n'; done
        printf 'wait ready\nkey Q\n'; } | terminal "$1" 0
    paste -d' ' <(sed -n 's/^picture .* hash \([0-9a-f]*\).*/\1/p' "$log") \
        <(printf '%s\n' "${files[@]##*/}") >"$scratch/known"
    is "$(cut -d' ' -f1 "$scratch/known" | sort -u | wc -l)" "$n" \
        "$1: each picture is shown, and different"
}

# What the log says that must have been answered: FILE=CLASS for each key that was
# sent when a picture was to be seen.
expected() {
    awk -v classes="$classes" '
        BEGIN { split(classes, class, ",") }
        NR == FNR { file[$1] = $2; next }
        $1 == "picture" { hash[$2] = $9 }
        $1 == "seeing" { seen = $2 }
        $1 == "key" && $NF > 0 { seen = $NF }
        $1 == "key" && $2 ~ /^[1-5]$/ && seen > 0 { print file[hash[seen]] "=" class[$2] }
        $1 == "key" { seen = 0 }
    ' "$scratch/known" "$log"
}

# count PATTERN: of lines in the log
count() {
    grep -c "$1" "$log"
}

# Behind a key that came too early others wait for a pause: not each key that could
# have answered has done so.
check_answers() {
    is "$(comm -23 <(given "$csv" | sort) <(expected | sort))" "" \
        "A5 $1: each key labels the picture that was shown, no other"
    like "$(given "$csv" | head -n 1)" '^IMG_0001.jpg=ant$' "$1: keys count"
}

# Six keys a second, one class after the other.
learn 100x30
rm -f "$csv"
terminal 100x30 0 <<'EOT'
wait ready
every 160 20 1 2 3 4 5
wait quiet 400
key Q
EOT
is "$(tail -n 2 "$log")" $'exit 0\nmodes same' 'six keys a second: ends in order'
check_answers 'six keys a second'
like "$(count '^picture')" '^([1-5][0-9]|[5-9])$' 'six keys a second: pictures follow'

# Keys faster than the terminal: of most, no picture is there yet.
learn 60x16
rm -f "$csv"
terminal 60x16 300000 <<'EOT'
wait ready
every 20 100 1 2 3 4 5
wait quiet 400
key Q
EOT
is "$(tail -n 2 "$log")" $'exit 0\nmodes same' 'slow terminal: ends in order'
check_answers 'slow terminal'
early=$(count '^key [1-5] .* on 0$')
if [ "$early" -ge 20 ]; then
    ok 'slow terminal: keys came early'
else
    not_ok 'slow terminal: keys came early' "only $early of 100"
fi

# Resized while keys come.
rm -f "$csv"
terminal 60x16 0 <<'EOT'
wait ready
resize 100x30
wait picture 2
wait ready
key 1
wait ready
resize 60x16
wait quiet 200
wait ready
key 2
wait ready
key Q
EOT
is "$(tail -n 2 "$log")" $'exit 0\nmodes same' 'resized: ends in order'
is "$(given "$csv")" $'IMG_0001.jpg=ant\nIMG_0002.jpg=bee' 'resized: keys count at once'

# A reply that is lost holds the next picture back for a while, not for ever.
learn 60x16
rm -f "$csv"
terminal 60x16 0 <<'EOT'
wait ready
lose
key right
wait picture 2
key right
wait picture 3
wait ready
key 3
wait ready
key Q
EOT
is "$(tail -n 2 "$log")" $'exit 0\nmodes same' 'a lost reply: ends in order'
is "$(given "$csv")" 'IMG_0003.png=cow' 'a lost reply: the next picture comes all the same'

# The end comes at any time: what was followed by a picture is on the disk, and
# the next start begins behind it.
learn 60x16
for end in 'signal TERM' 'signal HUP' 'signal KILL' hangup; do
    rm -f "$csv"
    terminal 60x16 0 <<EOT
wait ready
key 1
wait ready
key 2
wait ready
key 3
wait ready
every 50 8 4 5 1 2 3
wait quiet 400
$end
EOT
    case $end in
    'signal KILL') like "$(cat "$log")" 'killed 9' "$end: killed" ;;
    hangup) like "$(cat "$log")" 'exit [0-9]+$' "$end: ends by itself" ;;
    *) like "$(cat "$log")" $'exit [0-9]+\nmodes same$' "$end: ends by itself, modes as before" ;;
    esac
    expected | sort >"$scratch/expected"
    terminal 60x16 0 <<'EOT'
wait ready
key Q
EOT
    is "$(comm -23 <(given "$csv" | sort) "$scratch/expected")" "" "$end: no other answer"
    is "$(given "$csv" | head -n 3)" $'IMG_0001.jpg=ant\nIMG_0002.jpg=bee\nIMG_0003.png=cow' \
        "$end: every answer is on the disk"
    hash=$(sed -n 's/^picture 1 .* hash \([0-9a-f]*\).*/\1/p' "$log")
    behind=$(($(given "$csv" | wc -l) + 1))
    is "$(grep "^$hash" "$scratch/known")" "$(sed -n "${behind}p" "$scratch/known")" \
        "$end: the next start begins where it stopped"
done
# Over a slow link pictures are small; one that is looked at grows, and a key answers it
# all the same.
rm -f "$csv"
"$ptyterm" -g 100x30 -c 10x20 -r 60000 -l 60 "$THUMBTAG" "$photos" --order file --embeddings 0 -c "$classes" -o "$csv" \
    >"$log" 2>"$scratch/err" <<'EOT'
wait ready 20000
key right
wait ready 20000
wait picture 4 20000
key 2
wait ready
key Q
EOT
is "$(tail -n 2 "$log")" $'exit 0\nmodes same' 'slow link: ends in order'
read -r small pieces < <(awk '
    $1 == "picture" && !answered { n = $2; if (n == 1) first = $7 }
    $1 == "key" && $2 == 2 { answered = 1 }
    END { print first, n }' "$log")
like "$((small < 40000))" 1 'slow link: a picture is small'
like "$pieces" '^[4-9]$|^..$' 'slow link: one that is looked at grows, piece by piece'
is "$(given "$csv")" 'IMG_0002.jpg=bee' 'slow link: a key answers it'
finish
