/* Each format as it is published, and what is wrong in it: the file, the place and the value
 * are named. */
#include <unistd.h>

#include "base/crc.h"
#include "config/settings.h"
#include "sets.h"

enum { CUT_STEP = 5 }; /* bytes */

struct example {
    const char *format; /* as which it is recognised */
    const char *text;
    const char *want; /* set_text(); or, behind '!', what the message must contain */
};

static const struct example examples[] = {
    /* JSON lines */
    { "jsonl",
      "{\"file_name\": \"1.ppm\", \"label\": \"cat\"}\n"
      "{\"file_name\": \"a/2.ppm\", \"label\": 3}\n"
      "{\"file_name\": \"4.ppm\", \"label\": [\"ant\", \"bee\"]}\n",
      "1.ppm cat;4.ppm ant|bee;a/2.ppm 3" },
    { "jsonl",
      "{\"file_name\":\"1.ppm\",\"objects\":{\"bbox\":[[1,2,3,4],[5.4,6.6,7,8]],"
      "\"categories\":[0,1]}}\n",
      "1.ppm [1 2 3 4] 0;1.ppm [5 7 7 8] 1" },
    { "jsonl",
      "{\"image_url\":\"azureml://subscriptions/x/datastores/y/paths/a/2.ppm\","
      "\"image_details\":{\"format\":\"ppm\",\"width\":40,\"height\":30},\"label\":\"cat\"}\n"
      "{\"image_url\":\"AmlDatastore://y/1.ppm\",\"image_details\":{\"width\":40,\"height\":30},"
      "\"label\":[{\"label\":\"dog\",\"topX\":0.25,\"topY\":0.1,\"bottomX\":0.5,\"bottomY\":0.2,"
      "\"isCrowd\":0}]}\n",
      "1.ppm [10 3 10 3] dog;a/2.ppm cat" },
    { "jsonl", "{\"file_name\": \"1.ppm\", \"label\": \"cat\"}\n{\"label\": \"dog\"}\n",
      "!source:2: no file_name" },
    { "jsonl", "{\"file_name\": \"1.ppm\", \"label\": \"cat\"}\n{\"file_name\": ", "!source:2: " },
    { "jsonl", "{\"file_name\": \"1.ppm\", \"label\": {}}\n", "!source:1: a label that is" },
    { "jsonl",
      "{\"file_name\": \"1.ppm\", \"objects\": {\"bbox\": [[1,2,3]], \"categories\": [1]}}",
      "!source:1: a bbox that is not four" },
    /* COCO */
    { "coco",
      "{\"info\": {\"year\": 2026}, \"licenses\": [{\"id\": 1}],\n"
      " \"annotations\": [\n"
      "  {\"id\": 7, \"image_id\": 20, \"category_id\": 18, \"bbox\": [1.5, 2.4, 10.0, 5.2],\n"
      "   \"segmentation\": [[1, 2, 3]], \"area\": 52.0, \"iscrowd\": 0},\n"
      "  {\"id\": 8, \"image_id\": 10, \"category_id\": 17}],\n"
      " \"images\": [{\"id\": 10, \"file_name\": \"1.ppm\", \"width\": 40, \"height\": 30},\n"
      "  {\"id\": 20, \"file_name\": \"2.ppm\", \"width\": 40, \"height\": 30}],\n"
      " \"categories\": [{\"id\": 17, \"name\": \"cat\"}, {\"id\": 18, \"name\": \"dog\"}]}\n",
      "1.ppm cat;a/2.ppm [2 2 10 6] dog" },
    { "coco",
      "{\"images\": [{\"id\": 1, \"file_name\": \"1.ppm\"}], \"categories\": [],"
      "\"annotations\": [{\"image_id\": 1, \"category_id\": 5}]}",
      "!source: annotations[0]: its category_id is none" },
    { "coco",
      "{\"images\": [{\"id\": 1, \"file_name\": \"1.ppm\"}, {\"id\": 1, \"file_name\": \"4.ppm\"}],"
      "\"annotations\": []}",
      "!source: images[1]: an id that is there already" },
    { "coco",
      "{\"images\": [{\"id\": 1, \"file_name\": \"1.ppm\"}], \"categories\": [{\"id\": 1, "
      "\"name\": "
      "\"cat\"}],\n\"annotations\": [{\"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3]}]}",
      "!source: annotations[0]: its bbox is not four numbers" },
    { "coco",
      "{\"images\": [{\"id\": 1, \"file_name\": \"1.ppm\"}],\n\"annotations\": [{\"id\": 1},\n"
      "{\"id\": oops}]}",
      "!source:3: " },
    { "coco", "{\"images\": [], \"annotations\": []} {}", "!source:1: something follows" },
    /* CreateML */
    { "createml",
      "[{\"image\": \"1.ppm\", \"annotations\": [{\"label\": \"cat\", \"coordinates\": "
      "{\"x\": 10, \"y\": 10.5, \"width\": 4, \"height\": 5}}]},\n"
      " {\"image\": \"4.ppm\", \"annotations\": [{\"label\": \"dog\"}]},\n"
      " {\"image\": \"2.ppm\", \"annotations\": []}]",
      "1.ppm [8 8 4 5] cat;4.ppm dog" },
    { "createml", "[{\"image\": \"1.ppm\", \"annotations\": [{\"coordinates\": {}}]}]",
      "!source: [0]: an annotation without a label" },
    { "createml",
      "[{\"image\": \"1.ppm\", \"annotations\": []},\n"
      "{\"image\": \"1.ppm\", \"annotations\": [{\"label\": \"x\", \"coordinates\": {\"x\": 1}}]}]",
      "!source: [1]: coordinates that are not" },
    /* Label Studio */
    { "labelstudio",
      "[{\"id\": 1, \"annotations\": [{\"id\": 1, \"completed_by\": 1, \"result\": ["
      "{\"original_width\": 40, \"original_height\": 30, \"image_rotation\": 0, \"value\": {\"x\": "
      "25.0, \"y\": 10.0, \"width\": 50.0, \"height\": 20.0, \"rotation\": 0, \"rectanglelabels\": "
      "[\"dog\"]}, \"id\": \"x\", \"from_name\": \"label\", \"to_name\": \"image\", \"type\": "
      "\"rectanglelabels\"}], \"was_cancelled\": false}], \"file_upload\": \"0a1b2c3d-1.ppm\","
      "\"data\": {\"image\": \"/data/upload/1/0a1b2c3d-1.ppm\"}},\n"
      " {\"id\": 2, \"annotations\": [{\"result\": [{\"value\": {\"choices\": [\"cat\"]}, "
      "\"type\": "
      "\"choices\"}]}, {\"result\": [], \"was_cancelled\": true}], \"data\": {\"image\": "
      "\"/data/local-files/?d=a/b%20c/3%20%C3%A9.ppm\"}}]",
      "1.ppm [10 3 20 6] dog;a/b c/3 é.ppm cat" },
    { "labelstudio",
      "[{\"data\": {\"image\": \"1.ppm\"}, \"annotations\": [{\"result\": [{\"value\": {\"x\": 1, "
      "\"y\": 1, \"width\": 1, \"height\": 1, \"rectanglelabels\": [\"dog\"]}}]}]}]",
      "!source: [0]: a region without original_width" },
    /* VOC */
    { "voc",
      "<annotation>\n<folder>a</folder><filename>2.ppm</filename>\n<size><width>40</width>"
      "<height>30</height><depth>3</depth></size>\n<object><name>dog</name><pose>Left</pose>"
      "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>3</ymax></bndbox>\n<part><name>head"
      "</name><bndbox><xmin>7</xmin><ymin>7</ymin><xmax>8</xmax><ymax>8</ymax></bndbox></part>"
      "</object>\n<object><name>R&amp;B</name><bndbox><xmin>5</xmin><ymin>6</ymin><xmax>5</xmax>"
      "<ymax>6</ymax></bndbox></object></annotation>",
      "a/2.ppm [0 0 2 3] dog;a/2.ppm [4 5 1 1] R&B" },
    { "voc",
      "<annotation><filename>1.ppm</filename>\n<object><name>dog</name><bndbox><xmin>a</xmin>"
      "</bndbox></object></annotation>",
      "!source:2: xmin 'a' is not a number" },
    { "voc",
      "<annotation><filename>1.ppm</filename><object><name>dog</name>\n</object></annotation>",
      "!source:2: an object without xmin" },
    { "voc", "<annotation><filename>1.ppm</filename>\n</object></annotation>",
      "!source:2: mismatched" },
    { "voc", "<!DOCTYPE x [<!ENTITY a \"b\">]>\n<annotation><filename>&a;</filename></annotation>",
      "!source:1: an entity is declared" },
    /* CVAT */
    { "cvat",
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations><version>1.1</version>\n"
      "<image id=\"0\" name=\"1.ppm\" width=\"40\" height=\"30\"><box label=\"dog\" occluded=\"0\" "
      "source=\"manual\" xtl=\"1.20\" ytl=\"2.60\" xbr=\"11.00\" ybr=\"9.00\" z_order=\"0\"></box>"
      "<polygon label=\"dog\" points=\"1,2;3,4;5,6\"/></image>\n"
      "<image id=\"1\" name=\"4.ppm\" width=\"40\" height=\"30\"><tag label=\"cat\" "
      "source=\"manual\"></tag></image></annotations>",
      "1.ppm [1 3 10 6] dog;4.ppm cat" },
    { "cvat",
      "<annotations>\n<image name=\"1.ppm\"><box label=\"dog\" xtl=\"1\" ytl=\"x\"/></image>"
      "</annotations>",
      "!source:2: a box whose ytl is not a number: 'x'" },
    /* Google AutoML: the pictures are 40x30 */
    { "automl",
      "TRAIN,gs://bucket/img/1.ppm,cat\nTEST,gs://bucket/img/4.ppm,ant,bee\n"
      "UNASSIGNED,gs://bucket/img/a/2.ppm\n",
      "1.ppm cat;4.ppm ant|bee" },
    { "automl",
      "TRAIN,gs://b/1.ppm,dog,0.25,0.1,,,0.5,0.2,,\n"
      "TRAIN,gs://b/1.ppm,cat,0.5,0.5,0.75,0.5,0.75,1,0.5,1\nTRAIN,gs://b/4.ppm,,,,,,,,,\n",
      "1.ppm [10 3 10 3] dog;1.ppm [20 15 10 15] cat" },
    { "automl", "gs://b/1.ppm,dog,0.25,0.1,,,0.5,x,,\n", "!source:1: 'x' is not a share" },
    /* lists with numbers of classes */
    { "imagenet", "a/2.ppm 1\na/b c/3 é.ppm 0\n1.ppm 2\n", "1.ppm 2;a/2.ppm 1;a/b c/3 é.ppm 0" },
    { "imagenet", "a/2.ppm 1\n4.ppm x\n", "!source:2: expected NAME NUMBER: '4.ppm x'" },
    /* FiftyOne */
    { "fiftyone",
      "{\"classes\": [\"cat\", \"sea dog\"], \"labels\": {\"1\": 1, \"a/2\": 0, \"4\": null}}",
      "1.ppm sea dog;a/2.ppm cat" },
    { "fiftyone", "{\"classes\": [\"cat\"],\n\"labels\": {\"1\": \"dog\",\n\"4\": 2}}",
      "!source: labels[1]: its number is none of the classes" },
    { "fiftyone", "{\"labels\": {\"1\": []}}", "!source: labels[0]: its label is neither" },
    { "fiftyone", "{\"labels\": {\"1\": \"cat\"}} {}", "!source:1: something follows" },
    /* our own */
    { "thumbtag",
      "file_name,label,status,guess,confidence,seconds,annotator,labeled_at\n"
      "1.ppm,cat,labeled,dog,0.5,1.5,Ann,2026-01-01T00:00:00.000Z\n"
      "4.ppm,,skipped,,,,Ann,2026-01-01T00:00:01.000Z\n",
      "1.ppm cat;4.ppm (skipped)" },
    /* predictions, regions and statuses in tables */
    { "csv", "file_name,guess,confidence,error\n1.ppm,cat,0.9,\n4.ppm,,,cannot read\n",
      "1.ppm cat" },
    { "csv",
      "filename,width,height,class,xmin,ymin,xmax,ymax\n1.ppm,40,30,cat,1,2,11,22\n"
      "1.ppm,40,30,dog,1,2,11,21\n",
      "1.ppm [1 2 10 19] dog;1.ppm [1 2 10 20] cat" },
    { "csv", "file_name;label;status\n1.ppm;;none\n4.ppm;cat;\n", "1.ppm (none);4.ppm cat" },
    { "csv", "file,label,status\n1.ppm,cat,fine\n", "1.ppm cat" },
    { "csv", "file_name,label,status\n1.ppm,cat,fine\n", "!source:2: status 'fine' is none of" },
};

