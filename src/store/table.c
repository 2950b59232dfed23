#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

enum { BLOCK_SIZE = 256 * 1024 };

const struct record record_unanswered = {
    .seconds_ms = SECONDS_ABSENT,
    .confidence = CONFIDENCE_ABSENT,
    .status = STATUS_UNANSWERED,
};

bool record_equal(const struct record *a, const struct record *b)
{
    return a->labeled_at == b->labeled_at && a->label == b->label && a->guess == b->guess &&
           a->source == b->source && a->note == b->note && a->seconds_ms == b->seconds_ms &&
           a->confidence == b->confidence && a->status == b->status && a->checked == b->checked;
}

/* ----------------------------------------------------------------- strings */

static const char *keep(struct table *t, const char *text, size_t len)
{
    if (len + 1 > t->block_size - t->block_used) {
        size_t size = len + 1 > BLOCK_SIZE ? len + 1 : BLOCK_SIZE;
        if (!mem_reserve(&t->blocks, &t->block_cap, t->block_count + 1, sizeof *t->blocks)) {
            return NULL;
        }
        char *block = malloc(size);
        if (!block) {
            return NULL;
        }
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
    if (s->len == 0 && t->string_count > 0) { /* most guesses, sources and notes */
        *id = 0;
        return true;
    }
    if (map_get(&t->string_map, s->text, s->len, id)) {
        return true;
    }
    if (!mem_reserve(&t->strings, &t->string_cap, t->string_count + 1, sizeof *t->strings)) {
        return false;
    }
    const char *text = keep(t, s->text, s->len);
    *id = (uint32_t)t->string_count;
    if (!text || !map_put(&t->string_map, text, s->len, *id)) {
        return false;
    }
    t->strings[t->string_count++] = (struct table_string){ .text = text, .len = (uint32_t)s->len };
    return true;
}

bool table_string(struct table *t, const char *text, size_t len, uint32_t *id)
{
    return intern(t, &(struct span){ text, len }, id);
}

bool table_init(struct table *t, bool multi)
{
    uint32_t empty;
    *t = (struct table){ .multi = multi, .first = TABLE_NONE, .last = TABLE_NONE };
    map_init(&t->string_map);
    return intern(t, &(struct span){ "", 0 }, &empty);
}

void table_release(struct table *t)
{
    for (size_t i = 0; i < t->block_count; i++) {
        free(t->blocks[i]);
    }
    free(t->blocks);
    free(t->strings);
    map_release(&t->string_map);
    hash_table_release(&t->index);
    free(t->items);
    free(t->regions);
    free(t->entries);
    *t = (struct table){ .first = TABLE_NONE, .last = TABLE_NONE };
}

/* ------------------------------------------------------------------- items */

const struct region *table_region(const struct table *t, const struct item *it)
{
    static const struct region whole = { 0, 0, 0, 0 };
    return it->region == 0 ? &whole : &t->regions[it->region - 1];
}

/* What an item is found by. */
struct item_key {
    const char *name;
    size_t len;
    const struct region *region;
    uint32_t hash;
};

static struct item_key item_key(const struct table *t, const char *name, size_t len,
                                const struct region *region)
{
    uint64_t seed = t->string_map.seed;
    if (!region_is_whole(region)) {
        seed = hash64(region, sizeof *region, seed);
    }
    return (struct item_key){ name, len, region, (uint32_t)hash64(name, len, seed) };
}

static uint32_t item_hash(const void *table, uint32_t at)
{
    return ((const struct table *)table)->items[at].hash;
}

static bool is_item(const void *table, uint32_t at, const void *wanted)
{
    const struct table *t = table;
    const struct item *it = &t->items[at];
    const struct item_key *key = wanted;
    return it->hash == key->hash && strncmp(it->name, key->name, key->len) == 0 &&
           it->name[key->len] == '\0' && region_equal(table_region(t, it), key->region);
}

static const struct hash_keys item_keys = { item_hash, is_item };

uint32_t table_lookup(const struct table *t, const char *name, const struct region *region)
{
    struct item_key key = item_key(t, name, strlen(name), region);
    return hash_table_find(&t->index, &item_keys, t, key.hash, &key);
}

/* Its number; few files have regions, so the items of the others have no room for them. */
static bool add_region(struct table *t, const struct region *region, uint32_t *number)
{
    *number = 0;
    if (region_is_whole(region)) {
        return true;
    }
    if (!mem_reserve(&t->regions, &t->region_cap, t->region_count + 1, sizeof *t->regions)) {
        return false;
    }
    t->regions[t->region_count++] = *region;
    *number = (uint32_t)t->region_count;
    return true;
}

bool table_add(struct table *t, const struct span *name, const struct region *region,
               uint32_t *item)
{
    struct item_key key = item_key(t, name->text, name->len, region);
    uint32_t number;
    *item = hash_table_find(&t->index, &item_keys, t, key.hash, &key);
    if (*item != TABLE_NONE) {
        return true;
    }
    if (t->item_count >= LABELS_ROWS_MAX ||
        !mem_reserve(&t->items, &t->item_cap, t->item_count + 1, sizeof *t->items)) {
        return false;
    }
    const char *copy = keep(t, name->text, name->len);
    *item = (uint32_t)t->item_count;
    if (!copy || !add_region(t, region, &number) ||
        !hash_table_put(&t->index, &item_keys, t, key.hash, &key, *item)) {
        return false;
    }
    t->items[t->item_count++] = (struct item){
        .name = copy,
        .region = number,
        .hash = key.hash,
        .entries = TABLE_NONE,
        .current = TABLE_NONE,
    };
    return true;
}

/* ----------------------------------------------------------------- entries */

uint32_t table_entry_lookup(const struct table *t, uint32_t item, uint32_t annotator)
{
    uint32_t e = t->items[item].entries;
    while (e != TABLE_NONE && t->entries[e].annotator != annotator) {
        e = t->entries[e].next;
    }
    return e;
}

bool table_entry(struct table *t, uint32_t item, uint32_t annotator, uint32_t *entry)
{
    struct item *it = &t->items[item];
    *entry = table_entry_lookup(t, item, annotator);
    if (*entry != TABLE_NONE) {
        return true;
    }
    if (t->entry_count >= LABELS_ROWS_MAX ||
        !mem_reserve(&t->entries, &t->entry_cap, t->entry_count + 1, sizeof *t->entries)) {
        return false;
    }
    *entry = (uint32_t)t->entry_count++;
    t->entries[*entry] = (struct entry){
        .item = item,
        .annotator = annotator,
        .next = it->entries,
        .before = TABLE_NONE,
        .after = TABLE_NONE,
        .now = record_unanswered,
    };
    it->entries = *entry;
    return true;
}

static void leave_order(struct table *t, uint32_t entry)
{
    struct entry *e = &t->entries[entry];
    if (e->before == TABLE_NONE) {
        t->first = e->after;
    } else {
        t->entries[e->before].after = e->after;
    }
    if (e->after == TABLE_NONE) {
        t->last = e->before;
    } else {
        t->entries[e->after].before = e->before;
    }
    e->before = e->after = TABLE_NONE;
}

static void join_order(struct table *t, uint32_t entry)
{
    struct entry *e = &t->entries[entry];
    e->place = ++t->places;
    e->before = t->last;
    e->after = TABLE_NONE;
    if (t->last == TABLE_NONE) {
        t->first = entry;
    } else {
        t->entries[t->last].after = entry;
    }
    t->last = entry;
}

const char *label_class(bool multi, const char *label, const char *before, size_t *len)
{
    const char *at = before ? before + *len : label;
    if (before) {
        if (!*at) {
            return NULL;
        }
        at++;
    }
    *len = multi ? strcspn(at, "|") : strlen(at);
    return *len > 0 || before ? at : NULL;
}

bool label_has_class(bool multi, const char *label, const char *class_name, size_t len)
{
    size_t n = 0;
    for (const char *c = NULL; (c = label_class(multi, label, c, &n));) {
        if (n == len && memcmp(c, class_name, len) == 0) {
            return true;
        }
    }
    return false;
}

/* Counts the classes of a label. Those of several classes were added by keep_classes(). */
static void count_classes(struct table *t, uint32_t label, uint32_t by)
{
    const char *text = t->strings[label].text;
    size_t len = 0;
    if (!t->multi || !memchr(text, LABEL_SEPARATOR, t->strings[label].len)) {
        t->strings[label].used += by;
        return;
    }
    for (const char *c = NULL; (c = label_class(true, text, c, &len));) {
        uint32_t id = table_string_lookup(t, c, len);
        if (id != UINT32_MAX) {
            t->strings[id].used += by;
        }
    }
}

static bool keep_classes(struct table *t, uint32_t label)
{
    const char *text = t->strings[label].text;
    uint32_t id;
    size_t len = 0;
    if (!t->multi || !memchr(text, LABEL_SEPARATOR, t->strings[label].len)) {
        return true;
    }
    for (const char *c = NULL; (c = label_class(true, text, c, &len));) {
        if (!table_string(t, c, len, &id)) {
            return false;
        }
    }
    return true;
}

static void count_item(struct table *t, const struct item *it, int by)
{
    if (it->current == TABLE_NONE) {
        return;
    }
    const struct record *now = &t->entries[it->current].now;
    t->counts[now->status] += (size_t)by;
    if (now->status == STATUS_LABELED) {
        count_classes(t, now->label, (uint32_t)by);
    }
}

/* The item's first annotation after `place` in the order with a time later than `time`, or
 * TABLE_NONE. */
static uint32_t next_later(const struct table *t, const struct item *it, uint64_t place,
                           int64_t time)
{
    uint32_t found = TABLE_NONE;
    for (uint32_t i = it->entries; i != TABLE_NONE; i = t->entries[i].next) {
        const struct entry *e = &t->entries[i];
        if (e->now.status != STATUS_UNANSWERED && e->now.labeled_at > time && e->place > place &&
            (found == TABLE_NONE || e->place < t->entries[found].place)) {
            found = i;
        }
    }
    return found;
}

/* After an undo to an earlier annotation: moves the item's later annotations behind it. */
static bool move_later(struct table *t, const struct item *it, uint32_t entry)
{
    uint64_t end = t->entries[entry].place, place = 0;
    int64_t time = t->entries[entry].now.labeled_at;
    bool moved = false;
    for (;;) {
        uint32_t later = next_later(t, it, place, time);
        if (later == TABLE_NONE || t->entries[later].place > end) {
            return moved;
        }
        moved = true;
        place = t->entries[later].place;
        leave_order(t, later);
        join_order(t, later);
    }
}

/* Whether the annotation counts before the other: an answer before a prediction, else the later
 * one. */
static bool is_before(const struct entry *e, const struct entry *other)
{
    bool answer = label_status_is_answer((enum label_status)e->now.status);
    bool other_answer = label_status_is_answer((enum label_status)other->now.status);
    return answer != other_answer ? answer : e->place > other->place;
}

static uint32_t last_answer(const struct table *t, const struct item *it)
{
    uint32_t last = TABLE_NONE;
    for (uint32_t i = it->entries; i != TABLE_NONE; i = t->entries[i].next) {
        const struct entry *e = &t->entries[i];
        if (e->now.status != STATUS_UNANSWERED &&
            (last == TABLE_NONE || is_before(e, &t->entries[last]))) {
            last = i;
        }
    }
    return last;
}

void table_set(struct table *t, uint32_t entry, const struct record *rec)
{
    struct entry *e = &t->entries[entry];
    struct item *it = &t->items[e->item];
    bool was = e->now.status != STATUS_UNANSWERED, is = rec->status != STATUS_UNANSWERED;
    bool goes_back = was && is && rec->labeled_at < e->now.labeled_at;
    bool amended = was && is && rec->labeled_at == e->now.labeled_at;
    count_item(t, it, -1);
    if (e->ordered && !amended) {
        leave_order(t, entry);
    }
    e->now = *rec;
    if (!amended) {
        e->ordered = is || e->listed || e->foreign != 0 || rec->note != 0;
        if (e->ordered) {
            join_order(t, entry);
        }
        if (goes_back) {
            move_later(t, it, entry);
        }
    }
    it->current = last_answer(t, it);
    count_item(t, it, +1);
}

bool table_restore(struct table *t, uint32_t entry)
{
    struct entry *e = &t->entries[entry];
    struct item *it = &t->items[e->item];
    if (e->now.status == STATUS_UNANSWERED) {
        return false;
    }
    count_item(t, it, -1);
    bool moved = move_later(t, it, entry);
    it->current = last_answer(t, it);
    count_item(t, it, +1);
    return moved;
}

/* ------------------------------------------------------------- conversions */

bool table_label(struct table *t, const char *label, uint32_t *id)
{
    return table_string(t, label, strlen(label), id) && keep_classes(t, *id);
}

bool table_record(struct table *t, const struct row *row, struct record *rec)
{
    if (row->status == STATUS_UNANSWERED) {
        *rec = record_unanswered;
        return row->note.len == 0 || intern(t, &row->note, &rec->note);
    }
    *rec = (struct record){
        .labeled_at = row->labeled_at,
        .seconds_ms = row->seconds_ms,
        .confidence = (int16_t)row->confidence,
        .status = (uint8_t)row->status,
        .checked = row->checked,
    };
    return intern(t, &row->label, &rec->label) && intern(t, &row->guess, &rec->guess) &&
           intern(t, &row->source, &rec->source) && intern(t, &row->note, &rec->note) &&
           keep_classes(t, rec->label);
}

static struct span string_span(const struct table *t, uint32_t id)
{
    return (struct span){ t->strings[id].text, t->strings[id].len };
}

/* The entry with a prediction for the item, or TABLE_NONE. */
static uint32_t predicted_entry(const struct table *t, const struct item *it)
{
    uint32_t e = it->entries;
    while (e != TABLE_NONE && t->entries[e].now.status != STATUS_PREDICTED) {
        e = t->entries[e].next;
    }
    return e;
}

bool table_place(struct table *t, const struct row *row, uint32_t *entry, struct record *rec)
{
    uint32_t item, annotator;
    if (!table_add(t, &row->name, &row->region, &item) || !intern(t, &row->annotator, &annotator) ||
        !table_record(t, row, rec)) {
        return false;
    }
    const struct item *it = &t->items[item];
    uint32_t nobody = table_entry_lookup(t, item, 0);
    bool free_one = nobody == TABLE_NONE || t->entries[nobody].now.status == STATUS_UNANSWERED;
    if (rec->status == STATUS_UNANSWERED && annotator == 0 && it->current != TABLE_NONE &&
        free_one && !row->listed) {
        *entry = it->current;
        return true;
    }
    *entry = table_entry_lookup(t, item, annotator);
    bool listed = nobody != TABLE_NONE && free_one && t->entries[nobody].listed;
    uint32_t over = listed ? nobody : TABLE_NONE; /* the entry to take over */
    if (label_status_is_answer((enum label_status)rec->status) && over == TABLE_NONE) {
        over = predicted_entry(t, it);
    }
    if (*entry == TABLE_NONE && over != TABLE_NONE) {
        t->entries[over].annotator = annotator;
        *entry = over;
    }
    return *entry != TABLE_NONE || table_entry(t, item, annotator, entry);
}

bool table_note(struct table *t, uint32_t entry, const struct row *row, bool lists)
{
    struct entry *e = &t->entries[entry];
    e->written = 0;
    e->listed = e->listed || row->listed || lists;
    return (!row->written.text || intern(t, &row->written, &e->written)) &&
           (row->foreign.len == 0 || intern(t, &row->foreign, &e->foreign));
}

void table_row(const struct table *t, uint32_t entry, const struct record *rec, struct row *row)
{
    const struct entry *e = &t->entries[entry];
    const struct item *it = &t->items[e->item];
    *row = (struct row){
        .name = { it->name, strlen(it->name) },
        .region = *table_region(t, it),
        .label = string_span(t, rec->label),
        .guess = string_span(t, rec->guess),
        .source = string_span(t, rec->source),
        .note = string_span(t, rec->note),
        .mark = { "", 0 },
        .annotator = string_span(t, e->annotator),
        .status = (enum label_status)rec->status,
        .checked = rec->checked,
        .confidence = rec->confidence,
        .seconds_ms = rec->seconds_ms,
        .labeled_at = rec->status == STATUS_UNANSWERED ? LABELED_AT_ABSENT : rec->labeled_at,
        .written = string_span(t, e->written),
        .foreign = string_span(t, e->foreign),
        .listed = rec->status == STATUS_UNANSWERED && (e->listed || rec->note != 0),
    };
    if (e->written == 0) {
        row->written.text = NULL;
    }
}

void table_annotation(const struct table *t, uint32_t entry, const struct record *rec,
                      struct annotation *out)
{
    const struct entry *e = &t->entries[entry];
    *out = (struct annotation){
        .file_name = t->items[e->item].name,
        .region = *table_region(t, &t->items[e->item]),
        .label = t->strings[rec->label].text,
        .note = t->strings[rec->note].text,
        .guess = t->strings[rec->guess].text,
        .source = t->strings[rec->source].text,
        .annotator = t->strings[e->annotator].text,
        .status = (enum label_status)rec->status,
        .checked = rec->checked,
        .confidence = rec->confidence == CONFIDENCE_ABSENT
                          ? -1.0f
                          : (float)rec->confidence / (float)CONFIDENCE_ONE,
        .seconds = rec->seconds_ms == SECONDS_ABSENT ? -1.0f : (float)rec->seconds_ms / 1000.0f,
        .labeled_at_ms = rec->labeled_at == LABELED_AT_ABSENT ? 0 : rec->labeled_at,
    };
}

uint32_t table_note_of(const struct table *t, uint32_t item)
{
    uint32_t note = 0;
    uint64_t place = 0;
    for (uint32_t i = t->items[item].entries; i != TABLE_NONE; i = t->entries[i].next) {
        const struct entry *e = &t->entries[i];
        if (e->now.note != 0 && e->place >= place) {
            note = e->now.note;
            place = e->place;
        }
    }
    return note;
}
