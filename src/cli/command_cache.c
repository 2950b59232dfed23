/* thumbtag cache: where the cache on disk lies, what is in it, in all or of some pictures, and
 * emptying it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "box.h"
#include "command_settings.h"
#include "commands.h"
#include "disk_cache.h"
#include "fail.h"
#include "found.h"
#include "image/thumbnails.h"
#include "learn/cache.h"
#include "model_choice.h"
#include "report.h"
#include "say.h"

#define MODELS_MAX 1000 /* listed */
#define ID_SHOWN 8      /* digits, in text */
#define SIZE_MAX_BYTES 32

enum column { FOLDER, KIND, MODEL, NETWORK, PICTURES, ENTRIES, BYTES, BUDGET, USED, MIB };

static const struct report_column columns[] = {
    [FOLDER] = { "folder", "folder", true },
    [KIND] = { "kind", "", true },
    [MODEL] = { "model", "model", true }, /* an id; in text its beginning */
    [NETWORK] = { "network", "network", true },
    [PICTURES] = { "pictures", "pictures", false },
    [ENTRIES] = { "entries", "entries", false },
    [BYTES] = { "bytes", "bytes", false },
    [BUDGET] = { "budget", "budget", false },
    [USED] = { "last_used", "last used (UTC)", true },
    [MIB] = { "mib", "MiB", false },
};
#define MACHINE_COLUMNS MIB /* in text instead of bytes */

/* What one model's embeddings, or all thumbnails, take. */
struct row {
    enum cache_kind kind;
    const char *id; /* borrowed from the list, "" for thumbnails */
    size_t entries;
    int64_t bytes, used_ns;
};

struct work_on_cache {
    const struct settings *settings;
    struct cache *cache;
    struct cache_list list;
    struct row *rows;
    size_t count;
    char inside[EMBEDDER_ID_SIZE], chosen[EMBEDDER_ID_SIZE]; /* networks that can be named */
    char chosen_path[256];
    struct error trouble; /* the first thing that could not be read or removed */
    size_t troubles;
};

static void add_trouble(struct work_on_cache *w, const struct error *err)
{
    if (!w->troubles++) {
        w->trouble = *err;
    }
}

/* ---------------------------------------------------------------- networks */

static void find_id(const char *path, const struct classifier_options *options,
                    char out[EMBEDDER_ID_SIZE])
{
    struct embedder *e = embedder_new(path, options, NULL);
    if (e) {
        snprintf(out, EMBEDDER_ID_SIZE, "%s", embedder_id(e));
    }
    embedder_free(e);
}

/* The ids of the network inside and of that a session would use; "" for one that cannot be
 * loaded. */
static void find_networks(struct work_on_cache *w)
{
    struct model_choice choice;
    struct classifier_options options;
    model_choose(&choice, w->settings);
    if (choice.source != MODEL_NONE && model_choice_options(&choice, w->settings, &options, NULL)) {
        find_id(choice.path, &options, choice.path ? w->chosen : w->inside);
        snprintf(w->chosen_path, sizeof w->chosen_path, "%s", choice.path ? choice.path : "");
    }
    if (!w->inside[0]) {
        find_id(NULL, NULL, w->inside);
    }
    model_choice_release(&choice);
}

static const char *network_of(const struct work_on_cache *w, const struct row *r)
{
    if (r->kind != CACHE_EMBEDDINGS) {
        return "";
    }
    return strcmp(r->id, w->inside) == 0   ? "built-in"
           : strcmp(r->id, w->chosen) == 0 ? w->chosen_path
                                           : "another";
}

/* -------------------------------------------------------------------- rows */

static bool belongs(const struct row *r, const struct cache_entry *e)
{
    return r->kind == e->kind && strcmp(r->id, e->id) == 0;
}

/* A row for each kind and model in the list, which is in that order. */
static bool make_rows(struct work_on_cache *w, struct error *err)
{
    w->count = 0;
    w->rows = mem_array(MODELS_MAX, sizeof *w->rows);
    if (!w->rows) {
        return error_nomem(err, MODELS_MAX * sizeof *w->rows, "a table");
    }
    for (size_t i = 0; i < w->list.count; i++) {
        const struct cache_entry *e = &w->list.entries[i];
        if (!w->count || !belongs(&w->rows[w->count - 1], e)) {
            if (w->count == MODELS_MAX) {
                break;
            }
            w->rows[w->count++] = (struct row){ .kind = e->kind, .id = e->id };
        }
        struct row *r = &w->rows[w->count - 1];
        r->entries++;
        r->bytes += e->bytes;
        r->used_ns = e->used_ns > r->used_ns ? e->used_ns : r->used_ns;
    }
    return true;
}

/* Files of embeddings hold many. */
static void count_embeddings(struct work_on_cache *w)
{
    for (size_t i = 0; i < w->count; i++) {
        struct embedding_part all;
        struct error err;
        if (w->rows[i].kind != CACHE_EMBEDDINGS) {
            continue;
        }
        if (!embedding_cache_part(w->cache, w->rows[i].id, NULL, false, &all, &err)) {
            add_trouble(w, &err);
        }
        w->rows[i].entries = all.count;
    }
}

