/* The machine's own limits, measured beside what the program does:
 *
 *     limits sync FOLDER          a row appended and synced, milliseconds
 *     limits pty BYTES [ROUNDS]   a key to a terminal, so many bytes back
 *     limits wake                 a process that waits is woken, and does nothing
 *
 * prints p50, p99 and the maximum on one line. */
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "bench.h"

enum {
    SYNC_ROUNDS = 200,
    PTY_ROUNDS = 100,
    WAKE_ROUNDS = 200,
    WAKE_EVERY_US = 5000,
    ROUNDS_MAX = 1000
};

static void print_quantiles(double *seconds, size_t count)
{
    printf("%.2f %.2f %.2f\n", 1e3 * bench_quantile(seconds, count, 0.5),
           1e3 * bench_quantile(seconds, count, 0.99), 1e3 * bench_quantile(seconds, count, 1.0));
}

static int measure_sync(const char *folder)
{
    static double took[SYNC_ROUNDS];
    char row[108];
    char path[4096];
    memset(row, 'x', sizeof row);
    snprintf(path, sizeof path, "%s/limits-XXXXXX", folder);
    int fd = mkstemp(path);
    if (fd < 0) {
        perror(path);
        return 1;
    }
    for (int i = 0; i < SYNC_ROUNDS; i++) {
        double start = bench_now();
        if (write(fd, row, sizeof row) != sizeof row || fdatasync(fd) != 0) {
            perror(path);
        }
        took[i] = bench_now() - start;
    }
    close(fd);
    unlink(path);
    print_quantiles(took, SYNC_ROUNDS);
    return 0;
}

/* The other side: that many bytes for each one read. */
static void answer_keys(size_t bytes)
{
    char *picture = malloc(bytes);
    char key;
    struct termios mode;
    if (!picture || tcgetattr(0, &mode) != 0) {
        _exit(1);
    }
    memset(picture, '?', bytes);
    mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    tcsetattr(0, TCSANOW, &mode);
    for (bool ok = write(1, ">", 1) == 1; ok && read(0, &key, 1) == 1;) {
        for (size_t done = 0; ok && done < bytes;) {
            ssize_t n = write(1, picture + done, bytes - done);
            ok = n > 0;
            done += ok ? (size_t)n : 0;
        }
    }
    _exit(0);
}

static int measure_pty(size_t bytes, size_t rounds)
{
    static double took[ROUNDS_MAX];
    static char got[65536];
    int master;
    pid_t child = forkpty(&master, NULL, NULL, NULL);
    if (child == 0) {
        answer_keys(bytes);
    }
    bool ok = child > 0 && read(master, got, 1) == 1;
    for (size_t i = 0; ok && i < rounds; i++) {
        double start = bench_now();
        ok = write(master, "1", 1) == 1;
        for (size_t done = 0; ok && done < bytes;) {
            ssize_t n = read(master, got, sizeof got);
            ok = n > 0;
            done += ok ? (size_t)n : 0;
        }
        took[i] = bench_now() - start;
    }
    if (child > 0) {
        kill(child, SIGKILL);
    }
    if (ok) {
        print_quantiles(took, rounds);
    }
    return ok ? 0 : 1;
}

/* Half of what it takes another process to be woken and to wake this one. Between the rounds
 * the processor may sleep. */
static int measure_wake(void)
{
    static double took[WAKE_ROUNDS];
    int there[2];
    int back[2];
    char byte = 0;
    if (pipe(there) != 0 || pipe(back) != 0) {
        perror("pipe");
        return 1;
    }
    pid_t child = fork();
    if (child == 0) {
        while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1) {
        }
        _exit(0);
    }
    bool ok = child > 0;
    for (int i = 0; ok && i < WAKE_ROUNDS; i++) {
        usleep(WAKE_EVERY_US);
        double start = bench_now();
        ok = write(there[1], &byte, 1) == 1 && read(back[0], &byte, 1) == 1;
        took[i] = (bench_now() - start) / 2.0;
    }
    if (child > 0) {
        kill(child, SIGKILL);
    }
    if (ok) {
        print_quantiles(took, WAKE_ROUNDS);
    }
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "wake") == 0) {
        return measure_wake();
    }
    if (argc == 3 && strcmp(argv[1], "sync") == 0) {
        return measure_sync(argv[2]);
    }
    if (argc >= 3 && strcmp(argv[1], "pty") == 0) {
        size_t rounds = argc > 3 ? (size_t)atoi(argv[3]) : PTY_ROUNDS;
        return measure_pty((size_t)atoll(argv[2]), rounds < ROUNDS_MAX ? rounds : ROUNDS_MAX);
    }
    fputs("usage: limits sync FOLDER | limits pty BYTES [ROUNDS] | limits wake\n", stderr);
    return 2;
}
