#!/bin/bash
# `thumbtag import` as a user meets it: tables with what spreadsheets and other programs
# do to them, names that have to be found, what is refused.
. tests/support/tap.sh
. tests/support/cli.sh
csv=$photos/labels.csv
mkdir "$photos/a" && mv "$photos/IMG_0006.jpg" "$photos/a/"

# answers: the file's rows as name,label,status.
answers() {
    tail -n +2 "${1:-$csv}" | cut -d, -f1-3 | tr '\n' ' '
}

# take TEXT ARG...: imports a table with that text (printf's) into a new labels.csv.
take() {
    local text=$1
    shift
    rm -f "$csv" "$photos/.labels.csv.history"
    # shellcheck disable=SC2059
    printf "$text" >"$work/table"
    run import "$work/table" --pictures "$photos" -o "$csv" "$@"
}
both='IMG_0001.jpg,cat,labeled a/IMG_0006.jpg,dog,labeled '

take 'file_name,label\nIMG_0001.jpg,cat\na/IMG_0006.jpg,dog\n'
is "$rc $err" "0 " "a plain table"
is "$(answers)" "$both" "its rows"
is "$out" "$csv: 2 annotations from $work/table (csv)" "and what is said of it"
is "$(tail -n 1 "$csv" | cut -d, -f7)" import "the annotator"
take 'file_name,label\nIMG_0001.jpg,cat\n' -a Ann
is "$(tail -n 1 "$csv" | cut -d, -f7)" Ann "-a names another"

# ------------------------------------------------------------ how tables look
take ',Class Name,image_id,class\r\n0,x,IMG_0001,cat\r\n1,y,IMG_0006,dog\r\n'
is "$(answers)" "$both" "pandas' index, CRLF, names without endings, class"
take '\xef\xbb\xbfimage;x;category\nIMG_0001.jpg;1;cat\na\\IMG_0006.jpg;2;dog\n'
is "$(answers)" "$both" "a byte order mark, semicolons, a backslash"
take 'path\ttags\n/data/set/IMG_0001.jpg\tcat\ngs://bucket/a/IMG_0006.jpg\tdog\n'
is "$(answers)" "$both" "tabs, absolute names"
take 'IMG_0001.jpg,cat\na/IMG_0006.jpg,dog\n'
is "$(answers)" "$both" "no header"
take 'what,where\ncat,IMG_0001.jpg\ndog,a/IMG_0006.jpg\n'
is "$(answers)" "$both" "strange names in the header"
take 'where,one,two\nIMG_0001.jpg,1,cat\na/IMG_0006.jpg,2,dog\n'
is "$rc" 4 "an ambiguous label column is refused"
like "$err" "table:1: which column has the labels\\? .*where, one, two" "and the columns are named"
take 'where,one,two\nIMG_0001.jpg,1,cat\na/IMG_0006.jpg,2,dog\n' --columns file=where,label=two
is "$(answers)" "$both" "--columns by name"
take 'IMG_0001.jpg,1,cat\na/IMG_0006.jpg,2,dog\n' --columns label=3
is "$(answers)" "$both" "--columns by number"
take 'IMG_0001.jpg,1,cat\n' --columns label=4
is "$rc" 2 "a column that is not there"
take 'IMG_0001.jpg,1,cat\n' --columns class=3
is "$rc" 2 "a word that --columns does not know"
printf 'file,label\nIMG_0001.jpg,caf\xe9\n' >"$work/latin"
rm -f "$csv"
run import "$work/latin" --pictures "$photos" -o "$csv"
is "$(answers)" "IMG_0001.jpg,café,labeled " "Latin-1"
like "$err" "read as Windows-1252" "is told"
printf '\xff\xfef\0i\0l\0e\0,\0t\0a\0g\0\n\0I\0M\0G\0_\0000\0000\0000\0001\0.\0j\0p\0g\0,\0\xe9\0\n\0' >"$work/wide"
rm -f "$csv"
run import "$work/wide" --pictures "$photos" -o "$csv"
is "$(answers)" "IMG_0001.jpg,é,labeled " "UTF-16"
like "$err" "read as UTF-16" "is told"

# ------------------------------------------------------------- several labels
take 'file,tags\nIMG_0001.jpg,cat dog\nIMG_0002.jpg,dog\n'
is "$(answers)" "IMG_0001.jpg,cat dog,labeled IMG_0002.jpg,dog,labeled " "blanks are part of a label"
for separator in ' ' ';' ', ' '|'; do
    take "file\ttags\nIMG_0001.jpg\tcat${separator}dog\nIMG_0002.jpg\tdog\n" --multi
    is "$(answers)" "IMG_0001.jpg,cat|dog,labeled IMG_0002.jpg,dog,labeled " \
        "but separate labels with --multi: '$separator'"