/* ---------------------------------------------------------------- pictures */

/* The stamps of the pictures that a session with these operands would list. */
static bool find_pictures(const struct command_line *line, struct stamps *out, struct error *err)
{
    struct catalog_source source = { .paths = (const char *const *)line->operands,
                                     .count = line->operand_count,
                                     .list_fd = line->stdin_list ? STDIN_FILENO : -1,
                                     .separator = line->stdin_list_nul ? '\0' : '\n' };
    struct catalog *catalog = catalog_list_all(&source, err);
    struct buf path = BUF_INIT;
    bool ok = catalog && !(catalog_problems(catalog, err));
    for (size_t i = 0; ok && i < catalog_count(catalog); i++) {
        struct file_stamp stamp;
        catalog_path(catalog, catalog_id(catalog, i), &path);
        ok = !path.failed || error_nomem(err, path.len, "a path");
        if (ok && file_stamp_of(buf_text(&path), &stamp)) {
            ok = stamps_add(out, &stamp, err);
        }
    }
    buf_release(&path);
    catalog_free(catalog);
    stamps_sort(out);
    return ok;
}

/* Replaces the figures of the rows by those of the pictures, and removes what they have. */
static void take_part(struct work_on_cache *w, const struct stamps *pictures, bool removing)
{
    struct error err;
    for (size_t i = 0; i < w->count; i++) {
        struct row *r = &w->rows[i];
        struct embedding_part part = { .count = 0 };
        bool ok = true;
        if (r->kind == CACHE_EMBEDDINGS) {
            ok = embedding_cache_part(w->cache, r->id, pictures, removing, &part, &err);
        }
        for (size_t p = 0; ok && r->kind == CACHE_THUMBNAILS && p < pictures->count; p++) {
            ok = thumbnails_of(w->cache, &pictures->items[p], removing, &part.count, &part.bytes,
                               &err);
        }
        if (!ok) {
            add_trouble(w, &err);
        }
        r->entries = part.count;
        r->bytes = part.bytes;
    }
}

/* --------------------------------------------------------------- reporting */

static void report_bytes(struct report *r, int64_t bytes)
{
    if (r->form == REPORT_TEXT) {
        report_number(r, (double)bytes / (1 << 20), 2);
    } else {
        report_count(r, (uint64_t)bytes);
    }
}

/* For lines of text. */
static const char *size_text(int64_t bytes, char out[SIZE_MAX_BYTES])
{
    if (bytes < 1 << 20) {
        snprintf(out, SIZE_MAX_BYTES, "%.1f KiB", (double)bytes / (1 << 10));
    } else {
        snprintf(out, SIZE_MAX_BYTES, "%.1f MiB", (double)bytes / (1 << 20));
    }
    return out;
}

static int64_t sum_of(const struct work_on_cache *w)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < w->count; i++) {
        bytes += w->rows[i].bytes;
    }
    return bytes;
}

static void report_budget(struct report *r, const struct work_on_cache *w, const char *folder)
{
    static const size_t shown[] = { FOLDER, BYTES, BUDGET };
    char size[SIZE_MAX_BYTES];
    if (r->form != REPORT_TEXT) {
        report_table(r, "cache", NULL, shown, ARRAY_LEN(shown));
        report_name(r, folder);
        report_count(r, (uint64_t)w->list.bytes);
        report_count(r, (uint64_t)cache_max_bytes(w->cache));
        report_end_table(r);
        return;
    }
    report_line(r, "Cache in %s", folder);
    report_line(r, "%s of %lld MiB (--disk)%s", size_text(w->list.bytes, size),
                (long long)(cache_max_bytes(w->cache) >> 20),
                cache_max_bytes(w->cache) > 0 ? "" : ": nothing is added");
}

/* The number of pictures, and what they have. */
static void report_pictures(struct report *r, const struct work_on_cache *w, size_t pictures)
{
    static const size_t shown[] = { PICTURES, BYTES };
    char size[SIZE_MAX_BYTES];
    if (r->form == REPORT_TEXT) {
        report_line(r, "Of the %zu picture%s named: %s", pictures, pictures == 1 ? "" : "s",
                    size_text(sum_of(w), size));
        return;
    }
    report_table(r, "pictures", NULL, shown, ARRAY_LEN(shown));
    report_count(r, pictures);
    report_count(r, (uint64_t)sum_of(w));
    report_end_table(r);
}

