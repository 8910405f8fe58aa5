/// All stores over one database.
public struct Stores: Sendable {
    public let committer: GroupCommit
    public let queue: DeliveryQueue
    public let notifications: NotificationStore
    public let deliveries: DeliveryLog
    public let tokens: DeviceTokenStore
    public let idempotency: IdempotencyStore
    public let bulks: BulkStore
    public let suppressions: SuppressionStore
    public let directory: DirectoryStore
    public let records: NotificationRecordStore
    public let keys: APIKeyStore
    public let credentials: CredentialStore
    public let notices: NoticeStore

    public init(_ committer: GroupCommit) {
        self.committer = committer
        let fold = ListFold(dialect: committer.database.dialect)
        committer.endEachGroup { connection in _ = try fold.runIfDue(connection) }
        queue = DeliveryQueue(committer)
        notifications = NotificationStore(committer)
        deliveries = DeliveryLog(committer)
        tokens = DeviceTokenStore(committer)
        idempotency = IdempotencyStore(committer)
        bulks = BulkStore(committer)
        suppressions = SuppressionStore(committer)
        directory = DirectoryStore(committer)
        records = NotificationRecordStore(committer)
        keys = APIKeyStore(committer)
        credentials = CredentialStore(committer)
        notices = NoticeStore(committer)
    }
}
