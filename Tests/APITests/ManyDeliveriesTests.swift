import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import Testing

@testable import API

/// Retry, cancel and export of whatever a filter lets through.
struct ManyDeliveriesTests {
    private static let path = "/api/v1/deliveries"

    private static func send(_ world: World, _ count: Int, _ body: JSONObject = [:]) async throws {
        for number in 0..<count {
            var message: JSONObject = ["to": ["token": .string("bad"), "platform": "web"], "title": .string("t\(number)")]
            for member in body.members { message[member.key] = member.value }
            _ = try await world.call(.post, path, .object(message))
        }
    }

    private static func total(_ world: World, _ query: String) async throws -> Int64? {
        try await world.call(.get, "\(path)?\(query)").json["pagination"]?["total"]?.integer
    }

    @Test func `a dry run tells what would be done, by the rules of the real one, and changes nothing`() async throws {
        try await withWorld { world in
            world.provider.answer("bad", .rejected)
            try await Self.send(world, 7)
            let before = world.provider.sent.count
            let dry = try await world.call(.post, Self.path + "/retry", ["provider": "fcm", "dry_run": true])
            #expect(dry.status == 200)
            #expect(dry.json["matched"] == 7 && dry.json["eligible"] == 7 && dry.json["changed"] == 0 && dry.json["cursor"] == .null)
            #expect(dry.json["groups"] == [["state": "failed", "provider": "fcm", "reason": "Scripted", "count": 7]])
            #expect(dry.json["sample"]?.array?.count == 5 && !dry.json.text.contains("\"bad\""))
            #expect(world.provider.sent.count == before)
            #expect(try await Self.total(world, "state=failed") == 7)
            world.provider.answer("bad", .accepted)
            let done = try await world.call(.post, Self.path + "/retry", ["reason": "Scripted", "credential": "main"])
            #expect(done.json["matched"] == 7 && done.json["changed"] == 7)
            try await until("all went out again") { try await Self.total(world, "state=delivered") == 7 }
            #expect(world.provider.sent.count == before + 7)
            let again = try await world.call(.post, Self.path + "/retry", ["reason": "Scripted"])
            #expect(again.json["matched"] == 0)
        }
    }

    @Test func `everything has to be said in as many words`() async throws {
        try await withWorld { world in
            world.provider.answer("bad", .rejected)
            try await Self.send(world, 2)
            for body in [[:], ["state": "failed"], ["resaon": "Scripted"], ["all": false]] as [JSON] {
                let refused = try await world.call(.post, Self.path + "/retry", body)
                #expect(refused.status == 422 && refused.errors == ["/all"], "\(body.text)")
            }
            let both = try await world.call(.post, Self.path + "/retry", ["all": true, "provider": "smtp", "dry_run": true])
            #expect(both.status == 200 && both.json["matched"] == 0, "a filter narrows what `all` says")
            for (body, pointer) in [
                (["all": true, "limit": 0], "/limit"), (["all": true, "cursor": "x"], "/cursor"),
                (["state": "delivered", "provider": "fcm"], "/state"),
                (["user_id": ""], "/user_id"), (["provider": "pigeon"], "/provider"), (["from": "yesterday"], "/from"),
            ] as [(JSON, String)] {
                #expect(try await world.call(.post, Self.path + "/retry", body).errors == [pointer], "\(body.text)")
            }
            #expect(world.provider.sent.count == 2)
            let all = try await world.call(.post, Self.path + "/retry", ["all": true])
            #expect(all.json["changed"] == 2)
        }
    }

    @Test func `a call does so many, and the next one goes on behind them`() async throws {
        try await withWorld(isServing: false) { world in
            try await Self.send(world, 11)
            var cursor: String?
            var calls: [Int64?] = []
            repeat {
                var body: JSONObject = ["all": true, "limit": 4]
                if let cursor { body["cursor"] = .string(cursor) }
                let reply = try await world.call(.post, Self.path + "/cancel", .object(body))
                calls.append(reply.json["changed"]?.integer)
                cursor = reply.json["cursor"]?.string
            } while cursor != nil
            #expect(calls == [4, 4, 3])
            #expect(try await Self.total(world, "state=cancelled") == 11)
            #expect(try await Self.total(world, "state=queued") == 0)
        }
    }

    @Test func `what a retry could not help is left, counted and explained, alone and among many`() async throws {
        try await withWorld { world in
            world.provider.answer("bad", .rejected)
            let soon = (SystemTime().now + .seconds(2)).rfc3339Seconds
            try await Self.send(world, 1, ["expires_at": .string(soon)])
            world.provider.answer("gone@example.org", .recipientGone(asOf: nil), reason: "5.1.1")
            let mail = try await world.call(.post, Self.path, ["to": ["email": "gone@example.org"], "title": "t", "body": "b"])
            #expect(mail.json["status"] == "failed")
            let many = try await world.call(.post, Self.path + "/retry", ["provider": "smtp", "dry_run": true])
            #expect(many.json["skipped"] == [["why": "suppressed", "count": 1]] && many.json["eligible"] == 0)
            let alone = try await world.call(.post, "\(Self.path)/\(try #require(mail.json["deliveries"]?[0]?["id"]?.string))/retry")
            #expect(alone.status == 409 && alone.json["detail"]?.string?.contains("suppression list") == true)
            try await until("the deadline has passed") {
                let late = try await world.call(.post, Self.path + "/retry", ["provider": "fcm", "dry_run": true])
                return late.json["skipped"] == [["why": "expired", "count": 1]]
            }
        }
    }

