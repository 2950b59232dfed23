/* What the sandbox forbids is tried by a child inside it, and so is all that thumbtag
 * does. As root, nothing else would forbid it. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/blas.h"
#include "base/folder.h"
#include "base/mem.h"
#include "base/sandbox.h"
#include "base/thread.h"
#include "sanitized.h"
#include "scratch.h"

/* ------------------------------------------------- the kernel, as it may be */
static struct {
    bool on;
    int abi; /* 0: no Landlock; -1: turned off */
    uint64_t files, net, scoped;
    int rules, restricted, filters;
} fake;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static long fake_ruleset(const uint64_t *rights, size_t size, long flags)
{
    if (fake.abi < 1) {
        errno = fake.abi ? EOPNOTSUPP : ENOSYS;
        return -1;
    }
    if (flags) {
        return fake.abi;
    }
    assert_int_equal(size, 3 * sizeof *rights);
    fake.files = rights[0];
    fake.net = rights[1];
    fake.scoped = rights[2];
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

long __wrap_syscall(long number, ...)
{
    long a[6];
    va_list args;
    va_start(args, number);
    for (size_t i = 0; i < ARRAY_LEN(a); i++) {
        a[i] = va_arg(args, long);
    }
    va_end(args);
    if (!fake.on) {
        return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
    switch (number) {
    case 444: {
        const uint64_t *rights;
        memcpy(&rights, &a[0], sizeof rights);
        return fake_ruleset(rights, (size_t)a[1], a[2]);
    }
    case 445:
        fake.rules++;
        return 0;
    case 446:
        fake.restricted++;
        return 0;
    case SYS_seccomp:
        fake.filters++;
        errno = ENOSYS;
        return -1;
    default:
        errno = ENOSYS;
        return -1;
    }
}

static void test_old_kernels(void **state)
{
    static const struct {
        int abi;
        uint64_t files, net, scoped;
    } kernels[] = {
        { 1, 0x1ff3, 0, 0 }, { 2, 0x3ff3, 0, 0 }, { 3, 0x7ff3, 0, 0 }, { 4, 0x7ff3, 3, 0 },
        { 5, 0xfff3, 3, 0 }, { 6, 0xfff3, 3, 3 }, { 9, 0xfff3, 3, 3 },
    };
    static const char *const folders[] = { "/tmp", "/dev/null/none" };
    static const char *const devices[] = { "/dev/null" };
    const struct sandbox rules = { folders, 2, devices, 1, false };
    struct sandbox_state s;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kernels); i++) {
        memset(&fake, 0, sizeof fake);
        fake.on = true;
        fake.abi = kernels[i].abi;
        sandbox_enter(&rules, &s);
        fake.on = false;
        assert_int_equal(s.landlock, kernels[i].abi);
        assert_int_equal(fake.files, kernels[i].files);
        assert_int_equal(fake.net, kernels[i].net);
        assert_int_equal(fake.scoped, kernels[i].scoped);
        assert_int_equal(fake.rules, 2);
        assert_int_equal(fake.restricted, 1);
    }
}

static void test_kernel_without(void **state)
{
    const struct sandbox rules = { 0 };
    struct sandbox_state s;
    (void)state;
    for (int abi = -1; abi <= 0; abi++) {
        memset(&fake, 0, sizeof fake);
        fake.on = true;
        fake.abi = abi;
        sandbox_enter(&rules, &s);
        fake.on = false;
        assert_int_equal(s.landlock, 0);
        assert_string_equal(s.no_files, abi ? "Landlock is turned off in this kernel"
                                            : "this kernel has no Landlock");
        assert_int_equal(fake.restricted, 0);
        assert_int_equal(s.refused, 0);
        assert_true(s.no_calls[0]);
    }
}

/* ---------------------------------------------------- what is tried inside */
static struct {
    char *inside, *outside; /* folders */
    char *kept;             /* a file outside */
    char *mine;             /* a file inside */
} place;

static int errno_of(long result)
{
    return result < 0 ? errno : 0;
}

static int try_open(const char *folder, const char *name, int flags)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, flags | O_CLOEXEC, 0600);
    int why = errno_of(fd);
    if (fd >= 0) {
        close(fd);
    }
    return why;
}

static int try_paths(const char *from_folder, const char *from, const char *to_folder,
                     const char *to, int (*call)(const char *, const char *))
{
    char a[4200], b[4200];
    snprintf(a, sizeof a, "%s/%s", from_folder, from);
    snprintf(b, sizeof b, "%s/%s", to_folder, to);
    return errno_of(call(a, b));
}

