/* The listing thread: reads folders and lists into entries, publishes them in steps and
 * sorts them at the end. */
#include "catalog_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "image/format.h"

#define PUBLISH_FIRST 64 /* pictures before the first wake */
#define PUBLISH_STEP 16384
#define TELL_NS 100000000 /* time between two progress reports */
#define LOOK_STEP 64      /* pictures between two readings of the clock */
#define NAMES_BLOCK ((size_t)1 << 16)

static void add_problem(struct catalog *c, const struct error *problem)
{
    pthread_mutex_lock(&c->lock);
    if (!c->problems++) {
        c->first_problem = *problem;
    }
    pthread_mutex_unlock(&c->lock);
}

static void publish(struct catalog *c)
{
    pthread_mutex_lock(&c->lock);
    c->published = c->counted = c->found;
    pthread_cond_signal(&c->changed);
    pthread_mutex_unlock(&c->lock);
    c->wake(c->context);
}

static void tell_count(struct catalog *c)
{
    pthread_mutex_lock(&c->lock);
    c->counted = c->found;
    pthread_mutex_unlock(&c->lock);
    c->wake(c->context);
}

static bool is_time_to_tell(struct catalog *c)
{
    int64_t now = clock_monotonic_ns();
    bool is = now - c->told_ns >= TELL_NS;
    c->told_ns = is ? now : c->told_ns;
    return is;
}

/* Reports progress, after each picture. With in_order, only the count is reported while a
 * folder is still to be sorted. */
static void tell_more(struct catalog *c, bool to_be_sorted)
{
    if (to_be_sorted && atomic_load_explicit(&c->in_order, memory_order_relaxed)) {
        if (c->found % LOOK_STEP == 0 && is_time_to_tell(c)) {
            tell_count(c);
        }
    } else if (c->found == PUBLISH_FIRST || c->found % PUBLISH_STEP == 0 ||
               (c->found % LOOK_STEP == 0 && is_time_to_tell(c))) {
        c->shuffled |= to_be_sorted;
        publish(c);
    }
}

static void problem_nomem(struct catalog *c, size_t bytes, const char *what)
{
    struct error e;
    error_nomem(&e, bytes, what);
    add_problem(c, &e);
}

/* region: a whole one takes no room. */
static const char *keep_name(struct catalog *c, const char *name, size_t len,
                             const struct region *region)
{
    struct names_block *b = c->names;
    size_t extra = region_is_whole(region) ? 0 : sizeof *region;
    size_t need = len + 1 + extra;
    if (!b || b->size - b->used < need) {
        size_t size = need > NAMES_BLOCK ? need : NAMES_BLOCK;
        b = malloc(sizeof *b + size);
        if (!b) {
            return NULL;
        }
        b->next = c->names;
        b->used = 0;
        b->size = size;
        c->names = b;
    }
    char *kept = b->bytes + b->used;
    memcpy(kept, name, len);
    kept[len] = '\0';
    memcpy(kept + len + 1, region, extra);
    b->used += need;
    return kept;
}

/* Adds a folder; takes ownership of path, which may be NULL. */
static bool add_folder(struct catalog *c, char *path, bool listed, uint32_t *folder)
{
    uint32_t n = c->folder_count;
    if (path && n / CHUNK < CHUNKS && !c->folders[n / CHUNK]) {
        c->folders[n / CHUNK] = mem_array(CHUNK, sizeof(struct folder));
    }
    if (!path || n / CHUNK >= CHUNKS || !c->folders[n / CHUNK]) {
        problem_nomem(c, CHUNK * sizeof(struct folder), "the list of folders");
        free(path);
        return false;
    }
    *folder_at(c, n) = (struct folder){ path, c->source, listed };
    c->folder_count++;
    *folder = n;
    return true;
}

