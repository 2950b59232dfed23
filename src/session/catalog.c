#include "session/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

#define CHUNK 65536u /* entries in one block of a chunked table */
#define CHUNKS (CATALOG_MAX / CHUNK + 1)
#define PUBLISH_FIRST 64 /* pictures after which the first wake comes */
#define PUBLISH_STEP 16384
#define NAMES_BLOCK ((size_t)1 << 16)

struct entry {
    const char *name;
    uint32_t folder;
};

struct folder {
    char *path;
    uint32_t source; /* which of the inputs it came from */
    bool listed;     /* keeps the order of its list */
};

/* Blocks never move, so what is published can be read without the lock. */
struct names_block {
    struct names_block *next;
    size_t used, size;
    char bytes[];
};

struct catalog {
    /* The listing thread's. */
    struct entry *entries[CHUNKS];
    struct folder *folders[CHUNKS];
    struct names_block *names;
    uint32_t found, folder_count;
    uint32_t source; /* input being read */
    char **inputs;
    size_t input_count;
    bool as_they_are;
    int list_fd;
    char separator;
    pthread_t thread;
    bool started;
    atomic_bool stop;
    int stop_pipe[2]; /* [0] becomes readable when it is time to go */
    catalog_wake_fn *wake;
    void *context;

    pthread_mutex_t lock; /* the hand-over */
    pthread_cond_t changed;
    uint32_t published;
    uint32_t *sorted; /* handed over once */
    bool complete;
    size_t problems;
    struct error first_problem;

    /* The owner's. */
    uint32_t count;
    uint32_t *order, *rank; /* NULL: in order of discovery */
    bool done;
};

static struct entry *entry_at(const struct catalog *c, uint32_t id)
{
    return &c->entries[id / CHUNK][id % CHUNK];
}

static struct folder *folder_at(const struct catalog *c, uint32_t folder)
{
    return &c->folders[folder / CHUNK][folder % CHUNK];
}

/* ------------------------------------------------- the listing thread's part */

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
    c->published = c->found;
    pthread_cond_signal(&c->changed);
    pthread_mutex_unlock(&c->lock);
    c->wake(c->context);
}

