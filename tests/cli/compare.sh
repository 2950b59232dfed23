#!/bin/bash
# thumbtag compare: agreement between annotators, and merging their labels.
. tests/support/tap.sh
. tests/support/cli.sh
cd "$work" || exit 1

# two FILE FILE COUNT A B: COUNT more items that one calls A and the other B.
count=0
two() {
    local i
    for ((i = 0; i < $3; i++, count++)); do
        echo "$count.jpg,$4" >>"$1"
        echo "$count.jpg,$5" >>"$2"
    done
}
# figure TABLE KEY COLUMN: from the CSV in $out; KEY is the beginning of the row behind its table.
figure() {
    printf '%s\n' "$out" | awk -F, -v table="$1" -v key="$1,$2" -v column="$3" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        index($0, key) == 1 && $1 == table { print $at[column]; exit }'
}

# Cohen's example of 1960, through the files: kappa .492.
echo file_name,label | tee A.csv >B.csv
two A.csv B.csv 88 1 1; two A.csv B.csv 14 1 2; two A.csv B.csv 18 1 3
two A.csv B.csv 10 2 1; two A.csv B.csv 40 2 2; two A.csv B.csv 10 2 3
two A.csv B.csv 2 3 1; two A.csv B.csv 6 3 2; two A.csv B.csv 12 3 3
run compare A.csv B.csv --csv
is "$rc $err" "1 " "disagreements are findings"
is "$(figure pairs ',A,B' kappa)" 0.4915 "Cohen's kappa of his example"
is "$(figure pairs ',A,B' agreement) $(figure pairs ',A,B' items)" "0.7000 200" "raw agreement"
is "$(figure confusion ',A,B,1,3' items) $(figure confusion ',A,B,3,1' items)" "18 2" "the confusion"
is "$(printf '%s\n' "$out" | awk -F, '{ print NF }' | sort -u)" 23 "each row of the CSV is complete"
cp stdout first
run compare A.csv B.csv --csv
same_file stdout first "the same data give the same intervals"
run compare A.csv B.csv
like "$out" "A +B +200 +0\.7000 +0\.6[0-9] +0\.7[0-9] +0\.4915 +0\.3[0-9] +0\.[56][0-9]" "as text"
like "$out" "bootstrap over the items, 1000 draws" "which says what the intervals are"
like "$out" "A +B +1 +3 +18" "and the most frequent disagreements"
run compare A.csv A.csv
is "$rc" 0 "no disagreement: exit status 0"
if command -v python3 >/dev/null; then
    run compare A.csv B.csv --json
    is "$(python3 -c '
import json, sys
d = json.load(open("stdout"))
p, = d["pairs"]
print(p["annotator"], p["other"], p["kappa"], len(d["confusion"]), d["counts"][0]["items"])')" \
        "A B 0.4915 9 200" "as JSON"
else
    skip "as JSON" "python3 is not installed"
fi

# People in one file; what is missing; none; regions; names.
header='file_name,label,status,annotator,x,y,width,height'
cat >one.csv <<ROWS
$header
1.jpg,cat,labeled,ada,,,,
1.jpg,cat,labeled,bob,,,,
./2.jpg,,none,ada,,,,
2.jpg,,none,bob,,,,
3.jpg,cat,labeled,ada,1,2,30,40
3.jpg,dog,labeled,bob,1,2,30,40
3.jpg,dog,labeled,ada,5,2,30,40
3.jpg,,unsure,bob,5,2,30,40
4.jpg,,skipped,ada,,,,
4.jpg,dog,labeled,bob,,,,
5.jpg,,,,,,,
ROWS
run compare one.csv --csv
is "$(figure pairs ',ada,bob' items)" 3 "one file with two annotators: items that both have"
is "$(figure pairs ',ada,bob' agreement)" 0.6667 "none is a class, a region an item"
is "$(figure annotators ',ada' missing) $(figure annotators ',bob' missing)" "1 1" \
    "skipped and unsure are missing"
is "$(figure classes ',,,(none)' uses)" 2 "(none) has its row"
is "$(figure counts items items) $(figure counts 'not annotated' items)" "6 1" "items are counted"
run compare one.csv
like "$out" '2 answers "skipped" or "unsure" are missing' "and missing ones told"

