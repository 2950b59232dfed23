#!/bin/bash
# Two keys a second over a line of 1 Mbit/s and 50 ms each way, between network namespaces
# where these are to be had (tests/support/link.sh): how many came before their picture
# did, and how long the pictures took. `make bench` calls it.
: "${THUMBTAG:=$PWD/build/release/thumbtag}"
export THUMBTAG
. tests/support/tap.sh
. tests/support/real.sh
. tests/support/sshd.sh
. tests/support/link.sh
settled=5 # pictures after which the line is known
copy_samples "$scratch/photos"
link_prepare
link_program=("$THUMBTAG" "$scratch/photos" --order file --embeddings 0 -c ant,bee,cow,dog,elk -o "$scratch/labels.csv")
link_start 50 0
link_terminal -g 100x30 -c 6x13 >"$scratch/log" 2>"$scratch/err" <<'EOT'
wait ready 20000
every 500 45 1 2 3 4 5
wait quiet 600
key Q
wait end 20000
EOT
awk -v settled="$settled" '
    $1 == "picture" { pictures++; if (key) print $4 - key; key = 0 }
    $1 == "key" && $2 ~ /^[1-5]$/ && pictures > settled {
        if (key) print 1e6 # none came
        if ($NF > 0) key = $4; else early++
    }
    END { print early + 0 >"'"$scratch/early"'" }' "$scratch/log" | sort -n >"$scratch/times"
awk -v early="$(<"$scratch/early")" -v how="$link_how" '
    { v[NR] = $1 }
    END {
        printf "  %-46s p50 %.0f  p90 %.0f  longest %.0f ms of %d keys; %d more came before their picture\n",
            "two keys a second, 1 Mbit/s, " how, v[int(NR * 0.5) + 1], v[int(NR * 0.9) + 1], v[NR], NR, early
    }' "$scratch/times"
tap_finished=yes