static const char *keep_name(struct catalog *c, const char *name, size_t len)
{
    struct names_block *b = c->names;
    if (!b || b->size - b->used < len + 1) {
        size_t size = len + 1 > NAMES_BLOCK ? len + 1 : NAMES_BLOCK;
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
    b->used += len + 1;
    return kept;
}

/* A new folder row; path becomes the catalog's. */
static bool add_folder(struct catalog *c, char *path, bool listed, uint32_t *folder)
{
    uint32_t n = c->folder_count;
    if (n / CHUNK >= CHUNKS || !path) {
        free(path);
        return false;
    }
    if (!c->folders[n / CHUNK]) {
        c->folders[n / CHUNK] = mem_array(CHUNK, sizeof(struct folder));
        if (!c->folders[n / CHUNK]) {
            free(path);
            return false;
        }
    }
    *folder_at(c, n) = (struct folder){ path, c->source, listed };
    c->folder_count++;
    *folder = n;
    return true;
}

static bool add_picture(struct catalog *c, uint32_t folder, const char *name, size_t len)
{
    uint32_t id = c->found;
    if (id >= CATALOG_MAX) {
        struct error e;
        error_set(&e, ERROR_DATA, "more than %u pictures; the rest is left out", CATALOG_MAX);
        add_problem(c, &e);
        return false;
    }
    if (!c->entries[id / CHUNK]) {
        c->entries[id / CHUNK] = mem_array(CHUNK, sizeof(struct entry));
    }
    const char *kept = keep_name(c, name, len);
    if (!c->entries[id / CHUNK] || !kept) {
        struct error e;
        error_nomem(&e, len, "the list of pictures");
        add_problem(c, &e);
        return false;
    }
    *entry_at(c, id) = (struct entry){ kept, folder };
    c->found++;
    if (c->found == PUBLISH_FIRST || c->found % PUBLISH_STEP == 0) {
        publish(c);
    }
    return !atomic_load_explicit(&c->stop, memory_order_relaxed);
}

static bool has_picture_ending(const char *name)
{
    static const char *const endings[] = { "jpg", "jpeg", "jpe", "jfif", "png", "gif",
                                           "bmp", "tga",  "ppm", "pgm",  "pnm", "webp" };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < ARRAY_LEN(endings); i++) {
        if (strcasecmp(dot + 1, endings[i]) == 0) {
            return true;
        }
    }
    return false;
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

static void remember_subfolder(struct subfolders *s, const char *name)
{
    if (mem_reserve(&s->names, &s->cap, s->count + 1, sizeof *s->names)) {
        char *copy = mem_string(name, strlen(name));
        if (copy) {
            s->names[s->count++] = copy;
        }
    }
}

enum kind { KIND_OTHER, KIND_FILE, KIND_FOLDER };

/* d_type saves a stat a file, which a million files need. */
static enum kind kind_of(int dir_fd, const struct dirent *d)
{
    struct stat st;
    switch (d->d_type) {
    case DT_REG:
        return KIND_FILE;
    case DT_DIR:
        return KIND_FOLDER;
    case DT_LNK: /* a picture or a dead link; a link to a folder is not followed */
        if (fstatat(dir_fd, d->d_name, &st, 0) != 0) {
            return KIND_FILE;
        }
        return S_ISDIR(st.st_mode) ? KIND_OTHER : KIND_FILE;
    case DT_UNKNOWN:
        if (fstatat(dir_fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
            return KIND_OTHER;
        }
        return S_ISDIR(st.st_mode) ? KIND_FOLDER : KIND_FILE;
    default: /* a FIFO or device with a picture's name is shown with its error */
        return KIND_FILE;
    }
}

static void problem_errno(struct catalog *c, const char *path, int errnum)
{
    struct error e;
    error_errno(&e, ERROR_IO, errnum, "%s", path);
    add_problem(c, &e);
}

/* Lists one folder; its sub-folders' names go to *sub. */
static bool list_folder(struct catalog *c, const char *path, struct subfolders *sub)
{
    uint32_t folder;
    DIR *dir = opendir(path[0] ? path : ".");
    if (!dir) {
        problem_errno(c, path, errno);
        return true;
    }
    bool ok = add_folder(c, mem_string(path, strlen(path)), false, &folder);
    const struct dirent *d;
    while (ok && (d = readdir(dir))) {
        if (d->d_name[0] == '.') {
            continue;
        }
        bool picture = has_picture_ending(d->d_name);
        if (!picture && d->d_type == DT_REG) {
            continue;
        }
        enum kind kind = kind_of(dirfd(dir), d);
        if (kind == KIND_FOLDER) {
            remember_subfolder(sub, d->d_name);
        } else if (kind == KIND_FILE && picture) {
            ok = add_picture(c, folder, d->d_name, strlen(d->d_name));
        }
    }
    closedir(dir);
    return ok;
}

static void free_names(struct subfolders *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->names[i]);
    }
    free(s->names);
}

/* Depth first with a stack of paths, so that depth costs no C stack. */
static bool list_tree(struct catalog *c, const char *root)
{
    struct subfolders stack = { 0 };
    remember_subfolder(&stack, root);
    bool ok = true;
    while (ok && stack.count) {
        char *path = stack.names[--stack.count];
        struct subfolders sub = { 0 };
        ok = list_folder(c, path, &sub);
        if (sub.count) { /* nothing to sort for qsort() otherwise, not even NULL */
            qsort(sub.names, sub.count, sizeof *sub.names, compare_strings);
        }
        for (size_t i = sub.count; ok && i-- > 0;) {
            struct buf child = BUF_INIT;
            size_t len = strlen(path);
            buf_addf(&child, "%s%s%s", path, len && path[len - 1] != '/' ? "/" : "", sub.names[i]);
            if (child.failed || child.len >= PATH_MAX) {
                problem_errno(c, path, ENAMETOOLONG);
            } else {
                remember_subfolder(&stack, buf_text(&child));
            }
            buf_release(&child);
        }
        free_names(&sub);
        free(path);
    }
    free_names(&stack);
    return ok;
}

/* Adds a path of a list. Runs of one folder share its row. */
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

