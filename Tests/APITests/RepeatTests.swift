import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Storage
import Synchronization
import Testing

@testable import API

/// `Idempotency-Key`: a POST happens once, however often it is sent.
struct RepeatTests {
    private static let b = "/api/v1/notifications"
    private static let e = "/api/v1/push-notifications"
    private static let message: JSON = ["user_id": "u", "title": "t", "body": "b", "odd": 1]

    @Test(arguments: [
        (b, message),
        (b + "/batch", ["targets": [["user_id": "u", "title": "t", "body": "b", "odd": 1]]] as JSON),
        (e, message),
        (e + "/batch", ["user_ids": ["u"], "payload": ["title": "t", "body": "b"], "odd": 1] as JSON),
        (e + "/device-tokens", ["user_id": "u", "token": "other", "platform": "ios", "odd": 1] as JSON),
        ("/api/v1/deliveries", ["to": ["user_id": "u"], "title": "t", "odd": 1] as JSON),
    ])
    func `the same request again gets the first answer again`(path: String, body: JSON) async throws {
        try await withWorld { world in
            try await world.register("t", of: "u")
            let first = try await world.call(.post, path, body, headers: [.idempotencyKey: "k1"])
            #expect([200, 201].contains(first.status))
            #expect(first.headers[.idempotencyReplayed] == nil)
            let sent = world.provider.sent.count
            let again = try await world.call(.post, path, body, headers: [.idempotencyKey: "k1"])
            #expect(again.status == first.status)
            #expect(again.json == first.json)
            #expect(again.headers[.contentType] == "application/json")
            #expect(again.headers[.idempotencyReplayed] == "true")
            #expect(again.headers[.warning] == first.headers[.warning] && again.headers[.warning] != nil)
            #expect(world.provider.sent.count == sent)
            let other = try await world.call(.post, path, text: body.text + " ", headers: [.idempotencyKey: "k1"])
            #expect(other.status == 422)
            #expect(other.errors == ["/Idempotency-Key"])
            let fresh = try await world.call(.post, path, body, headers: [.idempotencyKey: "k2"])
            #expect(fresh.headers[.idempotencyReplayed] == nil)
        }
    }

    @Test func `a key says nothing about another path`() async throws {
        try await withWorld { world in
            let first = try await world.call(.post, Self.b, Self.message, headers: [.idempotencyKey: "k"])
            let second = try await world.call(.post, Self.e, Self.message, headers: [.idempotencyKey: "k"])
            #expect(first.status == 201 && second.status == 201)
            #expect(second.headers[.idempotencyReplayed] == nil)
        }
    }

    @Test func `while the first is worked on, the second is told to come back`() async throws {
        try await withWorld { world in
            try await world.register("slow", of: "u")
            world.provider.hold("slow")
            async let first = world.call(.post, Self.b, Self.message, headers: [.idempotencyKey: "k"])
            await world.provider.untilHeld()
            let second = try await world.call(.post, Self.b, Self.message, headers: [.idempotencyKey: "k"])
            #expect(second.status == 409)
            #expect(second.headers[.retryAfter] == "1")
            world.provider.release()
            let answer = try await first
            #expect(answer.status == 201)
            #expect(try await world.call(.post, Self.b, Self.message, headers: [.idempotencyKey: "k"]).json == answer.json)
            #expect(world.provider.sent.count == 1)
        }
    }