static void check(const struct set *s, const struct example *e)
{
    struct error err = { .message = "" };
    const struct import_options options = { .from = NULL };
    const char *from = NULL;
    char *path = set_write(s, "source", e->text);
    struct pictures *pictures = set_list(s->photos);
    struct dataset *d = dataset_new(pictures, "import");
    bool ok = formats_import(path, &options, d, &from, &err);
    if (!from || strcmp(from, e->format) != 0) {
        fail_msg("%s: recognised as %s, not %s", e->text, from ? from : "nothing", e->format);
    }
    if (e->want[0] == '!') {
        assert_false(ok);
        assert_int_equal(err.kind, ERROR_DATA);
        if (!strstr(err.message, e->want + 1)) {
            fail_msg("%s: the message is '%s'", e->text, err.message);
        }
    } else if (!ok) {
        fail_msg("%s: %s", e->text, err.message);
    } else {
        char *got = set_text(dataset_items(d), dataset_count(d), true);
        assert_string_equal(got, e->want);
        free(got);
    }
    dataset_free(d);
    pictures_free(pictures);
    free(path);
}

static void each_format_as_it_is_published(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        check(*state, &examples[i]);
    }
}

static void imagenet_with_a_list_of_names(void **state)
{
    const struct set *s = *state;
    char *names = set_write(s, "synsets.txt", "cat\nsea dog\n");
    const struct example good = { "imagenet", "1.ppm 1\n4.ppm 0\n", "1.ppm sea dog;4.ppm cat" };
    const struct example bad = { "imagenet", "1.ppm 1\n4.ppm 2\n", "!source:2: class 2 of 2" };
    check(s, &good);
    check(s, &bad);
    unlink(names);
    free(names);
}

