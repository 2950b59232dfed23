#!/bin/bash
# `thumbtag export`: what other programs read, made from labels.csv.
. tests/support/tap.sh
. tests/support/cli.sh
csv=$photos/labels.csv
mkdir "$photos/a" && mv "$photos/IMG_0006.jpg" "$photos/a/"
cp "$photos/IMG_0001.jpg" "$photos/a/"
header=file_name,label,status,guess,confidence,seconds,annotator,labeled_at
when=2026-01-01T00:00:0

# labels ROW...: file_name,label,status each; writes labels.csv.
labels() {
    local i=0 row
    echo "$header" >"$csv"
    for row in "$@"; do
        echo "$row,,,,Ann,${when}$i.000Z" >>"$csv"
        i=$((i + 1))
    done
}
labels IMG_0001.jpg,cat,labeled '"a/IMG_0006.jpg","sea ""dog""",labeled' IMG_0003.png,,skipped \
    IMG_0002.jpg,cat,labeled a/IMG_0001.jpg,cat,labeled

# ------------------------------------------------------------------------- CSV
run export "$photos" --to csv -o "$work/out.csv"
is "$rc" 0 "a CSV"
is "$(cat "$work/out.csv")" 'file_name,label
IMG_0001.jpg,cat
IMG_0002.jpg,cat
a/IMG_0001.jpg,cat
a/IMG_0006.jpg,"sea ""dog"""' "with file and label, in the order of the names"
is "$out" "$work/out.csv: 4 annotations of 4 pictures (csv)" "what is said"
like "$err" "left out: 1 with another status" "the skipped one is told"
run export "$photos" --to csv -o "$work/out.csv" --status labeled,skipped
is "$(sed -n 4p "$work/out.csv")" "IMG_0003.png,,skipped" "--status takes more, with a column"
if python3 -c 'import pandas' 2>/dev/null; then
    is "$(python3 -c 'import pandas, sys; print(pandas.read_csv(sys.argv[1]).label.value_counts().to_dict())' "$work/out.csv")" \
        "{'cat': 3, 'sea \"dog\"': 1}" "pandas reads it"
else
    skip "pandas reads it" "no pandas"
fi

# --------------------------------------------------------------------- folders
run export "$photos" --to folders -o "$work/tree/"
is "$rc" 0 "folders"
is "$(cd "$work/tree" && find . -type l | LC_ALL=C sort | tr '\n' ' ')" \
    './cat/IMG_0001.jpg ./cat/IMG_0002.jpg ./cat/a__IMG_0001.jpg ./sea "dog"/IMG_0006.jpg ' \
    "of links; two of one name keep both"
same_file "$work/tree/cat/IMG_0002.jpg" "$photos/IMG_0002.jpg" "that lead to the pictures"
run export "$photos" --to folders -o "$work/tree"
is "$rc" 2 "a folder that is there is refused"
like "$err" "tree: is there already" "and named"
run export "$photos" --to folders -o "$work/copies" --copy
is "$(find "$work/copies" -type f | wc -l) $(find "$work/copies" -type l | wc -l)" "4 0" "--copy"
same_file "$work/copies/cat/a__IMG_0001.jpg" "$photos/a/IMG_0001.jpg" "copies them"
mv "$photos/IMG_0002.jpg" "$work/"
run export "$photos" --to folders -o "$work/lost"
is "$rc" 3 "a picture that is gone is an error"
like "$err" "IMG_0002.jpg: cannot link to it: No such file" "that names it"
is "$(find "$work" -maxdepth 1 -name '*lost*')" "" "and nothing stays of the folder"
mv "$work/IMG_0002.jpg" "$photos/"
labels IMG_0001.jpg,../cat,labeled
run export "$photos" --to folders -o "$work/bad"
is "$rc $(ls -d "$work/bad" 2>/dev/null)" "4 " "a class that is no folder's name is refused"
labels 'IMG_0001.jpg,cat|dog,labeled'
run export "$photos" --to folders -o "$work/bad"
is "$rc $(ls -d "$work/bad" 2>/dev/null)" "4 " "several classes cannot be in one folder"
like "$err" "IMG_0001.jpg \('cat\|dog'\): folders holds one class each" "and the reason is told"

