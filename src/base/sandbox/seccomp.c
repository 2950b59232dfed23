/* seccomp(2): a filter of system calls, in the kernel's BPF. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "sandbox/private.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDBOX_FOR_SANITIZERS
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANDBOX_FOR_SANITIZERS
#endif
#endif

#if defined(__x86_64__) && defined(__LP64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define CALL(name, x86_64, aarch64) x86_64,
#elif defined(__aarch64__) && defined(__AARCH64EL__) && defined(__LP64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#define CALL(name, x86_64, aarch64) aarch64,
#else
#define ARCHITECTURE 0 /* numbers unknown: no filter */
#define CALL(name, x86_64, aarch64) -1,
#endif

static const int refused[] = {
#include "refused.def"
};

#define X32_BIT 0x40000000 /* set in the call numbers of the x32 ABI */
#define LEAF 4
#define RET_KILL 0x80000000       /* SECCOMP_RET_KILL_PROCESS */
#define TYPE_INTO_TERMINAL 0x5412 /* TIOCSTI */
#define TYPE_INTO_CONSOLE 0x541C  /* TIOCLINUX, which can paste */

/* ------------------------------------------------------------ an assembler */

struct program {
    struct sock_filter code[ARRAY_LEN(refused) * 2 + 64];
    unsigned short len;
};

/* A place further down in the program, and the jumps to it from at most 255 instructions
 * before. */
struct label {
    unsigned short from[ARRAY_LEN(refused) + 16];
    size_t count;
};

static void add(struct program *p, uint16_t code, uint32_t k)
{
    p->code[p->len++] = (struct sock_filter){ .code = code, .k = k };
}

static void load(struct program *p, size_t offset)
{
    add(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset);
}

/* Loads the low 32 bits of an argument; the kernel ignores the high ones of the arguments
 * tested here. */
static void load_argument(struct program *p, size_t which)
{
    load(p, offsetof(struct seccomp_data, args) + which * sizeof(uint64_t));
}

/* Jumps to the label if the comparison with the loaded value is true. */
static void jump(struct program *p, uint16_t comparison, uint32_t value, struct label *to)
{
    to->from[to->count++] = p->len;
    add(p, BPF_JMP | comparison | BPF_K, value);
}

static void place(struct program *p, const struct label *label)
{
    for (size_t i = 0; i < label->count; i++) {
        p->code[label->from[i]].jt = (uint8_t)(p->len - label->from[i] - 1);
    }
}

static void answer(struct program *p, uint32_t action)
{
    add(p, BPF_RET | BPF_K, action);
}

/* -------------------------------------------------------------- the filter */

/* Allows new threads but no new processes. A filter cannot read the arguments of clone3(),
 * which are in memory: it gets ENOSYS, and the C library falls back to clone(). */
static void filter_clone(struct program *p, const struct label *clone, struct label *allow)
{
    place(p, clone);
    load_argument(p, 0);
    jump(p, BPF_JSET, CLONE_THREAD, allow);
    answer(p, SECCOMP_RET_ERRNO | EPERM);
}

static void filter_kill(struct program *p, const struct label *kill, struct label *allow)
{
    place(p, kill);
    load_argument(p, 0);
    jump(p, BPF_JEQ, (uint32_t)getpid(), allow);
    answer(p, SECCOMP_RET_ERRNO | EPERM);
}

/* Refuses to insert input into the terminal: the shell would run it after we exit. */
static void filter_ioctl(struct program *p, const struct label *ioctl, struct label *refuse)
{
    place(p, ioctl);
    load_argument(p, 1);
    jump(p, BPF_JEQ, TYPE_INTO_TERMINAL, refuse);
    jump(p, BPF_JEQ, TYPE_INTO_CONSOLE, refuse);
    answer(p, SECCOMP_RET_ALLOW);
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* A binary search rather than a list: on installing the filter the kernel runs it once
 * for each system call number. */
static void search(struct program *p, const int *sorted, size_t count, struct label *refuse)
{
    if (count > LEAF) {
        struct label right = { .count = 0 };
        jump(p, BPF_JGE, (uint32_t)sorted[count / 2], &right);
        search(p, sorted, count / 2, refuse);
        place(p, &right);
        search(p, sorted + count / 2, count - count / 2, refuse);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        jump(p, BPF_JEQ, (uint32_t)sorted[i], refuse);
    }
    answer(p, SECCOMP_RET_ALLOW);
}

static int make_filter(struct program *p)
{
    struct label native = { .count = 0 }, clone = { .count = 0 }, kill = { .count = 0 };
    struct label ioctl = { .count = 0 }, none = { .count = 0 }, refuse = { .count = 0 };
    struct label allow = { .count = 0 };
    int sorted[ARRAY_LEN(refused)];
    size_t count = 0;
    load(p, offsetof(struct seccomp_data, arch));
    jump(p, BPF_JEQ, ARCHITECTURE, &native);
    answer(p, RET_KILL); /* another architecture has other call numbers */
    place(p, &native);
    load(p, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
    jump(p, BPF_JGE, X32_BIT, &refuse);
#endif
    jump(p, BPF_JEQ, SYS_ioctl, &ioctl);
#ifndef SANDBOX_FOR_SANITIZERS
    jump(p, BPF_JEQ, SYS_clone, &clone);
    jump(p, BPF_JEQ, 435, &none); /* clone3 */
    jump(p, BPF_JEQ, SYS_kill, &kill);
    jump(p, BPF_JEQ, SYS_tgkill, &kill);
#endif
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        if (refused[i] >= 0) {
            sorted[count++] = refused[i];
        }
    }
    qsort(sorted, count, sizeof *sorted, compare);
    search(p, sorted, count, &refuse);
    filter_clone(p, &clone, &allow);
    filter_kill(p, &kill, &allow);
    filter_ioctl(p, &ioctl, &refuse);
    place(p, &none);
    answer(p, SECCOMP_RET_ERRNO | ENOSYS);
    place(p, &refuse);
    answer(p, SECCOMP_RET_ERRNO | EPERM);
    place(p, &allow);
    answer(p, SECCOMP_RET_ALLOW);
    return (int)count;
}

_Static_assert(ARRAY_LEN(refused) * 3 / 2 + 32 < 256, "within the reach of a jump");

int seccomp_enter(char *why, size_t size)
{
    struct program p = { .len = 0 };
    if (!ARCHITECTURE) {
        snprintf(why, size, "thumbtag does not know this processor's system calls");
        return 0;
    }
    int count = make_filter(&p);
    struct sock_fprog filter = { .len = p.len, .filter = p.code };
    /* All threads: there should be none yet, but a library may have started some. */
    long failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
    if (failed) {
        snprintf(why, size, "%s",
                 failed > 0                           ? "a running thread cannot be filtered"
                 : errno == ENOSYS || errno == EINVAL ? "this kernel has no seccomp filters"
                                                      : strerror(errno));
        return 0;
    }
    return count;
}
