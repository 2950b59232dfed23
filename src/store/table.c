#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { BLOCK_SIZE = 256 * 1024, FIRST_INDEX = 64 };

const struct record record_unanswered = {
    .seconds_ms = SECONDS_ABSENT,
    .confidence = CONFIDENCE_ABSENT,
    .status = STATUS_UNANSWERED,
};

bool record_equal(const struct record *a, const struct record *b)
{
    return a->labeled_at == b->labeled_at && a->label == b->label && a->guess == b->guess &&
           a->seconds_ms == b->seconds_ms && a->confidence == b->confidence &&
           a->status == b->status;
}

/* ----------------------------------------------------------------- strings */

static const char *keep(struct table *t, const char *text, size_t len)
{
    if (len + 1 > t->block_size - t->block_used) {
        size_t size = len + 1 > BLOCK_SIZE ? len + 1 : BLOCK_SIZE;
        if (!mem_reserve(&t->blocks, &t->block_cap, t->block_count + 1, sizeof *t->blocks))
            return NULL;
        char *block = malloc(size);
        if (block == NULL)
            return NULL;
        t->blocks[t->block_count++] = block;
        t->block_used = 0;
        t->block_size = size;
    }
    char *copy = t->blocks[t->block_count - 1] + t->block_used;
    memcpy(copy, text, len);
    copy[len] = '\0';
    t->block_used += len + 1;
    return copy;
}

uint32_t table_string_lookup(const struct table *t, const char *text, size_t len)
{
    uint32_t id;

    return map_get(&t->string_map, text, len, &id) ? id : UINT32_MAX;
}

static bool intern(struct table *t, const struct span *s, uint32_t *id)
{
    if (map_get(&t->string_map, s->text, s->len, id))
        return true;
    if (!mem_reserve(&t->strings, &t->string_cap, t->string_count + 1, sizeof *t->strings))
        return false;

    const char *text = keep(t, s->text, s->len);
    *id = (uint32_t)t->string_count;
    if (text == NULL || !map_put(&t->string_map, text, s->len, *id))
        return false;
    t->strings[t->string_count++] = (struct table_string){ .text = text, .len = (uint32_t)s->len };
    return true;
}

bool table_string(struct table *t, const char *text, size_t len, uint32_t *id)
{
    return intern(t, &(struct span){ text, len }, id);
}

bool table_init(struct table *t)
{
    uint32_t empty;

    *t = (struct table){ .first = TABLE_NONE, .last = TABLE_NONE };
    map_init(&t->string_map);
    return intern(t, &(struct span){ "", 0 }, &empty);
}

void table_release(struct table *t)
{
    for (size_t i = 0; i < t->block_count; i++)
        free(t->blocks[i]);
    free(t->blocks);
    free(t->strings);
    map_release(&t->string_map);
    free(t->index);
    free(t->pictures);
    free(t->entries);
    *t = (struct table){ .first = TABLE_NONE, .last = TABLE_NONE };
}

/* ---------------------------------------------------------------- pictures */

static uint32_t name_hash(const struct table *t, const char *name, size_t len)
{
    return (uint32_t)map_hash(name, len, t->string_map.seed);
}

/* The slot of the name in the index, or the free slot where it belongs. */
static uint32_t *find_place(const struct table *t, const char *name, size_t len, uint32_t hash)
{
    size_t mask = t->index_cap - 1;

    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        uint32_t *place = &t->index[i];
        if (*place == 0)
            return place;
        const struct picture *p = &t->pictures[*place - 1];
        if (p->hash == hash && strncmp(p->name, name, len) == 0 && p->name[len] == '\0')
            return place;
    }
}

static bool grow_index(struct table *t)
{
    size_t cap = t->index_cap == 0 ? FIRST_INDEX : t->index_cap * 2;
    uint32_t *index = mem_array(cap, sizeof *index);

    if (index == NULL)
        return false;
    for (size_t p = 0; p < t->picture_count; p++) {
        size_t i = t->pictures[p].hash & (cap - 1);
        while (index[i] != 0)
            i = (i + 1) & (cap - 1);
        index[i] = (uint32_t)p + 1;
    }
    free(t->index);
    t->index = index;
    t->index_cap = cap;
    return true;
}

uint32_t table_lookup(const struct table *t, const char *name, size_t len)
{
    if (t->index_cap == 0)
        return TABLE_NONE;
    uint32_t place = *find_place(t, name, len, name_hash(t, name, len));
    return place == 0 ? TABLE_NONE : place - 1;
}

