#pragma once
// What Swift's Glibc module leaves out.
#include <linux/memfd.h>
#include <linux/sched.h>
#include <malloc.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int clinux_memfd_create(const char *name) { return (int)syscall(SYS_memfd_create, name, MFD_CLOEXEC); }

// Of the calling thread: threads of Linux have a policy each.
static inline int clinux_schedule_as_batch(void) {
    struct sched_param none = {0};
    return sched_setscheduler(0, SCHED_BATCH, &none);
}

// prctl(2): the child of a process that dies gets this signal.
static inline int clinux_die_with_parent(int signal) { return prctl(PR_SET_PDEATHSIG, signal); }

// prlimit(2), the soft limit of a process alone, so that it can be given back.
static inline int clinux_get_limit(pid_t pid, int resource, struct rlimit *limit) { return (int)syscall(SYS_prlimit64, pid, resource, NULL, limit); }
static inline int clinux_set_limit(pid_t pid, int resource, const struct rlimit *limit) { return (int)syscall(SYS_prlimit64, pid, resource, limit, NULL); }

// Of the whole process; 0 when it is so.
static inline int clinux_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
static inline int clinux_is_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }

// A whole word at a time from memory that another process writes.
static inline long long clinux_read(const void *word) { return __atomic_load_n((const long long *)word, __ATOMIC_RELAXED); }

// mallopt(3), M_ARENA_MAX, and malloc_trim(3), which gives whole pages that are free in any heap back to the system. Only glibc has either.
static inline void clinux_bound_heaps(int count) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, count);
#endif
}
static inline void clinux_trim_heaps(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
