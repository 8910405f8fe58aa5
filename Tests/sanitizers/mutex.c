// Tells ThreadSanitizer what Synchronization.Mutex does when two threads want it at the same time.
//
// Swift compiles the way of a mutex that is free into the program, where the sanitizer sees it. The way of one that is not lies in libswiftSynchronization, which
// is not instrumented: there the kernel hands the lock over (futex(2), FUTEX_LOCK_PI), the sanitizer sees no order between the two threads, and takes all
// that the mutex guards for a race. This library goes before that one (LD_PRELOAD), does the same by calling it, and says in which order things are. Nothing is
// suppressed.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// Of the sanitizer's runtime, which is part of the program.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef SWIFT void lock_function(uint32_t thread, SELF void *handle);
typedef SWIFT void unlock_function(SELF void *handle);

// _MutexHandle._lockSlow(_: UInt32) and _unlockSlow(), by the names that the linker knows them by.
SWIFT void lock_slowly(uint32_t thread, SELF void *handle) __asm__(LOCK);
SWIFT void unlock_slowly(SELF void *handle) __asm__(UNLOCK);

// The function that this one stands before. Whoever asks first and second finds the same, so that it does not matter who writes it down.
static void *real(const char *name, void *_Atomic *known) {
    void *function = *known;
    if (function) return function;
    function = dlsym(RTLD_NEXT, name);
    // A mutex that does not lock would be worse than none.
    if (!function) abort();
    return *known = function;
}

SWIFT void lock_slowly(uint32_t thread, SELF void *handle) {
    static void *_Atomic known;
    ((lock_function *)real(LOCK, &known))(thread, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT void unlock_slowly(SELF void *handle) {
    static void *_Atomic known;
    if (__tsan_release) __tsan_release(handle);
    ((unlock_function *)real(UNLOCK, &known))(handle);
}