mkdir -p photos2
cp one.csv photos2/labels.csv
run compare photos2 --csv
is "$(figure pairs ',ada,bob' items)" 3 "a folder: its labels.csv"

# The same login name in two files is two people.
printf 'file_name,label,annotator\n1.jpg,a,root\n2.jpg,a,root\n9.jpg,b,root\n' >x.csv
printf 'file_name,label,annotator\n1.jpg,a,root\n2.jpg,b,root\n' >y.csv
mkdir -p other
printf 'file_name,label,annotator\n1.jpg,b,\n' >other/x.csv
run compare x.csv y.csv --csv
is "$(figure pairs ',root (x.csv),root (y.csv)' items)" 2 "a name in two files is two annotators"
is "$(figure counts 'only in x.csv' items) $(figure counts 'only in y.csv' items)" "1 0" \
    "items in one file only are told"
run compare x.csv other/x.csv --csv
is "$(figure pairs ',root,other/x' items)" 1 "without an annotator it is the file, by its path if need be"

# Several classes an item.
printf 'file_name,label\n1.jpg,a|b\n2.jpg,b\n3.jpg,c\n4.jpg,a|c\n' >m1.csv
printf 'file_name,label\n1.jpg,b|a\n2.jpg,a|b\n3.jpg,c\n5.jpg,b\n' >m2.csv
printf 'file_name,label,status\n1.jpg,a|b,labeled\n2.jpg,a|b,labeled\n3.jpg,,none\n' >m3.csv
run compare --multi --csv m1.csv m2.csv m3.csv
is "$(figure pairs ',m1,m2' agreement)" 0.6667 "--multi: the whole set, in any order"
is "$(figure classes ',,,b' agreement) $(figure classes ',,,a' agreement)" "1.0000 0.8000" "and each class"
printf '[classes]\n1 = a\n2 = b\n3 = c\nmulti = yes\n' >m2.classes
run compare --csv m1.csv m2.csv m3.csv
is "$(figure pairs ',m1,m2' agreement)" 0.6667 "or as the class list says"
rm m2.classes
run compare --multi m1.csv m2.csv m3.csv --merge mm.csv
is "$(cut -d, -f1-3,7,9,10 mm.csv)" "file_name,label,status,annotator,annotations,support
1.jpg,a|b,labeled,majority,3,1.0000
2.jpg,a|b,labeled,majority,3,0.6667
3.jpg,c,labeled,majority,3,0.6667
4.jpg,a|c,labeled,majority,1,1.0000
5.jpg,b,labeled,majority,1,1.0000" "--multi --merge: each class by majority"
printf 'file_name,label\n1.jpg,a\n' >n1.csv
printf 'file_name,label\n1.jpg,b\n' >n2.csv
printf 'file_name,label\n1.jpg,c\n' >n3.csv
run compare --multi n1.csv n2.csv n3.csv --merge none.csv
is "$(sed 1d none.csv)" "1.jpg,,,,,,,,3," "three single classes are no answer, and not none"

# Merging.
printf 'file_name,label,annotator\n1.jpg,a,p\n1.jpg,a,q\n1.jpg,b,r\n2.jpg,a,p\n2.jpg,b,q\n3.jpg,a,p\n3.jpg,a,q\n4.jpg,c,p\n"a,5.jpg",,\n' >in.csv
run compare in.csv --merge out.csv --csv
is "$rc" 1 "--merge: disagreements are still findings"
is "$(cat out.csv)" "file_name,label,status,guess,confidence,seconds,annotator,labeled_at,annotations,support
1.jpg,a,labeled,,,,majority,,3,0.6667
2.jpg,,,,,,,,2,
3.jpg,a,labeled,,,,majority,,2,1.0000
4.jpg,c,labeled,,,,majority,,1,1.0000
\"a,5.jpg\",,,,,,,,0," "--merge: by majority, ties are left open"
is "$(for what in unanimous 'by majority' 'tied' 'by one' 'without'; do figure merged "$what" items; done | xargs)" \
    "1 1 1 1 1" "and the result says how many were what"
