/* resting: does a tree of processes rest, or has it more to do?
 *
 *     resting PID TEXT
 *
 * Succeeds when no thread of the processes below PID is running or waits for a processor or
 * for a disk; nor of those whose command line contains TEXT, for servers that left their
 * parent, or of those below them. This process is not counted.
 *
 * A photograph that has not changed for a while may show a half-painted screen on a busy
 * machine, where the terminal or what writes to it waits for its turn: then it is not at
 * rest. Exit status: 0; 1 for "no"; 2 when something is wrong, said on stderr. */
#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct process {
    long pid, parent;
    bool counts; /* below the root, or has the text, or is below one that has */
};

struct list {
    struct process *items;
    size_t count, cap;
};

static size_t read_file(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "r");
    size_t n = file ? fread(out, 1, size - 1, file) : 0;
    if (file) {
        fclose(file);
    }
    out[n] = '\0';
    return n;
}

/* The state and the parent from a stat file; '?' when the process is gone. */
static char read_stat(const char *path, long *parent)
{
    char text[1024];
    read_file(path, text, sizeof text);
    const char *end = strrchr(text, ')'); /* the name in front may contain anything */
    char state = '?';
    return end && sscanf(end + 1, " %c %ld", &state, parent) == 2 ? state : '?';
}

static bool has_text(long pid, const char *text)
{
    char path[64], line[32768];
    snprintf(path, sizeof path, "/proc/%ld/cmdline", pid);
    size_t n = read_file(path, line, sizeof line);
    return n && memmem(line, n, text, strlen(text));
}

static void add(struct list *l, struct process p)
{
    if (l->count == l->cap) {
        l->cap = l->cap ? 2 * l->cap : 256;
        l->items = realloc(l->items, l->cap * sizeof *l->items);
        if (!l->items) {
            fputs("resting: no memory\n", stderr);
            exit(2);
        }
    }
    l->items[l->count++] = p;
}

static void read_processes(struct list *l, long root, const char *text)
{
    DIR *proc = opendir("/proc");
    if (!proc) {
        perror("resting: /proc");
        exit(2);
    }
    for (struct dirent *e; (e = readdir(proc));) {
        char path[64];
        struct process p = { .pid = strtol(e->d_name, NULL, 10) };
        snprintf(path, sizeof path, "/proc/%ld/stat", p.pid);
        if (isdigit((unsigned char)e->d_name[0]) && p.pid != getpid() &&
            read_stat(path, &p.parent) != '?') {
            p.counts = p.pid != root && (p.parent == root || has_text(p.pid, text));
            add(l, p);
        }
    }
    closedir(proc);
}

static bool is_below(const struct list *l, const struct process *p, long root)
{
    for (size_t i = 0; p->pid != root && i < l->count; i++) {
        if (l->items[i].pid == p->parent) {
            return l->items[i].counts;
        }
    }
    return false;
}

static void mark_descendants(struct list *l, long root)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < l->count; i++) {
            if (!l->items[i].counts && is_below(l, &l->items[i], root)) {
                l->items[i].counts = more = true;
            }
        }
    }
}

static bool rests(long pid)
{
    char path[600];
    bool yes = true;
    snprintf(path, sizeof path, "/proc/%ld/task", pid);
    DIR *threads = opendir(path);
    for (struct dirent *e; threads && (e = readdir(threads));) {
        long parent;
        snprintf(path, sizeof path, "/proc/%ld/task/%s/stat", pid, e->d_name);
        yes = yes && (e->d_name[0] == '.' || !strchr("RD", read_stat(path, &parent)));
    }
    if (threads) {
        closedir(threads);
    }
    return yes;
}

int main(int argc, char **argv)
{
    struct list l = { NULL, 0, 0 };
    bool yes = true;
    if (argc != 3 || !argv[2][0]) {
        fputs("usage: resting PID TEXT\n", stderr);
        return 2;
    }
    long root = strtol(argv[1], NULL, 10);
    read_processes(&l, root, argv[2]);
    mark_descendants(&l, root);
    for (size_t i = 0; yes && i < l.count; i++) {
        yes = !l.items[i].counts || rests(l.items[i].pid);
    }
    free(l.items);
    return yes ? 0 : 1;
}
