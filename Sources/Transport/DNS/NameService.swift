internal import CResolv
internal import Foundation

/// Asks DNS, at the system's name servers or at one of our choice. Knows no cache: what was corrected a moment ago is to be seen.
public struct NameService: Sendable {
    /// A name server by its IPv4 address.
    public struct Server: Sendable, Hashable {
        public var address: String
        public var port: Int

        /// Reads `192.0.2.53` and `192.0.2.53:5353`; nil for anything else.
        public init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count) else { return nil }
            address = String(parts[0])
            port = 53
            if parts.count == 2 {
                guard let number = Int(parts[1]), (1...65_535).contains(number) else { return nil }
                port = number
            }
            var binary = in_addr()
            guard inet_pton(AF_INET, address, &binary) == 1 else { return nil }
        }
    }

    public enum Answer: Sendable, Hashable {
        /// What each record holds.
        case records([[UInt8]])
        /// The name is not there at all.
        case noSuchName
        /// The name is there, but has no records of this kind.
        case noRecords
        /// No answer, or one that says nothing; in words.
        case failed(String)
    }

    private let server: Server?

    /// - Parameter server: nil: the system's.
    public init(server: Server? = nil) {
        self.server = server
    }

    /// The TXT records of a name, the strings of each joined without anything between (RFC 6376 section 3.6.2.2).
    public func textRecords(of name: String, timeout: Duration) async -> Answer {
        switch await query(name, type: cresolv_type_txt, timeout: timeout) {
        case .records(let records): .records(records.map(Self.joined))
        case let other: other
        }
    }

    /// True or false where DNS says whether there is such a host; nil where it says nothing.
    public func hasHost(_ name: String, timeout: Duration) async -> Bool? {
        switch await query(name, type: cresolv_type_a, timeout: timeout) {
        case .records, .noRecords: true
        case .noSuchName: false
        case .failed: nil
        }
    }

    /// The resolver blocks, so it gets a thread of its own for as long as it asks.
    private func query(_ name: String, type: Int32, timeout: Duration) async -> Answer {
        guard !name.isEmpty, name.utf8.count <= 253, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return .noSuchName }
        // Two tries at each server.
        let seconds = max(1, min(5, timeout.components.seconds / 2))
        return await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: Self.ask(name, type: type, server: server, seconds: Int32(seconds))) }
            thread.name = "dns"
            thread.stackSize = 512 * 1024
            thread.start()
        }
    }

    private static func ask(_ name: String, type: Int32, server: Server?, seconds: Int32) -> Answer {
        var answer = [UInt8](repeating: 0, count: 65_535)
        var reason: Int32 = 0
        let length: Int32
        if var address = server?.socketAddress {
            length = cresolv_query(name, type, &address, seconds, &answer, Int32(answer.count), &reason)
        } else {
            length = cresolv_query(name, type, nil, seconds, &answer, Int32(answer.count), &reason)
        }
        guard length >= 0 else {
            return switch reason {
            case cresolv_host_not_found: .noSuchName
            case cresolv_no_data: .noRecords
            case cresolv_try_again: .failed("no name server answered, or the one that did could not find out")
            default: .failed("the name server refused to answer")
            }
        }
        let records = records(in: answer, length: min(length, Int32(answer.count)), type: type)
        return records.isEmpty ? .noRecords : .records(records)
    }

    private static func records(in answer: [UInt8], length: Int32, type: Int32) -> [[UInt8]] {
        answer.withUnsafeBufferPointer { bytes in
            var records: [[UInt8]] = []
            // No answer of 64 KiB has more.
            while records.count < 1_000 {
                var size: Int32 = 0
                guard let data = cresolv_record(bytes.baseAddress, length, type, Int32(records.count), &size) else { break }
                records.append(Array(UnsafeBufferPointer(start: data, count: Int(size))))
            }
            return records
        }
    }

    /// A record's strings, each after a byte with its length (RFC 1035 section 3.3.14).
    private static func joined(_ data: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        var rest = data[...]
        while let length = rest.popFirst() {
            text += rest.prefix(Int(length))
            rest = rest.dropFirst(Int(length))
        }
        return text
    }
}

extension NameService.Server {
    fileprivate var socketAddress: sockaddr_in {
        var socket = sockaddr_in()
        socket.sin_family = sa_family_t(AF_INET)
        socket.sin_port = UInt16(port).bigEndian
        // Checked when the server was read.
        inet_pton(AF_INET, address, &socket.sin_addr)
        return socket
    }
}
