#pragma once
// What Swift's Glibc module leaves out.
#include <linux/memfd.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int clinux_memfd_create(const char *name) { return (int)syscall(SYS_memfd_create, name, MFD_CLOEXEC); }

// Of the calling thread: threads of Linux have a policy each.
static inline int clinux_schedule_as_batch(void) {
    struct sched_param none = {0};
    return sched_setscheduler(0, SCHED_BATCH, &none);
}