static bool add_item(struct catalog *c, uint32_t folder, const char *name, size_t len,
                     const struct region *region)
{
    uint32_t id = c->found;
    if (id >= CATALOG_MAX) {
        struct error e;
        error_set(&e, ERROR_DATA, "more than %u pictures; the rest are left out", CATALOG_MAX);
        add_problem(c, &e);
        return false;
    }
    if (!c->entries[id / CHUNK]) {
        c->entries[id / CHUNK] = mem_array(CHUNK, sizeof(struct entry));
    }
    const char *kept = keep_name(c, name, len, region);
    if (!c->entries[id / CHUNK] || !kept) {
        problem_nomem(c, len, "the list of pictures");
        return false;
    }
    *entry_at(c, id) = (struct entry){ kept, folder, !region_is_whole(region) };
    c->found++;
    tell_more(c, !folder_at(c, folder)->listed);
    return !atomic_load_explicit(&c->stop, memory_order_relaxed);
}

/* Adds the items of a picture. */
static bool add_picture(struct catalog *c, uint32_t folder, const char *name, size_t len)
{
    static const struct region whole;
    const struct region *list = &whole;
    size_t count = 0;
    if (c->regions) {
        struct buf path = BUF_INIT;
        entry_path(&path, folder_at(c, folder)->path, name, len);
        count = path.failed ? 0 : c->regions(c->regions_context, path.data, &list);
        buf_release(&path);
    }
    if (!count) {
        return add_item(c, folder, name, len, &whole);
    }
    bool ok = true;
    count = count == CATALOG_LEAVE_OUT ? 0 : count;
    for (size_t i = 0; ok && i < count; i++) {
        ok = add_item(c, folder, name, len, &list[i]);
    }
    return ok;
}

static void leave_out(struct catalog *c, const char *name)
{
    char ending[ENDING_MAX + 1] = "";
    size_t i = 0;
    for (const char *dot = strrchr(name, '.'); dot[i] && i < ENDING_MAX; i++) {
        ending[i] = (char)(dot[i] >= 'A' && dot[i] <= 'Z' ? dot[i] - 'A' + 'a' : dot[i]);
    }
    i = 0;
    while (i < c->endings && strcmp(c->left_out[i].ending, ending) != 0) {
        i++;
    }
    if (i < ENDINGS_MAX) {
        c->endings += i == c->endings;
        memcpy(c->left_out[i].ending, ending, sizeof ending);
        c->left_out[i].count++;
    }
}

static int compare_strings(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    return text_natural_compare(*x, *y);
}

struct subfolders {
    char **names;
    size_t count, cap;
};

static void remember_subfolder(struct catalog *c, struct subfolders *s, const char *name)
{
    char *copy = mem_reserve(&s->names, &s->cap, s->count + 1, sizeof *s->names)
                     ? mem_string(name, strlen(name))
                     : NULL;
    if (copy) {
        s->names[s->count++] = copy;
    } else {
        problem_nomem(c, strlen(name), "the list of folders");
    }
}

enum kind { KIND_OTHER, KIND_FILE, KIND_FOLDER };

