/* What an answer costs beyond the file system's own sync, and what a large
 * labels.csv costs. */
#include "bench.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/labels.h"

enum { ANSWERS = 2000, WARM = 20, LARGE = 1000000 };

struct costs {
    double labels[ANSWERS], plain[ANSWERS];         /* seconds */
    double labels_cpu[ANSWERS], plain_cpu[ANSWERS]; /* of them, on a processor */
};

static bool give(struct labels *labels, int number)
{
    char name[64];
    struct error err;
    snprintf(name, sizeof name, "folder/picture-%07d.jpg", number);
    struct annotation a = {
        .file_name = name,
        .label = number % 3 ? "cat" : "dog",
        .guess = "cat",
        .annotator = "bench",
        .status = STATUS_LABELED,
        .confidence = 0.9123f,
        .seconds = 0.731f,
    };
    if (!labels_write(labels, &a, 1, NULL, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return false;
    }
    return true;
}

static bool write_plain(int fd, off_t *at, size_t len)
{
    static const char row[256] = "folder/picture-0000000.jpg,cat,labeled,cat,0.9123,0.731,bench,";
    bool ok = pwrite(fd, row, len, *at) == (ssize_t)len && fdatasync(fd) == 0;
    *at += (off_t)len;
    return ok;
}

/* The two by turns, so that both meet the same disk. */
static bool measure(struct labels *labels, int fd, size_t row_len, struct costs *costs)
{
    off_t at = 0;
    for (int i = -WARM; i < ANSWERS; i++) {
        double start = bench_now();
        double cpu = bench_seconds(CLOCK_THREAD_CPUTIME_ID);
        if (!give(labels, i + WARM)) {
            return false;
        }
        double cpu_mid = bench_seconds(CLOCK_THREAD_CPUTIME_ID);
        double mid = bench_now();
        if (!write_plain(fd, &at, row_len)) {
            return false;
        }
        double end = bench_now();
        double cpu_end = bench_seconds(CLOCK_THREAD_CPUTIME_ID);
        if (i >= 0) {
            costs->labels[i] = mid - start;
            costs->plain[i] = end - mid;
            costs->labels_cpu[i] = cpu_mid - cpu;
            costs->plain_cpu[i] = cpu_end - cpu_mid;
        }
    }
    return true;
}

static void print_costs(const char *place, struct costs *c)
{
    char what[128];
    double labels = 1e6 * bench_quantile(c->labels, ANSWERS, 0.5);
    double plain = 1e6 * bench_quantile(c->plain, ANSWERS, 0.5);
    double labels_cpu = 1e6 * bench_quantile(c->labels_cpu, ANSWERS, 0.5);
    double plain_cpu = 1e6 * bench_quantile(c->plain_cpu, ANSWERS, 0.5);
    snprintf(what, sizeof what, "%s: an answer", place);
    bench_row(what, "p50 %.1f  p99 %.1f us, %.1f of them on the processor", labels,
              1e6 * bench_quantile(c->labels, ANSWERS, 0.99), labels_cpu);
    snprintf(what, sizeof what, "%s: the same bytes written and synced", place);
    bench_row(what, "p50 %.1f  p99 %.1f us, %.1f of them on the processor", plain,
              1e6 * bench_quantile(c->plain, ANSWERS, 0.99), plain_cpu);
    snprintf(what, sizeof what, "%s: the program's own cost", place);
    bench_row(what, "p50 %.1f us, on the processor %.1f us", labels - plain,
              labels_cpu - plain_cpu);
    bench_target(labels - plain, 50.0, "us");
}

static void bench_answers(const char *place, const char *folder)
{
    static struct costs costs;
    char csv[4096];
    char plain[4096];
    struct error err;
    snprintf(csv, sizeof csv, "%s/labels.csv", folder);
    snprintf(plain, sizeof plain, "%s/plain", folder);
    struct labels *labels = labels_open(csv, LABELS_READ_WRITE, NULL, &err);
    int fd = open(plain, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (labels && fd >= 0 && measure(labels, fd, 108, &costs)) {
        print_costs(place, &costs);
    } else {
        bench_row(place, "cannot be measured");
    }
    labels_close(labels, NULL);
    close(fd);
}

static bool write_large(const char *path)
{
    FILE *file = fopen(path, "we");
    if (!file) {
        return false;
    }
    fputs(LABELS_HEADER, file);
    for (int i = 0; i < LARGE; i++) {
        fprintf(file,
                "train/folder-%03d/picture-%07d.jpg,class-%d,labeled,class-%d,0.%04d,1.%03d,bench,"
                "2026-01-02T03:04:05.678Z\n",
                i / 1000, i, i % 10, i % 7, 1 + i % 9000, i % 1000);
    }
    return fclose(file) == 0;
}

static double status_mib(const char *field)
{
    char line[256];
    double kib = 0.0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, field, strlen(field)) == 0) {
            kib = atof(line + strlen(field) + 1);
        }
    }
    if (file) {
        fclose(file);
    }
    return kib / 1024.0;
}

/* In a process of its own, so that its memory is told apart. */
static void open_large(const char *path)
{
    struct error err;
    double before = status_mib("VmRSS");
    double start = bench_now();
    struct labels *labels = labels_open(path, LABELS_READ_WRITE, NULL, &err);
    double opened = bench_now();
    if (!labels) {
        bench_row("labels.csv of 1,000,000 rows", "%s", err.message);
        return;
    }
    bench_row("labels.csv of 1,000,000 rows", "opened in %.2f s, %.0f MiB (at most %.0f)",
              opened - start, status_mib("VmRSS") - before, status_mib("VmHWM") - before);
    double before_answer = bench_now();
    bool ok = give(labels, LARGE + 1);
    double answered = bench_now();
    ok = labels_close(labels, &err) && ok;
    bench_row("", "first answer in %.2f ms, closed and tidied in %.2f s%s",
              1e3 * (answered - before_answer), bench_now() - answered, ok ? "" : " (failed)");
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void bench_large(const char *folder)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/large.csv", folder);
    pid_t child = write_large(path) ? fork() : -1;
    if (child == 0) {
        open_large(path);
        _exit(0);
    }
    if (child > 0) {
        waitpid(child, NULL, 0);
    }
}

static void bench_place(const char *place, const char *parent, bool large)
{
    char folder[2048];
    snprintf(folder, sizeof folder, "%s/thumbtag-bench-XXXXXX", parent);
    if (!mkdtemp(folder)) {
        return;
    }
    if (large) {
        bench_large(folder);
    } else {
        bench_answers(place, folder);
    }
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    tmp = tmp && tmp[0] ? tmp : "/tmp";
    puts("An answer appended and synced");
    bench_place("this disk", tmp, false);
    bench_place("in memory", "/dev/shm", false);
    puts("A large labels.csv");
    fflush(stdout);
    bench_place("", tmp, true);
    return 0;
}