    @Test func `a retry with a key happens once, and one without is never swallowed`() async throws {
        try await withWorld { world in
            world.provider.answer("bad", .rejected)
            try await Self.send(world, 1)
            let first = try await world.call(.post, Self.path + "/retry", ["provider": "fcm"], headers: [.idempotencyKey: "k"])
            #expect(first.json["changed"] == 1)
            try await until("it has failed again") { try await Self.total(world, "state=failed") == 1 }
            let repeated = try await world.call(.post, Self.path + "/retry", ["provider": "fcm"], headers: [.idempotencyKey: "k"])
            #expect(repeated.json == first.json && repeated.headers[.idempotencyReplayed] == "true")
            #expect(world.provider.sent.count == 2)
            let other = try await world.call(.post, Self.path + "/retry", ["provider": "smtp"], headers: [.idempotencyKey: "k"])
            #expect(other.status == 422)
            #expect(try await world.call(.post, Self.path + "/retry", ["provider": "fcm"]).json["changed"] == 1)
            try await until("it has gone out a third time") { world.provider.sent.count == 3 }
        }
    }

    @Test func `two retries at the same moment are one more attempt, and its story tells who`() async throws {
        try await withWorld(.live) { world in
            world.provider.answer("bad", .rejected)
            try await Self.send(world, 1)
            let id = try #require(try await world.call(.get, Self.path).json["data"]?[0]?["id"]?.string)
            world.provider.hold("bad")
            let answers = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        number.isMultiple(of: 2)
                            ? try await world.call(.post, "\(Self.path)/\(id)/retry").status == 200 ? 1 : 0
                            : Int(try await world.call(.post, Self.path + "/retry", ["provider": "fcm"]).json["changed"]?.integer ?? 0)
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(answers == 1)
            world.provider.release()
            try await until("it has failed again") { try await Self.total(world, "state=failed") == 1 }
            #expect(world.provider.sent.count == 2)
            let timeline = try await world.call(.get, "\(Self.path)/\(id)").json["timeline"]?.array ?? []
            #expect(timeline.compactMap { $0["event"]?.string } == ["accepted", "queued", "attempt", "retried", "attempt", "failed"])
        }
    }

    @Test func `an export is the list, a line each, in JSON and in CSV`() async throws {
        try await withWorld { world in
            world.provider.answer("bad", .rejected, reason: "=HYPERLINK(\"http://evil.example\")", detail: "d")
            try await Self.send(world, 3)
            _ = try await world.call(.post, Self.path, ["to": ["email": "ada@example.org"], "title": "t", "body": "b"])
            let list = try await world.call(.get, Self.path).json["data"]
            let lines = try await world.call(.get, Self.path + "/export").text
            #expect(lines.hasSuffix("\n"))
            #expect(try lines.split(separator: "\n").map { try JSON(parsing: String($0)) } == list?.array)
            let csv = try await world.call(.get, Self.path + "/export?format=csv&state=failed")
            #expect(csv.headers[.contentType] == "text/csv; charset=utf-8")
            let rows = csv.text.components(separatedBy: "\r\n")
            #expect(rows.count == 5 && rows[0].hasPrefix("id,notification_id,") && rows[4].isEmpty)
            #expect(rows[1].contains("\"'=HYPERLINK(\"\"http://evil.example\"\")\""))
            #expect(!csv.text.contains(",=") && !csv.text.contains("\"="))
            let first = try await world.call(.get, Self.path + "/export?limit=1&format=csv").text.components(separatedBy: "\r\n")[1]
            let rest = try await world.call(.get, "\(Self.path)/export?cursor=\(first.prefix { $0 != "," })").text
            #expect(rest.split(separator: "\n").count == 3)
            for query in ["format=xlsx", "limit=0", "cursor=x", "state=lost"] {
                #expect(try await world.call(.get, "\(Self.path)/export?\(query)").status == 422, "\(query)")
            }
        }
    }

    @Test(arguments: [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), ("=1+1", "\"'=1+1\""), ("+49", "\"'+49\""), ("-2", "\"'-2\""),
        ("@SUM(A1)", "\"'@SUM(A1)\""), ("\tx", "\"'\tx\""), ("two\nlines", "\"two\nlines\""), ("", ""), ("＝1", "\"'＝1\""),
    ])
    func `no cell is a formula`(text: String, cell: String) {
        #expect(CSVLine([.string(text), .integer(-5), .null]).bytes == Array("\(cell),-5,\r\n".utf8))
    }
}
