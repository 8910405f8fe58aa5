extension OpenAPIFragment {
    /// The folders' descriptions, in the order in which the document lists their tags.
    static let all = [
        NotificationCollection.openAPI, AdminNotifications.openAPI, PushDispatcher.openAPI, CoordinatorNotifications.openAPI,
        NotificationRecords.openAPI, PushService.openAPI, Deliveries.openAPI, Directory.openAPI, Suppressions.openAPI, Credentials.openAPI,
        Keys.openAPI, Health.openAPI, Metrics.openAPI, OpenAPIPage.openAPI,
    ]
}
