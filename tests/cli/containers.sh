#!/bin/bash
# `thumbtag export` to files that have the pictures in them, and to descriptions of files: each
# is read by a reader that asks for all that its published layout has, and imported again.
. tests/support/tap.sh
. tests/support/cli.sh
need python3
csv=$photos/labels.csv
mkdir "$photos/a.b" && mv "$photos/IMG_0006.jpg" "$photos/a.b/"
cp "$photos/IMG_0001.jpg" "$photos/a.b/IMG_0001.x.JPG"
header=file_name,label,status,guess,confidence,seconds,annotator,labeled_at
when=,labeled,,,,Ann,2026-01-01T00:00:0
printf '%s,x,y,width,height\n' "$header" >"$csv"
cat >>"$csv" <<END
IMG_0001.jpg,"sea ""dog"" & <é>"${when}0.000Z,,,,
IMG_0002.jpg,cat|ant${when}1.000Z,,,,
a.b/IMG_0006.jpg,cat${when}2.000Z,10,20,30,40
a.b/IMG_0006.jpg,cat|ant${when}3.000Z,1,2,3,4
a.b/IMG_0001.x.JPG,cat${when}4.000Z,,,,
END

# python ARG...: the program on standard input.
python() {
    python3 - "$@" 2>&1
}

# answers FILE: what is imported, without who and when.
answers() {
    "$THUMBTAG" import "$1" --pictures "$photos" -o "$work/back.csv" >/dev/null 2>"$work/stderr" || cat "$work/stderr"
    tail -n +2 "$work/back.csv" | cut -d, -f1-3,9- | sed 's|^photos/||' | LC_ALL=C sort
    rm -f "$work/back.csv" "$work/.back.csv.history"
}
want=$(answers "$csv")

# -------------------------------------------------------------------- TFRecord
cat >"$work/tfrecord.py" <<'END'
# Records, checksums and protocol buffers as tensorflow's record_writer.h and example.proto
# describe them; anything else is refused.
import struct, sys
table = []
for n in range(256):
    for _ in range(8):
        n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
    table.append(n)
