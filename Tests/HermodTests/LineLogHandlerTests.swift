import Domain
import Logging
import Synchronization
import Testing

@testable import Hermod

@Suite struct LineLogHandlerTests {
    private struct Noon: TimeSource {
        let now = Timestamp(seconds: 1_774_526_400)
        func sleep(until deadline: Timestamp) async throws {}
    }

    private func lines(_ format: LogFormat, level: Logger.Level = .info, _ body: (inout Logger) -> Void) -> [String] {
        let written = Mutex<[UInt8]>([])
        withoutActuallyEscaping({ (bytes: [UInt8]) in written.withLock { $0 += bytes } }) { sink in
            nonisolated(unsafe) let sink = sink
            var logger = Logger(label: "hermod.test") { label in
                LineLogHandler(label: label, format: format, level: level, time: Noon()) { sink($0) }
            }
            body(&logger)
        }
        return written.withLock { String(decoding: $0, as: UTF8.self) }.split(separator: "\n").map(String.init)
    }

    @Test func `a record is one JSON object on a line`() throws {
        let found = lines(.json) { logger in
            logger[metadataKey: "org"] = "o"
            logger.info("attempt", metadata: ["status": .stringConvertible(200), "text": "a\nb\"c", "ok": .stringConvertible(true), "time": "x"])
        }
        #expect(
            found == [
                #"{"time":"2026-03-26T12:00:00.000Z","level":"info","label":"hermod.test","message":"attempt","ok":true,"org":"o","status":200,"text":"a\nb\"c","time_":"x"}"#
            ])
        _ = try JSON(parsing: try #require(found.first))
    }

    @Test func `a record in text is one line, whatever stands in it`() {
        let found = lines(.text) { $0.warning("two\nlines", metadata: ["b": "with space", "a": "plain"]) }
        #expect(found == ["2026-03-26T12:00:00.000Z warning hermod.test: two lines a=plain b=\"with space\""])
    }

    @Test func `what is below the level is not written`() {
        #expect(lines(.json, level: .warning) { $0.info("quiet") } == [])
    }

    @Test func `a long value is cut`() {
        let found = lines(.json) { $0.info("m", metadata: ["v": .string(String(repeating: "x", count: 100_000))]) }
        #expect(found.count == 1)
        #expect(found.allSatisfy { $0.utf8.count < 2_300 })
    }
}