/* d_type saves one stat() per file, which matters for a million files. */
static enum kind kind_of(int dir_fd, const struct dirent *d)
{
    struct stat st;
    switch (d->d_type) {
    case DT_REG:
        return KIND_FILE;
    case DT_DIR:
        return KIND_FOLDER;
    case DT_LNK: /* to a file, or dangling; a link to a folder is not followed */
        if (fstatat(dir_fd, d->d_name, &st, 0) != 0) {
            return KIND_FILE;
        }
        return S_ISDIR(st.st_mode) ? KIND_OTHER : KIND_FILE;
    case DT_UNKNOWN:
        if (fstatat(dir_fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
            return KIND_OTHER;
        }
        return S_ISDIR(st.st_mode) ? KIND_FOLDER : KIND_FILE;
    default: /* a FIFO or device named like a picture: opening it shows an error */
        return KIND_FILE;
    }
}

static void problem_errno(struct catalog *c, const char *path, int errnum)
{
    struct error e;
    error_errno(&e, ERROR_IO, errnum, "%s", path);
    add_problem(c, &e);
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    int order = text_natural_compare(x->name, y->name);
    order = order ? order : strcmp(x->name, y->name);
    if (order || !(x->is_region | y->is_region)) {
        return order;
    }
    struct region of_x = entry_region(x);
    struct region of_y = entry_region(y);
    return region_compare(&of_x, &of_y);
}

/* With in_order: sorts the entries of one folder, from `first` on, unless some of them are
 * published already, and publishes them. */
static bool end_folder(struct catalog *c, uint32_t first)
{
    uint32_t count = c->found - first;
    if (!count || !atomic_load(&c->in_order) || c->published > first) {
        return true;
    }
    struct entry *entries = mem_array(count, sizeof *entries);
    if (!entries) {
        problem_errno(c, folder_at(c, c->folder_count - 1)->path, ENOMEM);
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        entries[i] = *entry_at(c, first + i);
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    for (uint32_t i = 0; i < count; i++) {
        *entry_at(c, first + i) = entries[i];
    }
    free(entries);
    if (!c->published || c->found - c->published >= PUBLISH_STEP || is_time_to_tell(c)) {
        publish(c);
    }
    return true;
}

/* Lists one folder; the names of its sub-folders are added to *sub. */
static bool list_folder(struct catalog *c, const char *path, struct subfolders *sub)
{
    uint32_t first = c->found;
    uint32_t folder;
    DIR *dir = opendir(path[0] ? path : ".");
    if (!dir) {
        problem_errno(c, path, errno);
        return true;
    }
    bool ok = add_folder(c, mem_string(path, strlen(path)), false, &folder);
    const struct dirent *d;
    while (ok && (errno = 0, d = readdir(dir))) {
        if (d->d_name[0] == '.') {
            continue;
        }
        const struct image_format *format = image_format_of_name(d->d_name);
        if (!format && d->d_type == DT_REG) {
            continue;
        }
        enum kind kind = kind_of(dirfd(dir), d);
        if (kind == KIND_FOLDER) {
            remember_subfolder(c, sub, d->d_name);
        } else if (kind == KIND_FILE && format && format->refusal) {
            leave_out(c, d->d_name);
        } else if (kind == KIND_FILE && format) {
            ok = add_picture(c, folder, d->d_name, strlen(d->d_name));
        }
    }
    if (ok && errno) {
        problem_errno(c, path, errno);
    }
    closedir(dir);
    return ok && end_folder(c, first);
}

static void free_names(struct subfolders *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->names[i]);
    }
    free(s->names);
}

/* Depth first, with an explicit stack of paths instead of recursion. */
static bool list_tree(struct catalog *c, const char *root)
{
    struct subfolders stack = { 0 };
    remember_subfolder(c, &stack, root);
    bool ok = true;
    while (ok && stack.count) {
        char *path = stack.names[--stack.count];
        struct subfolders sub = { 0 };
        ok = list_folder(c, path, &sub);
        if (sub.count) { /* qsort() must not be given NULL, even for 0 elements */
            qsort(sub.names, sub.count, sizeof *sub.names, compare_strings);
        }
        for (size_t i = sub.count; ok && i-- > 0;) {
            struct buf child = BUF_INIT;
            size_t len = strlen(path);
            buf_addf(&child, "%s%s%s", path, len && path[len - 1] != '/' ? "/" : "", sub.names[i]);
            if (child.failed || child.len >= PATH_MAX) {
                problem_errno(c, path, child.failed ? ENOMEM : ENAMETOOLONG);
            } else {
                remember_subfolder(c, &stack, buf_text(&child));
            }
            buf_release(&child);
        }
        free_names(&sub);
        free(path);
    }
    free_names(&stack);
    return ok;
}

