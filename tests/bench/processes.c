/* Whole processes side by side:
 *
 *     processes ROUNDS COMMAND [ARG…] [, COMMAND [ARG…]]…
 *
 * runs the commands one after the other, that many rounds after one that does
 * not count, their output thrown away. Prints a line a command: the median of
 * its processor time in milliseconds, user and system, all its threads; and the
 * median over the rounds of that time divided into the first command's. "failed"
 * where a run did not end with 0. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum { COMMANDS_MAX = 8, ROUNDS_MAX = 1000 };

static double milliseconds(const struct rusage *used)
{
    return 1e3 * (double)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) +
           1e-3 * (double)(used->ru_utime.tv_usec + used->ru_stime.tv_usec);
}

/* Processor time of one run, < 0 if it failed. vfork(): no page of ours is
 * copied on the other's account. */
static double run(char **command)
{
    struct rusage used;
    int status;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    pid_t child = null < 0 ? -1 : vfork();
    if (child == 0) {
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        execvp(command[0], command);
        _exit(127);
    }
    if (null >= 0) {
        close(null);
    }
    return child > 0 && wait4(child, &status, 0, &used) == child && WIFEXITED(status) &&
                   WEXITSTATUS(status) == 0
               ? milliseconds(&used)
               : -1.0;
}

static void print(double *took, const double *first, size_t rounds)
{
    static double share[ROUNDS_MAX];
    for (size_t i = 0; i < rounds; i++) {
        if (took[i] < 0.0 || first[i] < 0.0) {
            puts("failed");
            return;
        }
        share[i] = first[i] / took[i];
    }
    double median = bench_quantile(took, rounds, 0.5);
    printf("%.2f %.4f\n", median, bench_quantile(share, rounds, 0.5));
}

int main(int argc, char **argv)
{
    static double took[COMMANDS_MAX][ROUNDS_MAX];
    static double first[ROUNDS_MAX];
    char **commands[COMMANDS_MAX];
    size_t count = 0;
    size_t rounds = argc > 2 ? (size_t)atoi(argv[1]) : 0;
    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fputs("usage: processes ROUNDS COMMAND [ARG…] [, COMMAND [ARG…]]…\n", stderr);
        return 2;
    }
    commands[count++] = argv + 2;
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], ",") == 0 && count < COMMANDS_MAX) {
            argv[i] = NULL;
            commands[count++] = argv + i + 1;
        }
    }
    for (size_t round = 0; round <= rounds; round++) {
        for (size_t c = 0; c < count; c++) {
            took[c][round ? round - 1 : 0] = run(commands[c]);
        }
    }
    memcpy(first, took[0], sizeof first);
    for (size_t c = 0; c < count; c++) {
        print(took[c], first, rounds);
    }
    return 0;
}
