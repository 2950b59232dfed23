#include "annotation_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "config/class_file.h"
#include "label_order.h"
#include "labels_existing.h"
#include "paths.h"
#include "store/labels.h"

enum { BLOCK_SIZE = 256 * 1024 };

static bool nomem(const struct annotation_set *s, struct error *err)
{
    return error_nomem(err, s->item_count * sizeof *s->items, "the annotations");
}

/* ----------------------------------------------------------------- strings */

/* A copy that stays where it is. NULL when out of memory. */
static const char *keep(struct annotation_set *s, const char *bytes, size_t len)
{
    if (len + 1 > s->block_size - s->block_used) {
        size_t size = len + 1 > BLOCK_SIZE ? len + 1 : BLOCK_SIZE;
        char *block = mem_reserve(&s->blocks, &s->block_cap, s->block_count + 1, sizeof *s->blocks)
                          ? malloc(size)
                          : NULL;
        if (!block) {
            return NULL;
        }
        s->blocks[s->block_count++] = block;
        s->block_size = size;
        s->block_used = 0;
    }
    char *copy = s->blocks[s->block_count - 1] + s->block_used;
    memcpy(copy, bytes, len);
    copy[len] = '\0';
    s->block_used += len + 1;
    return copy;
}

/* ------------------------------------------------------------ items, values */

/* A name of a picture, or that and the region behind a NUL. */
static bool item_key(const struct annotation *a, struct buf *key)
{
    buf_clear(key);
    buf_adds(key, a->file_name);
    if (!region_is_whole(&a->region)) {
        buf_addc(key, '\0');
        buf_add(key, (const char *)&a->region, sizeof a->region);
    }
    return !key->failed;
}

static bool find_item(struct annotation_set *s, const struct annotation *a, uint32_t file,
                      struct buf *key, uint32_t *item)
{
    const char *kept;
    if (!item_key(a, key)) {
        return false;
    }
    if (map_get(&s->item_map, key->data, key->len, item)) {
        s->items[*item].shared |= s->items[*item].file != file;
        return true;
    }
    if (!mem_reserve(&s->items, &s->item_cap, s->item_count + 1, sizeof *s->items) ||
        !(kept = keep(s, key->data, key->len)) ||
        !map_put(&s->item_map, kept, key->len, (uint32_t)s->item_count)) {
        return false;
    }
    *item = (uint32_t)s->item_count;
    s->items[s->item_count++] =
        (struct set_item){ .name = kept, .region = a->region, .file = file };
    return true;
}

static bool find_class(struct annotation_set *s, const char *name, size_t len, uint32_t *index)
{
    const char *kept;
    if (map_get(&s->class_map, name, len, index)) {
        return true;
    }
    if (!mem_reserve(&s->classes, &s->class_cap, s->class_count + 1, sizeof *s->classes) ||
        !(kept = keep(s, name, len)) ||
        !map_put(&s->class_map, kept, len, (uint32_t)s->class_count)) {
        return false;
    }
    *index = (uint32_t)s->class_count;
    s->classes[s->class_count++] = kept;
    return true;
}

static bool add_class_of(struct annotation_set *s, uint32_t class_index)
{
    if (!mem_reserve(&s->class_list, &s->class_list_cap, s->class_list_count + 1,
                     sizeof *s->class_list)) {
        return false;
    }
    s->class_list[s->class_list_count++] = class_index;
    return true;
}

/* Not in class_map: a class may have the same name. */
static bool none_class(struct annotation_set *s)
{
    uint32_t index = (uint32_t)s->class_count;
    if (!mem_reserve(&s->classes, &s->class_cap, s->class_count + 1, sizeof *s->classes)) {
        return false;
    }
    s->classes[s->class_count++] = CLASS_NONE_NAME;
    s->none_class = index;
    return add_class_of(s, index);
}

static bool add_value(struct annotation_set *s, const char *label, uint32_t *value)
{
    const char *kept = keep(s, label, strlen(label));
    size_t first = s->class_list_count, len = 0;
    uint32_t class_index;
    if (!kept || !mem_reserve(&s->values, &s->value_cap, s->value_count + 1, sizeof *s->values) ||
        !map_put(&s->value_map, kept, strlen(kept), (uint32_t)s->value_count)) {
        return false;
    }
    for (const char *c = NULL; (c = label_class(s->multi, kept, c, &len));) {
        if (!find_class(s, c, len, &class_index) || !add_class_of(s, class_index)) {
            return false;
        }
    }
    if (!kept[0] && !none_class(s)) {
        return false;
    }
    *value = (uint32_t)s->value_count;
    s->values[s->value_count++] = (struct set_value){ kept, first, s->class_list_count - first };
    return true;
}