static int make_outside(void)
{
    return try_open(place.outside, "new", O_WRONLY | O_CREAT);
}
static int write_outside(void)
{
    return try_open(place.outside, "kept", O_WRONLY);
}
static int append_outside(void)
{
    return try_open(place.outside, "kept", O_WRONLY | O_APPEND);
}
static int empty_outside(void)
{
    return errno_of(truncate(place.kept, 0));
}
static int remove_outside(void)
{
    return errno_of(unlink(place.kept));
}
static int through_link(void)
{
    return try_open(place.inside, "link", O_WRONLY | O_TRUNC);
}
static int in_parent(void)
{
    return try_open(place.inside, "../new", O_WRONLY | O_CREAT);
}
static int move_out(void)
{
    return try_paths(place.inside, "mine", place.outside, "mine", rename);
}
static int move_in(void)
{
    return try_paths(place.outside, "kept", place.inside, "kept", rename);
}
static int link_in(void)
{
    return try_paths(place.outside, "kept", place.inside, "hard", link);
}
static int make_link(void)
{
    return try_paths("", "etc/passwd", place.inside, "soft", symlink);
}

static int folder_outside(void)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/folder", place.outside);
    return errno_of(mkdir(path, 0700));
}

static int make_fifo(void)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/fifo", place.inside);
    return errno_of(mkfifo(path, 0600));
}

static int run_program(void)
{
    char *const argv[] = { (char[]){ "true" }, NULL };
    execv("/bin/true", argv);
    return errno;
}

static int run_descriptor(void)
{
    char *const argv[] = { (char[]){ "true" }, NULL };
    int fd = open("/bin/true", O_RDONLY | O_CLOEXEC);
    fexecve(fd, argv, argv + 1);
    return errno;
}

static int make_process(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    return errno_of(pid);
}

static int make_socket(int domain, int type)
{
    return errno_of(socket(domain, type, 0));
}
static int tcp(void)
{
    return make_socket(AF_INET, SOCK_STREAM);
}
static int udp6(void)
{
    return make_socket(AF_INET6, SOCK_DGRAM);
}
static int local(void)
{
    return make_socket(AF_UNIX, SOCK_STREAM);
}

