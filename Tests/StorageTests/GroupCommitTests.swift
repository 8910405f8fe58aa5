import Synchronization
import Testing

@testable import Storage

@Suite("Group commit")
struct GroupCommitTests {
    private struct Refused: Error {}

    /// A write that has been taken in, and will have a result.
    private struct Submitted {
        var results: AsyncThrowingStream<String, any Error>

        var value: String? {
            get async throws {
                for try await result in results { return result }
                return nil
            }
        }
    }

    /// Submits a write that runs `sql`; it waits in the group when this returns.
    private func start(
        _ committer: GroupCommit, _ sql: String, rows: Int = 1, asker: WriteAsker = .caller, throwing error: (any Error)? = nil,
        _ meanwhile: @Sendable @escaping () -> Void = {}
    ) -> Submitted {
        let (results, continuation) = AsyncThrowingStream<String, any Error>.makeStream()
        committer.submit(rows: rows, asker: asker) { connection in
            meanwhile()
            if let error { throw error }
            try connection.run(sql, [])
            return sql
        } done: { result in
            switch result {
            case .success(let value):
                continuation.yield(value)
                continuation.finish()
            case .failure(let error): continuation.finish(throwing: error)
            }
        }
        return Submitted(results: results)
    }

    @Test func `writes that wait at the same moment share one transaction, in their order`() async throws {
        let database = RecordingDatabase()
        let committer = GroupCommit(database: database)
        database.hold()
        let first = start(committer, "first")
        await database.ran(1)
        var others: [Submitted] = []
        for index in 0..<5 { others.append(start(committer, "other \(index)")) }
        database.letGo()
        #expect(try await first.value == "first")
        for (index, task) in others.enumerated() { #expect(try await task.value == "other \(index)") }
        #expect(database.commits == [["first"], (0..<5).map { "other \($0)" }])
    }

    @Test func `who writes little joins the transaction under way, and ends it`() async throws {
        let database = RecordingDatabase()
        let committer = GroupCommit(database: database)
        let light = Mutex<Submitted?>(nil)
        database.hold()
        let first = start(committer, "first")
        await database.ran(1)
        let bulk = start(committer, "bulk", rows: 20) { light.withLock { $0 = start(committer, "light") } }
        let rest = start(committer, "rest", rows: 20)
        database.letGo()
        for write in [first, bulk, rest] { _ = try await write.value }
        #expect(try await light.withLock { $0 }?.value == "light")
        #expect(database.commits == [["first"], ["bulk", "light"], ["rest"]])
    }

    @Test func `while a bulk rests for the sake of single messages, these are written, and then it goes on by itself`() async throws {
        let database = RecordingDatabase()
        let clock = StepClock()
        let committer = GroupCommit(database: database, time: clock)
        _ = try await start(committer, "single", asker: .sender).value
        _ = try await start(committer, "bulk", rows: 200, asker: .sender) { clock.pass(.milliseconds(4)) }.value
        let rest = start(committer, "rest", rows: 200, asker: .sender)
        await clock.hasSleeper()
        let books = start(committer, "books", asker: .engine)
        #expect(database.commits == [["single"], ["bulk"]])
        _ = try await start(committer, "another", asker: .sender).value
        _ = try await books.value
        #expect(database.commits == [["single"], ["bulk"], ["books", "another"]])
        clock.pass(.milliseconds(12))
        _ = try await rest.value
        #expect(database.commits == [["single"], ["bulk"], ["books", "another"], ["rest"]])
    }

    @Test func `who joins a transaction that has to run again is in it once`() async throws {
        let database = RecordingDatabase()
        let committer = GroupCommit(database: database)
        let late = Mutex<Submitted?>(nil)
        database.hold()
        let first = start(committer, "first")
        await database.ran(1)
        let good = start(committer, "good") {
            late.withLock { if $0 == nil { $0 = start(committer, "late") } }
        }
        let bad = start(committer, "bad", throwing: Refused())
        database.letGo()
        for write in [first, good] { _ = try await write.value }
        await #expect(throws: Refused.self) { try await bad.value }
        #expect(try await late.withLock { $0 }?.value == "late")
        #expect(database.commits == [["first"], ["good", "late"]])
    }

    @Test func `a database that can't begin fails all who wait, at once`() async throws {
        let database = RecordingDatabase()
        let committer = GroupCommit(database: database)
        database.hold()
        let first = start(committer, "0")
        await database.ran(1)
        let a = start(committer, "a")
        let b = start(committer, "b")
        database.refuseNext(StorageError.locked("held"))
        database.letGo()
        #expect(try await first.value == "0")
        await #expect(throws: StorageError.locked("held")) { try await a.value }
        await #expect(throws: StorageError.locked("held")) { try await b.value }
        #expect(try await start(committer, "c").value == "c")
        #expect(database.commits == [["0"], ["c"]])
    }

    @Test func `a group holds no more than it may`() async throws {
        let database = RecordingDatabase()
        let committer = GroupCommit(database: database, maxGroup: 2)
        database.hold()
        var tasks = [start(committer, "0")]
        await database.ran(1)
        for index in 1...5 { tasks.append(start(committer, "\(index)")) }
        database.letGo()
        for task in tasks { _ = try await task.value }
        #expect(database.commits == [["0"], ["1", "2"], ["3", "4"], ["5"]])
    }

    @Test func `an operation that throws gets its error and hurts no other`() async throws {
        let database = RecordingDatabase()
        let committer = GroupCommit(database: database)
        database.hold()
        _ = start(committer, "0")
        await database.ran(1)
        let good = start(committer, "good")
        let bad = start(committer, "bad", throwing: Refused())
        let worse = start(committer, "worse", throwing: StorageError.statement("worse"))
        let better = start(committer, "better")
        database.letGo()
        #expect(try await good.value == "good")
        await #expect(throws: Refused.self) { try await bad.value }
        await #expect(throws: StorageError.statement("worse")) { try await worse.value }
        #expect(try await better.value == "better")
        #expect(database.commits == [["0"], ["good", "better"]])
    }

    @Test func `many that throw are told apart one by one`() async throws {
        let database = RecordingDatabase()
        let committer = GroupCommit(database: database)
        database.hold()
        _ = start(committer, "0")
        await database.ran(1)
        var bad: [Submitted] = []
        for index in 0..<6 { bad.append(start(committer, "bad \(index)", throwing: StorageError.statement("\(index)"))) }
        let good = start(committer, "good")
        database.letGo()
        for (index, task) in bad.enumerated() {
            await #expect(throws: StorageError.statement("\(index)")) { try await task.value }
        }
        #expect(try await good.value == "good")
        #expect(database.commits == [["0"], ["good"]])
    }

    @Test func `a commit that finds the disk full is tried again for each alone`() async throws {
        let database = RecordingDatabase()
        let committer = GroupCommit(database: database)
        database.hold()
        _ = start(committer, "0")
        await database.ran(1)
        let big = start(committer, "big")
        let small = start(committer, "small")
        database.failNext(Refused(), StorageError.diskFull("group"), StorageError.diskFull("big"))
        database.letGo()
        await #expect(throws: StorageError.diskFull("big")) { try await big.value }
        #expect(try await small.value == "small")
        #expect(database.commits == [["small"]])
    }

    @Test func `a locked database fails the whole group at once`() async throws {
        let database = RecordingDatabase()
        let committer = GroupCommit(database: database)
        database.hold()
        let first = start(committer, "0")
        await database.ran(1)
        let a = start(committer, "a")
        let b = start(committer, "b")
        database.failNext(StorageError.locked("one"), StorageError.locked("two"))
        database.letGo()
        await #expect(throws: StorageError.locked("one")) { try await first.value }
        await #expect(throws: StorageError.locked("two")) { try await a.value }
        await #expect(throws: StorageError.locked("two")) { try await b.value }
        #expect(database.commits.isEmpty)
    }

    @Test func `beyond the bound a write is refused at once, and those before it are not`() async throws {
        let database = RecordingDatabase()
        let committer = GroupCommit(database: database, maxWaiting: 2)
        database.hold()
        let running = start(committer, "0")
        await database.ran(1)
        let waiting = [start(committer, "1"), start(committer, "2")]
        let refused = start(committer, "3")
        await #expect(throws: StorageError.overloaded) { try await refused.value }
        database.letGo()
        for task in [running] + waiting { _ = try await task.value }
        #expect(database.commits == [["0"], ["1", "2"]])
    }

    @Test func `a write whose caller has gone completes all the same`() async throws {
        let database = RecordingDatabase()
        let committer = GroupCommit(database: database)
        database.hold()
        let write = Task {
            try await committer.write { connection in
                try connection.run("write", [])
                return "written"
            }
        }
        await database.ran(1)
        write.cancel()
        database.letGo()
        #expect(try await write.value == "written")
        #expect(database.commits == [["write"]])
    }
}