/* label: "" for none. */
static bool find_value(struct annotation_set *s, const char *label, struct buf *sorted,
                       uint32_t *value)
{
    if (s->multi && strchr(label, LABEL_SEPARATOR)) {
        buf_clear(sorted);
        if (!label_add_sorted(sorted, label)) {
            return false;
        }
        label = buf_text(sorted);
    }
    return map_get(&s->value_map, label, strlen(label), value) || add_value(s, label, value);
}

static bool annotator_of(struct annotation_set *s, const char *name, uint32_t file,
                         uint32_t *annotator, struct error *err)
{
    for (size_t i = s->annotator_count; i-- > 0 && s->annotators[i].file == file;) {
        if (strcmp(s->annotators[i].name, name) == 0) {
            *annotator = (uint32_t)i;
            return true;
        }
    }
    if (s->annotator_count == SET_ANNOTATORS_MAX) {
        return error_set(err, ERROR_DATA,
                         "%s: annotator '%s' is one more than the %d that can be compared; is the "
                         "column annotator what it should be?",
                         s->files[file].path, name, SET_ANNOTATORS_MAX);
    }
    const char *kept = keep(s, name, strlen(name));
    if (!kept || !mem_reserve(&s->annotators, &s->annotator_cap, s->annotator_count + 1,
                              sizeof *s->annotators)) {
        return nomem(s, err);
    }
    *annotator = (uint32_t)s->annotator_count;
    s->annotators[s->annotator_count++] = (struct set_annotator){ .name = kept, .file = file };
    return true;
}

/* ----------------------------------------------------------------- reading */

struct scratch {
    struct buf key, sorted;
};

static bool add_annotation(struct annotation_set *s, const struct annotation *a, uint32_t file,
                           struct scratch *scratch, struct error *err)
{
    uint32_t item, value, annotator = 0;
    if (a->status == STATUS_PREDICTED) { /* nobody's */
        return true;
    }
    if (!annotator_of(s, a->annotator, file, &annotator, err)) {
        return false;
    }
    if (a->status != STATUS_LABELED && a->status != STATUS_NONE) {
        s->annotators[annotator].missing++;
        s->missing++;
        return true;
    }
    if (!find_item(s, a, file, &scratch->key, &item) ||
        !find_value(s, a->label, &scratch->sorted, &value) ||
        !mem_reserve(&s->ratings, &s->rating_cap, s->rating_count + 1, sizeof *s->ratings)) {
        return nomem(s, err);
    }
    s->ratings[s->rating_count++] = (struct rating){ item, annotator, value };
    return true;
}

static bool add_labels(struct annotation_set *s, const struct labels *labels, uint32_t file,
                       struct scratch *scratch, struct error *err)
{
    struct annotation a;
    uint32_t item, cursor = 0;
    while (labels_next_item(labels, &cursor, &a)) {
        if (!find_item(s, &a, file, &scratch->key, &item)) {
            return nomem(s, err);
        }
        s->files[file].items++;
    }
    for (cursor = 0; labels_next_row(labels, &cursor, &a);) {
        if (!add_annotation(s, &a, file, scratch, err)) {
            return false;
        }
    }
    return true;
}

static bool read_file(struct annotation_set *s, uint32_t file, struct error *err)
{
    struct scratch scratch = { BUF_INIT, BUF_INIT };
    enum labels_mode mode = s->multi ? LABELS_READ_ONLY | LABELS_MULTI : LABELS_READ_ONLY;
    struct labels *labels = labels_open_existing(s->files[file].path, mode, err);
    bool ok = labels && add_labels(s, labels, file, &scratch, err);
    buf_release(&scratch.key);
    buf_release(&scratch.sorted);
    labels_close(labels, NULL);
    return ok;
}

/* ------------------------------------------------------------------ titles */

/* Files are known by the last part of their paths, unless that is the same for two. */
static bool title_files(struct annotation_set *s)
{
    bool ok = true;
    for (size_t i = 0; ok && i < s->file_count; i++) {
        const char *title = file_basename(s->files[i].path);
        for (size_t k = 0; k < s->file_count; k++) {
            if (k != i && strcmp(file_basename(s->files[k].path), title) == 0) {
                title = s->files[i].path;
                break;
            }
        }
        s->files[i].title = mem_string(title, strlen(title));
        ok = s->files[i].title != NULL;
    }
    return ok;
}

