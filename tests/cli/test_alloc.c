/* S7: each command, with its 1st, 2nd, 3rd … allocation failing, that one alone or all
 * from there on, until a run needs fewer. Each time it ends by itself, says why, and
 * the labels are whole and closed, the terminal's modes as they were.
 *
 * Where a command allocates often, the later ones are tried in steps; all of them with
 * THUMBTAG_ALLOC_STEP=1. It takes long. timeout: 600 */
int thumbtag_main(int argc, char **argv);
#define main thumbtag_main
#include "../../src/cli/main.c"
#undef main

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <pty.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sanitized.h"
#include "scratch.h"
#include "store/labels.h"

#define HANGS_MS 120000 /* without a word: more than a busy machine makes one wait */
#define FIRST 20        /* allocations that are all tried, */
#define LATER 20        /* and about so many of those behind */
#define ARGS_MAX 24

/* ----------------------------------------------------- what fails, and when */
static struct {
    atomic_long count;
    long at; /* 0: none */
    bool forever;
} plan;

/* Code that ends the process itself when there is no memory, curses and what comes with
 * OpenBLAS, or calls its input corrupt: libwebp, zlib under libpng. Inside the C
 * library's look-up of users, which asserts that there is, `exempt` is set. */
static struct {
    uintptr_t start, end;
} libraries[8];
static _Thread_local bool exempt;

static int note_library(struct dl_phdr_info *info, size_t size, void *context)
{
    size_t *count = context;
    (void)size;
    if (*count < ARRAY_LEN(libraries) &&
        (strstr(info->dlpi_name, "libtinfo") || strstr(info->dlpi_name, "libncurses") ||
         strstr(info->dlpi_name, "libgfortran") || strstr(info->dlpi_name, "libwebp") ||
         strstr(info->dlpi_name, "libz.so"))) {
        for (int i = 0; i < info->dlpi_phnum; i++) {
            uintptr_t end =
                info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
            libraries[*count].end = end > libraries[*count].end ? end : libraries[*count].end;
        }
        libraries[(*count)++].start = info->dlpi_addr;
    }
    return 0;
}

static bool is_exempt(const void *caller)
{
    uintptr_t at = (uintptr_t)caller;
    bool yes = exempt;
    for (size_t i = 0; i < ARRAY_LEN(libraries); i++) {
        yes |= at >= libraries[i].start && at < libraries[i].end;
    }
    return yes;
}

void *__real_newterm(const char *name, FILE *out, FILE *in); /* SCREEN */
void *__wrap_newterm(const char *name, FILE *out, FILE *in);

void *__wrap_newterm(const char *name, FILE *out, FILE *in)
{
    exempt = true;
    void *screen = __real_newterm(name, out, in);
    exempt = false;
    return screen;
}

struct passwd *__real_getpwuid(uid_t uid);
int __real_getpwuid_r(uid_t uid, struct passwd *entry, char *bytes, size_t size,
                      struct passwd **found);
struct passwd *__wrap_getpwuid(uid_t uid);
int __wrap_getpwuid_r(uid_t uid, struct passwd *entry, char *bytes, size_t size,
                      struct passwd **found);

struct passwd *__wrap_getpwuid(uid_t uid)
{
    exempt = true;
    struct passwd *found = __real_getpwuid(uid);
    exempt = false;
    return found;
}

int __wrap_getpwuid_r(uid_t uid, struct passwd *entry, char *bytes, size_t size,
                      struct passwd **found)
{
    exempt = true;
    int failed = __real_getpwuid_r(uid, entry, bytes, size, found);
    exempt = false;
    return failed;
}

static bool fails(const void *caller)
{
    if (is_exempt(caller)) {
        return false;
    }
    long n = atomic_fetch_add(&plan.count, 1) + 1;
    if (plan.at && (n == plan.at || (plan.forever && n > plan.at))) {
        errno = ENOMEM;
        return true;
    }
    return false;
}