    /// Over real connections, so that nothing but the database puts them in order.
    @Test(arguments: ["/api/v1/deliveries", b, b + "/batch", e + "/batch"])
    func `of fifty equal requests at the same moment one is carried out, and all are told the same`(path: String) async throws {
        let body: JSON =
            switch path {
            case Self.b: Self.message
            case Self.b + "/batch": ["targets": [Self.message]]
            case Self.e + "/batch": ["user_ids": ["u"], "payload": ["title": "t", "body": "b"]]
            default: ["to": ["user_id": "u"], "title": "t"]
            }
        try await withWorld(.live) { world in
            try await world.register("t", of: "u")
            let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        while true {
                            let reply = try await world.call(.post, path, body, headers: [.idempotencyKey: "k"])
                            // As documented: one of them is at it, and a later repeat is told what came of it.
                            guard reply.status == 409 else { return reply }
                            #expect(reply.headers[.retryAfter] == "1")
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.count == 50 && Set(replies.map(\.json.text)).count == 1)
            #expect(replies.count { $0.headers[.idempotencyReplayed] == nil } == 1)
            #expect(world.provider.sent.count == 1)
            #expect(try await world.call(.get, "/api/v1/deliveries").json["pagination"]?["total"] == 1)
        }
    }

    @Test func `a request that is refused leaves its key free`() async throws {
        try await withWorld { world in
            let refused = try await world.call(.post, Self.b, ["user_id": "u"], headers: [.idempotencyKey: "k"])
            #expect(refused.status == 422)
            let accepted = try await world.call(.post, Self.b, Self.message, headers: [.idempotencyKey: "k"])
            #expect(accepted.status == 201)
        }
    }

    /// A gateway died between enqueueing and answering: its successor makes the answer from what was enqueued.
    @Test(arguments: [true, false])
    func `a repeat after a crash tells what was enqueued before it`(isBatch: Bool) async throws {
        try await withWorld { world in
            let path = isBatch ? Self.b + "/batch" : Self.b
            let body: JSON = isBatch ? ["targets": ["bad", Self.message]] : Self.message
            let key = IdempotencyKey(caller: "open:org_default", operation: "POST \(path)", key: "k")
            let dead = Lease(holder: "dead")
            let now = SystemTime().now
            _ = try await world.stores.idempotency.claim(key, bodyHash: Self.hash(of: body), now: now, lease: dead)
            let lost = Notification(
                id: "notif_lost", orgID: "org_default", contract: .pushDispatcher, userID: "u", content: Content(title: "t", body: "b"),
                batchID: "batch_lost", createdAt: now, error: "No device.")
            try await world.stores.queue.insert(
                [NewNotification(notification: lost, deliveries: [])], lease: dead,
                idempotency: IdempotencyMark(key: key, reference: isBatch ? "batch_lost" : "notif_lost"))
            for isReplay in [false, true] {
                let reply = try await world.call(.post, path, body, headers: [.idempotencyKey: "k"])
                #expect(reply.headers[.idempotencyReplayed] == (isReplay ? "true" : nil))
                if isBatch {
                    #expect(reply.json["batch_id"]?.string == "batch_lost")
                    #expect(reply.json["results"]?.array?.map { $0["notification_id"] } == [.null, "notif_lost"])
                } else {
                    #expect(reply.status == 201)
                    #expect(reply.json["id"]?.string == "notif_lost")
                    #expect(reply.json["error"]?.string == "No device.")
                }
            }
            #expect(try await world.call(.get, Self.b).json["pagination"]?["total"]?.integer == 1)
        }
    }

    @Test(arguments: ["", "/push"])
    func `a repeat after a crash tells which recipients were written to before it`(call: String) async throws {
        try await withWorld { world in
            let path = Self.b + call
            let body: JSON = ["recipient_ids": ["ada", "bob"], "type": "t", "title": "t", "body": "b"]
            let key = IdempotencyKey(caller: "open:org_default", operation: "POST \(path)", key: "k")
            let dead = Lease(holder: "dead")
            let now = SystemTime().now
            _ = try await world.stores.idempotency.claim(key, bodyHash: Self.hash(of: body), now: now, lease: dead)
            let lost = ["ada", "bob"].map { user in
                var notification = Notification(
                    id: user == "ada" ? "notif_lost" : "notif_other", orgID: "org_default", contract: .coordinatorNotifications, userID: user,
                    content: Content(title: "t", body: "b"), category: "t", batchID: "notif_lost", createdAt: now)
                notification.tally = Tally(targeted: 1, reached: 1)
                return NewNotification(notification: notification, deliveries: [])
            }
            try await world.stores.queue.insert(lost, lease: dead, idempotency: IdempotencyMark(key: key, reference: "notif_lost"))
            let reply = try await world.call(.post, path, body, headers: [.idempotencyKey: "k"])
            if call.isEmpty {
                #expect(reply.status == 201 && reply.json["notification_id"] == "notif_lost" && reply.json["recipient_ids"] == ["ada", "bob"])
            } else {
                #expect(reply.status == 200 && reply.json["sent_to"] == ["ada", "bob"])
            }
            #expect(try await world.call(.get, Self.b).json["pagination"]?["total"] == 2)
        }
    }

