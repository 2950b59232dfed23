/* Croissant 1.0 (MLCommons): croissant.json, JSON-LD in the vocabulary of schema.org that says
 * what the files of a data set are and which columns have what. Written: a folder with that,
 * labels.csv (with a column split if there is one) and images/, the pictures. Read: the table
 * that the description names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "json.h"
#include "table.h"
#include "tree.h"

#define DESCRIPTION "croissant.json"

/* ------------------------------------------------------------------- reading */

static bool conforms(const char *text)
{
    const char *key = strstr(text, "\"conformsTo\"");
    return key && strstr(key, "mlcommons.org/croissant");
}

static bool is_description(const char *name)
{
    return strcmp(name, DESCRIPTION) == 0;
}

static bool croissant_looks_like(const struct source *s)
{
    const char *text = s->folder ? "" : buf_text(&s->text);
    char *file = s->folder ? tree_top_find(s->path, is_description) : NULL;
    bool is = file || (text[strspn(text, " \t\r\n")] == '{' && conforms(text));
    free(file);
    return is;
}

struct reader {
    struct dataset *data;
    const struct import_options *options;
    const char *folder;
    bool found;
};

static bool read_table(struct reader *r, const char *url, struct error *err)
{
    char *path = file_join(r->folder, url);
    struct source table = { .path = path, .text = BUF_INIT, .options = r->options };
    bool ok = path ? tree_read(path, &table.text, err) : error_nomem(err, strlen(url), "a path");
    r->found = true;
    ok = ok && format_table.read(&table, r->data, err);
    buf_release(&table.text);
    free(path);
    return ok;
}

/* A file of the distribution; the first table is read. */
static bool look_at(void *context, const struct json_item *item, struct error *err)
{
    struct reader *r = context;
    const char *format = json_text(item->value, "encodingFormat");
    const char *url = json_text(item->value, "contentUrl");
    if (r->found || item->name || strcmp(item->key, "distribution") != 0 || !format ||
        (strcmp(format, "text/csv") != 0 && strcmp(format, "text/tab-separated-values") != 0)) {
        return true;
    }
    if (!url || strstr(url, "://") || url[0] == '/' || strstr(url, "..")) {
        return json_bad(item, "its contentUrl is not a table beside the description; download it",
                        err);
    }
    return read_table(r, url, err);
}

static bool croissant_read(const struct source *s, struct dataset *d, struct error *err)
{
    char *folder = s->folder ? mem_string(s->path, strlen(s->path)) : file_dirname(s->path);
    char *path = s->folder && folder ? file_join(folder, DESCRIPTION) : NULL;
    struct source inner = { .path = path, .text = BUF_INIT, .options = s->options };
    struct reader r = { .data = d, .options = s->options, .folder = folder };
    bool ok = (folder && (!s->folder || path)) || error_nomem(err, strlen(s->path), "a path");
    ok = ok && (!s->folder || tree_read(path, &inner.text, err)) &&
         json_each_member(s->folder ? &inner : s, look_at, &r, err);
    if (ok && !r.found) {
        ok = error_set(err, ERROR_DATA, "%s: no table (text/csv) in its distribution",
                       s->folder ? path : s->path);
    }
    buf_release(&inner.text);
    free(path);
    free(folder);
    return ok;
}

/* ------------------------------------------------------------------- writing */

static const char context[] =
    "{\"@language\": \"en\", \"@vocab\": \"https://schema.org/\", \"sc\": "
    "\"https://schema.org/\",\n"
    "  \"cr\": \"http://mlcommons.org/croissant/\", \"dct\": \"http://purl.org/dc/terms/\",\n"
    "  \"rai\": \"http://mlcommons.org/croissant/RAI/\", \"conformsTo\": \"dct:conformsTo\",\n"
    "  \"data\": {\"@id\": \"cr:data\", \"@type\": \"@json\"},\n"
    "  \"dataType\": {\"@id\": \"cr:dataType\", \"@type\": \"@vocab\"},\n"
    "  \"examples\": {\"@id\": \"cr:examples\", \"@type\": \"@json\"}";

/* Terms of Croissant's own vocabulary. */
static const char *const terms[] = {
    "citeAs",   "column",      "extract",   "field",         "fileObject", "fileProperty",
    "fileSet",  "format",      "includes",  "isLiveDataset", "jsonPath",   "key",
    "md5",      "parentField", "path",      "recordSet",     "references", "regex",
    "repeated", "replace",     "separator", "source",        "subField",   "transform",
};

struct column {
    const char *name, *type, *about;
};

static const struct column base_columns[] = {
    { "file_name", "sc:Text", "path of the image, relative to this description" },
    { "label", "sc:Text", "class of the image or of the region; several are separated by |" },
};
static const struct column split_column = { "split", "sc:Text", "train, val or test" };
static const struct column status_column = { "status", "sc:Text",
                                             "labeled, skipped, unsure or none" };
static const struct column region_columns[] = {
    { "x", "sc:Integer",
      "left edge of the region in pixels of the upright image; empty: all of it" },
    { "y", "sc:Integer", "top edge of the region" },
    { "width", "sc:Integer", "width of the region" },
    { "height", "sc:Integer", "height of the region" },
};

static void add_column(struct buf *out, const struct column *c)
{
    buf_addf(out,
             ",\n      {\"@type\": \"cr:Field\", \"@id\": \"labels/%s\", \"name\": \"%s\",\n"
             "       \"description\": \"%s\", \"dataType\": \"%s\",\n"
             "       \"source\": {\"fileObject\": {\"@id\": \"labels.csv\"}, \"extract\": "
             "{\"column\": \"%s\"}}",
             c->name, c->name, c->about, c->type, c->name);
    if (strcmp(c->name, "file_name") == 0) {
        buf_adds(out, ",\n       \"references\": {\"field\": {\"@id\": \"images/path\"}}");
    }
    buf_adds(out, "}");
}