static bool list_stream(struct catalog *c, FILE *in, char separator, const char *name)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    bool ok = true;
    bool first = true;
    while (ok && (n = getdelim(&line, &size, separator, in)) > 0) {
        size_t len = (size_t)n;
        if (first && len >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) { /* byte order mark */
            memmove(line, line + 3, len -= 3);
        }
        first = false;
        if (len && line[len - 1] == separator) {
            len--;
        }
        if (separator == '\n' && len && line[len - 1] == '\r') {
            len--;
        }
        if (len >= PATH_MAX) {
            problem_errno(c, name, ENAMETOOLONG);
        } else if (len && !memchr(line, '\0', len)) {
            ok = add_listed(c, line, len);
        }
    }
    if (ferror(in)) {
        problem_errno(c, name, errno);
    }
    free(line);
    return ok;
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
    FILE *in = fopen(path, "re");
    if (!in) {
        problem_errno(c, path, errno);
        return true;
    }
    bool ok = list_stream(c, in, '\n', path);
    fclose(in);
    return ok;
}

static int compare_names(const void *a, const void *b, void *context)
{
    const struct catalog *c = context;
    uint32_t ia = *(const uint32_t *)a;
    uint32_t ib = *(const uint32_t *)b;
    int order = text_natural_compare(entry_at(c, ia)->name, entry_at(c, ib)->name);
    return order ? order : ia < ib ? -1 : ia > ib;
}

/* Ids in the order of the session. Folders were found in theirs, depth first,
 * and the entries of one in a row; what is left is to sort their names, but for
 * lists, which stay as they are. */
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

/* Reads the list at list_fd; whoever writes it may take any time, so that it
 * ends when the catalog does. */
static ssize_t read_list(void *context, char *bytes, size_t size)
{
    const struct catalog *c = context;
    struct pollfd fds[2] = { { c->list_fd, POLLIN, 0 }, { c->stop_pipe[0], POLLIN, 0 } };
    while (poll(fds, 2, -1) < 0 && errno == EINTR) {
    }
    return fds[1].revents ? 0 : read(c->list_fd, bytes, size);
}

static void *list_all(void *context)
{
    struct catalog *c = context;
    bool ok = true;
    for (size_t i = 0; ok && i < c->input_count; i++) {
        ok = list_input(c, c->inputs[i]);
        c->source += !c->as_they_are; /* one list keeps one order */
    }
    if (ok && c->list_fd >= 0) {
        FILE *in = fopencookie(c, "r", (cookie_io_functions_t){ .read = read_list });
        if (in) {
            list_stream(c, in, c->separator, "standard input");
            fclose(in);
        } else {
            problem_errno(c, "standard input", errno);
        }
    }
    if (atomic_load(&c->stop)) {
        return NULL;
    }
    publish(c);
    uint32_t *sorted = sort_all(c);
    pthread_mutex_lock(&c->lock);
    c->sorted = sorted;
    c->complete = true;
    pthread_cond_signal(&c->changed);
    pthread_mutex_unlock(&c->lock);
    c->wake(c->context);
    return NULL;
}

/* ----------------------------------------------------------- the owner's part */

static bool copy_inputs(struct catalog *c, const struct catalog_source *source, struct error *err)
{
    c->inputs = mem_array(source->count, sizeof *c->inputs);
    if (!c->inputs) {
        return error_nomem(err, source->count * sizeof *c->inputs, "the inputs");
    }
    for (size_t i = 0; i < source->count; i++) {
        if (!source->as_they_are && access(source->paths[i], R_OK) != 0) {
            return error_errno(err, ERROR_IO, errno, "%s", source->paths[i]);
        }
        size_t len = strlen(source->paths[i]);
        while (len > 1 && source->paths[i][len - 1] == '/') {
            len--;
        }
        c->inputs[i] = mem_string(source->paths[i], len);
        if (!c->inputs[i]) {
            return error_nomem(err, len, "an input");
        }
        c->input_count++;
    }
    c->as_they_are = source->as_they_are;
    c->list_fd = source->list_fd;
    c->separator = source->separator;
    return true;
}

static bool start(struct catalog *c, struct error *err)
{
    sigset_t all, before;
    if (pipe2(c->stop_pipe, O_CLOEXEC) != 0) {
        return error_errno(err, ERROR_IO, errno, "pipe");
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&c->thread, NULL, list_all, c);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        return error_errno(err, ERROR_IO, failed, "cannot start a thread");
    }
    c->started = true;
    return true;
}

