public import Domain

/// What is remembered of a master key: enough to know it again, nothing to open anything with.
public struct MasterKeyRecord: Sendable, Hashable {
    /// A key by its id, and a value that only the same bytes under the same id give.
    public struct Mark: Sendable, Hashable {
        public var id: String
        public var check: String

        public init(id: String, check: String) {
            self.id = id
            self.check = check
        }
    }

    public var mark: Mark
    public var firstUsedAt: Timestamp
    /// Since when nothing may be sealed or opened with it any more.
    public var retiredAt: Timestamp?

    public var id: String { mark.id }

    public init(mark: Mark, firstUsedAt: Timestamp, retiredAt: Timestamp? = nil) {
        self.mark = mark
        self.firstUsedAt = firstUsedAt
        self.retiredAt = retiredAt
    }

    /// Whether this very key may seal: the same bytes, not retired.
    public func admits(_ mark: Mark) -> Bool { self.mark == mark && retiredAt == nil }
}

extension MasterKeyRecord {
    static let selection = "id, check_value, first_used_at, retired_at"

    init(_ row: any SQLRow) {
        self.init(
            mark: Mark(id: row.text(0) ?? "", check: row.text(1) ?? ""), firstUsedAt: row.time(2) ?? Timestamp(microseconds: 0),
            retiredAt: row.time(3))
    }

    /// The record of that id, made now where there is none; nobody else changes it before the transaction ends.
    static func register(_ mark: Mark, at now: Timestamp, _ connection: any SQLConnection) throws -> MasterKeyRecord {
        var record: MasterKeyRecord?
        try connection.query(
            """
            INSERT INTO master_keys (id, check_value, first_used_at) VALUES (?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET check_value = master_keys.check_value RETURNING \(selection)
            """, [.text(mark.id), .text(mark.check), SQLValue(now)]
        ) { record = MasterKeyRecord($0) }
        guard let record else { throw StorageError.statement("a master key's record is gone that was written just now") }
        return record
    }
}
