#include "formats/dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/classes.h"

#define NOTHING UINT32_MAX

struct dataset {
    struct pictures *pictures;
    const char *annotator;
    struct arena arena;
    struct map words; /* strings in the arena, each once; the value is its place in `texts` */
    const char **texts;
    size_t text_count, text_cap;
    struct annotation *items;
    uint32_t *next; /* of each item: the one before it of the same picture */
    size_t count, cap, next_cap;
    uint32_t *last; /* of each picture: its last item, or NOTHING */
    size_t last_count;
    bool join;
    struct dataset_report report;
};

struct dataset *dataset_new(struct pictures *pictures, const char *annotator)
{
    struct dataset *d = calloc(1, sizeof *d);
    if (!d) {
        return NULL;
    }
    map_init(&d->words);
    d->pictures = pictures;
    d->annotator = arena_string(&d->arena, annotator, strlen(annotator));
    d->last_count = pictures_count(pictures);
    d->last = mem_array(d->last_count, sizeof *d->last);
    if (!d->annotator || !d->last) {
        dataset_free(d);
        return NULL;
    }
    memset(d->last, 0xff, d->last_count * sizeof *d->last);
    return d;
}

void dataset_free(struct dataset *d)
{
    if (!d) {
        return;
    }
    map_release(&d->words);
    arena_release(&d->arena);
    free(d->texts);
    free(d->items);
    free(d->next);
    free(d->last);
    free(d);
}

void dataset_join(struct dataset *d)
{
    d->join = true;
}

struct pictures *dataset_pictures(const struct dataset *d)
{
    return d->pictures;
}

struct dataset_report *dataset_report(struct dataset *d)
{
    return &d->report;
}

size_t dataset_count(const struct dataset *d)
{
    return d->count;
}

struct annotation *dataset_items(struct dataset *d)
{
    return d->items;
}

void place_text(const struct place *at, char out[PLACE_TEXT_MAX])
{
    if (at->list) {
        snprintf(out, PLACE_TEXT_MAX, "%s: %s[%zu]", at->file, at->list, at->index);
    } else if (at->line) {
        snprintf(out, PLACE_TEXT_MAX, "%s:%llu", at->file, (unsigned long long)at->line);
    } else {
        snprintf(out, PLACE_TEXT_MAX, "%s", at->file);
    }
}

/* ------------------------------------------------------------------ strings */