struct catalog *catalog_new(const struct catalog_source *source, catalog_wake_fn *wake,
                            void *context, struct error *err)
{
    struct catalog *c = calloc(1, sizeof *c);
    if (!c) {
        error_nomem(err, sizeof *c, "the catalog");
        return NULL;
    }
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    c->list_fd = c->stop_pipe[0] = c->stop_pipe[1] = -1;
    c->wake = wake;
    c->context = context;
    if (!copy_inputs(c, source, err) || !start(c, err)) {
        catalog_free(c);
        return NULL;
    }
    return c;
}

void catalog_free(struct catalog *c)
{
    if (!c) {
        return;
    }
    atomic_store(&c->stop, true);
    if (c->stop_pipe[1] >= 0) {
        close(c->stop_pipe[1]);
    }
    if (c->started) {
        pthread_join(c->thread, NULL);
    }
    if (c->stop_pipe[0] >= 0) {
        close(c->stop_pipe[0]);
    }
    for (size_t i = 0; i < c->input_count; i++) {
        free(c->inputs[i]);
    }
    free(c->inputs);
    for (uint32_t i = 0; i < c->folder_count; i++) {
        free(folder_at(c, i)->path);
    }
    for (size_t i = 0; i < CHUNKS; i++) {
        free(c->entries[i]);
        free(c->folders[i]);
    }
    for (struct names_block *b = c->names, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(c->sorted);
    free(c->order);
    free(c->rank);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static bool take_order(struct catalog *c, uint32_t *order)
{
    uint32_t *rank = mem_array(c->count, sizeof *rank);
    if (!rank) {
        free(order);
        return false;
    }
    for (uint32_t i = 0; i < c->count; i++) {
        rank[order[i]] = i;
    }
    c->order = order;
    c->rank = rank;
    return true;
}

unsigned catalog_poll(struct catalog *c)
{
    pthread_mutex_lock(&c->lock);
    uint32_t published = c->published;
    uint32_t *sorted = c->sorted;
    bool complete = c->complete;
    c->sorted = NULL;
    pthread_mutex_unlock(&c->lock);
    unsigned bits = 0;
    if (published != c->count) {
        c->count = published;
        bits |= CATALOG_GREW;
    }
    if (sorted && take_order(c, sorted)) {
        bits |= CATALOG_SORTED;
    }
    if (complete && !c->done) {
        c->done = true;
        bits |= CATALOG_DONE;
    }
    return bits;
}

void catalog_wait(struct catalog *c, int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&c->lock);
    while (!c->complete && pthread_cond_timedwait(&c->changed, &c->lock, &until) == 0) {
    }
    pthread_mutex_unlock(&c->lock);
}

bool catalog_done(const struct catalog *c)
{
    return c->done;
}

size_t catalog_count(const struct catalog *c)
{
    return c->count;
}

uint32_t catalog_id(const struct catalog *c, size_t position)
{
    return c->order ? c->order[position] : (uint32_t)position;
}

size_t catalog_position(const struct catalog *c, uint32_t id)
{
    return c->rank ? c->rank[id] : id;
}

uint32_t catalog_folder(const struct catalog *c, uint32_t id)
{
    return entry_at(c, id)->folder;
}

const char *catalog_name(const struct catalog *c, uint32_t id)
{
    return entry_at(c, id)->name;
}

const char *catalog_folder_path(const struct catalog *c, uint32_t folder)
{
    return folder_at(c, folder)->path;
}

void catalog_path(const struct catalog *c, uint32_t id, struct buf *path)
{
    const struct entry *e = entry_at(c, id);
    const char *folder = folder_at(c, e->folder)->path;
    buf_clear(path);
    size_t len = strlen(folder);
    buf_add(path, folder, len);
    if (len && folder[len - 1] != '/') {
        buf_addc(path, '/');
    }
    buf_adds(path, e->name);
}

size_t catalog_problems(struct catalog *c, struct error *first)
{
    pthread_mutex_lock(&c->lock);
    size_t n = c->problems;
    if (first) {
        *first = c->first_problem;
    }
    pthread_mutex_unlock(&c->lock);
    return n;
}
