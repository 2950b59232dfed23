#include "base/thread.h"

#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SOON_NICE 10
#define LATER_NICE 19

/* Whoever wakes up waits for the one that runs to have had its slice, however nice it
 * is: 3 ms by default (Linux 6.6 and later), and a picture is written in many pieces,
 * each followed by a wait. 0.1 ms is the least that can be asked for (from 6.12 on). */
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

/* sched_setattr(2): the first version of the kernel's struct, whose header cannot be
 * had beside the C library's. */
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
