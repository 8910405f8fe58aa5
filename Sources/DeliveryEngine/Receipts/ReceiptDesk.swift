internal import Domain
internal import Logging
internal import Storage

/// Asks for the receipts that are due. They stand in the database, so a restart asks for them all the same.
struct ReceiptDesk: Sendable {
    let dispatcher: Dispatcher
    let rule: ReceiptRule

    private var stores: Stores { dispatcher.stores }
    private var time: any TimeSource { dispatcher.time }
    private static let page = 1_000

    func run() async {
        await askForTheNextTime()
        await dispatcher.receiptAlarm.run {
            await askForAllDue()
            await askForTheNextTime()
        }
    }

    private func askForTheNextTime() async {
        do {
            if let due = try await stores.queue.nextReceiptDueAt() { dispatcher.receiptAlarm.set(due) }
        } catch {
            dispatcher.receiptAlarm.set(time.now + .seconds(5))
        }
    }

    private func askForAllDue() async {
        do {
            while !Task.isCancelled {
                let due = try await stores.queue.dueReceipts(now: time.now, limit: Self.page)
                if due.isEmpty { return }
                try await ask(due)
            }
        } catch {
            dispatcher.logger.warning("receipts.unanswered", metadata: ["error": "\(error)"])
            // Without a pause a database that fails would be asked as fast as it can fail.
            try? await time.sleep(for: .seconds(5))
        }
    }

    /// Each lane's questions one after the other, all lanes at the same time.
    private func ask(_ due: [OpenReceipt]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (lane, receipts) in Dictionary(grouping: due, by: \.delivery.lane) {
                group.addTask { try await ask(receipts, in: lane) }
            }
            try await group.waitForAll()
        }
    }

    private func ask(_ receipts: [OpenReceipt], in lane: LaneKey) async throws {
        guard let provider = dispatcher.providers.provider(for: lane) as? any ReceiptProvider else {
            try await write(receipts.map { rule.settle($0, nil, now: time.now, unit: 0) }, lane)
            return
        }
        let limit = max(provider.receiptLimit, 1)
        for start in stride(from: 0, to: receipts.count, by: limit) {
            let some = receipts[start..<min(start + limit, receipts.count)]
            let answer = await provider.receipts(for: some.map(\.ticket), deadline: time.now + dispatcher.configuration.attemptTimeout)
            let now = time.now
            switch answer {
            case .answered(let outcomes):
                let judged = dispatcher.judge(outcomes, of: Array(some), in: lane)
                try await write(some.map { rule.settle($0, judged[$0.ticket], now: now, unit: dispatcher.unit()) }, lane)
            // A shutdown has cut the question short: it stays due.
            case .failed where Task.isCancelled: return
            case .failed(let outcome):
                if outcome.verdict == .credentialRefused { dispatcher.credentialRefused(lane, reason: outcome.reason ?? outcome.rule) }
                try await write(some.map { rule.postpone($0, after: outcome, now: now) }, lane)
            }
        }
    }

    private func write(_ settlements: [ReceiptSettlement], _ lane: LaneKey) async throws {
        try await stores.queue.settleReceipts(settlements, now: time.now)
        for settlement in settlements {
            guard let outcome = settlement.outcome else { continue }
            if outcome.verdict == .credentialRefused { dispatcher.credentialRefused(lane, reason: outcome.reason ?? outcome.rule) }
            if case .closed(.queued(let at, _), _) = settlement.action { dispatcher.note(lane, due: at) }
            if case .closed(.settled(let final), _) = settlement.action { dispatcher.count([(lane.provider, final)]) }
            dispatcher.log(settlement, outcome)
        }
    }
}

extension Dispatcher {
    /// What receipts say of tokens is held against what else the lane has been told, as what attempts say is.
    fileprivate func judge(_ outcomes: [String: Outcome], of receipts: [OpenReceipt], in key: LaneKey) -> [String: Outcome] {
        let answered = receipts.filter { outcomes[$0.ticket] != nil }
        guard !answered.isEmpty else { return outcomes }
        return change(in: [key]) { state, places, now in
            guard let place = places[key] else { return outcomes }
            let judged = state.board.receipts(
                answered.compactMap { outcomes[$0.ticket] }, of: { answered[$0].delivery }, in: place, now: now)
            return Dictionary(zip(answered.map(\.ticket), judged), uniquingKeysWith: { first, _ in first })
        }
    }

    /// A receipt, or the question for it, says that the credential is refused.
    func credentialRefused(_ key: LaneKey, reason: String) {
        change(in: [key]) { state, places, now in
            for index in places.values { state.board.credentialRefused(index, reason: reason, now: now) }
        }
    }

    fileprivate func log(_ settlement: ReceiptSettlement, _ outcome: Outcome) {
        let delivery = settlement.receipt.delivery
        let isGood = outcome.verdict == .accepted
        guard !isGood || logger.logLevel <= .debug else { return }
        logger.log(
            level: isGood ? .debug : .info, "delivery.receipt",
            metadata: [
                "delivery": "\(delivery.idText)", "lane": "\(delivery.lane)", "rule": "\(outcome.rule)", "reason": "\(outcome.reason ?? "")",
                "target": "\(Masking.mask(delivery.target.address))",
            ])
    }
}