/* used: with the time of last use. */
static void report_rows(struct report *r, const struct work_on_cache *w, const char *name,
                        bool used)
{
    size_t size = r->form == REPORT_TEXT ? MIB : BYTES;
    const size_t shown[] = { KIND, NETWORK, ENTRIES, size, MODEL, USED };
    if (r->form == REPORT_TEXT && !sum_of(w)) {
        return; /* a table without rows */
    }
    report_line(r, "%s", "");
    report_table(r, name, NULL, shown, ARRAY_LEN(shown) - !used);
    for (size_t i = 0; i < w->count; i++) {
        const struct row *row = &w->rows[i];
        char id[CACHE_ID_SIZE];
        if (!row->entries && !row->bytes && !used) {
            continue;
        }
        report_name(r, cache_kind_name(row->kind));
        report_name(r, network_of(w, row));
        report_count(r, row->entries);
        report_bytes(r, row->bytes);
        snprintf(id, sizeof id, "%.*s", r->form == REPORT_TEXT ? ID_SHOWN : CACHE_ID_SIZE, row->id);
        report_name(r, id);
        if (used) {
            char time[CLOCK_ISO_SIZE];
            clock_format_iso(row->used_ns / 1000000, time);
            if (r->form == REPORT_TEXT) {
                time[10] = ' ';
                time[16] = '\0';
            }
            report_name(r, time);
        }
    }
    report_end_table(r);
}

static void report_freed(struct report *r, const struct work_on_cache *w)
{
    char size[SIZE_MAX_BYTES];
    report_line(r, "Freed %s", size_text(sum_of(w), size));
    report_rows(r, w, "freed", false);
}

/* ----------------------------------------------------------------- command */

/* Lists all, or clears it. */
static bool do_all(struct work_on_cache *w, struct report *r, const char *folder, bool clear,
                   struct error *err)
{
    if (!make_rows(w, err)) {
        return false;
    }
    count_embeddings(w);
    if (!clear) {
        report_budget(r, w, folder);
        report_rows(r, w, "kinds", true);
        return true;
    }
    size_t kinds = w->count;
    struct row *counted = w->rows;
    struct cache_list listed = w->list;
    bool ok = cache_clear(w->cache, &w->list, err) && make_rows(w, err);
    /* What was counted before; what a session adds meanwhile is part of it. */
    for (size_t i = 0; ok && i < w->count; i++) {
        for (size_t k = 0; k < kinds; k++) {
            if (counted[k].kind == w->rows[i].kind && strcmp(counted[k].id, w->rows[i].id) == 0) {
                w->rows[i].entries = counted[k].entries;
            }
        }
    }
    free(counted);
    cache_list_release(&listed);
    if (ok) {
        report_freed(r, w);
    }
    return ok;
}

static bool do_pictures(struct work_on_cache *w, struct report *r, const char *folder,
                        const struct command_line *line, bool clear, struct error *err)
{
    struct stamps pictures = { .items = NULL };
    bool ok = find_pictures(line, &pictures, err) && make_rows(w, err);
    if (ok) {
        take_part(w, &pictures, clear);
    }
    if (ok && clear) {
        report_pictures(r, w, pictures.count);
        report_freed(r, w);
    } else if (ok) {
        report_budget(r, w, folder);
        report_pictures(r, w, pictures.count);
        report_rows(r, w, "kinds", false);
    }
    stamps_release(&pictures);
    return ok;
}

static int tell_trouble(struct work_on_cache *w)
{
    size_t count = w->troubles + w->list.refused;
    if (!count) {
        return EXIT_DONE;
    }
    const struct error *first = w->list.refused ? &w->list.reason : &w->trouble;
    say(stderr, "thumbtag: left alone: %s%s\n", first->message,
        count > 1 ? " (there is more like this)" : "");
    return EXIT_IO;
}

static int run_on_cache(struct work_on_cache *w, const struct command_line *line,
                        const char *folder)
{
    struct error err;
    struct report report;
    bool clear = settings_number(w->settings, OPTION_CLEAR) != 0;
    bool some = line->operand_count || line->stdin_list;
    bool ok = report_init(&report, w->settings, columns, MACHINE_COLUMNS, &err) &&
              box_enter(w->settings, &(struct box){ .cache = clear }, NULL, &err) &&
              cache_list(w->cache, &w->list, &err);
    if (ok) {
        find_networks(w);
    }
    ok = ok && (some ? do_pictures(w, &report, folder, line, clear, &err)
                     : do_all(w, &report, folder, clear, &err));
    ok = ok && report_print(&report, &err);
    report_release(&report);
    return ok ? tell_trouble(w) : fail(&err);
}

static int run_cache(const struct command_line *line, const struct settings *settings)
{
    struct error err;
    struct work_on_cache w = { .settings = settings };
    char *folder = settings_cache_folder();
    int code;
    if (!disk_cache_new(&w.cache, settings, &err)) {
        code = fail(&err);
    } else if (!w.cache) {
        error_set(&err, ERROR_IO, "there is no cache: HOME is not set, nor XDG_CACHE_HOME");
        code = fail(&err);
    } else {
        code = run_on_cache(&w, line, folder);
    }
    free(w.rows);
    cache_list_release(&w.list);
    cache_free(w.cache);
    free(folder);
    return code;
}

int command_cache(const struct command_line *line)
{
    return command_with_settings(line, run_cache);
}
