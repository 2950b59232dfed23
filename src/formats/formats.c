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
    &format_thumbtag,    &format_yolo,     &format_cvat,     &format_voc,    &format_coco,
    &format_labelstudio, &format_createml, &format_jsonl,    &format_automl, &format_imagenet,
    &format_table,       &format_folders,  &format_yolo_cls,
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

static bool open_source(struct source *s, const char **was, struct error *err)
{
    struct stat st;
    if (stat(s->path, &st) == 0 && S_ISDIR(st.st_mode)) {
        s->folder = true;
        *was = "";
        return true;
    }
    return file_read(s->path, SOURCE_MAX, &s->text, err) &&
           text_to_utf8(s->path, &s->text, was, err);
}

static const struct format *recognise(const struct source *s)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (formats[i]->looks_like && formats[i]->looks_like(s)) {
            return formats[i];
        }
    }
    return NULL;
}

static void add_names(struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (formats[i]->read) {
            buf_addf(out, "%s%s", out->len ? ", " : "", formats[i]->info.name);
        }
    }
}

static bool choose(const struct source *s, const struct format **format, struct error *err)
{
    const char *from = s->options->from;
    struct buf names = BUF_INIT;
    *format = from ? formats_named(from) : recognise(s);
    if (*format && (*format)->read) {
        return true;
    }
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

bool formats_import(const char *path, const struct import_options *options, struct dataset *d,
                    const char **from, struct error *err)
{
    struct source s = { .path = path, .text = BUF_INIT, .options = options };
    const struct format *format = NULL;
    const char *was = "";
    bool ok = open_source(&s, &was, err) && choose(&s, &format, err) && format->read(&s, d, err);
    if (ok && was[0]) {
        snprintf(dataset_report(d)->note, sizeof dataset_report(d)->note, "read as %s", was);
    }
    if (from) {
        *from = format ? format->info.name : NULL;
    }
    buf_release(&s.text);
    return ok;
}
