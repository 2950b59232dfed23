/* What a format is to formats.c. */
#ifndef FORMATS_FORMAT_H
#define FORMATS_FORMAT_H

#include "base/buf.h"
#include "base/new_folder.h"
#include "formats/formats.h"

#define CLASS_TEXT_MAX 1024          /* bytes of a class, with its NUL */
#define SOURCE_MAX ((size_t)1 << 31) /* bytes of a file */
#define SOURCE_HEAD 512              /* bytes */

/* A file or folder to read. */
struct source {
    const char *path;
    bool folder;
    uint8_t head[SOURCE_HEAD]; /* of a file: its first bytes */
    size_t head_len;
    struct buf text; /* of a file, unless the format reads bytes: all of it, as UTF-8 without a
                        byte order mark */
    const struct import_options *options;
};

/* An annotation of a picture to be written. */
struct export_item {
    const struct annotation *a;
    size_t picture; /* index into struct export's pictures */
};

struct export_picture {
    const char *name;    /* of the annotations */
    int split;           /* 0 without a split */
    size_t first, count; /* of the items */
    int width, height;   /* 0: not wanted by the format */
};

/* The annotations, in the order of their pictures' names; of each picture the whole one
 * first. */
struct export
{
    const struct export_options *options;
    const struct export_item *items;
    const struct export_picture *pictures;
    size_t item_count, picture_count;
    char **classes; /* in natural order, each once, NULL-terminated */
    size_t class_count;
    bool always_split;         /* without shares all is train */
    bool val_in_train;         /* as in struct format */
    struct buf *out;           /* of a format that is one file */
    struct new_folder *folder; /* of one that is a folder */
    int split;                 /* formats of one file: the part to write; -1: all */
    struct export_report *report;
};

extern const char *const split_names[SPLITS_MAX];

/* With shares. */
bool export_is_split(const struct export_options *o);

/* For qsort() of the classes: natural order. */
int export_compare_classes(const void *a, const void *b);

/* "train/", or "" without a split. */
const char *export_split_prefix(const struct export *e, const struct export_picture *p);

/* True for a picture of the part that is to be written. */
bool export_wants(const struct export *e, const struct export_picture *p);

/* Index of a class of an annotation. */
size_t export_class(const struct export *e, const char *name, size_t len);

/* The path of a picture, valid in the working folder; the caller frees it. */
char *export_path(const struct export *e, const struct export_picture *p, struct error *err);

/* Links, copies or clones the picture into the new folder under that name. */
bool export_place(const struct export *e, const struct export_picture *p, const char *name,
                  struct error *err);

struct format {
    struct format_info info;
    bool (*looks_like)(const struct source *s);
    bool bytes; /* its files are no text: looks_like() has their head, read() reads them */
    bool (*read)(const struct source *s, struct dataset *d, struct error *err);
    const char *ending; /* of its file; NULL: it is a folder */
    bool utf8;          /* it cannot hold names that are not UTF-8 */
    bool always_split;  /* it has a part "train" even without shares */
    bool sizes;         /* write() needs the pictures' sizes */
    bool val_in_train;  /* its file of train has the pictures of val as well, and says so */
    bool (*write)(struct export *e, struct error *err);
};

/* NULL: none of that name. */
const struct format *formats_named(const char *name);

extern const struct format format_thumbtag, format_table, format_folders, format_coco,
    format_createml, format_jsonl, format_labelstudio, format_voc, format_cvat, format_yolo,
    format_yolo_cls, format_automl, format_imagenet, format_fastai, format_keras, format_fiftyone,
    format_tfrecord, format_webdataset, format_croissant;

/* Width and height of a picture, upright. */
bool picture_size(const char *path, int *width, int *height, struct error *err);

/* Whether a class can be the name of a folder; ERROR_UNSUPPORTED if not. */
bool class_is_file_name(const char *class, struct error *err);

/* Appends the picture's name without its ending. */
void add_stem(struct buf *out, const char *name);

/* A folder for each class. */
bool folders_write(struct export *e, struct error *err);

/* ERROR_DATA: the format cannot be read from this. */
bool not_a_file(const struct source *s, const char *what, struct error *err);

#endif