/* Adds a path from a list. Consecutive paths of one folder share its entry. */
static bool add_listed(struct catalog *c, const char *path, size_t len)
{
    const char *slash = memrchr(path, '/', len);
    size_t dir_len = slash ? (size_t)(slash - path) : 0;
    if (slash == path) {
        dir_len = 1;
    }
    const char *name = slash ? slash + 1 : path;
    size_t name_len = len - (size_t)(name - path);
    if (!name_len) {
        return true;
    }
    uint32_t folder = c->folder_count - 1;
    const struct folder *last = c->folder_count ? folder_at(c, folder) : NULL;
    bool same = last && last->listed && last->source == c->source &&
                strlen(last->path) == dir_len && memcmp(last->path, path, dir_len) == 0;
    if (!same && !add_folder(c, mem_string(path, dir_len), true, &folder)) {
        return false;
    }
    return add_picture(c, folder, name, name_len);
}

/* ------------------------------------------------------------------- lists */

/* Like read(): the number of bytes, 0 at the end, < 0 with errno. */
typedef ssize_t read_fn(void *context, char *bytes, size_t size);

#define LIST_BLOCK ((size_t)1 << 16)

/* A file with a line of more bytes is not a list of paths. */
#define LINE_HOPELESS ((size_t)1 << 20)

/* A list being read, in bounded memory even if it or one of its lines is huge. */
struct list {
    struct catalog *catalog;
    const char *name; /* for messages */
    char separator;
    bool begun;          /* past the first line */
    bool hopeless;       /* a line exceeded LINE_HOPELESS */
    size_t len;          /* of the current line so far, possibly more than is kept */
    char line[PATH_MAX]; /* the beginning of the line */
    char block[LIST_BLOCK];
};

static void add_to_line(struct list *l, const char *bytes, size_t len)
{
    if (l->len < sizeof l->line) {
        size_t room = sizeof l->line - l->len;
        memcpy(l->line + l->len, bytes, len < room ? len : room);
    }
    l->len += len;
}

static bool end_line(struct list *l)
{
    char *line = l->line;
    size_t len = l->len;
    bool first = !l->begun;
    l->begun = true;
    l->len = 0;
    if (len >= sizeof l->line) {
        problem_errno(l->catalog, l->name, ENAMETOOLONG);
        return true;
    }
    if (first && len >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) { /* byte order mark */
        line += 3;
        len -= 3;
    }
    if (l->separator == '\n' && len && line[len - 1] == '\r') {
        len--;
    }
    return !len || memchr(line, '\0', len) || add_listed(l->catalog, line, len);
}

static void problem_no_list(const struct list *l)
{
    struct error e;
    error_set(&e, ERROR_DATA,
              "%s: not a list of pictures: a line has more than %zu bytes; the rest of the file "
              "is ignored",
              l->name, LINE_HOPELESS);
    add_problem(l->catalog, &e);
}

static bool add_block(struct list *l, const char *at, const char *end)
{
    const char *stop;
    while ((stop = memchr(at, l->separator, (size_t)(end - at)))) {
        add_to_line(l, at, (size_t)(stop - at));
        if (!end_line(l)) {
            return false;
        }
        at = stop + 1;
    }
    add_to_line(l, at, (size_t)(end - at));
    if (l->len > LINE_HOPELESS) {
        l->hopeless = true;
        problem_no_list(l);
        return false;
    }
    return !atomic_load_explicit(&l->catalog->stop, memory_order_relaxed);
}

/* Reads a whole list; context is passed to `read`. False: stop listing. */
static bool list_stream(struct catalog *c, read_fn *read, void *context, char separator,
                        const char *name)
{
    struct list *l = calloc(1, sizeof *l);
    if (!l) {
        problem_errno(c, name, ENOMEM);
        return false;
    }
    l->catalog = c;
    l->name = name;
    l->separator = separator;
    bool ok = true;
    ssize_t n = 0;
    while (ok && (n = read(context, l->block, LIST_BLOCK)) > 0) {
        ok = add_block(l, l->block, l->block + n);
    }
    if (n < 0) {
        problem_errno(c, name, errno);
    }
    ok = ok && (l->len == 0 || end_line(l));
    ok |= l->hopeless; /* continue with the other inputs */
    free(l);
    return ok;
}