#if !SANITIZED
/* In place of the C library's, for it and for all libraries. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

__attribute__((visibility("default"))) void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

__attribute__((visibility("default"))) void *realloc(void *old, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}
#endif

/* ------------------------------------------------------------- the commands */
static const struct command_case {
    const char *name;
    const char *args[ARGS_MAX]; /* %: the test's folder */
    bool session;               /* answers a b b, on what may be answered already */
    bool labelled;              /* there is a labels.csv */
    const char *keys;           /* on a terminal: typed at once */
    bool boxed;                 /* goes into the sandbox where all is well */
} cases[] = {
    { "help", { "--help" }, .boxed = false },
    { "help of a command", { "label", "--help" }, .boxed = false },
    { "wrong option", { "label", "--nope" }, .boxed = false },
    { "label without guesses",
      { "label", "%/photos", "-c", "a,b", "-m", "none", "--script", "%/script" },
      .session = true,
      .boxed = true },
    { "label", /* with the network inside; the others take less time with a small one */
      { "label", "%/photos", "-c", "a,b", "--workers", "1", "--script", "%/script" },
      .session = true,
      .boxed = true },
    { "label again",
      { "label", "%/photos", "-m", "none", "--script", "%/script" },
      .session = true,
      .labelled = true,
      .boxed = true },
    { "label on a terminal",
      { "label", "%/photos", "-c", "a,b", "-m", "none", "--timeout", "50" },
      .session = true,
      .keys = "Q",
      .boxed = true },
    { "review",
      { "review", "%/photos/labels.csv", "--script", "%/review" },
      .session = true,
      .labelled = true,
      .boxed = true },
    { "review, read only",
      { "review", "-r", "%/photos/labels.csv", "--script", "%/review" },
      .session = true,
      .labelled = true,
      .boxed = true },
    { "show, sixel", { "show", "%/photos", "-p", "sixel" }, .boxed = true },
    { "show, blocks", { "show", "%/photos", "-p", "blocks" }, .boxed = true },
    { "predict", { "predict", "-m", "%/model.tflite", "-j", "2", "%/photos" }, .boxed = true },
    { "model", { "model", "%/model.tflite" }, .boxed = true },
    { "eval",
      { "eval", "%/tree", "-m", "%/model.tflite", "--curve", "2", "--draws", "1", "-j", "1" },
      .boxed = true },
    { "compare",
      { "compare", "%/ada.csv", "%/bob.csv", "--by", "trust", "--merge", "%/photos/labels.merged" },
      .boxed = true },
    { "compare, several classes",
      { "compare", "%/ada.csv", "%/bob.csv", "--multi", "--json", "--merge",
        "%/photos/labels.merged" },
      .boxed = true },
    { "stats", { "stats", "%/ada.csv" }, .boxed = true },
    { "train",
      { "train", "%/tree", "-o", "%/out.tflite", "--from", "scratch", "--architecture",
        "separable-s", "--side", "32", "--epochs", "1", "--batch", "4", "-j", "1" },
      .boxed = true },
    { "train with a teacher",
      { "train", "--teacher", "%/model.tflite", "--unlabeled", "%/tree", "-o", "%/pupil.tflite",
        "--architecture", "separable-s", "--side", "32", "--epochs", "1", "--batch", "4", "-j", "1",
        "--views", "1" },
      .boxed = true },
    { "cache", { "cache" }, .boxed = true },
    { "cache of a folder", { "cache", "%/photos", "--json" }, .boxed = true },
    { "doctor", { "doctor", "-m", "%/model.tflite" }, .boxed = true },
    { "doctor on a terminal",
      { "doctor", "-m", "%/model.tflite", "--timeout", "50" },
      .keys = "",
      .boxed = true },
};

static char *folder;

/* ------------------------------------------------------------------ a place */
static void write_file(const char *name, const char *text)
{
    char *path = scratch_path(folder, name);
    scratch_write(path, text, strlen(text));
    free(path);
}

static void copy_file(const char *from, const char *name)
{
    size_t len;
    char *bytes = scratch_read(from, &len);
    char *path = scratch_path(folder, name);
    scratch_write(path, bytes, len);
    free(path);
    free(bytes);
}

