#include "metadata.h"

#include <string.h>

#include "flatbuffer.h"

#define MODEL_IDENTIFIER "TFL3"
#define ENTRY_NAME "TFLITE_METADATA"
#define MAX_ENTRIES 1024 /* of any list that is searched */

/* Field numbers, of the model's schema and the metadata's. */
enum { MODEL_BUFFERS = 4, MODEL_METADATA = 6 };
enum { ENTRY_FIELD_NAME, ENTRY_FIELD_BUFFER };
enum { BUFFER_DATA };
enum { METADATA_GRAPHS = 3, GRAPH_OUTPUTS = 3, TENSOR_FILES = 6 };
enum { FILE_NAME = 0, FILE_TYPE = 2 };
enum { TENSOR_AXIS_LABELS = 2 };

static bool is_model(const void *bytes, size_t len)
{
    return len >= 8 && memcmp((const char *)bytes + 4, MODEL_IDENTIFIER, 4) == 0;
}

/* Element 0, absent when there is none. */
static struct fb_table first_of(const struct fb_table *table, int field)
{
    struct fb_vector vector = fb_vector(table, field, 4);
    return vector.count ? fb_table_at(table->fb, vector, 0) : (struct fb_table){ .fb = table->fb };
}

static struct nn_span span_of(const struct fb *fb, struct fb_vector vector)
{
    return (struct nn_span){ fb->bytes + vector.pos, vector.count };
}

static bool is_name(struct nn_span text)
{
    return text.len == strlen(ENTRY_NAME) && memcmp(text.bytes, ENTRY_NAME, text.len) == 0;
}

/* The metadata's own FlatBuffer; empty when there is none. */
static struct nn_span find_metadata(struct fb *fb)
{
    struct fb_table model = fb_root(fb, MODEL_IDENTIFIER);
    struct fb_vector entries = fb_vector(&model, MODEL_METADATA, 4);
    struct fb_vector buffers = fb_vector(&model, MODEL_BUFFERS, 4);
    for (size_t i = 0; !fb->bad && i < entries.count && i < MAX_ENTRIES; i++) {
        struct fb_table entry = fb_table_at(fb, entries, i);
        uint32_t buffer = (uint32_t)fb_i32(&entry, ENTRY_FIELD_BUFFER, 0);
        if (is_name(span_of(fb, fb_vector(&entry, ENTRY_FIELD_NAME, 1))) &&
            buffer < buffers.count) {
            struct fb_table table = fb_table_at(fb, buffers, buffer);
            return span_of(fb, fb_vector(&table, BUFFER_DATA, 1));
        }
    }
    return (struct nn_span){ NULL, 0 };
}

static struct nn_span find_labels(struct fb *fb)
{
    struct fb_table root = fb_root(fb, "M001");
    struct fb_table graph = first_of(&root, METADATA_GRAPHS);
    struct fb_table output = first_of(&graph, GRAPH_OUTPUTS);
    struct fb_vector files = fb_vector(&output, TENSOR_FILES, 4);
    for (size_t i = 0; !fb->bad && i < files.count && i < MAX_ENTRIES; i++) {
        struct fb_table file = fb_table_at(fb, files, i);
        if (fb_u8(&file, FILE_TYPE, 0) == TENSOR_AXIS_LABELS) {
            return span_of(fb, fb_vector(&file, FILE_NAME, 1));
        }
    }
    return (struct nn_span){ NULL, 0 };
}

bool nn_metadata_labels(const void *bytes, size_t len, struct nn_span *file, const char *name,
                        struct error *err)
{
    struct fb model = { .bytes = bytes, .len = len };
    *file = (struct nn_span){ NULL, 0 };
    if (!is_model(bytes, len)) {
        return true;
    }
    struct nn_span metadata = find_metadata(&model);
    if (model.bad) {
        return error_set(err, ERROR_DATA, "%s: damaged at byte %zu of %zu", name, model.bad_at,
                         len);
    }
    if (metadata.len == 0) {
        return true;
    }
    struct fb inner = { .bytes = metadata.bytes, .len = metadata.len };
    *file = find_labels(&inner);
    if (inner.bad || file->len > NN_METADATA_MAX_NAME) {
        return error_set(err, ERROR_DATA, "%s: the metadata are damaged", name);
    }
    return true;
}
