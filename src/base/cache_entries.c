/* The entries of the cache: their list, and which go. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cache.h"
#include "base/clock.h"
#include "base/mem.h"
#include "cache_private.h"

#define HEX "0123456789abcdef"
#define ID_LENGTH (CACHE_ID_SIZE - 1)
#define LEFTOVER_S 3600   /* age at which a temporary file is stale */
#define FILES_MAX 2000000 /* considered */
#define ENDINGS_MAX 2

/* What the files of each kind are called. */
static const struct {
    bool ids; /* in a folder for each ID */
    const char *digits;
    size_t digits_min, digits_max;
    const char *endings[ENDINGS_MAX];
} kinds[CACHE_KINDS] = {
    [CACHE_EMBEDDINGS] = { true, "0123456789", 4, 9, { ".index", ".vectors" } },
    [CACHE_THUMBNAILS] = { false, HEX, 32, 32, { ".cache", NULL } },
};

struct scan {
    const struct cache *cache;
    struct cache_list *list;
    bool all_temporaries; /* removed, also the young ones */
    bool failed;          /* out of memory */
};

/* ----------------------------------------------------------------- listing */

static void refuse(struct scan *s, const char *folder, const char *name, const char *why)
{
    if (!s->list->refused++) {
        error_set(&s->list->reason, ERROR_DATA, "%s/%s%s%s: %s", s->cache->path, folder,
                  name[0] ? "/" : "", name, why);
    }
}

/* Length of the part in front of the ending; 0: no name of that kind. */
static size_t stem_length(enum cache_kind kind, const char *name)
{
    size_t len = strspn(name, kinds[kind].digits);
    if (len < kinds[kind].digits_min || len > kinds[kind].digits_max) {
        return 0;
    }
    for (size_t i = 0; i < ENDINGS_MAX && kinds[kind].endings[i]; i++) {
        if (strcmp(name + len, kinds[kind].endings[i]) == 0) {
            return len;
        }
    }
    return 0;
}

static void remove_temporary(const struct scan *s, int folder, const char *name)
{
    struct stat st;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        (s->all_temporaries || st.st_mtim.tv_sec < clock_wall_ms() / 1000 - LEFTOVER_S)) {
        unlinkat(folder, name, 0);
    }
}

static bool is_ours(const struct stat *st)
{
    return S_ISREG(st->st_mode) && st->st_uid == geteuid();
}

static void list_file(struct scan *s, int folder, const char *where, enum cache_kind kind,
                      const char *id, const char *name)
{
    struct stat st;
    size_t len = stem_length(kind, name);
    if (strncmp(name, CACHE_TEMPORARY, sizeof CACHE_TEMPORARY - 1) == 0) {
        remove_temporary(s, folder, name);
        return;
    }
    if (!len || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        return;
    }
    if (!is_ours(&st)) {
        refuse(s, where, name, S_ISREG(st.st_mode) ? "belongs to another user" : "no regular file");
        return;
    }
    struct cache_list *l = s->list;
    if (l->count >= FILES_MAX ||
        !mem_reserve(&l->entries, &l->cap, l->count + 1, sizeof *l->entries)) {
        s->failed = true;
        return;
    }
    struct cache_entry *e = &l->entries[l->count++];
    *e = (struct cache_entry){ .kind = kind, .bytes = st.st_size };
    e->used_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    snprintf(e->id, sizeof e->id, "%s", id);
    memcpy(e->name, name, len);
    l->bytes += e->bytes;
}

static bool is_id(const char *name)
{
    return strlen(name) == ID_LENGTH && strspn(name, HEX) == ID_LENGTH;
}

/* id "": the folder of the kind itself. */
static void list_folder(struct scan *s, enum cache_kind kind, const char *id)
{
    char where[64];
    snprintf(where, sizeof where, "%s%s%s", cache_kind_name(kind), id[0] ? "/" : "", id);
    int fd = cache_open_folder(s->cache, kind, id[0] ? id : NULL, false);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        const char *why = errno == 0         ? "belongs to another user, or others may write there"
                          : errno == ELOOP   ? "a symbolic link, not followed"
                          : errno == ENOTDIR ? "a link or file in place of the folder"
                                             : strerror(errno);
        if (errno != ENOENT) {
            refuse(s, where, "", why);
        }
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    for (struct dirent *d; (d = readdir(dir));) {
        if (!kinds[kind].ids || id[0]) {
            list_file(s, dirfd(dir), where, kind, id, d->d_name);
        } else if (is_id(d->d_name)) {
            list_folder(s, kind, d->d_name);
        }
    }
    closedir(dir);
}

static int by_name(const void *a, const void *b)
{
    const struct cache_entry *x = a;
    const struct cache_entry *y = b;
    int order = (int)x->kind - (int)y->kind;
    order = order ? order : strcmp(x->id, y->id);
    return order ? order : strcmp(x->name, y->name);
}