static int pair(void)
{
    int ends[2];
    return errno_of(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}

static int type_keys(void)
{
    char key = 'x';
    return errno_of(ioctl(0, TIOCSTI, &key));
}

static int trace(void)
{
    return errno_of(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int read_process(void)
{
    char byte;
    struct iovec iov = { &byte, 1 };
    return errno_of(process_vm_readv(getppid(), &iov, 1, &iov, 1, 0));
}

static int signal_parent(void)
{
    return errno_of(kill(getppid(), 0));
}
static int signal_group(void)
{
    return errno_of(kill(0, 0));
}
static int mount_it(void)
{
    return errno_of(mount("none", place.inside, "tmpfs", 0, NULL));
}
static int new_namespace(void)
{
    return errno_of(syscall(SYS_unshare, 0x10000000));
}
static int ring(void)
{
    return errno_of(syscall(425, 1, NULL));
}
static int bpf(void)
{
    return errno_of(syscall(SYS_bpf, 0, NULL, 0));
}
static int keys(void)
{
    return errno_of(syscall(SYS_keyctl, 0, 0, 0));
}
static int faults(void)
{
    return errno_of(syscall(SYS_userfaultfd, 0));
}
static int mode(void)
{
    return errno_of(chmod(place.mine, 0777));
}
static int owner(void)
{
    return errno_of(lchown(place.kept, 1, 1));
}
static int user(void)
{
    return errno_of(setuid(1));
}

/* The message tells of the sandbox, not of permissions that are there. */
static int told(void)
{
    char path[4200];
    struct error err = { ERROR_NONE, "" };
    snprintf(path, sizeof path, "%s/told", place.outside);
    return !file_replace(path, "x", 1, &err) && strstr(err.message, "--no-sandbox") ? EACCES : 0;
}

/* 0: done. */
static int own_file(void)
{
    struct folder folder;
    struct file_log log = { .fd = -1 };
    bool ok = folder_open(&folder, place.inside, NULL);
    ok = ok && folder_replace(&folder, "labels.csv", "a\n", 2, NULL) &&
         file_log_open(&log, &folder, "labels.csv", NULL) &&
         file_log_append(&log, "b\n", 2, NULL) && flock(log.fd, LOCK_EX) == 0;
    file_log_close(&log);
    ok = ok && folder_truncate(&folder, "labels.csv", 2, NULL) &&
         folder_remove(&folder, "labels.csv", NULL);
    folder_close(&folder);
    return ok ? 0 : 1;
}

static int own_folder(void)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/below", place.inside);
    return mkdir(path, 0700) || try_open(path, "new", O_WRONLY | O_CREAT) ||
           try_paths(path, "new", place.inside, "moved", rename) || rmdir(path);
}

static int read_all(void)
{
    return try_open("/etc", "passwd", O_RDONLY) || try_open(place.outside, "kept", O_RDONLY);
}

static int null_device(void)
{
    return try_open("/dev", "null", O_RDWR);
}

static int memory_file(void)
{
    int fd = memfd_create("x", MFD_CLOEXEC);
    return fd < 0 || write(fd, "x", 1) != 1 || ftruncate(fd, 0) != 0;
}

static int watch(void)
{
    return inotify_add_watch(inotify_init(), place.inside, IN_CREATE) < 0;
}

static void *nothing(void *context)
{
    return context;
}

static int thread(void)
{
    pthread_t t;
    return !thread_start(&t, nothing, NULL, NULL) || pthread_join(t, NULL);
}

static volatile sig_atomic_t signalled;
static void on_signal(int number)
{
    signalled = number;
}

static int own_signal(void)
{
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    kill(getpid(), SIGUSR1);
    return signalled != SIGUSR1;
}

/* Its library is loaded inside, and starts threads of its own. */
static int multiply(void)
{
    enum { N = 200 };
    static float a[N * N], c[N * N];
    a[0] = 2;
    if (!blas_start(NULL)) {
        return 1;
    }
    blas()->set_num_threads(2);
    blas()->sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, N, N, N, 1, a, N, a, N, 0, c, N);
    return !(c[0] > 3.9f && c[0] < 4.1f);
}

enum part { FILES = 1, CALLS = 2, BOTH = 3, UNSANITIZED = 4 };

static const struct act {
    const char *name;
    int (*try)(void);
    enum part part;
    int refused; /* the errno; 0: allowed */
} acts[] = {
    { "file made outside", make_outside, FILES, EACCES },
    { "file replaced outside, and told so", told, FILES, EACCES },
    { "file written outside", write_outside, FILES, EACCES },
    { "file appended to outside", append_outside, FILES, EACCES },
    { "file emptied outside", empty_outside, FILES, EACCES },
    { "file removed outside", remove_outside, FILES, EACCES },
    { "written through a link", through_link, FILES, EACCES },
    { "made in the parent folder", in_parent, FILES, EACCES },
    { "moved out", move_out, FILES, EACCES },
    { "moved in", move_in, FILES, EACCES },
    { "linked in", link_in, FILES, EACCES },
    { "folder made outside", folder_outside, FILES, EACCES },
    { "link made inside", make_link, FILES, EACCES },
    { "FIFO made inside", make_fifo, CALLS, EPERM },
    { "program run", run_program, CALLS, EPERM },
    { "program run by descriptor", run_descriptor, CALLS, EPERM },
    { "process made", make_process, CALLS | UNSANITIZED, EPERM },
    { "TCP socket", tcp, CALLS, EPERM },
    { "UDP socket", udp6, CALLS, EPERM },
    { "local socket", local, CALLS, EPERM },
    { "pair of sockets", pair, CALLS, EPERM },
    { "keys typed into the terminal", type_keys, CALLS, EPERM },
    { "parent traced", trace, CALLS | UNSANITIZED, EPERM },
    { "memory of the parent read", read_process, CALLS | UNSANITIZED, EPERM },
    { "parent signalled", signal_parent, CALLS | UNSANITIZED, EPERM },
    { "group signalled", signal_group, CALLS | UNSANITIZED, EPERM },
    { "mount", mount_it, CALLS, EPERM },
    { "namespace", new_namespace, CALLS, EPERM },
    { "io_uring", ring, CALLS, EPERM },
    { "bpf", bpf, CALLS, EPERM },
    { "keyctl", keys, CALLS, EPERM },
    { "userfaultfd", faults, CALLS, EPERM },
    { "mode changed by path", mode, CALLS, EPERM },
    { "owner changed", owner, CALLS, EPERM },
    { "user changed", user, CALLS, EPERM },
    { "own file replaced, appended to, locked, cut, removed", own_file, BOTH, 0 },
    { "own folder made, filled, removed", own_folder, BOTH, 0 },
    { "anything read", read_all, BOTH, 0 },
    { "/dev/null", null_device, BOTH, 0 },
    { "file in memory", memory_file, BOTH, 0 },
    { "folder watched", watch, BOTH, 0 },
    { "thread", thread, BOTH, 0 },
    { "own signal", own_signal, BOTH, 0 },
    { "OpenBLAS loaded and run", multiply, BOTH, 0 },
};

struct results {
    struct sandbox_state state;
    int no_new_privs;
    int got[ARRAY_LEN(acts)];
};

static void try_all(struct results *r, bool enter)
{
    static const char *const devices[] = { "/dev/null" };
    const char *const folders[] = { place.inside, "/dev/null/none" };
    if (enter) {
        sandbox_enter(&(struct sandbox){ folders, 2, devices, 1, false }, &r->state);
        r->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        if (enter || !acts[i].refused) {
            errno = 0;
            r->got[i] = acts[i].try();
        }
    }
}

static int make_place(void **state)
{
    place.inside = scratch_new();
    place.outside = scratch_new();
    place.kept = scratch_path(place.outside, "kept");
    place.mine = scratch_path(place.inside, "mine");
    scratch_write(place.kept, "kept", 4);
    scratch_write(place.mine, "mine", 4);
    char *link = scratch_path(place.inside, "link");
    int failed = symlink(place.kept, link);
    free(link);
    *state = mmap(NULL, sizeof(struct results), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                  -1, 0);
    return failed || *state == MAP_FAILED;
}

static int remove_place(void **state)
{
    munmap(*state, sizeof(struct results));
    free(place.kept);
    free(place.mine);
    scratch_remove(place.inside);
    scratch_remove(place.outside);
    return 0;
}

/* Returns how the child ended. */
static int run_child(struct results *r, bool enter)
{
    int status;
    memset(r, 0xff, sizeof *r);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        try_all(r, enter);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void test_acts(void **state)
{
    struct results *r = *state;
    int wrong = 0;
    assert_int_equal(run_child(r, true), 0);
    if (!r->state.landlock || !r->state.refused) {
        print_message("# not in force here: %s%s\n", r->state.no_files, r->state.no_calls);
    }
    assert_true(r->no_new_privs == 1);
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        const struct act *a = &acts[i];
        bool in_force =
            !a->refused || (a->part & FILES ? r->state.landlock > 0 : r->state.refused > 0);
        int got = r->got[i] == EXDEV && a->part & FILES ? EACCES : r->got[i];
        if (in_force && !(a->refused && a->part & UNSANITIZED && SANITIZED) && got != a->refused) {
            print_error("%s: %s, want %s\n", a->name, strerror(r->got[i]), strerror(a->refused));
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    char *kept = scratch_read(place.kept, NULL);
    assert_string_equal(kept, "kept");
    free(kept);
    if (!r->state.landlock && !r->state.refused) {
        skip();
    }
}

/* What is allowed is so without the sandbox, too: the acts themselves are right. */
static void test_acts_outside(void **state)
{
    struct results *r = *state;
    assert_int_equal(run_child(r, false), 0);
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        if (!acts[i].refused) {
            assert_int_equal(r->got[i], 0);
        }
    }
}

#ifdef __x86_64__
/* 32-bit calls have other numbers: they end the process. */
static void test_other_architecture(void **state)
{
    struct results *r = *state;
    int status;
    assert_int_equal(run_child(r, true), 0);
    if (!r->state.refused) {
        skip();
    }
    pid_t pid = fork();
    if (pid == 0) {
        sandbox_enter(&(struct sandbox){ 0 }, &r->state);
        long result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory"); /* getpid() */
        _exit(result == -ENOSYS ? 1 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true((WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) ||
                (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)); /* no such calls here */
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_old_kernels),
        cmocka_unit_test(test_kernel_without),
        cmocka_unit_test(test_acts),
        cmocka_unit_test(test_acts_outside),
#ifdef __x86_64__
        cmocka_unit_test(test_other_architecture),
#endif
    };
    return cmocka_run_group_tests(tests, make_place, remove_place);
}
