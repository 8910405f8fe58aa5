internal import Domain
internal import Logging
internal import Storage
internal import Synchronization

extension Dispatcher {
    /// Writes what comes back, until nothing is held any more after a drain, or until cancellation.
    ///
    /// One write at a time: while it commits, the next gathers. A write that fails is repeated for as long as the gateway lives; what it holds keeps
    /// its place in the windows, so that a full disk slows sending down instead of losing what providers have said.
    func settle() async {
        while !Task.isCancelled {
            let (results, releases, trips) = takeWrites()
            if results.isEmpty, releases.isEmpty, trips.isEmpty {
                if state.withLock({ $0.isDraining && $0.board.held == 0 }) { return settled.close() }
                await settling.wait()
                continue
            }
            if !results.isEmpty { await writeInPieces(results) }
            if !releases.isEmpty { await release(releases) }
            for trip in trips { await giveBack(trip) }
            if releases.contains(where: { $0.cause == .expired }) { await sweep() }
        }
    }

    /// What is taken at once.
    private static let written = 256

    private func takeWrites() -> (results: [Result], releases: [Switchboard.Release], trips: [GuardRail.Trip]) {
        state.withLock { state in
            let results = Self.take(Self.written, from: &state.results)
            let releases = Self.take(Self.written, from: &state.releases)
            // What died before the trip has to be on disk before it is given back.
            let trips = state.results.isEmpty ? Self.take(.max, from: &state.trips) : []
            return (results, releases, trips)
        }
    }

    private static func take<Element>(_ limit: Int, from list: inout [Element]) -> [Element] {
        guard list.count > limit else {
            defer { list = [] }
            return list
        }
        defer { list.removeFirst(limit) }
        return Array(list.prefix(limit))
    }

    /// What one operation of the writer holds: who writes little waits for the one under way. Where nobody does, those of one taking share a transaction.
    private static let piece = 64

    private func writeInPieces(_ results: [Result]) async {
        guard results.count > Self.piece else { return await write(results) }
        await withTaskGroup { group in
            for start in stride(from: 0, to: results.count, by: Self.piece) {
                group.addTask { await self.write(Array(results[start..<min(start + Self.piece, results.count)])) }
            }
        }
    }

    private func write(_ results: [Result]) async {
        let written: [Bool]?
        do {
            written = try await persistently { try await stores.queue.settle(results.map(\.settlement), lease: lease) }
        } catch {
            // A single result that can't be written must not hold up the others.
            guard results.count == 1 else {
                await write(Array(results[..<(results.count / 2)]))
                await write(Array(results[(results.count / 2)...]))
                return
            }
            logger.error(
                "delivery.settle_failed", metadata: ["delivery": "\(results[0].settlement.delivery.idText)", "error": "\(error)"])
            state.withLock { $0.stuck += results }
            return
        }
        guard let written else { return }
        let news = change { state, _ in
            var news: [WaitingRoom.News] = []
            // The last first: what is to be tried again at once is put at the head of its line, and keeps its order so.
            for index in results.indices.reversed() {
                if let one = Self.apply(results[index], isWritten: written[index], to: &state) { news.append(one) }
            }
            return news
        }
        room.settled(news)
        for (result, isWritten) in zip(results, written) {
            if !isWritten {
                logger.debug("delivery.lease_lost", metadata: ["delivery": "\(result.settlement.delivery.idText)"])
            } else if let due = result.settlement.receiptDueAt {
                receiptAlarm.set(due)
            }
        }
    }

    /// What a result on disk means for the lane. Gives the news for those who wait.
    private static func apply(_ result: Result, isWritten: Bool, to state: inout State) -> WaitingRoom.News? {
        let settlement = result.settlement
        guard isWritten else {
            state.board.letGo(1, in: result.lane)
            return nil
        }
        switch settlement.next {
        case .settled(let final):
            state.board.letGo(1, in: result.lane)
            state.counts.countSettled(settlement.delivery.lane.provider, final)
            return (settlement.delivery.notificationID, final, settlement.error)
        case .awaitingReceipt:
            state.board.letGo(1, in: result.lane)
            return (settlement.delivery.notificationID, .sent, nil)
        case .queued(let at, _):
            state.board.letGo(1, in: result.lane)
            state.board.note(due: at, in: result.lane)
        case .again:
            let claim = result.claim
            // With another version of the credential it is a first attempt again.
            let changes = settlement.outcome.verdict == .refreshed(afterwards: .otherVersion)
            state.board.handBack(
                Claim(
                    claim.message.afterHeldAttempt(), group: claim.group, isRefreshed: !changes, splits: claim.splits,
                    changes: claim.changes + (changes ? 1 : 0)), to: result.lane)
        case .split(let label):
            let claim = result.claim
            state.board.handBack(
                Claim(
                    claim.message.afterHeldAttempt(), group: label, isRefreshed: claim.isRefreshed, splits: claim.splits + 1, changes: claim.changes),
                to: result.lane)
        }
        return nil
    }

