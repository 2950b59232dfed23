#include "formats/formats.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "format.h"
#include "text.h"

/* The first that looks like the content reads it: those with the clearest marks first. */
static const struct format *const formats[] = {
    &format_tfrecord, &format_webdataset, &format_croissant, &format_fiftyone, &format_thumbtag,
    &format_yolo,     &format_cvat,       &format_voc,       &format_coco,     &format_labelstudio,
    &format_createml, &format_jsonl,      &format_automl,    &format_imagenet, &format_table,
    &format_folders,  &format_yolo_cls,   &format_fastai,    &format_keras,
};

bool formats_at(size_t index, struct format_info *out)
{
    if (index >= ARRAY_LEN(formats)) {
        return false;
    }
    *out = formats[index]->info;
    return true;
}

const struct format *formats_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (strcmp(formats[i]->info.name, name) == 0) {
            return formats[i];
        }
    }
    return NULL;
}

static bool read_head(struct source *s, struct error *err)
{
    struct file_reader r;
    bool ok = file_reader_open(&r, s->path, INT64_MAX, err) &&
              file_reader_read(&r, s->head, sizeof s->head, &s->head_len, err);
    file_reader_close(&r);
    return ok;
}

/* Of the formats of bytes, or of the others. */
static const struct format *recognise(const struct source *s, bool bytes)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (formats[i]->bytes == bytes && formats[i]->looks_like && formats[i]->looks_like(s)) {
            return formats[i];
        }
    }
    return NULL;
}

static bool read_text(struct source *s, const char **was, struct error *err)
{
    return file_read(s->path, SOURCE_MAX, &s->text, err) &&
           text_to_utf8(s->path, &s->text, was, err);
}

static void add_names(struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (formats[i]->read) {
            buf_addf(out, "%s%s", out->len ? ", " : "", formats[i]->info.name);
        }
    }
}

static bool unknown(const struct source *s, struct error *err)
{
    const char *from = s->options->from;
    struct buf names = BUF_INIT;
    add_names(&names);
    if (from) {
        error_set(err, ERROR_USAGE, "cannot import '%s'; there are %s", from, buf_text(&names));
    } else {
        error_set(err, ERROR_DATA,
                  "%s: none of the known forms of labels; say which one with "
                  "--from: %s",
                  s->path, buf_text(&names));
    }
    buf_release(&names);
    return false;
}

/* Opens the source and finds its format; *was as text_to_utf8() sets it. */
static bool open_source(struct source *s, const struct format **format, const char **was,
                        struct error *err)
{
    struct stat st;
    const char *from = s->options->from;
    *was = "";
    s->folder = stat(s->path, &st) == 0 && S_ISDIR(st.st_mode);
    if (!s->folder && !read_head(s, err)) {
        return false;
    }
    *format = from ? formats_named(from) : recognise(s, true);
    bool bytes = *format && (*format)->bytes;
    if (!s->folder && !bytes && !read_text(s, was, err)) {
        return false;
    }
    *format = *format || from ? *format : recognise(s, false);
    return (*format && (*format)->read) || unknown(s, err);
}

bool formats_import(const char *path, const struct import_options *options, struct dataset *d,
                    const char **from, struct error *err)
{
    struct source s = { .path = path, .text = BUF_INIT, .options = options };
    const struct format *format = NULL;
    const char *was = "";
    bool ok = open_source(&s, &format, &was, err) && format->read(&s, d, err);
    if (ok && was[0]) {
        snprintf(dataset_report(d)->note, sizeof dataset_report(d)->note, "read as %s", was);
    }
    if (from) {
        *from = format ? format->info.name : NULL;
    }
    buf_release(&s.text);
    return ok;
}
