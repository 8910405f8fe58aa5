import Dispatch

/// The thread that writes, as tasks know it. Whoever writes one transaction after the other runs here from the first to the last, and is not handed to another
/// thread and back for each: beside busy threads, each handing-over costs a wait for a processor and one for a thread of the common pool.
///
/// A queue and not a thread: there is one only while something is to be written.
final class Writer: TaskExecutor {
    private let queue = DispatchQueue(label: "hermod.writer")

    func enqueue(_ job: consuming ExecutorJob) {
        // Jobs can't be captured, and are run exactly once here.
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