static void make_folder(const char *name)
{
    char *path = scratch_path(folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
    free(path);
}

static const char labels_before[] =
    "file_name,label,status,guess,confidence,seconds,annotator,labeled_at\n"
    "1.ppm,a,labeled,,,1.0,me,2026-01-01T00:00:00.000Z\n"
    "2.ppm,b,labeled,,,1.0,me,2026-01-01T00:00:00.000Z\n";

static int make_place(void **state)
{
    static const char *const classes[] = { "tree/red", "tree/blue" };
    (void)state;
    folder = scratch_new();
    make_folder("photos");
    make_folder("tree");
    make_folder("cache");
    make_folder("config");
    for (int i = 1; i <= 3; i++) {
        char name[64];
        char text[200];
        snprintf(text, sizeof text, "P3 2 2 255 %d 0 0  0 %d 0  0 0 %d  9 9 9\n", i * 80, i * 60,
                 i * 40);
        snprintf(name, sizeof name, "photos/%d.ppm", i);
        write_file(name, text);
    }
    copy_file("samples/photos/IMG_0001.jpg", "photos/4.jpg");
    copy_file("tests/data/pictures/palette-interlaced.png", "photos/5.png");
    copy_file("tests/data/pictures/alpha.webp", "photos/6.webp");
    copy_file("tests/data/pictures/plain.gif", "photos/7.gif");
    for (size_t c = 0; c < ARRAY_LEN(classes); c++) {
        make_folder(classes[c]);
        for (int i = 0; i < 4; i++) {
            char name[64];
            char text[100];
            snprintf(name, sizeof name, "%s/%d.ppm", classes[c], i);
            snprintf(text, sizeof text, "P3 1 1 255 %d 0 %d\n", c ? i : 250 - i, c ? 250 - i : i);
            write_file(name, text);
        }
    }
    copy_file("tests/data/rgb/model.tflite", "model.tflite");
    copy_file("tests/data/rgb/labels.txt", "labels.txt");
    write_file("ada.csv", "file_name,label,guess,labeled_at\n"
                          "1,a,a,2026-01-01T00:00:00Z\n2,a|b,a,2026-01-01T00:00:01Z\n3,b,,\n");
    write_file("bob.csv", "file_name,label,status\n1,a,labeled\n2,b,labeled\n4,,none\n");
    write_file("script", "size 80x24\nkey 1\nkey 2\nkey 2\nscreen\nkey ?\nscreen\nkey Q\n");
    write_file("review", "size 80x24\nkey 2\nscreen\nkey Q\n");
    char *cache = scratch_path(folder, "cache");
    char *config = scratch_path(folder, "config");
    setenv("XDG_CACHE_HOME", cache, 1);
    setenv("XDG_CONFIG_HOME", config, 1);
    setenv("TERM", "xterm-256color", 1);
    unsetenv("TMUX");
    free(cache);
    free(config);
    return 0;
}

static int remove_place(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

static bool is_of_labels(const char *name)
{
    return strstr(name, "labels.csv") || strncmp(name, "labels.", 7) == 0 ||
           strncmp(name, ".labels.", 8) == 0;
}

/* Before each run: the labels as they were at first. Returns the number of files left
 * open or half-written, which go too. */
static int remove_labels(void)
{
    char *photos = scratch_path(folder, "photos");
    int left = 0;
    DIR *d = opendir(photos);
    if (!d) {
        print_error("%s: %s\n", photos, strerror(errno));
    }
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        size_t len = strlen(e->d_name);
        left += len > 5 && (strcmp(e->d_name + len - 5, ".lock") == 0 ||
                            strcmp(e->d_name + len - 4, ".tmp") == 0);
        if (is_of_labels(e->d_name) || strncmp(e->d_name, ".labels", 7) == 0) {
            if (unlinkat(dirfd(d), e->d_name, 0) != 0) {
                print_error("%s: %s\n", e->d_name, strerror(errno));
                left++;
            }
        }
    }
    closedir(d);
    free(photos);
    return left;
}

/* ------------------------------------------------------------------ one run */
struct run {
    long allocations;
    bool boxed;
};

static struct run *result; /* shared with the child */
static char said[65536];

static char **make_argv(const struct command_case *c, int *argc)
{
    static char texts[ARGS_MAX][4200];
    static char *argv[ARGS_MAX + 2];
    argv[0] = (char[]){ "thumbtag" };
    int n = 1;
    for (; n <= ARGS_MAX && c->args[n - 1]; n++) {
        const char *a = c->args[n - 1];
        snprintf(texts[n - 1], sizeof texts[0], "%s%s", a[0] == '%' ? folder : "",
                 a[0] == '%' ? a + 1 : a);
        argv[n] = texts[n - 1];
    }
    argv[n] = NULL;
    *argc = n;
    return argv;
}

static void run_child(const struct command_case *c, int out, int terminal)
{
    int argc;
    char **argv = make_argv(c, &argc);
    int none = open("/dev/null", O_RDWR);
    for (int number = 1; number < 32; number++) { /* cmocka's */
        signal(number, SIG_DFL);
    }
    if (terminal >= 0) {
        setsid();
        login_tty(terminal);
        dup2(none, 1);
    } else {
        setsid();
        dup2(none, 0);
        dup2(none, 1);
    }
    dup2(out, 2);
    atomic_store(&plan.count, 0);
    int code = thumbtag_main(argc, argv);
    result->allocations = atomic_load(&plan.count);
    result->boxed = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2;
    exit(code);
}

/* The terminal: what is drawn is thrown away; its status, the last of the questions that
 * are asked together, is answered. */
static void answer(int master, const char *drawn, size_t len, size_t *matched)
{
    static const char question[] = "\033[5n", status[] = "\033[0n";
    for (size_t i = 0; i < len; i++) {
        *matched = drawn[i] == question[*matched] ? *matched + 1 : drawn[i] == question[0];
        if (*matched == sizeof question - 1) {
            *matched = 0;
            ssize_t n = write(master, status, sizeof status - 1);
            (void)n; /* where nobody reads any more, nobody waits */
        }
    }
}

/* Until the child is gone, which is when its end of the pipe is. False: it hangs. */
static bool wait_for(int pipe_end, int master)
{
    size_t matched = 0;
    for (;;) {
        struct pollfd p[2] = { { pipe_end, POLLIN, 0 }, { master, POLLIN, 0 } };
        char drawn[4096];
        int ready = poll(p, master >= 0 ? 2 : 1, HANGS_MS);
        if (ready <= 0) {
            return false;
        }
        if (p[0].revents) {
            return true;
        }
        if (master >= 0 && p[1].revents) {
            ssize_t n = read(master, drawn, sizeof drawn);
            answer(master, drawn, n > 0 ? (size_t)n : 0, &matched);
            master = n > 0 ? master : -1;
        }
    }
}

static bool same_modes(const struct termios *a, const struct termios *b)
{
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_lflag == b->c_lflag &&
           a->c_cflag == b->c_cflag;
}

/* Returns the exit status; negative: died of that signal, INT_MIN: hung. What it said
 * is in said. *restored: the terminal's modes are. */
static int run_once(const struct command_case *c, bool *restored)
{
    int ends[2], master = -1, slave = -1, status;
    struct termios before = { 0 }, after = { 0 };
    int out = memfd_create("said", MFD_CLOEXEC);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    if (c->keys) {
        struct winsize size = { 24, 80, 0, 0 };
        assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
        fcntl(master, F_SETFD, FD_CLOEXEC);
        assert_int_equal(tcgetattr(slave, &before), 0);
        assert_int_equal(write(master, c->keys, strlen(c->keys)), strlen(c->keys));
    }
    *result = (struct run){ 0 };
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        run_child(c, out, slave);
    }
    close(ends[1]);
    bool ended = wait_for(ends[0], master);
    if (!ended) {
        kill(pid, SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (c->keys) {
        assert_int_equal(tcgetattr(slave, &after), 0);
        close(master);
        close(slave);
    }
    *restored = same_modes(&before, &after);
    ssize_t len = pread(out, said, sizeof said - 1, 0);
    said[len > 0 ? len : 0] = '\0';
    close(ends[0]);
    close(out);
    return !ended ? -1000 : WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* Nobody is locked out, every answer is a whole row, those from before are there. */
static const char *labels_are_wrong(const struct command_case *c)
{
    char *csv = scratch_path(folder, "photos/labels.csv");
    struct error err = { ERROR_NONE, "" };
    const char *wrong = NULL;
    if (c->labelled || scratch_exists(csv)) {
        struct labels *labels = labels_open(csv, LABELS_READ_WRITE, NULL, &err);
        size_t count = labels ? labels_count(labels, STATUS_LABELED) : 0;
        wrong = !labels                    ? "the labels cannot be opened"
                : c->labelled && count < 2 ? "labels are gone"
                : count > 2 + 3            ? "there are too many labels"
                                           : NULL;
        labels_close(labels, NULL);
    }
    free(csv);
    return wrong;
}

static bool is_told(const char *text)
{
    for (const char *s = text; *s; s++) {
        if ((unsigned char)*s < 0x20 && *s != '\n' && *s != '\r' && *s != '\033') {
            return false;
        }
    }
    return strstr(text, "memory") || strstr(text, "cannot start a thread");
}

/* What is wrong with the run, or NULL. */
static const char *judge(const struct command_case *c, int status, bool restored)
{
    const char *labels = c->session ? labels_are_wrong(c) : NULL;
    int left = remove_labels();
    return status == -1000                                             ? "it hangs"
           : status < 0                                                ? "it dies"
           : status == EXIT_USAGE && strncmp(c->name, "wrong", 5) == 0 ? NULL
           : status != EXIT_DONE && status != EXIT_FINDINGS && status != EXIT_IO
               ? "the exit status is wrong"
           : status == EXIT_IO && !is_told(said) ? "it does not tell of memory"
           : left                                ? "a lock or a temporary file is left"
           : !restored                           ? "the terminal is not restored"
                                                 : labels;
}

static bool is_fine(const struct command_case *c, long at, bool forever)
{
    bool restored;
    char *csv = scratch_path(folder, "photos/labels.csv");
    if (c->labelled) {
        scratch_write(csv, labels_before, sizeof labels_before - 1);
    }
    free(csv);
    plan.at = at;
    plan.forever = forever;
    atomic_store(&plan.count, INT32_MIN); /* nothing fails here, but in the child */
    int status = run_once(c, &restored);
    plan.at = 0;
    const char *wrong = judge(c, status, restored);
    if (wrong) {
        print_error("%s, allocation %ld%s: %s (status %d): %s\n", c->name, at,
                    forever ? " and all behind" : "", wrong, status, said);
    }
    return !wrong;
}

static long step_of(long allocations)
{
    const char *step = getenv("THUMBTAG_ALLOC_STEP");
    long n = step ? atol(step) : (allocations - FIRST) / LATER + 1;
    return n < 1 ? 1 : n;
}

static int run_case(const struct command_case *c)
{
    int failures = 0;
    int ended = 0;
    const char *one = getenv("THUMBTAG_ALLOC_ONLY"); /* for a debugger; below 0: and all behind */
    if (one) {
        return !is_fine(c, labs(atol(one)), atol(one) < 0);
    }
    assert_true(is_fine(c, 0, false));
    long allocations = result->allocations;
    assert_true(allocations > 0 || strncmp(c->name, "help", 4) == 0);
    assert_int_equal(result->boxed, c->boxed);
    long step = step_of(allocations);
    for (long at = 1; at <= allocations + 2;
         at += at < FIRST && !getenv("THUMBTAG_ALLOC_STEP") ? 1 : step) {
        failures += !is_fine(c, at, false);
        failures += !is_fine(c, at, true);
        ended += 2;
    }
    print_message("# %s: %ld allocations, %d runs\n", c->name, allocations, ended);
    return failures;
}

static void test_S7_allocations(void **state)
{
#if SANITIZED
    (void)fails; /* the sanitizers' allocations are their own */
    skip();
#endif
    const char *only = getenv("THUMBTAG_ALLOC_CASE");
    int failures = 0;
    (void)state;
    size_t count = 0;
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL); /* for what comes with it */
    dl_iterate_phdr(note_library, &count);
    result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(result != MAP_FAILED);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (!only || strcmp(only, cases[i].name) == 0) {
            failures += run_case(&cases[i]);
        }
    }
    munmap(result, sizeof *result);
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_S7_allocations) };
    return cmocka_run_group_tests(tests, make_place, remove_place);
}