def masked(data):
    crc = 0xffffffff
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xff]
    crc ^= 0xffffffff
    return ((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff
def records(path):
    data = open(path, "rb").read()
    while data:
        length, check = struct.unpack("<QI", data[:12])
        assert check == masked(data[:8]), "checksum of a length"
        body = data[12:12 + length]
        assert len(body) == length and struct.unpack("<I", data[12 + length:16 + length])[0] == masked(body)
        yield body
        data = data[16 + length:]
def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7f) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
def fields(data):
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        assert tag & 7 == 2, "a field without a length"
        length, at = varint(data, at)
        assert at + length <= len(data)
        yield tag >> 3, data[at:at + length]
        at += length
def feature(data):
    (kind, inner), = fields(data)
    items = [item for number, item in fields(inner) if number == 1]
    if kind == 1:
        return items
    packed = b"".join(items)
    if kind == 2:
        return list(struct.unpack("<%df" % (len(packed) // 4), packed))
    assert kind == 3
    values, at = [], 0
    while at < len(packed):
        value, at = varint(packed, at)
        values.append(value)
    return values
def example(data):
    (number, features), = fields(data)
    assert number == 1
    out = {}
    for number, entry in fields(features):
        (one, key), (two, value) = fields(entry)
        assert (number, one, two) == (1, 1, 2)
        out[key.decode()] = feature(value)
    return out
END
run export "$photos" --to tfrecord -o "$work/tf"
is "$rc$err" 0 "TFRecord"
is "$(ls "$work/tf" | tr '\n' ' ')" "label_map.pbtxt labels.txt train-00000-of-00001.tfrecord " "one shard, and the classes"
like "$out" "4 pictures \(tfrecord; files 1\)" "is told"
is "$(PYTHONPATH=$work python "$work/tf/train-00000-of-00001.tfrecord" "$photos" <<'END'
import os, sys
from tfrecord import *
for x in sorted((example(r) for r in records(sys.argv[1])), key=lambda x: x["image/filename"]):
    name = x["image/filename"][0].decode()
    assert x["image/encoded"][0] == open(os.path.join(sys.argv[2], name), "rb").read()
    assert x["image/format"] == [b"jpeg"] and x["image/source_id"] == x["image/filename"]
    w, h = x["image/width"][0], x["image/height"][0]
    print(name, [t.decode() for t in x.get("image/class/text", [])], x.get("image/class/label"))
    o = "image/object/"
    for k, text in enumerate(x.get(o + "class/text", [])):
        box = [x[o + "bbox/" + e][k] for e in ("xmin", "ymin", "xmax", "ymax")]
        print("", text.decode(), x[o + "class/label"][k], [round(b * s, 3) for b, s in zip(box, (w, h, w, h))])
END
)" "IMG_0001.jpg ['sea \"dog\" & <é>'] [2]
IMG_0002.jpg ['cat', 'ant'] [1, 0]
a.b/IMG_0001.x.JPG ['cat'] [1]
a.b/IMG_0006.jpg [] None
 cat 2 [1.0, 2.0, 4.0, 6.0]
 ant 1 [1.0, 2.0, 4.0, 6.0]
 cat 2 [10.0, 20.0, 40.0, 60.0]" "its records: the files, names, classes and regions"
is "$(cat "$work/tf/labels.txt")" $'ant\ncat\nsea "dog" & <é>' "labels.txt"
is "$(tail -n 4 "$work/tf/label_map.pbtxt" | tr -d '\n')" "item {  id: 3  name: 'sea \"dog\" & <é>'}" "label_map.pbtxt"
is "$(answers "$work/tf")" "$want" "and back"
is "$(answers "$work/tf/train-00000-of-00001.tfrecord")" "$want" "also a single file"
# As other programs write them: numbers not packed, more features, only numbers of classes.
python "$work/other.tfrecord" <<'END'
import struct, sys
def masked(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xffffffff
    return ((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff
def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128]); n >>= 7
    return out + bytes([n])
def field(n, data): return varint(n << 3 | 2) + varint(len(data)) + data
def entry(key, kind, values): return field(1, field(1, key) + field(2, field(kind, values)))
name = entry(b"image/filename", 1, field(1, b"IMG_0001.jpg"))
label = entry(b"image/class/label", 3, b"\x08\x07")
other = entry(b"image/colorspace", 1, field(1, b"RGB")) + entry(b"x", 2, b"\x0d\0\0\x80\x3f")
data = field(1, other + label + name)
head = struct.pack("<Q", len(data))
open(sys.argv[1], "wb").write(head + struct.pack("<I", masked(head)) + data + struct.pack("<I", masked(data)))
END
is "$(answers "$work/other.tfrecord")" "IMG_0001.jpg,7,labeled" "one that another program wrote"
head -c 100 "$work/other.tfrecord" >"$work/cut.tfrecord"
run import "$work/cut.tfrecord" --pictures "$photos" -o "$work/x.csv"
is "$rc" 4 "one that is cut off"
like "$err" "cut.tfrecord: record\[0\]: the file ends within a record" "with the place"
sed 's/RGB/RGX/' "$work/other.tfrecord" >"$work/bad.tfrecord"
run import "$work/bad.tfrecord" --pictures "$photos" -o "$work/x.csv"
like "$rc $err" "4 .*bad.tfrecord: record\[0\]: its checksum is wrong" "a wrong checksum"

# ------------------------------------------------------------------ webdataset
run export "$photos" --to webdataset -o "$work/wds"
is "$rc$err" 0 "webdataset"
is "$(ls "$work/wds" | tr '\n' ' ')" "classes.txt train-000000.tar " "one shard, and the classes"
is "$(python "$work/wds/train-000000.tar" "$photos" <<'END'
import itertools, json, os, re, sys, tarfile
archive = tarfile.open(sys.argv[1], "r:", errorlevel=2)
split = lambda m: re.match(r"^((?:.*/|)[^.]+)[.]([^/]*)$", m.name).groups()
out, seen = [], set()
for key, members in itertools.groupby(archive, lambda m: split(m)[0]):
    assert key not in seen
    seen.add(key)
    files = {split(m)[1]: archive.extractfile(m).read() for m in members}
    entry = json.loads(files.pop("json"))
    number = files.pop("cls", b"-").decode()
    (ending, picture), = files.items()
    assert picture == open(os.path.join(sys.argv[2], entry["file_name"]), "rb").read()
    out.append("%s.%s %s %s" % (key, ending, number, entry["label"]))
print("\n".join(sorted(out)))
END
)" "IMG_0001.jpg 2 ['sea \"dog\" & <é>']
IMG_0002.jpg - ['cat', 'ant']
a_b/IMG_0001_x.jpg 1 ['cat']
a_b/IMG_0006.jpg - []" "its samples: the files, the numbers of the classes, all labels"
is "$(answers "$work/wds")" "$want" "and back"
mkdir "$work/plain" && cp "$photos/IMG_0001.jpg" "$work/plain/" && printf 2 >"$work/plain/IMG_0001.cls"
cp "$work/wds/classes.txt" "$work/" && tar -C "$work/plain" --format=gnu -cf "$work/plain.tar" IMG_0001.jpg IMG_0001.cls
is "$(answers "$work/plain.tar")" 'IMG_0001.jpg,"sea ""dog"" & <é>",labeled' "an archive of GNU tar with numbers only"
long=$work/plain/$(printf 'long%.0s/' {1..40})
mkdir -p "$long" && cp "$photos/IMG_0001.jpg" "$long" && printf 1 >"$long/IMG_0001.cls"
for format in gnu pax ustar; do
    tar -C "$work/plain" --format=$format -cf "$work/plain.tar" long
    is "$(answers "$work/plain.tar")" "IMG_0001.jpg,cat,labeled" "long names in the form of $format"
done
mkdir -p "$work/set/cat" && cp "$photos/IMG_0001.jpg" "$work/set/cat/"
tar -C "$photos" -cf "$work/set/backup.tar" IMG_0001.jpg
echo >"$work/set/make_tfrecords.py"
run import "$work/set"
like "$rc $out" "0 .*1 annotation from $work/set \(folders\)" "another archive beside pictures is none"
printf 9 >"$work/plain/IMG_0001.cls"
tar -C "$work/plain" -cf "$work/plain.tar" IMG_0001.jpg IMG_0001.cls
run import "$work/plain.tar" --pictures "$photos" -o "$work/x.csv"
like "$rc $err" "4 .*plain.tar: sample\[0\] \(IMG_0001\): the number in .cls is none of the classes" "a number that is no class"
head -c 5000 "$work/wds/train-000000.tar" >"$work/cut.tar"
run import "$work/cut.tar" --pictures "$photos" -o "$work/x.csv"
like "$rc $err" "4 .*cut.tar: byte 0: not the header of a file" "an archive that is cut off"

# ---------------------------------------------------------------------- shards
mkdir "$work/large"
for i in 1 2 3 4 5; do
    cp "$photos/IMG_0001.jpg" "$work/large/$i.jpg"
    head -c 400000 /dev/zero >>"$work/large/$i.jpg"
done
(echo file_name,label && printf '%s.jpg,cat\n' 1 2 3 4 5) >"$work/large/labels.csv"
run export "$work/large" --to webdataset -o "$work/shards" --shard 1
is "$(cd "$work/shards" && ls -- *.tar | tr '\n' ' ')" "train-000000.tar train-000001.tar train-000002.tar " "a new file before 1 MiB is exceeded"
is "$(find "$work/shards" -name '*.tar' -size +1024k)" "" "none is larger"
is "$(cat "$work"/shards/*.tar | grep -ac '"file_name"')" 5 "each picture is in one"
run export "$work/large" --to tfrecord -o "$work/shards2" --shard 1 --split 60,0,40 --no-near
is "$(cd "$work/shards2" && ls -- *.tfrecord | tr '\n' ' ')" \
    "test-00000-of-00001.tfrecord train-00000-of-00002.tfrecord train-00001-of-00002.tfrecord " "their names say how many there are"

# -------------------------------------------------------------------- FiftyOne
labels() {
    printf '%s\n' file_name,label "$@" >"$csv"
}
cp "$photos/IMG_0002.jpg" "$photos/IMG_0001.png"
labels IMG_0001.jpg,cat IMG_0001.png,dog a.b/IMG_0006.jpg,cat IMG_0002.jpg,'"sea ""dog"""'
want=$(answers "$csv")
run export "$photos" --to fiftyone -o "$work/fo"
is "$rc$err" 0 "FiftyOne"
is "$(python "$work/fo" <<'END'
import json, os, sys
data = json.load(open(sys.argv[1] + "/labels.json"))
assert list(data) == ["classes", "labels"]
files = {}
for folder, _, names in os.walk(sys.argv[1] + "/data"):
    for name in names:
        path = os.path.relpath(os.path.join(folder, name), sys.argv[1] + "/data")
        files[os.path.splitext(path)[0]] = path
assert sorted(files) == sorted(data["labels"])
for key, number in sorted(data["labels"].items()):
    print(key, files[key], data["classes"][number], end=";")
END
)" 'IMG_0001 IMG_0001.jpg cat;IMG_0001-2 IMG_0001-2.png dog;IMG_0002 IMG_0002.jpg sea "dog";a.b/IMG_0006 a.b/IMG_0006.jpg cat;' \
    "labels.json by the names in data/, each once"
run import "$work/fo" -o "$work/fo.csv"
is "$rc $(tail -n +2 "$work/fo.csv" | cut -d, -f1-2)" '0 fo/data/IMG_0001.jpg,cat
fo/data/IMG_0001-2.png,dog
fo/data/IMG_0002.jpg,"sea ""dog"""
fo/data/a.b/IMG_0006.jpg,cat' "and back"
printf '{"labels": {"IMG_0001.jpg": "cat", "IMG_0002": {"label": "dog", "confidence": 0.5}, "a.b/IMG_0006": null}}' >"$work/labels.json"
is "$(answers "$work/labels.json")" $'IMG_0001.jpg,cat,labeled\nIMG_0002.jpg,dog,labeled' "without classes, with a confidence, without a label"
printf '{"classes": ["cat"], "labels": {"IMG_0002": 1}}' >"$work/labels.json"
run import "$work/labels.json" --pictures "$photos" -o "$work/x.csv"
like "$rc $err" "4 .*labels.json: labels\[0\]: its number is none of the classes" "a number that is no class"
run export "$photos" --to fiftyone -o "$work/fo2" --split 50,0,50 --no-near
is "$(cd "$work/fo2" && ls -- * | tr '\n' ' ')" "test: data labels.json  train: data labels.json " "a split is a folder for each part"

# ------------------------------------------------------------ fastai and Keras
read_table() { # FILE: by pandas where it is
    python "$1" <<'END'
import csv, sys
try:
    import pandas
    rows = pandas.read_csv(sys.argv[1], dtype=str).fillna("").to_dict("records")
except ImportError:
    rows = csv.DictReader(open(sys.argv[1], newline=""))
for row in rows:
    print(*("%s=%s" % pair for pair in row.items()), end=";")
END
}
run export "$photos" --to keras -o "$work/keras.csv"
is "$rc$err $(read_table "$work/keras.csv")" \
    '0 filename=IMG_0001.jpg class=cat;filename=IMG_0001.png class=dog;filename=IMG_0002.jpg class=sea "dog";filename=a.b/IMG_0006.jpg class=cat;' "Keras"
is "$(answers "$work/keras.csv")" "$want" "and back"
labels 'IMG_0001.jpg,cat|dog' IMG_0002.jpg,dog a.b/IMG_0006.jpg,cat IMG_0003.png,cat
want=$(answers "$csv")
run export "$photos" --to keras -o "$work/keras.csv"
is "$rc" 4 "which has one class each"
run export "$photos" --to fastai -o "$work/fastai.csv"
like "$rc$err $(read_table "$work/fastai.csv")" '^0 fname=IMG_0001.jpg labels=cat\|dog;fname=IMG_0002.jpg labels=dog;' "fastai"
is "$(answers "$work/fastai.csv")" "$want" "and back"
run export "$photos" --to fastai -o "$work/fastai" --split 50,25,25 --no-near
is "$(ls "$work/fastai" | tr '\n' ' ')" "test.csv train.csv " "with a split val is in train.csv"
is "$(cut -d, -f3 "$work/fastai/train.csv" | sort | uniq -c | tr -s ' ' | tr '\n' ' ')" " 2 False  1 True  1 is_valid " "where is_valid tells it"

# ------------------------------------------------------------------- Croissant
cat >"$csv" <<END
$header,x,y,width,height
IMG_0001.jpg,cat|dog${when}0.000Z,,,,
IMG_0003.png,,skipped,,,,Ann,2026-01-01T00:00:04.000Z,,,,
a.b/IMG_0006.jpg,cat${when}2.000Z,10,20,30,40
END
want=$(answers "$csv")
run export "$photos" --to croissant -o "$work/cr" --status labeled,skipped --split 60,20,20 --no-near
is "$rc$err" 0 "Croissant"
is "$(python "$work/cr" <<'END'
# What the specification, version 1.0, asks for: the types, the properties that must be there,
# references to what is defined, and files that are as described.
import csv, fnmatch, hashlib, json, os, sys
os.chdir(sys.argv[1])
d = json.load(open("croissant.json"))
assert d["@type"] == "sc:Dataset" and d["conformsTo"] == "http://mlcommons.org/croissant/1.0"
assert d["@context"]["@vocab"] == "https://schema.org/" and d["@context"]["cr"] == "http://mlcommons.org/croissant/"
assert d["name"] and d["description"]
ids = [f["@id"] for f in d["distribution"]]
for r in d["recordSet"]:
    ids += [r["@id"]] + [f["@id"] for f in r["field"]]
assert len(ids) == len(set(ids))
own = {"@id", "@type", "name", "description"}
for f in d["distribution"]:
    if f["@type"] == "cr:FileObject":
        assert set(f) <= own | {"contentUrl", "contentSize", "encodingFormat", "sha256"}
        data = open(f["contentUrl"], "rb").read()
        assert hashlib.sha256(data).hexdigest() == f["sha256"] and f["contentSize"] == "%d B" % len(data)
    else:
        assert f["@type"] == "cr:FileSet" and set(f) <= own | {"includes", "encodingFormat"}
rows = list(csv.DictReader(open("labels.csv")))
for r in d["recordSet"]:
    assert r["@type"] == "cr:RecordSet"
    for f in r["field"]:
        assert f["@type"] == "cr:Field" and f["@id"] == r["@id"] + "/" + f["name"]
        assert f["dataType"] in ("sc:Text", "sc:Integer", "sc:ImageObject")
        source, = (f["source"][k]["@id"] for k in ("fileObject", "fileSet") if k in f["source"])
        assert source in ids
        extract = f["source"]["extract"]
        assert extract.get("column") in rows[0] or extract.get("fileProperty") in ("fullpath", "content")
        assert f.get("references", {"field": {"@id": ids[0]}})["field"]["@id"] in ids
for row in rows:
    assert os.path.exists(row["file_name"])
    assert any(fnmatch.fnmatch(row["file_name"], i) for i in d["distribution"][1]["includes"])
print(*rows[0])
print(*sorted(row["file_name"] + ":" + row["label"] for row in rows))
END
)" "file_name label split status x y width height
images/IMG_0001.jpg:cat|dog images/IMG_0003.png: images/a.b/IMG_0006.jpg:cat" "its description is of the files that are there"
is "$(answers "$work/cr")" "$want" "and back"
is "$(answers "$work/cr/croissant.json")" "$want" "also by the description"
sed -i 's|"contentUrl": "labels.csv"|"contentUrl": "https://example.org/labels.csv"|' "$work/cr/croissant.json"
run import "$work/cr" --pictures "$photos" -o "$work/x.csv"
like "$rc $err" "4 .*croissant.json: distribution\[0\]: its contentUrl is not a table beside" "a table elsewhere is not fetched"

# --------------------------------------------------------- how pictures are placed
labels IMG_0001.jpg,cat IMG_0002.jpg,dog
run export "$photos" --to folders -o "$work/re" --reflink
is "$rc $(find "$work/re" -type f | wc -l) $(find "$work/re" -type l | wc -l)" "0 2 0" "--reflink makes files"
same_file "$work/re/cat/IMG_0001.jpg" "$photos/IMG_0001.jpg" "that are the pictures"
if cp --reflink=always "$photos/IMG_0001.jpg" "$work/probe" 2>/dev/null; then
    is "$err" "" "which share their blocks"
else
    like "$err" "2 pictures copied, as this file system cannot share their blocks" "or are copied, which is told"
fi
run export "$photos" --to folders -o "$work/re2" --reflink --copy
is "$rc" 2 "--reflink and --copy"

# ---------------------------------------------------------- what is agreed on
row() { # NAME LABEL WHO SECOND
    echo "$1,$2,labeled,,,,$3,2026-01-01T00:00:0$4.000Z"
}
{
    echo "$header"
    row IMG_0001.jpg cat Ann 1 && row IMG_0001.jpg cat Bob 2 && row IMG_0001.jpg dog Cid 3
    row IMG_0002.jpg cat Ann 1 && row IMG_0002.jpg dog Bob 2
    row IMG_0003.png 'a|b' Ann 1 && row IMG_0003.png 'b|a' Bob 2
    row IMG_0004.jpg cat Ann 1
} >"$csv"
agreed() {
    run export "$photos" --to csv -o "$work/agreed.csv" "$@"
    tail -n +2 "$work/agreed.csv" | tr '\n' ' '
}
is "$(agreed)" "IMG_0001.jpg,dog IMG_0002.jpg,dog IMG_0003.png,b|a IMG_0004.jpg,cat " "without --min-agreement the last answer counts"
is "$(agreed --min-agreement 0.6)" "IMG_0001.jpg,cat IMG_0003.png,b|a IMG_0004.jpg,cat " "with it what most say"
run export "$photos" --to csv -o "$work/agreed.csv" --min-agreement 0.6
like "$err" "left out: 1 on which fewer agree" "and what is left out is told"
is "$(agreed --min-agreement 1)" "IMG_0003.png,b|a IMG_0004.jpg,cat " "or all"
is "$(agreed --min-agreement 0.5)" "IMG_0001.jpg,cat IMG_0002.jpg,dog IMG_0003.png,b|a IMG_0004.jpg,cat " "the last among equals"

# --------------------------------------------------------------------- together
cp "$photos/IMG_0001.jpg" "$photos/again.jpg"
labels IMG_0001.jpg,cat again.jpg,cat IMG_0002.jpg,cat p1_a.jpg,dog p1_b.jpg,dog p2_a.jpg,dog
run export "$photos" --to csv -o "$work/near" --split 50,50
like "$err" "2 pictures look like others: 1 group, each in one part" "pictures that look the same are told"
like "$err" "3 pictures could not be read" "and those that cannot be compared"
is "$(cat "$work"/near/*.csv | grep -c jpg) $(grep -lE '^(IMG_0001|again).jpg' "$work"/near/*.csv | wc -l)" "6 1" "and are in one part"
run export "$photos" --to csv -o "$work/by" --split 50,50 --no-near --by '^(p[0-9])_'
like "$rc$err" "^0thumbtag: --by: 2 groups; 3 pictures whose names it does not match" "--by tells its groups"
is "$(grep -l '^p1_' "$work"/by/*.csv | wc -l)" 1 "which are in one part"
run export "$photos" --to csv -o "$work/by2" --by x
is "$rc" 2 "--by without --split"

finish
