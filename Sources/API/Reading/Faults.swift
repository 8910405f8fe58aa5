import Domain

/// One thing that is wrong with a request, and where.
struct FieldFault: Sendable, Hashable {
    /// RFC 6901; for a query parameter, its name behind a slash.
    var pointer: String
    var detail: String

    var json: JSON { .object(["pointer": .string(pointer), "detail": .string(detail)]) }
}

/// Everything that is wrong with a request, told at once so that a caller needs one round to mend it.
struct Faults: Sendable {
    /// A hostile body could earn an answer far larger than itself.
    static let most = 100

    private(set) var list: [FieldFault] = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func add(_ pointer: @autoclosure () -> String, _ detail: @autoclosure () -> String) {
        count += 1
        if list.count < Self.most { list.append(FieldFault(pointer: pointer(), detail: detail())) }
    }

    mutating func add(_ other: Faults) {
        count += other.count
        list.append(contentsOf: other.list.prefix(Self.most - list.count))
    }

    /// Ends the request when there is anything to say.
    func check() throws(Problem) {
        if !isEmpty { throw Problem.invalid(self) }
    }
}