    @Test(arguments: [
        ("/api/v1/notifications", #"{"recipient_ids": ["ada"], "type": "t", "title": "t", "body": "b"}"#),
        ("/api/v1/notifications", #"{"user_id": "ada", "title": "t", "body": "b"}"#),
        ("/api/v1/push-notifications", #"{"user_id": "ada", "title": "t", "body": "b"}"#),
        ("/api/v1/push-notifications/device-tokens", #"{"user_id": "ada", "token": "t", "platform": "android"}"#),
        ("/api/v1/deliveries", #"{"to": {"user_id": "ada"}, "title": "t"}"#),
    ])
    func `a repeat is answered as the first time though the recipient has moved out of reach since`(path: String, body: String) async throws {
        try await withWorld(isServing: false) { world in
            let first = try await world.call(.post, path, text: body, headers: [.idempotencyKey: "k"])
            let moved: [DirectoryEntry] = [
                .organisation(Organisation(id: "org_other", name: "Other")), .user(User(id: "ada", orgID: "org_other")),
            ]
            _ = try await world.stores.directory.put(moved, scope: .all)
            let again = try await world.call(.post, path, text: body, headers: [.idempotencyKey: "k"])
            #expect(again.status == first.status && again.status < 300 && again.json == first.json)
            #expect(try await world.call(.post, path, text: body).status == 404)
        }
    }

    private static func hash(of body: JSON) -> String { Repeats.hash(ByteBuffer(bytes: body.bytes)) }

    private static let refusal = StorageError.diskFull("test")

    /// Work whose end the database would not take: nobody is told 409 for it for the rest of the day.
    @Test func `an answer that could not be kept is given again all the same`() async throws {
        try await withWorld(isServing: false) { world in
            let repeats = Self.repeats(world)
            let post = Self.post(key: "k")
            let first = try await repeats.once(post) { _ in
            } answer: {
                world.database.refuseWrites(with: Self.refusal)
                return Answer(["n": 1])
            } resume: { _ in
                throw Problem.internalError
            }
            #expect(first.body == (["n": 1] as JSON).bytes)
            world.database.refuseWrites(with: nil)
            for _ in 0..<2 {
                let again = try await repeats.once(post) { _ in
                    Issue.record("done twice")
                } answer: {
                    Answer(["n": 2])
                } resume: { _ in
                    throw Problem.internalError
                }
                #expect(again.body == first.body)
                #expect(again.headers[.idempotencyReplayed] == "true")
            }
        }
    }

    @Test func `work that failed while the disk was full may be tried again`() async throws {
        try await withWorld(isServing: false) { world in
            let repeats = Self.repeats(world)
            let post = Self.post(key: "k")
            await #expect(throws: StorageError.self) {
                try await repeats.once(post) { _ in
                    world.database.refuseWrites(with: Self.refusal)
                    throw Self.refusal
                } answer: {
                    Answer(["n": 1])
                } resume: { _ in
                    throw Problem.internalError
                }
            }
            world.database.refuseWrites(with: nil)
            let second = try await repeats.once(post) { _ in
            } answer: {
                Answer(["n": 2])
            } resume: { _ in
                throw Problem.internalError
            }
            #expect(second.body == (["n": 2] as JSON).bytes)
        }
    }

    @Test func `an answer that could not be made from what was enqueued is made at the next repeat`() async throws {
        try await withWorld(isServing: false) { world in
            let repeats = Self.repeats(world)
            let post = Self.post(key: "k")
            let key = try #require(post.key)
            let dead = Lease(holder: "dead")
            _ = try await world.stores.idempotency.claim(key, bodyHash: Repeats.hash(post.body), now: SystemTime().now, lease: dead)
            let lost = Notification(id: "n", orgID: "o", contract: .direct, userID: nil, content: Content(), createdAt: SystemTime().now)
            try await world.stores.queue.insert(
                [NewNotification(notification: lost, deliveries: [])], lease: dead, idempotency: IdempotencyMark(key: key, reference: "n"))
            await #expect(throws: StorageError.self) {
                try await repeats.once(post) { _ in
                    Issue.record("done twice")
                } answer: {
                    Answer(["n": 1])
                } resume: { _ in
                    throw Self.refusal
                }
            }
            let second = try await repeats.once(post) { _ in
                Issue.record("done twice")
            } answer: {
                Answer(["n": 2])
            } resume: { reference in
                Answer(["resumed": .string(reference)])
            }
            #expect(second.body == (["resumed": "n"] as JSON).bytes)
        }
    }

    @Test func `work in steps that failed in the middle is carried on, and begun once`() async throws {
        try await withWorld(isServing: false) { world in
            let repeats = Self.repeats(world)
            let post = Self.post(key: "k")
            let begun = Mutex(0)
            func run(_ finish: (String) async throws -> Answer) async throws -> Answer {
                try await repeats.inSteps(post) { key in
                    begun.withLock { $0 += 1 }
                    let notification = Notification(
                        id: "n", orgID: "o", contract: .direct, userID: nil, content: Content(), createdAt: SystemTime().now)
                    try await world.stores.queue.insert(
                        [NewNotification(notification: notification, deliveries: [])], lease: Lease(holder: "test"),
                        idempotency: key.map { IdempotencyMark(key: $0, reference: "work") })
                    return "work"
                } finish: {
                    try await finish($0)
                } replay: { stored in
                    Answer(["replayed": .string(stored.body)])
                }
            }
            for _ in 0..<2 {
                await #expect(throws: StorageError.self) { try await run { _ in throw Self.refusal } }
            }
            // As long as one is at it, another is told so.
            let first = try await run { reference in
                let conflict = await #expect(throws: Problem.self) { try await run { _ in Answer([:]) } }
                #expect(conflict?.status == .conflict)
                return Answer(["finished": .string(reference)])
            }
            #expect(first.body == (["finished": "work"] as JSON).bytes)
            let again = try await run { _ in
                Issue.record("done twice")
                return Answer([:])
            }
            #expect(again.headers[.idempotencyReplayed] == "true")
            #expect(again.body == Answer(["replayed": .string(String(decoding: first.body, as: UTF8.self))]).body)
            #expect(begun.withLock { $0 } == 1)
        }
    }

    @Test func `work in steps that could not be begun leaves its key free`() async throws {
        try await withWorld(isServing: false) { world in
            let repeats = Self.repeats(world)
            for isRefused in [true, false] {
                let answer = try? await repeats.inSteps(Self.post(key: "k")) { _ in
                    if isRefused { throw Self.refusal }
                    return "work"
                } finish: {
                    Answer(["finished": .string($0)])
                } replay: { _ in
                    throw Problem.internalError
                }
                #expect((answer == nil) == isRefused)
            }
        }
    }

    private static func repeats(_ world: World) -> Repeats {
        Repeats(store: world.stores.idempotency, lease: { Lease(holder: "test") }, time: SystemTime(), logger: world.log.logger)
    }

    private static func post(key: String) -> Post {
        Post(
            caller: Caller(id: "c", orgID: "o", scope: .all, standing: .open), path: "/x", preference: Preference([:], limit: .zero),
            key: IdempotencyKey(caller: "c", operation: "POST /x", key: key), body: ByteBuffer(string: "{}"))
    }
}