static bool is_word(enum option_id option, const char *name)
{
    const char *word;
    for (size_t i = 0; (word = option_word(option, i)); i++) {
        if (strcmp(word, name) == 0) {
            return true;
        }
    }
    return false;
}

static size_t words_of(enum option_id option)
{
    size_t count = 0;
    while (option_word(option, count)) {
        count++;
    }
    return count;
}

/* The options' words are the table's. */
static void every_format_has_its_word(void **state)
{
    (void)state;
    struct format_info format;
    size_t reads = 0, writes = 0;
    for (size_t i = 0; formats_at(i, &format); i++) {
        assert_true(is_word(OPTION_IMPORT_FROM, format.name) == format.reads);
        assert_true(is_word(OPTION_TO, format.name) == format.writes);
        reads += format.reads;
        writes += format.writes;
    }
    assert_int_equal(words_of(OPTION_IMPORT_FROM), reads + 1); /* and auto */
    assert_int_equal(words_of(OPTION_TO), writes);
}

/* A folder with a text file for each picture, and what must come of it. */
static void check_yolo(const struct set *s, const char *names_file, const char *names,
                       const char *lines, const char *want)
{
    struct error err = { .message = "" };
    const struct import_options options = { .from = NULL };
    const char *from = NULL;
    char *file = scratch_path(s->photos, names_file);
    char *text = scratch_path(s->photos, "a/2.txt");
    scratch_write(file, names, strlen(names));
    scratch_write(text, lines, strlen(lines));
    struct pictures *pictures = set_list(s->photos);
    struct dataset *d = dataset_new(pictures, "import");
    bool ok = formats_import(s->photos, &options, d, &from, &err);
    assert_string_equal(from, "yolo");
    if (want[0] == '!') {
        assert_false(ok);
        if (!strstr(err.message, want + 1)) {
            fail_msg("%s: the message is '%s'", lines, err.message);
        }
    } else if (!ok) {
        fail_msg("%s: %s", lines, err.message);
    } else {
        char *got = set_text(dataset_items(d), dataset_count(d), true);
        assert_string_equal(got, want);
        free(got);
    }
    dataset_free(d);
    pictures_free(pictures);
    unlink(file);
    unlink(text);
    free(file);
    free(text);
}