bool table_add(struct table *t, const char *name, size_t len, uint32_t *picture)
{
    if (t->picture_count >= t->index_cap / 4 * 3 && !grow_index(t))
        return false;

    uint32_t hash = name_hash(t, name, len);
    uint32_t *place = find_place(t, name, len, hash);
    if (*place != 0) {
        *picture = *place - 1;
        return true;
    }
    if (t->picture_count >= LABELS_ROWS_MAX ||
        !mem_reserve(&t->pictures, &t->picture_cap, t->picture_count + 1, sizeof *t->pictures))
        return false;
    const char *copy = keep(t, name, len);
    if (copy == NULL)
        return false;
    *picture = (uint32_t)t->picture_count;
    t->pictures[t->picture_count++] = (struct picture){
        .name = copy,
        .hash = hash,
        .entries = TABLE_NONE,
        .current = TABLE_NONE,
    };
    *place = *picture + 1;
    return true;
}

/* ----------------------------------------------------------------- entries */

uint32_t table_entry_lookup(const struct table *t, uint32_t picture, uint32_t annotator)
{
    uint32_t e = t->pictures[picture].entries;

    while (e != TABLE_NONE && t->entries[e].annotator != annotator)
        e = t->entries[e].next;
    return e;
}

bool table_entry(struct table *t, uint32_t picture, uint32_t annotator, uint32_t *entry)
{
    struct picture *p = &t->pictures[picture];

    *entry = table_entry_lookup(t, picture, annotator);
    if (*entry != TABLE_NONE)
        return true;
    if (t->entry_count >= LABELS_ROWS_MAX ||
        !mem_reserve(&t->entries, &t->entry_cap, t->entry_count + 1, sizeof *t->entries))
        return false;
    *entry = (uint32_t)t->entry_count++;
    t->entries[*entry] = (struct entry){
        .picture = picture,
        .annotator = annotator,
        .next = p->entries,
        .before = TABLE_NONE,
        .after = TABLE_NONE,
        .now = record_unanswered,
    };
    p->entries = *entry;
    return true;
}

static void leave_order(struct table *t, uint32_t entry)
{
    struct entry *e = &t->entries[entry];

    if (e->before == TABLE_NONE)
        t->first = e->after;
    else
        t->entries[e->before].after = e->after;
    if (e->after == TABLE_NONE)
        t->last = e->before;
    else
        t->entries[e->after].before = e->before;
    e->before = e->after = TABLE_NONE;
}

static void join_order(struct table *t, uint32_t entry)
{
    struct entry *e = &t->entries[entry];

    e->place = ++t->places;
    e->before = t->last;
    e->after = TABLE_NONE;
    if (t->last == TABLE_NONE)
        t->first = entry;
    else
        t->entries[t->last].after = entry;
    t->last = entry;
}

static void count_picture(struct table *t, const struct picture *p, int by)
{
    if (p->current == TABLE_NONE)
        return;
    const struct record *now = &t->entries[p->current].now;
    t->counts[now->status] += (size_t)by;
    if (now->status == STATUS_LABELED)
        t->strings[now->label].used += (uint32_t)by;
}

/* The picture's first answer after `place` in the order with a time later than `time`, or
 * TABLE_NONE. */
static uint32_t next_later(const struct table *t, const struct picture *p, uint64_t place,
                           int64_t time)
{
    uint32_t found = TABLE_NONE;

    for (uint32_t i = p->entries; i != TABLE_NONE; i = t->entries[i].next) {
        const struct entry *e = &t->entries[i];
        if (e->now.status != STATUS_UNANSWERED && e->now.labeled_at > time && e->place > place &&
            (found == TABLE_NONE || e->place < t->entries[found].place))
            found = i;
    }
    return found;
}

/* After an undo to an earlier answer: moves the picture's later answers behind it. */
static void move_later(struct table *t, const struct picture *p, uint32_t entry)
{
    uint64_t end = t->entries[entry].place, place = 0;
    int64_t time = t->entries[entry].now.labeled_at;

    for (;;) {
        uint32_t later = next_later(t, p, place, time);
        if (later == TABLE_NONE || t->entries[later].place > end)
            return;
        place = t->entries[later].place;
        leave_order(t, later);
        join_order(t, later);
    }
}

static uint32_t last_answer(const struct table *t, const struct picture *p)
{
    uint32_t last = TABLE_NONE;

    for (uint32_t i = p->entries; i != TABLE_NONE; i = t->entries[i].next) {
        const struct entry *e = &t->entries[i];
        if (e->now.status != STATUS_UNANSWERED &&
            (last == TABLE_NONE || e->place > t->entries[last].place))
            last = i;
    }
    return last;
}

