import Crypto
import Domain
import HTTPTypes
import Logging
import NIOCore
import Storage

/// Makes a POST with an `Idempotency-Key` happen once, however often it is sent.
struct Repeats: Sendable {
    let store: IdempotencyStore
    /// This gateway's, as the engine holds it.
    let lease: @Sendable () -> Lease
    let time: any TimeSource
    let logger: Logger
    private let unsettled = Unsettled()

    init(store: IdempotencyStore, lease: @Sendable @escaping () -> Lease, time: any TimeSource, logger: Logger) {
        self.store = store
        self.lease = lease
        self.time = time
        self.logger = logger
    }

    /// - Parameter act: does the work and makes it durable, all or nothing; it alone may fail.
    /// - Parameter answer: tells what was done. It can't fail, because by now something has happened that must be told.
    /// - Parameter resume: makes the answer from the reference under which a gateway that died had already enqueued the work.
    func once<Done: Sendable>(
        _ post: Post, act: (IdempotencyKey?) async throws -> Done, answer: (consuming Done) async -> Answer, resume: (String) async throws -> Answer
    ) async throws -> Answer {
        var result: Answer
        if let key = post.key {
            result = try await once(key, post.body, act: act, answer: answer, resume: resume)
        } else {
            result = await answer(try await act(nil))
        }
        result.warn(ofUnknown: post.unknown)
        return result
    }

    /// As `once`, for work that is made durable in steps: `begin` writes down under which reference, `finish` carries it on from wherever it stands,
    /// at once or at a repeat after a fault or a crash, and `replay` tells again what it came to.
    func inSteps<Reply: KeptAnswer>(
        _ post: Post, begin: (IdempotencyKey?) async throws -> String, finish: (String) async throws -> Reply,
        replay: (StoredAnswer) async throws -> Reply
    ) async throws -> Reply {
        var result: Reply
        if let key = post.key {
            switch try await claim(key, post.body) {
            case .fresh:
                let reference = try await abandoning(key) { try await begin(key) }
                result = try await resume(key, reference, finish)
            case .resume(let reference): result = try await resume(key, reference, finish)
            case .replay(let stored):
                result = try await replay(stored)
                result.headers[.idempotencyReplayed] = "true"
            case .running: throw Self.running
            case .mismatch: throw Self.mismatch
            }
        } else {
            result = try await finish(try await begin(nil))
        }
        result.headers.warn(ofUnknown: post.unknown)
        return result
    }

    private func once<Done: Sendable>(
        _ key: IdempotencyKey, _ body: ByteBuffer, act: (IdempotencyKey?) async throws -> Done, answer: (consuming Done) async -> Answer,
        resume: (String) async throws -> Answer
    ) async throws -> Answer {
        switch try await claim(key, body) {
        case .fresh: return await complete(key, await answer(try await abandoning(key) { try await act(key) }))
        case .resume(let reference): return try await self.resume(key, reference, resume)
        case .replay(let stored):
            var replayed = Answer(stored)
            replayed.headers[.idempotencyReplayed] = "true"
            return replayed
        case .running: throw Self.running
        case .mismatch: throw Self.mismatch
        }
    }

    /// Work that may fail before anything is durable: then the key is free again.
    private func abandoning<Done: Sendable>(_ key: IdempotencyKey, _ act: () async throws -> Done) async throws -> Done {
        do {
            return try await act()
        } catch {
            await settle(key, as: .abandoned)
            throw error
        }
    }

    /// Work of which something is durable: when it fails, the next repeat tries again.
    private func resume<Reply: KeptAnswer>(
        _ key: IdempotencyKey, _ reference: String, _ work: (String) async throws -> Reply
    ) async throws -> Reply {
        do {
            return await complete(key, try await work(reference))
        } catch {
            await settle(key, as: .enqueued(reference: reference))
            throw error
        }
    }

    private static var running: Problem {
        var problem = Problem.conflict("A request with this Idempotency-Key is still being worked on.")
        problem.kind = "idempotency-running"
        problem.headers[.retryAfter] = "1"
        return problem
    }

    private static var mismatch: Problem {
        var faults = Faults()
        faults.add("/Idempotency-Key", "this Idempotency-Key was used with another body before; use a new key for a new request")
        return .invalid(faults)
    }

    private func claim(_ key: IdempotencyKey, _ body: ByteBuffer) async throws -> IdempotencyStore.Claim {
        let claim = try await store.claim(key, bodyHash: Self.hash(body), now: time.now, lease: lease())
        guard case .running = claim, let end = unsettled.take(key) else { return claim }
        switch end {
        case .abandoned: return .fresh
        case .enqueued(let reference): return .resume(reference: reference)
        case .answered(let stored):
            await settle(key, as: .answered(stored))
            return .replay(stored)
        }
    }

    private func complete<Reply: KeptAnswer>(_ key: IdempotencyKey, _ answer: Reply) async -> Reply {
        await settle(key, as: .answered(answer.stored))
        return answer
    }

    /// What happened has happened: a key whose end can't be written is remembered here, or it would answer 409 until this process ends.
    private func settle(_ key: IdempotencyKey, as end: Unsettled.End) async {
        do {
            switch end {
            case .abandoned: try await store.abandon(key)
            case .answered(let stored): try await store.complete(key, answer: stored)
            case .enqueued: unsettled.put(key, end)
            }
        } catch {
            logger.warning("idempotency key not settled", metadata: ["error": .string(String(describing: error))])
            unsettled.put(key, end)
        }
    }

    static func hash(_ body: ByteBuffer) -> String {
        var hasher = SHA256()
        hasher.update(data: body.readableBytesView)
        return hasher.finalize().hex
    }
}