static const char *word(struct dataset *d, const char *text, size_t len)
{
    uint32_t at;
    if (!len) {
        return "";
    }
    if (map_get(&d->words, text, len, &at)) {
        return d->texts[at];
    }
    const char *copy = arena_string(&d->arena, text, len);
    if (!copy || !mem_reserve(&d->texts, &d->text_cap, d->text_count + 1, sizeof *d->texts) ||
        !map_put(&d->words, copy, len, (uint32_t)d->text_count)) {
        return NULL;
    }
    d->texts[d->text_count++] = copy;
    return copy;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim(const char **text, size_t *len)
{
    while (*len && blank((*text)[0])) {
        ++*text;
        --*len;
    }
    while (*len && blank((*text)[*len - 1])) {
        --*len;
    }
}

/* --------------------------------------------------------- names of pictures */

static void leave_out(struct dataset *d, const char *name, size_t len)
{
    for (size_t i = 0; i < DATASET_EXAMPLES; i++) {
        char *example = d->report.examples[i];
        if (!example[0]) {
            snprintf(example, sizeof d->report.examples[i], "%.*s", (int)(len < 255 ? len : 255),
                     name);
            return;
        }
        if (strlen(example) == len && memcmp(example, name, len) == 0) {
            return;
        }
    }
}

bool dataset_find(struct dataset *d, const char *name, size_t len, uint32_t *picture)
{
    switch (pictures_find(d->pictures, name, len, picture)) {
    case MATCH_PATH:
        d->report.by_path++;
        return true;
    case MATCH_BASE_NAME:
        d->report.by_base_name++;
        return true;
    case MATCH_AMBIGUOUS:
        d->report.ambiguous++;
        break;
    case MATCH_NONE:
        d->report.missing++;
        break;
    }
    leave_out(d, name, len);
    return false;
}

/* ------------------------------------------------------------------ regions */

/* The nearest pixels; false if nothing is left of it. */
static bool to_region(struct dataset *d, const double *box, struct region *out)
{
    double left = round(box[0]), top = round(box[1]);
    double right = round(box[0] + box[2]), bottom = round(box[1] + box[3]);
    if (left < 0.0 || top < 0.0) {
        d->report.clipped++;
    }
    left = left < 0.0 ? 0.0 : left;
    top = top < 0.0 ? 0.0 : top;
    if (!(right > left) || !(bottom > top) || !(right <= REGION_MAX) || !(bottom <= REGION_MAX)) {
        d->report.clipped++;
        return false;
    }
    *out = (struct region){ (int32_t)left, (int32_t)top, (int32_t)(right - left),
                            (int32_t)(bottom - top) };
    return true;
}

/* ------------------------------------------------------------------- adding */

static struct annotation *known(struct dataset *d, uint32_t picture, const struct region *region)
{
    for (uint32_t i = d->last[picture]; i != NOTHING; i = d->next[i]) {
        if (region_equal(&d->items[i].region, region)) {
            return &d->items[i];
        }
    }
    return NULL;
}

static bool append(struct dataset *d, uint32_t picture, const struct annotation *a,
                   struct error *err)
{
    if (d->count >= DATASET_MAX) {
        return error_set(err, ERROR_DATA, "more than %u annotations, the limit", DATASET_MAX);
    }
    if (!mem_reserve(&d->items, &d->cap, d->count + 1, sizeof *d->items) ||
        !mem_reserve(&d->next, &d->next_cap, d->count + 1, sizeof *d->next)) {
        return error_nomem(err, d->count * sizeof *d->items, "the annotations");
    }
    d->items[d->count] = *a;
    d->next[d->count] = d->last[picture];
    d->last[picture] = (uint32_t)d->count++;
    return true;
}

/* Another annotation of the same item. */
static bool add_again(struct dataset *d, struct annotation *before, const struct annotation *a,
                      const struct place *at, struct error *err)
{
    char where[PLACE_TEXT_MAX];
    struct buf both = BUF_INIT;
    size_t len = 0;
    if (before->status == a->status && strcmp(before->label, a->label) == 0) {
        d->report.repeated++;
        return true;
    }
    place_text(at, where);
    if (!d->join || before->status != STATUS_LABELED || a->status != STATUS_LABELED) {
        return error_set(err, ERROR_DATA,
                         "%s: %s is '%s' here and '%s' before; correct one of them, or take both "
                         "with --multi",
                         where, a->file_name,
                         a->status == STATUS_LABELED ? a->label : label_status_name(a->status),
                         before->status == STATUS_LABELED ? before->label
                                                          : label_status_name(before->status));
    }
    buf_adds(&both, before->label);
    for (const char *c = NULL; (c = label_class(true, a->label, c, &len));) {
        if (!label_has_class(true, before->label, c, len)) {
            buf_addc(&both, LABEL_SEPARATOR);
            buf_add(&both, c, len);
        }
    }
    const char *label = both.failed ? NULL : word(d, buf_text(&both), both.len);
    buf_release(&both);
    d->report.several = true;
    before->label = label ? label : before->label;
    return label || error_nomem(err, 1, "a label");
}

/* Each class of the label must be a class name. */
static bool check_label(const struct sample *s, const char *label, size_t len, struct error *err)
{
    char where[PLACE_TEXT_MAX];
    struct error why;
    place_text(&s->at, where);
    for (size_t i = 0, n; i <= len; i += n + 1) {
        const char *bar = memchr(label + i, LABEL_SEPARATOR, len - i);
        n = bar ? (size_t)(bar - label) - i : len - i;
        if (!classes_check_name(label + i, n, where, &why)) {
            return error_set(err, ERROR_DATA, "%s", why.message);
        }
    }
    return true;
}

static bool fill(struct dataset *d, const struct sample *s, struct annotation *a, struct error *err)
{
    const char *label = s->label, *guess = s->guess ? s->guess : "";
    size_t len = label ? s->label_len : 0, guess_len = s->guess ? s->guess_len : 0;
    trim(&label, &len);
    trim(&guess, &guess_len);
    a->status = s->status;
    if (a->status == STATUS_UNANSWERED && len) {
        a->status = STATUS_LABELED;
    }
    if (label_status_has_label(a->status)) {
        if (len && !check_label(s, label, len, err)) {
            return false;
        }
        a->label = word(d, label, len);
    }
    a->guess = word(d, guess, guess_len);
    return (a->label && a->guess) || error_nomem(err, len, "a label");
}

bool dataset_add_to(struct dataset *d, uint32_t picture, const struct sample *s, struct error *err)
{
    struct annotation a = { .file_name = pictures_name(d->pictures, picture),
                            .label = "",
                            .note = "",
                            .guess = "",
                            .source = s->guess && s->guess_len ? "import" : "",
                            .annotator = d->annotator,
                            .confidence = s->guess && s->guess_len ? s->confidence : -1.0f,
                            .seconds = -1.0f };
    if (s->box && !to_region(d, s->box, &a.region)) {
        return true;
    }
    if (!fill(d, s, &a, err)) {
        return false;
    }
    if (a.status == STATUS_UNANSWERED || (label_status_has_label(a.status) && !a.label[0])) {
        d->report.unlabeled++;
        return true;
    }
    if (strchr(a.label, LABEL_SEPARATOR)) {
        d->report.several = true;
    }
    struct annotation *before = known(d, picture, &a.region);
    return before ? add_again(d, before, &a, &s->at, err) : append(d, picture, &a, err);
}

bool dataset_add(struct dataset *d, const struct sample *s, struct error *err)
{
    uint32_t picture;
    return !dataset_find(d, s->name, s->name_len, &picture) || dataset_add_to(d, picture, s, err);
}

bool dataset_add_annotation(struct dataset *d, const struct annotation *a, struct error *err)
{
    uint32_t picture;
    struct annotation copy = *a;
    if (!dataset_find(d, a->file_name, strlen(a->file_name), &picture)) {
        return true;
    }
    copy.file_name = pictures_name(d->pictures, picture);
    copy.annotator = d->annotator;
    copy.labeled_at_ms = 0;
    copy.label = word(d, a->label, strlen(a->label));
    copy.note = word(d, a->note, strlen(a->note));
    copy.guess = word(d, a->guess, strlen(a->guess));
    copy.source = word(d, a->source, strlen(a->source));
    if (!copy.label || !copy.note || !copy.guess || !copy.source) {
        return error_nomem(err, 1, "an annotation");
    }
    return known(d, picture, &copy.region) ? true : append(d, picture, &copy, err);
}