/* The pictures are 40x30. */
static void yolo_with_all_its_lists_of_names(void **state)
{
    const struct set *s = *state;
    const char *line = "1 0.5 0.5 0.25 0.2\n";
    const char *want = "a/2.ppm [15 12 10 6] sea dog";
    check_yolo(s, "classes.txt", "cat\nsea dog\n", line, want);
    check_yolo(s, "obj.names", "cat\r\nsea dog", line, want);
    check_yolo(s, "data.yaml", "train: x\nnc: 2\nnames: ['cat', \"sea dog\"]\n", line, want);
    check_yolo(s, "data.yaml", "names:\n  0: cat\n  1: sea dog\n\nnc: 2\n", line, want);
    check_yolo(s, "data.yaml", "names:\n- cat\n- 'sea dog'\nval: y\n", line, want);
    check_yolo(s, "data.yaml", "names: [cat,\n  sea dog]\nval: y\n", line, want);
    check_yolo(s, "data.yaml", "names: [cat,\n", line, "!data.yaml: the list of names has no end");
    check_yolo(s, "data.yaml", "nc: 2\n", line, "!data.yaml: no names");
    check_yolo(s, "classes.txt", "cat\n", line, "!a/2.txt:1: class 1 of 1");
    check_yolo(s, "classes.txt", "cat\n", "0 0.5 0.5 0.25 0.2\n0 0.5 x\n",
               "!a/2.txt:2: not CLASS x y width height: '0 0.5 x'");
    check_yolo(s, "classes.txt", "cat\n", "0 0.25 0.5 0.5 0.5 0.5 0.75 0.25 0.6\n",
               "a/2.ppm [10 15 10 8] cat");
}

