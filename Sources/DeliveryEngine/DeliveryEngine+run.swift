internal import Domain
internal import Logging
internal import ServiceLifecycle
internal import Storage
internal import Synchronization

extension DeliveryEngine {
    /// Runs until graceful shutdown or cancellation; both end in the same drain. Throws when the lease can't be taken at the start.
    public func run() async throws {
        // A task of its own, on purpose: cancelling the caller must not tear the writes of what providers have already answered. It starts the drain.
        let life = Task { try await live() }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await life.value
        } onCancelOrGracefulShutdown: {
            self.shutdown.close()
        }
    }

    private func live() async throws {
        try await start()
        // Before anybody can learn that it serves, and send, and wait.
        room.open()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.room.run() }
            group.addTask { await self.dispatcher.settle() }
            group.addTask { await self.dispatcher.send() }
            dispatcher.serve()
            ready.store(true, ordering: .releasing)
            logger.info("engine.serving", metadata: ["lease": "\(lease.holder)"])
            await serveUntilShutdown()
            ready.store(false, ordering: .releasing)
            await drain()
            room.close()
            group.cancelAll()
        }
        await end()
    }

    /// Registers the lease, takes over what an earlier life has left, and learns what waits.
    private func start() async throws {
        try await noticeTheClock()
        try await stores.queue.renew(lease, until: time.now + configuration.lease, now: time.now)
        let reaped = try await stores.queue.reap(now: time.now, alone: configuration.alone, lease: lease)
        if reaped > 0 { logger.notice("engine.reaped", metadata: ["deliveries": "\(reaped)"]) }
        try await dispatcher.learnBacklog()
    }

    /// A clock that was set back while no gateway ran has left waits behind that are longer by as much.
    private func noticeTheClock() async throws {
        let now = time.now
        guard let seen = try await stores.queue.latestTimeSeen(), seen - now > ClockWatch.tolerance else { return }
        let count = try await stores.queue.clockWasSetBack(by: seen - now, now: now)
        logger.warning(
            "clock.set_meanwhile", metadata: ["seconds": "\(Int((now - seen).inSeconds.rounded()))", "deliveries": "\(count)"])
    }

    private func serveUntilShutdown() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.dispatcher.watchTheClock() }
            group.addTask { await self.dispatcher.watchTheQuotas() }
            group.addTask { await self.keepLease() }
            group.addTask { await ReceiptDesk(dispatcher: self.dispatcher, rule: self.receiptRule).run() }
            group.addTask { await self.every(self.configuration.lease / 2) { await self.reap() } }
            group.addTask { await self.every(self.configuration.backlogInterval) { await self.refreshBacklog() } }
            group.addTask { await self.sweepAndWatchTheClock() }
            group.addTask { await self.every(.seconds(3_600)) { await self.tidy() } }
            await shutdown.wait()
            group.cancelAll()
        }
    }

    private var receiptRule: ReceiptRule { ReceiptRule(retry: configuration.retry, interval: configuration.receiptInterval) }

    private func every(_ interval: Duration, _ duty: () async -> Void) async {
        while !Task.isCancelled {
            do { try await time.sleep(for: interval) } catch { return }
            await duty()
        }
    }

    /// Renews at a third of the lease. When no renewal can be written for as long as the lease holds, others may take over what we hold:
    /// nothing more is claimed or sent until one succeeds.
    private func keepLease() async {
        // By time as it passes: a clock that was set back must not make the lease look longer than others see it.
        var heldUntil = time.elapsed + configuration.lease
        var isSuspended = false
        await every(configuration.lease / 3) {
            let begun = time.elapsed
            do {
                try await stores.queue.renew(lease, until: time.now + configuration.lease, now: time.now)
                heldUntil = begun + configuration.lease
                dispatcher.retryStuck()
                if isSuspended {
                    isSuspended = false
                    logger.notice("lease.regained")
                    dispatcher.serve()
                    ready.store(true, ordering: .releasing)
                }
            } catch {
                logger.warning("lease.not_renewed", metadata: ["error": "\(error)"])
                guard !isSuspended, time.elapsed >= heldUntil else { return }
                isSuspended = true
                logger.error("lease.lost")
                ready.store(false, ordering: .releasing)
                dispatcher.suspend()
            }
        }
    }

    /// Every few seconds: fails what has expired on disk, and tells the database when the machine's clock has been set back.
    private func sweepAndWatchTheClock() async {
        // What the database has not been told yet.
        var owed: Duration = .zero
        await every(.seconds(5)) {
            for jump in dispatcher.takeClockJumps() {
                logger.warning("clock.set", metadata: ["seconds": "\(Int(jump.inSeconds.rounded()))"])
                if jump < .zero { owed -= jump }
            }
            if owed > .zero, await bringForward(by: owed) { owed = .zero }
            await dispatcher.sweep()
        }
    }

    /// - Returns: false when the database could not be told.
    private func bringForward(by jump: Duration) async -> Bool {
        do {
            let count = try await stores.queue.clockWasSetBack(by: jump, now: time.now)
            logger.notice("clock.waits_shortened", metadata: ["deliveries": "\(count)"])
            try await dispatcher.learnBacklog()
            if let due = try await stores.queue.nextReceiptDueAt() { dispatcher.receiptAlarm.set(due) }
            return true
        } catch {
            logger.warning("clock.waits_not_shortened", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func reap() async {
        do {
            let reaped = try await stores.queue.reap(now: time.now, alone: configuration.alone, lease: lease)
            guard reaped > 0 else { return }
            logger.notice("engine.reaped", metadata: ["deliveries": "\(reaped)"])
            try await dispatcher.learnBacklog()
        } catch {
            logger.warning("engine.reap_failed", metadata: ["error": "\(error)"])
        }
    }

    /// The net under what the process knows by itself: deliveries that another gateway or an operator's tool has queued.
    private func refreshBacklog() async {
        do { try await dispatcher.learnBacklog() } catch { logger.warning("engine.backlog_failed", metadata: ["error": "\(error)"]) }
    }

    private func tidy() async {
        do { try await stores.idempotency.tidy(now: time.now) } catch { logger.warning("engine.tidy_failed", metadata: ["error": "\(error)"]) }
    }

    /// Waits for what is under way, within the bound and a little for its last writes.
    private func drain() async {
        logger.info("engine.draining", metadata: ["held": "\(dispatcher.state.withLock(\.board.held))"])
        // The lease has to outlive the drain.
        try? await stores.queue.renew(lease, until: time.now + configuration.lease + configuration.drain, now: time.now)
        dispatcher.drain()
        await dispatcher.wait(for: dispatcher.settled, atMost: configuration.drain + .seconds(5))
    }

    private func end() async {
        let left = dispatcher.state.withLock(\.board.held)
        do {
            try await stores.queue.surrender(lease, now: time.now)
            logger.info("engine.ended", metadata: ["given_back": "\(left)"])
        } catch {
            // The next gateway's reaper does it.
            logger.warning("lease.not_surrendered", metadata: ["error": "\(error)", "held": "\(left)"])
        }
    }
}