/* Makes one entry of the files that differ in their endings only. */
static void join_files(struct cache_list *l)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->count; i++) {
        struct cache_entry *last = kept ? &l->entries[kept - 1] : NULL;
        const struct cache_entry *e = &l->entries[i];
        if (last && by_name(last, e) == 0) {
            last->bytes += e->bytes;
            last->used_ns = e->used_ns > last->used_ns ? e->used_ns : last->used_ns;
        } else {
            l->entries[kept++] = *e;
        }
    }
    l->count = kept;
}

static bool scan(struct scan *s, struct error *err)
{
    *s->list = (struct cache_list){ .entries = NULL };
    int root = cache_open_root(s->cache);
    if (root < 0 && errno != ENOENT) {
        refuse(s, "", "",
               errno ? strerror(errno) : "belongs to another user, or others may write there");
    }
    for (int kind = 0; root >= 0 && kind < CACHE_KINDS; kind++) {
        list_folder(s, (enum cache_kind)kind, "");
    }
    if (root >= 0) {
        close(root);
    }
    if (s->list->count) {
        qsort(s->list->entries, s->list->count, sizeof *s->list->entries, by_name);
    }
    join_files(s->list);
    return !s->failed ||
           error_nomem(err, s->list->count * sizeof *s->list->entries, "a list of the cache");
}

bool cache_list(const struct cache *c, struct cache_list *list, struct error *err)
{
    struct scan s = { .cache = c, .list = list };
    return scan(&s, err);
}

void cache_list_release(struct cache_list *list)
{
    free(list->entries);
    *list = (struct cache_list){ .entries = NULL };
}

/* ---------------------------------------------------------------- removing */

/* What is not ours was reported by the listing. */
static bool remove_ours(int folder, const char *name)
{
    struct stat st;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT;
    }
    return !is_ours(&st) || unlinkat(folder, name, 0) == 0 || errno == ENOENT;
}

/* True if nothing of it is left. */
static bool remove_entry(const struct cache *c, const struct cache_entry *e)
{
    const char *id = e->id[0] ? e->id : NULL;
    int folder = cache_open_folder(c, e->kind, id, false);
    bool ok = folder >= 0 || errno == ENOENT;
    for (size_t i = 0; folder >= 0 && i < ENDINGS_MAX && kinds[e->kind].endings[i]; i++) {
        char name[CACHE_NAME_SIZE + 16];
        snprintf(name, sizeof name, "%s%s", e->name, kinds[e->kind].endings[i]);
        ok = remove_ours(folder, name) && ok;
    }
    int why = errno;
    if (folder >= 0) {
        close(folder);
    }
    int parent = id ? cache_open_folder(c, e->kind, NULL, false) : -1;
    if (parent >= 0) {
        unlinkat(parent, id, AT_REMOVEDIR); /* if it is empty now */
        close(parent);
    }
    errno = why;
    return ok;
}

static int least_recently_used_first(const void *a, const void *b)
{
    const struct cache_entry *x = a;
    const struct cache_entry *y = b;
    return (x->used_ns > y->used_ns) - (x->used_ns < y->used_ns);
}

/* Where thumbnails once had a count of their own. */
static void remove_old_usage(const struct cache *c)
{
    int folder = cache_open_folder(c, CACHE_THUMBNAILS, NULL, false);
    if (folder >= 0) {
        unlinkat(folder, CACHE_USAGE, 0);
        close(folder);
    }
}

int64_t cache_prune(const struct cache *c)
{
    struct cache_list l;
    int64_t bytes = 0;
    remove_old_usage(c);
    if (cache_list(c, &l, NULL) || l.count) {
        bytes = l.bytes;
    }
    if (bytes > c->max_bytes) {
        qsort(l.entries, l.count, sizeof *l.entries, least_recently_used_first);
        for (size_t i = 0; i < l.count && bytes > c->max_bytes - c->max_bytes / 8; i++) {
            bytes -= remove_entry(c, &l.entries[i]) ? l.entries[i].bytes : 0;
        }
    }
    cache_list_release(&l);
    return bytes;
}

bool cache_remove_entries(const struct cache *c, struct cache_list *removed, struct error *err)
{
    struct scan s = { .cache = c, .list = removed, .all_temporaries = true };
    if (!scan(&s, err)) {
        return false;
    }
    size_t kept = 0;
    removed->bytes = 0;
    for (size_t i = 0; i < removed->count; i++) {
        struct cache_entry *e = &removed->entries[i];
        if (remove_entry(c, e)) {
            removed->bytes += e->bytes;
            removed->entries[kept++] = *e;
        } else {
            char where[64];
            snprintf(where, sizeof where, "%s%s%s", cache_kind_name(e->kind), e->id[0] ? "/" : "",
                     e->id);
            refuse(&s, where, e->name, strerror(errno));
        }
    }
    removed->count = kept;
    remove_old_usage(c);
    return true;
}