/* A file that is cut anywhere never takes the reader beyond its end, and never crashes it. */
static void cut_anywhere(void **state)
{
    const struct set *s = *state;
    const struct import_options options = { .from = NULL };
    struct pictures *pictures = set_list(s->photos);
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        char *text = mem_string(examples[i].text, strlen(examples[i].text));
        for (size_t len = strlen(text); len > 0;) {
            len -= len < CUT_STEP ? len : CUT_STEP;
            struct error err;
            text[len] = '\0';
            char *path = set_write(s, "source", text);
            struct dataset *d = dataset_new(pictures, "import");
            formats_import(path, &options, d, NULL, &err);
            dataset_free(d);
            free(path);
        }
        free(text);
    }
    pictures_free(pictures);
}

/* ----------------------------------------------------- files with pictures in them */

/* Imports those bytes as a file. */
static bool import_bytes(const struct set *s, struct pictures *pictures, const char *from,
                         const void *bytes, size_t len)
{
    struct error err;
    const struct import_options options = { .from = from };
    char *path = scratch_path(s->folder, "damaged");
    struct dataset *d = dataset_new(pictures, "import");
    scratch_write(path, bytes, len);
    bool ok = formats_import(path, &options, d, NULL, &err);
    assert_true(ok || err.message[0]);
    dataset_free(d);
    free(path);
    return ok;
}

/* The only file of an export of a class, several, and a region. */
static char *export_bytes(const struct set *s, const char *to, const char *file, size_t *len)
{
    static const struct annotation items[] = {
        { .file_name = "1.ppm", .label = "cat|sea dog", .status = STATUS_LABELED },
        { .file_name = "a/2.ppm",
          .label = "cat",
          .status = STATUS_LABELED,
          .region = { 1, 2, 3, 4 } },
        { .file_name = "4.ppm", .label = "cat", .status = STATUS_LABELED },
    };
    struct error err;
    struct export_report report;
    char *out = scratch_path(s->folder, to), *path = scratch_path(out, file);
    const struct export_options options = { .to = to, .folder = s->photos, .out = out };
    if (!formats_export(items, ARRAY_LEN(items), &options, &report, &err)) {
        fail_msg("%s", err.message);
    }
    char *bytes = scratch_read(path, len);
    free(path);
    free(out);
    return bytes;
}