like "$err" "5 items merged into out.csv" "and where"
run stats out.csv
is "$rc" 0 "the merged file can be read"
cp out.csv before
run compare in.csv --merge out.csv
is "$rc" 2 "a file that exists is not replaced"
like "$err" "out.csv: exists already" "which is said"
same_file out.csv before "and it stays"
run compare one.csv --merge regions.csv
like "$(cat regions.csv)" "3.jpg,,,,,,,,1,2,30,40,2,
3.jpg,dog,labeled,,,,majority,,5,2,30,40,1,1.0000" "regions are written"
# Two who agree, against three who answer at random and outvote them now and then.
echo file_name,label,annotator >crowd.csv
for i in $(seq 0 59); do
    echo "$i.jpg,$((i % 2)),p"
    echo "$i.jpg,$((i % 2)),q"
    echo "$i.jpg,$((i / 2 % 2)),r"
    echo "$i.jpg,$((i / 4 % 2)),s"
    echo "$i.jpg,$((i / 8 % 2)),t"
done >>crowd.csv
run compare crowd.csv --merge trust.csv --by trust --csv
is "$(awk -F, 'NR > 1 && $2 != $1 % 2' trust.csv)" "" "--by trust: those who agree with each other are believed"
is "$(figure annotators ',p' trust)" 1.0000 "their trust is told"
like "$(figure annotators ',r' trust)" '^0\.[345]' "and that of the others"
run compare crowd.csv --merge majority.csv
like "$(awk -F, 'NR > 1 && $2 != $1 % 2' majority.csv)" jpg "where the majority is wrong"
# Two shares of one folder have nothing in common, but can be put together.
printf 'file_name,label\n1.jpg,a\n' >share1.csv
printf 'file_name,label\n2.jpg,b\n' >share2.csv
run compare share1.csv share2.csv --merge shares.csv
is "$rc" 0 "files without a common item can be merged"
is "$(sed 1d shares.csv)" "1.jpg,a,labeled,,,,majority,,1,1.0000
2.jpg,b,labeled,,,,majority,,1,1.0000" "into one"

# What cannot be compared.
printf 'file_name,label,status\n1.jpg,a,labeled\n2.jpg,a,skipped\n' >bad.csv
printf 'name,class\n1.jpg,a\n' >foreign.csv
printf 'file_name,label\n' >empty.csv
{
    echo file_name,label,annotator
    seq 1 101 | sed 's/.*/&.jpg,a,p&/'
} >crowded.csv
while IFS='|' read -r want pattern name arguments; do
    # shellcheck disable=SC2086 # several words
    run compare $arguments
    is "$rc" "$want" "$name: exit status $want"
    like "$err" "^thumbtag: .*$pattern" "$name: message"
    is "$out" "" "$name: no output"
done <<'ROWS'
2|usage: thumbtag compare A.csv.DIR|no file|
3|nowhere.csv: No such file|no such file|A.csv nowhere.csv
4|bad.csv:3: a label, but status is not labeled, in '2.jpg,a,skipped'|a bad row|A.csv bad.csv
4|foreign.csv:1: not a thumbtag file|a bad header|A.csv foreign.csv
4|share1.csv: all annotations are by one annotator, 'share1'|one annotator|share1.csv
4|no item is annotated by two annotators; the first is '1.jpg', the last '2.jpg'|no common item|share1.csv share2.csv
4|empty.csv: no annotations|nothing at all|empty.csv
4|crowded.csv: annotator 'p101' is one more than the 100|too many annotators|crowded.csv
2|--csv and --json exclude each other|two forms|A.csv B.csv --csv --json
2|by = 'best': must be one of majority.trust|no such way|A.csv B.csv --by best
3|no/: cannot open the folder|no folder for the result|A.csv B.csv --merge no/out.csv
ROWS
printf 'file_name,label\n0.jpg,1\n1.jpg,"1\n' >torn.csv
run compare A.csv torn.csv
like "$err" 'torn.csv: its last 9 bytes are an incomplete row' "an incomplete last row is told"
"$THUMBTAG" compare A.csv B.csv >/dev/full 2>stderr
is "$?" 3 "a full disk is no success"
finish