static char *title_of(const struct annotation_set *s, const struct set_annotator *a)
{
    const char *file = s->files[a->file].title;
    size_t len = strlen(file);
    struct buf title = BUF_INIT;
    bool twice = false;
    if (!a->name[0]) {
        bool csv = len > 4 && strcmp(file + len - 4, ".csv") == 0;
        return mem_string(file, csv ? len - 4 : len);
    }
    for (size_t i = 0; i < s->annotator_count; i++) {
        twice |= &s->annotators[i] != a && strcmp(s->annotators[i].name, a->name) == 0;
    }
    buf_adds(&title, a->name);
    if (twice) {
        buf_addf(&title, " (%s)", file);
    }
    return buf_take(&title);
}

static bool title_annotators(struct annotation_set *s)
{
    for (size_t i = 0; i < s->annotator_count; i++) {
        s->annotators[i].title = title_of(s, &s->annotators[i]);
        if (!s->annotators[i].title) {
            return false;
        }
    }
    return true;
}

static void count_alone(struct annotation_set *s)
{
    for (size_t i = 0; i < s->item_count; i++) {
        s->files[s->items[i].file].alone += !s->items[i].shared;
    }
}

static bool take_paths(struct annotation_set *s, char *const *operands, size_t count)
{
    s->files = mem_array(count, sizeof *s->files);
    for (size_t i = 0; s->files && i < count; i++) {
        s->file_count = i + 1;
        s->files[i].path = labels_path(operands[i]);
        if (!s->files[i].path) {
            return false;
        }
    }
    return s->files != NULL;
}

bool annotation_set_read(struct annotation_set *set, char *const *operands, size_t count,
                         bool multi, struct error *err)
{
    *set = (struct annotation_set){ .multi = multi, .none_class = UINT32_MAX };
    map_init(&set->item_map);
    map_init(&set->value_map);
    map_init(&set->class_map);
    if (!take_paths(set, operands, count)) {
        return error_nomem(err, count * sizeof *set->files, "the files");
    }
    for (size_t i = 0; i < count; i++) {
        set->multi |= class_file_is_multi(set->files[i].path);
    }
    for (size_t i = 0; i < count; i++) {
        if (!read_file(set, (uint32_t)i, err)) {
            return false;
        }
    }
    count_alone(set);
    return (title_files(set) && title_annotators(set)) ||
           error_nomem(err, set->annotator_count * sizeof *set->annotators, "the annotators");
}

void annotation_set_release(struct annotation_set *set)
{
    for (size_t i = 0; i < set->file_count; i++) {
        free(set->files[i].path);
        free(set->files[i].title);
    }
    for (size_t i = 0; i < set->annotator_count; i++) {
        free(set->annotators[i].title);
    }
    for (size_t i = 0; i < set->block_count; i++) {
        free(set->blocks[i]);
    }
    free(set->files);
    free(set->annotators);
    free(set->blocks);
    free(set->items);
    free(set->values);
    free(set->classes);
    free(set->class_list);
    free(set->ratings);
    map_release(&set->item_map);
    map_release(&set->value_map);
    map_release(&set->class_map);
    *set = (struct annotation_set){ .files = NULL };
}

bool annotation_set_ratings(const struct annotation_set *set, struct ratings *r, struct error *err)
{
    struct ratings shape = { .items = set->item_count,
                             .annotators = set->annotator_count,
                             .values = set->value_count,
                             .classes = set->class_count,
                             .class_first = mem_array(set->value_count + 1, sizeof(size_t)),
                             .class_list = set->class_list };
    *r = (struct ratings){ .votes = NULL };
    if (!shape.class_first) {
        return error_nomem(err, set->value_count * sizeof(size_t), "the classes");
    }
    for (size_t v = 0; v < set->value_count; v++) {
        shape.class_first[v + 1] = set->values[v].first + set->values[v].count;
    }
    bool ok = ratings_make(r, &shape, set->ratings, set->rating_count, err);
    free(shape.class_first);
    return ok;
}

const char *annotation_set_value(const struct annotation_set *set, uint32_t value)
{
    return set->values[value].label[0] ? set->values[value].label : CLASS_NONE_NAME;
}