    private func release(_ releases: [Switchboard.Release]) async {
        let now = time.now
        let done: Void?
        do {
            done = try await persistently { try await stores.queue.release(releases.map { $0.returned(at: now) }, lease: lease) }
        } catch {
            logger.error("delivery.release_failed", metadata: ["deliveries": "\(releases.count)", "error": "\(error)"])
            state.withLock { $0.releases += releases }
            try? await time.sleep(for: .seconds(1))
            return
        }
        guard done != nil else { return }
        change { state, now in
            for release in releases {
                state.board.letGo(1, in: release.lane)
                switch release.cause {
                case .stopped: state.board.note(due: now, in: release.lane)
                case .target(let hold), .quota(let hold): state.board.note(due: hold.until, in: release.lane)
                case .expired: break
                }
            }
        }
    }

    /// A guard rail has tripped: the tokens that had died of the same word just before are active again, and somebody is told.
    private func giveBack(_ trip: GuardRail.Trip) async {
        var revived = 0
        do {
            let tokens = trip.deaths.map { (orgID: $0.orgID, token: $0.token, since: $0.at, reason: $0.reason) }
            revived = try await persistently { try await stores.tokens.revive(tokens) } ?? 0
        } catch {
            logger.error("guard_rail.not_given_back", metadata: ["lane": "\(trip.lane)", "error": "\(error)"])
        }
        change { [revived] state, _ in state.board.revived(revived, in: trip.lane) }
        logger.error(
            "guard_rail.tripped",
            metadata: [
                "lane": "\(trip.lane)", "rule": "\(trip.state.rule)", "alike": "\(trip.state.alike)", "verdicts": "\(trip.state.verdicts)",
                "revived": "\(revived)",
            ])
    }

    /// Fails what waits on disk beyond its deadline.
    func sweep() async {
        let limit = 500
        while true {
            do {
                let expired = try await stores.queue.expire(now: time.now, limit: limit)
                room.settled(expired.map { ($0.notificationID, .failed, $0.error) })
                count(expired.lazy.map { ($0.lane.provider, .failed) })
                for delivery in expired {
                    logger.notice("delivery.expired", metadata: ["delivery": "\(delivery.idText)", "lane": "\(delivery.lane)"])
                }
                if expired.count < limit { return }
            } catch {
                // The periodic sweep comes again.
                logger.warning("delivery.sweep_failed", metadata: ["error": "\(error)"])
                return
            }
        }
    }

    /// Deliveries have been settled otherwise than by an attempt.
    func count(_ settled: some Sequence<(ProviderName, DeliveryState)>) {
        state.withLock { state in
            for (provider, final) in settled { state.counts.countSettled(provider, final) }
        }
    }

    /// Results that could not be written one by one have another try.
    func retryStuck() {
        change { state, _ in
            state.results += state.stuck
            state.stuck = []
        }
    }

    /// Repeats a write until it succeeds; nil when the task was cancelled first. Throws only what repeating can't mend.
    private func persistently<T: Sendable>(_ write: () async throws -> T) async throws -> T? {
        var pause: Duration = .milliseconds(100)
        var hasFailed = false
        while true {
            do {
                let answer = try await write()
                if hasFailed { logger.notice("storage.recovered") }
                return answer
            } catch StorageError.statement(let text) {
                throw StorageError.statement(text)
            } catch {
                if !hasFailed { logger.error("storage.unwritable", metadata: ["error": "\(error)", "held": "\(state.withLock(\.board.held))"]) }
                hasFailed = true
                do { try await time.sleep(for: pause) } catch { return nil }
                pause = min(pause * 2, .seconds(5))
            }
        }
    }
}

extension Switchboard.Release {
    /// As it waits on disk from now on.
    fileprivate func returned(at now: Timestamp) -> Returned {
        let delivery = claim.delivery
        switch cause {
        case .stopped, .expired: return Returned(delivery.id, nextAttemptAt: now)
        case .target(let hold):
            return Returned(
                delivery.id, nextAttemptAt: hold.until, reason: hold.reason, error: FaultWords.target(of: delivery.lane.provider, hold))
        case .quota(let hold):
            return Returned(delivery.id, nextAttemptAt: hold.until, reason: hold.reason, error: FaultWords.quota(of: delivery.lane.provider, hold))
        }
    }
}

extension OutboundMessage {
    /// As the database counts it: an attempt was made, and does not count against the limit.
    fileprivate func afterHeldAttempt() -> OutboundMessage {
        var delivery = delivery
        delivery.attempts += 1
        delivery.heldAttempts += 1
        return OutboundMessage(delivery: delivery, content: content, place: place)
    }
}