void table_set(struct table *t, uint32_t entry, const struct record *rec)
{
    struct entry *e = &t->entries[entry];
    struct picture *p = &t->pictures[e->picture];
    bool was = e->now.status != STATUS_UNANSWERED, is = rec->status != STATUS_UNANSWERED;
    bool goes_back = was && is && rec->labeled_at < e->now.labeled_at;

    count_picture(t, p, -1);
    if (e->ordered)
        leave_order(t, entry);
    e->now = *rec;
    e->ordered = is || e->listed || e->foreign != 0;
    if (e->ordered)
        join_order(t, entry);
    if (goes_back)
        move_later(t, p, entry);
    p->current = last_answer(t, p);
    count_picture(t, p, +1);
}

/* ------------------------------------------------------------- conversions */

bool table_record(struct table *t, const struct row *row, struct record *rec)
{
    if (row->status == STATUS_UNANSWERED) {
        *rec = record_unanswered;
        return true;
    }
    *rec = (struct record){
        .labeled_at = row->labeled_at,
        .seconds_ms = row->seconds_ms,
        .confidence = (int16_t)row->confidence,
        .status = (uint8_t)row->status,
    };
    return intern(t, &row->label, &rec->label) && intern(t, &row->guess, &rec->guess);
}

static struct span string_span(const struct table *t, uint32_t id)
{
    return (struct span){ t->strings[id].text, t->strings[id].len };
}

bool table_place(struct table *t, const struct row *row, uint32_t *entry, struct record *rec)
{
    uint32_t picture, annotator;

    if (!table_add(t, row->name.text, row->name.len, &picture) ||
        !intern(t, &row->annotator, &annotator) || !table_record(t, row, rec))
        return false;
    const struct picture *p = &t->pictures[picture];
    uint32_t nobody = table_entry_lookup(t, picture, 0);
    bool free_one = nobody == TABLE_NONE || t->entries[nobody].now.status == STATUS_UNANSWERED;
    if (rec->status == STATUS_UNANSWERED && annotator == 0 && p->current != TABLE_NONE &&
        free_one && !row->listed) {
        *entry = p->current;
        return true;
    }
    *entry = table_entry_lookup(t, picture, annotator);
    if (*entry == TABLE_NONE && nobody != TABLE_NONE && free_one && t->entries[nobody].listed) {
        t->entries[nobody].annotator = annotator;
        *entry = nobody;
    }
    return *entry != TABLE_NONE || table_entry(t, picture, annotator, entry);
}

bool table_note(struct table *t, uint32_t entry, const struct row *row)
{
    struct entry *e = &t->entries[entry];

    e->written = 0;
    e->listed = e->listed || row->listed;
    return (row->written.text == NULL || intern(t, &row->written, &e->written)) &&
           (row->foreign.len == 0 || intern(t, &row->foreign, &e->foreign));
}

void table_row(const struct table *t, uint32_t entry, const struct record *rec, struct row *row)
{
    const struct entry *e = &t->entries[entry];
    const char *name = t->pictures[e->picture].name;

    *row = (struct row){
        .name = { name, strlen(name) },
        .label = string_span(t, rec->label),
        .guess = string_span(t, rec->guess),
        .annotator = string_span(t, e->annotator),
        .status = (enum label_status)rec->status,
        .confidence = rec->confidence,
        .seconds_ms = rec->seconds_ms,
        .labeled_at = rec->status == STATUS_UNANSWERED ? LABELED_AT_ABSENT : rec->labeled_at,
        .written = string_span(t, e->written),
        .foreign = string_span(t, e->foreign),
        .listed = e->listed && rec->status == STATUS_UNANSWERED,
    };
    if (e->written == 0)
        row->written.text = NULL;
}

void table_answer(const struct table *t, uint32_t entry, const struct record *rec,
                  struct answer *out)
{
    const struct entry *e = &t->entries[entry];

    *out = (struct answer){
        .file_name = t->pictures[e->picture].name,
        .label = t->strings[rec->label].text,
        .guess = t->strings[rec->guess].text,
        .annotator = t->strings[e->annotator].text,
        .status = (enum label_status)rec->status,
        .confidence = rec->confidence == CONFIDENCE_ABSENT
                          ? -1.0f
                          : (float)rec->confidence / (float)CONFIDENCE_ONE,
        .seconds = rec->seconds_ms == SECONDS_ABSENT ? -1.0f : (float)rec->seconds_ms / 1000.0f,
        .labeled_at_ms = rec->labeled_at == LABELED_AT_ABSENT ? 0 : rec->labeled_at,
    };
}