static uint32_t masked_crc(const void *bytes, size_t len)
{
    uint32_t crc = crc32c_of(bytes, len);
    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

/* Whatever changes in a TFRecord, a checksum tells it. */
static void tfrecord_that_is_damaged(void **state)
{
    const struct set *s = *state;
    struct pictures *pictures = set_list(s->photos);
    size_t len;
    char *bytes = export_bytes(s, "tfrecord", "train-00000-of-00001.tfrecord", &len);
    assert_true(import_bytes(s, pictures, "tfrecord", bytes, len));
    for (size_t at = 0; at < len; at += 101) {
        bytes[at] ^= 0x10;
        assert_false(import_bytes(s, pictures, "tfrecord", bytes, len));
        bytes[at] ^= 0x10;
        if (at) {
            assert_false(import_bytes(s, pictures, "tfrecord", bytes, at));
        }
    }
    free(bytes);
    pictures_free(pictures);
}

/* Where the checksums are right, what is read may still be anything. */
static void example_that_is_damaged(void **state)
{
    enum { HEAD = 12, SUM = 4, EDGE = 400 };
    static const char changes[] = { 0x01, 0x10, (char)0x80, (char)0xff };
    const struct set *s = *state;
    struct pictures *pictures = set_list(s->photos);
    size_t len, record;
    char *bytes = export_bytes(s, "tfrecord", "train-00000-of-00001.tfrecord", &len);
    uint64_t data_len;
    memcpy(&data_len, bytes, sizeof data_len);
    record = HEAD + (size_t)data_len + SUM;
    assert_true(record <= len);
    for (size_t at = HEAD; at < record - SUM; at++) {
        if (at > HEAD + EDGE && at < record - EDGE) {
            continue; /* the picture */
        }
        for (size_t k = 0; k < sizeof changes; k++) {
            bytes[at] ^= changes[k];
            uint32_t sum = masked_crc(bytes + HEAD, (size_t)data_len);
            memcpy(bytes + record - SUM, &sum, sizeof sum);
            import_bytes(s, pictures, "tfrecord", bytes, record);
            bytes[at] ^= changes[k];
        }
    }
    free(bytes);
    pictures_free(pictures);
}

static void archive_that_is_damaged(void **state)
{
    const struct set *s = *state;
    struct pictures *pictures = set_list(s->photos);
    size_t len;
    char *bytes = export_bytes(s, "webdataset", "train-000000.tar", &len);
    assert_true(import_bytes(s, pictures, "webdataset", bytes, len));
    for (size_t at = 0; at < len; at += 61) {
        bytes[at] ^= 0x41;
        import_bytes(s, pictures, "webdataset", bytes, len);
        bytes[at] ^= 0x41;
        import_bytes(s, pictures, "webdataset", bytes, at);
    }
    enum { HEADER = 512, BLANK = 155 }; /* a header has a sum, with a blank behind it */
    for (size_t at = 0; at < HEADER; at++) {
        bytes[at] ^= 0x41;
        assert_true(at == BLANK || !import_bytes(s, pictures, "webdataset", bytes, len));
        bytes[at] ^= 0x41;
    }
    free(bytes);
    pictures_free(pictures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_format_as_it_is_published, set_setup, set_teardown),
        cmocka_unit_test_setup_teardown(yolo_with_all_its_lists_of_names, set_setup, set_teardown),
        cmocka_unit_test_setup_teardown(imagenet_with_a_list_of_names, set_setup, set_teardown),
        cmocka_unit_test(every_format_has_its_word),
        cmocka_unit_test_setup_teardown(cut_anywhere, set_setup, set_teardown),
        cmocka_unit_test_setup_teardown(tfrecord_that_is_damaged, set_setup, set_teardown),
        cmocka_unit_test_setup_teardown(example_that_is_damaged, set_setup, set_teardown),
        cmocka_unit_test_setup_teardown(archive_that_is_damaged, set_setup, set_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
