#include "base/thread.h"

#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SOON_NICE 10
#define LATER_NICE 19

/* A waking thread waits until the running one has used up its slice, whatever its nice
 * value: 3 ms by default (Linux 6.6 and later), and a picture is written in many pieces,
 * with a wait after each. 0.1 ms is the shortest slice that can be requested (6.12). */
#define SLICE_NS 100000

bool thread_start(pthread_t *thread, void *(*run)(void *), void *context, struct error *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(thread, NULL, run, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed ? error_errno(err, ERROR_IO, failed, "cannot start a thread") : true;
}

/* Argument of sched_setattr(2), first version: the kernel's header conflicts with that of
 * the C library. */
struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period; /* ns */
};

void thread_give_way(enum thread_yield yield)
{
    int nice = yield == THREAD_LATER ? LATER_NICE : SOON_NICE;
    struct attributes attr = {
        .size = sizeof attr,
        .policy = SCHED_OTHER,
        .nice = nice,
        .runtime = SLICE_NS,
    };
    if (syscall(SYS_sched_setattr, 0, &attr, 0) != 0) {
        setpriority(PRIO_PROCESS, 0, nice);
    }
}