static void add_files(struct buf *out, const struct buf *table)
{
    char digest[SHA256_TEXT_SIZE];
    sha256_text(table->data, table->len, digest);
    buf_addf(out,
             " \"distribution\": [\n"
             "  {\"@type\": \"cr:FileObject\", \"@id\": \"labels.csv\", \"name\": \"labels.csv\",\n"
             "   \"contentUrl\": \"labels.csv\", \"contentSize\": \"%zu B\",\n"
             "   \"encodingFormat\": \"text/csv\", \"sha256\": \"%s\"},\n"
             "  {\"@type\": \"cr:FileSet\", \"@id\": \"image-files\", \"name\": \"image-files\",\n"
             "   \"description\": \"the images\", \"encodingFormat\": \"image/*\",\n"
             "   \"includes\": [\"images/*\", \"images/**/*\"]}],\n",
             table->len, digest);
}

static void add_records(struct buf *out, const struct table_form *form)
{
    buf_adds(out,
             " \"recordSet\": [\n"
             "  {\"@type\": \"cr:RecordSet\", \"@id\": \"images\", \"name\": \"images\",\n"
             "   \"key\": {\"@id\": \"images/path\"},\n"
             "   \"field\": [\n"
             "      {\"@type\": \"cr:Field\", \"@id\": \"images/path\", \"name\": \"path\",\n"
             "       \"description\": \"path of the image\", \"dataType\": \"sc:Text\",\n"
             "       \"source\": {\"fileSet\": {\"@id\": \"image-files\"}, \"extract\": "
             "{\"fileProperty\": \"fullpath\"}}},\n"
             "      {\"@type\": \"cr:Field\", \"@id\": \"images/content\", \"name\": \"content\",\n"
             "       \"description\": \"the image\", \"dataType\": \"sc:ImageObject\",\n"
             "       \"source\": {\"fileSet\": {\"@id\": \"image-files\"}, \"extract\": "
             "{\"fileProperty\": \"content\"}}}]},\n"
             "  {\"@type\": \"cr:RecordSet\", \"@id\": \"labels\", \"name\": \"labels\",\n"
             "   \"description\": \"a row for each image or region\",\n"
             "   \"field\": [");
    struct buf fields = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(base_columns); i++) {
        add_column(&fields, &base_columns[i]);
    }
    if (form->split) {
        add_column(&fields, &split_column);
    }
    if (form->statuses) {
        add_column(&fields, &status_column);
    }
    for (size_t i = 0; form->regions && i < ARRAY_LEN(region_columns); i++) {
        add_column(&fields, &region_columns[i]);
    }
    buf_add(out, buf_text(&fields) + (fields.len ? 1 : 0), fields.len ? fields.len - 1 : 0);
    out->failed |= fields.failed;
    buf_release(&fields);
    buf_adds(out, "]}]}\n");
}

static void describe(const struct export *e, const struct table_form *form, const struct buf *table,
                     struct buf *out)
{
    const char *name = file_basename(e->options->out);
    buf_addf(out, "{\"@context\": %s", context);
    for (size_t i = 0; i < ARRAY_LEN(terms); i++) {
        buf_addf(out, "%s\"%s\": \"cr:%s\"", i % 3 ? ", " : ",\n  ", terms[i], terms[i]);
    }
    buf_adds(out, "},\n \"@type\": \"sc:Dataset\",\n"
                  " \"conformsTo\": \"http://mlcommons.org/croissant/1.0\",\n \"name\": ");
    json_add(out, name, strlen(name));
    buf_addf(out, ",\n \"description\": \"%zu annotations of %zu images, in %zu classes\",\n",
             e->item_count, e->picture_count, e->class_count);
    add_files(out, table);
    add_records(out, form);
}

static bool place_pictures(const struct export *e, struct error *err)
{
    struct buf name = BUF_INIT;
    bool ok = true;
    for (size_t i = 0; ok && i < e->picture_count; i++) {
        buf_clear(&name);
        buf_addf(&name, "images/%s", e->pictures[i].name);
        ok = name.failed ? error_nomem(err, name.len, "a name")
                         : export_place(e, &e->pictures[i], name.data, err);
    }
    buf_release(&name);
    return ok;
}

static bool croissant_write(struct export *e, struct error *err)
{
    struct table_form form = our_table_form(e);
    struct buf table = BUF_INIT, out = BUF_INIT;
    form.split = export_is_split(e->options);
    form.folder = "images";
    our_table_add(e, &form, &table);
    describe(e, &form, &table, &out);
    bool ok = table.failed || out.failed
                  ? error_nomem(err, table.len, "the table")
                  : new_folder_write(e->folder, "labels.csv", table.data, table.len, err) &&
                        new_folder_write(e->folder, DESCRIPTION, out.data, out.len, err) &&
                        place_pictures(e, err);
    buf_release(&table);
    buf_release(&out);
    return ok;
}

const struct format format_croissant = {
    .info = { "croissant", "Croissant 1.0: croissant.json, labels.csv and images/", NULL, true,
              true, HOLDS_CLASS | HOLDS_SEVERAL | HOLDS_REGIONS | HOLDS_STATUS },
    .looks_like = croissant_looks_like,
    .read = croissant_read,
    .utf8 = true,
    .write = croissant_write,
};
