import Foundation
import Transport

// smtp-bench HOST PORT COUNT CONNECTIONS BYTES: sends COUNT mails through SMTPTransport and prints how many a second, and the CPU they took.

let arguments = CommandLine.arguments.dropFirst()
let numbers = arguments.dropFirst().compactMap { Int($0) }
guard let host = arguments.first, numbers.count == 4 else {
    print("usage: smtp-bench HOST PORT COUNT CONNECTIONS BYTES")
    exit(64)
}
let (port, count, connections, bytes) = (numbers[0], numbers[1], numbers[2], numbers[3])

let header = "From: <bench@example.org>\r\nTo: <sink@example.com>\r\nSubject: bench\r\n\r\n"
let line = "The quick brown fox jumps over the lazy dog, over and over again.\r\n"
let message = Array((header + String(repeating: line, count: max(1, (bytes - header.utf8.count) / line.utf8.count))).utf8)
let relay = SMTPRelay(host: host, port: port, security: .none, ehloName: "bench.example.org", maxConnections: connections)
let transport = try SMTPTransport()

@Sendable func send(_ share: Int) async -> Int {
    var delivered = 0
    for _ in 0..<share {
        let mail = SMTPMail(sender: "bench@example.org", recipients: ["sink@example.com"], message: message)
        if case .answered(_, let reply) = await transport.send(mail, via: relay, timeout: .seconds(60)), reply.isPositive { delivered += 1 }
    }
    return delivered
}

/// CPU seconds of this process so far, all threads, user and system.
func cpu() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

// As many as a lane of the gateway has in flight.
let senders = 2 * connections
let start = ContinuousClock.now
let cpuBefore = cpu()
let delivered = await withTaskGroup(of: Int.self) { group in
    for task in 0..<senders { group.addTask { await send(count / senders + (task < count % senders ? 1 : 0)) } }
    var delivered = 0
    for await part in group { delivered += part }
    return delivered
}
let elapsed = ContinuousClock.now - start
let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
print(
    "delivered=\(delivered) rate=\(Int(Double(delivered) / seconds)) cpu_per_10000=\(((cpu() - cpuBefore) / Double(count) * 10_000 * 100).rounded() / 100)"
)
await transport.shutdown(grace: .seconds(5))
exit(delivered == count ? 0 : 1)