static ssize_t read_fd(void *context, char *bytes, size_t size)
{
    const int *fd = context;
    return read(*fd, bytes, size);
}

static bool has_list_ending(const char *path)
{
    size_t len = strlen(path);
    return len > 4 &&
           (strcasecmp(path + len - 4, ".txt") == 0 || strcasecmp(path + len - 4, ".lst") == 0);
}

static bool list_input(struct catalog *c, const char *path)
{
    struct stat st;
    if (c->as_they_are) {
        return add_listed(c, path, strlen(path));
    }
    if (stat(path, &st) != 0) {
        problem_errno(c, path, errno);
        return true;
    }
    if (S_ISDIR(st.st_mode)) {
        return list_tree(c, path);
    }
    if (!S_ISREG(st.st_mode) || !has_list_ending(path)) {
        return add_listed(c, path, strlen(path));
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        problem_errno(c, path, errno);
        return true;
    }
    bool ok = list_stream(c, read_fd, &fd, '\n', path);
    close(fd);
    return ok;
}

static int compare_names(const void *a, const void *b, void *context)
{
    const struct catalog *c = context;
    uint32_t ia = *(const uint32_t *)a;
    uint32_t ib = *(const uint32_t *)b;
    int order = compare_entries(entry_at(c, ia), entry_at(c, ib));
    return order ? order : ia < ib ? -1 : ia > ib;
}

/* The ids in the order of the session. Folders were found in order, depth first, and the
 * entries of each are consecutive; so only the names within each folder are sorted, except
 * for lists, which keep their order. */
static uint32_t *sort_all(const struct catalog *c)
{
    uint32_t *order = mem_array(c->found, sizeof *order);
    if (!order) {
        return NULL;
    }
    for (uint32_t id = 0; id < c->found; id++) {
        order[id] = id;
    }
    void *context = (void *)(uintptr_t)c;
    for (uint32_t id = 0, end; id < c->found; id = end) {
        uint32_t folder = entry_at(c, id)->folder;
        for (end = id + 1; end < c->found && entry_at(c, end)->folder == folder; end++) {
        }
        if (!folder_at(c, folder)->listed) {
            qsort_r(order + id, end - id, sizeof *order, compare_names, context);
        }
    }
    return order;
}

/* Reads the list at list_fd. Its writer may take any time, so the wait ends when the catalog
 * is stopped. */
static ssize_t read_list(void *context, char *bytes, size_t size)
{
    const struct catalog *c = context;
    struct pollfd fds[2] = { { c->list_fd, POLLIN, 0 }, { c->stop_pipe[0], POLLIN, 0 } };
    while (poll(fds, 2, -1) < 0 && errno == EINTR) {
    }
    return fds[1].revents ? 0 : read(c->list_fd, bytes, size);
}

void *catalog_list(void *context)
{
    struct catalog *c = context;
    bool ok = true;
    for (size_t i = 0; ok && i < c->input_count; i++) {
        ok = list_input(c, c->inputs[i]);
        c->source += !c->as_they_are; /* an explicit list is one source: not re-sorted */
    }
    if (ok && c->list_fd >= 0) {
        list_stream(c, read_list, c, c->separator, "standard input");
    }
    if (atomic_load(&c->stop)) {
        return NULL;
    }
    c->shuffled |= !atomic_load(&c->in_order);
    publish(c);
    uint32_t *sorted = c->shuffled ? sort_all(c) : NULL;
    pthread_mutex_lock(&c->lock);
    c->sorted = sorted;
    c->complete = true;
    pthread_cond_signal(&c->changed);
    pthread_mutex_unlock(&c->lock);
    c->wake(c->context);
    return NULL;
}