# ------------------------------------------------------ the forms of programs
# By Python's own readers: what they read, as a line.
python() { # PROGRAM ARG...
    python3 -c "$@" 2>&1
}
printf '%s,x,y,width,height\n' "$header" >"$csv"
cat >>"$csv" <<'END'
IMG_0001.jpg,"sea ""dog"" & <é>",labeled,,,,Ann,2026-01-01T00:00:00.000Z,,,,
a/IMG_0006.jpg,cat,labeled,,,,Ann,2026-01-01T00:00:01.000Z,10,20,30,40
END
for to in jsonl coco createml labelstudio; do
    run export "$photos" --to $to -o "$work/out.$to"
    is "$rc$err" 0 "$to"
done
is "$(python 'import json, sys
for line in open(sys.argv[1]):
    r = json.loads(line)
    print(r["file_name"], r["label"], r["objects"]["bbox"], r["objects"]["categories"], end=";")' "$work/out.jsonl")" \
    "IMG_0001.jpg sea \"dog\" & <é> [] [];a/IMG_0006.jpg None [[10, 20, 30, 40]] ['cat'];" \
    "JSON lines, as Python reads them"
size=$(python3 -c 'import struct, sys
d = open(sys.argv[1], "rb").read()
i = 2
while d[i + 1] not in (0xc0, 0xc1, 0xc2): i += 2 + struct.unpack(">H", d[i + 2:i + 4])[0]
h, w = struct.unpack(">HH", d[i + 5:i + 9]); print(w, h)' "$photos/a/IMG_0006.jpg")
is "$(python 'import json, sys
c = json.load(open(sys.argv[1]))
names = {k["id"]: k["name"] for k in c["categories"]}
images = {i["id"]: i for i in c["images"]}
for a in c["annotations"]:
    i = images[a["image_id"]]
    print(i["file_name"], names[a["category_id"]], a.get("bbox"), a.get("area"), end=";")
print(i["width"], i["height"])' "$work/out.coco")" \
    "IMG_0001.jpg sea \"dog\" & <é> None None;a/IMG_0006.jpg cat [10, 20, 30, 40] 1200;$size" \
    "COCO, with the sizes of the pictures"
is "$(python 'import json, sys
for i in json.load(open(sys.argv[1])):
    print(i["image"], [(a["label"], a.get("coordinates")) for a in i["annotations"]], end=";")' "$work/out.createml")" \
    "IMG_0001.jpg [('sea \"dog\" & <é>', None)];a/IMG_0006.jpg [('cat', {'x': 25.0, 'y': 40.0, 'width': 30, 'height': 40})];" \
    "CreateML"
is "$(python 'import json, sys
for t in json.load(open(sys.argv[1])):
    r = t["annotations"][0]["result"][0]; v = r["value"]
    print(t["data"]["image"], r["type"], v.get("choices") or v["rectanglelabels"],
          round(v.get("width", 0) * r.get("original_width", 0) / 100, 6), end=";")' "$work/out.labelstudio")" \
    "IMG_0001.jpg choices ['sea \"dog\" & <é>'] 0.0;a/IMG_0006.jpg rectanglelabels ['cat'] 30.0;" \
    "Label Studio"
for to in voc yolo; do
    run export "$photos" --to $to -o "$work/$to"
    is "$rc" 4 "$to holds regions only"
    like "$err" "IMG_0001.jpg .*$to holds regions only" "and says so"
done
sed -i /IMG_0001/d "$csv"
for to in voc yolo; do
    run export "$photos" --to $to -o "$work/$to" --split 0,0,100
    is "$rc$err" 0 "$to"
done
is "$(python 'import sys, xml.etree.ElementTree as e
r = e.parse(sys.argv[1]).getroot()
print(r.findtext("folder"), r.findtext("filename"), r.findtext("size/width"), r.findtext("size/height"),
      [(o.findtext("name"), [b.text for b in o.find("bndbox")]) for o in r.iter("object")])' \
    "$work/voc/Annotations/a/IMG_0006.xml")" \
    "a IMG_0006.jpg $size [('cat', ['11', '21', '40', '60'])]" "VOC"
is "$(cat "$work/voc/ImageSets/Main/test.txt")" a/IMG_0006 "with its sets"
same_file "$work/voc/JPEGImages/a/IMG_0006.jpg" "$photos/a/IMG_0006.jpg" "and pictures"
is "$(python 'import sys
w, h = map(int, sys.argv[2:])
c, x, y, bw, bh = map(float, open(sys.argv[1]).read().split())
print(int(c), *(round(v, 3) for v in ((x - bw / 2) * w, (y - bh / 2) * h, bw * w, bh * h)))' \
    "$work/yolo/labels/test/a/IMG_0006.txt" $size)" "0 10.0 20.0 30.0 40.0" "YOLO"
like "$(cat "$work/yolo/data.yaml")" 'test: images/test.*nc: 1.*0: "cat"' "with data.yaml"
same_file "$work/yolo/images/test/a/IMG_0006.jpg" "$photos/a/IMG_0006.jpg" "and pictures"
run import "$work/yolo" -o "$work/back.csv"
is "$rc $(tail -n 1 "$work/back.csv" | cut -d, -f1,2,3,9-)" \
    "0 yolo/images/test/a/IMG_0006.jpg,cat,labeled,10,20,30,40" "and back"
labels IMG_0001.jpg,cat,labeled
run export "$photos" --to yolo-cls -o "$work/cls"
is "$(cd "$work/cls" && find . -type l)" ./train/cat/IMG_0001.jpg "YOLO classification"

# ---------------------------------------------------------------------- splits
# rows FROM TO: pictures of two classes in turn.
many() {
    echo file_name,label,status
    seq "$1" "$2" | awk '{ printf "%d.jpg,%s,labeled\n", $1, $1 % 2 ? "cat" : "dog" }'
}
many 1 1000 >"$work/many.csv"
run export "$work/many.csv" --to csv -o "$work/split" --split 80,10,10
is "$rc $(ls "$work/split" | tr '\n' ' ')" "0 test.csv train.csv val.csv " "--split makes three files"
is "$(cat "$work"/split/*.csv | grep -c jpg)" 1000 "each picture is in one"
for class in cat dog; do
    n=$(grep -c "$class" "$work/split/train.csv")
    if [ "$n" -ge 370 ] && [ "$n" -le 430 ]; then
        ok "of 500 of $class 80 % in train, near enough"
    else
        not_ok "of 500 of $class 80 % in train, near enough" "$n"
    fi
done
many 1 1500 >"$work/many.csv"
run export "$work/many.csv" --to csv -o "$work/later" --split 80,10,10
moved=$(for part in train val test; do
    comm -23 <(sort "$work/split/$part.csv") <(sort "$work/later/$part.csv")
done | wc -l)
if [ "$moved" -le 5 ]; then
    ok "of 1000 hardly any move when 500 are added"
else
    not_ok "of 1000 hardly any move when 500 are added" "$moved"
fi
run export "$work/many.csv" --to csv -o "$work/two" --split 75,25
is "$rc $(ls "$work/two" | tr '\n' ' ')" "0 train.csv val.csv " "two parts"
run export "$work/many.csv" --to csv -o "$work/three" --split 80,10,20
is "$rc" 2 "shares that are not 100 together"

# -------------------------------------------------------------------- refused
run export "$photos" -o "$work/x"
is "$rc" 2 "without --to"
run export "$photos" --to csv -o "$csv"
is "$rc" 2 "onto the labels themselves"
run export "$photos" --to csv -o "$work/none/x.csv"
is "$rc" 3 "into a folder that is not there"
run export "$photos" --to csv -o "$work/x" --status done
is "$rc" 2 "a status that there is not"
run export "$photos" --to folders -o "$work/x" --link --copy
is "$rc" 2 "--link and --copy"

finish
