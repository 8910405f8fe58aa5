import Foundation
import Transport

// transport-bench URL COUNT IN_FLIGHT CA_FILE
//
// Sends what Benchmarks/bare-libcurl/loop.c sends, through HTTPTransport, and prints the same figures: answered, CPU seconds, wall seconds, peak RSS in KB.

let arguments = CommandLine.arguments
guard arguments.count == 5, let count = Int(arguments[2]), let inFlight = Int(arguments[3]) else {
    FileHandle.standardError.write(Data("usage: transport-bench URL COUNT IN_FLIGHT CA_FILE\n".utf8))
    exit(2)
}

let url = arguments[1]
let body = [UInt8](repeating: UInt8(ascii: "x"), count: 300)
let token = String(repeating: "t", count: 199)

@Sendable func padded(_ number: Int, _ width: Int, radix: Int) -> String {
    let digits = String(number, radix: radix)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

@Sendable func request(_ number: Int) -> HTTPRequest {
    HTTPRequest(
        url: "\(url)/3/device/\(padded(number, 64, radix: 16))",
        headers: [
            ("authorization", "bearer \(token)"), ("apns-topic", "com.example.app"), ("apns-push-type", "alert"), ("apns-priority", "10"),
            ("content-type", "application/json"), ("apns-id", "00000000-0000-4000-8000-\(padded(number, 12, radix: 10))"),
        ], body: body)
}

var configuration = HTTPTransport.Configuration()
configuration.extraCAFile = arguments[4]
let transport = try HTTPTransport(configuration: configuration)
let group = ConnectionGroup(name: "apns/bench", opensWithOne: true)

let begun = ContinuousClock.now
let answered = await withTaskGroup(of: Int.self, returning: Int.self) { tasks in
    for first in 0..<inFlight {
        tasks.addTask {
            var answered = 0
            for number in stride(from: first, to: count, by: inFlight) {
                let outcome = await transport.send(request(number), in: group, timeout: .seconds(30))
                if case .answered(let response) = outcome, response.status == 200 { answered += 1 }
            }
            return answered
        }
    }
    var sum = 0
    for await part in tasks { sum += part }
    return sum
}
let wall = ContinuousClock.now - begun
await transport.shutdown(grace: .seconds(1))

var usage = rusage()
getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
let cpu = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
let seconds = Double(wall.components.seconds) + Double(wall.components.attoseconds) / 1e18
print(answered, String(format: "%.4f %.4f", cpu, seconds), usage.ru_maxrss)
exit(answered == count ? 0 : 1)