done
take "file;tags\nIMG_0001.jpg;\"['cat', 'sea dog']\"\n"
is "$(answers)" "IMG_0001.jpg,cat|sea dog,labeled " "a list as Python writes it"
like "$err" "several labels, with .* go on with --multi" "is told"
take 'file,tags\nIMG_0001.jpg,cat\nIMG_0001.jpg,cat\nIMG_0001.jpg,dog\n'
is "$rc $(ls "$csv" 2>&1 | grep -c cannot)" "4 1" "two labels of a picture: refused, nothing written"
like "$err" "table:4: IMG_0001.jpg is 'dog' here and 'cat' before" "with the line and both"
take 'file,tags\nIMG_0001.jpg,cat\nIMG_0001.jpg,dog\n' --multi
is "$(answers)" "IMG_0001.jpg,cat|dog,labeled " "--multi joins them"

# ------------------------------------------------------------------ what is bad
take 'file,label\nIMG_0001.jpg,cat\nIMG_0009.jpg,dog\nb/x.jpg,dog\n'
is "$rc $(answers)" "1 IMG_0001.jpg,cat,labeled " "pictures that are not there are left out"
like "$err" "left out: 2 with no such picture: IMG_0009.jpg, b/x.jpg" "and told"
take 'file,label\nnope.jpg,cat\n'
is "$rc" 4 "none is there: refused"
like "$err" "none of its pictures is below $photos" "with the folder"
cp "$photos/IMG_0001.jpg" "$photos/a/"
take 'file,label\nb/IMG_0001.jpg,cat\nIMG_0002.jpg,dog\n'
is "$rc $(answers)" "1 IMG_0002.jpg,dog,labeled " "two of a base name: left out"
like "$err" "left out: 1 whose name several pictures have: b/IMG_0001.jpg" "and told"
rm "$photos/a/IMG_0001.jpg"
take 'file,label\nIMG_0001.jpg,cat\nIMG_0002.jpg,"dog\n'
is "$rc" 4 "a quote that is never closed"
like "$err" "table:3: a quote that is never closed" "with its line"
take 'file,label\nIMG_0001.jpg,cat\nIMG_0002.jpg,d\x01g\n'
is "$rc" 4 "a control character in a class"
like "$err" "table:3: class name" "with its line"
take 'file,label,x,y,width,height\nIMG_0001.jpg,cat,1,2,three,4\n'
is "$rc" 4 "a region that is none"
like "$err" "table:2: 'three' is not a number" "with the value"
take ''
is "$rc" 4 "an empty file"

# --------------------------------------------------------- what is there is kept
take 'file,label\nIMG_0001.jpg,cat\n'
printf 'file,label\nIMG_0001.jpg,dog\nIMG_0002.jpg,dog\n' >"$work/more"
cp "$csv" "$work/before"
run import "$work/more" --pictures "$photos" -o "$csv"
is "$rc" 2 "a labels.csv with answers is not written"
like "$err" "--add" "unless --add"
same_file "$csv" "$work/before" "and stays as it is"
run import "$work/more" --pictures "$photos" -o "$csv" --add
is "$rc $(answers)" "0 IMG_0001.jpg,cat,labeled IMG_0002.jpg,dog,labeled " "--add keeps what is there"
like "$err" "1 kept" "and tells it"
run import "$csv" -o "$csv"
is "$rc" 2 "the source is never written"
keys "$photos" 'key backspace' -- -c cat,dog -a import
is "$(grep -c labeled "$csv")" 2 "an import is one step of undo: its 1 row is gone, the header has the word too"

# --------------------------------------------------------------------- folders
mkdir -p "$work/set/train/cat" "$work/set/val/dog"
cp "$photos/IMG_0001.jpg" "$work/set/train/cat/"
cp "$photos/IMG_0002.jpg" "$work/set/val/dog/"
run import "$work/set"
is "$rc $(answers "$work/set/labels.csv")" \
    "0 train/cat/IMG_0001.jpg,cat,labeled val/dog/IMG_0002.jpg,dog,labeled " "a folder a class"

printf 'cat\ndog\n' >"$work/set/classes.txt"
printf '<html></html>\n' >"$work/set/about.xml"
run import "$work/set" --add
like "$err$out" "2 kept as import.*\(folders\)" "also with a list of classes, or some XML, beside them"

finish
