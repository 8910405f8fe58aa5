import Testing

@testable import Transport

@Suite struct GateTests {
    private let start = Moment(nanoseconds: 0)

    @Test(arguments: [true, false])
    func `one request opens it`(needsAcceptance: Bool) {
        var gate = Gate(needsAcceptance: needsAcceptance)
        #expect(!gate.isOpen)
        gate.probeStarted(at: start)
        #expect(gate.state == .probing(since: start))
        gate.probeEnded(status: 200)
        #expect(gate.isOpen)
        gate.connectionChanged()
        #expect(gate.state == .closed)
    }

    @Test func `a refusal opens it only where acceptance isn't needed`() {
        for (needsAcceptance, isOpen) in [(true, false), (false, true)] {
            var gate = Gate(needsAcceptance: needsAcceptance)
            gate.probeStarted(at: start)
            gate.probeEnded(status: 403)
            #expect(gate.isOpen == isOpen)
        }
    }

    @Test func `a probe without an answer leaves it closed`() {
        var gate = Gate(needsAcceptance: false)
        gate.probeStarted(at: start)
        gate.probeEnded(status: nil)
        #expect(gate.state == .closed)
    }

    @Test func `patience ends on a connection that stands, where acceptance isn't needed`() {
        let later = start.advanced(by: Gate.patience)
        for (needsAcceptance, connected, isOpen) in [(false, true, true), (false, false, false), (true, true, false)] {
            var gate = Gate(needsAcceptance: needsAcceptance)
            gate.probeStarted(at: start)
            gate.tick(now: start.advanced(milliseconds: 10), connected: connected)
            #expect(!gate.isOpen)
            gate.tick(now: later, connected: connected)
            #expect(gate.isOpen == isOpen)
        }
    }
}

@Suite struct StreamLimitTests {
    @Test func `what waits in libcurl shows the server's limit, and one more probes for a higher one`() {
        var limit = StreamLimit(cap: 200)
        limit.observe(started: 5, inFlight: 20)
        #expect(limit.current == 6)
        limit.observe(started: 5, inFlight: 6)
        #expect(limit.current == 6)
        limit.observe(started: 6, inFlight: 6)
        #expect(limit.current == 9)
        limit.observe(started: 2, inFlight: 4)
        #expect(limit.current == 3)
    }

    @Test func `it grows only when it is used and never beyond the cap`() {
        var limit = StreamLimit(cap: 10)
        limit.observe(started: 0, inFlight: 1)
        #expect(limit.current == 1)
        limit.observe(started: 0, inFlight: 0)
        #expect(limit.current == 1)
        for _ in 0..<20 { limit.observe(started: limit.current, inFlight: limit.current) }
        #expect(limit.current == 10)
        #expect(StreamLimit(cap: 0).current == 1)
    }
}

@Suite struct DeadlinesTests {
    private final class Entry {
        let number: Int
        var isOver = false
        init(_ number: Int) { self.number = number }
    }

    @Test func `the earliest comes first and nothing comes early`() {
        var deadlines = Deadlines<Entry> { $0.isOver }
        let entries = (0..<500).map { Entry($0) }
        for entry in entries.shuffled() { deadlines.insert(entry, at: Moment(nanoseconds: Int64(entry.number))) }
        #expect(deadlines.earliest == Moment(nanoseconds: 0))
        var seen: [Int] = []
        while let entry = deadlines.popDue(by: Moment(nanoseconds: 249)) { seen.append(entry.number) }
        #expect(seen == Array(0..<250))
        #expect(deadlines.earliest == Moment(nanoseconds: 250))
    }

    @Test func `what is over is skipped and doesn't pile up`() {
        var deadlines = Deadlines<Entry> { $0.isOver }
        for number in 0..<100_000 {
            let entry = Entry(number)
            deadlines.insert(entry, at: Moment(nanoseconds: Int64(number)))
            if number % 1000 != 0 { entry.isOver = true }
        }
        #expect(deadlines.count < 1000)
        var live = 0
        while deadlines.popDue(by: Moment(nanoseconds: .max)) != nil { live += 1 }
        #expect(live == 100)
    }

    @Test func `a wait is rounded up and never overflows`() {
        let start = Moment(nanoseconds: 1)
        #expect(start.advanced(by: .nanoseconds(1)).milliseconds(from: start) == 1)
        #expect(start.advanced(by: .milliseconds(5)).milliseconds(from: start) == 5)
        #expect(start.milliseconds(from: start.advanced(by: .seconds(1))) == 0)
        #expect(start.advanced(by: .seconds(Int64.max)) == Moment(nanoseconds: .max))
        #expect(start.advanced(by: .seconds(Int64.min)) == Moment(nanoseconds: .min))
    }
}

@Suite struct ResponseHeadTests {
    private func head(_ lines: [String]) -> ResponseHead {
        var head = ResponseHead()
        for line in lines { Array((line + "\r\n").utf8).withUnsafeBytes { head.append($0) } }
        return head
    }

    @Test func `only a final answer completes it`() {
        #expect(!head(["HTTP/1.1 100 Continue", ""]).isComplete)
        #expect(!head(["HTTP/2 200", "a: b"]).isComplete)
        let whole = head([
            "HTTP/1.1 103 Early Hints", "link: x", "", "HTTP/2 404 ", "Content-Type:  text/plain\t", "no colon", ": x", "a:b:c", "", "trailer: 1", "",
        ])
        #expect(whole.isComplete)
        #expect(whole.status == 404)
        let fields = ResponseHead.fields(of: whole.lines)
        #expect(fields.map(\.name) == ["content-type", "a"])
        #expect(fields.map(\.value) == ["text/plain", "b:c"])
    }

    @Test func `a field is found by its name, the first of several, as it is among all`() {
        let whole = head(["HTTP/2 200", "apns-id-of: x", "Apns-Id:\t one ", "apns-id: two", "empty:", "no colon", ": x", ""])
        for name in ["apns-id", "apns-id-of", "empty", "apns-i", "no colon", ""] {
            #expect(ResponseHead.value(of: name, in: whole.lines) == ResponseHead.fields(of: whole.lines).first { $0.name == name }?.value, "\(name)")
        }
        #expect(ResponseHead.value(of: "apns-id", in: whole.lines) == "one")
    }

    @Test func `a header that never ends is bounded`() {
        let long = head(["HTTP/2 200"] + (0..<2000).map { "x-\($0): " + String(repeating: "y", count: 100) } + [""])
        #expect(long.isComplete)
        #expect(long.lines.count <= ResponseHead.maxBytes)
    }

    @Test(arguments: ["HTTP/2", "HTTP/2 ", "HTTP/2 abc", "HTTP/1.1  200"])
    func `a status line that makes no sense is no answer`(line: String) {
        #expect(!head([line, ""]).isComplete)
    }
}

@Suite struct LibcurlTextTests {
    @Test func `GOAWAY is read in both spellings`() {
        for (text, last) in [
            ("recveived GOAWAY, error=0, last_stream=2147483647\n", 2_147_483_647), ("received GOAWAY, error=11, last_stream=5\n", 5),
            ("received GOAWAY, error=11", nil), ("Connection #0 to host left intact", nil), ("", nil),
        ] as [(String, Int?)] {
            #expect(Array(text.utf8).withUnsafeBytes { LibcurlText.goaway($0) } == last)
        }
    }
}
